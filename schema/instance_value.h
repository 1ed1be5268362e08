#pragma once

#include <string>
#include <string_view>

#include "schema/form.h"

namespace fieldfare::schema {

/// A value of a data type (https://getodk.github.io/xforms-spec/#data-types) as it stands in an instance's
/// XML: decimals and places have a decimal point, as JavaRosa and ODK Web Forms write them ("36.0";
/// "-7.0 39.5 0.0 4.2"). Other values, and what is no number, stay as they are.
std::string instance_value(DataType type, std::string_view value);

}  // namespace fieldfare::schema
