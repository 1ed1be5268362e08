#include <doctest/doctest.h>

#include "tests/support/crypto.h"

// What a store can do with a batch, or anyone else who has no key: every change is refused.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

constexpr std::size_t header_size = 64 + 4 * 128 + 32;
constexpr std::size_t cell_size = 1024 + 17;

struct Store {
    Researchers team;
    Device device{team};
    Bytes file = device.sealed({"first", std::string(3000, 'x') + "second", "third"}).file;

    std::optional<Error> reading(ByteView changed) const {
        return error_of(read_batch(changed, team.identities));
    }

    Bytes cell(std::size_t index) const {
        const auto begin = file.begin() + static_cast<std::ptrdiff_t>(header_size + index * cell_size);
        return {begin, begin + static_cast<std::ptrdiff_t>(cell_size)};
    }
    static void put_cell(Bytes& into, std::size_t index, const Bytes& cell) {
        std::ranges::copy(cell, into.begin() + static_cast<std::ptrdiff_t>(header_size + index * cell_size));
    }
    std::size_t cells() const { return (file.size() - header_size) / cell_size; }
};

}  // namespace

TEST_CASE("a batch with any byte changed is refused") {
    const Store store;
    REQUIRE_FALSE(store.reading(store.file));
    for (std::size_t i = 0; i < store.file.size(); ++i) {
        Bytes changed = store.file;
        changed[i] ^= static_cast<std::uint8_t>(1 << i % 8);
        const auto error = store.reading(changed);
        REQUIRE(error.has_value());
        if (i < 8) CHECK(error == Error::wrong_format);
        if (i >= 8 && i < 16) CHECK((error == Error::unsupported || error == Error::damaged));
        if (i >= header_size) CHECK(error == Error::damaged);
    }
}

TEST_CASE("a batch with any bit of its header changed is refused") {
    const Store store;
    for (std::size_t bit = 0; bit < header_size * 8; ++bit) {
        Bytes changed = store.file;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        REQUIRE(store.reading(changed).has_value());
    }
}

TEST_CASE("a batch cut short at any byte, or lengthened, is refused") {
    const Store store;
    for (std::size_t size = 0; size < store.file.size(); ++size)
        REQUIRE(store.reading(ByteView(store.file).first(size)) ==
                (size < 8 ? Error::wrong_format : Error::damaged));
    Bytes longer = store.file;
    longer.push_back(0);
    CHECK(store.reading(longer) == Error::damaged);
    longer.resize(store.file.size() + 2 * cell_size);  // 18 cells: a length that batches have
    CHECK(store.reading(longer) == Error::damaged);
}

TEST_CASE("cells that were swapped, doubled or left out are noticed") {
    const Store store;
    for (std::size_t a = 0; a < store.cells(); ++a) {
        for (std::size_t b = 0; b < store.cells(); ++b) {
            if (a == b) continue;
            Bytes doubled = store.file;
            Store::put_cell(doubled, b, store.cell(a));
            REQUIRE(store.reading(doubled) == Error::damaged);
            if (a > b) continue;
            Bytes swapped = doubled;
            Store::put_cell(swapped, a, store.cell(b));
            REQUIRE(store.reading(swapped) == Error::damaged);
        }
        Bytes left_out = store.file;
        for (std::size_t i = a; i + 1 < store.cells(); ++i) Store::put_cell(left_out, i, store.cell(i + 1));
        if (a + 1 < store.cells()) REQUIRE(store.reading(left_out) == Error::damaged);
    }
}

TEST_CASE("header, slots and cells of two batches of one device can't be mixed") {
    const Store store;
    const Bytes other = store.device.sealed({"first", std::string(3000, 'x') + "second", "third"}).file;
    const auto taken_from_other = [&](std::size_t begin, std::size_t size) {
        Bytes mixed = store.file;
        std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(begin), size,
                    mixed.begin() + static_cast<std::ptrdiff_t>(begin));
        return mixed;
    };
    CHECK(store.reading(taken_from_other(0, header_size)) == Error::damaged);
    CHECK(store.reading(taken_from_other(0, 64)) == Error::damaged);
    CHECK(store.reading(taken_from_other(64, 512)) == Error::damaged);
    for (std::size_t slot = 0; slot < 4; ++slot)
        CHECK(store.reading(taken_from_other(64 + 128 * slot, 128)).has_value());
    CHECK(store.reading(taken_from_other(header_size - 32, 32)) == Error::damaged);
    for (std::size_t i = 0; i < store.cells(); ++i)
        CHECK(store.reading(taken_from_other(header_size + i * cell_size, cell_size)) == Error::damaged);
}

TEST_CASE("unknown formats, suites, cell sizes, slot counts and reserved bytes are refused by name") {
    const Store store;
    const auto with = [&](std::size_t offset, std::uint8_t byte) {
        Bytes changed = store.file;
        changed[offset] = byte;
        return store.reading(changed);
    };
    CHECK(with(8, 1) == Error::unsupported);
    CHECK(with(9, 0) == Error::unsupported);
    CHECK(with(9, 2) == Error::unsupported);
    CHECK(with(10, 16) == Error::unsupported);
    for (const std::uint8_t slots : Bytes{0, 1, 5, 32, 255}) CHECK(with(11, slots) == Error::unsupported);
    for (std::size_t reserved = 12; reserved < 16; ++reserved) CHECK(with(reserved, 1) == Error::unsupported);
    CHECK(with(11, 16) == Error::damaged);
}

TEST_CASE("junk is refused, and so is what is too long to be a batch") {
    const Store store;
    Bytes junk(store.file.size());
    must(fill_random(junk));
    CHECK(store.reading(junk) == Error::wrong_format);
    std::copy_n(store.file.begin(), 16, junk.begin());
    CHECK(store.reading(junk) == Error::not_openable);
    const Bytes huge(max_batch_file + 1);
    CHECK(store.reading(huge) == Error::too_large);
}

TEST_CASE("anyone can read a batch's outline, which is the same from provisional to final") {
    const Researchers team(5);
    const Device device(team);
    BatchWriter writer = device.begin();
    const BatchOutline first = must(outline_of(device.add(writer, "one").file));
    device.add(writer, "two");
    Bytes longer = must(writer.finish(device.key)).file;
    const BatchOutline final = must(outline_of(longer));
    CHECK(first.header_tag == final.header_tag);
    CHECK(first.header_tag == writer.header_tag());
    CHECK(first.routing_tag == device.context.routing_tag);
    CHECK(first.slots == 8);
    CHECK(final.cells == 16);
    longer.resize(longer.size() + cell_size);  // 17 cells: padding never ends there
    CHECK(error_of(outline_of(longer)) == Error::damaged);
}
