#include "client/courier/messages.h"

#include <doctest/doctest.h>

#include <string>

#include "client/courier/packet_socket.h"

using namespace fieldfare;
using namespace fieldfare::courier;

namespace {

const std::string hash(64, 'a');

template <typename What>
What told(const What& news) {
    const auto read = read_news(encode(News(news)));
    REQUIRE(read);
    REQUIRE(std::holds_alternative<What>(*read));
    return std::get<What>(*read);
}

}  // namespace

TEST_CASE("what a courier says comes out as it went in") {
    const auto progress =
        told(sync::SyncProgress{3, 7, 1'000'000, 5'000'000'000, hash, 2, 6'000'000, 7'000'000'000});
    CHECK(progress.file == 3);
    CHECK(progress.files == 7);
    CHECK(progress.bytes_done == 1'000'000);
    CHECK(progress.bytes_total == 5'000'000'000);
    CHECK(progress.hash == hash);
    CHECK(progress.taken == 2);
    CHECK(progress.bytes_sent == 6'000'000);
    CHECK(progress.bytes_waiting == 7'000'000'000);
    CHECK(told(sync::SyncProgress{}).hash.empty());
    CHECK(told(Forgetting{hash}).file == hash);
    CHECK(told(Trouble::outbox_missing) == Trouble::outbox_missing);
    CHECK(told(Trouble::outbox_unusable) == Trouble::outbox_unusable);

    const sync::TransportError error{sync::Fault::no_space, "folder:/media/stick", "No space left",
                                     std::nullopt};
    const auto finding =
        told(sync::SyncFinding{sync::SyncFinding::Kind::file, hash, "folder:/media/stick", error});
    CHECK(finding.kind == sync::SyncFinding::Kind::file);
    CHECK(finding.file == hash);
    CHECK(std::get<sync::TransportError>(finding.problem) == error);
    const auto own = told(sync::SyncFinding{
        sync::SyncFinding::Kind::own_file, hash, "",
        sync::OutboxError{sync::OutboxError::Kind::read_only, "name.json", "Read-only file system"}});
    CHECK(std::get<sync::OutboxError>(own.problem) ==
          sync::OutboxError{sync::OutboxError::Kind::read_only, "", ""});

    End end;
    end.report.has_store = true;
    end.report.summary.handed_over = 1;
    end.report.summary.receipts = 2;
    end.report.summary.forgotten = 3;
    end.report.summary.still_waiting = 4;
    end.report.summary.cancelled = true;
    end.report.summary.silent_days = 9;
    end.report.summary.counts = {5, 6, 7, 8, 9};
    end.report.summary.counted = true;
    end.report.summary.studies = 10;
    const auto back = told(end).report;
    CHECK(back.has_store);
    CHECK(back.summary.cancelled);
    CHECK(back.summary.handed_over == 1);
    CHECK(back.summary.receipts == 2);
    CHECK(back.summary.forgotten == 3);
    CHECK(back.summary.still_waiting == 4);
    CHECK(back.summary.counted);
    CHECK(back.summary.studies == 10);
    CHECK(back.summary.counts == sync::SyncCounts{5, 6, 7, 8, 9});
    CHECK(back.summary.silent_days == 9);
    end.report.summary.silent_days = 3'000'000;  // by a clock of the year 9999
    CHECK(told(end).report.summary.silent_days == 1'000'000);

    const sync::StoreName store{"k7m2q9x4b8n3", "https://drop.example"};
    const auto asked = told(sync::StoreNews{store, true, std::nullopt});
    CHECK(asked.store == store);
    CHECK(asked.answered);
    CHECK_FALSE(asked.problem);
    sync::TransportError busy{sync::Fault::busy, store.address, "HTTP 503", std::chrono::seconds(90)};
    CHECK(told(sync::StoreNews{store, false, busy}).problem == busy);
    busy.retry_after.reset();
    CHECK(told(sync::StoreNews{store, false, busy}).problem == busy);

    const Order order{std::chrono::sys_days(std::chrono::days(20'000)),
                      {store, {"a1b2c3d4e5f6", "folder:/x"}}};
    CHECK(read_order(encode(order)) == order);
    CHECK(read_order(encode(Order{order.today, {}})) == Order{order.today, {}});
}

TEST_CASE("a text of a store can be any bytes and of any length") {
    const sync::TransportError error{sync::Fault::failed, std::string(100'000, 'x'),
                                     "\xff\xfe half a letter \xd0", std::nullopt};
    const std::string packet =
        encode(News(sync::SyncFinding{sync::SyncFinding::Kind::store, "", error.store, error}));
    CHECK(packet.size() < PacketSocket::most_bytes);
    CHECK(read_news(packet));

    // In JSON a control character takes six bytes.
    const std::string worst(100'000, '\x01');
    const sync::TransportError longest{sync::Fault::failed, worst, worst, std::nullopt};
    CHECK(encode(News(sync::SyncFinding{sync::SyncFinding::Kind::store, "", worst, longest})).size() <
          PacketSocket::most_bytes);
}

TEST_CASE("whatever else comes from a courier is not believed") {
    for (const std::string& packet : {std::string(),
                                      std::string("x"),
                                      std::string("{}"),
                                      std::string("[]"),
                                      std::string("[1]"),
                                      std::string(R"(["end"])"),
                                      std::string(R"(["end",1,1,1,1,1,1,1,1,1,1,1,1,1])"),
                                      std::string(R"(["end",1,1,1,1,1,1,1,1,1,1,1,1,1,-1])"),
                                      std::string(R"(["progress",1,2,3,"4"])"),
                                      std::string(R"(["progress",1,2,3,4,1,6,7,"../x"])"),
                                      std::string(R"(["progress",1,2,3,4,1,6,-7,""])"),
                                      std::string(R"(["progress",8,7,3,4,5,6,7,""])"),
                                      std::string(R"(["progress",1,7,3,4,8,6,7,""])"),
                                      std::string(R"(["progress",1,9000000000,3,4,1,6,7,""])"),
                                      std::string(R"(["end",1,0,9000000000,1,1,1,1,1,1,1,1,1,1,1])"),
                                      std::string(R"(["end",1,0,1,1,1,1,9000000000,1,1,1,1,1,1,1])"),
                                      std::string(R"(["store","../../x","https://a",1])"),
                                      std::string(R"(["store","k7m2q9x4b8n3",7,1])"),
                                      std::string(R"(["store","k7m2q9x4b8n3","https://a",0,99,"","",-1])"),
                                      std::string(R"(["store","k7m2q9x4b8n3","https://a",0,1,"","","soon"])"),
                                      std::string(R"(["pass",20000])"),
                                      std::string(R"(["pass",20000,[["x"]]])"),
                                      std::string(R"(["pass",20000,[["../x","https://a"]]])"),
                                      std::string(R"(["forget","../../vault.db"])"),
                                      std::string(R"(["forget",7])"),
                                      std::string(R"(["finding",99,"","x"])"),
                                      std::string(R"(["finding",1,"not a hash","x"])"),
                                      std::string(R"(["finding",0,"","x",99,"",""])"),
                                      std::string(R"(["finding",2,"","",7])"),
                                      std::string(R"(["trouble",4])"),
                                      std::string(R"(["trouble","gone"])"),
                                      std::string(R"(["unknown",1])"),
                                      std::string(100'000, '[')}) {
        CAPTURE(packet.substr(0, 80));
        CHECK_FALSE(read_news(packet));
        CHECK_FALSE(read_word(packet));
        CHECK_FALSE(read_order(packet));
    }
}

TEST_CASE("a store asks to be left alone for a day at most, whatever the courier says") {
    const auto read = read_news(R"(["store","k7m2q9x4b8n3","https://a",0,10,"","",9223372036854775807])");
    REQUIRE(read);
    CHECK(std::get<sync::StoreNews>(*read).problem->retry_after == std::chrono::days(1));
}

TEST_CASE("an order has room for the stores of any device, and fits a packet whatever they are called") {
    Order order{std::chrono::sys_days(std::chrono::days(20'000)), {}};
    for (int i = 0; i < 500; ++i) order.resting.insert({"k7m2q9x4b8n3", std::string(i, '\x01') + "x"});
    const std::string packet = encode(order);
    CHECK(packet.size() < PacketSocket::most_bytes);
    const auto read = read_order(packet);
    REQUIRE(read);
    CHECK(read->resting.size() <= most_stores);
    CHECK(read->resting.size() >= 8);
}

TEST_CASE("whoever does not read never makes the other end wait, and can be hung up on") {
    const auto ends = PacketSocket::pair();
    REQUIRE(ends);
    int sent = 0;
    while (ends->first.send_now(encode(Word::may_forget)) == PacketSocket::Sent::yes)
        REQUIRE(++sent < 1'000'000);
    CHECK(ends->first.send_now(encode(Word::stop)) == PacketSocket::Sent::full);
    ends->first.hang_up();
    CHECK_FALSE(ends->first.receive());
    CHECK(ends->first.send_now(encode(Word::stop)) == PacketSocket::Sent::nobody_there);
}
