#pragma once

#include <string>

namespace fieldfare::sync {

/// 32 hexadecimal digits that nobody else draws: a SOCKS user, which gets a way of its own through a network,
/// or the name of a file that is on its way. Empty where the system gives no random numbers.
std::string random_name();

}  // namespace fieldfare::sync
