#include "client/collector/run.h"

#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>
#include <variant>

#include "client/app/update.h"
#include "client/collector/backend.h"
#include "client/collector/environment.h"
#include "client/collector/preferences.h"
#include "client/collector/window.h"
#include "client/collector/worker.h"
#include "client/gui/draw.h"
#include "client/gui/fonts.h"
#include "client/gui/theme.h"
#include "crypto/random.h"

namespace fieldfare::collector {
namespace {

constexpr double forever_seconds = 3600;

std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// The state, and everything that moves it: actions of the person and of the worker go in, effects go out.
class App {
  public:
    App(const RunOptions& options, Window& window)
        : options_(options),
          window_(window),
          worker_(std::make_unique<Worker>(&Window::wake)),
          backend_(
              {options.profile, options.cost, &now},
              [this](app::Action action) { worker_->post(std::move(action)); },
              [this](std::function<void()> job) { worker_->ask(std::move(job)); }) {
        state_.preferences = read_preferences(options.profile);
        worker_->ask([this] { backend_.look(); });
    }

    /// Everything asked for is done before anything is taken down.
    ~App() {
        worker_->wait_until_idle();
        backend_.end_sync_thread();
        worker_.reset();
    }

    App(const App&) = delete;
    App& operator=(const App&) = delete;

    Window::Drawn frame(gui::UiScratch& scratch) {
        app::Actions actions = worker_->take();
        for (const std::filesystem::path& file : window_.take_dropped_files()) {
            actions.emplace_back(app::ChoosePackage{file.string()});
        }
        offer_package(actions);
        apply(std::move(actions));

        app::Actions drawn;
        const bool again = gui::draw(state_, scratch, drawn) == gui::Frame::again;
        const bool acted = !drawn.empty();
        apply(std::move(drawn));
        if (again || acted) return {.show = !again, .sleep_seconds = 0};  // show at once what it led to

        const auto due = app::wake_up_in(state_, read_environment().tick_ms);
        if (!due) return {.show = true, .sleep_seconds = forever_seconds};
        if (*due > 0) return {.show = true, .sleep_seconds = static_cast<double>(*due) / 1000.0};
        app::Actions ticking;
        ticking.emplace_back(app::Tick{});
        apply(std::move(ticking));
        return {};
    }

    /// The person has closed the window; save and lock.
    void close() {
        app::Actions actions;
        actions.emplace_back(app::CloseWindow{});
        apply(std::move(actions));
    }

  private:
    void apply(app::Actions actions) {
        if (actions.empty()) return;
        const app::Environment environment = read_environment();
        for (app::Action& action : actions) {
            for (app::Effect& effect : app::update(state_, std::move(action), environment)) {
                if (std::holds_alternative<app::Quit>(effect)) window_.close();
                // std::function wants something that can be copied; an effect with a passphrase can't be.
                auto carried = std::make_shared<app::Effect>(std::move(effect));
                worker_->ask([this, carried] { backend_.run(std::move(*carried)); });
            }
        }
    }

    /// A study file named on the command line is offered once the first run asks for one.
    void offer_package(app::Actions& actions) {
        if (options_.package.empty() || package_offered_) return;
        if (!std::holds_alternative<app::FirstRun>(state_.stage)) return;
        package_offered_ = true;
        actions.emplace_back(app::ChoosePackage{std::filesystem::absolute(options_.package).string()});
    }

    const RunOptions& options_;
    Window& window_;
    app::AppState state_;
    bool package_offered_ = false;
    std::unique_ptr<Worker> worker_;
    Backend backend_;
};

int fail(const std::string& sentence) {
    std::fprintf(stderr, "fieldfare: %s\n", sentence.c_str());
    return 3;
}

}  // namespace

int run(const RunOptions& options, const RunHooks& hooks) {
    if (!crypto::start())
        return fail("The system gives no random numbers, so nothing could be kept secret. Restart it.");
    std::error_code failed;
    std::filesystem::create_directories(options.profile.parent_path(), failed);
    if (failed)
        return fail("The folder " + options.profile.parent_path().string() +
                    " could not be made: " + failed.message() + ".");

    gui::install_wiping_allocator();
    auto window = Window::open("Fieldfare");
    if (!window) return fail(window.error());
    gui::apply_theme();
    gui::UiScratch scratch;
    auto fonts = gui::load_fonts({});
    if (!fonts)
        return fail("The font " + fonts.error() + " could not be read. Install the package fonts-noto-core.");
    scratch.fonts = *fonts;

    App app(options, *window);
    window->run([&] { return app.frame(scratch); },
                [&] {
                    if (hooks.after_frame) hooks.after_frame(scratch.tree);
                },
                [&] { app.close(); });
    return 0;
}

}  // namespace fieldfare::collector
