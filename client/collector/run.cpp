#include "client/collector/run.h"

#include <imgui.h>

#include <cstdio>
#include <system_error>
#include <utility>
#include <variant>

#include "client/app/kiosk.h"
#include "client/collector/environment.h"
#include "client/collector/loop.h"
#include "client/collector/residue_report.h"
#include "client/collector/start_confined.h"
#include "client/collector/window.h"
#include "client/collector/wiped_memory.h"
#include "client/confinement/system_calls.h"
#include "client/gui/draw.h"
#include "client/gui/fonts.h"
#include "client/gui/theme.h"
#include "client/residue/report.h"

namespace fieldfare::collector {
namespace {

constexpr double forever_seconds = 3600;

std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// One frame: what the worker has to say, what was dropped on the window, the picture, what the person did.
class Frames {
  public:
    Frames(const RunOptions& options, Window& window, Loop& loop)
        : options_(options), window_(window), loop_(loop) {}

    Window::Drawn draw(gui::UiScratch& scratch) {
        (void)loop_.tick();  // a machine that slept shows no answers whose time is over
        bool acted = loop_.apply_worker();
        if (window_.take_person_active()) loop_.act(app::PersonActive{});
        for (const std::filesystem::path& file : window_.take_dropped_files()) {
            loop_.act(app::DropFile{file.string()});
        }
        offer_package();

        app::Actions drawn;
        const bool again = gui::draw(loop_.state(), scratch, drawn) == gui::Frame::again;
        acted = acted || !drawn.empty();
        loop_.apply(std::move(drawn));
        const app::Openness openness = app::openness(loop_.state());
        if (openness < std::exchange(openness_, openness)) {
            window_.forget_copied();
            wipe_left_stack();
        }
        app::respondents_side(loop_.state()) ? window_.keep_copies_to_ourselves() : window_.share_copies();
        if (again || acted) return {.show = !again, .sleep_seconds = 0};  // show at once what it led to

        const auto due = loop_.tick();
        return {.show = true, .sleep_seconds = due ? static_cast<double>(*due) / 1000.0 : forever_seconds};
    }

  private:
    /// A study file named on the command line is offered once: when the first run asks for one, or to the
    /// study that is there, once it is unlocked.
    void offer_package() {
        if (options_.package.empty() || package_offered_) return;
        const auto& stage = loop_.state().stage;
        const auto* first_run = std::get_if<app::FirstRun>(&stage);
        if (!first_run && !std::holds_alternative<app::Session>(stage)) return;
        // After a passphrase that destroys, this machine knows of no study, whatever it was started with.
        if (first_run && first_run->unlocked) package_offered_ = true;
        if (package_offered_) return;
        if (app::respondents_side(loop_.state())) return;  // once staff are there
        package_offered_ = true;
        loop_.act(app::ChoosePackage{std::filesystem::absolute(options_.package).string(),
                                     app::ChoosePackage::From::command_line});
    }

    const RunOptions& options_;
    Window& window_;
    Loop& loop_;
    bool package_offered_ = false;
    app::Openness openness_ = app::Openness::locked;
};

/// What is said at the start; nothing where there is nothing to heed. A low limit of locked memory alone is a
/// line of the residue report: without swap, or with swap that is encrypted, no key comes to a disk, and a
/// warning at each start that nobody need heed is one that nobody reads.
const char* warning_of(residue::OnDisk worst) {
    switch (worst) {
        case residue::OnDisk::nothing:
            return nullptr;
        case residue::OnDisk::all_memory:
            return "app.memory_may_be_hibernated";
        case residue::OnDisk::what_is_typed:
            return "app.typed_may_be_swapped";
        case residue::OnDisk::keys:
            return "app.keys_may_be_swapped";
    }
    return nullptr;
}

int fail(const std::string& sentence) {
    std::fprintf(stderr, "fieldfare: %s\n", sentence.c_str());
    return 3;
}

}  // namespace

int run(const RunOptions& options, const RunHooks& hooks) {
    wipe_freed_memory();
    auto courier = start_confined(options.profile, options.proxy, Screen::used);
    if (!courier) return fail(courier.error());

    gui::install_wiping_allocator();
    auto window = Window::open("Fieldfare");
    if (!window) return fail(window.error());
    (void)confinement::forbid_network();  // only now: the screen may be on another machine
    (void)confinement::forbid_local_sockets();
    gui::apply_theme();
    ImGui::GetStyle().FontScaleDpi = window->scale();  // lengths follow the text: they are counted in ems
    gui::UiScratch scratch;
    auto fonts = gui::load_fonts({});
    if (!fonts)
        return fail("The font " + fonts.error() + " could not be read. Install the package fonts-noto-core.");
    scratch.fonts = *fonts;

    Loop loop({.backend = {options.profile, options.cost, &now, &*courier},
               .wake = &Window::wake,
               .quit = [&] { window->close(); },
               .world =
                   [&hooks] {
                       app::Environment world = read_environment();
                       if (hooks.ahead_ms) world.tick_ms += hooks.ahead_ms();
                       return world;
                   },
               .asked = {}});
    if (const char* warning = warning_of(residue::worst_on_disk(hooks.system, lock_bytes_needed)))
        loop.act(app::Failed{{warning, {}}});
    Frames frames(options, *window, loop);
    window->run([&] { return frames.draw(scratch); },
                [&](double seconds) {
                    if (hooks.after_frame) hooks.after_frame(scratch.tree, seconds);
                },
                [&] { loop.act(app::CloseWindow{}); });
    return 0;
}

}  // namespace fieldfare::collector
