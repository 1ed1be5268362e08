#include "tests/support/scripted_run.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "client/store/vault.h"
#include "client/study/study_package.h"
#include "crypto/batch_reader.h"
#include "crypto/random.h"
#include "schema/compiled_form.h"
#include "schema/interview.h"
#include "tests/support/journey_person.h"

namespace fieldfare::tests {

namespace fs = std::filesystem;

void Told::line(const std::string& text) {
    std::vector<std::string> columns(1);
    for (const char c : text) {
        if (c == '\t') {
            columns.emplace_back();
        } else {
            columns.back() += c;
        }
    }
    const auto& kind = columns.at(0);
    if (kind == "unlocked") {
        ++unlocks;
    } else if (kind == "found") {
        found(std::stoi(columns.at(1)), columns.at(2), columns.at(3));
    } else if (kind == "entry") {
        const Said said{{columns.at(4), columns.at(5)}};
        asked_[columns.at(1)].answers[columns.at(3)] = said;
        drafts[columns.at(2)].may_hold[columns.at(3)].push_back(said);
    } else if (kind == "removed") {
        asked_[columns.at(1)].answers[columns.at(3)] = std::nullopt;
        drafts[columns.at(2)].may_hold[columns.at(3)].push_back(std::nullopt);
    } else if (kind == "whole") {
        asked_[columns.at(1)].whole = true;
    } else if (kind == "saved") {
        saved(columns.at(1), drafts[columns.at(2)]);
    } else if (kind == "sealing") {
        drafts[columns.at(1)].sealing[columns.at(2)] = columns.at(3);
        drafts[columns.at(1)].submissions.insert(columns.at(2));
    } else if (kind == "sealed") {
        drafts.at(columns.at(1)).sealed = true;
        ++acknowledged_interviews;
    } else if (kind == "handed") {
        ++passes;
    } else if (kind != "handing") {
        failures.push_back(text);
    }
}

/// Its word is held against the disk as an acknowledgement is: sealed once, or in no batch.
void Told::found(int batches, const std::string& interview, const std::string& draft) {
    found_batches += batches;
    if (interview == "-") return;
    CAPTURE(draft);
    REQUIRE(drafts.contains(draft));
    Draft& cut_short = drafts[draft];
    CHECK_FALSE(cut_short.sealing.empty());
    if (interview == "sealed") {
        ++found_sealed;
        cut_short.sealed = true;
    } else {
        ++found_unfinished;
        CHECK_FALSE(cut_short.sealed);
        cut_short.sealing.clear();
    }
}

void Told::lines(const std::string& text) {
    std::istringstream lines(text.substr(0, text.rfind('\n') + 1));
    for (std::string one; std::getline(lines, one);) line(one);
}

void Told::saved(const std::string& ticket, Draft& draft) {
    for (const auto& [path, said] : asked_[ticket].answers) {
        // Older possibilities are over; those asked for after this ticket stand behind it.
        auto& may = draft.may_hold[path];
        const auto mine = std::find(may.begin(), may.end(), said);
        REQUIRE(mine != may.end());
        may.erase(may.begin(), mine);
        draft.acknowledged.insert(path);
        ++acknowledged_answers;
    }
    asked_.erase(ticket);
}

std::vector<std::string> ScriptedRun::words_of(const Start& how) {
    std::vector<std::string> words{how.profile.string(), std::to_string(how.number), std::to_string(how.seed),
                                   std::to_string(how.interviews)};
    if (!how.study.empty()) words.push_back(how.study.string());
    if (how.hands_over) words.emplace_back("--hand-over");
    return words;
}

ScriptedRun::ScriptedRun(const Start& how)
    : ScriptedRun(how.disk.empty() ? "fieldfare_scripted" : "fieldfare_scripted_on_faulty_disk",
                  words_of(how), how.disk) {}

ScriptedRun::ScriptedRun(const std::string& program, std::vector<std::string> words,
                         std::vector<std::string> variables) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    words.insert(words.begin(), (fs::path(FIELDFARE_BINARY_DIR) / "bin" / program).string());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> environment;
    for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
    for (std::string& one : variables) environment.push_back(one.data());
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], 3);
    REQUIRE(::posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environment.data()) ==
            0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    pipe_ = ends[0];
}

