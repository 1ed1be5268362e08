#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/app/update.h"
#include "schema/compiled_form.h"
#include "schema/readers/xlsform.h"
#include "tests/support/reader_forms.h"

// Words of the tests of the form app without a window: an app with a scripted worker behind it.
namespace fieldfare::app::test {

inline std::shared_ptr<const schema::CompiledForm> compiled(schema::Result<schema::ReadForm> read) {
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : schema::to_string(read.error().errors.front())));
    auto form = schema::CompiledForm::compile(std::make_shared<const schema::Form>(std::move(read->form)));
    REQUIRE_MESSAGE(form.has_value(), (form ? "" : schema::to_string(form.error().errors.front())));
    return *form;
}

/// A form from sheets written as lines of cells with "|" between them.
inline std::shared_ptr<const schema::CompiledForm> form_of(std::string_view survey,
                                                           std::string_view choices = {}) {
    return compiled(schema::test::read({.survey = std::string(survey), .choices = std::string(choices)}));
}

inline std::shared_ptr<const schema::CompiledForm> bundled_form() {
    return compiled(schema::read_xlsform(FIELDFARE_SOURCE_DIR "/assets/questionnaire"));
}

inline std::shared_ptr<const schema::CompiledForm> visit_form() {
    return compiled(schema::read_xlsform(FIELDFARE_SOURCE_DIR "/assets/forms/visit"));
}

/// Does what the real worker does, in memory, and remembers what it was asked.
struct FakeWorker {
    struct Draft {
        std::string day;
        std::map<std::string, schema::DraftEntry> entries;
        int minutes = 0;
        std::size_t language = 0;
    };

    std::string passphrase = "gravel lantern otter wick";
    StudySummary study{"Visit diary", "1",    "482910374655120938847566019283", "visit",
                       "1",           "capi", "111112222233333444445555566666", 5};
    std::shared_ptr<const schema::CompiledForm> form;
    std::map<DraftId, Draft> drafts;
    std::vector<schema::Submission> sealed;
    Preferences preferences;

    std::shared_ptr<const schema::CompiledForm> newer_form;  ///< of the newer study file
    std::optional<Message> refuses_update;
    std::optional<NamedKey> newer_supervisor;  ///< of the newer study file

    std::map<std::string, FolderContents> folders;   ///< of the person's; "" is where the picker begins
    std::map<std::string, std::uint64_t> own_files;  ///< of the person, by path; others are not there
    std::map<std::string, std::uint64_t> attached;   ///< copies in the vault, by name
    std::optional<FileAttached> copy;                ///< under way
    bool holds_copies = false;                       ///< a copy stands at its half until it is let go on

    std::string destroying;  ///< the passphrase that destroys; empty: none
    bool empty = false;      ///< the vault has no study
    int wait_seconds = 0;    ///< after a wrong passphrase

    std::string right_answer = "/media/usb/laptop3.ffanswer";  ///< to the request
    bool given_back = false;                                   ///< the key, by an answer
    bool refuses_request = false, refuses_recovery = false;

    bool open = false, quit = false;
    bool refuses_saves = false, refuses_sealing = false, refuses_codes = false;
    int codes_drawn = 0;
    std::vector<std::string> withdrawn;  ///< codes that were sealed
    bool holds_answers = false;          ///< the worker is busy: effects wait
    std::vector<std::string> log;        ///< names of effects, in order

    std::deque<Effect> waiting;

    Opened opened() const { return {study, form, list(), counts()}; }
    Counts counts() const { return {static_cast<int>(drafts.size()), static_cast<int>(sealed.size()), 0, 0}; }
    std::vector<DraftSummary> list() const {
        std::vector<DraftSummary> all;
        for (const auto& [id, draft] : drafts) {
            int answered = 0;
            for (const auto& [path, entry] : draft.entries) answered += entry.value.empty() ? 0 : 1;
            all.push_back({id, draft.day, answered, study.version, false});
        }
        return all;
    }

