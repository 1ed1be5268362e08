#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

#include <fstream>

#include "crypto/batch_layout.h"
#include "crypto/batch_salvage.h"
#include "tests/support/crypto.h"
#include "tests/support/crypto_forger.h"

// What a recipient can do, who knows the content key; and a device, which can also sign.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

struct Forgery {
    Researchers team{2};
    SealingDevice device{team};
    SealedBatch sealed = device.sealed({"first", std::string(3000, 'x') + "second", "third"});
    Forger forger{sealed.file, team.identities[0]};

    /// What the other researcher finds.
    std::optional<Error> reading(const Bytes& file) const {
        return error_of(read_batch(file, {&team.identities[1], 1}));
    }
    std::optional<Error> reading() { return reading(forger.build()); }
    /// The same, once the device has closed and signed the batch as it is now.
    std::optional<Error> reading_signed() { return reading(forger.close_again(device.key).build()); }
    std::optional<Error> reading_resigned() { return reading(forger.sign_again(device.key).build()); }
};

}  // namespace

TEST_CASE("a batch that a recipient seals again is the same batch, not an accusation of its device") {
    Forgery forgery;
    const Bytes again = forgery.forger.build();
    CHECK(sha256(again) != forgery.sealed.sha256);
    const OpenedBatch theirs = must(read_batch(again, forgery.team.identities));
    const OpenedBatch ours = must(read_batch(forgery.sealed.file, forgery.team.identities));
    CHECK(theirs.id == forgery.sealed.id);
    CHECK(compare(theirs, ours) == Succession::same);
    CHECK(theirs.records == ours.records);
}

TEST_CASE("a reader written from the specification alone finds the same records") {
    Forgery forgery;
    REQUIRE(forgery.forger.records.size() == 4);
    CHECK(forgery.forger.close_again(forgery.device.key).build().size() == forgery.sealed.file.size());
    CHECK_FALSE(forgery.reading());
}

TEST_CASE("a recipient can't change a byte of what CLOSE says, nor of its signature") {
    const Forgery forgery;
    for (std::size_t i = 0; i < forgery.forger.close_body.size(); ++i) {
        Forger changed = forgery.forger;
        changed.close_body[i] ^= 1;
        const auto error = forgery.reading(changed.build());
        CHECK((error == Error::forged || (i < 2 && error == Error::unsupported)));
    }
    for (std::size_t i = 0; i < 64; ++i) {
        Forger changed = forgery.forger;
        changed.signature[i] ^= 0x10;
        CHECK(forgery.reading(changed.build()) == Error::forged);
    }
}

TEST_CASE("a recipient can't say that a batch was the last, or not yet final") {
    Forgery forgery;
    forgery.forger.close_body[Forger::last] = 1;
    CHECK(forgery.reading() == Error::forged);
    forgery.forger.close_body[Forger::last] = 0;
    forgery.forger.close_body[Forger::provisional] = 1;
    CHECK(forgery.reading() == Error::forged);
}

TEST_CASE("a recipient can't add, drop, change, double or reorder records") {
    const Forgery forgery;
    const auto refused = [&](auto change) {
        Forger forger = forgery.forger;
        change(forger);
        forger.seal_all_again();
        CHECK(forgery.reading(forger.build()) == Error::damaged);
    };
    refused([](Forger&) {});  // sealed again, and nothing else: the leaves are of the device's cells
    refused([](Forger& forger) { forger.records.pop_back(); });
    refused([](Forger& forger) { forger.records.push_back(forger.records.back()); });
    refused([](Forger& forger) { std::swap(forger.records[1], forger.records[3]); });
    refused([](Forger& forger) { forger.records[1].bytes[Forger::uuid] ^= 1; });
    refused([](Forger& forger) { forger.records[0].bytes[Forger::open_study] ^= 1; });
}

TEST_CASE("a recipient can't move the records under another header") {
    Forgery forgery;
    forgery.forger.header[16] ^= 1;  // the routing tag
    forgery.forger.seal_all_again();
    CHECK(forgery.reading() == Error::forged);
}

TEST_CASE("a slot does not work under another header, even when the device signs it") {
    Forgery forgery;
    forgery.forger.header[16] ^= 1;
    forgery.forger.seal_all_again();
    CHECK(forgery.reading_signed() == Error::forged);
}

