#include "tests/support/bare_curl.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

namespace fieldfare::test {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

CURL* line_to(const WebDrop& drop) {
    CURL* line = curl_easy_init();
    REQUIRE(line != nullptr);
    curl_easy_setopt(line, CURLOPT_CAINFO, drop.certificate_file().c_str());
    curl_easy_setopt(line, CURLOPT_USERPWD, "reader:reader-secret");
    curl_easy_setopt(line, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    curl_easy_setopt(line, CURLOPT_PROXY, "");
    curl_easy_setopt(line, CURLOPT_NOSIGNAL, 1L);
    return line;
}

struct Body {
    std::string_view rest;
};
std::size_t give(char* data, std::size_t one, std::size_t count, void* given) {
    auto& body = *static_cast<Body*>(given);
    const std::size_t size = std::min(one * count, body.rest.size());
    std::memcpy(data, body.rest.data(), size);
    body.rest.remove_prefix(size);
    return size;
}
std::size_t take(char* data, std::size_t one, std::size_t count, void* given) {
    const int file = *static_cast<int*>(given);
    if (file < 0) return one * count;
    return ::write(file, data, one * count) == static_cast<ssize_t>(one * count) ? one * count : 0;
}

}  // namespace

double bare_puts(const WebDrop& drop, const std::string& place,
                 const std::vector<std::pair<std::string, std::string_view>>& files) {
    CURL* line = line_to(drop);
    curl_slist* headers = curl_slist_append(nullptr, "If-None-Match: *");
    headers = curl_slist_append(headers, "Content-Type: application/octet-stream");
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(line, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(line, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(line, CURLOPT_READFUNCTION, give);
    int nowhere = -1;
    curl_easy_setopt(line, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(line, CURLOPT_WRITEDATA, &nowhere);
    const auto begin = Clock::now();
    for (const auto& [name, content] : files) {
        Body body{content};
        curl_easy_setopt(line, CURLOPT_URL, (drop.address(place) + "/" + name).c_str());
        curl_easy_setopt(line, CURLOPT_READDATA, &body);
        curl_easy_setopt(line, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(content.size()));
        REQUIRE(curl_easy_perform(line) == CURLE_OK);
        long status = 0;
        curl_easy_getinfo(line, CURLINFO_RESPONSE_CODE, &status);
        REQUIRE(status == 201);
    }
    const double seconds = seconds_since(begin);
    curl_easy_cleanup(line);
    curl_slist_free_all(headers);
    return seconds;
}

double bare_gets(const WebDrop& drop, const std::string& place, const std::vector<std::string>& names,
                 unsigned connections, Keep keep, const fs::path& folder) {
    std::atomic<std::size_t> next = 0, got = 0;
    const auto begin = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < connections; ++i)
            threads.emplace_back([&] {
                CURL* line = line_to(drop);
                curl_easy_setopt(line, CURLOPT_WRITEFUNCTION, take);
                for (std::size_t mine = next++; mine < names.size(); mine = next++) {
                    int file = -1;
                    if (keep == Keep::files)
                        file = ::open((folder / std::to_string(mine)).c_str(), O_CREAT | O_WRONLY, 0600);
                    curl_easy_setopt(line, CURLOPT_URL, (drop.address(place) + "/" + names[mine]).c_str());
                    curl_easy_setopt(line, CURLOPT_WRITEDATA, &file);
                    long status = 0;
                    if (curl_easy_perform(line) == CURLE_OK &&
                        curl_easy_getinfo(line, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200)
                        ++got;
                    if (file >= 0) ::close(file);
                }
                curl_easy_cleanup(line);
            });
    }
    const double seconds = seconds_since(begin);
    REQUIRE(got == names.size());
    return seconds;
}

}  // namespace fieldfare::test
