#pragma once

#include <span>
#include <string_view>

#include "schema/form.h"

namespace fieldfare::schema::readers {

/// What pyxform makes of a row type that stands alone in its cell.
struct PlainType {
    std::string_view word;  ///< as in the cell; types are written in small letters, dateTime apart
    QuestionType type;
    DataType data_type = DataType::usual;
    std::string_view preload, preload_parameters;
    std::string_view constraint, hint;  ///< what the type brings with it where the row has none
    std::string_view action;  ///< what runs on the device: "odk:setgeopoint odk-instance-first-load"
};

/// All of them, each once under each of its names.
std::span<const PlainType> plain_types();

/// The entry for a word, nullptr when there is none.
const PlainType* find_plain_type(std::string_view word);

}  // namespace fieldfare::schema::readers
