#include <doctest/doctest.h>

#include <array>
#include <set>

#include "crypto/batch_salvage.h"
#include "tests/support/crypto.h"
#include "tests/support/crypto_forger.h"

// A batch of which a part rotted: what the device's signature covers comes out, and nothing else ever does.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

constexpr std::size_t header_size = 64 + 4 * 128 + 32;
constexpr std::size_t cell_size = 1024 + 17;

/// Some records in the archive, the fifth longer and compressed.
struct Archive {
    Researchers team{2};
    SealingDevice device{team};
    std::vector<std::string> payloads;
    Bytes file;
    std::optional<OpenedBatch> opened;
    const OpenedBatch& whole = opened.emplace(must(read_batch(file, team.identities)));

    explicit Archive(int records = 12)
        : payloads(payloads_for(records)), file(device.sealed(payloads).file) {}
    Archive(const Archive&) = delete;

    static std::vector<std::string> payloads_for(int records) {
        std::vector<std::string> made;
        for (int i = 1; i <= records; ++i) made.push_back("record " + std::to_string(i));
        std::uint32_t noise = 1;
        for (int i = 0; i < 3000; ++i) {
            noise = noise * 1664525 + 1013904223;
            made[4] += static_cast<char>('0' + (noise >> 27));
        }
        return made;
    }

    Result<SalvagedBatch> salvaged(ByteView damaged) const { return salvage_batch(damaged, team.identities); }
    std::size_t cells() const { return (file.size() - header_size) / cell_size; }

    /// The record that the cell is of, OPEN being 0; nothing for CLOSE and padding.
    std::optional<std::size_t> record_at(std::size_t cell) const {
        if (cell >= whole.close.cells) return std::nullopt;
        std::size_t record = 0;
        while (record + 1 < whole.close.leaves.size() && whole.close.leaves[record + 1].first_cell <= cell)
            ++record;
        return record;
    }
    std::size_t cells_of_close() const {
        return 36 + 124 + 36 * whole.close.leaves.size() + 64 > 1000 ? 2 : 1;
    }

    Bytes rotten_at(std::size_t cell, std::size_t byte = 500) const {
        Bytes damaged = file;
        damaged[header_size + cell * cell_size + byte] ^= 4;
        return damaged;
    }
    static void copy_cell(const Bytes& from, std::size_t source, Bytes& to, std::size_t target) {
        const auto at = [](std::size_t cell) {
            return static_cast<std::ptrdiff_t>(header_size + cell * cell_size);
        };
        std::copy_n(from.begin() + at(source), cell_size, to.begin() + at(target));
    }

    /// Those that hold are the device's, each once and in their order; with the lost ones they are all.
    void check_honest(const SalvagedBatch& salvaged) const {
        CHECK(salvaged.batch.id == whole.id);
        CHECK(salvaged.batch.records.size() + salvaged.lost.size() == whole.records.size());
        std::set<std::uint64_t> seen;
        for (const BatchRecord& record : salvaged.batch.records) {
            CHECK(std::ranges::count(whole.records, record) == 1);
            CHECK(seen.insert(record.sequence).second);
        }
        for (const LostRecord& lost : salvaged.lost) CHECK(seen.insert(lost.sequence).second);
        CHECK(std::ranges::is_sorted(salvaged.batch.records, {}, &BatchRecord::sequence));
    }
};

std::vector<std::uint32_t> indexes(const SalvagedBatch& salvaged) {
    std::vector<std::uint32_t> found;
    for (const LostRecord& lost : salvaged.lost) found.push_back(lost.index);
    return found;
}

}  // namespace

TEST_CASE("of a batch with nothing wrong all records are salvaged") {
    const Archive archive;
    const SalvagedBatch salvaged = must(archive.salvaged(archive.file));
    CHECK(salvaged.lost.empty());
    CHECK(salvaged.batch.records == archive.whole.records);
    CHECK(salvaged.batch.open == archive.whole.open);
    CHECK(salvaged.batch.close == archive.whole.close);
    CHECK(salvaged.batch.id == archive.whole.id);
    CHECK(equal(salvaged.batch.receipt_key.expose(), archive.device.receipt_key.expose()));
}

