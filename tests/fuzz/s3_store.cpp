// What a store of S3 says, and what it is called: the first line is an address, the second a line of settings
// ("name=value name=value"), the rest a listing, or a refusal, that comes from there.

#include <algorithm>
#include <string>

#include "sync/object_name.h"
#include "sync/s3_answers.h"
#include "sync/s3_settings.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/store_lines.h"

using namespace fieldfare;

namespace {

const std::string tag = "k7m2q9x4b8n3";

bool is_a_word(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

void check_settings(const sync::S3Address& address, std::string_view line) {
    const auto settings = sync::parse_s3_settings(address, fuzz::settings_of(line));
    if (!settings) return;
    fuzz::must(!address.server.is_onion() || settings->http.proxy, "no onion address without a proxy");
    fuzz::must(!settings->keys.access_key.empty() && !settings->keys.secret_key.empty(),
               "nobody comes unnamed");
    for (const std::string* one :
         {&settings->keys.access_key, &settings->keys.session_token, &settings->region})
        fuzz::must(is_a_word(*one), "no setting begins another header");
    fuzz::must(settings->http.user.empty() && settings->http.token.empty() && settings->http.query.empty(),
               "one way to be let in");
    const auto endpoint = sync::s3_endpoint(address, settings->style);
    fuzz::must(sync::parse_http_address(endpoint.text()) == endpoint, "requests go to an address");
}

void check_listing(const std::string& folder, std::string_view xml) {
    const auto page = sync::parse_s3_listing(xml, folder, tag + "/");
    if (!page) return;
    fuzz::must(page->next.size() <= 4096, "a token has an end");
    for (std::size_t i = 0; i < page->files.size(); ++i) {
        const std::string& name = page->files[i].name;
        fuzz::must(sync::is_object_name(name) && name.starts_with(tag + "/"),
                   "only names of ours are listed");
        fuzz::must(std::ranges::count(name, '/') == 1, "no file of another folder is listed");
        fuzz::must(i == 0 || page->files[i - 1].name < name, "names rise");
    }
    fuzz::must(is_a_word(sync::s3_query({{"continuation-token", page->next}})), "a token stays in its query");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input = fuzz::text_of(data, size);
    const auto address = sync::parse_s3_address(fuzz::take_line(input));
    const auto settings = fuzz::take_line(input);
    std::string folder;
    if (address) {
        const std::string text = address->text();
        fuzz::must(text.find_first_of("?#@%\r\n ") == std::string::npos, "an address holds no credential");
        fuzz::must(sync::parse_s3_address(text) == *address, "an address has one way to be written");
        fuzz::must(address->server.secure || address->server.is_onion(), "nothing goes in the clear");
        check_settings(*address, settings);
        if (!address->folder.empty()) folder = address->folder + "/";
    }
    check_listing(folder, input);
    const auto code = sync::s3_error_code(input);
    fuzz::must(is_a_word(code) && code.size() < 64, "a refusal comes through as a code");
    fuzz::must(sync::s3_failure(403, code, sync::Fault::not_found).detail.size() < 200, "in words of ours");
    return 0;
}
