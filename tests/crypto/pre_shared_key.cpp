#include <sodium.h>

#include "crypto/batch_salvage.h"
#include "crypto/custody.h"
#include "tests/support/crypto.h"
#include "tests/support/crypto_media.h"

// Studies whose devices and researchers share a secret besides the recipients' keys.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

SharedPreSharedKey new_key() {
    return std::make_shared<const PreSharedKey>(must(PreSharedKey::random()));
}

StudyMaterial material_with(std::initializer_list<SharedPreSharedKey> keys) {
    StudyMaterial material;
    for (const SharedPreSharedKey& key : keys) material.add(key);
    return material;
}

struct Study {
    SharedPreSharedKey key = new_key();
    Researchers team{2};
    SealingDevice device{team};
    SealedBatch sealed;

    explicit Study(std::uint8_t quorum = 0) {
        device.context.pre_shared = key;
        device.context.open.quorum = quorum;
        sealed = device.sealed({"one", "two"});
    }
    StudyMaterial material() const { return material_with({key}); }
};

}  // namespace

TEST_CASE("a batch of a study with a pre-shared key opens for a recipient who has it") {
    const Study study;
    const auto opened = must(read_batch(study.sealed.file, study.team.identities, study.material()));
    CHECK(payloads_of(opened) == std::vector<std::string>{"one", "two"});
    CHECK(inspect_batch(study.sealed.file, study.team.identities, study.material()).has_value());
}

TEST_CASE("a recipient who has not the pre-shared key opens nothing, and is told that it is missing") {
    const Study study;
    const auto& file = study.sealed.file;
    CHECK(error_of(read_batch(file, study.team.identities)) == Error::psk_missing);
    CHECK(error_of(read_batch(file, study.team.identities, material_with({new_key(), new_key()}))) ==
          Error::psk_missing);
    CHECK(error_of(inspect_batch(file, study.team.identities)) == Error::psk_missing);
    CHECK(error_of(salvage_batch(file, study.team.identities)) == Error::psk_missing);
}

TEST_CASE("whoever has the pre-shared key and is no recipient opens nothing") {
    const Study study;
    const Researchers others;
    CHECK(error_of(read_batch(study.sealed.file, others.identities, study.material())) ==
          Error::not_openable);
}

TEST_CASE("a study may change its pre-shared key: each batch opens with the one that it was sealed under") {
    Study study;
    const SharedPreSharedKey next = new_key();
    study.device.context.pre_shared = next;
    const SealedBatch later = study.device.sealed({"later"});
    study.device.context.pre_shared = nullptr;
    const SealedBatch without = study.device.sealed({"without"});
    const StudyMaterial both = material_with({study.key, next});
    for (const SealedBatch& batch : {study.sealed, later, without})
        CHECK(read_batch(batch.file, study.team.identities, both).has_value());
    CHECK(read_batch(without.file, study.team.identities).has_value());
    CHECK(error_of(read_batch(later.file, study.team.identities, study.material())) == Error::psk_missing);
}

TEST_CASE("the header tag follows from both keys, as the document says") {
    // Written with libsodium alone.
    const Study study;
    const Bytes& file = study.sealed.file;
    const std::size_t header = 64 + 128 * 4;
    const Identity& reader = study.team.identities[0];
    std::array<std::uint8_t, 64> slot{};
    bool opened = false;
    for (std::size_t i = 0; i < 4 && !opened; ++i)
        opened = crypto_box_seal_open(slot.data(), file.data() + 64 + 128 * i, 112,
                                      reader.recipient().box_key.bytes.data(),
                                      reader.expose_box_secret()->data()) == 0;
    REQUIRE(opened);
    CHECK(slot[36] == 1);
    const auto keyed = [](const std::uint8_t* key, std::string_view label, ByteView message) {
        Bytes all(label.begin(), label.end());
        all.insert(all.end(), message.begin(), message.end());
        Digest digest;
        crypto_generichash(digest.data(), digest.size(), all.data(), all.size(), key, 32);
        return digest;
    };
    const Digest mixed = keyed(slot.data() + 4, "FFB1 psk mix    ", study.key->expose());
    const Digest tag = keyed(mixed.data(), "FFB1 header tag ", ByteView(file).first(header));
    CHECK(std::ranges::equal(tag, ByteView(file).subspan(header, 32)));
}

TEST_CASE("custodians need the pre-shared key too, and their shares keep what they say of it") {
    const Study study(2);
    const auto& file = study.sealed.file;
    CHECK(payloads_of(must(read_batch(file, study.team.identities, study.material()))).size() == 2);
    CHECK(error_of(read_batch(file, study.team.identities)) == Error::psk_missing);

    const Identity analyst = researcher("analyst");
    std::vector<ReleasedShare> received;
    for (const Identity& custodian : study.team.identities) {
        std::vector<ReleasedShare> released;
        released.push_back(must(extract_share(file, custodian)));
        const Bytes sealed = must(seal_shares(released, custodian, analyst.recipient()));
        for (ReleasedShare& share : must(open_shares(sealed, {&analyst, 1})).shares)
            received.push_back(std::move(share));
    }
    CHECK(read_batch(file, {}, study.material(), received).has_value());
    CHECK(error_of(read_batch(file, {}, {}, received)) == Error::psk_missing);
    for (const ReleasedShare& share : received) CHECK(fits(must(copy_of(share)), file));
    received[0].mixed = false;
    CHECK_FALSE(fits(received[0], file));
    CHECK(error_of(read_batch(file, {}, study.material(), received)) == Error::too_few_shares);
}

TEST_CASE("damaged batches are salvaged and records redacted with the pre-shared key, and not without") {
    const Study study;
    Bytes rotten = study.sealed.file;
    rotten[rotten.size() - 1] ^= 1;
    const auto& team = study.team.identities;
    CHECK(must(salvage_batch(rotten, team, study.material())).batch.records.size() == 2);
    const std::array<std::uint32_t, 1> first{1};
    CHECK(error_of(redact_records(study.sealed.file, first, team)) == Error::psk_missing);
    const Bytes redacted = must(redact_records(study.sealed.file, first, team, study.material()));
    const auto rest = must(salvage_batch(redacted, team, study.material()));
    REQUIRE(rest.lost.size() == 1);
    CHECK(rest.lost[0].why == Loss::redacted);
}

TEST_CASE("an archive key opens alone what was wrapped by somebody who had the pre-shared key") {
    const Study study;
    const Identity archive = researcher("archive");
    CHECK(error_of(wrap_for_archive(study.sealed.file, study.team.identities, archive.recipient())) ==
          Error::psk_missing);
    const Bytes wrap = must(
        wrap_for_archive(study.sealed.file, study.team.identities, archive.recipient(), study.material()));
    const auto key = must(open_wrap(wrap, {&archive, 1}));
    CHECK(payloads_of(must(read_batch(study.sealed.file, key))).size() == 2);
}

TEST_CASE("media take the pre-shared key as answers do") {
    const Study study;
    MediaContext context = media_context(study.device);
    context.pre_shared = study.key;
    const Bytes photo = noise_of(100'000);
    const SealedFiles sealed = seal_media(study.device, std::move(context), photo);
    const auto file = source_of(sealed.parts[0]);
    CHECK(error_of(inspect_media(file, study.team.identities)) == Error::psk_missing);
    Released released;
    CHECK(read_media(file, study.team.identities, {}, released.sink(), study.material()).has_value());
    CHECK(released.bytes == photo);
}
