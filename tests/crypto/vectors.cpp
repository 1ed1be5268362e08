#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/batch_reader.h"
#include "tests/support/crypto.h"

// The vectors of tests/data/vectors were made by a reader and a writer that know BATCH_FORMAT.md and none of
// our code (tests/independent): ours must come to the same word. FIELDFARE_VECTORS names another folder, for
// those that are too large to be kept.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

namespace fs = std::filesystem;

const fs::path kept = fs::path(FIELDFARE_SOURCE_DIR) / "tests/data/vectors";

Bytes read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Vector {
    std::map<std::string, std::string> head;
    Bytes batch;
};

Vector parse(const Bytes& file) {
    Vector vector;
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    const std::size_t end = text.find("\n\n");
    REQUIRE(end != std::string_view::npos);
    for (std::size_t at = 0; at < end;) {
        const std::size_t line_end = text.find('\n', at);
        const std::string_view line = text.substr(at, line_end - at);
        const std::size_t colon = line.find(": ");
        REQUIRE(colon != std::string_view::npos);
        vector.head.emplace(line.substr(0, colon), line.substr(colon + 2));
        at = line_end + 1;
    }
    vector.batch.assign(file.begin() + static_cast<std::ptrdiff_t>(end + 2), file.end());
    return vector;
}

Bytes from_base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Bytes decoded;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=') break;
        const std::size_t value = alphabet.find(c);
        REQUIRE(value != std::string_view::npos);
        bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
        if ((count += 6) >= 8) {
            count -= 8;
            decoded.push_back(static_cast<Bytes::value_type>(bits >> count & 0xFF));
        }
    }
    return decoded;
}

/// The document's word for what `read_batch` may give.
std::string word_of(Error error) {
    switch (error) {
        case Error::wrong_format:
            return "wrong_format";
        case Error::unsupported:
            return "unsupported";
        case Error::damaged:
            return "damaged";
        case Error::not_canonical:
            return "not_canonical";
        case Error::weak_key:
            return "weak_key";
        case Error::too_large:
            return "too_large";
        case Error::not_openable:
            return "not_openable";
        case Error::forged:
            return "forged";
        case Error::unknown_dictionary:
            return "unknown_dictionary";
        case Error::bad_content:
            return "bad_content";
        default:
            return "an error that no batch may give: " + std::to_string(static_cast<int>(error));
    }
}

}  // namespace

TEST_CASE("every test vector comes out as a reader from the document alone says") {
    const Identity identity = must(
        Identity::from_file_bytes(read(kept / "vectors.ffkey"), passphrase("correct horse battery staple")));
    const char* other = std::getenv("FIELDFARE_VECTORS");
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(other != nullptr ? fs::path(other) : kept)) {
        if (entry.path().extension() == ".vector") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    REQUIRE(!paths.empty());

    for (const fs::path& path : paths) {
        const Vector vector = parse(read(path));
        CAPTURE(path.filename().string());
        CAPTURE(vector.head.at("comment"));
        CHECK(vector.head.at("secret") == to_hex(*identity.expose_box_secret()));
        std::vector<Bytes> dictionaries;
        if (const auto found = vector.head.find("dictionary"); found != vector.head.end()) {
            dictionaries.push_back(from_base64(found->second));
        }

        const auto opened = read_batch(vector.batch, {&identity, 1}, dictionaries);
        CHECK((opened ? std::string("opened") : word_of(opened.error())) == vector.head.at("expect"));
        if (opened && vector.head.at("expect") == "opened") {
            Bytes payloads;
            for (const BatchRecord& record : opened->records) {
                payloads.insert(payloads.end(), record.payload.begin(), record.payload.end());
            }
            CHECK(to_hex(opened->id) == vector.head.at("batch-id"));
            CHECK(std::to_string(opened->records.size()) == vector.head.at("records"));
            CHECK(to_hex(sha256(payloads)) == vector.head.at("payload-sha256"));
        }
    }
}
