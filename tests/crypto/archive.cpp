#include "crypto/archive.h"

#include "tests/support/crypto.h"

// Batches that still open after a recipient's key is gone.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

struct Archive {
    Researchers researchers{2};
    SealingDevice device{researchers};
    SealedBatch sealed = device.sealed({"one", "two"});
    Identity archive = researcher("archive");
    Bytes wrap = wrapped(sealed.file);

    Bytes wrapped(const Bytes& file) const {
        return must(wrap_for_archive(file, std::span(researchers.identities).first(1), archive.recipient()));
    }
    std::optional<Error> opening(ByteView bytes) const { return error_of(open_wrap(bytes, {&archive, 1})); }
    ArchivedKey key() const { return must(open_wrap(wrap, {&archive, 1})); }
};

}  // namespace

TEST_CASE("a batch opens with the archive key alone, after the recipients' keys are gone") {
    Archive archive;
    archive.researchers.identities.clear();
    CHECK(error_of(read_batch(archive.sealed.file, {&archive.archive, 1})) == Error::not_openable);
    const auto opened = must(read_batch(archive.sealed.file, archive.key()));
    CHECK(payloads_of(opened) == std::vector<std::string>{"one", "two"});
    CHECK(opened.id == archive.sealed.id);
    CHECK_FALSE(opened.identity.has_value());
    CHECK(must(inspect_batch(archive.sealed.file, archive.key())).records.empty());
}

TEST_CASE("an archived key opens its batch in its version, and nothing else") {
    Archive archive;
    CHECK(error_of(read_batch(archive.device.sealed({"one"}).file, archive.key())) == Error::damaged);
    BatchWriter writer = archive.device.begin();
    const SealedBatch shorter = archive.device.add(writer, "one");
    const SealedBatch longer = archive.device.add(writer, "two");
    const Bytes wrap = archive.wrapped(shorter.file);
    const auto of_shorter = must(open_wrap(wrap, {&archive.archive, 1}));
    CHECK(read_batch(shorter.file, of_shorter).has_value());
    CHECK(error_of(read_batch(longer.file, of_shorter)) == Error::damaged);
}

TEST_CASE("what the device signed is verified with an archived key as with any other") {
    const Archive archive;
    const auto key = archive.key();
    for (std::size_t at = 8; at < archive.sealed.file.size(); at += 97) {
        Bytes file = archive.sealed.file;
        file[at] ^= 1;
        REQUIRE_FALSE(read_batch(file, key).has_value());
    }
}

TEST_CASE("a wrap with any bit changed, cut or lengthened is refused") {
    const Archive archive;
    for (std::size_t bit = 0; bit < archive.wrap.size() * 8; ++bit) {
        Bytes bad = archive.wrap;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        REQUIRE(archive.opening(bad).has_value());
    }
    for (std::size_t size = 0; size < archive.wrap.size(); ++size)
        REQUIRE(archive.opening(ByteView(archive.wrap).first(size)).has_value());
    Bytes longer = archive.wrap;
    longer.push_back(0);
    CHECK(archive.opening(longer) == Error::damaged);
    CHECK(archive.opening(bytes("no wrap")) == Error::wrong_format);
    Bytes later = archive.wrap;
    later[8] = 2;
    CHECK(archive.opening(later) ==
          Error::unsupported);  // and so whoever reads it is told of a newer program
    CHECK(error_of(open_wrap(archive.wrap, archive.researchers.identities)) == Error::not_openable);
}

TEST_CASE("the head of one wrap before the sealed key of another is refused") {
    const Archive archive;
    const Bytes other = archive.wrapped(archive.device.sealed({"three"}).file);
    Bytes mixed(archive.wrap.begin(), archive.wrap.begin() + 108);
    mixed.insert(mixed.end(), other.begin() + 108, other.end());
    CHECK(archive.opening(mixed) == Error::forged);
}

TEST_CASE("one archive key gives way to the next when the recipients' keys are gone") {
    Archive archive;
    archive.researchers.identities.clear();
    const Identity next = researcher("next archive");
    const Bytes wrap = must(wrap_for_archive(archive.sealed.file, archive.key(), next.recipient()));
    CHECK(error_of(open_wrap(wrap, {&archive.archive, 1})) == Error::not_openable);
    CHECK(payloads_of(must(read_batch(archive.sealed.file, must(open_wrap(wrap, {&next, 1}))))) ==
          std::vector<std::string>{"one", "two"});
    CHECK(error_of(wrap_for_archive(archive.device.sealed({"three"}).file, archive.key(),
                                    next.recipient())) == Error::damaged);
    const Identity root = must(Identity::generate(IdentityKind::root, ""));
    CHECK(error_of(wrap_for_archive(archive.sealed.file, archive.key(), root.recipient())) ==
          Error::wrong_kind);
}

TEST_CASE("only who can open a batch wraps it, only for a researcher's key, and never what takes several") {
    const Archive archive;
    const Identity stranger = researcher("stranger");
    CHECK(error_of(wrap_for_archive(archive.sealed.file, {&stranger, 1}, archive.archive.recipient())) ==
          Error::not_openable);
    const Identity root = must(Identity::generate(IdentityKind::root, ""));
    CHECK(error_of(wrap_for_archive(archive.sealed.file, archive.researchers.identities, root.recipient())) ==
          Error::wrong_kind);
    SealingDevice demanding(archive.researchers);
    demanding.context.open.quorum = 2;
    std::ranges::sort(demanding.context.open.recipients);
    const auto sealed = demanding.sealed({"one"});
    CHECK(error_of(wrap_for_archive(sealed.file, archive.researchers.identities,
                                    archive.archive.recipient())) == Error::wrong_kind);
}