    Actions run(Effects effects) {
        for (Effect& effect : effects) waiting.push_back(std::move(effect));
        Actions answers;
        while (!holds_answers && !waiting.empty()) {
            Effect effect = std::move(waiting.front());
            waiting.pop_front();
            std::visit([&](auto& e) { on(e, answers); }, effect);
        }
        return answers;
    }

    void on(ReadPackage& effect, Actions& answers) {
        log.emplace_back("read");
        if (!effect.path.ends_with(".ffstudy")) {
            answers.emplace_back(PackageRefused{{"package.not_a_package", {}}});
            return;
        }
        answers.emplace_back(PackageRead{
            {study.title, study.version, study.fingerprint, {"English (en)"}, 2, 0, study.supervisor}});
    }
    void on(ReadUpdate& effect, Actions& answers) {
        log.emplace_back("read update");
        if (refuses_update) {
            answers.emplace_back(UpdateRefused{*refuses_update});
            return;
        }
        StudyChanges changes;
        changes.same = effect.path.ends_with("same.ffstudy");
        changes.title = {study.title, study.title};
        changes.version = {study.package_version, study.package_version + 1};
        changes.form_version = {study.version, "2"};
        changes.form_changed = true;
        changes.added = {{"ben", std::string(30, '7')}};
        changes.removed = {{"anna", ""}};
        changes.recipients = {1, 1};
        changes.supervisor = {study.supervisor, newer_supervisor};
        answers.emplace_back(UpdateRead{changes});
    }
    void on(TakeUpdate&, Actions& answers) {
        log.emplace_back("take update");
        if (refuses_update) {
            answers.emplace_back(UpdateRefused{*refuses_update});
            return;
        }
        ++study.package_version;
        if (newer_form) form = newer_form;
        answers.emplace_back(StudyUpdated{opened()});
    }
    void on(CreateProfile& effect, Actions& answers) {
        log.emplace_back("create profile");
        passphrase = std::string(effect.first.expose());
        open = effect.again.expose() == passphrase;
        answers.emplace_back(ProfileCreated{opened()});
    }
    void on(Unlock& effect, Actions& answers) {
        log.emplace_back("unlock");
        open = effect.passphrase.expose() == passphrase;
        if (!destroying.empty() && effect.passphrase.expose() == destroying) {
            drafts.clear();
            passphrase = std::exchange(destroying, {});
            empty = open = true;
        }
        if (open) {
            empty ? answers.emplace_back(UnlockedEmpty{}) : answers.emplace_back(Unlocked{opened()});
        } else {
            answers.emplace_back(UnlockFailed{{"store.wrong_passphrase", {}}, wait_seconds});
        }
    }
    void on(TakeFirstStudy&, Actions& answers) {
        log.emplace_back("take first study");
        empty = false;
        answers.emplace_back(ProfileCreated{opened()});
    }
    void on(SetDestroyPassphrase& effect, Actions& answers) {
        log.emplace_back("set destroying");
        if (effect.current.expose() != passphrase) {
            answers.emplace_back(DestroyPassphraseRefused{{"store.wrong_passphrase", {}}});
            return;
        }
        destroying = std::string(effect.destroying.expose());
        answers.emplace_back(DestroyPassphraseSet{});
    }
    void on(DropDestroyPassphrase& effect, Actions& answers) {
        log.emplace_back("drop destroying");
        if (effect.current.expose() != passphrase) {
            answers.emplace_back(DestroyPassphraseRefused{{"store.wrong_passphrase", {}}});
            return;
        }
        destroying.clear();
        answers.emplace_back(DestroyPassphraseSet{});
    }
    void on(WriteRequest&, Actions& answers) {
        log.emplace_back("write request");
        if (refuses_request) {
            answers.emplace_back(RecoveryRefused{{"store.in_use", {}}});
            return;
        }
        answers.emplace_back(
            RequestWritten{"/home/me/.fieldfare/request.ffrecover", "314159265358979323846264338327"});
    }
    void on(ReadAnswer& effect, Actions& answers) {
        log.emplace_back("read answer");
        given_back = effect.path == right_answer;
        given_back ? answers.emplace_back(AnswerFits{})
                   : answers.emplace_back(RecoveryRefused{{"store.wrong_answer", {}}});
    }
    void on(Recover& effect, Actions& answers) {
        log.emplace_back("recover");
        if (refuses_recovery) {
            answers.emplace_back(RecoveryRefused{{"store.disk_full", {}}});
            return;
        }
        REQUIRE(given_back);
        passphrase = std::string(effect.passphrase.expose());
        given_back = false;
        open = true;
        answers.emplace_back(Unlocked{opened()});
    }
    void on(DropRequest&, Actions&) {
        log.emplace_back("drop request");
        given_back = false;
    }
    void on(LockVault&, Actions&) {
        log.emplace_back("lock");
        open = false;
    }
    void on(CreateDraft& effect, Actions& answers) {
        log.emplace_back("create draft");
        Draft& draft = drafts[effect.draft];
        draft.day = effect.day;
        for (const auto& entry : effect.entries) draft.entries[entry.path] = entry;
        saved(effect.draft, effect.ticket, answers);
    }
    void on(SaveAnswers& effect, Actions& answers) {
        log.emplace_back("save");
        if (!refuses_saves) {
            Draft& draft = drafts[effect.draft];
            if (effect.extent == Extent::whole) draft.entries.clear();
            for (const auto& entry : effect.entries) draft.entries[entry.path] = entry;
            for (const auto& path : effect.removed) draft.entries.erase(path);
            draft.minutes = effect.minutes;
            draft.language = effect.language;
        }
        saved(effect.draft, effect.ticket, answers);
    }
    void saved(const DraftId& draft, std::uint64_t ticket, Actions& answers) const {
        if (refuses_saves) {
            answers.emplace_back(SaveFailed{draft, ticket, {"store.disk_full", {}}});
        } else {
            answers.emplace_back(AnswerSaved{draft, ticket});
        }
    }
    void on(LoadDraft& effect, Actions& answers) {
        log.emplace_back("load");
        const Draft& draft = drafts.at(effect.draft);
        DraftLoaded loaded{effect.draft, draft.day, form, {}, draft.minutes, draft.language};
        for (const auto& [path, entry] : draft.entries) {
            loaded.entries.push_back(entry);
            if (const auto file = attached.find(entry.value); file != attached.end())
                loaded.files.push_back({file->first, file->second});
        }
        answers.emplace_back(std::move(loaded));
    }
    void on(DeleteDraft& effect, Actions& answers) {
        log.emplace_back("delete");
        drafts.erase(effect.draft);
        answers.emplace_back(DraftsChanged{list(), counts()});
    }
    void on(ListFolder& effect, Actions& answers) {
        log.emplace_back("list " + effect.path);
        const auto found = folders.find(effect.path);
        if (found == folders.end()) {
            answers.emplace_back(FolderRefused{{"attach.no_folder", {}}});
        } else {
            answers.emplace_back(FolderListed{found->second});
        }
    }
    void on(AttachFile& effect, Actions& answers) {
        log.emplace_back("attach " + effect.name);
        const auto found = own_files.find(effect.path);
        if (found == own_files.end()) {
            answers.emplace_back(FileRefused{effect.draft, effect.name, {"attach.gone", {}}});
            return;
        }
        answers.emplace_back(FileProgress{effect.draft, effect.name, found->second / 2, found->second});
        copy = FileAttached{effect.draft, effect.name, found->second};
        if (!holds_copies) finish_copy(answers);
    }
    void finish_copy(Actions& answers) {
        attached[copy->name] = copy->size;
        answers.emplace_back(*std::exchange(copy, std::nullopt));
    }
    void on(StopAttaching&, Actions& answers) {
        log.emplace_back("stop attaching");
        if (const auto stopped = std::exchange(copy, std::nullopt))
            answers.emplace_back(FileRefused{stopped->draft, stopped->name, {}});
    }
    void on(DrawCode& effect, Actions& answers) {
        log.emplace_back("draw code");
        if (refuses_codes) {
            answers.emplace_back(CodeFailed{effect.draft, {"store.no_randomness", {}}});
            return;
        }
        ++codes_drawn;
        answers.emplace_back(
            CodeDrawn{effect.draft, "0CA2-ADJ7-B1MQ-N2WW-RSG" + std::to_string(codes_drawn)});
    }
    void on(SealInterview& effect, Actions& answers) {
        log.emplace_back("seal");
        if (refuses_sealing) {
            answers.emplace_back(FinaliseFailed{effect.draft, {"store.disk_full", {}}});
            return;
        }
        sealed.push_back(effect.submission);
        drafts.erase(effect.draft);
        answers.emplace_back(Finalised{effect.draft, list(), counts()});
    }
    void on(SealWithdrawal& effect, Actions& answers) {
        log.emplace_back("seal withdrawal");
        if (effect.code.empty()) {
            answers.emplace_back(TakeBackRefused{{"take_back.wrong_shape", {}}});
            return;
        }
        withdrawn.push_back(effect.code);
        answers.emplace_back(TakenBack{counts()});
    }
    void on(StartSync&, Actions& answers) {
        log.emplace_back("sync");
        answers.emplace_back(SyncDone{{}, counts(), {"sync.nothing_new", {}}});
    }
    void on(StopSync&, Actions&) { log.emplace_back("stop sync"); }
    void on(SavePreferences& effect, Actions&) { preferences = effect.preferences; }
    void on(Quit&, Actions&) { quit = true; }
};

