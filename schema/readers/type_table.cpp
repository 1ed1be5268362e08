#include "schema/readers/type_table.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace fieldfare::schema::readers {
namespace {

using Q = QuestionType;
using D = DataType;

struct Names {
    Q type;
    std::vector<std::string_view> words;
};

// The words that pyxform's dictionary of question types has beside the usual one.
std::vector<Names> asked() {
    return {
        {Q::text, {"text", "string", "q string", "add text prompt"}},
        {Q::integer, {"integer", "int", "q int", "add integer prompt"}},
        {Q::decimal, {"decimal", "q decimal", "add decimal prompt"}},
        {Q::date, {"date", "q date", "add date prompt"}},
        {Q::time, {"time"}},
        {Q::date_time,
         {"dateTime", "datetime", "date time", "q date time", "q dateTime", "add date time prompt",
          "add dateTime prompt"}},
        {Q::note, {"note", "q note", "add note prompt"}},
        {Q::calculate, {"calculate", "q calculate", "add calculate prompt", "hidden"}},
        {Q::range, {"range"}},
        {Q::acknowledge, {"acknowledge", "trigger", "q acknowledge", "add acknowledge prompt"}},
        {Q::geopoint, {"geopoint", "gps", "location", "q geopoint", "q location", "add location prompt"}},
        {Q::geotrace, {"geotrace", "q geotrace"}},
        {Q::geoshape, {"geoshape", "q geoshape"}},
        {Q::image, {"image", "photo", "q image", "q picture", "add image prompt", "add photo prompt"}},
        {Q::audio, {"audio", "q audio", "add audio prompt"}},
        {Q::video, {"video", "q video", "add video prompt"}},
        {Q::file, {"file", "add file prompt"}},
        {Q::barcode, {"barcode", "q barcode", "add barcode prompt"}},
    };
}

struct Property {
    std::string_view parameters;
    std::vector<std::string_view> words;
};

std::vector<Property> properties() {
    return {
        {"deviceid", {"deviceid", "imei", "device id", "get device id"}},
        {"phonenumber", {"phonenumber", "get phone number"}},
        {"subscriberid", {"subscriberid", "subscriber id", "get subscriber id"}},
        {"simserial", {"simserial", "sim id", "get sim id"}},
        {"username", {"username"}},
        {"email", {"email"}},
        {"uri:deviceid", {"uri:deviceid"}},
        {"uri:phonenumber", {"uri:phonenumber"}},
        {"uri:subscriberid", {"uri:subscriberid"}},
        {"uri:simserial", {"uri:simserial"}},
        {"uri:username", {"uri:username"}},
        {"uri:email", {"uri:email"}},
    };
}

std::vector<PlainType> table() {
    std::vector<PlainType> out;
    for (const Names& names : asked())
        for (const std::string_view word : names.words)
            out.push_back({word, names.type, D::usual, "", "", "", "", ""});
    for (const Property& property : properties())
        for (const std::string_view word : property.words)
            out.push_back({word, Q::calculate, D::string, "property", property.parameters, "", "", ""});
    for (const std::string_view word : {"start", "start time", "get start time"})
        out.push_back({word, Q::calculate, D::date_time, "timestamp", "start", "", "", ""});
    for (const std::string_view word : {"end", "end time", "get end time"})
        out.push_back({word, Q::calculate, D::date_time, "timestamp", "end", "", "", ""});
    for (const std::string_view word : {"today", "get today"})
        out.push_back({word, Q::calculate, D::date, "date", "today", "", "", ""});
    out.push_back({"start-geopoint", Q::calculate, D::geopoint, "", "", "", "",
                   "odk:setgeopoint odk-instance-first-load"});
    out.push_back({"background-geopoint", Q::calculate, D::geopoint, "", "", "", "",
                   "odk:setgeopoint xforms-value-changed"});
    out.push_back(
        {"background-audio", Q::calculate, D::binary, "", "", "", "", "odk:recordaudio odk-instance-load"});
    out.push_back({"percentage", Q::integer, D::usual, "", "", "0 <= . and . <= 100", "", ""});
    out.push_back(
        {"phone number", Q::text, D::usual, "", "", "regex(., '^\\d*$')", "Enter numbers only.", ""});
    out.push_back({"number of days in last month", Q::integer, D::usual, "", "", "0 <= . and . <= 31",
                   "Enter a number 0-31.", ""});
    out.push_back({"number of days in last six months", Q::integer, D::usual, "", "", "0 <= . and . <= 183",
                   "Enter a number 0-183.", ""});
    out.push_back({"number of days in last year", Q::integer, D::usual, "", "", "0 <= . and . <= 365",
                   "Enter a number 0-365.", ""});
    return out;
}

}  // namespace

std::span<const PlainType> plain_types() {
    static const std::vector<PlainType> types = table();
    return types;
}

const PlainType* find_plain_type(std::string_view word) {
    static const std::unordered_map<std::string_view, const PlainType*> index = [] {
        std::unordered_map<std::string_view, const PlainType*> out;
        for (const PlainType& type : plain_types()) out.emplace(type.word, &type);
        return out;
    }();
    const auto found = index.find(word);
    return found == index.end() ? nullptr : found->second;
}

}  // namespace fieldfare::schema::readers