ScriptedRun::~ScriptedRun() {
    if (!ended_) kill();
    ::close(pipe_);
}

bool ScriptedRun::listen(std::chrono::milliseconds time, const std::string& enough) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (true) {
        if (!enough.empty() && text_.find(enough) != std::string::npos) return true;
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0) return true;
        pollfd ready{pipe_, POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(left.count())) > 0 && !read_some()) return false;
    }
}

void ScriptedRun::kill() {
    ::kill(process_, SIGKILL);
    wait();
}

int ScriptedRun::wait() {
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(process_, &status, 0);
    ended_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool ScriptedRun::read_some() {
    char bytes[65536];
    const ssize_t got = ::read(pipe_, bytes, sizeof bytes);
    if (got <= 0) return false;
    text_.append(bytes, static_cast<std::size_t>(got));
    return true;
}

namespace {

struct Sealed {
    int files = 0;
    std::map<std::string, std::vector<std::string>> by_id;  ///< payloads of each submission id
    std::shared_ptr<const schema::CompiledForm> form;
};

std::string uuid_text(const crypto::Id& id) {
    std::string text = crypto::to_hex(id);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
}

/// Every sealed file of the profile, opened as the researcher does.
Sealed read_sealed(const Researcher& researcher, const fs::path& profile) {
    const std::string key = read_text(researcher.folder() / "anna.ffkey");
    const auto words = crypto::SecretText::copy_of("anna and the ferry");
    std::vector<crypto::Identity> identities;
    identities.push_back(std::move(*crypto::Identity::from_file_bytes(crypto::bytes_of(key), *words)));
    const std::string package_bytes = read_text(researcher.study());
    const auto package = study::StudyPackage::open(crypto::bytes_of(package_bytes));
    REQUIRE(package);
    Sealed sealed;
    sealed.form = *schema::CompiledForm::compile(std::make_shared<schema::Form>(package->form()));
    for (const auto& entry : fs::recursive_directory_iterator(store::outbox_folder(profile))) {
        if (!entry.is_regular_file() || entry.path().extension() != ".batch") continue;
        const std::string bytes = read_text(entry.path());
        const auto batch = crypto::read_batch(crypto::bytes_of(bytes), identities, package->dictionary());
        CAPTURE(entry.path().filename().string());
        REQUIRE(batch.has_value());
        ++sealed.files;
        for (const crypto::BatchRecord& record : batch->records) {
            sealed.by_id[uuid_text(record.uuid)].emplace_back(record.payload.begin(), record.payload.end());
        }
    }
    return sealed;
}

bool one_of(const std::vector<Said>& may, const Said& found) {
    return std::find(may.begin(), may.end(), found) != may.end();
}

/// What is left of an answer to this question beside the other answers of the interview: choices that are no
/// longer on offer after one of those are taken back, though the draft keeps them until then.
std::string taken_in(const std::shared_ptr<const schema::CompiledForm>& form,
                     std::map<std::string, std::string> answers, const std::string& path,
                     const std::string& answer) {
    answers[path] = answer;
    std::vector<schema::DraftEntry> entries;
    for (const auto& [each, value] : answers) entries.push_back({each, value, {}, true});
    std::vector<schema::DraftEntry> dropped;
    schema::Surroundings fixed;
    fixed.random = [] { return std::uint64_t{1}; };
    fixed.today = "2026-03-01";
    fixed.now = "2026-03-01T12:00:00Z";
    const auto interview = schema::Interview::resume(form, fixed, entries, &dropped);
    const schema::NodeId node = interview.find(path);
    REQUIRE(node != schema::no_node);
    return std::string(interview.value(node));
}

/// An acknowledged answer is in the sealed interview, unless its question is no longer asked there or its
/// choice no longer offered.
void check_sealed(const Told::Draft& draft, const std::string& payload,
                  const std::shared_ptr<const schema::CompiledForm>& form) {
    const auto answers = answers_of(payload);
    const auto missing = missing_of(payload);
    for (const std::string& path : draft.acknowledged) {
        const auto answer = answers.find(path);
        const auto state = missing.find(path);
        const auto& may = draft.may_hold.at(path);
        CAPTURE(path);
        if (answer != answers.end()) {
            CHECK(one_of(may, Said{{answer->second, ""}}));
        } else if (state != missing.end() && state->second != "-96") {
            const bool none = std::any_of(may.begin(), may.end(), [&](const Said& said) {
                return !said || said->first.empty() || taken_in(form, answers, path, said->first).empty();
            });
            CHECK(none);
        }
    }
}

/// A payload that was told with one submission id, with another.
std::string under(const std::string& submission, const std::string& told, std::string payload) {
    const auto at = payload.find(told);
    REQUIRE(at != std::string::npos);
    return payload.replace(at, told.size(), submission);
}

void check_draft(const Told::Draft& draft, const std::vector<schema::DraftEntry>& entries) {
    std::map<std::string, Said> stored;
    for (const schema::DraftEntry& entry : entries) {
        stored[entry.path] = {
            {entry.value, entry.missing ? std::to_string(static_cast<int>(*entry.missing)) : ""}};
    }
    for (const std::string& path : draft.acknowledged) {
        const auto found = stored.find(path);
        CAPTURE(path);
        CHECK(one_of(draft.may_hold.at(path), found == stored.end() ? Said() : found->second));
    }
}

}  // namespace

Kept check_kept(const Told& told, const Researcher& researcher, const fs::path& profile,
                const std::string& passphrase) {
    const auto words = crypto::SecretText::copy_of(passphrase);
    auto vault = store::Vault::unlock(
        profile, *words,
        {[] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); },
         "test",
         {}});
    REQUIRE(vault);
    const auto studies = vault->studies();
    std::map<std::string, std::vector<schema::DraftEntry>> drafts;
    const auto listed = vault->drafts(studies->front().study);
    REQUIRE(listed);
    for (const store::DraftSummary& summary : *listed) {
        CHECK_FALSE(summary.finalising);
        drafts[summary.id] = vault->load_draft(summary.id)->entries;
    }
    const Sealed sealed = read_sealed(researcher, profile);

    Kept kept_all{static_cast<int>(drafts.size()), 0, sealed.files, 0, 0};
    for (const auto& [submission, payloads] : sealed.by_id)
        kept_all.interviews += static_cast<int>(payloads.size());
    std::set<std::string> known;
    for (const auto& [id, draft] : told.drafts) {
        CAPTURE(id);
        std::size_t copies = 0;
        for (const std::string& submission : draft.submissions) {
            known.insert(submission);
            const auto found = sealed.by_id.find(submission);
            if (found == sealed.by_id.end()) continue;
            copies += found->second.size();
            const std::string& payload = found->second.front();
            CHECK(std::ranges::any_of(draft.sealing, [&](const auto& told) {
                return under(submission, told.first, told.second) == payload;
            }));
            check_sealed(draft, payload, sealed.form);
        }
        const bool kept = drafts.contains(id);
        if (draft.sealed) {
            CHECK(copies == 1);
            CHECK_FALSE(kept);
        } else if (draft.acknowledged.empty()) {  // never saved: on an unattended machine, or killed before
            CHECK(copies + (kept ? 1U : 0U) <= 1);
        } else {
            CHECK(copies + (kept ? 1U : 0U) == 1);
            kept_all.interrupted += draft.sealing.empty() ? 0 : 1;
            if (!kept) continue;
            ++kept_all.drafts_compared;
            check_draft(draft, drafts.at(id));
        }
    }
    for (const auto& [submission, payloads] : sealed.by_id) CHECK(known.contains(submission));
    return kept_all;
}

}  // namespace fieldfare::tests
