#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "client/researcher/fetching.h"
#include "client/researcher/store_access.h"
#include "tests/support/bare_curl.h"
#include "tests/support/fetch.h"
#include "tests/support/peak_memory.h"
#include "tests/support/sync_contract.h"
#include "tests/support/web_drop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::web_drop;
using fieldfare::test::WebDrop;
using namespace fieldfare;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// 20 KB, each of its own.
std::string batch(int number) {
    return std::to_string(number) + std::string(20'000, 'x');
}

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a file of 50 MB goes to a web server and comes back without being in memory") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    TemporaryFolder folder;
    std::string hash;
    {
        std::ofstream big(folder / "big", std::ios::binary);
        crypto::Sha256 sha;
        for (int i = 0; i < 50; ++i) {
            const std::string piece(1'000'000, static_cast<char>('a' + i % 26));
            big << piece;
            sha.update(crypto::bytes_of(piece));
        }
        hash = crypto::to_hex(sha.finish());
    }
    const std::string place = drop->fresh_place();
    const auto store = test::opened(drop->researcher(place));
    // A small one before: libraries that are loaded at first use are no part of it.
    REQUIRE(store->put(name_of("small"), crypto::bytes_of("small"), {}));
    forget_peak();
    const double before = peak_megabytes();
    REQUIRE(store->put(sync::batch_name(tag, day(1), hash), folder / "big", {}) == sync::PutOutcome::stored);
    const double put = peak_megabytes() - before;
    Inbox inbox;
    std::ostringstream out, err;
    auto fetching = Fetching::into(inbox.path, tag, {});
    REQUIRE(fetching->from({store.get()}, "", Console{out, err, false, inbox.passphrases}).value().all_here);
    const double fetched = peak_megabytes() - before;
    std::printf("50 MB: peak of memory grew by %.1f MB while put, %.1f MB until fetched\n", put, fetched);
    CHECK(put < 16);
    CHECK(fetched < 16);
    CHECK(fs::file_size(inbox.path / ("20261101-" + hash + ".batch")) == 50'000'000);
}
#endif

TEST_CASE("figures: a thousand batches put to a web server, beside a bare loop" * doctest::skip()) {
    WebDrop* drop = web_drop();
    if (!drop) return;
    for (int run = 1; run <= 3; ++run) {
        const std::string place = drop->fresh_place(), bare = drop->fresh_place();
        const auto store = test::opened(drop->researcher(place));
        double through = 0, loop = 0;
        for (int turn = 0; turn < 10; ++turn) {
            std::vector<std::string> bodies;
            std::vector<std::pair<std::string, std::string_view>> files;
            for (int i = 0; i < 100; ++i) bodies.push_back(batch(turn * 100 + i));
            for (const std::string& body : bodies) files.emplace_back(name_of(body), body);
            loop += test::bare_puts(*drop, bare, files);
            const auto begin = Clock::now();
            for (const auto& [name, body] : files)
                REQUIRE(store->put(name, crypto::bytes_of(body), {}) == sync::PutOutcome::stored);
            through += seconds_since(begin);
        }
        std::printf("run %d: 1,000 batches of 20 KB put: %.2f s, a bare loop %.2f s, ratio %.2f\n", run,
                    through, loop, through / loop);
    }
}

TEST_CASE("figures: a thousand batches handed over by one pass, beside a bare loop" * doctest::skip()) {
    WebDrop* drop = web_drop();
    if (!drop) return;
    for (int run = 1; run <= 3; ++run) {
        const std::string place = drop->fresh_place(), bare = drop->fresh_place();
        std::vector<std::string> bodies;
        std::vector<std::pair<std::string, std::string_view>> files;
        for (int i = 0; i < 1000; ++i) bodies.push_back(batch(i));
        for (const std::string& body : bodies) files.emplace_back(name_of(body), body);
        test::OutboxDevice device({drop->researcher(place)});
        device.options.open = {};
        for (const std::string& body : bodies) device.seal(body);
        // Half before and half after, since the machine's clock varies.
        const auto middle = files.begin() + 500;
        double loop = test::bare_puts(*drop, bare, {files.begin(), middle});
        const auto begin = Clock::now();
        const auto summary = device.sync();
        const double pass = seconds_since(begin);
        loop += test::bare_puts(*drop, bare, {middle, files.end()});
        REQUIRE(summary.handed_over == 1000);
        std::printf(
            "run %d: 1,000 batches of 20 KB handed over by a pass: %.2f s, a bare loop %.2f s, ratio %.2f\n",
            run, pass, loop, pass / loop);
    }
}

TEST_CASE("figures: ten thousand batches fetched from a web server, beside a bare loop" * doctest::skip()) {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    std::vector<std::string> names;
    for (int i = 0; i < 10'000; ++i) {
        names.push_back(name_of(batch(i), 1 + i % 28));
        write(drop->files(place) / names.back(), batch(i));
        fs::permissions(drop->files(place) / names.back(), fs::perms::others_read, fs::perm_options::add);
    }
    std::ranges::sort(names);
    for (int run = 1; run <= 2; ++run) {
        for (const unsigned connections : {8u, 4u, 1u}) {
            using test::bare_gets;
            using test::Keep;
            TemporaryFolder kept;
            fs::create_directories(kept / "bare");
            const double loop = bare_gets(*drop, place, names, connections, Keep::nothing);
            const double to_disk = bare_gets(*drop, place, names, connections, Keep::files, kept / "bare");
            Inbox inbox;
            std::vector<std::unique_ptr<sync::Transport>> stores;
            std::vector<sync::Transport*> pointers;
            for (unsigned i = 0; i < connections; ++i)
                pointers.push_back(stores.emplace_back(test::opened(drop->researcher(place))).get());
            const auto begin = Clock::now();
            auto fetching = Fetching::into(inbox.path, tag, {});
            REQUIRE(fetching->from(pointers, "", Console{inbox.out, inbox.err, false, inbox.passphrases})
                        .value()
                        .all_here);
            const double fetched = seconds_since(begin);
            REQUIRE(fetching->so_far().got == 10'000);
            std::printf(
                "run %d: 10,000 batches of 20 KB on %u: fetched %.2f s, a bare loop %.2f s (ratio %.2f), one "
                "that "
                "writes files %.2f s (ratio %.2f)\n",
                run, connections, fetched, loop, fetched / loop, to_disk, fetched / to_disk);
        }
    }
}
