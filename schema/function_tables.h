#pragma once

#include <span>

#include "schema/functions.h"

namespace fieldfare::schema {

// One table a subject; functions.cpp joins them.
std::span<const FunctionInfo> text_functions();
std::span<const FunctionInfo> encoding_functions();
std::span<const FunctionInfo> number_functions();
std::span<const FunctionInfo> logic_functions();
std::span<const FunctionInfo> date_functions();
std::span<const FunctionInfo> node_functions();
std::span<const FunctionInfo> lookup_functions();
std::span<const FunctionInfo> select_functions();
std::span<const FunctionInfo> geometry_functions();

}  // namespace fieldfare::schema
