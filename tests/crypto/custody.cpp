#include "crypto/custody.h"

#include <sodium.h>

#include <cstring>

#include "tests/support/crypto.h"
#include "tests/support/crypto_forger.h"

// Batches that any k of n custodians release together.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

/// Custodians by the order of their keys, as shares count them, and a batch sealed to them.
struct Custody {
    std::uint8_t quorum;
    Researchers custodians;
    SealingDevice device;
    SealedBatch sealed;
    Identity analyst = researcher("analyst");

    explicit Custody(std::uint8_t k = 2, std::size_t n = 3)
        : quorum(k), custodians(n), device(demanding(k)), sealed(device.sealed({"one", "two"})) {}

    SealingDevice demanding(std::uint8_t k) {
        std::ranges::sort(custodians.identities, {},
                          [](const Identity& identity) { return identity.recipient().box_key; });
        SealingDevice made(custodians);
        made.context.open.quorum = k;
        return made;
    }

    ReleasedShare share(std::size_t custodian) const { return share(custodian, sealed.file); }
    ReleasedShare share(std::size_t custodian, const Bytes& file) const {
        return must(extract_share(file, custodians.identities[custodian]));
    }
    /// The shares of the custodians whose bit is set.
    std::vector<ReleasedShare> shares(unsigned choice) const {
        std::vector<ReleasedShare> some;
        for (std::size_t i = 0; i < custodians.identities.size(); ++i)
            if ((choice >> i & 1) != 0) some.push_back(share(i));
        return some;
    }
    std::optional<Error> reading(std::span<const ReleasedShare> released) const {
        return error_of(read_batch(sealed.file, {}, {}, released));
    }
    Bytes file_of(std::size_t custodian, std::span<const ReleasedShare> released) const {
        return must(seal_shares(released, custodians.identities[custodian], analyst.recipient()));
    }
    std::optional<Error> opening(const Bytes& file) const {
        return error_of(open_shares(file, {&analyst, 1}));
    }
};

std::vector<ReleasedShare> list_of(ReleasedShare&& share) {
    std::vector<ReleasedShare> list;
    list.push_back(std::move(share));
    return list;
}

}  // namespace

TEST_CASE("any k custodians open a batch together, and fewer get nothing") {
    for (const auto& [k, n] : {std::pair{2, 2}, {2, 3}, {3, 5}}) {
        const Custody custody(static_cast<std::uint8_t>(k), static_cast<std::size_t>(n));
        for (unsigned choice = 0; choice < 1u << n; ++choice) {
            const auto released = custody.shares(choice);
            const auto opened = read_batch(custody.sealed.file, {}, {}, released);
            if (static_cast<int>(released.size()) >= k) {
                REQUIRE(opened.has_value());
                CHECK(payloads_of(*opened) == std::vector<std::string>{"one", "two"});
                CHECK(opened->open.quorum == k);
                CHECK_FALSE(opened->identity.has_value());
            } else {
                CHECK(error_of(opened) == (choice == 0 ? Error::not_openable : Error::too_few_shares));
            }
        }
    }
}

TEST_CASE("a custodian alone opens nothing, and one who analyses needs the others' shares only") {
    const Custody custody;
    CHECK(error_of(read_batch(custody.sealed.file, {&custody.custodians.identities[0], 1})) ==
          Error::too_few_shares);
    const auto other = list_of(custody.share(2));
    CHECK(payloads_of(must(read_batch(custody.sealed.file, {&custody.custodians.identities[0], 1}, {},
                                      other))) == std::vector<std::string>{"one", "two"});
    // One share twice is one share.
    const auto own = list_of(custody.share(0));
    CHECK(error_of(read_batch(custody.sealed.file, {&custody.custodians.identities[0], 1}, {}, own)) ==
          Error::too_few_shares);
}

TEST_CASE("a share says which study and batch it releases, before anything is opened") {
    const Custody custody;
    const ReleasedShare released = custody.share(1);
    CHECK(released.header_tag == outline_of(custody.sealed.file)->header_tag);
    CHECK(released.quorum == 2);
    CHECK(released.of == 3);
    CHECK(released.share.x == 2);
    CHECK(belongs_to(released, custody.sealed.file, id_named("study"), digest_named("policy")));
    CHECK_FALSE(belongs_to(released, custody.sealed.file, id_named("other"), digest_named("policy")));
    CHECK_FALSE(belongs_to(released, custody.sealed.file, id_named("study"), digest_named("other")));
}

