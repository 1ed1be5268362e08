// A store that has dropped what it said to have taken, and what researchers say of later files.
#include <utility>

#include "sync/sync_run.h"
#include "sync/wordings.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Verdict;
using Kind = sync::SyncFinding::Kind;

namespace {

/// A device with a hardened drop that has lost a file of the first day, and got another eight days later.
struct DroppingStore {
    OutboxDevice device;
    sync::FileHash dropped, later;
    std::uint64_t counter = 0;

    explicit DroppingStore(std::vector<sync::Store> stores = {{"memory:a", {}}}) : device(std::move(stores)) {
        device.a->write_only = device.b->write_only = true;
        dropped = hand_over("one", day(1));
        device.a->files.erase(name_of(dropped));
        later = hand_over("another", day(9));
    }
    static std::string name_of(const sync::FileHash& hash, int resend = 0) {
        return sync::batch_name(study_tag, day(1), hash, resend);
    }
    sync::FileHash hand_over(std::string_view content, std::chrono::sys_days on) {
        const auto hash = device.seal(content, day(1));
        CHECK(device.sync(on).handed_over >= 1);
        return hash;
    }
    /// What a researcher says reaches the device in a pass, after that has handed over.
    void hears(const sync::FileHash& of, std::chrono::sys_days on, Verdict verdict = Verdict::accepted) {
        device.answer(1, of, ++counter, verdict);
        device.sync(on);
    }
    void hears(const sync::FileHash& of, int on, Verdict verdict = Verdict::accepted) {
        hears(of, day(on), verdict);
    }
    bool is_there() const { return device.a->files.contains(name_of(dropped)); }
    int puts_in_pass(std::chrono::sys_days on) {
        const int before = device.a->puts + device.b->puts;
        device.sync(on);
        return device.a->puts + device.b->puts - before;
    }
    int puts_in_pass(int on) { return puts_in_pass(day(on)); }
};

}  // namespace

TEST_CASE("what a store has dropped unseen is handed over again once researchers accept later files") {
    DroppingStore drop;
    drop.hears(drop.later, 10);
    const auto summary = drop.device.sync(day(11));
    CHECK(drop.is_there());
    CHECK(summary.handed_over == 1);
    REQUIRE(summary.findings.size() == 1);
    CHECK(summary.findings[0].kind == Kind::lost);
    CHECK(sync::sentence(summary.findings[0]) ==
          "memory:a had lost sealed files that it had taken. Those that lack a copy are handed over again; "
          "whoever set up the store should know.");
    CHECK(drop.puts_in_pass(12) == 0);
}

TEST_CASE("another store gets it where there is one") {
    DroppingStore drop({{"memory:a", {}}, {"memory:b", {}}});
    drop.hears(drop.later, 10);
    drop.device.options.pick = [](std::size_t) { return 0; };  // B first
    CHECK(drop.device.sync(day(11)).handed_over == 1);
    CHECK(drop.device.b->files.contains(DroppingStore::name_of(drop.dropped)));
    CHECK(drop.puts_in_pass(12) == 0);
}

TEST_CASE("what lies in a store that the study no longer has goes to the one that it has now") {
    OutboxDevice device;
    const auto hash = device.seal("interviews"), confirmed = device.seal("opened by researchers");
    device.answer(1, confirmed);
    device.answer(2, confirmed);
    device.sync();
    device.study().stores = {{"memory:b", {}}};
    device.b->puts_fail_with = sync::Fault::no_space;
    const auto full = device.sync();
    CHECK(full.still_waiting == 1);
    CHECK(full.counts == sync::SyncCounts{1, 0, 1, 0});
    device.b->puts_fail_with.reset();
    const auto summary = device.sync();
    CHECK(summary.handed_over == 1);
    CHECK(summary.findings.empty());  // nobody has lost it
    CHECK(device.b->files.size() == 1);
    CHECK(device.b->files.contains(sync::batch_name(study_tag, day(1), hash)));
    CHECK(device.sync().handed_over == 0);
    CHECK(device.a->puts == 2);
}

TEST_CASE("a store that has lost everything, receipts too, gets the lost file again") {
    DroppingStore drop;
    drop.hears(drop.later, 10, Verdict::quarantined);
    drop.device.a->files.clear();
    drop.device.receipts = 0;  // researchers begin with the first one, too
    drop.hears(drop.hand_over("newest", day(18)), 19);
    drop.device.sync(day(20));
    CHECK(drop.is_there());
}

