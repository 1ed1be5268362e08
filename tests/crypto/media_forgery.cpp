#include <doctest/doctest.h>

#include "crypto/archive.h"
#include "tests/support/crypto_media.h"

// Media that somebody sealed anew who has a recipient's key, and media of a device that breaks the rules.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

struct Forgery {
    Photo photo;
    MediaForger forger;

    explicit Forgery(std::size_t size = 100'000)
        : photo(size), forger(photo.file, photo.team.identities[0]) {}

    /// Nothing comes out of what is refused.
    std::optional<Error> refusal() {
        Released released;
        const Bytes file = forger.build();
        const auto opened = read_media(source_of(file), photo.team.identities, {}, released.sink());
        if (!opened) CHECK(released.bytes.empty());
        return error_of(opened);
    }
    std::optional<Error> refusal_of_signed() {
        forger.sign_again(photo.device.key);
        return refusal();
    }
};

using At = MediaForger::Body;

}  // namespace

TEST_CASE("media that were taken apart and put together again are what they were") {
    Forgery forgery;
    CHECK_FALSE(forgery.refusal().has_value());
    const auto opened = must(inspect_media(source_of(forgery.forger.build()), forgery.photo.team.identities));
    CHECK(opened.id == forgery.photo.sealed.seals.front().id);  // whoever sealed it: it is the device's word
}

TEST_CASE("no recipient can change anything that the device said of its media") {
    Forgery forgery;
    const std::size_t size = forgery.forger.body.size();
    for (std::size_t at = 0; at < size; ++at) {
        CAPTURE(at);
        Forgery changed;
        changed.forger.flip(at);
        const auto error = changed.refusal();
        if (at < 4)
            CHECK((error == Error::unsupported || error == Error::forged));
        else if ((at >= At::gap && at < At::gap + 4) ||
                 (at >= At::policy_version + 4 && at < At::policy_version + 8))
            CHECK(error == Error::unsupported);
        else
            CHECK((error == Error::forged || error == Error::weak_key || error == Error::not_canonical));
        if (at >= 64 && at < size - 40) at += 7;  // each field, not each byte
    }
}

