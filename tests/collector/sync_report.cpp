#include "client/collector/sync_report.h"

#include <doctest/doctest.h>

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::collector;
using app::FileState;
using fieldfare::test::study_tag;

namespace {

sync::ConfirmedFiles confirmed(test::OutboxDevice& device) {
    return {device.outbox(), device.config};
}
SyncList waiting(test::OutboxDevice& device) {
    return waiting_files(device.outbox(), confirmed(device), device.config);
}
void end(SyncList& list, test::OutboxDevice& device, const sync::SyncSummary& summary = {}) {
    show_end(list, device.outbox(), confirmed(device), device.config, summary);
}

}  // namespace

TEST_CASE("what a write-protected outbox says is not what a full disk does") {
    using Kind = sync::OutboxError::Kind;
    const auto key_of = [](Kind kind) {
        return message_of({sync::SyncFinding::Kind::own_file, "", "", sync::OutboxError{kind, "", ""}}).key;
    };
    CHECK(key_of(Kind::read_only) == "sync.own_read_only");
    CHECK(key_of(Kind::not_permitted) == "sync.own_read_only");
    CHECK(key_of(Kind::no_space) == "sync.own_file");
}

TEST_CASE("of many files the shortest are listed, as a pass takes them, and all are counted") {
    test::OutboxDevice device;
    std::uint64_t bytes = 0;
    for (int i = 130; i > 0; --i) {
        device.seal(std::string(static_cast<std::size_t>(i), 'x'));
        bytes += static_cast<std::uint64_t>(i);
    }
    const SyncList list = waiting(device);
    CHECK(list.files.size() == most_files_shown);
    CHECK(list.files.front().bytes == 1);
    CHECK(list.files.back().bytes == most_files_shown);
    CHECK(list.totals.files == 130);
    CHECK(list.totals.bytes == bytes);
}

