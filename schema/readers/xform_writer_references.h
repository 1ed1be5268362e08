#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/readers/xform_writer_paths.h"

namespace fieldfare::schema::readers {

/// Where an expression is evaluated: from its row's node, from an attribute of it, or from each node that a
/// predicate looks at.
enum class SeenFrom { row, attribute, predicate };

/// An expression in which ${name} has become a path.
struct Xpath {
    std::string text;
    std::vector<std::string> unknown, ambiguous;  ///< names that no row, or several rows, have
};

/// Replaces each ${name} by its path with a blank on either side, as pyxform does. Inside a repeat that both
/// rows share the path is relative, in predicates by way of current(); indexed-repeat() takes its nodesets
/// absolute. ${last-saved#name} becomes a path into the instance __last-saved. Texts in quotes stay.
Xpath to_xpath(std::string_view expression, const FormPaths& paths, int from, SeenFrom seen_from);

/// A piece of a text with piping: what is shown as it stands, or the inside of ${…}.
struct TextPiece {
    std::string_view text;
    bool is_expression = false;
};

/// A text cut at each ${…}; what is in braces may hold ${…} itself. An unclosed ${ is text.
std::vector<TextPiece> text_pieces(std::string_view text);

/// An XPath literal for a text: in the quotes that it does not hold.
std::string quoted(std::string_view text);

inline constexpr std::string_view last_saved_mark = "last-saved#";
inline constexpr std::string_view last_saved_instance = "__last-saved";

}  // namespace fieldfare::schema::readers