TEST_CASE("one rotten cell costs the record that it is of, wherever it is, and nothing else") {
    const Archive archive(25);
    REQUIRE(archive.cells_of_close() == 2);
    for (std::size_t cell = 0; cell < archive.cells(); ++cell) {
        for (const std::size_t byte : {0, 23, 24, 500, 1040}) {
            CAPTURE(cell);
            const Bytes damaged = archive.rotten_at(cell, byte);
            CHECK(error_of(read_batch(damaged, archive.team.identities)) == Error::damaged);
            const auto salvaged = archive.salvaged(damaged);
            const auto record = archive.record_at(cell);
            const bool of_close = !record && cell < archive.whole.close.cells + archive.cells_of_close();
            if (record == 0 || of_close) {
                CHECK(error_of(salvaged) == Error::damaged);
                continue;
            }
            REQUIRE(salvaged);
            archive.check_honest(*salvaged);
            if (record)
                CHECK(salvaged->lost == std::vector<LostRecord>{{static_cast<std::uint32_t>(*record),
                                                                 *record - 1, Loss::rotten}});
            else
                CHECK(salvaged->lost.empty());  // padding
        }
    }
}

TEST_CASE("two rotten cells cost two records") {
    const Archive archive;
    Bytes damaged = archive.rotten_at(archive.whole.close.leaves[3].first_cell);
    damaged[header_size + archive.whole.close.leaves[12].first_cell * cell_size] ^= 1;
    const SalvagedBatch salvaged = must(archive.salvaged(damaged));
    archive.check_honest(salvaged);
    CHECK(indexes(salvaged) == std::vector<std::uint32_t>{3, 12});
}

TEST_CASE("nothing is salvaged when a bit of the header is wrong, in whomever's slot") {
    const Archive archive;
    for (std::size_t byte = 0; byte < header_size; ++byte) {
        Bytes damaged = archive.file;
        damaged[byte] ^= 2;
        CHECK_FALSE(archive.salvaged(damaged));
    }
}

TEST_CASE("a file cut short in its padding is salvaged whole; cut before the end of CLOSE it gives nothing") {
    const Archive archive;
    const std::size_t needed =
        header_size + (archive.whole.close.cells + archive.cells_of_close()) * cell_size;
    for (std::size_t size = 0; size < archive.file.size(); size += size % cell_size == 7 ? 1 : 29) {
        const auto salvaged = archive.salvaged(ByteView(archive.file).first(size));
        CAPTURE(size);
        CHECK(salvaged.has_value() == (size >= needed));
        if (salvaged) CHECK(salvaged->lost.empty());
    }
    CHECK(archive.salvaged(ByteView(archive.file).first(needed)));
    CHECK(error_of(archive.salvaged(ByteView(archive.file).first(needed - 1))) == Error::damaged);
}

TEST_CASE("what follows the end of a file changes nothing") {
    const Archive archive;
    Bytes longer = archive.file;
    longer.insert(longer.end(), archive.file.begin(), archive.file.end());
    CHECK(must(archive.salvaged(longer)).lost.empty());
}

TEST_CASE(
    "cells that changed places, were doubled or fell out never give a record that was not signed there") {
    const Archive archive;
    for (std::size_t a = 0; a < archive.cells(); ++a) {
        for (std::size_t b = 0; b < archive.cells(); ++b) {
            if (a == b) continue;
            Bytes doubled = archive.file;
            Archive::copy_cell(archive.file, a, doubled, b);
            if (const auto salvaged = archive.salvaged(doubled)) {
                archive.check_honest(*salvaged);
                CHECK(salvaged->lost.size() == (archive.record_at(b) ? 1 : 0));
            }
            Bytes swapped = doubled;
            Archive::copy_cell(archive.file, b, swapped, a);
            if (const auto salvaged = archive.salvaged(swapped)) archive.check_honest(*salvaged);
        }
        Bytes fell_out = archive.file;
        const auto at = fell_out.begin() + static_cast<std::ptrdiff_t>(header_size + a * cell_size);
        fell_out.erase(at, at + cell_size);
        if (const auto salvaged = archive.salvaged(fell_out))  // of the padding only: CLOSE stands elsewhere
            CHECK((!archive.record_at(a) && salvaged->lost.empty()));
    }
}

