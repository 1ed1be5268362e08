#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "schema/value.h"

namespace fieldfare::schema {

class Call;

/// What the engine must know of a function beside how to evaluate it.
struct FunctionTraits {
    bool uses_context = false;     ///< without arguments it looks at the context node
    bool from_context = false;     ///< it looks at the context node whatever its arguments
    bool positional = false;       ///< without arguments it looks at the context position or size
    bool structural = false;       ///< of its first argument only the nodes count, not what they hold
    bool needs_nodes = false;      ///< its first argument must be a node-set
    bool places = false;           ///< … and these whether relevant or not
    bool keeps_own_value = false;  ///< once(): looks at the value it calculates, which is no cycle
    bool label_of_choice = false;  ///< jr:choice-name(): its second argument names a question
    bool pairs = false;            ///< its arguments behind the first ones come in twos
};

struct FunctionInfo {
    std::string_view name;
    int minimum = 0;
    int maximum = 0;  ///< -1: any number
    Value (*evaluate)(Call&) = nullptr;
    FunctionTraits traits = {};
};

/// Index of a function by its name as forms write it ("count-selected", "jr:choice-name").
std::optional<std::uint16_t> find_function(std::string_view name);
const FunctionInfo& function_info(std::uint16_t index);
std::size_t function_count();  ///< indexes are smaller

/// The function whose name is empty, which no form can call: it complains of the text that is its argument.
/// An expression that was read although it has faults holds it in their places.
inline constexpr std::uint16_t faulty_function = 0;

/// Why a function that ODK's tools know is not supported here; nothing for names that mean nothing.
std::optional<std::string_view> why_refused(std::string_view name);
/// All those names.
std::span<const std::string_view> refused_functions();

}  // namespace fieldfare::schema