TEST_CASE("a share of another batch opens nothing") {
    const Custody custody;
    const SealedBatch other = custody.device.sealed({"three"});
    std::vector<ReleasedShare> mixed;
    mixed.push_back(custody.share(0));
    mixed.push_back(custody.share(1, other.file));
    CHECK_FALSE(fits(mixed[1], custody.sealed.file));
    CHECK(fits(mixed[1], other.file));
    CHECK(custody.reading(mixed) == Error::too_few_shares);
    mixed[1].header_tag = mixed[0].header_tag;  // whatever it says of itself
    CHECK_FALSE(fits(mixed[1], custody.sealed.file));
    CHECK(custody.reading(mixed) == Error::too_few_shares);
}

TEST_CASE("a share that names another batch than its own fits none") {
    const Custody custody;
    ReleasedShare released = custody.share(0);
    REQUIRE(fits(released, custody.sealed.file));
    released.header_tag[0] ^= 1;
    CHECK_FALSE(fits(released, custody.sealed.file));
}

TEST_CASE("a forged share is told from the others, and the others still open the batch") {
    const Custody custody;
    auto released = custody.shares(0b111);
    for (std::size_t i = 0; i < 32; i += 5) {
        released[1].share.part.storage()[i] ^= 1;
        CHECK_FALSE(fits(released[1], custody.sealed.file));
        CHECK_FALSE(custody.reading(released));  // two good ones are left
        CHECK(custody.reading({released.data(), 2}) == Error::too_few_shares);
        released[1].share.part.storage()[i] ^= 1;
    }
    CHECK(fits(released[1], custody.sealed.file));
    // Nor may it pretend to be another's, or of another quorum.
    released[1].share.x = 3;
    CHECK_FALSE(fits(released[1], custody.sealed.file));
    released[1].share.x = 2;
    released[1].quorum = 3;
    CHECK_FALSE(fits(released[1], custody.sealed.file));
    released[1].quorum = 2;
    released[1].custodian = custody.analyst.recipient().box_key;
    CHECK_FALSE(fits(released[1], custody.sealed.file));
    released[1].custodian = custody.custodians.identities[1].recipient().box_key;
    released[1].slot_context[0] ^= 1;
    CHECK_FALSE(fits(released[1], custody.sealed.file));
    CHECK(custody.reading({released.data(), 2}) == Error::too_few_shares);
    released[1].slot_context[0] ^= 1;
    CHECK(fits(released[1], custody.sealed.file));
}

TEST_CASE("a bad share in one custodian's slot is found by that custodian, and hinders no others") {
    // A device that means ill gives the first custodian something else than the tag says.
    const Custody custody;
    Bytes file = custody.sealed.file;
    const Identity& first = custody.custodians.identities[0];
    for (std::size_t slot = 0; slot < 4; ++slot) {
        std::uint8_t* sealed = file.data() + 64 + 128 * slot;
        std::array<std::uint8_t, 64> plaintext{};
        if (crypto_box_seal_open(plaintext.data(), sealed, 112, first.recipient().box_key.bytes.data(),
                                 first.expose_box_secret()->data()) != 0)
            continue;
        plaintext[10] ^= 1;
        crypto_box_seal(sealed, plaintext.data(), plaintext.size(), first.recipient().box_key.bytes.data());
    }
    CHECK(error_of(extract_share(file, first)) == Error::damaged);
    CHECK(must(extract_share(file, custody.custodians.identities[1])).share.x == 2);
}

TEST_CASE("whole keys and shares are not mistaken for one another") {
    Researchers team(2);
    const SealedBatch whole = SealingDevice(team).sealed({"x"});
    CHECK(error_of(extract_share(whole.file, team.identities[0])) == Error::wrong_kind);
    CHECK(error_of(extract_share(whole.file, researcher())) == Error::not_openable);
    const Custody custody;
    CHECK(error_of(extract_share(custody.sealed.file, custody.analyst)) == Error::not_openable);
    CHECK(error_of(extract_share(Bytes(40), custody.analyst)) == Error::wrong_format);
    SealingDevice device(team);
    for (const std::uint8_t quorum : {std::uint8_t{1}, std::uint8_t{3}}) {
        device.context.open.quorum = quorum;
        CHECK(error_of(BatchWriter::begin(device.context, device.key, device.receipt_key)) ==
              Error::bad_argument);
    }
}