TEST_CASE("a batch of others is salvaged by nobody else") {
    const Archive archive;
    CHECK(error_of(salvage_batch(archive.rotten_at(3), Researchers(2).identities)) == Error::not_openable);
}

TEST_CASE("a damaged batch of custodians is salvaged with their shares, and not without") {
    const Researchers custodians(3);
    SealingDevice device(custodians);
    device.context.open.quorum = 2;
    Bytes file = device.sealed({"one", "two", "three"}).file;
    file[header_size + 2 * cell_size] ^= 1;
    CHECK(error_of(salvage_batch(file, {custodians.identities.data(), 1})) == Error::too_few_shares);
    const SalvagedBatch salvaged = must(salvage_batch(file, {custodians.identities.data(), 2}));
    CHECK(payloads_of(salvaged.batch) == std::vector<std::string>{"one", "three"});
}

namespace {

/// What someone with a recipient's key has made of it, as the other one salvages it.
struct Forgery {
    Archive archive;
    Forger forger{archive.file, archive.team.identities[0]};

    Result<SalvagedBatch> salvaged(const Bytes& file) const {
        return salvage_batch(file, {&archive.team.identities[1], 1});
    }
    Result<SalvagedBatch> salvaged() { return salvaged(forger.build()); }
};

}  // namespace

TEST_CASE("nothing is salvaged of what CLOSE says when a recipient has changed a byte of it") {
    const Forgery forgery;
    for (std::size_t i = 0; i < forgery.forger.close_body.size(); ++i) {
        Forger changed = forgery.forger;
        changed.close_body[i] ^= 1;
        CHECK_FALSE(forgery.salvaged(changed.build()));
    }
    for (std::size_t i = 0; i < 64; ++i) {
        Forger changed = forgery.forger;
        changed.signature[i] ^= 1;
        CHECK(error_of(forgery.salvaged(changed.build())) == Error::forged);
    }
}

TEST_CASE("records that a recipient sealed are lost, not salvaged, and one in OPEN's place gives nothing") {
    Forgery forgery;
    forgery.forger.records[4].cells.clear();
    const SalvagedBatch salvaged = must(forgery.salvaged());
    forgery.archive.check_honest(salvaged);
    CHECK(indexes(salvaged) == std::vector<std::uint32_t>{4});
    forgery.forger.open().cells.clear();
    CHECK(error_of(forgery.salvaged()) == Error::damaged);
}

TEST_CASE("a record that the device signed and that breaks a rule is not released; the others are") {
    const auto broken = [](auto change) {
        Forgery forgery;
        change(forgery.forger.records[5]);
        forgery.forger.records[5].cells.clear();
        const SalvagedBatch salvaged =
            must(forgery.salvaged(forgery.forger.close_again(forgery.archive.device.key).build()));
        CHECK(salvaged.batch.records.size() == 11);
        CHECK(salvaged.lost == std::vector<LostRecord>{{5, 4, Loss::faulty}});
    };
    broken([](Forger::Record& record) { record.bytes[Forger::type] = 5; });
    broken([](Forger::Record& record) { record.bytes[Forger::type] = 1; });
    broken([](Forger::Record& record) { record.bytes[Forger::codec] = 2; });
    broken([](Forger::Record& record) { record.bytes[Forger::sequence] ^= 1; });
    broken([](Forger::Record& record) { record.fill = Bytes(300, 1); });
    broken([](Forger::Record& record) { record.more_cells = 1; });
    broken([](Forger::Record& record) { record.tag_at_end = 1; });
    broken([](Forger::Record& record) { record.bytes.back() ^= 1; });  // the checksum of its frame
}