TEST_CASE("slots of kinds that this program does not know are told apart from slots of others") {
    Forgery forgery;
    const Identity& reader = forgery.team.identities[0];
    const auto with = [&](std::size_t offset, std::uint8_t byte) {
        Forger forger = forgery.forger;
        forger.slot[offset] = byte;
        for (std::size_t i = 0; i < 4; ++i)
            REQUIRE(crypto_box_seal(forger.header.data() + 64 + 128 * i, forger.slot.data(), 64,
                                    reader.recipient().box_key.bytes.data()) == 0);
        forger.seal_all_again();
        return error_of(read_batch(forger.close_again(forgery.device.key).build(), {&reader, 1}));
    };
    CHECK_FALSE(with(0, 1));
    CHECK(with(0, 0) == Error::unsupported);
    CHECK(with(0, 2) == Error::unsupported);
    for (const std::size_t zero : {1U, 2U, 3U, 37U, 39U}) CHECK(with(zero, 1) == Error::unsupported);
    CHECK(with(36, 2) == Error::unsupported);
    CHECK(with(36, 1) == Error::psk_missing);
    CHECK(with(4, static_cast<std::uint8_t>(~forgery.forger.slot[4])) ==
          Error::damaged);  // another content key
    CHECK(with(40, static_cast<std::uint8_t>(~forgery.forger.slot[40])) == Error::forged);  // another context
}

TEST_CASE("a batch that is passed on to someone whom the device did not name is refused") {
    const Researchers team;
    const SealingDevice device(team);
    const Researchers outsider;
    Forger forger(device.sealed({"x"}).file, team.identities[0]);
    // The recipient seals the content key to the outsider, in place of a decoy, and closes with the old
    // signature.
    std::array<std::uint8_t, 64> slot{};
    slot[0] = 1;
    std::ranges::copy(forger.content_key, slot.begin() + 4);
    for (std::size_t i = 0; i < 4; ++i)
        REQUIRE(crypto_box_seal(forger.header.data() + 64 + 128 * i, slot.data(), 64,
                                outsider.identities[0].recipient().box_key.bytes.data()) == 0);
    forger.seal_all_again();
    CHECK(error_of(read_batch(forger.build(), outsider.identities)) == Error::forged);
    CHECK(error_of(read_batch(forger.close_again(device.key).build(), outsider.identities)) == Error::forged);
}

TEST_CASE("padding is checked to the byte, and so is its length") {
    Forgery forgery;
    for (const int at : {0, 1040, 1041, 5000}) {
        forgery.forger.flip_padding_at = at;
        CHECK(forgery.reading() == Error::damaged);
    }
    forgery.forger.flip_padding_at = -1;
    forgery.forger.more_padding = 2;  // 18 cells: a length that batches have
    CHECK(forgery.reading() == Error::damaged);
    forgery.forger.more_padding = 0;
    for (const std::size_t rest : {1U, 500U, 1040U}) {  // right as far as it goes, and no whole cell
        forgery.forger.padding_rest = rest;
        CHECK(forgery.reading() == Error::damaged);
    }
    forgery.forger.padding_rest = 0;
    forgery.forger.extra_cells = Bytes(1041);
    CHECK(forgery.reading() == Error::damaged);
    CHECK(forgery.reading_resigned() == Error::damaged);
}

TEST_CASE("nothing follows the final cell of a record") {
    Forgery forgery;
    forgery.forger.records[2].more_cells = 1;
    forgery.forger.records[2].cells.clear();
    CHECK(forgery.reading_signed() == Error::forged);  // not the least number of cells
}

TEST_CASE("a record that has not ended after 1024 cells does not end") {
    Forgery forgery;
    forgery.forger.records[2].more_cells = 1023;
    forgery.forger.records[2].cells.clear();
    CHECK(forgery.reading_signed() == Error::forged);  // 1024, far more than it needs
    forgery.forger.records[2].more_cells = 1024;
    forgery.forger.records[2].cells.clear();
    CHECK(forgery.reading_signed() == Error::damaged);
}

