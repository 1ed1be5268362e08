#include <doctest/doctest.h>
#include <zstd.h>

#include <cstdlib>
#include <map>
#include <numeric>
#include <random>
#include <string_view>
#include <utility>

#include "crypto/custody.h"
#include "tests/support/crypto.h"

// Whole files, changed in every way that needs no key: each is refused, and nothing of it goes on to where
// bytes are interpreted. With FIELDFARE_FLIPS=all every single bit is flipped, one after the other.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

// Everything of zstd through which a record could be decompressed is led past here by the linker (--wrap in
// tests/CMakeLists.txt): so a test sees when the reader gets that far, and the reader knows nothing of it.
namespace {
int decompressions = 0;
}

extern "C" {
ZSTD_DCtx* __real_ZSTD_createDCtx();
ZSTD_DCtx* __wrap_ZSTD_createDCtx();
ZSTD_DCtx* __wrap_ZSTD_createDCtx() {
    ++decompressions;
    return __real_ZSTD_createDCtx();
}
unsigned long long __real_ZSTD_getFrameContentSize(const void* frame, std::size_t size);
unsigned long long __wrap_ZSTD_getFrameContentSize(const void* frame, std::size_t size);
unsigned long long __wrap_ZSTD_getFrameContentSize(const void* frame, std::size_t size) {
    ++decompressions;
    return __real_ZSTD_getFrameContentSize(frame, size);
}
std::size_t __real_ZSTD_decompressDCtx(ZSTD_DCtx* context, void* out, std::size_t room, const void* in,
                                       std::size_t size);
std::size_t __wrap_ZSTD_decompressDCtx(ZSTD_DCtx* context, void* out, std::size_t room, const void* in,
                                       std::size_t size);
std::size_t __wrap_ZSTD_decompressDCtx(ZSTD_DCtx* context, void* out, std::size_t room, const void* in,
                                       std::size_t size) {
    ++decompressions;
    return __real_ZSTD_decompressDCtx(context, out, room, in, size);
}
}

namespace {

constexpr std::size_t header_size = 64 + 4 * 128 + 32;
constexpr std::size_t cell_size = 1024 + 17;

std::size_t cells_in(const Bytes& file) {
    return (file.size() - header_size) / cell_size;
}
auto cell_at(std::size_t index) {
    return static_cast<std::ptrdiff_t>(header_size + index * cell_size);
}
Bytes cell(const Bytes& file, std::size_t index) {
    return {file.begin() + cell_at(index), file.begin() + cell_at(index + 1)};
}
void put_cell(Bytes& into, std::size_t index, const Bytes& cell) {
    std::ranges::copy(cell, into.begin() + cell_at(index));
}
void insert_cell(Bytes& into, std::size_t before, const Bytes& cell) {
    into.insert(into.begin() + cell_at(before), cell.begin(), cell.end());
}
void remove_cell(Bytes& from, std::size_t index) {
    from.erase(from.begin() + cell_at(index), from.begin() + cell_at(index + 1));
}
/// The first so many cells of one file, header included, and the others of another.
Bytes spliced(const Bytes& first, std::size_t cells, const Bytes& then) {
    Bytes file(first.begin(), first.begin() + cell_at(cells));
    file.insert(file.end(), then.begin() + cell_at(cells), then.end());
    return file;
}

/// What zstd can't make smaller, the same in every run.
std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random() % 256);
    return text;
}

/// A batch as a store has it: one record in a cell, one that is compressed, one in three cells.
struct Stored {
    Researchers team;
    SealingDevice device{team};
    std::vector<std::string> payloads{"first", std::string(3000, 'x') + "second", noise(2500)};
    Bytes file = device.sealed(payloads).file;

    Result<OpenedBatch> reading(ByteView changed) const { return read_batch(changed, team.identities); }
};

/// Refused, and nothing was decompressed: a record that is not compressed has no way out but the result.
template <class Reading>
Error refusal(const Reading& reading, ByteView changed) {
    const int before = decompressions;
    const auto opened = reading.reading(changed);
    REQUIRE_FALSE(opened.has_value());
    REQUIRE(decompressions == before);
    return opened.error();
}

bool every_bit() {
    const char* wanted = std::getenv("FIELDFARE_FLIPS");
    return wanted != nullptr && std::string_view(wanted) == "all";
}

/// In each of the first so many bytes one bit, drawn; or all eight, and in all bytes.
template <class Use>
void each_flip(const Bytes& file, std::size_t bytes, Use&& use) {
    constexpr unsigned seed = 20261128;
    std::mt19937 random(seed);
    Bytes changed = file;
    for (std::size_t at = 0; at < (every_bit() ? file.size() : bytes); ++at) {
        const unsigned drawn = random() % 8;
        for (unsigned bit = every_bit() ? 0 : drawn; bit <= (every_bit() ? 7 : drawn); ++bit) {
            CAPTURE(at);
            CAPTURE(bit);
            changed[at] ^= static_cast<std::uint8_t>(1 << bit);
            use(at, changed);
            changed[at] = file[at];
        }
    }
}

}  // namespace