TEST_CASE("a slot moved under another header is no share of that batch") {
    // Findings 8: whoever can make custodians release a harmless batch would have the other one.
    const Custody custody;
    const SealedBatch harmless = custody.device.sealed({"nothing"});
    Bytes moved = harmless.file;
    std::copy(custody.sealed.file.begin() + 64, custody.sealed.file.begin() + 64 + 4 * 128,
              moved.begin() + 64);
    CHECK(error_of(extract_share(moved, custody.custodians.identities[0])) == Error::damaged);
    // With the prologue as well it is the first batch again, and says so to the study that it belongs to.
    std::copy(custody.sealed.file.begin(), custody.sealed.file.begin() + 64, moved.begin());
    const ReleasedShare released = must(extract_share(moved, custody.custodians.identities[0]));
    CHECK(belongs_to(released, custody.sealed.file, id_named("study"), digest_named("policy")));
}

TEST_CASE("shares travel sealed to the analyst and signed by the custodian") {
    const Custody custody;
    const Bytes a = custody.file_of(0, list_of(custody.share(0)));
    const Bytes b = custody.file_of(2, list_of(custody.share(2)));
    std::vector<ReleasedShare> received;
    for (const Bytes& file : {a, b}) {
        ShareFile opened = must(open_shares(file, {&custody.analyst, 1}));
        REQUIRE(opened.shares.size() == 1);
        received.push_back(std::move(opened.shares.front()));
    }
    CHECK(payloads_of(must(read_batch(custody.sealed.file, {}, {}, received))) ==
          std::vector<std::string>{"one", "two"});
    const ShareFile opened = must(open_shares(a, {&custody.analyst, 1}));
    CHECK(opened.custodian == custody.custodians.identities[0].recipient().box_key);
    CHECK(opened.signer == custody.custodians.identities[0].recipient().signing_key);
    CHECK(error_of(open_shares(a, custody.custodians.identities)) == Error::not_openable);
    CHECK(error_of(open_shares(a, {})) == Error::not_openable);
}

TEST_CASE(
    "the shares of more batches than a process may have guarded pages for are released and held at once") {
    const Custody custody;
    const auto share = custody.share(0);
    GuardedPages pages;
    std::vector<ReleasedShare> released;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        released.push_back(must(copy_of(share, pages)));
        std::memcpy(released.back().header_tag.data(), &i, sizeof i);  // of another batch
        std::memcpy(released.back().share.part.storage().data(), &i, sizeof i);
    }
    const Bytes file = custody.file_of(0, released);
    std::vector<ShareFile> opened;  // as of three custodians
    for (int i = 0; i < 3; ++i) opened.push_back(must(open_shares(file, {&custody.analyst, 1})));
    for (const ShareFile& each : opened) {
        REQUIRE(each.shares.size() == released.size());
        CHECK(std::ranges::equal(each.shares, released, [](const auto& one, const auto& other) {
            return one.header_tag == other.header_tag &&
                   std::ranges::equal(one.share.part.expose(), other.share.part.expose());
        }));
    }
}

TEST_CASE("a file of shares that anyone has changed or cut is refused") {
    const Custody custody;
    const Bytes file = custody.file_of(0, list_of(custody.share(0)));
    for (std::size_t i = 0; i < file.size(); ++i)
        for (int bit = 0; bit < 8; ++bit) {
            Bytes changed = file;
            changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1 << bit));
            CHECK(custody.opening(changed).has_value());
        }
    for (std::size_t size = 0; size < file.size(); ++size)
        CHECK(custody.opening(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)))
                  .has_value());
    Bytes longer = file;
    longer.push_back(0);
    CHECK(custody.opening(longer) == Error::damaged);
    Bytes other = file;
    for (const std::uint8_t version : Bytes{0, 2}) {
        other[8] = version;
        CHECK(custody.opening(other) == Error::unsupported);
    }
    other = file;
    other[3] = 'B';
    CHECK(custody.opening(other) == Error::wrong_format);
    other = file;
    other[48] ^= 1;  // another signer
    CHECK(custody.opening(other) == Error::forged);
}

TEST_CASE("a custodian releases only shares of its own, to a researcher") {
    const Custody custody;
    const Identity& first = custody.custodians.identities[0];
    CHECK(error_of(seal_shares({}, first, custody.analyst.recipient())) == Error::bad_argument);
    CHECK(error_of(seal_shares(list_of(custody.share(1)), first, custody.analyst.recipient())) ==
          Error::bad_argument);
    const Identity root = must(Identity::generate(IdentityKind::root, ""));
    CHECK(error_of(seal_shares(list_of(custody.share(0)), first, root.recipient())) == Error::wrong_kind);
    CHECK(error_of(extract_share(custody.sealed.file, root)) == Error::not_openable);
}