TEST_CASE("cells carry tags 0 and 3 only") {
    for (const int tag : {1, 2, 4, 0x80, 0xff}) {
        Forgery inside;
        inside.forger.records[2].change(0, 2);
        inside.forger.records[2].bytes.resize(2000, 1);
        Forger::put_number(inside.forger.records[2].bytes, Forger::stored, 2000 - 36, 4);
        inside.forger.records[2].tag_inside = static_cast<std::uint8_t>(tag);
        CHECK(inside.reading_signed() == Error::forged);
        Forgery at_end;
        at_end.forger.records[1].cells.clear();
        at_end.forger.records[1].tag_at_end = static_cast<std::uint8_t>(tag);
        CHECK(at_end.reading_signed() == Error::forged);
        Forgery of_close;
        of_close.forger.close.tag_at_end = static_cast<std::uint8_t>(tag);
        CHECK(of_close.reading() == Error::forged);
    }
}

TEST_CASE("what fills the last cell is zero") {
    Forgery forgery;
    forgery.forger.records[1].cells.clear();
    forgery.forger.records[1].fill = Bytes(500);
    CHECK_FALSE(forgery.reading_signed());
    forgery.forger.records[1].cells.clear();
    forgery.forger.records[1].fill[499] = 1;
    CHECK(forgery.reading_signed() == Error::forged);
    Forgery of_close;
    of_close.forger.close.fill = Bytes(100, 1);
    CHECK(of_close.reading() == Error::forged);
}

TEST_CASE("each field of a record's prefix is held to its rule, even when the device signs it") {
    const auto with = [](std::size_t record, std::size_t offset, std::uint8_t byte) {
        Forgery forgery;
        forgery.forger.records[record].change(offset, byte);
        return forgery.reading_signed();
    };
    CHECK(with(1, Forger::type, 0) == Error::unsupported);
    CHECK(with(1, Forger::type, 5) == Error::unsupported);
    CHECK(with(1, Forger::type, 1) == Error::forged);  // a second OPEN
    CHECK(with(1, Forger::type, 3) == Error::forged);  // CLOSE in the place of a record
    CHECK(with(0, Forger::type, 2) == Error::forged);  // no OPEN
    CHECK(with(1, Forger::codec, 2) == Error::unsupported);
    CHECK(with(0, Forger::codec, 1) == Error::forged);
    CHECK(with(1, Forger::gap, 1) == Error::forged);
    CHECK(with(1, Forger::stored, 6) == Error::forged);
    CHECK(with(1, Forger::stored + 3, 1) == Error::forged);
    CHECK(with(1, Forger::payload, 6) == Error::forged);
    CHECK(with(1, Forger::payload + 3, 1) == Error::forged);
    CHECK(with(1, Forger::sequence, 1) == Error::forged);
    CHECK(with(0, Forger::sequence, 1) == Error::forged);
    CHECK(with(0, Forger::uuid, 1) == Error::forged);
    const auto compressed = [](std::size_t payload) {
        Forgery forgery;
        auto& record = forgery.forger.records[2];
        Forger::put_number(record.bytes, Forger::payload, payload == 0 ? record.bytes.size() - 36 : payload,
                           4);
        record.cells.clear();
        const Bytes file = forgery.forger.close_again(forgery.device.key).build();
        return error_of(inspect_batch(file, forgery.team.identities));
    };
    CHECK_FALSE(compressed(max_payload));
    CHECK(compressed(max_payload + 1) == Error::forged);
    CHECK(compressed(0) == Error::forged);  // no smaller than what it becomes
    CHECK_FALSE(with(1, Forger::type, 4));  // a withdrawal, as far as the format goes
}

TEST_CASE("the prefix of CLOSE says CLOSE and nothing else") {
    const auto with = [](std::size_t offset, std::uint8_t byte) {
        Forgery forgery;
        forgery.forger.in_close_prefix = {offset, byte};
        return forgery.reading();
    };
    CHECK_FALSE(with(Forger::type, 3));
    CHECK(with(Forger::type, 1) == Error::forged);
    CHECK(with(Forger::type, 2) == Error::forged);
    CHECK(with(Forger::type, 4) == Error::forged);
    CHECK(with(Forger::codec, 1) == Error::forged);
    CHECK(with(Forger::gap, 1) == Error::forged);
    CHECK(with(Forger::sequence, 1) == Error::forged);
    CHECK(with(Forger::uuid + 15, 1) == Error::forged);
}

