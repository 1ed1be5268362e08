#include "client/app/action.h"

namespace fieldfare::app {

// Made here once, not in every file that has one.
Action::Action(Action&&) noexcept = default;
Action& Action::operator=(Action&&) noexcept = default;
Action::~Action() = default;

}  // namespace fieldfare::app
