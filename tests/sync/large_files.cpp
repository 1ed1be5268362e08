// A file that is larger than what a small machine should hold of it at a time.
#include <cstdio>
#include <fstream>

#include "crypto/hash.h"
#include "tests/support/peak_memory.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/sync_contract.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::PutOutcome;

namespace {

constexpr std::uint64_t size = 50'000'000;

/// No two parts of it are alike; the hash of the whole.
std::string write_large(const fs::path& file) {
    std::ofstream out(file, std::ios::binary);
    crypto::Sha256 hash;
    for (std::uint64_t part = 0; part < size; part += 1'000'000) {
        std::string piece(1'000'000, static_cast<char>('a' + part / 1'000'000 % 26));
        piece.replace(0, 20, std::to_string(part) + std::string(20 - std::to_string(part).size(), '.'));
        out << piece;
        hash.update(crypto::bytes_of(piece));
    }
    return crypto::to_hex(hash.finish());
}

void tell_growth(const char* what, sync::Transport& store) {
    TemporaryFolder folder;
    const std::string hash = write_large(folder / "large");
    const std::string name = sync::batch_name(study_tag, day(1), hash);
    // A small one before: what a library takes at its first use is no part of it.
    REQUIRE(put(store, first_name, "small") == PutOutcome::stored);
    REQUIRE(get(store, first_name) == "small");
    tests::forget_peak();
    const double before = tests::peak_megabytes();
    REQUIRE(store.put(name, folder / "large", {}) == PutOutcome::stored);
    const double after_put = tests::peak_megabytes() - before;
    crypto::Sha256 came;
    const sync::Sink take = [&](crypto::ByteView piece) {
        came.update(piece);
        return true;
    };
    REQUIRE(store.get(name, size, take, {}));
    CHECK(crypto::to_hex(came.finish()) == hash);
    const double after_get = tests::peak_megabytes() - before;
    std::printf("50 MB over %s: peak of memory grew by %.1f MB while put, %.1f MB with the get\n", what,
                after_put, after_get);
    CHECK(after_get < 4);
}

}  // namespace

TEST_CASE("figures: the memory that a file of 50 MB takes, over each kind of store" * doctest::skip()) {
    TemporaryFolder folder;
    fs::create_directories(folder / "store");
    tell_growth("a folder", *opened({"folder:" + (folder / "store").string(), {}}));
    S3Drop& s3 = S3Drop::shared();
    tell_growth("S3", *opened(s3.researcher(s3.fresh("open"))));
    if (WebDrop* web = web_drop()) tell_growth("WebDAV", *opened(web->researcher(web->fresh_place())));
    if (SshDrop* ssh = ssh_drop()) tell_growth("SFTP", *opened(ssh->researcher(ssh->fresh_place())));
}
