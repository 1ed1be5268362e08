#include <doctest/doctest.h>

#include <cstdlib>

#include "crypto/batch_reader.h"
#include "tests/support/crypto_media.h"

// Sealed media, changed in every way that needs no key: each is refused, and nothing of it is released. With
// FIELDFARE_FLIPS=all a bit of every byte is flipped, else of the header and of some bytes in each cell.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

constexpr std::size_t header_size = media_header_size(4);

auto cell_at(std::size_t index) {
    return static_cast<std::ptrdiff_t>(header_size + index * media_cell);
}
Bytes cell(const Bytes& file, std::size_t index) {
    return {file.begin() + cell_at(index), file.begin() + cell_at(index + 1)};
}
void put_cell(Bytes& into, std::size_t index, const Bytes& cell) {
    std::ranges::copy(cell, into.begin() + cell_at(index));
}
std::size_t cells_in(const Bytes& file) {
    return (file.size() - header_size) / media_cell;
}

/// Six cells of a stream and none of padding; and two with two of padding.
struct Stored {
    Photo photo{64488 + 5 * 65536};
    Photo small{100'000};

    Error refusal(const Bytes& changed, const Photo& of) const {
        Released released;
        const auto opened = read_media(source_of(changed), of.team.identities, {}, released.sink());
        REQUIRE_FALSE(opened.has_value());
        REQUIRE(released.bytes.empty());
        return opened.error();
    }
};

}  // namespace

TEST_CASE("media with a bit flipped in any place are refused") {
    const Stored stored;
    REQUIRE(cells_in(stored.photo.file) == 6);
    REQUIRE(cells_in(stored.small.file) == 4);
    const char* wanted = std::getenv("FIELDFARE_FLIPS");
    const bool all = wanted != nullptr && std::string_view(wanted) == "all";
    std::mt19937 random(20261128);
    for (const Photo* photo : {&stored.photo, &stored.small}) {
        Bytes changed = photo->file;
        for (std::size_t at = 0; at < changed.size();) {
            CAPTURE(at);
            changed[at] ^= static_cast<std::uint8_t>(1 << random() % 8);
            const Error error = stored.refusal(changed, *photo);
            changed[at] = photo->file[at];
            if (at < 8) CHECK(error == Error::wrong_format);
            if (at >= 8 && at < 16) CHECK((error == Error::unsupported || error == Error::damaged));
            if (at >= 16 && at < header_size)
                CHECK((error == Error::not_openable || error == Error::damaged));
            if (at >= header_size) CHECK(error == Error::damaged);
            at += all || at < header_size ? 1 : 1 + random() % 4096;
        }
    }
}

TEST_CASE("media cut short at any cell, in the header, by a byte, or lengthened are refused") {
    const Stored stored;
    const Bytes& file = stored.photo.file;
    const auto cut = [&](std::size_t size) {
        return stored.refusal({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}, stored.photo);
    };
    for (std::size_t size = 0; size <= header_size; ++size)
        REQUIRE(cut(size) == (size < 8 ? Error::wrong_format : Error::damaged));
    for (std::size_t cells = 1; cells < cells_in(file); ++cells)
        for (const std::size_t size : {header_size + cells * media_cell - 1, header_size + cells * media_cell,
                                       header_size + cells * media_cell + 1})
            REQUIRE(cut(size) == Error::damaged);
    Bytes longer = file;
    longer.push_back(0);
    CHECK(stored.refusal(longer, stored.photo) == Error::damaged);
    longer.resize(file.size() + media_cell);  // seven cells: a length that media have
    CHECK(stored.refusal(longer, stored.photo) == Error::damaged);
    longer.resize(max_media_part_file + 1);
    CHECK(stored.refusal(longer, stored.photo) == Error::too_large);
}

TEST_CASE("a length that no media have is refused before any key is tried") {
    const Photo photo(64488 + 8 * 65536);
    REQUIRE(cells_in(photo.file) == 10);
    const Researchers strangers;
    Bytes changed = photo.file;
    CHECK(error_of(inspect_media(source_of(changed), strangers.identities)) == Error::not_openable);
    for (const std::size_t cells : {1u, 2u, 3u, 9u}) {
        CAPTURE(cells);
        changed.resize(header_size + cells * media_cell);
        CHECK(error_of(inspect_media(source_of(changed), strangers.identities)) == Error::damaged);
        changed = photo.file;
    }
}

TEST_CASE("cells of media that were swapped, put over each other or left out are noticed") {
    const Stored stored;
    for (const Photo* photo : {&stored.photo, &stored.small}) {
        const Bytes& file = photo->file;
        for (std::size_t a = 0; a < cells_in(file); ++a) {
            for (std::size_t b = 0; b < cells_in(file); ++b) {
                if (a == b) continue;
                Bytes changed = file;
                put_cell(changed, b, cell(file, a));
                REQUIRE(stored.refusal(changed, *photo) == Error::damaged);
                put_cell(changed, a, cell(file, b));
                REQUIRE(stored.refusal(changed, *photo) == Error::damaged);
            }
            Bytes shorter = file;
            shorter.erase(shorter.begin() + cell_at(a), shorter.begin() + cell_at(a + 1));
            REQUIRE(stored.refusal(shorter, *photo) == Error::damaged);
            shorter.insert(shorter.end(), file.end() - static_cast<std::ptrdiff_t>(media_cell), file.end());
            if (shorter != file) REQUIRE(stored.refusal(shorter, *photo) == Error::damaged);
        }
    }
}

TEST_CASE("a header, slot or cell of other media of the same device is noticed, wherever it is put") {
    const Stored stored;
    const Photo& photo = stored.small;
    const Bytes other = seal_media(photo.device, media_context(photo.device), photo.content).parts.front();
    const auto taken_from_other = [&](std::size_t begin, std::size_t size) {
        Bytes mixed = photo.file;
        std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(begin), size,
                    mixed.begin() + static_cast<std::ptrdiff_t>(begin));
        return stored.refusal(mixed, photo);
    };
    CHECK(taken_from_other(0, header_size) == Error::damaged);
    CHECK(taken_from_other(0, 64) == Error::damaged);
    CHECK(taken_from_other(64, 512) == Error::damaged);
    CHECK(taken_from_other(header_size - 32, 32) == Error::damaged);
    for (std::size_t from = 0; from < 4; ++from)
        for (std::size_t to = 0; to < 4; ++to) {
            Bytes mixed = photo.file;
            put_cell(mixed, to, cell(other, from));
            REQUIRE(stored.refusal(mixed, photo) == Error::damaged);
        }
}

TEST_CASE(
    "a batch of answers is no media, media are no batch of answers, and neither is the other in disguise") {
    const Photo photo;
    const Bytes answers = photo.device.sealed({"one"}).file;
    CHECK(says_media(photo.file));
    CHECK_FALSE(says_media(answers));
    CHECK(error_of(inspect_media(source_of(answers), photo.team.identities)) == Error::unsupported);
    CHECK(error_of(read_batch(photo.file, photo.team.identities)) == Error::unsupported);
    Bytes disguised = photo.file;
    disguised[10] = 10;
    CHECK(error_of(read_batch(disguised, photo.team.identities)) == Error::damaged);
    disguised.resize(header_size + 16 * 1041);  // a length that batches have: now the header tag tells
    CHECK(error_of(read_batch(disguised, photo.team.identities)) == Error::damaged);
    disguised = answers;
    disguised[10] = 16;
    disguised.resize(header_size + 4 * media_cell);
    CHECK(error_of(inspect_media(source_of(disguised), photo.team.identities)) == Error::damaged);
}