TEST_CASE("a signed list that no file can have is forged") {
    Forgery forgery;
    Forger::put_number(forgery.forger.close_body, Forger::leaves + 36 * 2 + 32, 1,
                       4);  // as the record before
    CHECK(error_of(forgery.salvaged(forgery.forger.sign_again(forgery.archive.device.key).build())) ==
          Error::forged);
    Forgery first;
    Forger::put_number(first.forger.close_body, Forger::leaves + 32, 1, 4);
    CHECK(error_of(first.salvaged(first.forger.sign_again(first.archive.device.key).build())) ==
          Error::forged);
}

TEST_CASE("of two versions of CLOSE in one file the later one counts, though the earlier one is intact") {
    const Archive archive;
    BatchWriter writer = archive.device.begin();
    archive.device.add(writer, "one");
    const Bytes shorter = archive.device.add(writer, "two").file;
    archive.device.add(writer, "three");
    Bytes longer = archive.device.add(writer, "four").file;
    Archive::copy_cell(shorter, 3, longer, 3);  // CLOSE of the shorter one, over "three"
    const SalvagedBatch salvaged = must(archive.salvaged(longer));
    CHECK(payloads_of(salvaged.batch) == std::vector<std::string>{"one", "two", "four"});
    CHECK(indexes(salvaged) == std::vector<std::uint32_t>{3});
    longer[header_size + 5 * cell_size] ^= 1;  // without the later one it is the shorter version
    CHECK(payloads_of(must(archive.salvaged(longer)).batch) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("copies of CLOSE all over a file neither help nor hinder") {
    const Archive archive(25);
    REQUIRE(archive.cells_of_close() == 2);
    const std::size_t at = archive.whole.close.cells;
    Bytes damaged = archive.file;
    for (std::size_t cell = at + 2; cell < archive.cells(); ++cell)
        Archive::copy_cell(archive.file, at, damaged, cell);
    Archive::copy_cell(archive.file, at, damaged, 2);
    const SalvagedBatch salvaged = must(archive.salvaged(damaged));
    archive.check_honest(salvaged);
    CHECK(indexes(salvaged) == std::vector<std::uint32_t>{2});
}

TEST_CASE("a redacted record is gone, is called so, and the others are as signed as before") {
    const Archive archive;
    for (const std::uint32_t index : {1U, 5U, 12U}) {
        const Bytes redacted =
            must(redact_records(archive.file, std::array{index}, {&archive.team.identities[1], 1}));
        CHECK(redacted.size() == archive.file.size());
        CHECK(error_of(read_batch(redacted, archive.team.identities)) == Error::damaged);
        const SalvagedBatch salvaged = must(archive.salvaged(redacted));
        archive.check_honest(salvaged);
        CHECK(salvaged.lost == std::vector<LostRecord>{{index, index - 1, Loss::redacted}});
    }
}

TEST_CASE("redaction changes the cells of the record and no other byte") {
    const Archive archive;
    const Bytes redacted = must(redact_records(archive.file, std::array{5U}, archive.team.identities));
    const std::size_t begin = header_size + archive.whole.close.leaves[5].first_cell * cell_size;
    const std::size_t end = header_size + archive.whole.close.leaves[6].first_cell * cell_size;
    REQUIRE(end - begin >= 2 * cell_size);
    std::size_t same = 0;
    for (std::size_t i = 0; i < redacted.size(); ++i) {
        const bool equal = redacted[i] == archive.file[i];
        if (i < begin || i >= end)
            CHECK(equal);
        else
            same += equal;
    }
    CHECK(same < (end - begin) / 64);  // one in 256 by chance
}

TEST_CASE("redacting again, and more, keeps what was redacted; a rotten record can be redacted") {
    const Archive archive;
    const auto redact = [&](const Bytes& file, std::vector<std::uint32_t> indexes) {
        return must(redact_records(file, indexes, archive.team.identities));
    };
    const Bytes once = redact(archive.file, {3});
    CHECK(redact(once, {3}) == once);
    CHECK(redact(once, {7}) == redact(archive.file, {7, 3}));
    const Bytes rotten = archive.rotten_at(archive.whole.close.leaves[3].first_cell);
    CHECK(redact(rotten, {3}) == once);
    CHECK(error_of(redact_records(archive.file, std::array{13U}, archive.team.identities)) ==
          Error::bad_argument);
    CHECK(error_of(redact_records(archive.file, std::array{0U}, archive.team.identities)) ==
          Error::bad_argument);
}

TEST_CASE("what a failing disk or a stranger writes does not look redacted") {
    const Archive archive;
    const std::size_t at = archive.whole.close.leaves[3].first_cell;
    Bytes zeros = archive.file;
    std::fill_n(zeros.begin() + static_cast<std::ptrdiff_t>(header_size + at * cell_size), cell_size, 0);
    CHECK(must(archive.salvaged(zeros)).lost == std::vector<LostRecord>{{3, 2, Loss::rotten}});
    const Bytes redacted = must(redact_records(archive.file, std::array{4U}, archive.team.identities));
    Bytes copied = archive.file;
    Archive::copy_cell(redacted, archive.whole.close.leaves[4].first_cell, copied, at);
    CHECK(must(archive.salvaged(copied)).lost == std::vector<LostRecord>{{3, 2, Loss::rotten}});
}

TEST_CASE(
    "with an archived key a damaged batch gives what it gives with the recipients', and is redacted alike") {
    const Archive archive;
    const Identity keeper = researcher("archive");
    const auto key_for = [&](const Bytes& file) {
        return must(open_wrap(must(wrap_for_archive(file, archive.team.identities, keeper.recipient())),
                              {&keeper, 1}));
    };
    const ArchivedKey key = key_for(archive.file);
    const std::uint32_t third = archive.whole.close.leaves[3].first_cell;
    const Bytes rotten = archive.rotten_at(third);
    const SalvagedBatch salvaged = must(salvage_batch(rotten, key));
    archive.check_honest(salvaged);
    CHECK(indexes(salvaged) == std::vector<std::uint32_t>{3});
    CHECK_FALSE(salvaged.batch.identity.has_value());

    const Bytes redacted = must(redact_records(archive.file, std::array{7U}, key));
    CHECK(redacted == must(redact_records(archive.file, std::array{7U}, archive.team.identities)));
    CHECK(must(salvage_batch(redacted, key)).lost == std::vector<LostRecord>{{7, 6, Loss::redacted}});

    SUBCASE("no byte of header, OPEN or CLOSE is other than the device left it") {
        for (std::size_t at = 0; at < header_size; at += 13) {
            Bytes changed = archive.file;
            changed[at] ^= 1;
            CHECK_FALSE(salvage_batch(changed, key).has_value());
        }
        CHECK(error_of(salvage_batch(archive.rotten_at(0), key)) == Error::damaged);
        CHECK(error_of(salvage_batch(archive.rotten_at(archive.whole.close.cells), key)) == Error::damaged);
    }
    SUBCASE("it is the key of one batch, in one version") {
        CHECK(error_of(salvage_batch(Archive().file, key)) == Error::damaged);
        BatchWriter writer = archive.device.begin();
        const ArchivedKey of_shorter = key_for(archive.device.add(writer, "one").file);
        Bytes longer = archive.device.add(writer, "two").file;
        longer.back() ^= 1;  // in its padding
        CHECK(error_of(salvage_batch(longer, of_shorter)) == Error::damaged);
        CHECK(salvage_batch(longer, key_for(longer)).has_value());
    }
    SUBCASE("what has rotted or was redacted is wrapped for an archive as well, and without the dictionary") {
        for (const Bytes& file : {rotten, redacted}) {
            const ArchivedKey late = key_for(file);
            CHECK(late.batch == archive.whole.id);
            CHECK(must(salvage_batch(file, late)).lost.size() == 1);
            CHECK(must(read_batch(archive.file, late)).records.size() == 12);
            CHECK(must(inspect_damaged_batch(file, late)).batch.close.count == 12);
            CHECK(must(inspect_damaged_batch(file, late)).lost == must(salvage_batch(file, late)).lost);
        }
        CHECK(error_of(wrap_for_archive(archive.rotten_at(0), archive.team.identities, keeper.recipient())) ==
              Error::damaged);
    }
}