TEST_CASE("CLOSE has to repeat OPEN and to count what is there, even when the device signs something else") {
    for (const std::size_t offset :
         {Forger::last, Forger::provisional, Forger::study, Forger::device, Forger::batch_sequence,
          Forger::previous, Forger::policy, Forger::first_record, Forger::count}) {
        Forgery forgery;
        forgery.forger.close_body[offset] ^= 2;
        CHECK(forgery.reading_resigned() == Error::forged);
    }
    Forgery version;
    version.forger.close_body[Forger::close_version] = 2;
    CHECK(version.reading_resigned() == Error::unsupported);
    Forgery both;
    both.forger.close_body[Forger::last] = 1;
    both.forger.close_body[Forger::provisional] = 1;
    CHECK(both.reading_resigned() == Error::forged);
    // Where the cells are not those that CLOSE names, someone else may have changed them.
    for (const std::size_t offset :
         {std::size_t{Forger::cells}, std::size_t{Forger::leaves}, Forger::leaves + std::size_t{36 + 32}}) {
        Forgery forgery;
        forgery.forger.close_body[offset] ^= 1;
        CHECK(forgery.reading_resigned() == Error::damaged);
    }
    Forgery longer;
    longer.forger.close_body.push_back(0);
    CHECK(longer.reading_resigned() == Error::forged);
    Forgery shorter;
    shorter.forger.close_body.resize(10);
    CHECK(shorter.reading_resigned() == Error::forged);
}

TEST_CASE("OPEN is held to its rules, even when the device signs something else") {
    const auto with = [](std::size_t offset, std::uint8_t byte) {
        Forgery forgery;
        forgery.forger.open().change(offset, byte);
        return forgery.reading_signed();
    };
    CHECK(with(Forger::open_version, 2) == Error::unsupported);
    CHECK(with(Forger::open_version, 0) == Error::unsupported);
    CHECK(with(Forger::open_reserved, 1) == Error::unsupported);
    CHECK(with(Forger::open_policy_version + 4, 1) == Error::unsupported);  // no number of 32 bits
    CHECK(with(Forger::open_quorum, 1) == Error::forged);                   // one alone is no quorum
    CHECK(with(Forger::open_quorum, 2) == Error::forged);                   // the slots hold whole keys
    CHECK(with(Forger::open_quorum, 3) == Error::forged);                   // more than there are
    CHECK(with(Forger::open_study, 0) == Error::forged);                    // CLOSE and the slots say another
    CHECK(with(Forger::open_policy, 0) == Error::forged);                   // the same
    CHECK(with(Forger::open_batch_sequence, 1) == Error::forged);
    CHECK(with(Forger::open_previous, 1) == Error::forged);  // the first batch has none before it
    CHECK(with(Forger::open_first_record + 7, 0x80) == Error::forged);
    CHECK(with(Forger::open_program, '\n') == Error::forged);
    CHECK(with(Forger::open_program_size, 33) == Error::forged);
    CHECK(with(Forger::open_program_size, 0) == Error::forged);
}

TEST_CASE("OPEN demands no custodians, or some of those that it lists") {
    BatchOpen open = SealingDevice(Researchers(3)).context.open;
    std::ranges::sort(open.recipients);
    for (unsigned quorum = 0; quorum < 256; ++quorum) {
        open.quorum = static_cast<std::uint8_t>(quorum);
        CHECK(batch::consistent(open) == (quorum == 0 || quorum == 2 || quorum == 3));
    }
}

