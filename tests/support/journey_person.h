#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/app/choices.h"
#include "client/app/steps.h"
#include "client/collector/environment.h"
#include "client/collector/loop.h"
#include "client/gui/texts.h"
#include "crypto/random.h"
#include "tests/support/ui.h"

// The form app without a window and a person in front of it: the real loop with its worker, vault, outbox and
// sync, the real drawing code, and clicks and keys on what it draws.
namespace fieldfare::tests {

inline constexpr const char* device_passphrase = "thrush rowan october ferry";

/// A device: the real loop on a profile.
class Device {
  public:
    explicit Device(const std::filesystem::path& profile)
        : courier_(courier::Courier::start({.profile = profile, .proxy = {}})),
          loop_({.backend = {profile, crypto::cost_floor,
                             [] {
                                 return std::chrono::floor<std::chrono::seconds>(
                                     std::chrono::system_clock::now());
                             },
                             &*courier_},
                 .wake = [this] { wake(); },
                 .quit = [this] { quit = true; },
                 .world = &collector::read_environment,
                 .asked = [this](const app::Effect& effect) { asked(effect); }}) {
        REQUIRE(crypto::start());
    }

    void act(app::Action action) {
        loop_.act(std::move(action));
        pump();
    }
    void pump() {
        loop_.apply_worker([this](const app::Action& action) {
            if (const auto* done = std::get_if<app::Finalised>(&action)) {
                sealed.push_back(sealing_.at(done->draft));
            }
        });
    }
    /// Waits a moment for the worker to come back with something.
    void doze() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(5), [this] { return woken_; });
        woken_ = false;
    }

    /// Until the worker has done everything that it was asked for.
    void rest() {
        loop_.worker().wait_until_idle();
        pump();
    }

    const app::Session& session() const {
        REQUIRE(std::holds_alternative<app::Session>(state.stage));
        return std::get<app::Session>(state.stage);
    }
    const app::OpenInterview& open() const {
        REQUIRE(session().open);
        return *session().open;
    }

    std::vector<std::string> sealed;  ///< payloads of the interviews whose sealing came back, in order
    bool quit = false;

  private:
    void wake() {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        changed_.notify_all();
    }
    void asked(const app::Effect& effect) {
        if (const auto* seal = std::get_if<app::SealInterview>(&effect)) {
            sealing_[seal->draft] = schema::to_json(seal->submission, seal->form->form());
        }
    }

    std::map<app::DraftId, std::string> sealing_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    std::optional<courier::Courier> courier_;  // before the loop's threads
    collector::Loop loop_;                     // last: its threads use what stands above

  public:
    const app::AppState& state = loop_.state();
};

/// How somebody answers; `seed` decides among what is on offer.
struct Manner {
    std::uint64_t seed = 1;
    int skips_percent = 0, refuses_percent = 0;
    std::string says = "Спасибо, всё хорошо";
    bool keyboard_only = false;
    int pages = 200;  ///< stops after so many
};

class Person : public gui::test::ScreenOf<Device> {
  public:
    using ScreenOf::ScreenOf;

    std::string t(const std::string& key) const {
        return texts_.get(app::interface_language(state), {key, {}});
    }
    void press_text(const std::string& key) { click(t(key)); }

    /// Until it holds, for at most half a minute.
    template <typename Holds>
    void await(const std::string& what, const Holds& holds) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (std::chrono::steady_clock::now() < until) {
            pump();
            frame();
            if (holds()) {
                show();
                return;
            }
            doze();
        }
        FAIL("waited in vain for ", what, contents());
    }
    void await_text(const std::string& key) {
        await(key, [&] { return sees(t(key)); });
    }

    void choose_study(const std::filesystem::path& study) {
        await_text("first_run.path");
        name_study(study);
    }
    /// A newer study file, from home to what it would change.
    void look_at_newer(const std::filesystem::path& study) {
        press_text("home.study_file");
        name_study(study);
    }
    void take_in(const std::filesystem::path& study) {
        look_at_newer(study);
        await_text("study_file.take");
        press_text("study_file.take");
        await_text("home.start");
    }
    void first_run(const std::filesystem::path& study) {
        choose_study(study);
        await_text("first_run.same");
        press_text("first_run.same");
        press_text("passphrase.label");
        type(device_passphrase);
        press_text("passphrase.use");
        press_text("passphrase.label");
        type(device_passphrase);
        press_text("passphrase.repeat");
        await_text("first_run.enrolled_done");
        press_text("first_run.enrolled_done");
        await_text("home.start");
    }
    void try_passphrase(const std::string& words) {
        await("the passphrase to be asked for", [&] {
            const auto* locked = std::get_if<app::Locked>(&state.stage);
            return locked && !locked->busy && sees(t("passphrase.label"));
        });
        press_text("passphrase.label");
        press(ImGuiKey_A, ImGuiMod_Ctrl);
        type(words);
        press_text("unlock.button");
    }
    void unlock() {
        try_passphrase(device_passphrase);
        await_text("home.start");
    }
    void begin() {
        press_text("home.start");
        await("the first page", [&] { return session().open.has_value(); });
    }
    void resume_draft() {
        for (const gui::Widget& widget : tree()) {
            if (widget.role == gui::Role::button && widget.label.starts_with("Go on with the interview")) {
                click(std::string(widget.label));
                await("the draft", [&] { return session().open.has_value(); });
                return;
            }
        }
        FAIL("no draft to go on with:", contents());
    }
    void set_language(std::string_view code) {
        const auto& languages = open().form->form().languages;
        for (std::size_t i = 0; i < languages.size(); ++i) {
            if (languages[i].code == code) act(app::SetFormLanguage{i});
        }
        show();
    }

    /// Answers page after page, until the review or the end of Manner::pages.
    void fill(const Manner& how);

    /// Seals; the interview must be whole. What was said goes from `said` to `told`.
    void finalise();

    /// From home to the end of a pass of the sync.
    void hand_over();

    /// What the person picked or typed in the interview under way, by path.
    std::map<std::string, std::string> said;
    /// The same of each sealed interview, without what was no longer asked at its end.
    std::vector<std::map<std::string, std::string>> told;

  private:
    void name_study(const std::filesystem::path& study) {
        press_text("first_run.path");
        press(ImGuiKey_A, ImGuiMod_Ctrl);
        type(study.string());
        press(ImGuiKey_Enter);
    }
    void stand_still();
    void answer(schema::NodeId node, const Manner& how, bool must);
    void answer_by_keyboard(const Manner& how);
    void pass_step(const Manner& how);
    void type_answer(schema::NodeId node, const std::string& text);
    const app::Step& step() const;
    std::string text_for(const schema::Item& item, const Manner& how);
    int percent() { return static_cast<int>(random_() % 100); }

    /// The widget of a question's card, among cards that may look alike.
    template <typename Fits>
    const gui::Widget* in_card(schema::NodeId node, const Fits& fits) const;
    template <typename Fits>
    void click_in_card(schema::NodeId node, const std::string& what, const Fits& fits);

    gui::Texts texts_;
    std::mt19937_64 random_;
};

/// {"answers": …} of a payload as path -> value, select_multiple with spaces between the names.
std::map<std::string, std::string> answers_of(const std::string& payload);
/// {"missing": …} as path -> code.
std::map<std::string, std::string> missing_of(const std::string& payload);

}  // namespace fieldfare::tests
