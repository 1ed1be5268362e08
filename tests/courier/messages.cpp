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
    const auto progress = told(sync::SyncProgress{3, 7, 1'000'000, 5'000'000'000});
    CHECK(progress.file == 3);
    CHECK(progress.files == 7);
    CHECK(progress.bytes_done == 1'000'000);
    CHECK(progress.bytes_total == 5'000'000'000);
    CHECK(told(Forgetting{hash}).file == hash);
    CHECK(told(Trouble::outbox_unusable) == Trouble::outbox_unusable);

    const sync::TransportError error{sync::Fault::no_space, "folder:/media/stick", "No space left",
                                     std::nullopt};
    const auto finding =
        told(sync::SyncFinding{sync::SyncFinding::Kind::file, hash, "folder:/media/stick", error});
    CHECK(finding.kind == sync::SyncFinding::Kind::file);
    CHECK(finding.file == hash);
    CHECK(std::get<sync::TransportError>(finding.problem) == error);

    End end;
    end.report.has_store = true;
    end.report.summary.handed_over = 1;
    end.report.summary.receipts = 2;
    end.report.summary.forgotten = 3;
    end.report.summary.still_waiting = 4;
    end.report.summary.cancelled = true;
    end.report.summary.counts = {5, 6, 7, 8};
    const auto back = told(end).report;
    CHECK(back.has_store);
    CHECK(back.summary.cancelled);
    CHECK(back.summary.handed_over == 1);
    CHECK(back.summary.receipts == 2);
    CHECK(back.summary.forgotten == 3);
    CHECK(back.summary.still_waiting == 4);
    CHECK(back.summary.counts == sync::SyncCounts{5, 6, 7, 8});

    CHECK(read_order(order(std::chrono::sys_days(std::chrono::days(20'000)))) ==
          std::chrono::sys_days(std::chrono::days(20'000)));
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
    for (const std::string& packet :
         {std::string(), std::string("x"), std::string("{}"), std::string("[]"), std::string("[1]"),
          std::string(R"(["end"])"), std::string(R"(["end",1,1,1,1,1,1,1,1,1])"),
          std::string(R"(["end",1,1,1,1,1,1,1,1,1,-1])"), std::string(R"(["progress",1,2,3,"4"])"),
          std::string(R"(["forget","../../vault.db"])"), std::string(R"(["forget",7])"),
          std::string(R"(["finding",99,"","x"])"), std::string(R"(["finding",1,"not a hash","x"])"),
          std::string(R"(["finding",0,"","x",99,"",""])"), std::string(R"(["trouble",3])"),
          std::string(R"(["trouble","gone"])"), std::string(R"(["unknown",1])"), std::string(100'000, '[')}) {
        CAPTURE(packet.substr(0, 80));
        CHECK_FALSE(read_news(packet));
        CHECK_FALSE(read_word(packet));
        CHECK_FALSE(read_order(packet));
    }
}
