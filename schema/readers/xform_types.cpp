#include <array>
#include <charconv>

#include "schema/readers/cell_text.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

struct Known {
    std::string_view name;
    DataType type;
    QuestionType input;  ///< what an input of that type is
};

// Types of binds, with JavaRosa's other names for them. Those of selects are texts.
constexpr std::array<Known, 26> known_types{{
    {"string", DataType::string, QuestionType::text},
    {"text", DataType::string, QuestionType::text},
    {"select", DataType::string, QuestionType::text},
    {"select1", DataType::string, QuestionType::text},
    {"rank", DataType::string, QuestionType::text},
    {"listItem", DataType::string, QuestionType::text},
    {"listItems", DataType::string, QuestionType::text},
    {"anyURI", DataType::string, QuestionType::text},
    {"int", DataType::integer, QuestionType::integer},
    {"integer", DataType::integer, QuestionType::integer},
    {"long", DataType::integer, QuestionType::integer},
    {"decimal", DataType::decimal, QuestionType::decimal},
    {"double", DataType::decimal, QuestionType::decimal},
    {"float", DataType::decimal, QuestionType::decimal},
    {"boolean", DataType::boolean, QuestionType::text},
    {"date", DataType::date, QuestionType::date},
    {"time", DataType::time, QuestionType::time},
    {"dateTime", DataType::date_time, QuestionType::date_time},
    {"geopoint", DataType::geopoint, QuestionType::geopoint},
    {"geotrace", DataType::geotrace, QuestionType::geotrace},
    {"geoshape", DataType::geoshape, QuestionType::geoshape},
    {"binary", DataType::binary, QuestionType::text},
    {"base64Binary", DataType::binary, QuestionType::text},
    {"hexBinary", DataType::binary, QuestionType::text},
    {"barcode", DataType::barcode, QuestionType::barcode},
    {"intent", DataType::intent, QuestionType::text},
}};

const Known& known(std::string_view type) {
    for (const Known& each : known_types)
        if (each.name == type) return each;
    return known_types.front();
}

QuestionType type_of_upload(std::string_view media_type) {
    if (media_type.starts_with("image/")) return QuestionType::image;
    if (media_type.starts_with("audio/")) return QuestionType::audio;
    if (media_type.starts_with("video/")) return QuestionType::video;
    return QuestionType::file;
}

bool has_text(XmlNode control) {
    for (auto child = control.first_child(); child; child = child->next_sibling())
        if (child->local() == "label" || child->local() == "hint") return true;
    return false;
}

// The type that a question of this kind has anyway.
bool is_usual(QuestionType type, DataType data_type) {
    switch (type) {
        case QuestionType::range:
            return data_type == DataType::decimal;
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return data_type == DataType::binary || data_type == DataType::string;
        default:
            for (const Known& each : known_types)
                if (each.input == type) return each.type == data_type;
            return data_type == DataType::string;
    }
}

}  // namespace

bool is_bind_type(std::string_view type) {
    return type.empty() || known(type).name == type;
}

void set_question_type(Item& item, XmlNode control, std::string_view bind_type) {
    const Known& type = known(bind_type);
    const std::string_view kind = control.local();
    if (kind == "input") {
        // Nobody can answer it: it only shows its text.
        const bool read_only = item.read_only == "true()" || item.read_only == "1";
        item.type = read_only && has_text(control) ? QuestionType::note : type.input;
    } else if (kind == "select1") {
        item.type = QuestionType::select_one;
    } else if (kind == "select") {
        item.type = QuestionType::select_multiple;
    } else if (kind == "rank") {
        item.type = QuestionType::rank;
    } else if (kind == "range") {
        item.type = QuestionType::range;
    } else if (kind == "trigger") {
        item.type = QuestionType::acknowledge;
    } else if (kind == "upload") {
        item.type = type_of_upload(attribute_text(control, "mediatype"));
    } else {
        item.type = QuestionType::text;
    }
    item.data_type = is_usual(item.type, type.type) ? DataType::usual : type.type;
}

void set_calculate_type(Item& item, std::string_view bind_type) {
    item.type = QuestionType::calculate;
    const DataType type = known(bind_type).type;
    item.data_type = type == DataType::string ? DataType::usual : type;
}

}  // namespace fieldfare::schema::readers
