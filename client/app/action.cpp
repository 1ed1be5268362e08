#include "client/app/action.h"

namespace fieldfare::app {

// Made here once, not in every file that has one.
Action::Action(Action&&) noexcept = default;
Action& Action::operator=(Action&&) noexcept = default;
Action::~Action() = default;

Source source_of(const Action& action) {
    static const std::size_t first_of_worker = Action(ProfileFound{}).index();
    if (action.index() >= first_of_worker) return Source::worker;
    const bool program =
        std::holds_alternative<Tick>(action) || std::holds_alternative<PassphraseTyped>(action);
    return program ? Source::program : Source::person;
}

}  // namespace fieldfare::app