TEST_CASE(
    "the recipients that a device lists are canonical, sorted, different, and the reader is one of them") {
    Forgery forgery;
    const std::size_t size = forgery.device.context.open.program_version.size();
    const std::size_t keys_at = Forger::open_program + size + 1;
    const auto listing = [&](const std::vector<BoxKey>& keys) {
        Forger forger = forgery.forger;
        auto& open = forger.open();
        open.bytes.resize(keys_at);
        open.bytes[keys_at - 1] = static_cast<std::uint8_t>(keys.size());
        for (const BoxKey& key : keys)
            open.bytes.insert(open.bytes.end(), key.bytes.begin(), key.bytes.end());
        Forger::put_number(open.bytes, Forger::stored, open.bytes.size() - 36, 4);
        Forger::put_number(open.bytes, Forger::payload, open.bytes.size() - 36, 4);
        open.cells.clear();
        return forgery.reading(forger.close_again(forgery.device.key).build());
    };
    auto keys = forgery.team.box_keys();
    std::ranges::sort(keys);
    CHECK_FALSE(listing(keys));
    CHECK(listing({keys[1], keys[0]}) == Error::forged);
    CHECK(listing({keys[0], keys[0], keys[1]}) == Error::forged);
    CHECK(listing({}) == Error::forged);
    CHECK(listing({forgery.team.identities[0].recipient().box_key}) == Error::forged);
    BoxKey last;
    last.bytes.fill(0xff);
    CHECK(listing({keys[0], keys[1], last}) == Error::not_canonical);
    CHECK(listing({BoxKey{}, keys[0], keys[1]}) == Error::weak_key);
    std::vector<BoxKey> five = keys;
    for (const auto& other : Researchers(3).box_keys()) five.push_back(other);
    std::ranges::sort(five);
    CHECK(listing(five) == Error::forged);  // more than there are slots
}

TEST_CASE("a record decompresses to exactly what it declares, by a checksum, in one frame") {
    Forgery forgery;
    auto& record = forgery.forger.records[2];
    REQUIRE(record.bytes[Forger::codec] == 1);
    const Forger::Record whole = record;
    record.change(36 + 4, whole.bytes[36 + 4] & ~0x04);  // no checksum
    CHECK(forgery.reading_signed() == Error::bad_content);
    record = whole;
    record.change(36, 0);  // no zstd
    CHECK(forgery.reading_signed() == Error::bad_content);
    record = whole;
    record.change(whole.bytes.size() - 1, whole.bytes.back() ^ 1);  // the checksum
    CHECK(forgery.reading_signed() == Error::bad_content);
    record = whole;
    record.change(Forger::payload, whole.bytes[Forger::payload] ^ 1);
    CHECK(forgery.reading_signed() == Error::bad_content);
    record = whole;
    record.cells.clear();
    record.bytes.insert(record.bytes.end(), whole.bytes.begin() + 36, whole.bytes.end());  // two frames
    Forger::put_number(record.bytes, Forger::stored, record.bytes.size() - 36, 4);
    CHECK(forgery.reading_signed() == Error::bad_content);

    const auto with_frame = [&](const Bytes& frame) {
        record = whole;
        record.cells.clear();
        record.bytes.resize(36);
        record.bytes.insert(record.bytes.end(), frame.begin(), frame.end());
        Forger::put_number(record.bytes, Forger::stored, frame.size(), 4);
        return forgery.reading_signed();
    };
    Bytes frame(whole.bytes.begin() + 36, whole.bytes.end());
    CHECK_FALSE(with_frame(frame));
    Bytes named = frame;  // the dictionary of number 0, which zstd takes for none
    named[4] |= 0x01;
    named.insert(named.begin() + 5, 0);
    CHECK(with_frame(named) == Error::bad_content);
    const Bytes skippable{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
    frame.insert(frame.end(), skippable.begin(), skippable.end());
    CHECK(with_frame(frame) == Error::bad_content);
    const std::string text = std::string(3000, 'x') + "second";
    frame.resize(1000);
    frame.resize(ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 3));
    CHECK(with_frame(frame) == Error::bad_content);  // right in every way but without a checksum
}

