#pragma once

#include <string>
#include <string_view>

namespace fieldfare::schema {

/// RFC 4648, section 4, with padding.
std::string to_base64(std::string_view bytes);

/// The bytes of a text in base64. White space and missing padding do not matter; what is no base64 gives "".
std::string from_base64(std::string_view text);

std::string to_hexadecimal(std::string_view bytes);  ///< lower case

}  // namespace fieldfare::schema