TEST_CASE(
    "progress is shown where somebody can see a difference, and a file counts once a store has taken it") {
    const std::string one(64, 'a'), two(64, 'b');
    SyncList list{{{one, 10'000, 0, FileState::waiting, {}}, {two, 20'000, 0, FileState::waiting, {}}},
                  {.files = 2, .bytes = 30'000}};
    sync::SyncProgress now{0, 2, 50, 10'000, one, 0, 50, 30'000};
    CHECK(show_progress(list, now));
    CHECK(list.files[0].state == FileState::sending);
    now.bytes_done = now.bytes_sent = 60;
    CHECK_FALSE(show_progress(list, now));
    now.bytes_done = now.bytes_sent = 10'000;
    CHECK(show_progress(list, now));
    CHECK(list.files[0].sent == 10'000);
    CHECK(list.totals.taken == 0);
    CHECK(list.files[0].state == FileState::sending);

    now.file = 1;
    now.bytes_done = 0;
    now.taken = 1;
    CHECK(show_progress(list, now));
    CHECK(list.files[0].state == FileState::handed_over);
    now.hash = two;
    now.file = 2;
    CHECK(show_progress(list, now));
    CHECK(list.files[1].state == FileState::waiting);  // nobody took it
    CHECK(list.totals == app::SyncTotals{2, 2, 1, 30'000, 10'000});
}

TEST_CASE(
    "what the next pass is planned by says of each store whether it answered, and what only a person can "
    "mend") {
    using sync::Fault;
    sync::SyncSummary summary;
    summary.still_waiting = 2;
    const auto store = [&](const std::string& address, Fault fault,
                           std::optional<std::chrono::seconds> retry) {
        summary.stores.push_back(
            {{study_tag, address}, false, sync::TransportError{fault, address, "", retry}});
    };
    summary.stores.push_back({{study_tag, "a"}, true, std::nullopt});
    store("b", Fault::unreachable, std::nullopt);
    store("folder:/media/stick", Fault::no_store, std::nullopt);  // not plugged in
    store("d", Fault::busy, std::chrono::seconds(90));
    for (const Fault fault : {Fault::not_permitted, Fault::read_only, Fault::no_space, Fault::bad_name})
        store("e", fault, std::nullopt);
    for (const char* address : {"https://c/drop", "s3+https://c/drop", "sftp://c/drop"})
        store(address, Fault::no_store, std::nullopt);
    const app::PassNews news = news_of(summary);
    CHECK(news.carried);
    CHECK(news.waiting == 2);
    REQUIRE(news.stores.size() == 11);
    CHECK(news.stores[0].answered);
    CHECK(news.stores[0].why.empty());
    CHECK(news.stores[1].why.key == "sync.fault.unreachable");
    CHECK_FALSE(news.stores[1].lasting);
    CHECK_FALSE(news.stores[2].lasting);
    CHECK(news.stores[3].retry_after_seconds == 90);
    for (std::size_t i = 4; i < 11; ++i) CHECK(news.stores[i].lasting);
}

TEST_CASE("of a pass that was stopped the screen tells what still waits, and nothing that is not so") {
    sync::SyncSummary summary;
    summary.cancelled = true;
    summary.handed_over = 3;
    summary.still_waiting = 2;
    CHECK(verdict_of(summary, true).message == app::Message{"sync.stopped", {{"count", "3"}, {"left", "2"}}});
    CHECK_FALSE(verdict_of(summary, true).failed);
    summary.still_waiting = 0;  // as far as it had come: what stores have lost is not known yet
    CHECK(verdict_of(summary, true).message == app::Message{"sync.stopped_none_left", {{"count", "3"}}});
    CHECK_FALSE(verdict_of(summary, true).failed);
    summary.handed_over = 0;
    CHECK(verdict_of(summary, true).message == app::Message{"sync.stopped_none_left", {{"count", "0"}}});
}

TEST_CASE("a month without a word of a researcher is told, where nothing else is the matter") {
    sync::SyncSummary summary;
    summary.handed_over = 3;
    summary.silent_days = 29;
    CHECK(verdict_of(summary, true).message.key == "sync.all_handed_over");
    summary.silent_days = 30;
    const SyncVerdict verdict = verdict_of(summary, true);
    CHECK(verdict.message == app::Message{"sync.silence", {{"days", "30"}}});
    CHECK_FALSE(verdict.failed);
    summary.handed_over = 0;
    CHECK(verdict_of(summary, true).message.key == "sync.silence");
    summary.still_waiting = 1;
    CHECK(verdict_of(summary, true).message.key == "sync.some_left");
}

TEST_CASE("that a store had lost files is what the screen says of a pass that has put it right") {
    sync::SyncSummary summary;
    summary.handed_over = 3;
    CHECK(verdict_of(summary, true).message.key == "sync.all_handed_over");
    summary.findings.push_back({sync::SyncFinding::Kind::lost, "", "https://a", {}});
    const SyncVerdict verdict = verdict_of(summary, true);
    CHECK(verdict.message == app::Message{"sync.lost", {{"store", "https://a"}}});
    CHECK_FALSE(verdict.failed);
    summary.still_waiting = 1;
    CHECK(verdict_of(summary, true).failed);
}

TEST_CASE(
    "a name that a store has filled with something else is told as that, and not as this machine's fault") {
    test::OutboxDevice device;
    const auto hash = device.seal("interviews");
    SyncList list = waiting(device);
    sync::SyncSummary summary;
    summary.findings.push_back({sync::SyncFinding::Kind::other_content, hash, "https://a", {}});
    end(list, device, summary);
    REQUIRE(list.files.size() == 1);
    CHECK(list.files[0].why == app::Message{"sync.other_content", {{"store", "https://a"}}});
}

TEST_CASE("a pass that could not read or note its own files is no pass that has nothing to do") {
    sync::SyncSummary summary;
    summary.findings.push_back(
        {sync::SyncFinding::Kind::own_file, "", "",
         sync::OutboxError{sync::OutboxError::Kind::missing, "outbox", "No such file or directory"}});
    const SyncVerdict verdict = verdict_of(summary, true);
    CHECK(verdict.message.key == "sync.own_file");
    CHECK(verdict.failed);
    summary.still_waiting = 1;
    CHECK(verdict_of(summary, true).message.key == "sync.own_file");
    summary.findings.push_back({sync::SyncFinding::Kind::store, "", "https://a",
                                sync::TransportError{sync::Fault::busy, "https://a", "", std::nullopt}});
    CHECK(verdict_of(summary, true).message.key == "sync.fault.busy");
}

TEST_CASE("the next pass knows where this one could not count, or had trouble with the machine's own files") {
    sync::SyncSummary summary;
    summary.counted = true;
    CHECK(news_of(summary).counted);
    CHECK_FALSE(news_of(summary).own_trouble);
    summary.counted = false;
    summary.findings.push_back({sync::SyncFinding::Kind::own_file, "", "", {}});
    CHECK_FALSE(news_of(summary).counted);
    CHECK(news_of(summary).own_trouble);
}

TEST_CASE("a receipt that can't be read is no file that was not taken") {
    sync::SyncSummary summary;
    summary.counted = true;
    summary.findings.push_back({sync::SyncFinding::Kind::receipt, "", "https://a",
                                sync::TransportError{sync::Fault::failed, "https://a", "", std::nullopt}});
    CHECK(message_of(summary.findings[0]) == app::Message{"sync.receipt_unread", {{"store", "https://a"}}});
    CHECK_FALSE(verdict_of(summary, true).failed);
    std::get<sync::TransportError>(summary.findings[0].problem).fault = sync::Fault::not_permitted;
    CHECK(message_of(summary.findings[0]) == app::Message{"sync.receipts_denied", {{"store", "https://a"}}});
    CHECK_FALSE(verdict_of(summary, true).failed);
}

TEST_CASE("a file that lies in fewer stores than its study asks for waits, and is not shown as handed over") {
    test::OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
    device.study().copies = 2;
    device.b->fails_with = sync::Fault::unreachable;
    device.seal("interviews");
    SyncList list = waiting(device);
    end(list, device, device.sync());
    CHECK(list.files[0].state == FileState::waiting);
    CHECK(waiting(device).totals.files == 1);
    device.b->fails_with.reset();
    end(list, device, device.sync());
    CHECK(list.files[0].state == FileState::handed_over);
    CHECK(waiting(device).totals.files == 0);
}

TEST_CASE("what researchers have confirmed does not wait, whatever its note says") {
    test::OutboxDevice device;
    const auto hash = device.seal("interviews");
    device.sync();
    const SyncList before = [&] {
        auto had = device.outbox().find(hash)->handed_over.front();
        had.unlisted = true;
        REQUIRE(device.outbox().record_listing(hash, had));
        return waiting(device);
    }();
    REQUIRE(before.files.size() == 1);
    SUBCASE("the store did not list it before they said so") {}
    SUBCASE("the note is lost") {
        std::filesystem::remove(device.profile / "outbox" / (hash + ".json"));
    }
    device.answer(1, hash);
    device.answer(2, hash);
    device.a->write_only = true;  // it lists no more
    CHECK(device.sync().counts.confirmed == 1);
    SyncList list = before;
    end(list, device);
    CHECK(list.files[0].state == FileState::handed_over);
    CHECK(waiting(device).files.empty());
    CHECK(waiting(device).totals.files == 0);
}

TEST_CASE("sealed files of a study that is gone are told as that, and not as handed over") {
    sync::SyncSummary summary;
    summary.findings.push_back({sync::SyncFinding::Kind::unknown_study, std::string(64, 'a'), "", {}});
    for (const bool has_store : {false, true}) {
        summary.studies = 0;
        CHECK(verdict_of(summary, has_store).message.key == "sync.study_gone");
        CHECK(verdict_of(summary, has_store).failed);
        summary.studies = 1;  // another one, and theirs is not taken in beside it
        CHECK(verdict_of(summary, has_store).message.key == "sync.study_other");
        CHECK(verdict_of(summary, has_store).failed);
    }
}

TEST_CASE("an outbox that can't be read is told as that, whether or not there is a store") {
    sync::SyncSummary summary;
    summary.findings.push_back({sync::SyncFinding::Kind::own_file, "", "", sync::OutboxError{}});
    for (const bool has_store : {false, true}) {
        CHECK(verdict_of(summary, has_store).message.key == "sync.own_file");
        CHECK(verdict_of(summary, has_store).failed);
    }
}

TEST_CASE("without a study there is no store to name, and nothing that waits") {
    sync::SyncSummary summary;
    summary.counted = true;
    const SyncVerdict verdict = verdict_of(summary, false);
    CHECK(verdict.message.key == "sync.no_study");
    CHECK_FALSE(verdict.failed);
    summary.studies = 1;
    CHECK(verdict_of(summary, false).message.key == "sync.no_store_known");
}

TEST_CASE("what a store no longer lists is among what waits") {
    test::OutboxDevice device;
    const auto hash = device.seal("interviews");
    device.sync();
    CHECK(waiting(device).files.empty());
    auto had = device.outbox().find(hash)->handed_over.front();
    had.unlisted = true;
    REQUIRE(device.outbox().record_listing(hash, had));
    SyncList list = waiting(device);
    REQUIRE(list.files.size() == 1);
    end(list, device);
    CHECK(list.files[0].state == FileState::waiting);
}
