#include <array>
#include <cstdio>
#include <thread>

#include "sync/s3_store.h"
#include "tests/support/loopback.h"
#include "tests/support/radosgw.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

const std::string name = first_name;

std::string fresh_place() {
    static int number = 0;
    return "place" + std::to_string(++number);
}

std::string numbered(int number) {
    return sync::batch_name(study_tag, day(1), sha256_of(std::to_string(number)));
}

}  // namespace

TEST_CASE("Ceph keeps to the contract of transport") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    const auto store = opened(ceph->owner(fresh_place()));
    keeps_to_the_contract(*store);
}

TEST_CASE("Ceph keeps to it in a bucket with a host of its own") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    SocksDouble proxy(ceph->port());
    sync::Store store = ceph->owner("");
    store.address = "s3+https://s3.test/study/" + fresh_place();
    store.settings["style"] = "virtual";
    store.settings["proxy"] = proxy.address();
    const auto transport = opened(store);
    keeps_to_the_contract(*transport);
    for (const auto& call : proxy.calls()) CHECK(call.host == "study.s3.test");
}

TEST_CASE("of uploads to one name that race, Ceph keeps the first and tells the others") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    const sync::Store store = ceph->owner(fresh_place());
    std::array<std::optional<sync::TransportResult<PutOutcome>>, 8> results;
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < results.size(); ++i)
            threads.emplace_back([&, i] { results[i] = put(*opened(store), name, std::to_string(i)); });
    }
    std::string kept;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (*results[i] == PutOutcome::stored) kept += std::to_string(i);
        // Busy: it came while another was on its way.
        else if (!*results[i])
            CHECK(results[i]->error().fault == Fault::busy);
        else
            CHECK(*results[i] == PutOutcome::other_content);
    }
    CHECK(kept.size() == 1);
    CHECK(get(*opened(store), name) == kept);
}

TEST_CASE("an upload to Ceph that is cut leaves nothing, and the next one succeeds") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    ChaosProxy line(ceph->port());
    sync::Store store = ceph->owner(fresh_place());
    const auto straight = opened(store);
    store.address.replace(store.address.find(std::to_string(ceph->port())),
                          std::to_string(ceph->port()).size(), std::to_string(line.port()));
    const auto bad = opened(store);
    const std::string content(200'000, 'x');
    for (const std::size_t after : {std::size_t{60'000}, std::size_t{199'999}}) {
        line.does(ChaosProxy::Does::cut, after);
        CHECK(fault_of(put(*bad, name, content)) == Fault::unreachable);
        CHECK(fault_of(sync::get_bytes(*straight, name, 1'000'000)) == Fault::not_found);
    }
    line.does(ChaosProxy::Does::pass);
    CHECK(put(*bad, name, content) == PutOutcome::stored);
    CHECK(get(*straight, name) == content);
}

TEST_CASE("more files than a page of Ceph's are listed in order, page by page") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    const auto store = opened(ceph->owner(fresh_place()));
    std::vector<std::string> names;
    for (int i = 0; i < 1005; ++i) {
        names.push_back(numbered(i));
        REQUIRE(put(*store, names.back(), "x") == PutOutcome::stored);
    }
    std::sort(names.begin(), names.end());
    for (const std::size_t limit : std::initializer_list<std::size_t>{400, 1000, 5000}) {
        std::vector<std::string> seen;
        for (bool more = true; more;) {
            const auto page = store->list(study_tag + "/", seen.empty() ? "" : seen.back(), limit, {});
            REQUIRE(page);
            for (const auto& file : page->files) seen.push_back(file.name);
            more = page->more;
        }
        CHECK(seen == names);
    }
}

TEST_CASE("whoever takes a laptop can put into a bucket of Ceph, and not read others, list, or replace") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    const std::string place = fresh_place();
    const auto laptop = opened(ceph->laptops(place)), owner = opened(ceph->owner(place));
    CHECK(put(*laptop, name, "sealed") == PutOutcome::stored);
    CHECK(get(*owner, name) == "sealed");
    CHECK(put(*owner, numbered(1), "another's") == PutOutcome::stored);
    CHECK(put(*laptop, numbered(1), "mine") == PutOutcome::taken);
    CHECK(get(*owner, numbered(1)) == "another's");
    CHECK(fault_of(sync::get_bytes(*laptop, numbered(1), 100)) == Fault::not_permitted);
    CHECK(fault_of(laptop->list(study_tag + "/", "", 10, {})) == Fault::not_permitted);
    const std::string receipt = sync::receipt_name(study_tag, std::string(32, 'd'), 1);
    CHECK(fault_of(sync::get_bytes(*laptop, receipt, 100)) == Fault::not_found);
    CHECK(fault_of(put(*laptop, receipt, "made up")) == Fault::not_permitted);
    CHECK(put(*owner, receipt, "signed") == PutOutcome::stored);
    CHECK(get(*laptop, receipt) == "signed");
}

