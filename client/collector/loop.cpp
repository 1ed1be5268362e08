#include "client/collector/loop.h"

#include <memory>
#include <utility>
#include <variant>

#include "client/collector/preferences.h"

namespace fieldfare::collector {

Loop::Loop(Options options)
    : options_(std::move(options)),
      worker_(options_.wake),
      backend_(
          options_.backend, [this](app::Action action) { worker_.post(std::move(action)); },
          [this](std::function<void()> job) { worker_.ask(std::move(job)); }) {
    state_.preferences = read_preferences(options_.backend.profile);
    worker_.ask([this] { backend_.look(); });
}

Loop::~Loop() {
    worker_.wait_until_idle();
    backend_.end_sync_thread();
    worker_.end();
}

void Loop::apply(app::Actions actions) {
    if (actions.empty()) return;
    const app::Environment environment = options_.world();
    for (app::Action& action : actions) {
        for (app::Effect& effect : app::update(state_, std::move(action), environment)) {
            if (options_.asked) options_.asked(effect);
            if (std::holds_alternative<app::Quit>(effect)) options_.quit();
            // std::function wants something that can be copied; an effect with a passphrase can't be.
            auto carried = std::make_shared<app::Effect>(std::move(effect));
            worker_.ask([this, carried] { backend_.run(std::move(*carried)); });
        }
    }
}

bool Loop::apply_worker(const std::function<void(const app::Action&)>& seen) {
    app::Actions actions = worker_.take();
    if (actions.empty()) return false;
    if (seen) {
        for (const app::Action& action : actions) seen(action);
    }
    apply(std::move(actions));
    return true;
}

std::optional<std::int64_t> Loop::tick() {
    const auto due = app::wake_up_in(state_, options_.world().tick_ms);
    if (due && *due <= 0) {
        act(app::Tick{});
        return 0;
    }
    return due;
}

}  // namespace fieldfare::collector