TEST_CASE("no recipient can put another photo under the device's signature") {
    Forgery forgery;
    forgery.forger.content[50'000] ^= 1;
    CHECK(forgery.refusal() == Error::damaged);
    Forgery hashed;
    hashed.forger.content[50'000] ^= 1;
    hashed.forger.hash_again();
    CHECK(hashed.refusal() == Error::forged);
}

TEST_CASE("no recipient can pass media on to somebody to whom the device did not seal them") {
    const Photo photo;
    const Identity stranger = researcher();
    MediaForger forger(photo.file, photo.team.identities[0]);
    REQUIRE(crypto_box_seal(forger.header.data() + 64, forger.slot.data(), forger.slot.size(),
                            stranger.recipient().box_key.bytes.data()) == 0);
    // The header tag changes with the slot, so the signature is over another header.
    CHECK(error_of(inspect_media(source_of(forger.build()), {&stranger, 1})) == Error::forged);
    forger.sign_again(photo.device.key);
    CHECK(error_of(inspect_media(source_of(forger.build()), {&stranger, 1})) == Error::forged);
}

TEST_CASE("the signature of one part is not that of another, nor that of a batch") {
    Forgery forgery;
    const Photo other(100'000);
    forgery.forger.signature =
        MediaForger(
            seal_media(forgery.photo.device, media_context(forgery.photo.device), forgery.photo.content)
                .parts.front(),
            forgery.photo.team.identities[0])
            .signature;
    CHECK(forgery.refusal() == Error::forged);
    forgery.forger.build();
    forgery.forger.signature =
        forgery.photo.device.key.sign("FFB1 close sig 1", {forgery.forger.header_tag, forgery.forger.body});
    CHECK(forgery.refusal() == Error::forged);
    forgery.forger.signature =
        other.device.key.sign("FFB1 media sig 1", {forgery.forger.header_tag, forgery.forger.body});
    CHECK(forgery.refusal() == Error::forged);
}

TEST_CASE("a device can't sign what breaks a rule of media") {
    struct Fault {
        const char* what;
        std::function<void(MediaForger&)> make;
        Error error;
    };
    const std::vector<Fault> faults = {
        {"a later version", [](auto& f) { f.put(At::version, 2, 2); }, Error::unsupported},
        {"an earlier version", [](auto& f) { f.put(At::version, 0, 2); }, Error::unsupported},
        {"a zero that is not", [](auto& f) { f.put(At::zero, 1, 1); }, Error::unsupported},
        {"a gap that is not zero", [](auto& f) { f.put(At::gap, 1, 4); }, Error::unsupported},
        {"a quorum of one", [](auto& f) { f.put(At::quorum, 1, 1); }, Error::forged},
        {"a quorum beyond the list", [](auto& f) { f.put(At::quorum, 2, 1); }, Error::forged},
        {"an empty file", [](auto& f) { f.put(At::size, 0, 8); }, Error::forged},
        {"a file above 256 MiB", [](auto& f) { f.put(At::size, max_media_size + 1, 8); }, Error::forged},
        {"a size of all ones", [](auto& f) { f.put(At::size, ~std::uint64_t{0}, 8); }, Error::forged},
        {"a part beyond the last", [](auto& f) { f.put(At::part, 1, 4); }, Error::forged},
        {"a part of all ones", [](auto& f) { f.put(At::part, ~std::uint64_t{0}, 4); }, Error::forged},
        {"another study", [](auto& f) { f.flip(At::study); }, Error::forged},
        {"another policy", [](auto& f) { f.flip(At::policy); }, Error::forged},
        {"no recipients",
         [](auto& f) {
             f.body.resize(At::recipients);
             f.body.push_back(0);
         },
         Error::forged},
        {"17 recipients",
         [](auto& f) {
             f.body[At::recipients] = 17;
             f.body.resize(900);
         },
         Error::forged},
        {"a list without us", [](auto& f) { f.flip(At::recipients + 5); }, Error::forged},
        {"a recipient's key of zeros",
         [](auto& f) { std::fill(f.body.begin() + At::recipients + 1, f.body.end(), std::uint8_t{0}); },
         Error::weak_key},
        {"a recipient's key that is not reduced", [](auto& f) { f.put(At::recipients + 32, 0xff, 1); },
         Error::not_canonical},
        {"something behind the signature", [](auto& f) { f.head_fill = {1}; }, Error::forged},
        {"a size with fewer bytes than are there", [](auto& f) { f.put(At::size, f.content.size() - 1, 8); },
         Error::forged},
        {"a size with more bytes than are there", [](auto& f) { f.put(At::size, f.content.size() + 1, 8); },
         Error::damaged},
        {"a size with fewer cells than are there", [](auto& f) { f.put(At::size, 1, 8); }, Error::forged},
        {"a size with more cells than are there", [](auto& f) { f.put(At::size, 5 * 65536, 8); },
         Error::damaged},
        {"fill that is not zero",
         [](auto& f) {
             f.fill = {0, 1};
         },
         Error::forged},
        {"another content", [](auto& f) { f.content.front() ^= 1; }, Error::damaged},
    };
    for (const Fault& fault : faults) {
        CAPTURE(fault.what);
        Forgery forgery;
        fault.make(forgery.forger);
        CHECK(forgery.refusal_of_signed() == fault.error);
    }
}

TEST_CASE("a weak key can't sign media") {
    Forgery forgery;
    std::fill_n(forgery.forger.body.begin() + At::device, 32, std::uint8_t{0});
    forgery.forger.body[At::device] = 1;
    CHECK(forgery.refusal_of_signed() == Error::weak_key);
}

TEST_CASE("cells of media end where the device says, with the tags of the format and no others") {
    for (const std::uint8_t tag : std::array<std::uint8_t, 5>{1, 2, 3, 4, 0x80}) {
        CAPTURE(tag);
        Forgery first;
        first.forger.tags[0] = tag;
        CHECK(first.refusal() == Error::forged);
        if (tag == 3) continue;
        Forgery last;
        last.forger.tags[1] = tag;
        CHECK(last.refusal() == Error::forged);
    }
    Forgery without_end;
    without_end.forger.tags[1] = 0;
    CHECK(without_end.refusal() == Error::forged);
    Forgery one_more;
    one_more.forger.more_cells = 1;
    CHECK(one_more.refusal() == Error::forged);
    Forgery many_more;
    many_more.forger.more_cells = 4;
    CHECK(many_more.refusal() == Error::damaged);
}

TEST_CASE("the padding of media is what the key says, to the last bit") {
    Forgery forgery;
    forgery.forger.flip_padding_at = 0;
    CHECK(forgery.refusal() == Error::damaged);
    forgery.forger.flip_padding_at = 2 * static_cast<int>(media_cell) - 1;
    CHECK(forgery.refusal() == Error::damaged);
    forgery.forger.flip_padding_at = 65536;  // of the second piece that the reader makes
    CHECK(forgery.refusal() == Error::damaged);
    forgery.forger.flip_padding_at = -1;
    forgery.forger.more_padding = media_cell;
    CHECK(forgery.refusal() == Error::damaged);
}

TEST_CASE("a slot that was moved from other media under another header does not open it") {
    Forgery forgery;
    forgery.forger.header[20] ^= 1;  // the routing tag: the slot's context is of another header
    CHECK(forgery.refusal_of_signed() == Error::forged);
}

TEST_CASE("media of a quorum study that one slot opens alone are refused") {
    const Researchers custodians(2);
    SealingDevice device(custodians);
    device.context.open.quorum = 2;
    Forgery forgery;
    MediaContext context = media_context(device);
    context.quorum = 0;
    const Bytes alone = seal_media(device, context, noise_of(1000)).parts.front();
    MediaForger forger(alone, custodians.identities[0]);
    forger.put(At::quorum, 2, 1).sign_again(device.key);
    CHECK(error_of(inspect_media(source_of(forger.build()), custodians.identities)) == Error::forged);
}

TEST_CASE("no key of sealed media is good for a batch of answers") {
    const Photo photo;
    MediaForger forger(photo.file, photo.team.identities[0]);
    // The same content key under the header of a batch: another tag, and so other keys.
    forger.header[10] = 10;
    const Bytes file = forger.sign_again(photo.device.key).build();
    CHECK(error_of(read_batch(file, photo.team.identities)) == Error::damaged);
}

TEST_CASE(
    "an archive key opens the part that was wrapped, and no other that the device signs under its header") {
    Forgery forgery;
    const Identity archive = researcher("archive");
    const Bytes wrap =
        must(wrap_for_archive(forgery.photo.file, forgery.photo.team.identities, archive.recipient()));
    const ArchivedKey key = must(open_wrap(wrap, {&archive, 1}));
    REQUIRE(inspect_media(source_of(forgery.forger.build()), key).has_value());
    forgery.forger.put(At::policy_version, 9, 8).sign_again(forgery.photo.device.key);
    const Bytes other = forgery.forger.build();
    REQUIRE(inspect_media(source_of(other), forgery.photo.team.identities).has_value());
    CHECK(error_of(inspect_media(source_of(other), key)) == Error::damaged);
}