TEST_CASE("a device key outside the main subgroup is refused, even when its signature passes") {
    // Such a key is the sum of a proper one and a point of order 8. libsodium's verification accepts a
    // signature under it whenever the hash happens to be a multiple of 8; other libraries decide otherwise.
    Forgery forgery;
    std::array<std::uint8_t, 64> hashed;
    crypto_hash_sha512(hashed.data(), forgery.device.key.expose_seed().data(), 32);
    std::array<std::uint8_t, 64> wide{};
    std::copy_n(hashed.begin(), 32, wide.begin());
    wide[0] &= 248;
    wide[31] = static_cast<std::uint8_t>((wide[31] & 127) | 64);
    std::array<std::uint8_t, 32> secret;
    crypto_core_ed25519_scalar_reduce(secret.data(), wide.data());
    const Bytes torsion = must(from_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"));
    VerifyKey mixed;
    REQUIRE(crypto_core_ed25519_add(mixed.bytes.data(), forgery.device.key.verify_key().bytes.data(),
                                    torsion.data()) == 0);

    Forger& forger = forgery.forger;
    std::ranges::copy(mixed.bytes, forger.open().bytes.begin() + Forger::open_device);
    forger.open().cells.clear();
    forger.close_again(forgery.device.key);
    std::ranges::copy(device_id(mixed), forger.close_body.begin() + Forger::device);
    Bytes message = bytes("FFB1 close sig 1");
    message.insert(message.end(), forger.header_tag.begin(), forger.header_tag.end());
    message.insert(message.end(), forger.close_body.begin(), forger.close_body.end());
    do {
        std::array<std::uint8_t, 32> nonce, point, challenge, product;
        crypto_core_ed25519_scalar_random(nonce.data());
        crypto_scalarmult_ed25519_base_noclamp(point.data(), nonce.data());
        Bytes whole(point.begin(), point.end());
        whole.insert(whole.end(), mixed.bytes.begin(), mixed.bytes.end());
        whole.insert(whole.end(), message.begin(), message.end());
        crypto_hash_sha512(hashed.data(), whole.data(), whole.size());
        crypto_core_ed25519_scalar_reduce(challenge.data(), hashed.data());
        crypto_core_ed25519_scalar_mul(product.data(), challenge.data(), secret.data());
        std::ranges::copy(point, forger.signature.begin());
        crypto_core_ed25519_scalar_add(forger.signature.data() + 32, product.data(), nonce.data());
    } while (crypto_sign_verify_detached(forger.signature.data(), message.data(), message.size(),
                                         mixed.bytes.data()) != 0);
    CHECK(forgery.reading() == Error::weak_key);
}

TEST_CASE("inspecting verifies as reading does, and hands out no record") {
    Forgery forgery;
    const OpenedBatch inspected = must(inspect_batch(forgery.sealed.file, forgery.team.identities));
    CHECK(inspected.records.empty());
    CHECK(inspected.close.count == 3);
    forgery.forger.close_body[Forger::last] = 1;
    CHECK(error_of(inspect_batch(forgery.forger.build(), forgery.team.identities)) == Error::forged);
}

TEST_CASE("more records, or more bytes in them, than a batch may have are refused") {
    Forgery forgery;
    Forger many = forgery.forger;
    many.records.resize(1);
    for (std::uint64_t i = 0; i < 4096; ++i) many.records.push_back(Forger::raw_record(2, i, bytes("x")));
    CHECK_FALSE(forgery.reading(many.close_again(forgery.device.key).build()));
    many.records.push_back(Forger::raw_record(2, 4096, bytes("x")));
    CHECK(forgery.reading(many.close_again(forgery.device.key).build()) == Error::too_large);

    // A bomb: each record is small and says that it becomes nearly 1 MiB; they are never decompressed.
    Forger bomb = forgery.forger;
    bomb.records.resize(1);
    for (std::uint64_t i = 0; i < 65; ++i) {
        bomb.records.push_back(Forger::raw_record(2, i, bytes("x")));
        bomb.records.back().bytes[Forger::codec] = 1;
        Forger::put_number(bomb.records.back().bytes, Forger::payload, max_payload, 4);
    }
    CHECK(forgery.reading(bomb.close_again(forgery.device.key).build()) == Error::too_large);
    CHECK(error_of(salvage_batch(bomb.build(), forgery.team.identities)) == Error::too_large);
}

TEST_CASE(
    "a record that ends before the cells that CLOSE gives it is not salvaged, however well it is signed") {
    Forgery forgery;
    Forger& forger = forgery.forger;
    forger.records[1].cells.insert(forger.records[1].cells.end(), 1041, 0x55);
    const Bytes file = forger.close_again(forgery.device.key).build();
    CHECK(forgery.reading(file) == Error::damaged);
    const SalvagedBatch salvaged = must(salvage_batch(file, forgery.team.identities));
    CHECK(salvaged.lost == std::vector<LostRecord>{{1, 0, Loss::faulty}});
    CHECK(salvaged.batch.records.size() == 2);
}

TEST_CASE("two branches of one batch, after a restored backup, are told from a continuation") {
    const Forgery forgery;
    Forger branch = forgery.forger;
    branch.records.back() = Forger::raw_record(2, 2, bytes("another third"));
    const OpenedBatch one = must(read_batch(forgery.sealed.file, forgery.team.identities));
    const OpenedBatch two =
        must(read_batch(branch.close_again(forgery.device.key).build(), forgery.team.identities));
    CHECK(compare(one, two) == Succession::branched);
    CHECK(compare(two, one) == Succession::branched);
    const OpenedBatch other =
        must(read_batch(forgery.device.sealed({"first"}).file, forgery.team.identities));
    CHECK(compare(one, other) == Succession::unrelated);
}

TEST_CASE("a longer version whose earlier records are others continues nothing") {
    const Researchers team;
    const SealingDevice device(team);
    BatchWriter writer = device.begin();
    const OpenedBatch earlier = must(read_batch(device.add(writer, "first").file, team.identities));
    device.add(writer, "second");
    Forger longer(must(writer.finish(device.key)).file, team.identities[0]);
    CHECK(compare(must(read_batch(longer.build(), team.identities)), earlier) == Succession::newer);
    longer.records[1] = Forger::raw_record(2, 0, bytes("another first"));
    const OpenedBatch other = must(read_batch(longer.close_again(device.key).build(), team.identities));
    CHECK(compare(other, earlier) == Succession::branched);
    CHECK(compare(earlier, other) == Succession::branched);
}

TEST_CASE("what goes on behind a final version is another branch, not a continuation") {
    const Forgery forgery;
    Forger longer = forgery.forger;
    longer.records.push_back(Forger::raw_record(2, 3, bytes("fourth")));
    const OpenedBatch final = must(read_batch(forgery.sealed.file, forgery.team.identities));
    const OpenedBatch after =
        must(read_batch(longer.close_again(forgery.device.key).build(), forgery.team.identities));
    CHECK(compare(after, final) == Succession::branched);
    CHECK(compare(final, after) == Succession::branched);
    Forger last = forgery.forger;  // the same records, and a final version that says something else
    last.close_body[Forger::last] = 1;
    const OpenedBatch other =
        must(read_batch(last.sign_again(forgery.device.key).build(), forgery.team.identities));
    CHECK(compare(other, final) == Succession::branched);
    CHECK(compare(final, other) == Succession::branched);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they need the address space themselves
TEST_CASE("a size that a hostile batch states costs no memory") {
    const Forgery forgery;
    std::vector<Bytes> files;
    const auto signed_with = [&](auto change) {
        Forger forger = forgery.forger;
        change(forger);
        files.push_back(forger.close_again(forgery.device.key).build());
    };
    for (const std::size_t field : {std::size_t{Forger::stored}, std::size_t{Forger::payload}})
        signed_with([&](Forger& forger) {
            Forger::put_number(forger.records[2].bytes, field, 0xffffffff, 4);
            forger.records[2].cells.clear();
        });
    signed_with([](Forger& forger) { forger.open().change(Forger::open_program_size, 255); });
    signed_with([](Forger& forger) {  // 64 times 1 MiB, in a cell each
        forger.records.resize(1);
        for (std::uint64_t i = 0; i < 64; ++i) {
            forger.records.push_back(Forger::raw_record(2, i, bytes("x")));
            forger.records.back().bytes[Forger::codec] = 1;
            Forger::put_number(forger.records.back().bytes, Forger::payload, max_payload, 4);
        }
    });
    Forger close = forgery.forger;
    Forger::put_number(close.close_body, Forger::count, 0xffffffff, 4);
    files.push_back(close.sign_again(forgery.device.key).build());

    const pid_t child = fork();
    if (child == 0) {
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        const rlim_t room = pages * static_cast<std::size_t>(getpagesize()) + (8UL << 20);
        const rlimit limit{room, room};
        setrlimit(RLIMIT_AS, &limit);
        int refused = 0;
        for (const Bytes& file : files) {
            const auto error = forgery.reading(file);
            if (error && error != Error::out_of_memory) ++refused;
        }
        _exit(refused == static_cast<int>(files.size()) ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
}
#endif
