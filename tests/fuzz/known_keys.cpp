// The words of tests/support stand on doctest; outside its test cases a failed REQUIRE has to end the
// program.
#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/fuzz/known_keys.h"

#include <doctest/doctest.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace fieldfare::fuzz {
namespace {

struct AssertsOutsideOfTests {
    doctest::Context context;
    AssertsOutsideOfTests() {
        context.setAsDefaultForAssertsOutOfTestCases();
        context.setAssertHandler([](const doctest::AssertData& data) { must(!data.m_failed, data.m_expr); });
    }
};
const AssertsOutsideOfTests asserts_outside_of_tests;

crypto::Identity opened(const char* file) {
    const auto path = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "tests/data" / file;
    std::ifstream stream(path, std::ios::binary);
    const crypto::Bytes bytes{std::istreambuf_iterator<char>(stream), {}};
    const auto words = crypto::SecretText::copy_of("correct horse battery staple");
    must(words.has_value(), "there is guarded memory");
    auto identity = crypto::Identity::from_file_bytes(bytes, *words);
    must(identity.has_value(), "the key files of tests/data open");
    return std::move(*identity);
}

std::uint64_t drawn = 0;

void draw(void* out, std::size_t size) {
    std::uint8_t seed[randombytes_SEEDBYTES] = {};
    ++drawn;
    for (int i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(drawn >> (8 * i));
    randombytes_buf_deterministic(out, size, seed);
}

}  // namespace

const std::vector<crypto::Identity>& researchers() {
    static const auto identities = [] {
        std::vector<crypto::Identity> list;
        list.push_back(opened("batches/researcher.ffkey"));
        list.push_back(opened("vectors/vectors.ffkey"));
        return list;
    }();
    return identities;
}

const crypto::Identity& root() {
    static const crypto::Identity identity = opened("batches/root.ffkey");
    return identity;
}

const crypto::SigningKey& signing_key(std::uint8_t number) {
    static std::map<std::uint8_t, crypto::SigningKey> keys;
    const auto found = keys.find(number);
    if (found != keys.end()) return found->second;
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    auto key = crypto::SigningKey::from_seed(seed);
    must(key.has_value(), "a key follows from its seed");
    return keys.emplace(number, std::move(*key)).first->second;
}

void begin_the_same_randomness() {
    static randombytes_implementation implementation{[] { return "the same in every run"; },
                                                     [] {
                                                         std::uint32_t number = 0;
                                                         draw(&number, sizeof number);
                                                         return number;
                                                     },
                                                     nullptr,
                                                     nullptr,
                                                     [](void* out, std::size_t size) { draw(out, size); },
                                                     nullptr};
    drawn = 0;
    randombytes_set_implementation(&implementation);
}

}  // namespace fieldfare::fuzz