TEST_CASE("a batch that nobody has changed is decompressed: the sweeps would see it") {
    const Stored stored;
    const int before = decompressions;
    CHECK(payloads_of(must(stored.reading(stored.file))) == stored.payloads);
    CHECK(decompressions >= before + 3);
    CHECK(cells_in(stored.file) == 16);
}

TEST_CASE("a batch with a bit flipped in any byte is refused before anything is decompressed") {
    const Stored stored;
    each_flip(stored.file, stored.file.size(), [&](std::size_t at, const Bytes& changed) {
        const Error error = refusal(stored, changed);
        if (at < 8) CHECK(error == Error::wrong_format);
        if (at >= 8 && at < 16) CHECK((error == Error::unsupported || error == Error::damaged));
        // The slot that is ours, changed, looks like one of others.
        if (at >= 16 && at < header_size) CHECK((error == Error::not_openable || error == Error::damaged));
        if (at >= header_size) CHECK(error == Error::damaged);
    });
}

TEST_CASE("a batch with any bit of its header flipped is refused before anything is decompressed") {
    const Stored stored;
    for (std::size_t bit = 0; bit < header_size * 8; ++bit) {
        Bytes changed = stored.file;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        refusal(stored, changed);
    }
}

TEST_CASE(
    "a batch of custodians with any byte of its header changed is refused in spite of all their shares") {
    struct Custody {
        Researchers custodians{3};
        Bytes file;
        std::vector<ReleasedShare> shares;

        Custody() {
            SealingDevice device(custodians);
            device.context.open.quorum = 2;
            file = device.sealed({"first", std::string(3000, 'x') + "second"}).file;
            for (const Identity& each : custodians.identities)
                shares.push_back(must(extract_share(file, each)));
        }
        Result<OpenedBatch> reading(ByteView changed) const { return read_batch(changed, {}, {}, shares); }
    };
    const Custody custody;
    REQUIRE(custody.reading(custody.file).has_value());
    each_flip(custody.file, header_size + 100, [&](std::size_t at, const Bytes& changed) {
        const Error error = refusal(custody, changed);
        if (at >= 64 && at < header_size - 32) CHECK(error == Error::damaged);  // slots and share tags
        if (at >= header_size) CHECK(error == Error::damaged);
    });
}

TEST_CASE("a batch cut short at any byte, or lengthened, is refused") {
    const Stored stored;
    for (std::size_t size = 0; size < stored.file.size(); ++size)
        REQUIRE(refusal(stored, ByteView(stored.file).first(size)) ==
                (size < 8 ? Error::wrong_format : Error::damaged));
    Bytes longer = stored.file;
    longer.push_back(0);
    CHECK(refusal(stored, longer) == Error::damaged);
    longer.resize(stored.file.size() + 2 * cell_size);  // 18 cells: a length that batches have
    CHECK(refusal(stored, longer) == Error::damaged);
}

TEST_CASE("a batch cut to a length that batches have is refused, too") {
    const Stored stored;
    Bytes file = stored.device.sealed({"first", noise(19 * 1024)}).file;
    REQUIRE(cells_in(file) == 24);
    while (cells_in(file) > 16) {
        file.erase(file.end() - 2 * cell_size, file.end());
        CHECK(refusal(stored, file) == Error::damaged);
    }
}

TEST_CASE("cells that were swapped or put over each other are noticed") {
    const Stored stored;
    for (std::size_t a = 0; a < cells_in(stored.file); ++a)
        for (std::size_t b = 0; b < cells_in(stored.file); ++b) {
            if (a == b) continue;
            Bytes changed = stored.file;
            put_cell(changed, b, cell(stored.file, a));
            REQUIRE(refusal(stored, changed) == Error::damaged);
            put_cell(changed, a, cell(stored.file, b));
            REQUIRE(refusal(stored, changed) == Error::damaged);
        }
}

TEST_CASE("cells in any other order are noticed") {
    const Stored stored;
    std::mt19937 random(20261128);
    std::vector<std::size_t> order(cells_in(stored.file));
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::vector<std::size_t> as_sealed = order;
    for (int i = 0; i < 300; ++i) {
        std::ranges::shuffle(order, random);
        if (order == as_sealed) continue;
        Bytes changed = stored.file;
        for (std::size_t at = 0; at < order.size(); ++at) put_cell(changed, at, cell(stored.file, order[at]));
        REQUIRE(refusal(stored, changed) == Error::damaged);
    }
}

