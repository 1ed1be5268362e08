#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema::readers {

/// Takes bytes from a piece of work that runs in a process of its own. False: no more is wanted.
using Output = std::function<bool(std::string_view)>;

/// Runs work in a child process, with bounds on its time and memory, and hands back what it puts out: a
/// library that a hostile file makes crash or run for ever takes the child only. Nothing when the child did
/// not come to its end, or put out more than `most_bytes`. The work must not rely on threads.
std::optional<std::string> run_apart(const std::function<void(const Output&)>& work, std::size_t most_bytes);

}  // namespace fieldfare::schema::readers
