// What a store of the web says, and what it is called: the first line is an address, the second a line of
// settings ("name=value name=value"), the rest the listing that comes from there.

#include <algorithm>
#include <string>

#include "sync/dav_listing.h"
#include "sync/http_settings.h"
#include "sync/object_name.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/store_lines.h"

using namespace fieldfare;

namespace {

const std::string tag = "k7m2q9x4b8n3";

void check_settings(const sync::HttpAddress& address, std::string_view line) {
    const auto settings = sync::parse_http_settings(address, fuzz::settings_of(line));
    if (!settings) return;
    fuzz::must(!address.is_onion() || settings->proxy, "no onion address without a proxy");
    for (const std::string* one : {&settings->user, &settings->password, &settings->token,
                                   &settings->token_header, &settings->query, &settings->pin})
        fuzz::must(one->find_first_of("\r\n") == std::string::npos, "no setting begins another header");
}

void check_listing(const std::string& base, std::string_view xml) {
    const auto files = sync::parse_dav_listing(xml, base, tag + "/");
    if (!files) return;
    for (std::size_t i = 0; i < files->size(); ++i) {
        const std::string& name = (*files)[i].name;
        fuzz::must(sync::is_object_name(name) && name.starts_with(tag + "/"),
                   "only names of ours are listed");
        fuzz::must(std::ranges::count(name, '/') == 1, "no file of another folder is listed");
        fuzz::must(i == 0 || (*files)[i - 1].name < name, "names rise");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input = fuzz::text_of(data, size);
    const auto address = sync::parse_http_address(fuzz::take_line(input));
    const auto settings = fuzz::take_line(input);
    if (address) {
        const std::string text = address->text();
        fuzz::must(text.find_first_of("?#\r\n ") == std::string::npos && text.find('@') >= text.find('/', 8),
                   "an address holds no credential");
        const auto again = sync::parse_http_address(text);
        fuzz::must(again && *again == *address, "an address has one way to be written");
        fuzz::must(address->secure || address->is_onion(), "nothing goes in the clear");
        check_settings(*address, settings);
    }
    check_listing(address ? address->path : "/drop", input);
    return 0;
}
