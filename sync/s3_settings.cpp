#include "sync/s3_settings.h"

#include <algorithm>

namespace fieldfare::sync {

namespace {

bool is_word(std::string_view text, std::string_view without = {}) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return c > 0x20 && c < 0x7f && without.find(c) == std::string_view::npos;
    });
}

bool is_region(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

// A bucket can't be a host below an IP address.
bool is_named(std::string_view host) {
    return host.front() != '[' && host.find_first_not_of("0123456789.") != std::string_view::npos;
}

// Half a sentence; empty when all is well.
std::string fault_in(const S3Settings& read, const S3Address& address) {
    if (read.keys.access_key.empty() || read.keys.secret_key.empty())
        return "an S3 store lets in by access_key and secret_key; give both";
    if (!is_word(read.keys.access_key, "/,")) return "access_key must be one word without / and comma";
    if (!is_word(read.keys.secret_key)) return "secret_key must be one word";
    if (!read.keys.session_token.empty() && !is_word(read.keys.session_token))
        return "session_token must be one word";
    if (!is_region(read.region)) return "region must be a word such as us-east-1";
    if (read.style == S3Settings::Style::virtual_host) {
        if (!is_named(address.server.host)) return "style = virtual wants a host with a name, not a number";
        if (address.bucket.find('.') != std::string::npos)
            return "a bucket with a dot in its name has no certificate of its own; write style = path";
        if (!is_host(s3_endpoint(address, read.style).host))
            return "style = virtual makes the host longer than one can be; write style = path";
    }
    return "";
}

}  // namespace

HttpAddress s3_endpoint(const S3Address& address, S3Settings::Style style) {
    HttpAddress endpoint = address.server;
    if (style == S3Settings::Style::virtual_host) endpoint.host = address.bucket + "." + endpoint.host;
    return endpoint;
}

tl::expected<S3Settings, std::string> parse_s3_settings(const S3Address& address,
                                                        const std::map<std::string, std::string>& settings,
                                                        std::string_view persons_proxy) {
    const auto refuse = [](std::string why) { return tl::unexpected(std::move(why)); };
    S3Settings read;
    std::map<std::string, std::string> of_http;
    for (const auto& [name, value] : settings) {
        if (name == "access_key") {
            read.keys.access_key = value;
        } else if (name == "secret_key") {
            read.keys.secret_key = value;
        } else if (name == "session_token") {
            if (value.empty()) return refuse("session_token must be one word");
            read.keys.session_token = value;
        } else if (name == "region") {
            read.region = value;
        } else if (name == "style") {
            if (value != "path" && value != "virtual") return refuse("style must be path or virtual");
            if (value == "virtual") read.style = S3Settings::Style::virtual_host;
        } else if (name == "user" || name == "password" || name == "token" || name == "token_header" ||
                   name == "query") {
            return refuse("an S3 store lets in by access_key and secret_key, not by " + name);
        } else {
            of_http.emplace(name, value);
        }
    }
    if (std::string fault = fault_in(read, address); !fault.empty()) return refuse(std::move(fault));
    auto http = parse_http_settings(address.server, of_http, persons_proxy);
    if (!http) return refuse(http.error());
    read.http = std::move(*http);
    return read;
}

}  // namespace fieldfare::sync