TEST_CASE("what has two names in one store is in one store, and the other one gets it once it is back") {
    DroppingStore drop({{"memory:a", {}}, {"memory:b", {}}});
    drop.device.study().copies = 2;
    drop.device.b->fails_with = sync::Fault::unreachable;
    for (const int on : {10, 27, 50}) drop.hears(drop.hand_over("of day " + std::to_string(on), day(on)), on);
    drop.device.sync(day(51));
    REQUIRE(drop.device.a->files.contains(DroppingStore::name_of(drop.dropped, 1)));
    drop.device.b->fails_with = std::nullopt;
    drop.device.sync(day(52));
    CHECK(drop.device.b->files.contains(DroppingStore::name_of(drop.dropped)));
}

TEST_CASE("nothing is handed over again while researchers say nothing of much later files") {
    DroppingStore drop;
    SUBCASE("nothing at all") {}
    SUBCASE("something of one that was handed over in the same week") {
        const auto same_week = drop.device.seal("the same week");
        drop.device.sync(day(8));
        drop.hears(same_week, 40);
    }
    SUBCASE("that a later one has to wait") {
        drop.hears(drop.later, 10, Verdict::quarantined);
    }
    SUBCASE("but for one whose key the study no longer has") {
        drop.device.study().quorum = 1;
        drop.device.study().hold_days = 0;
        drop.hears(drop.later, 10);
        std::erase(drop.device.study().receipt_signers, researcher(1).verify_key());
    }
    SUBCASE("of which only the last copy is later") {
        drop.device.study().stores = {{"memory:a", {}}, {"memory:b", {}}};
        drop.device.study().copies = 2;
        drop.device.b->fails_with = sync::Fault::unreachable;
        const auto first = drop.device.seal("in both");
        drop.device.sync(day(2));
        drop.hears(first, 3);
        drop.device.b->fails_with = std::nullopt;
        drop.device.sync(day(20));  // B gets all three
    }
    CHECK(drop.puts_in_pass(50) == 0);
}

TEST_CASE("what one signer has, who is not enough, is offered again after a longer while") {
    DroppingStore drop;
    Verdict verdict{};
    SUBCASE("accepted") {
        verdict = Verdict::accepted;
    }
    SUBCASE("waiting") {
        verdict = Verdict::quarantined;
    }
    drop.device.answer(1, drop.dropped, ++drop.counter, verdict);
    drop.hears(drop.later, 9);
    drop.hears(drop.hand_over("a month later", day(32)), 32);
    CHECK(drop.puts_in_pass(33) == 0);
    drop.hears(drop.hand_over("a day after that", day(33)), 33);
    CHECK(drop.puts_in_pass(34) == 1);
    CHECK(drop.is_there());
}

TEST_CASE("a file that enough have accepted is in no store's hands any more") {
    DroppingStore drop;
    drop.device.study().quorum = 1;
    drop.device.answer(1, drop.dropped, ++drop.counter);
    drop.hears(drop.later, 9);
    drop.hears(drop.hand_over("much later", day(300)), 300);
    CHECK(drop.puts_in_pass(301) == 0);
}

TEST_CASE("a file that nobody ever accepts is offered less and less often, and under another name in turn") {
    DroppingStore drop;
    drop.device.study().quorum = 1;
    drop.device.study().hold_days = 0;
    drop.hears(drop.later, 9);
    std::vector<int> days;
    for (int on = 10; on <= 130; ++on) {
        const auto hash = drop.device.seal("of day " + std::to_string(on), day(on));
        if (drop.puts_in_pass(on) == 2) days.push_back(on);
        drop.hears(hash, on);
    }
    CHECK(days == std::vector<int>{10, 27, 60, 125});
    for (const int resend : {0, 1, 2})
        CHECK(drop.device.a->files.contains(DroppingStore::name_of(drop.dropped, resend)));
}

TEST_CASE("a store that lists what researchers do not get is not believed, nor said to have lost it") {
    DroppingStore drop;
    drop.device.a->write_only = false;
    drop.device.a->files[DroppingStore::name_of(drop.dropped)] = "one";
    drop.hears(drop.later, 10);
    const int before = drop.device.a->puts;
    CHECK(drop.device.sync(day(11)).findings.empty());
    CHECK(drop.device.a->puts == before + 1);
    CHECK(drop.puts_in_pass(12) == 0);
}

