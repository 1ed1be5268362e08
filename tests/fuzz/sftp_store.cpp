// What a server of SFTP lists, and what it is called: the first line is an address, the second a line of
// settings ("name=value name=value"), the rest the lines of a folder as that server writes them.

#include <algorithm>
#include <string>

#include "sync/object_name.h"
#include "sync/sftp_listing.h"
#include "sync/sftp_settings.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/store_lines.h"

using namespace fieldfare;

namespace {

const std::string tag = "k7m2q9x4b8n3";

void check_settings(const sync::SftpAddress& address, std::string_view line) {
    const auto settings = sync::parse_sftp_settings(address, fuzz::settings_of(line));
    if (!settings) return;
    fuzz::must(!address.is_onion() || settings->proxy, "no onion address without a proxy");
    fuzz::must(!settings->host_key.empty(), "nobody is believed because he came first");
    fuzz::must(!settings->user.empty(), "nobody comes unnamed");
    fuzz::must(settings->password.empty() != settings->key.empty(), "one way to be let in");
    fuzz::must(std::ranges::count(settings->key, '-') % 10 == 0, "a key file has two lines around it");
}

void check_listing(std::string_view lines) {
    const auto files = sync::parse_sftp_listing(lines, tag + "/");
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string& name = files[i].name;
        fuzz::must(sync::is_object_name(name) && name.starts_with(tag + "/"),
                   "only names of ours are listed");
        fuzz::must(i == 0 || files[i - 1].name < name, "names rise");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input = fuzz::text_of(data, size);
    const auto address = sync::parse_sftp_address(fuzz::take_line(input));
    const auto settings = fuzz::take_line(input);
    if (address) {
        const std::string text = address->text();
        fuzz::must(text.find_first_of("?#@%~\"'\\\r\n ") == std::string::npos,
                   "an address holds no credential, and nothing that a command reads otherwise");
        fuzz::must(sync::parse_sftp_address(text) == *address, "an address has one way to be written");
        fuzz::must(address->path.size() > 1 && address->path.front() == '/', "an address names a folder");
        check_settings(*address, settings);
    }
    check_listing(input);
    return 0;
}
