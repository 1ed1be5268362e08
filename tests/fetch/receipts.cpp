#include <doctest/doctest.h>

#include "client/researcher/receipt_box.h"
#include "tests/support/fetch.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

/// An inbox with receipts to be sent.
struct Sender {
    TemporaryFolder inbox;

    void receipt(const std::string& device, int counter) {
        const fs::path waiting = inbox / "receipts/waiting" / tag;
        fs::create_directories(waiting);
        const std::string name = device + "-" + std::to_string(1000 + counter);
        write(waiting / (name + ".receipt"), "the receipt " + name);
    }
    void receipts(const std::string& device, int from, int to) {
        for (int counter = from; counter <= to; ++counter) receipt(device, counter);
    }
    Sending send(std::vector<FakeStore*> to) {
        std::vector<std::unique_ptr<FakeConnection>> connections;
        std::vector<fieldfare::sync::Transport*> stores;
        for (FakeStore* store : to)
            stores.push_back(connections.emplace_back(std::make_unique<FakeConnection>(*store)).get());
        const auto sending = send_receipts(inbox / "", tag, stores);
        REQUIRE(sending);
        return *sending;
    }
    static std::string held(const FakeStore& store, const std::string& device, std::uint32_t number) {
        const auto found = store.files.find(fieldfare::sync::receipt_name(tag, device, number));
        return found == store.files.end() ? "" : found->second;
    }
};

}  // namespace

TEST_CASE("a receipt gets the next number of its device without a try of those before") {
    FakeStore store;
    store.takes_files = true;
    Sender sender;
    sender.receipts("aaaa", 1, 49);
    CHECK(sender.send({&store}).sent == 49);
    CHECK(store.puts == 49);
    sender.receipt("aaaa", 50);
    store.puts = store.gets = 0;
    CHECK(sender.send({&store}).sent == 1);
    CHECK(store.puts == 1);
    CHECK(store.gets == 1);
    CHECK(Sender::held(store, "aaaa", 50) == "the receipt aaaa-1050");
    SUBCASE("where the numbers are lost, it is found all the same") {
        fs::remove(sender.inbox / "receipts/sent" / tag / "numbers");
        sender.receipt("aaaa", 51);
        CHECK(sender.send({&store}).sent == 1);
        CHECK(Sender::held(store, "aaaa", 51) == "the receipt aaaa-1051");
    }
}

TEST_CASE(
    "a store that has lost its receipts gets the next one as its first, since devices read from there") {
    FakeStore store;
    store.takes_files = true;
    Sender sender;
    sender.receipts("aaaa", 1, 9);
    sender.send({&store});
    store.files.clear();
    sender.receipt("aaaa", 10);
    CHECK(sender.send({&store}).sent == 1);
    CHECK(Sender::held(store, "aaaa", 1) == "the receipt aaaa-1010");
}

TEST_CASE("where old receipts were cleared away, the next one goes behind what another researcher has put") {
    FakeStore store;
    store.takes_files = true;
    Sender ours, theirs;
    ours.receipts("aaaa", 1, 3);
    ours.send({&store});
    theirs.receipts("aaaa", 21, 22);
    theirs.send({&store});  // 4 and 5
    for (std::uint32_t n = 1; n <= 3; ++n) store.files.erase(fieldfare::sync::receipt_name(tag, "aaaa", n));
    ours.receipt("aaaa", 30);
    CHECK(ours.send({&store}).sent == 1);
    CHECK(Sender::held(store, "aaaa", 6) == "the receipt aaaa-1030");
}

TEST_CASE("a store that has no free number for one device gets the receipts of the others") {
    FakeStore store;
    store.takes_files = true;
    store.never_free = tag + "/receipts/aaaa-";
    Sender sender;
    sender.receipts("aaaa", 1, 3);
    sender.receipts("bbbb", 1, 2);
    const auto sending = sender.send({&store});
    CHECK(sending.sent == 2);
    CHECK(sending.waiting == 3);
    CHECK(sending.troubles.size() == 1);
    CHECK(Sender::held(store, "bbbb", 2) == "the receipt bbbb-1002");
    CHECK(files_in(sender.inbox / "receipts/waiting" / tag).size() == 3);
}

TEST_CASE("receipts that wait for one store stand in the other once, however often they are sent") {
    FakeStore good, bad;
    good.takes_files = true;
    Sender sender;
    sender.receipts("aaaa", 1, 5);
    for (int times = 0; times < 3; ++times) CHECK(sender.send({&good, &bad}).waiting == 5);
    CHECK(good.files.size() == 5);
    bad.takes_files = true;
    CHECK(sender.send({&good, &bad}).sent == 5);
    CHECK(good.files == bad.files);
}

TEST_CASE("no receipt of a device comes into a store before an earlier one that it has not taken") {
    FakeStore store;
    Sender sender;
    sender.receipts("aaaa", 1, 5);
    sender.send({&store});
    CHECK(store.puts == 1);
}

TEST_CASE(
    "receipts of a device go out by their counters, also where a clock of the past made one a digit "
    "shorter") {
    FakeStore store;
    store.takes_files = true;
    Sender sender;
    sender.receipt("aaaa", -1);  // 999, which as text comes after 1001
    sender.receipts("aaaa", 1, 2);
    CHECK(sender.send({&store}).sent == 3);
    CHECK(Sender::held(store, "aaaa", 1) == "the receipt aaaa-999");
    CHECK(Sender::held(store, "aaaa", 2) == "the receipt aaaa-1001");
    CHECK(Sender::held(store, "aaaa", 3) == "the receipt aaaa-1002");
}