TEST_CASE("Ceph says why it does not let in, and what is not there") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    const auto detail_with = [&](const char* setting, const char* value) {
        sync::Store store = ceph->owner(fresh_place());
        store.settings[setting] = value;
        const auto result = put(*opened(store), name, "sealed");
        REQUIRE_FALSE(result);
        CHECK(result.error().fault == Fault::not_permitted);
        return result.error().detail;
    };
    CHECK(detail_with("access_key", "NOBODY") ==
          "HTTP 403, InvalidAccessKeyId: it does not know the access key");
    CHECK(detail_with("secret_key", "wrong") ==
          "HTTP 403, SignatureDoesNotMatch: the secret key does not fit the access key, or something on the "
          "way changes requests");
    sync::Store nowhere = ceph->owner("x");
    nowhere.address = "s3+https://127.0.0.1:" + std::to_string(ceph->port()) + "/no-such-bucket";
    CHECK(fault_of(put(*opened(nowhere), name, "sealed")) == Fault::no_store);
    CHECK(fault_of(opened(nowhere)->list(study_tag + "/", "", 10, {})) == Fault::no_store);
    CHECK(fault_of(sync::get_bytes(*opened(nowhere), name, 10)) == Fault::no_store);
}

TEST_CASE("Ceph takes a file by its own clock from a device whose clock is hours off") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    const auto with_clock = [&](sync::Store store) {
        const auto address = sync::parse_s3_address(store.address);
        return std::make_unique<sync::S3Store>(
            *address, *sync::parse_s3_settings(*address, store.settings), sync::HttpPatience(), [] {
                return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
                       std::chrono::hours(7);
            });
    };
    sync::Store store = ceph->owner(fresh_place());
    CHECK(put(*with_clock(store), name, std::string(500'000, 'x')) == PutOutcome::stored);
    store.settings.erase("pin");
    CHECK(fault_of(put(*with_clock(store), numbered(1), "sealed")) == Fault::wrong_clock);
}

TEST_CASE("a pass hands over to Ceph, and reads its receipts there") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    const std::string place = fresh_place();
    OutboxDevice device{{ceph->laptops(place)}};
    device.options.open = [](const sync::Store& store) { return sync::open_store(store); };
    const auto hash = device.seal("interviews");
    const auto summary = device.sync();
    CHECK(summary.handed_over == 1);
    CHECK(summary.findings.empty());
    CHECK(get(*opened(ceph->owner(place)), sync::batch_name(study_tag, day(1), hash)) == "interviews");
}

TEST_CASE("figures: a thousand files through the store, beside requests in a loop" * doctest::skip()) {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    using Clock = std::chrono::steady_clock;
    const auto seconds_since = [](Clock::time_point begin) {
        return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    const std::string content(20'000, 'x');
    std::printf("gateway: %.1f s to start\n", ceph->seconds_to_start());
    ceph->seconds_of_bare_puts(fresh_place(), 300, content);  // the first ones make its pools
    for (int run = 1; run <= 3; ++run) {
        // The bare loop: the same signed requests on one connection, and nothing around them. By turns, since
        // what else the machine does comes and goes.
        const std::string bare = fresh_place(), place = fresh_place();
        const auto store = opened(ceph->owner(place));
        double loop = 0, through = 0;
        for (int turn = 0; turn < 10; ++turn) {
            loop += ceph->seconds_of_bare_puts(bare + "/" + std::to_string(turn), 100, content);
            const auto begin = Clock::now();
            for (int i = 0; i < 100; ++i)
                REQUIRE(put(*store, numbered(turn * 100 + i), content) == PutOutcome::stored);
            through += seconds_since(begin);
        }
        auto begin = Clock::now();
        const auto listing = store->list(study_tag + "/", "", 1000, {});
        REQUIRE(listing);
        REQUIRE(listing->files.size() == 1000);
        const double listed = seconds_since(begin);
        begin = Clock::now();
        for (const auto& file : listing->files) REQUIRE(sync::get_bytes(*store, file.name, 100'000));
        std::printf(
            "run %d: 1,000 files of 20 KB: put %.2f s, a bare loop %.2f s, ratio %.2f; listed in %.3f s, "
            "fetched in %.2f s\n",
            run, through, loop, through / loop, listed, seconds_since(begin));
    }
}