/// The app's state, its worker, and a clock that stands until it is moved.
class App {
  public:
    explicit App(std::shared_ptr<const schema::CompiledForm> form = nullptr) {
        worker.form = std::move(form);
        environment.random = [this] {
            return random_ = random_ * 6364136223846793005U + 1442695040888963407U;
        };
        environment.utc_day = environment.today = "2026-11-23";
        environment.now = "2026-11-23T12:00:00.000+04:00";
        environment.tick_ms = 1'000;
    }
    App(const App&) = delete;

    /// Applies the action and everything that the worker answers.
    void act(Action action) {
        Actions waiting = worker.run(update(state, std::move(action), environment));
        settle(std::move(waiting));
    }
    void settle(Actions answers) {
        for (std::size_t i = 0; i < answers.size(); ++i) {
            Actions more = worker.run(update(state, std::move(answers[i]), environment));
            for (Action& action : more) answers.push_back(std::move(action));
        }
    }
    /// The worker catches up with what it was holding.
    void catch_up() {
        worker.holds_answers = false;
        settle(worker.run({}));
    }
    /// The copy under way comes to its end.
    void finish_copy() {
        Actions answers;
        worker.finish_copy(answers);
        settle(std::move(answers));
    }
    void pass(std::int64_t milliseconds) {
        environment.tick_ms += milliseconds;
        act(Tick{});
    }

