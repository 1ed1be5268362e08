#include <doctest/doctest.h>
#include <sodium.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/archive.h"
#include "crypto/batch_reader.h"
#include "crypto/batch_salvage.h"
#include "crypto/custody.h"
#include "crypto/media_reader.h"
#include "crypto/study_material.h"
#include "tests/support/crypto.h"

// The vectors of tests/data/vectors were made by a reader and a writer that know BATCH_FORMAT.md and none of
// our code (tests/independent): ours must come to the same word. FIELDFARE_VECTORS names another folder, for
// those that are too large to be kept, and the others of media files.

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
    Bytes file;  ///< a batch or a file of shares; nothing where `batch-of` names another vector's
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
    vector.file.assign(file.begin() + static_cast<std::ptrdiff_t>(end + 2), file.end());
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

Bytes from_base16(std::string_view text) {
    constexpr std::string_view alphabet = "0123456789abcdef";
    REQUIRE(text.size() % 2 == 0);
    Bytes decoded;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const std::size_t high = alphabet.find(text[at]), low = alphabet.find(text[at + 1]);
        REQUIRE(high != std::string_view::npos);
        REQUIRE(low != std::string_view::npos);
        decoded.push_back(static_cast<Bytes::value_type>(high << 4 | low));
    }
    return decoded;
}

std::vector<std::string> parts_of(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes whole;
    for (const Bytes& part : parts) whole.insert(whole.end(), part.begin(), part.end());
    return whole;
}

/// The identities that the heads speak of, found by their secret keys. Each key file costs an Argon2id.
class Identities {
  public:
    Identities() {
        for (const auto& entry : fs::directory_iterator(kept)) {
            if (entry.path().extension() != ".ffkey") continue;
            Identity identity = opened_from(entry.path());
            const std::string secret = to_hex(*identity.expose_box_secret());
            paths_.emplace(secret, entry.path());
            by_secrets_[secret].push_back(std::move(identity));
        }
    }

    /// Those of one line `secret`.
    const std::vector<Identity>& of(const std::string& secrets) {
        std::vector<Identity>& found = by_secrets_[secrets];
        if (found.empty()) {
            for (const std::string& secret : parts_of(secrets, ',')) {
                REQUIRE(paths_.contains(secret));
                found.push_back(opened_from(paths_.at(secret)));
            }
        }
        return found;
    }

  private:
    static Identity opened_from(const fs::path& path) {
        return must(Identity::from_file_bytes(read(path), passphrase("correct horse battery staple")));
    }

    std::map<std::string, fs::path> paths_;
    std::map<std::string, std::vector<Identity>> by_secrets_;
};

/// A file with the one share of a line `shares`, as KEYS.md has it, signed by nobody in particular.
Bytes share_file(const std::string& line, const Bytes& analyst_secret) {
    const std::vector<std::string> fields = parts_of(line, ':');
    // Custodian, header tag, k, n, x, slot context, share; then 1 where the pre-shared key is mixed in.
    const bool mixed = fields.size() == 8;
    REQUIRE((fields.size() == 7 || (mixed && fields[7] == "1")));
    Bytes entry = from_base16(fields[1]);
    for (std::size_t number = 2; number <= 4; ++number) {
        entry.push_back(static_cast<Bytes::value_type>(std::stoi(fields[number])));
    }
    entry = joined(
        {entry, {static_cast<Bytes::value_type>(mixed)}, from_base16(fields[5]), from_base16(fields[6])});

    Bytes signer(crypto_sign_PUBLICKEYBYTES), signing_key(crypto_sign_SECRETKEYBYTES);
    REQUIRE(crypto_sign_keypair(signer.data(), signing_key.data()) == 0);
    Bytes analyst(crypto_box_PUBLICKEYBYTES);
    REQUIRE(analyst_secret.size() == crypto_box_SECRETKEYBYTES);
    REQUIRE(crypto_scalarmult_base(analyst.data(), analyst_secret.data()) == 0);
    Bytes sealed(entry.size() + crypto_box_SEALBYTES);
    REQUIRE(crypto_box_seal(sealed.data(), entry.data(), entry.size(), analyst.data()) == 0);

    const Bytes head = joined(
        {from_base16("894646480d0a1a0a"), {1, 0, 0, 0, 1, 0, 0, 0}, from_base16(fields[0]), signer, analyst});
    const Bytes message = joined({bytes("FFH1 share file "), head, sealed});
    Bytes signature(crypto_sign_BYTES);
    REQUIRE(crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                                 signing_key.data()) == 0);
    return joined({head, signature, sealed});
}

