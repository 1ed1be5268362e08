#include "client/researcher/store_file.h"

#include <array>
#include <filesystem>
#include <sstream>

#include "client/researcher/output_file.h"
#include "client/researcher/store_sentences.h"
#include "sync/http_address.h"
#include "sync/open_store.h"
#include "sync/s3_address.h"
#include "sync/sftp_address.h"

namespace fieldfare::researcher {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view folder_scheme = "folder:";
constexpr std::string_view ending = ".ffstore";
constexpr std::size_t largest = 64 * 1024;
constexpr std::size_t longest_value = 4096;  // what a study file holds (client/study/STUDY_PACKAGE.md)

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r";
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

// What the PEM blocks of that kind hold, as a setting has it: base64 without line ends, ";" between blocks.
std::string base64_of(std::string_view pem, std::string_view kind) {
    const std::string begin = "-----BEGIN " + std::string(kind) + "-----";
    const std::string end = "-----END " + std::string(kind) + "-----";
    std::string all;
    for (;;) {
        const auto first = pem.find(begin);
        const auto last = pem.find(end, first);
        if (first == std::string_view::npos || last == std::string_view::npos) return all;
        if (!all.empty()) all += ';';
        for (const char c : pem.substr(first + begin.size(), last - first - begin.size()))
            if (c != '\n' && c != '\r' && c != ' ') all += c;
        pem.remove_prefix(last + end.size());
    }
}

Result<std::string> value_of(const std::string& name, std::string_view given, const fs::path& store_file) {
    const bool key = name == "client_key", ssh_key = name == "key";
    if (!key && !ssh_key && name != "certificate" && name != "client_certificate") return std::string(given);
    const fs::path file = store_file.parent_path() / given;
    const auto pem = read_file(file, largest);
    if (!pem) return tl::unexpected(pem.error());
    std::string der = base64_of(*pem, key ? "PRIVATE KEY" : ssh_key ? "OPENSSH PRIVATE KEY" : "CERTIFICATE");
    if (der.empty() && ssh_key)
        return could_not(
            shown(file) +
            " holds no private key of OpenSSH; \"ssh-keygen -t ed25519 -N '' -f NAME\" makes one.");
    if (der.empty() && key)
        return could_not(shown(file) +
                         " holds no key as PKCS #8 without a passphrase (\"-----BEGIN PRIVATE "
                         "KEY-----\"); \"openssl pkcs8 -topk8 -nocrypt\" makes one.");
    if (der.empty())
        return could_not(shown(file) +
                         " holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\").");
    return der;
}

Result<sync::Store> read_store_file(const fs::path& path) {
    const auto text = read_file(path, largest);
    if (!text) return tl::unexpected(text.error());
    sync::Store store;
    std::istringstream lines(*text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        // The line itself is not repeated: it may hold a credential.
        const auto fault = [&](const std::string& what) {
            return wrong_usage("Line " + std::to_string(number) + " of " + shown(path) + " " + what);
        };
        const std::string_view plain = trimmed(line);
        if (plain.empty() || plain.front() == '#') continue;
        const auto equals = plain.find('=');
        if (equals == std::string_view::npos)
            return fault("is none of \"name = value\"; begin it with # if it is for people.");
        const std::string name(trimmed(plain.substr(0, equals)));
        const std::string_view given = trimmed(plain.substr(equals + 1));
        if (name.empty() || given.empty()) return fault("has no name, or no value.");
        if (name == "address" ? !store.address.empty() : store.settings.contains(name))
            return fault("says again what an earlier line has said.");
        auto value = value_of(name, given, path);
        if (!value) return tl::unexpected(value.error());
        if (value->size() > longest_value) return fault("has a value of over 4,096 bytes.");
        (name == "address" ? store.address : store.settings[name]) = std::move(*value);
    }
    if (store.address.empty())
        return wrong_usage(shown(path) +
                           " says no address; write a line such as address = https://drop.example.org/x");
    return store;
}

}  // namespace

bool names_a_store(const std::string& given) {
    return given.starts_with(folder_scheme) || given.ends_with(ending) || sync::looks_like_http(given) ||
           sync::looks_like_s3(given) || sync::looks_like_sftp(given);
}

Result<sync::Store> read_store(const std::string& given) {
    sync::Store store{given, {}};
    if (!given.starts_with(folder_scheme) && given.ends_with(ending)) {
        auto read = read_store_file(given);
        if (!read) return tl::unexpected(read.error());
        store = std::move(*read);
    }
    if (store.address.starts_with(folder_scheme)) {
        const std::string path = store.address.substr(folder_scheme.size());
        if (path.empty())
            return wrong_usage("The store \"folder:\" names no folder; write folder:/absolute/path.");
        store.address = sync::folder_address(path);
        while (store.address.size() > folder_scheme.size() + 1 && store.address.ends_with('/'))
            store.address.pop_back();
    } else if (auto address = sync::parse_http_address(store.address)) {
        store.address = address->text();
    } else if (auto bucket = sync::parse_s3_address(store.address)) {
        store.address = bucket->text();
    } else if (auto server = sync::parse_sftp_address(store.address)) {
        store.address = server->text();
    }
    if (auto opened = sync::open_store(store); !opened) return wrong_usage(sentence_for(opened.error()));
    return store;
}

std::string certificate_setting(std::string_view pem) {
    return base64_of(pem, "CERTIFICATE");
}

}  // namespace fieldfare::researcher
