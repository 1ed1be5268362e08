// Lines over which less goes in a second than any kernel takes at once.
#include <algorithm>

#include "sync/http_store.h"
#include "sync/s3_store.h"
#include "sync/sftp_store.h"
#include "tests/support/loopback.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/sync_contract.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::PutOutcome;

namespace {

constexpr std::size_t size = 600'000;  // twelve seconds on a thin line

// A line that stands still for so long is given up, and one that goes on is not.
sync::HttpPatience impatient(int seconds) {
    return {std::chrono::seconds(5), std::chrono::seconds(seconds), std::chrono::milliseconds(500)};
}

/// Over a line that brings along 50,000 bytes a second and keeps nothing: it comes whole, and what is said to
/// be sent is never far ahead of what came through.
void goes_on_steadily(sync::Transport& store, ChaosProxy& line) {
    line.does(ChaosProxy::Does::thin);
    std::uint64_t ahead = 0, last = 0;
    std::set<std::uint64_t> steps;
    const sync::Watch watch{[&](std::uint64_t done, std::uint64_t total) {
                                CHECK(done >= last);
                                CHECK(total == size);
                                last = done;
                                steps.insert(done);
                                ahead = std::max(ahead, done - std::min(done, line.bytes_up()));
                            },
                            {}};
    const auto result = store.put(first_name, crypto::bytes_of(std::string(size, 'x')), watch);
    if (!result) FAIL(result.error().detail);
    CHECK(*result == PutOutcome::stored);
    CHECK(last == size);
    CHECK(ahead < size / 3);
    CHECK(steps.size() > 10);
}

}  // namespace

TEST_CASE("on a thin line an upload to the web goes on steadily, and is not taken for dead") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    ChaosProxy line(drop->port());
    const sync::Store given = drop->researcher(drop->fresh_place(), line.port());
    const auto address = sync::parse_http_address(given.address);
    sync::HttpStore store(*address, *sync::parse_http_settings(*address, given.settings), impatient(1));
    goes_on_steadily(store, line);
}

TEST_CASE("on a thin line an upload to S3 goes on steadily, and is not taken for dead") {
    S3Drop& drop = S3Drop::shared();
    ChaosProxy line(drop.port());
    const sync::Store given = drop.researcher(drop.fresh("open"), line.port());
    const auto address = sync::parse_s3_address(given.address);
    sync::S3Store store(*address, *sync::parse_s3_settings(*address, given.settings), impatient(1));
    goes_on_steadily(store, line);
}

TEST_CASE("on a thin line an upload over SFTP goes on steadily, and is not taken for dead") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    ChaosProxy line(drop->port());
    const sync::Store given = drop->researcher(drop->fresh_place(), line.port());
    const auto address = sync::parse_sftp_address(given.address);
    // A piece of 30,000 bytes counts once the server has said that it has it.
    sync::SftpStore store(*address, *sync::parse_sftp_settings(*address, given.settings), impatient(5));
    goes_on_steadily(store, line);
}