/// What custodians gave, each in a file of its own.
std::vector<ReleasedShare> given_shares(const Vector& vector, const std::vector<Identity>& identities) {
    std::vector<ReleasedShare> given;
    const auto found = vector.head.find("shares");
    if (found == vector.head.end()) return given;
    const Bytes analyst_secret = from_base16(parts_of(vector.head.at("secret"), ',').front());
    for (const std::string& line : parts_of(found->second, ',')) {
        ShareFile file = must(open_shares(share_file(line, analyst_secret), identities));
        REQUIRE(file.shares.size() == 1);
        given.push_back(std::move(file.shares.front()));
    }
    return given;
}

/// The document's word for what `read_batch` and `open_shares` may give.
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
        case Error::too_few_shares:
            return "too_few_shares";
        case Error::psk_missing:
            return "psk_missing";
        case Error::forged:
            return "forged";
        case Error::unknown_dictionary:
            return "unknown_dictionary";
        case Error::bad_content:
            return "bad_content";
        default:
            return "an error that no file may give: " + std::to_string(static_cast<int>(error));
    }
}

using Vectors = std::map<std::string, Vector>;  ///< by name

const Bytes& batch_of(const Vector& vector, const Vectors& vectors) {
    const auto other = vector.head.find("batch-of");
    return other == vector.head.end() ? vector.file : vectors.at(other->second).file;
}

/// What the reader has of the study: a dictionary, pre-shared keys.
StudyMaterial material_of(const Vector& vector) {
    StudyMaterial material;
    const auto dictionary = vector.head.find("dictionary");
    if (dictionary != vector.head.end()) material.add(from_base64(dictionary->second));
    const auto keys = vector.head.find("psk");
    if (keys == vector.head.end()) return material;
    for (const std::string& key : parts_of(keys->second, ',')) {
        Bytes bytes = from_base16(key);
        REQUIRE(bytes.size() == PreSharedKey::size);
        material.add(std::make_shared<const PreSharedKey>(
            must(PreSharedKey::take(std::span(bytes).first<PreSharedKey::size>()))));
    }
    return material;
}

void check_batch(const Vector& vector, const Vectors& vectors, Identities& ours) {
    const auto& head = vector.head;
    const Bytes& batch = batch_of(vector, vectors);
    const std::vector<Identity>& identities = ours.of(head.at("secret"));
    const auto opened = read_batch(batch, identities, material_of(vector), given_shares(vector, identities));
    CHECK((opened ? std::string("opened") : word_of(opened.error())) == head.at("expect"));
    if (opened && head.at("expect") == "opened") {
        Bytes payloads;
        for (const BatchRecord& record : opened->records) {
            payloads.insert(payloads.end(), record.payload.begin(), record.payload.end());
        }
        CHECK(to_hex(opened->id) == head.at("batch-id"));
        CHECK(std::to_string(opened->records.size()) == head.at("records"));
        CHECK(to_hex(sha256(payloads)) == head.at("payload-sha256"));
    }
}

void check_media(const Vector& vector, Identities& ours) {
    const auto& head = vector.head;
    const std::vector<Identity>& identities = ours.of(head.at("secret"));
    Bytes content;
    const ByteSink sink = [&](ByteView bytes) {
        content.insert(content.end(), bytes.begin(), bytes.end());
        return Result<void>();
    };
    const auto opened =
        read_media(source_of(vector.file), identities, given_shares(vector, identities), sink);
    CHECK((opened ? std::string("opened") : word_of(opened.error())) == head.at("expect"));
    if (opened && head.at("expect") == "opened") {
        CHECK(to_hex(opened->id) == head.at("batch-id"));
        CHECK(to_hex(opened->head.media_hash) == head.at("media-hash"));
        CHECK(to_hex(sha256(content)) == head.at("payload-sha256"));
    }
    if (!opened) CHECK(content.empty());
}

void check_shares(const Vector& vector, const Vectors& vectors, Identities& ours) {
    const auto& head = vector.head;
    const auto opened = open_shares(vector.file, ours.of(head.at("secret")));
    CHECK((opened ? std::string("opened") : word_of(opened.error())) == head.at("expect"));
    if (opened && head.at("expect") == "opened") {
        const std::vector<std::string> batches = parts_of(head.at("batch-of"), ',');
        CHECK(std::to_string(opened->shares.size()) == head.at("entries"));
        REQUIRE(opened->shares.size() == batches.size());
        for (std::size_t i = 0; i < batches.size(); ++i) {
            CHECK(fits(opened->shares[i], vectors.at(batches[i]).file));
        }
    }
}

