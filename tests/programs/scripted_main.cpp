// The form app without a window, driven by a seeded person who fills in and seals one interview after the
// other; on an unattended machine, by one respondent after the other. For the tests that kill it: what it
// asked of its worker and what has come back is told on descriptor 3, a line each, written before the worker
// gets the request and after its answer was applied.
//
//     unlocked
//     found BATCHES sealed|unfinished|- DRAFT      what this start has found of the run before, ahead of
//                                                  `unlocked`
//     entry RUN.TICKET DRAFT PATH VALUE MISSING    asked to be saved; VALUE and MISSING may be empty
//     removed RUN.TICKET DRAFT PATH
//     whole RUN.TICKET DRAFT                       the entries of this ticket replace all before
//     saved RUN.TICKET DRAFT                       acknowledged
//     sealing DRAFT SUBMISSION PAYLOAD
//     sealed DRAFT                                 acknowledged
//     handing                                      a pass of the sync begins
//     handed                                       it has come to its end
//     failed KEY                                   a sentence of an error; none is expected
// The columns are separated by tabs. It is a program of its own so that the real one has no such door.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "client/app/choices.h"
#include "client/app/kiosk.h"
#include "client/app/review.h"
#include "client/app/steps.h"
#include "client/collector/environment.h"
#include "client/collector/loop.h"
#include "client/courier/courier.h"
#include "crypto/random.h"
#include "tests/support/scripted_words.h"

using namespace fieldfare;

namespace {

constexpr const char* passphrase = tests::scripted_passphrase;

/// The words by which the tests know a text, and a number.
std::string some_text(std::uint64_t number) {
    std::string text;
    for (const char* word : tests::scripted_words) text += std::string(word) + " ";
    return text + std::to_string(number);
}

void tell(std::string line) {
    line += '\n';
    for (std::size_t at = 0; at < line.size();) {
        const ssize_t written = ::write(3, line.data() + at, line.size() - at);
        if (written <= 0) std::_Exit(4);  // nobody listens any more
        at += static_cast<std::size_t>(written);
    }
}

class Script {
  public:
    /// With a courier it hands over now and then.
    Script(const std::filesystem::path& profile, std::string package, std::string run, std::uint64_t seed,
           courier::Courier* courier)
        : run_(std::move(run)),
          package_(std::move(package)),
          random_(seed),
          hands_over_(courier != nullptr),
          loop_({.backend = {profile, crypto::cost_floor,
                             [] {
                                 return std::chrono::floor<std::chrono::seconds>(
                                     std::chrono::system_clock::now());
                             },
                             courier},
                 .wake = [this] { wake(); },
                 .quit = [] {},
                 .world = &collector::read_environment,
                 .asked = [this](const app::Effect& effect) { asked(effect); }}) {}

    int run(int interviews) {
        if (const int code = unlock()) return code;
        if (!package_.empty()) return 0;  // it was only to make the profile
        for (int i = 0; i < interviews; ++i) {
            if (!interview()) return 3;
            if (hands_over_ && below(2) == 0 && !hand_over()) return 3;
        }
        if (hands_over_ && !hand_over()) return 3;
        loop_.act(app::Lock{});
        return 0;
    }

