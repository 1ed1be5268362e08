#include "sync/receipt.h"

#include "crypto/sealing.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::ReceiptError;
using sync::Verdict;

namespace {

struct Signed {
    OutboxDevice device;
    sync::Receipt receipt = device.receipt_for(sha256_of("x"), 1);

    crypto::Bytes file(std::uint8_t who = 1) {
        auto made = sync::make_receipt(receipt, researcher(who), device.study().receipt_key);
        REQUIRE(made);
        return *made;
    }
    ReceiptError refused(const crypto::Bytes& bytes) {
        const auto opened = sync::open_receipt(bytes, device.study());
        REQUIRE_FALSE(opened);
        return opened.error();
    }
};

}  // namespace

TEST_CASE("a receipt reads back as the researcher made it, sorted") {
    Signed test;
    auto second = test.receipt.entries.front();
    second.file_sha256 = crypto::sha256(crypto::bytes_of("y"));
    second.batch_sequence = 0;
    test.receipt.entries.front().batch_sequence = 7;
    test.receipt.entries.push_back(second);
    const auto opened = sync::open_receipt(test.file(), test.device.study());
    REQUIRE(opened);
    std::swap(test.receipt.entries[0], test.receipt.entries[1]);
    test.receipt.signer = researcher(1).verify_key();
    CHECK(*opened == test.receipt);
}

TEST_CASE("a receipt with any bit changed is refused") {
    Signed test;
    const auto good = test.file();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        REQUIRE_FALSE(sync::open_receipt(bad, test.device.study()));
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        REQUIRE_FALSE(sync::open_receipt({good.data(), size}, test.device.study()));
    }
}

TEST_CASE("each receipt that is not for us is refused with its reason") {
    Signed test;
    SUBCASE("for another device's key") {
        test.device.study().receipt_key = receipt_key(2);
        const auto file = test.file();
        test.device.study().receipt_key = receipt_key(1);
        CHECK(test.refused(file) == ReceiptError::not_for_us);
    }
    SUBCASE("naming another device") {
        test.receipt.device_id.fill(9);
        CHECK(test.refused(test.file()) == ReceiptError::other_device);
    }
    SUBCASE("of another study") {
        test.receipt.study_id.fill(9);
        CHECK(test.refused(test.file()) == ReceiptError::other_study);
    }
    SUBCASE("under a policy that this device does not know") {
        test.receipt.policy_digest.fill(9);
        CHECK(test.refused(test.file()) == ReceiptError::other_policy);
    }
    SUBCASE("by a key that the root has not certified") {
        CHECK(test.refused(test.file(9)) == ReceiptError::unknown_signer);
    }
    SUBCASE("of a later version") {
        auto file = test.file();
        file[8] = 2;
        CHECK(test.refused(file) == ReceiptError::unknown_version);
    }
    SUBCASE("something else altogether") {
        CHECK(test.refused(bytes("a portal's page")) == ReceiptError::not_a_receipt);
    }
}

TEST_CASE("a receipt under an earlier policy of the study still counts") {
    Signed test;
    test.receipt.policy_digest = test.device.study().policies[1];
    CHECK(sync::open_receipt(test.file(), test.device.study()));
}

TEST_CASE("a signer's word under another's name is refused") {
    // Unsealing, naming another certified signer, and sealing again: what a co-researcher could try.
    Signed test;
    const auto file = test.file(1);
    const auto& key = test.device.study().receipt_key;
    auto inner = crypto::unseal(key.expose(), "FFR1 receipt key", {file.data(), 12},
                                crypto::ByteView(file).subspan(12));
    REQUIRE(inner);
    const auto other = researcher(2).verify_key();
    std::copy(other.bytes.begin(), other.bytes.end(), inner->begin() + 64 + 48);
    const auto sealed = crypto::seal(key.expose(), "FFR1 receipt key", {file.data(), 12}, *inner);
    REQUIRE(sealed);
    auto forged = crypto::Bytes(file.begin(), file.begin() + 12);
    forged.insert(forged.end(), sealed->begin(), sealed->end());
    CHECK(test.refused(forged) == ReceiptError::bad_signature);
}

TEST_CASE("a receipt without entries, with one file twice, or with too many is not made") {
    Signed test;
    const auto make = [&] {
        return sync::make_receipt(test.receipt, researcher(1), test.device.study().receipt_key);
    };
    const auto entry = test.receipt.entries.front();
    test.receipt.entries = {};
    CHECK(make().error() == ReceiptError::malformed);
    test.receipt.entries = {entry, entry};
    CHECK(make().error() == ReceiptError::malformed);
    test.receipt.entries.assign(sync::max_receipt_entries + 1, entry);
    CHECK(make().error() == ReceiptError::too_large);
}

TEST_CASE("signed bytes that are not canonical are refused even from a certified signer") {
    Signed test;
    const auto& key = test.device.study().receipt_key;
    const auto resealed = [&](auto change) {
        const auto file = test.file(1);
        auto inner = crypto::unseal(key.expose(), "FFR1 receipt key", {file.data(), 12},
                                    crypto::ByteView(file).subspan(12));
        REQUIRE(inner);
        crypto::Bytes body(inner->begin() + 64, inner->end());
        change(body);
        const auto signature = researcher(1).sign("FFR1 receipt sig", {body});
        crypto::Bytes both(signature.begin(), signature.end());
        both.insert(both.end(), body.begin(), body.end());
        const auto sealed = crypto::seal(key.expose(), "FFR1 receipt key", {file.data(), 12}, both);
        REQUIRE(sealed);
        auto out = crypto::Bytes(file.begin(), file.begin() + 12);
        out.insert(out.end(), sealed->begin(), sealed->end());
        return out;
    };
    CHECK(test.refused(resealed([](auto& body) { body.push_back(0); })) == ReceiptError::malformed);
    CHECK(test.refused(resealed([](auto& body) { body.back() = 3; })) == ReceiptError::malformed);
    CHECK(test.refused(resealed([](auto& body) { body[104] = 2; })) == ReceiptError::malformed);
    CHECK(test.refused(resealed([](auto& body) { body[107] = 255; })) == ReceiptError::too_large);
    constexpr std::size_t head = 108, entry = 73, file_at = 40;
    const auto entries_of = [](const crypto::Bytes& body) {
        return crypto::Bytes(body.begin() + head, body.end());
    };
    CHECK(test.refused(resealed([](auto& body) {  // none
        body.resize(head);
        body[104] = 0;
    })) == ReceiptError::malformed);
    CHECK(test.refused(resealed([&](auto& body) {  // one file twice, under two sequences
        const auto again = entries_of(body);
        body.insert(body.end(), again.begin(), again.end());
        ++body[head + entry];
        body[104] = 2;
    })) == ReceiptError::malformed);
    const auto two_entries = [&](auto& body, bool in_order) {
        const auto another = entries_of(body);
        body.insert(body.end(), another.begin(), another.end());
        const std::size_t later = in_order ? head + entry : head;
        ++body[later];  // the sequence
        body[later + file_at] ^= 1;
        body[104] = 2;
    };
    CHECK(test.refused(resealed([&](auto& body) { two_entries(body, false); })) == ReceiptError::malformed);
    CHECK(sync::open_receipt(resealed([&](auto& body) { two_entries(body, true); }), test.device.study()));
}