/// Content keys that were sealed to an archive: what they open is said of the batch, or of the part of a
/// media file.
void check_wrap(const Vector& vector, const Vectors& vectors, Identities& ours) {
    const auto& head = vector.head;
    const Bytes& file = vectors.at(head.at("batch-of")).file;
    const auto key = open_wrap(vector.file, ours.of(head.at("secret")));
    Bytes content;
    std::string id, count, hash;
    const auto opened = [&]() -> Result<void> {
        if (!key) return tl::unexpected(key.error());
        if (says_media(file)) {
            const auto part = read_media(source_of(file), *key, [&](ByteView bytes) {
                content.insert(content.end(), bytes.begin(), bytes.end());
                return Result<void>();
            });
            if (!part) return tl::unexpected(part.error());
            id = to_hex(part->id);
            hash = to_hex(part->head.media_hash);
            return {};
        }
        const auto batch = read_batch(file, *key, material_of(vector));
        if (!batch) return tl::unexpected(batch.error());
        for (const BatchRecord& record : batch->records)
            content.insert(content.end(), record.payload.begin(), record.payload.end());
        id = to_hex(batch->id);
        count = std::to_string(batch->records.size());
        return {};
    }();
    CHECK((opened ? std::string("opened") : word_of(opened.error())) == head.at("expect"));
    if (!opened) CHECK(content.empty());
    if (!opened || head.at("expect") != "opened") return;
    CHECK(id == head.at("batch-id"));
    CHECK(to_hex(sha256(content)) == head.at("payload-sha256"));
    CHECK((says_media(file) ? hash == head.at("media-hash") : count == head.at("records")));
}

/// What a line of salvage.txt says of a vector, as our reader finds it.
std::string salvaged_line(const Vector& vector, const Vectors& vectors, Identities& ours) {
    const std::vector<Identity>& identities = ours.of(vector.head.at("secret"));
    const auto salvaged = salvage_batch(batch_of(vector, vectors), identities, material_of(vector),
                                        given_shares(vector, identities));
    if (!salvaged) return word_of(salvaged.error());
    Bytes payloads;
    for (const BatchRecord& record : salvaged->batch.records)
        payloads.insert(payloads.end(), record.payload.begin(), record.payload.end());
    std::string lost;
    for (const LostRecord& record : salvaged->lost)
        lost += (lost.empty() ? "" : ",") + std::to_string(record.index) +
                (record.why == Loss::rotten   ? ":rotten"
                 : record.why == Loss::faulty ? ":faulty"
                                              : ":redacted");
    return "salvaged " + to_hex(salvaged->batch.id) + " " + std::to_string(salvaged->batch.records.size()) +
           " " + to_hex(sha256(payloads)) + " " + (lost.empty() ? "-" : lost);
}

fs::path folder() {
    const char* other = std::getenv("FIELDFARE_VECTORS");
    return other != nullptr ? fs::path(other) : kept;
}

Vectors all_vectors() {
    Vectors vectors;
    for (const auto& entry : fs::directory_iterator(folder())) {
        if (entry.path().extension() != ".vector") continue;
        vectors.emplace(entry.path().stem().string(), parse(read(entry.path())));
    }
    REQUIRE(!vectors.empty());
    return vectors;
}

}  // namespace

TEST_CASE("what is salvaged of every test vector comes out as a reader from the document alone says") {
    Identities ours;
    const Vectors vectors = all_vectors();
    fs::path table = folder() / "salvage.txt";
    if (!fs::exists(table)) table = folder() / "salvage-large.txt";
    std::ifstream lines(table);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const std::size_t blank = line.find(' ');
        REQUIRE(blank != std::string::npos);
        const std::string name = line.substr(0, blank);
        CAPTURE(name);
        CHECK(salvaged_line(vectors.at(name), vectors, ours) == line.substr(blank + 1));
    }
    const auto batches = std::ranges::count_if(
        vectors, [](const auto& entry) { return entry.second.head.at("kind") == "batch"; });
    CHECK(count == static_cast<std::size_t>(batches));
}

TEST_CASE("every test vector comes out as a reader from the document alone says") {
    Identities ours;
    const Vectors vectors = all_vectors();

    for (const auto& entry : vectors) {
        const Vector& vector = entry.second;
        const std::string& kind = vector.head.at("kind");
        CAPTURE(entry.first);
        CAPTURE(vector.head.at("comment"));
        REQUIRE((kind == "batch" || kind == "media" || kind == "shares" || kind == "wrap"));
        if (kind == "batch") {
            check_batch(vector, vectors, ours);
        } else if (kind == "media") {
            check_media(vector, ours);
        } else if (kind == "wrap") {
            check_wrap(vector, vectors, ours);
        } else {
            check_shares(vector, vectors, ours);
        }
    }
}
