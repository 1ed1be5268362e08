#include "client/app/effect.h"

namespace fieldfare::app {

// Made here once, not in every file that has one.
Effect::Effect(Effect&&) noexcept = default;
Effect& Effect::operator=(Effect&&) noexcept = default;
Effect::~Effect() = default;

}  // namespace fieldfare::app