TEST_CASE("a cell that was left out is noticed, whatever stands in for it") {
    const Stored stored;
    for (std::size_t out = 0; out < cells_in(stored.file); ++out) {
        Bytes shorter = stored.file;
        remove_cell(shorter, out);
        REQUIRE(refusal(stored, shorter) == Error::damaged);
        for (std::size_t twice = 0; twice < cells_in(shorter); ++twice) {
            Bytes filled = shorter;
            insert_cell(filled, cells_in(filled), cell(shorter, twice));
            REQUIRE(refusal(stored, filled) == Error::damaged);
        }
    }
}

TEST_CASE("two cells left out, so that the length is one that batches have, are noticed") {
    const Stored stored;
    const Bytes file = stored.device.sealed({"first", std::string(3000, 'x') + "second", noise(13000)}).file;
    REQUIRE(cells_in(file) == 18);
    for (std::size_t a = 0; a < 18; ++a)
        for (std::size_t b = a + 1; b < 18; ++b) {
            Bytes shorter = file;
            remove_cell(shorter, b);
            remove_cell(shorter, a);
            REQUIRE(refusal(stored, shorter) == Error::damaged);
        }
}

TEST_CASE("a cell that stands twice is noticed, wherever the second is put and whatever the length") {
    const Stored stored;
    for (std::size_t twice = 0; twice < cells_in(stored.file); ++twice)
        for (std::size_t before = 0; before <= cells_in(stored.file); ++before) {
            Bytes longer = stored.file;
            insert_cell(longer, before, cell(stored.file, twice));
            REQUIRE(refusal(stored, longer) == Error::damaged);
            insert_cell(longer, before, cell(stored.file, twice));  // 18 cells
            REQUIRE(refusal(stored, longer) == Error::damaged);
        }
}

TEST_CASE("a header, slot or cell of another batch of the same device is noticed, wherever it is put") {
    const Stored stored;
    const Bytes other = stored.device.sealed(stored.payloads).file;
    const auto taken_from_other = [&](std::size_t begin, std::size_t size) {
        Bytes mixed = stored.file;
        std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(begin), size,
                    mixed.begin() + static_cast<std::ptrdiff_t>(begin));
        return mixed;
    };
    CHECK(refusal(stored, taken_from_other(0, header_size)) == Error::damaged);
    CHECK(refusal(stored, taken_from_other(0, 64)) == Error::damaged);
    CHECK(refusal(stored, taken_from_other(64, 512)) == Error::damaged);
    CHECK(refusal(stored, taken_from_other(header_size - 32, 32)) == Error::damaged);
    for (std::size_t slot = 0; slot < 4; ++slot) refusal(stored, taken_from_other(64 + 128 * slot, 128));
    for (std::size_t from = 0; from < cells_in(other); ++from)
        for (std::size_t to = 0; to < cells_in(stored.file); ++to) {
            Bytes mixed = stored.file;
            put_cell(mixed, to, cell(other, from));
            REQUIRE(refusal(stored, mixed) == Error::damaged);
        }
    for (std::size_t cells = 0; cells < cells_in(stored.file); ++cells)
        REQUIRE(refusal(stored, spliced(stored.file, cells, other)) == Error::damaged);
}

TEST_CASE("cells of an earlier version of the same batch make no third version") {
    const Stored stored;
    BatchWriter writer = stored.device.begin();
    std::map<std::string, Bytes> versions;
    versions["none"] = must(writer.current(stored.device.key)).file;
    versions["one"] = stored.device.add(writer, stored.payloads[0]).file;
    versions["two"] = stored.device.add(writer, stored.payloads[1]).file;
    versions["final"] = must(writer.finish(stored.device.key)).file;
    const auto is_a_version = [&](const Bytes& file) {
        return std::ranges::any_of(versions, [&](const auto& each) { return each.second == file; });
    };
    int refused = 0;
    const auto check = [&](const Bytes& mixed) {
        if (is_a_version(mixed)) return;
        REQUIRE(refusal(stored, mixed) == Error::damaged);
        ++refused;
    };
    for (const auto& [name, version] : versions) {
        CAPTURE(name);
        REQUIRE(stored.reading(version).has_value());
        for (const auto& [other_name, other] : versions) {
            CAPTURE(other_name);
            if (name == other_name) continue;
            for (std::size_t cells = 0; cells <= 16; ++cells) check(spliced(version, cells, other));
            for (std::size_t from = 0; from < 16; ++from)
                for (std::size_t to = 0; to < 16; ++to) {
                    Bytes mixed = version;
                    put_cell(mixed, to, cell(other, from));
                    check(mixed);
                }
        }
    }
    CHECK(refused > 2500);
}
