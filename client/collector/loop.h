#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "client/app/action.h"
#include "client/app/state.h"
#include "client/app/update.h"
#include "client/collector/backend.h"
#include "client/collector/worker.h"

namespace fieldfare::collector {

/// The state of the form app and everything that moves it, without its window: actions of the person and of
/// the worker go in, effects go out to the worker. Made, used and destroyed on one thread; destroying it
/// first finishes everything that was asked for.
class Loop {
  public:
    struct Options {
        BackendOptions backend;
        std::function<void()> wake;               ///< an action of the worker waits; from any thread
        std::function<void()> quit;               ///< update() wants the program to end
        std::function<app::Environment()> world;  ///< what update() may know of the world, now
        /// Sees each effect on its way to the worker; empty except in tests.
        std::function<void(const app::Effect&)> asked;
    };
    explicit Loop(Options options);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    const app::AppState& state() const { return state_; }

    void apply(app::Actions actions);

    template <typename Action>
    void act(Action action) {
        app::Actions actions;
        actions.emplace_back(std::move(action));
        apply(std::move(actions));
    }

    /// Takes what has come back from the worker; answers it before it is applied, for whoever watches.
    bool apply_worker(const std::function<void(const app::Action&)>& seen = {});

    /// Sends a Tick when one is due; answers in how many milliseconds the next is (nothing: never).
    std::optional<std::int64_t> tick();

    Worker& worker() { return worker_; }

  private:
    Options options_;
    app::AppState state_;
    Worker worker_;
    Backend backend_;
};

}  // namespace fieldfare::collector
