#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace fieldfare::app {

/// A random UUID, version 4, from a source of uniform 64 bits.
std::string random_uuid(const std::function<std::uint64_t()>& random);

}  // namespace fieldfare::app