    /// To the list of interviews of an existing profile.
    void unlock() {
        act(ProfileFound{});
        act(TryPassphrase{Passphrase(worker.passphrase)});
    }
    /// To the first page of a new interview.
    void begin() {
        unlock();
        act(StartInterview{});
        REQUIRE(interviewing());
    }

    Session& session() {
        REQUIRE(std::holds_alternative<Session>(state.stage));
        return std::get<Session>(state.stage);
    }
    bool interviewing() { return session().open && session().place == Place::interview; }
    OpenInterview& open() {
        REQUIRE(session().open);
        return *session().open;
    }
    schema::NodeId node(std::string_view name) {
        const schema::NodeId found = open().interview.find(name);
        REQUIRE_MESSAGE(found != schema::no_node, std::string(name));
        return found;
    }
    std::string value(std::string_view name) { return std::string(open().interview.value(node(name))); }
    void pick(std::string_view question, std::string choice) {
        act(PickChoice{node(question), std::move(choice)});
    }
    void type(std::string_view question, std::string text) { act(TypeText{node(question), std::move(text)}); }
    bool saved(std::string_view path, std::string_view value) {
        const auto& entries = worker.drafts.begin()->second.entries;
        const auto found = entries.find(std::string(path));
        return found != entries.end() && found->second.value == value;
    }

    AppState state;
    FakeWorker worker;
    Environment environment;

  private:
    std::uint64_t random_ = 42;
};

}  // namespace fieldfare::app::test
