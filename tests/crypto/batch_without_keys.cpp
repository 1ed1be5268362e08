#include <doctest/doctest.h>

#include "tests/support/crypto.h"

// What a store can do with a batch, or anyone else who has no key: each fault by its name. That every change
// is refused is the matter of batch_sweeps.cpp.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

constexpr std::size_t cell_size = 1024 + 17;

struct Store {
    Researchers team;
    SealingDevice device{team};
    Bytes file = device.sealed({"first", std::string(3000, 'x') + "second", "third"}).file;

    std::optional<Error> reading(ByteView changed) const {
        return error_of(read_batch(changed, team.identities));
    }
};

}  // namespace

TEST_CASE("unknown formats, suites, cell sizes, slot counts and reserved bytes are refused by name") {
    const Store store;
    const auto with = [&](std::size_t offset, std::uint8_t byte) {
        Bytes changed = store.file;
        changed[offset] = byte;
        return store.reading(changed);
    };
    for (const std::uint8_t format : Bytes{0, 2, 255}) CHECK(with(8, format) == Error::unsupported);
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
    const SealingDevice device(team);
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