TEST_CASE("a file that is let go at once still tells of those before it") {
    DroppingStore drop;
    drop.device.study().hold_days = 0;
    drop.device.study().quorum = 1;
    drop.hears(drop.later, 10);
    REQUIRE_FALSE(drop.device.has(drop.later));
    CHECK(drop.puts_in_pass(11) == 1);
    CHECK(drop.is_there());
}

TEST_CASE("a clock that was years ahead has files sent once more, and not for ever") {
    DroppingStore drop;
    drop.hears(drop.later, 10);
    const auto ahead = day(27'000);
    drop.hears(drop.hand_over("years ahead", ahead), ahead);
    drop.device.sync(ahead);
    for (const int on : {12, 13, 14}) CHECK(drop.puts_in_pass(on) == 0);
    drop.hears(drop.hand_over("right again", day(15)), 15);
    CHECK(drop.puts_in_pass(16) > 0);
    for (const int on : {17, 18, 19}) CHECK(drop.puts_in_pass(on) == 0);
}

TEST_CASE("while a clock is years behind nothing is sent again") {
    DroppingStore drop;
    drop.hears(drop.later, 10);
    const std::chrono::sys_days behind{};
    drop.hand_over("years behind", behind);
    for (int times = 0; times < 3; ++times) CHECK(drop.puts_in_pass(behind) == 0);
}

TEST_CASE("notes of before, without a day of handing over, are read as they are") {
    DroppingStore drop;
    const fs::path note = drop.device.profile / "outbox" / (drop.dropped + ".json");
    std::string text = content_of(note);
    const std::string with_day = R"({"day":"20261101","name":)";
    REQUIRE(text.find(with_day) != std::string::npos);
    text.replace(text.find(with_day), with_day.size(), R"({"name":)");
    write(note, text);
    CHECK(drop.puts_in_pass(10) == 0);
    drop.hears(drop.later, 10);
    CHECK(drop.puts_in_pass(11) == 1);
}

TEST_CASE("how long nobody has said anything of a file is told, as far as somebody could") {
    OutboxDevice device;
    device.a->write_only = true;
    const auto first = device.seal("one");
    CHECK(device.sync(day(3)).silent_days == 0);
    device.seal("another", day(20));
    device.sync(day(20));
    CHECK(device.sync(day(33)).silent_days == 30);
    SUBCASE("one signer has seen the first of them") {
        device.answer(1, first);
        CHECK(device.sync(day(34)).silent_days == 14);
    }
    SUBCASE("it has to wait there, which is a word, too") {
        device.answer(1, first, 1, Verdict::quarantined);
        CHECK(device.sync(day(34)).silent_days == 14);
    }
    SUBCASE("nobody signs receipts in this study") {
        device.study().receipt_signers.clear();
        CHECK(device.sync(day(34)).silent_days == 0);
    }
    SUBCASE("a clock that was ahead when it was handed over says nothing") {
        CHECK(device.sync(day(2)).silent_days == 0);
    }
}

TEST_CASE(
    "what a store has lost goes there again once it takes files, also when it lets nobody look by then") {
    OutboxDevice device;
    device.seal("interviews");
    device.sync();
    device.a->files.clear();
    device.a->puts_fail_with = sync::Fault::no_space;
    const auto full = device.sync();
    CHECK(full.counts == sync::SyncCounts{1, 0, 0, 0});
    CHECK(full.still_waiting == 1);
    device.a->puts_fail_with.reset();
    SUBCASE("a hardened store") {
        device.a->write_only = true;
    }
    SUBCASE("a list that breaks off") {
        device.a->list_breaks_off = 0;
    }
    const auto again = device.sync();
    CHECK(again.handed_over == 1);
    CHECK(again.counts == sync::SyncCounts{0, 1, 0, 0});
    CHECK(device.a->files.size() == 1);
    CHECK(device.sync().handed_over == 0);
}

TEST_CASE("that a store has lost files is told once, also where another one gets them") {
    OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
    device.seal("interviews");
    device.sync();
    REQUIRE(std::exchange(device.a->files, {}).size() == 1);
    device.options.pick = [](std::size_t) { return 0; };  // B first
    const auto summary = device.sync();
    CHECK(device.b->files.size() == 1);
    REQUIRE(summary.findings.size() == 1);
    CHECK(summary.findings[0].kind == Kind::lost);
    CHECK(summary.findings[0].store == "memory:a");
    CHECK(device.sync().findings.empty());
}

TEST_CASE("what a store lists again is there") {
    OutboxDevice device;
    device.seal("interviews");
    device.sync();
    const auto files = std::exchange(device.a->files, {});
    device.a->puts_fail_with = sync::Fault::no_space;
    CHECK(device.sync().counts.sealed == 1);
    device.a->files = files;
    const int puts = device.a->puts;
    CHECK(device.sync().counts.handed_over == 1);
    device.a->write_only = true;
    CHECK(device.sync().still_waiting == 0);
    CHECK(device.a->puts == puts);
}

TEST_CASE("a list that breaks off says nothing of what would stand behind its end") {
    OutboxDevice device;
    std::vector<std::string> names;
    for (int on = 1; on <= 3; ++on)
        names.push_back(sync::batch_name(study_tag, day(on), device.seal(std::to_string(on), day(on))));
    device.sync(day(3));
    device.a->files.erase(names[0]);
    device.a->files.erase(names[2]);
    device.a->files[sync::batch_name(study_tag, day(9), std::string(64, 'f'))] = "another device's";
    device.a->list_breaks_off = 1;
    CHECK(device.sync(day(3)).handed_over == 1);
    CHECK(device.a->files.contains(names[0]));
    CHECK_FALSE(device.a->files.contains(names[2]));
    device.a->list_breaks_off.reset();
    CHECK(device.sync(day(3)).handed_over == 1);
    CHECK(device.a->files.contains(names[2]));
}

TEST_CASE("silence is counted from the first time, however often a store takes a file and drops it again") {
    OutboxDevice device;
    device.seal("interviews");
    for (int on = 1; on <= 31; on += 3) {
        const auto summary = device.sync(day(on));
        CHECK(summary.handed_over == 1);
        CHECK(summary.silent_days == on - 1);
        device.a->files.clear();
    }
}

TEST_CASE("a store that counts bytes otherwise and shows nobody a file gets each under two names at most") {
    OutboxDevice device;
    device.a->shows_no_batches = true;
    const auto hash = device.seal("interviews");
    device.sync();
    const auto count_otherwise = [&] {
        for (auto& [name, content] : device.a->files) content = "all of them";
    };
    count_otherwise();
    CHECK(device.sync().handed_over == 1);
    for (int pass = 0; pass < 3; ++pass) {
        count_otherwise();
        const int puts = device.a->puts;
        CHECK(device.sync().counts.handed_over == 1);
        CHECK(device.a->puts == puts);
    }
    CHECK(device.a->files.size() == 2);
    CHECK(device.a->files.contains(sync::batch_name(study_tag, day(1), hash, 1)));
}

TEST_CASE("files of an earlier profile go out like others, and their silence is nobody's") {
    OutboxDevice device;
    const auto before = device.seal("of before"), handed_over = device.seal("handed over before");
    device.sync();
    REQUIRE(device.outbox().record_earlier(study_tag));
    const auto late = device.seal("sealed since");
    device.a->files.clear();
    auto summary = device.sync(day(2));
    CHECK(summary.handed_over == 3);
    CHECK(summary.counts == sync::SyncCounts{0, 3, 0, 0, 2});
    device.answer(1, late);
    summary = device.sync(day(40));
    CHECK(summary.silent_days == 0);
    CHECK(summary.counts == sync::SyncCounts{0, 3, 0, 0, 2});
    device.study().study_tag = "zzzzzzzz";  // of another study nothing is said
    REQUIRE(device.outbox().record_earlier("zzzzzzzz"));
    CHECK_FALSE(device.outbox().find(late)->earlier);
    CHECK(device.outbox().find(before)->earlier);
    CHECK(device.outbox().find(handed_over)->earlier);
}

TEST_CASE("no copy of a file of an earlier profile is doubtful: nobody can say anything of it here") {
    DroppingStore drop;
    drop.hears(drop.later, 10);
    REQUIRE(drop.device.outbox().record_earlier(study_tag));
    for (const int on : {11, 60, 200}) CHECK(drop.puts_in_pass(on) == 0);
}

TEST_CASE("a clock that was behind when a file was handed over makes no silence of it") {
    OutboxDevice device;
    device.seal("interviews", day(1));
    device.sync(std::chrono::sys_days{});
    CHECK(device.sync(day(20)).silent_days == 19);
}