  private:
    const app::AppState& state() const { return loop_.state(); }
    const app::Session& session() const { return std::get<app::Session>(state().stage); }
    const app::OpenInterview& open() const { return *session().open; }
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    void wake() {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        changed_.notify_all();
    }
    /// Takes what the worker has posted; waits for it at most so long.
    void pump(std::chrono::milliseconds wait) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, wait, [this] { return woken_; });
            woken_ = false;
        }
        loop_.apply_worker([this](const app::Action& action) { came_back(action); });
    }
    template <typename Holds>
    bool await(const Holds& holds) {
        for (int i = 0; i < 3000 && !holds(); ++i) pump(std::chrono::milliseconds(10));
        return holds();
    }

    std::string ticket(std::uint64_t number) const { return run_ + "." + std::to_string(number); }

    void entries(const std::string& ticket, const std::string& draft,
                 const std::vector<schema::DraftEntry>& all) {
        for (const schema::DraftEntry& entry : all) {
            tell("entry\t" + ticket + "\t" + draft + "\t" + entry.path + "\t" + entry.value + "\t" +
                 (entry.missing ? std::to_string(static_cast<int>(*entry.missing)) : ""));
        }
    }
    void asked(const app::Effect& effect) {
        if (const auto* made = std::get_if<app::CreateDraft>(&effect)) {
            entries(ticket(made->ticket), made->draft, made->entries);
        } else if (const auto* save = std::get_if<app::SaveAnswers>(&effect)) {
            const std::string number = ticket(save->ticket);
            if (save->extent == app::Extent::whole) tell("whole\t" + number + "\t" + save->draft);
            entries(number, save->draft, save->entries);
            for (const std::string& path : save->removed)
                tell("removed\t" + number + "\t" + save->draft + "\t" + path);
        } else if (const auto* seal = std::get_if<app::SealInterview>(&effect)) {
            tell("sealing\t" + seal->draft + "\t" + seal->submission.id + "\t" +
                 schema::to_json(seal->submission, seal->form->form()));
        }
    }
    void found(const app::Found& found) {
        const char* const interview = found.interview == app::Found::Interview::none     ? "-"
                                      : found.interview == app::Found::Interview::sealed ? "sealed"
                                                                                         : "unfinished";
        tell("found\t" + std::to_string(found.batches) + "\t" + interview + "\t" + found.draft);
    }
    void came_back(const app::Action& action) {
        if (const auto* unlocked = std::get_if<app::Unlocked>(&action)) {
            found(unlocked->opened.found);
        } else if (const auto* saved = std::get_if<app::AnswerSaved>(&action)) {
            tell("saved\t" + ticket(saved->ticket) + "\t" + saved->draft);
        } else if (const auto* sealed = std::get_if<app::Finalised>(&action)) {
            tell("sealed\t" + sealed->draft);
        } else if (const auto* save = std::get_if<app::SaveFailed>(&action)) {
            tell("failed\t" + save->why.key);
        } else if (const auto* seal = std::get_if<app::FinaliseFailed>(&action)) {
            tell("failed\t" + seal->why.key);
        } else if (const auto* sync = std::get_if<app::SyncFailed>(&action)) {
            tell("failed\t" + sync->why.key);
        } else if (const auto* failed = std::get_if<app::Failed>(&action)) {
            tell("failed\t" + failed->why.key);
        } else if (const auto* end = std::get_if<app::FailedForGood>(&action)) {
            tell("failed\t" + end->why.key);
        } else if (const auto* refused = std::get_if<app::UnlockFailed>(&action)) {
            tell("failed\t" + refused->why.key);
        }
    }

    /// 0 once a vault is open.
    int unlock() {
        if (!await([this] { return !std::holds_alternative<app::Starting>(state().stage); })) return 3;
        if (std::holds_alternative<app::FirstRun>(state().stage)) {
            loop_.act(app::ChoosePackage{package_});
            const auto asks = [this](app::FirstRunStep step) {
                const auto* first = std::get_if<app::FirstRun>(&state().stage);
                return first && first->step == step && !first->busy;
            };
            if (!await([&] { return asks(app::FirstRunStep::check_package); })) return 3;
            loop_.act(app::ConfirmPackage{});
            loop_.act(app::ChoosePassphrase{app::Passphrase(passphrase)});
            loop_.act(app::RepeatPassphrase{app::Passphrase(passphrase)});
        }
        const auto unlocked = [this] { return std::holds_alternative<app::Session>(state().stage); };
        const auto refused = [this] {
            const auto* locked = std::get_if<app::Locked>(&state().stage);
            return locked && !locked->busy;
        };
        for (int tries = 0; tries < 3 && refused(); ++tries) {
            loop_.act(app::TryPassphrase{app::Passphrase(passphrase)});
            if (!await([&] { return unlocked() || refused(); })) return 3;
        }
        if (!await(unlocked)) return 3;
        loop_.act(app::FinishFirstRun{});
        tell("unlocked");
        return 0;
    }

    bool interview() {
        if (!begin_one()) return false;
        say_something();
        const std::uint64_t answers = 3 + below(12);
        for (std::uint64_t i = 0; i < answers; ++i) {
            answer_something();
            pump(std::chrono::milliseconds(below(3)));
        }
        if (below(6) == 0) {
            leave();
            return true;
        }
        loop_.act(app::ShowReview{});
        for (int i = 0; i < 20 && app::blocks_finalising(open()) != schema::no_node; ++i) {
            const schema::NodeId node = app::blocks_finalising(open());
            loop_.act(app::JumpTo{node});
            answer(node);
            loop_.act(app::ShowReview{});
        }
        if (!seal()) return false;
        loop_.act(app::NextRespondent{});
        return true;
    }

    /// A person who is told that it could not be sealed tries again.
    bool seal() {
        for (int tries = 0; tries < 3; ++tries) {
            loop_.act(app::FinaliseInterview{});
            const auto sealed = [this] { return !session().open.has_value(); };
            if (!await([&] { return sealed() || !open().seal_failed.key.empty(); })) return false;
            if (sealed()) return true;
        }
        return false;
    }

    /// A pass, to its end.
    bool hand_over() {
        loop_.act(app::ShowHome{});
        loop_.act(app::ShowSync{});
        tell("handing");
        loop_.act(app::BeginSync{});
        if (!await([this] { return !state().sync.running; })) return false;
        tell("handed");
        loop_.act(app::ShowHome{});
        return true;
    }

    bool begin_one() {
        const auto& drafts = session().drafts;
        if (!drafts.empty() && (drafts.size() > 12 || below(4) == 0)) {
            loop_.act(app::ResumeDraft{drafts[below(drafts.size())].id});
        } else {
            loop_.act(app::StartInterview{});
        }
        return await([this] { return session().place == app::Place::interview; });
    }

    /// As a draft; where there is none, its answers go.
    void leave() {
        if (!app::unattended(session().study)) return loop_.act(app::ShowHome{});
        loop_.act(app::HideAnswers{});
        loop_.act(app::EraseAnswers{});
    }

    void answer_something() {
        const auto step = std::ranges::find(open().steps, open().step, &app::Step::key);
        if (step == open().steps.end()) return;
        const auto questions = app::questions_of(open().interview, *step);
        if (questions.empty() || below(4) == 0) {
            loop_.act(app::NextStep{});
            if (session().open && open().prompt) loop_.act(app::SkipAnyway{});
            if (session().place == app::Place::review) loop_.act(app::ShowQuestions{});
            return;
        }
        answer(questions[below(questions.size())]);
    }

    /// A text, by which the tests know the interview; what it waits for is answered with yes first.
    void say_something() {
        for (int i = 0; i < 10; ++i) {
            schema::NodeId text = schema::no_node, gate = schema::no_node;
            for (const app::Step& step : open().steps) {
                for (const schema::NodeId node : app::questions_of(open().interview, step)) {
                    const schema::Item& item = open().interview.item(node);
                    if (item.type == schema::QuestionType::text && item.name != "coupon_in") text = node;
                    if (is_gate(item) && open().interview.value(node).empty()) gate = node;
                }
            }
            const schema::NodeId next = text != schema::no_node ? text : gate;
            if (next == schema::no_node) return;
            loop_.act(app::ShowReview{});
            loop_.act(app::JumpTo{next});
            answer(next);
            if (next == text) return;
        }
    }

    static bool is_gate(const schema::Item& item) {
        return item.list == "yn" || item.name == "scr_age18" || item.name == "scr_ru";
    }

    void answer(schema::NodeId node) {
        const schema::Interview& interview = open().interview;
        const schema::Item& item = interview.item(node);
        if (interview.read_only(node)) return;
        loop_.act(app::FocusQuestion{node});
        switch (item.type) {
            case schema::QuestionType::select_one:
            case schema::QuestionType::select_multiple: {
                const auto choices = interview.choices(node);
                if (choices.empty()) return;
                const std::size_t pick = is_gate(item) ? 0 : below(choices.size());
                loop_.act(app::PickChoice{node, choices[pick]->name});
                break;
            }
            case schema::QuestionType::integer:
                type(node, std::to_string(1 + below(3)));
                break;
            case schema::QuestionType::decimal:
                type(node, std::to_string(below(90)) + ".5");
                break;
            case schema::QuestionType::date:
                type(node, "2025-03-1" + std::to_string(below(10)));
                break;
            case schema::QuestionType::text:
                if (item.name == "coupon_in")
                    type(node, "7KJ2M0XQ");
                else
                    write(node, some_text(below(100000)));
                break;
            default:  // not in the form that it fills in
                break;
        }
    }
    /// Word by word.
    void write(schema::NodeId node, const std::string& text) {
        for (std::size_t end = 0; end != std::string::npos;) {
            end = text.find(' ', end + 1);
            loop_.act(app::TypeText{node, text.substr(0, end)});
        }
        loop_.act(app::FocusQuestion{schema::no_node});
    }
    /// Key by key: each is an action of its own.
    void type(schema::NodeId node, const std::string& text) {
        std::string so_far;
        for (const char c : text) {
            so_far += c;
            if ((static_cast<unsigned char>(c) & 0xC0U) == 0xC0U) continue;  // the letter is not whole yet
            loop_.act(app::TypeText{node, so_far});
        }
        loop_.act(app::FocusQuestion{schema::no_node});
    }

    std::string run_, package_;
    std::mt19937_64 random_;
    bool hands_over_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    collector::Loop loop_;  // last: its threads use what stands above
};

}  // namespace

int main(int argc, char** argv) {
    umask(077);
    if (argc != 5 && argc != 6) {
        std::fputs(
            "usage: fieldfare_scripted PROFILE RUN SEED INTERVIEWS [STUDY.ffstudy | --hand-over]  (tells on "
            "descriptor 3; with a study it only makes the profile)\n",
            stderr);
        return 2;
    }
    const std::string last = argc > 5 ? argv[5] : "";
    std::optional<courier::Courier> courier;
    if (last == "--hand-over") {
        courier = courier::Courier::start({.profile = argv[1], .proxy = {}});
        if (!courier) return 3;
    }
    if (!crypto::start()) return 3;
    Script script(argv[1], courier ? "" : last, argv[2], std::strtoull(argv[3], nullptr, 10),
                  courier ? &*courier : nullptr);
    return script.run(std::atoi(argv[4]));
}
