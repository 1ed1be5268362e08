#pragma once

#include <string>
#include <string_view>

namespace fieldfare::schema::readers {

/// A text of an XLSForm in which a path into a secondary instance, such as
/// instance('cities')/root/item[name = ${city}]/label, has become ${…}: pyxform shows what such a path leads
/// to. What stands in ${…} already stays as it is, and so does instance() without a path behind it.
std::string with_expressions(std::string_view text);

}  // namespace fieldfare::schema::readers
