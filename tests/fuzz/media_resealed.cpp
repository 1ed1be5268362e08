// Part of a media file that the input says how to change: taken apart with a recipient's key, changed, sealed
// anew with tag and keys as they follow, and signed by the device or not. The input: a byte (bit 0: the
// device hashes the content as it is; bit 1: the device signs what the head says), then changes of six bytes:
// what, which, where (two), a byte, another. And the input itself is read as a part and as what is left of
// one.

#include "tests/fuzz/known_keys.h"
#include "tests/support/crypto_media.h"

using namespace fieldfare;
using test::MediaForger;

namespace {

struct Base {
    test::Photo photo;
    MediaForger forger{photo.file, photo.team.identities[0]};
};

void set(crypto::Bytes& bytes, std::size_t at, std::uint8_t value) {
    if (!bytes.empty()) bytes[at % bytes.size()] = value;
}

void change(MediaForger& forger, const Base& base, fuzz::Plan& plan) {
    const std::uint8_t what = plan.byte(), which = plan.byte();
    const std::size_t where = plan.number();
    const std::uint8_t value = plan.byte(), more = plan.byte();
    switch (what % 10) {
        case 0:
            set(forger.header, where, value);
            break;
        case 1:
            set(forger.body, where, value);
            break;
        case 2:
            forger.body.resize(where % 1200, value);
            break;
        case 3:  // the numbers that a head says
            if (forger.body.size() < MediaForger::recipients) break;
            forger.put(MediaForger::size, where * value, 8);
            if ((which & 1) != 0) forger.put(MediaForger::part, more, 4);
            break;
        case 4:
            set(forger.content, where * 7, value);
            break;
        case 5:
            forger.content.resize(where % 50'000 * (1u + more % 8), value);
            break;
        case 6:
            forger.signature[where % 64] ^= value;
            break;
        case 7:
            forger.tags[which % 8] = value;
            break;
        case 8:
            forger.more_cells = more % 8;
            if ((which & 1) != 0) forger.fill.assign(where, value);
            if ((which & 2) != 0) forger.more_padding = (more % 3) * test::media_cell + (value & 1u);
            break;
        default:  // the slot of the one who reads, sealed anew
            forger.slot[where % forger.slot.size()] = value;
            crypto_box_seal(forger.header.data() + 64 + 128 * (which % 4), forger.slot.data(),
                            forger.slot.size(),
                            base.photo.team.identities[0].recipient().box_key.bytes.data());
    }
}

void read(const crypto::Bytes& file, std::span<const crypto::Identity> identities, const Base& base,
          bool signed_anew) {
    test::Released released;
    const auto source = crypto::source_of(file);
    const auto inspected = crypto::inspect_media(source, identities);
    const auto read = crypto::read_media(source, identities, {}, released.sink());
    fuzz::must(inspected.has_value() == read.has_value(), "what passes inspection is read, and nothing else");
    if (!read) {
        fuzz::must(released.bytes.empty(), "of what is refused nothing is released");
        return;
    }
    fuzz::must(read->id == inspected->id, "a part has one id");
    fuzz::must(!crypto::is_redacted_media(source, identities), "what opens was not redacted");
    fuzz::must(released.bytes.size() == crypto::media_part_length(read->head.size, read->head.part),
               "a part has the bytes that its size gives");
    const auto left = crypto::redact_media(source, identities);
    fuzz::must(left && crypto::is_redacted_media(crypto::source_of(*left), identities),
               "what opens can be redacted");
    fuzz::must(
        signed_anew || (read->id == base.photo.sealed.seals[0].id && released.bytes == base.photo.content),
        "only what the device has signed passes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    static const Base base;
    const crypto::ByteView input(data, size);
    fuzz::must(!crypto::inspect_media(crypto::source_of(input), base.photo.team.identities),
               "nobody seals without a key");
    fuzz::must(!crypto::is_redacted_media(crypto::source_of(input), base.photo.team.identities),
               "nobody redacts without a key");
    fuzz::Plan plan(data, size);
    MediaForger forger = base.forger;
    const std::uint8_t flags = plan.byte();
    for (int changes = 0; plan.left() > 0 && changes < 16; ++changes) change(forger, base, plan);
    if ((flags & 1) != 0 && forger.body.size() >= MediaForger::recipients) forger.hash_again();
    if ((flags & 2) != 0) forger.sign_again(base.photo.device.key);
    if (forger.content.size() > 300'000) return 0;  // cells as those before, only more of them
    read(forger.build(), base.photo.team.identities, base, (flags & 2) != 0);
    return 0;
}
