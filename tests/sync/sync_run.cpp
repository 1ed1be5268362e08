#include "sync/sync_run.h"

#include <sys/wait.h>
#include <unistd.h>

#include "sync/wordings.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::Verdict;
using Kind = sync::SyncFinding::Kind;

namespace {

std::vector<Kind> kinds(const sync::SyncSummary& summary) {
    std::vector<Kind> found;
    for (const auto& finding : summary.findings) found.push_back(finding.kind);
    return found;
}

std::vector<Fault> faults_of_stores(const sync::SyncSummary& summary) {
    std::vector<Fault> found;
    for (const auto& finding : summary.findings)
        if (finding.kind == Kind::store)
            found.push_back(std::get<sync::TransportError>(finding.problem).fault);
    return found;
}

/// A rising name a page, and more to come, whatever it is told; stops the person's pass at the third page.
class ListsForEver final : public sync::Transport {
  public:
    ListsForEver(int& pages, std::stop_source stop) : pages_(pages), stop_(std::move(stop)) {}

    sync::TransportResult<sync::PutOutcome> put(std::string_view, const sync::Content&,
                                                const sync::Watch&) override {
        return sync::PutOutcome::stored;
    }
    sync::TransportResult<sync::Listing> list(std::string_view, std::string_view, std::size_t,
                                              const std::stop_token&) override {
        if (++pages_ == 3) stop_.request_stop();
        return sync::Listing{{{sync::batch_name(study_tag, day(pages_), std::string(64, 'a')), 1}},
                             pages_ < 25};
    }
    sync::TransportResult<void> get(std::string_view, std::uint64_t, const sync::Sink&,
                                    const sync::Watch&) override {
        return tl::unexpected(sync::TransportError{Fault::not_found, address(), "", std::nullopt});
    }
    std::string address() const override { return "memory:"; }

  private:
    int& pages_;
    std::stop_source stop_;
};

/// A store in which nobody has made the folder of one study, or where nobody may write into it.
class WithoutOneFolder final : public sync::Transport {
  public:
    WithoutOneFolder(std::shared_ptr<MemoryStore::State> state, Fault fault)
        : store_(std::move(state), "memory:a"), fault_(fault) {}

    sync::TransportResult<sync::PutOutcome> put(std::string_view name, const sync::Content& content,
                                                const sync::Watch& watch) override {
        if (!name.starts_with(study_tag)) return store_.put(name, content, watch);
        return tl::unexpected(sync::TransportError{fault_, address(), "", std::nullopt});
    }
    sync::TransportResult<sync::Listing> list(std::string_view prefix, std::string_view after,
                                              std::size_t limit, const std::stop_token& stop) override {
        return store_.list(prefix, after, limit, stop);
    }
    sync::TransportResult<void> get(std::string_view name, std::uint64_t most, const sync::Sink& sink,
                                    const sync::Watch& watch) override {
        return store_.get(name, most, sink, watch);
    }
    std::string address() const override { return store_.address(); }

  private:
    MemoryStore store_;
    Fault fault_;
};

const std::vector<sync::Store> two_stores{{"memory:a", {}}, {"memory:b", {}}};

}  // namespace

TEST_CASE("a sealed file is handed over once, under its day and hash") {
    OutboxDevice device;
    const auto hash = device.seal("interviews", day(3));
    CHECK(device.sync().handed_over == 1);
    CHECK(device.a->files ==
          decltype(device.a->files){{sync::batch_name(study_tag, day(3), hash), "interviews"}});
    const int puts = device.a->puts;
    CHECK(device.sync(day(9)).handed_over == 0);
    CHECK(device.a->puts == puts);
    CHECK(device.has(hash));
}

TEST_CASE("a file that a store has lost or cut short is handed over again, until it is confirmed") {
    OutboxDevice device;
    const auto hash = device.seal("interviews", day(3));
    device.sync();
    SUBCASE("lost") {
        device.a->files.clear();
        CHECK(device.sync().handed_over == 1);
        CHECK(device.a->files.begin()->second == "interviews");
    }
    SUBCASE("cut short") {
        device.a->files.begin()->second = "inter";
        CHECK(device.sync().handed_over == 1);
        CHECK(device.a->files[sync::batch_name(study_tag, day(3), hash, 1)] == "interviews");
    }
    CHECK(device.sync().handed_over == 0);
    device.answer(1, hash);
    device.answer(2, hash);
    device.sync();
    device.a->files.erase(sync::batch_name(study_tag, day(3), hash));
    CHECK(device.sync().handed_over == 0);
}

TEST_CASE("what a store lists in another size, and shows to nobody, goes there under the next name") {
    OutboxDevice device;
    device.a->shows_no_batches = true;
    const auto hash = device.seal("interviews", day(3));
    device.sync();
    device.a->files.begin()->second = "";
    const auto summary = device.sync();
    CHECK(kinds(summary) == std::vector{Kind::other_content});
    CHECK(device.a->files[sync::batch_name(study_tag, day(3), hash, 1)] == "interviews");
    CHECK(device.sync().handed_over == 0);
}

TEST_CASE("what a store lists without a size is there") {
    OutboxDevice device;
    device.a->tells_no_sizes = true;
    device.seal("interviews");
    CHECK(device.sync().handed_over == 1);
    CHECK(device.sync().handed_over == 0);
    device.a->files.clear();
    CHECK(device.sync().handed_over == 1);
}

TEST_CASE("counts tell sealed, handed over, confirmed and forgotten apart") {
    OutboxDevice device;
    const auto confirmed = device.seal("1");
    device.answer(1, confirmed);
    device.answer(2, confirmed);
    CHECK(device.sync().counts == sync::SyncCounts{0, 0, 1, 0});
    device.seal("2");
    CHECK(device.sync().counts == sync::SyncCounts{0, 1, 1, 0});
    device.a->fails_with = Fault::unreachable;
    device.seal("3");
    CHECK(device.sync().counts == sync::SyncCounts{1, 1, 1, 0});
    device.a->fails_with.reset();
    CHECK(device.sync(day(31)).counts == sync::SyncCounts{0, 2, 0, 1});
    CHECK_FALSE(device.has(confirmed));
}

TEST_CASE("a store that fails is asked once a pass, and the other one has the files") {
    OutboxDevice device(two_stores);
    device.a->fails_with = Fault::no_space;
    for (int i = 0; i < 5; ++i) device.seal(std::to_string(i));
    const auto summary = device.sync();
    CHECK(summary.handed_over == 5);
    CHECK(summary.still_waiting == 0);
    CHECK(kinds(summary) == std::vector{Kind::store});
    CHECK(device.a->puts == 1);
    CHECK(device.b->files.size() == 5);
}

TEST_CASE("a store that takes no file still gives its receipts") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.sync();
    device.answer(1, hash);
    device.answer(2, hash);
    for (int i = 0; i < 3; ++i) device.seal(std::to_string(i));
    for (const Fault fault : {Fault::no_space, Fault::read_only, Fault::not_permitted}) {
        device.a->puts_fail_with = fault;
        const int puts = device.a->puts;
        const auto summary = device.sync();
        CHECK(summary.counts.confirmed == 1);
        CHECK(kinds(summary) == std::vector{Kind::store});
        CHECK(summary.stores[0].problem->fault == fault);
        CHECK_FALSE(summary.stores[0].answered);  // so that it rests longer each time
        CHECK(device.a->puts == puts + 1);
    }
}

TEST_CASE("a store that gives no receipts gets what is long, and what another one has lost, all the same") {
    OutboxDevice device(two_stores);
    device.b->gets_fail_with = Fault::not_permitted;
    SUBCASE("since it lets nobody read them") {}
    SUBCASE("since it says that it has no such folder") {
        device.b->gets_fail_with = Fault::no_store;
    }
    SUBCASE("since it sends whoever reads to a page of its own") {
        device.b->gets_fail_with = Fault::not_a_store;
    }
    device.seal("answers");
    device.sync();
    device.a->files.clear();
    device.a->puts_fail_with = Fault::no_space;
    device.seal(std::string(2'000'000, 'p'));
    const auto summary = device.sync();
    CHECK(summary.handed_over == 2);
    CHECK(summary.still_waiting == 0);
    CHECK(device.b->files.size() == 2);
    CHECK(summary.stores[1].answered);
    CHECK_FALSE(summary.stores[1].problem);
}

TEST_CASE("whether a store rests for answering no store's way is said by what is put, not by what is read") {
    OutboxDevice device;
    device.seal("answers");
    device.sync();
    Fault fault = Fault::not_a_store;
    SUBCASE("a page of a network, or of its own") {}
    SUBCASE("no such folder") {
        fault = Fault::no_store;
    }
    device.a->gets_fail_with = fault;
    auto summary = device.sync();
    CHECK(kinds(summary) == std::vector{Kind::receipt});
    CHECK_FALSE(summary.stores[0].problem);

    device.seal("more answers");
    CHECK(device.sync().handed_over == 1);

    device.a->puts_fail_with = fault;
    device.seal(std::string(2'000'000, 'p'));  // goes out after the receipts
    summary = device.sync();
    CHECK(kinds(summary) == std::vector{Kind::receipt, Kind::store});
    REQUIRE(summary.stores[0].problem);
    CHECK(summary.stores[0].problem->fault == fault);
}

TEST_CASE("a store whose receipts may not be read is told as that, and is no store that takes nothing") {
    OutboxDevice device;
    device.a->gets_fail_with = Fault::not_permitted;
    device.seal("answers");
    device.sync();
    const auto summary = device.sync();
    REQUIRE(kinds(summary) == std::vector{Kind::receipt});
    CHECK(
        sync::sentence(summary.findings[0]) ==
        "Receipts may not be read in memory:a, or there are none yet and it does not say so. Files go there "
        "all the same, and all of them stay on this machine; whoever set up the store must let devices read "
        "their receipts.");
    CHECK_FALSE(summary.stores[0].problem);
}

TEST_CASE("what no store has is handed over before any list is asked for, but for photos") {
    OutboxDevice device;
    device.seal("old");
    device.sync();
    device.a->files.clear();  // it goes there again, and before the photo
    device.seal("new");
    const auto photo = device.seal(std::string(2'000'000, 'p'));
    std::vector<std::size_t> files;
    device.a->on_list = [&] { files.push_back(device.a->files.size()); };
    device.options.on_progress = [&](const sync::SyncProgress& progress) {
        CHECK(progress.files >= 2);
        if (progress.file == 2)
            CHECK_FALSE(device.a->files.contains(sync::batch_name(study_tag, day(1), photo)));
    };
    CHECK(device.sync().handed_over == 3);
    CHECK(files == std::vector<std::size_t>{1});
}

TEST_CASE("a list that does not end in time is done without: files are taken and receipts given") {
    OutboxDevice device(two_stores);
    device.options.longest_reading = std::chrono::milliseconds(200);
    const auto hash = device.seal("x");
    device.sync();
    device.a->lists_for_ever = true;
    device.answer(1, hash);
    device.seal(std::string(2'000'000, 'p'));
    const auto summary = device.sync();
    CHECK(summary.handed_over == 1);
    CHECK(summary.receipts == 1);
    REQUIRE(summary.stores[0].problem);
    CHECK(summary.stores[0].problem->fault == Fault::unreachable);
    CHECK(summary.stores[0].problem->detail == "its list of files takes too long");
    CHECK_FALSE(summary.cancelled);
}

TEST_CASE("receipts that do not end in time are left, and those of another store are read") {
    OutboxDevice device(two_stores);
    device.options.longest_reading = std::chrono::milliseconds(200);
    const auto hash = device.seal("x");
    device.answer(1, hash);
    device.b->files = device.a->files;
    device.a->gives_for_ever = true;
    const auto summary = device.sync();
    CHECK(summary.receipts == 1);
    CHECK(summary.stores[0].problem->detail == "its receipts take too long");
    CHECK_FALSE(summary.stores[1].problem);
    CHECK_FALSE(summary.cancelled);
}

TEST_CASE("a store that rests is not asked at all, and the other one has the files") {
    OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
    device.seal("first");
    device.options.resting = {{study_tag, "memory:a"}};
    const auto opened = std::make_shared<std::vector<std::string>>();
    device.options.open = [&, open = device.options.open](const sync::Store& store) {
        opened->push_back(store.address);
        return open(store);
    };
    const auto pass = device.sync();
    CHECK(*opened == std::vector<std::string>{"memory:b"});
    CHECK(device.b->files.size() == 1);
    CHECK(pass.findings.empty());
    device.study().copies = 2;
    CHECK(device.sync().still_waiting == 1);
    device.options.resting = {{"z9z9z9z9z9z9", "memory:a"}};  // another study's store of this address
    CHECK(device.sync().still_waiting == 0);
}

TEST_CASE("a pass tells of each store whether it answered, failed, or was not asked") {
    OutboxDevice device({{"memory:b", {}}, {"memory:a", {}}, {"memory:c", {}}});
    device.options.open = [&, open = device.options.open](const sync::Store& store) {
        if (store.address != "memory:b") return open(store);
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(
            tl::unexpected(sync::TransportError{Fault::busy, "memory:b", "", std::chrono::seconds(70)}));
    };
    device.options.resting = {{study_tag, "memory:c"}};
    device.seal("first");
    const auto stores = device.sync().stores;
    REQUIRE(stores.size() == 3);
    CHECK(stores[0].store == sync::StoreName{study_tag, "memory:a"});
    CHECK(stores[0].answered);
    CHECK_FALSE(stores[0].problem);
    CHECK_FALSE(stores[1].answered);
    REQUIRE(stores[1].problem);
    CHECK(stores[1].problem->retry_after == std::chrono::seconds(70));
    CHECK_FALSE(stores[2].answered);
    CHECK_FALSE(stores[2].problem);
}

TEST_CASE("progress tells what is sent, and what a store has taken") {
    OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
    device.study().copies = 2;
    device.a->fails_with = Fault::too_large;
    device.seal("first");
    device.seal("a longer one");
    std::vector<sync::SyncProgress> told;
    device.options.on_progress = [&](const sync::SyncProgress& progress) { told.push_back(progress); };
    device.sync();
    REQUIRE_FALSE(told.empty());
    CHECK(told.front().bytes_waiting == 34);
    CHECK(told.front().hash == sha256_of("first"));
    CHECK(told.front().bytes_sent == 5);
    CHECK(told.front().taken == 0);  // sent is not yet taken
    CHECK(told.back().file == 2);
    CHECK(told.back().taken == 2);
    CHECK(told.back().bytes_sent == 17);
}

TEST_CASE("two studies with one address keep their credentials apart") {
    OutboxDevice device({{"memory:a", {{"user", "one"}}}});
    device.config.studies.push_back(study_with({{"memory:a", {{"user", "two"}}}}, "zzzzzzzz"));
    std::vector<std::string> users;
    device.options.open = [&](const sync::Store& store) {
        users.push_back(store.settings.at("user"));
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(std::make_unique<MemoryStore>(
            store.settings.at("user") == "one" ? device.a : device.b, "memory:a"));
    };
    device.a->fails_with = Fault::not_permitted;  // the first study's password is wrong
    device.seal("1");                             // the shortest goes first
    auto box = device.outbox();
    REQUIRE(
        box.finish_open(sync::Outbox::open_name("zzzzzzzz", "1"), crypto::bytes_of("of the second"), day(1)));
    const auto summary = device.sync();
    CHECK(users == std::vector<std::string>{"one", "two"});
    CHECK(kinds(summary) == std::vector{Kind::store});
    CHECK(device.a->files.empty());
    CHECK(device.b->files.size() == 1);
}

TEST_CASE("a store that can't keep files from being replaced is told of once a pass") {
    OutboxDevice device;
    device.a->unguarded = true;
    device.seal("1");
    device.seal("2");
    const auto summary = device.sync();
    CHECK(summary.handed_over == 2);
    CHECK(kinds(summary) == std::vector{Kind::unguarded});
}

TEST_CASE("as many stores have a file as the study asks for") {
    OutboxDevice device(two_stores);
    device.study().copies = 2;
    device.seal("x");
    device.b->fails_with = Fault::unreachable;
    const auto first = device.sync();
    CHECK(first.still_waiting == 1);
    CHECK(first.counts == sync::SyncCounts{1, 0, 0, 0});  // one copy is not what the study asks for
    device.b->fails_with.reset();
    const auto second = device.sync();
    CHECK(second.still_waiting == 0);
    CHECK(second.counts == sync::SyncCounts{0, 1, 0, 0});
    CHECK(device.a->files == device.b->files);
}

TEST_CASE("one file that can't be read never blocks another") {
    OutboxDevice device;
    const auto bad = device.seal("1"), good = device.seal("2");
    fs::remove(device.outbox().path_of(bad));
    fs::create_directory(device.outbox().path_of(bad));
    CHECK(device.sync().handed_over == 1);
    CHECK(device.a->files.contains(sync::batch_name(study_tag, day(1), good)));
}

TEST_CASE("a file that the disk has changed is reported, and handed over as what it is") {
    OutboxDevice device;
    const auto hash = device.seal("good");
    write(device.outbox().path_of(hash), "g00d");
    CHECK(kinds(device.sync()) == std::vector{Kind::rotten});
    CHECK(device.a->files.contains(
        sync::batch_name(study_tag, device.outbox().sealed()->front().day, sha256_of("g00d"))));
}

TEST_CASE("a name that a cut upload has poisoned is given up for the next one") {
    OutboxDevice device;
    const auto hash = device.seal("interviews");
    device.a->cuts = true;
    CHECK(device.sync().still_waiting == 1);
    device.a->cuts = false;
    const auto summary = device.sync();
    CHECK(summary.still_waiting == 0);
    CHECK(kinds(summary) == std::vector{Kind::other_content});
    CHECK(device.a->files.at(sync::batch_name(study_tag, day(1), hash, 1)) == "interviews");
}

TEST_CASE("names that hold something else are told of once, and as a file that was not taken where all do") {
    OutboxDevice device;
    const auto hash = device.seal("interviews");
    const auto name = [&](int resend) { return sync::batch_name(study_tag, day(1), hash, resend); };
    for (int resend = 0; resend < sync::most_resends; ++resend) device.a->files[name(resend)] = "other";
    SUBCASE("all but the last one") {
        const auto summary = device.sync();
        CHECK(kinds(summary) == std::vector{Kind::other_content});
        CHECK(device.a->files[name(sync::most_resends)] == "interviews");
    }
    SUBCASE("all of them") {
        device.a->files[name(sync::most_resends)] = "other";
        const auto summary = device.sync();
        CHECK(kinds(summary) == std::vector{Kind::file});
        CHECK(sync::sentence(summary.findings[0]) ==
              "memory:a failed (it has something else under each name of the file). The sealed files wait on "
              "this machine; sync again later.");
        CHECK(summary.still_waiting == 1);
    }
}

TEST_CASE("what researchers have confirmed and then put away is neither missed nor handed over again") {
    OutboxDevice device;
    const auto hash = device.seal("interviews");
    device.sync();
    device.a->files.clear();
    device.answer(1, hash);
    device.answer(2, hash);
    const int puts = device.a->puts;
    const auto summary = device.sync();
    CHECK(device.a->puts == puts);
    CHECK(summary.findings.empty());
    CHECK(summary.counts == sync::SyncCounts{0, 0, 1, 0});
}

TEST_CASE("receipts that do not end in time keep no store from getting what it has lost") {
    OutboxDevice device;
    device.seal("interviews");
    device.sync();
    device.a->files.clear();
    device.a->gives_for_ever = true;
    device.options.longest_reading = std::chrono::milliseconds(50);
    CHECK(device.sync().handed_over == 1);
    CHECK(device.a->files.size() == 1);
}

TEST_CASE("a write-only store that has the name counts as having the file") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.a->write_only = true;
    device.a->files[sync::batch_name(study_tag, day(1), hash)] = "x";
    CHECK(device.sync().still_waiting == 0);
}

TEST_CASE("a file whose note is lost finds its study by the tag in its header") {
    OutboxDevice device;
    device.config.studies.push_back(study_with({{"memory:b", {}}}, "zzzzzzzz"));
    const auto tag = sync::routing_tag("zzzzzzzz");
    const std::string batch = std::string(16, 'h') + std::string(tag.begin(), tag.end()) + "sealed";
    const auto known = device.seal(batch), unknown = device.seal("too short to tell");
    fs::remove(device.profile / "outbox" / (known + ".json"));
    fs::remove(device.profile / "outbox" / (unknown + ".json"));
    const auto summary = device.sync();
    CHECK(device.a->files.empty());
    CHECK(device.b->files.size() == 1);
    CHECK(kinds(summary) == std::vector{Kind::unknown_study});
    CHECK(device.has(unknown));
}

TEST_CASE("a part of a photo goes out once its interview is sealed, and never before") {
    OutboxDevice device;
    auto part = device.outbox().begin_file(study_tag, day(3));
    REQUIRE(part);
    REQUIRE(part->write(crypto::bytes_of("part of a photo")));
    const auto hash = sha256_of("part of a photo");
    REQUIRE(part->publish(hash));
    const auto summary = device.sync();
    CHECK(summary.handed_over == 0);
    CHECK(summary.still_waiting == 0);
    CHECK(device.a->files.empty());
    REQUIRE(device.outbox().release(hash));
    CHECK(device.sync().handed_over == 1);
    CHECK(device.a->files.size() == 1);
}

TEST_CASE("short files go before long ones: answers never wait for a photo on a link that breaks") {
    OutboxDevice device;
    const auto photo = device.seal(std::string(100'000, 'p'), day(1)),
               answers = device.seal("answers", day(2));
    std::stop_source source;
    device.options.stop = source.get_token();
    device.options.on_progress = [&](const sync::SyncProgress& progress) {
        if (progress.file == 1) source.request_stop();
    };
    CHECK(device.sync(day(2)).handed_over == 1);
    CHECK(device.a->files.contains(sync::batch_name(study_tag, day(2), answers)));
    device.options.stop = {};
    CHECK(device.sync(day(2)).handed_over == 1);
    CHECK(device.a->files.contains(sync::batch_name(study_tag, day(1), photo)));
}

TEST_CASE("a cancelled pass keeps what it has done and goes on later") {
    OutboxDevice device;
    for (int i = 0; i < 3; ++i) device.seal(std::to_string(i));
    std::stop_source source;
    device.options.stop = source.get_token();
    device.options.on_progress = [&](const sync::SyncProgress& progress) {
        if (progress.file == 1) source.request_stop();
    };
    const auto summary = device.sync();
    CHECK(summary.cancelled);
    CHECK(summary.handed_over == 1);
    device.options.stop = {};
    device.options.on_progress = {};
    CHECK(device.sync().handed_over == 2);
}

TEST_CASE("a file goes only when enough researchers have accepted it and the hold has passed") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.answer(1, hash);
    device.answer(2, hash);
    device.sync(day(2));
    CHECK(device.sync(day(31)).forgotten == 0);
    CHECK(device.has(hash));
    CHECK(device.sync(day(32)).forgotten == 1);
    CHECK_FALSE(device.has(hash));
}

TEST_CASE("the hold counts from the last word that was needed, not from the first") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.answer(1, hash);
    device.sync(day(2));
    device.answer(2, hash);
    device.sync(day(20));
    CHECK(device.sync(day(49)).forgotten == 0);
    CHECK(device.has(hash));
    CHECK(device.sync(day(50)).forgotten == 1);
}

TEST_CASE("nothing is deleted") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    SUBCASE("on one signer of two") {
        device.answer(1, hash);
    }
    SUBCASE("on one signer's word given twice") {
        device.answer(1, hash, 1);
        device.answer(1, hash, 2);
    }
    SUBCASE("on receipts of another device") {
        for (std::uint8_t who : {std::uint8_t{1}, std::uint8_t{2}}) {
            auto receipt = device.receipt_for(hash, 1);
            receipt.device_id.fill(7);
            device.answer(who, receipt);
        }
    }
    SUBCASE("on receipts of another study") {
        for (std::uint8_t who : {std::uint8_t{1}, std::uint8_t{2}}) {
            auto receipt = device.receipt_for(hash, 1);
            receipt.study_id.fill(7);
            device.answer(who, receipt);
        }
    }
    SUBCASE("on receipts under a rolled-back policy") {
        for (std::uint8_t who : {std::uint8_t{1}, std::uint8_t{2}}) {
            auto receipt = device.receipt_for(hash, 1);
            receipt.policy_digest.fill(7);
            device.answer(who, receipt);
        }
    }
    SUBCASE("on receipts of keys that the root has not certified") {
        device.answer(8, hash);
        device.answer(9, hash);
    }
    SUBCASE("on quarantine") {
        device.answer(1, hash, 1, Verdict::quarantined);
        device.answer(2, hash, 1, Verdict::quarantined);
    }
    SUBCASE("when a researcher takes the word back") {
        device.answer(1, hash, 1);
        device.answer(2, hash, 1);
        device.answer(2, hash, 2, Verdict::quarantined);
    }
    SUBCASE("on a replayed lower counter") {
        const auto other = device.seal("y");
        device.answer(1, hash, 1);
        device.answer(2, other, 5);
        device.sync(day(1));
        device.answer(2, hash, 4);
    }
    SUBCASE("on receipts for another file") {
        device.answer(1, sha256_of("y"));
        device.answer(2, sha256_of("y"));
    }
    SUBCASE("on junk") {
        device.put_receipt("a portal's page");
        device.put_receipt("");
        device.put_receipt(std::string(2 * 1024 * 1024, 'x'));
    }
    SUBCASE("while the vault is locked") {
        device.answer(1, hash);
        device.answer(2, hash);
        device.options.vault_agrees = {};
    }
    SUBCASE("against the vault's word") {
        device.answer(1, hash);
        device.answer(2, hash);
        device.options.vault_agrees = [](const sync::SealedFile&) { return false; };
    }
    SUBCASE("by a clock that has gone back") {
        device.answer(1, hash);
        device.answer(2, hash);
        device.sync(day(100));
        device.sync(day(1));
        CHECK(device.sync(day(99)).forgotten == 0);
        CHECK(device.has(hash));
        return;
    }
    device.sync(day(1));
    CHECK(device.sync(day(400)).forgotten == 0);
    CHECK(device.has(hash));
}

TEST_CASE(
    "what a key that the study file no longer has has signed counts for nothing, also when it came before") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.answer(1, hash);
    device.answer(2, hash);
    CHECK(device.sync(day(1)).counts.confirmed == 1);
    std::erase(device.study().receipt_signers, researcher(2).verify_key());
    CHECK(device.sync(day(400)).forgotten == 0);
    CHECK(device.has(hash));
    CHECK(device.sync(day(400)).counts.confirmed == 0);
    device.answer(3, hash);  // a key of today says it once more
    device.sync(day(400));
    CHECK(device.sync(day(429)).forgotten == 0);
    CHECK(device.sync(day(430)).forgotten == 1);
}

TEST_CASE("receipts that came before the study file that certifies them count once it is there") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    SUBCASE("signed by a new key") {
        std::erase(device.study().receipt_signers, researcher(3).verify_key());
        device.answer(1, hash);
        device.answer(3, hash);
        CHECK(device.sync(day(1)).counts.confirmed == 0);
        device.study().receipt_signers = study_with({}).receipt_signers;
    }
    SUBCASE("made under the new rules") {
        for (std::uint8_t who : {std::uint8_t{1}, std::uint8_t{2}}) {
            auto receipt = device.receipt_for(hash, 1);
            receipt.policy_digest.fill(0xa3);
            device.answer(who, receipt);
        }
        CHECK(device.sync(day(1)).counts.confirmed == 0);
        crypto::Digest newest;
        newest.fill(0xa3);
        device.study().policies.insert(device.study().policies.begin(), newest);
    }
    CHECK(device.sync(day(2)).counts.confirmed == 1);
    CHECK(device.sync(day(2)).receipts == 0);  // and are not read a third time
    CHECK(device.sync(day(31)).forgotten == 0);
    CHECK(device.sync(day(32)).forgotten == 1);
}

TEST_CASE("junk among the receipts does not hide the good ones behind it") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.put_receipt("junk");
    device.answer(1, hash);
    device.answer(2, hash);
    const auto summary = device.sync();
    CHECK(summary.receipts == 2);
    CHECK(kinds(summary) == std::vector{Kind::receipt});
    CHECK(device.sync().findings.empty());  // each is read once
}

TEST_CASE("of junk in the place of receipts a pass reads a few, and the next ones what is behind it") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    for (int i = 0; i < 10; ++i) device.put_receipt(i % 2 == 0 ? "junk" : std::string(2'000'000, 'x'));
    device.answer(1, hash);
    device.sync();
    CHECK(device.a->gets == 4);
    device.sync();
    CHECK(device.sync().receipts == 1);
}

TEST_CASE("so it is with receipts of a version that this program can't read, which anybody can make") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    const auto file =
        sync::make_receipt(device.receipt_for(hash, 1), researcher(1), device.study().receipt_key);
    REQUIRE(file);
    std::string later = text(*file);
    later[8] = 9;
    for (int i = 0; i < 10; ++i) device.put_receipt(later + std::to_string(i));
    const auto summary = device.sync();
    CHECK(device.a->gets == 4);
    REQUIRE(kinds(summary) == std::vector<Kind>(4, Kind::receipt));
    CHECK(std::get<sync::ReceiptError>(summary.findings[0].problem) == sync::ReceiptError::unknown_version);
}

TEST_CASE("a receipt that can't be read now is told as that, and asked for again") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.answer(1, hash);
    device.a->gets_fail_with = Fault::failed;
    const auto summary = device.sync();
    CHECK(summary.handed_over == 1);
    REQUIRE(kinds(summary) == std::vector{Kind::receipt});
    CHECK(sync::sentence(summary.findings[0]) ==
          "A receipt in memory:a could not be read. It is asked for again in the next sync.");
    device.a->gets_fail_with.reset();
    CHECK(device.sync().receipts == 1);
}

TEST_CASE("receipts are read from another stick at the same place") {
    OutboxDevice device;
    const auto first = device.seal("1"), second = device.seal("2");
    device.answer(1, first, 1);
    device.answer(2, first, 1);
    CHECK(device.sync().receipts == 2);
    const auto stick = device.a->files;
    device.a->files.clear();
    device.receipts = 0;
    SUBCASE("with fewer of them") {
        device.answer(1, second, 2);
    }
    SUBCASE("with as many") {
        device.answer(1, second, 2);
        device.answer(2, second, 2);
    }
    SUBCASE("with more") {
        for (std::uint64_t counter = 2; counter < 6; ++counter) device.answer(1, second, counter);
    }
    SUBCASE("with more, where a program of before has noted how far it read") {
        const auto note = device.profile / "outbox/receipts" /
                          ("next-" + sync::device_tag(device.study().receipt_key) + ".json");
        std::string text = content_of(note);
        REQUIRE(text.find("\"last\"") != std::string::npos);
        text.replace(text.find("\"last\""), 6, "\"gone\"");
        write(note, text);
        for (std::uint64_t counter = 2; counter < 6; ++counter) device.answer(1, second, counter);
    }
    CHECK(device.sync().receipts == device.receipts);
    CHECK(device.sync().receipts == 0);
    device.a->files = stick;  // the old one is back, with what is known
    const auto summary = device.sync();
    CHECK(summary.receipts == 0);
    CHECK(summary.findings.empty());
}

TEST_CASE("receipts behind some that a store has no more are read") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.answer(1, hash, 1);
    device.answer(1, hash, 2);
    CHECK(device.sync().receipts == 2);
    device.a->files.clear();
    SUBCASE("where there are new ones by then") {}
    SUBCASE("where there was none yet") {
        device.sync();
    }
    SUBCASE("where it begins with the first one again") {
        device.sync();
        device.receipts = 0;
    }
    device.answer(2, hash, 1);
    CHECK(device.sync().receipts == 1);
    device.answer(3, hash, 1);
    CHECK(device.sync().receipts == 1);
}

TEST_CASE("of a store that has nothing new a pass reads its last receipt, and no other") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    for (std::uint64_t counter = 1; counter < 6; ++counter) device.answer(1, hash, counter);
    device.sync();
    const int gets = device.a->gets;
    device.sync();
    CHECK(device.a->gets == gets + 2);  // the last one, and whether there is a next
}

TEST_CASE("a clock that stood in the past when receipts came does not shorten the hold") {
    OutboxDevice device;
    const auto hash = device.seal("interviews", day(10));
    device.answer(1, hash);
    device.answer(2, hash);
    device.sync(std::chrono::sys_days(std::chrono::year(2000) / 1 / 1));
    CHECK(device.sync(day(11)).forgotten == 0);
    CHECK(device.sync(day(39)).forgotten == 0);
    CHECK(device.sync(day(40)).forgotten == 1);
}

TEST_CASE("no receipt counts as older than the day on which a store first had its file") {
    OutboxDevice device;
    const auto hash = device.seal("interviews", day(10));
    device.sync(day(50));  // no network before
    device.answer(1, hash);
    device.answer(2, hash);
    device.sync(std::chrono::sys_days(std::chrono::year(2000) / 1 / 1));
    CHECK(device.sync(day(51)).forgotten == 0);
    CHECK(device.sync(day(79)).forgotten == 0);
    CHECK(device.sync(day(80)).forgotten == 1);
}

TEST_CASE("a clock that was years ahead when a file was handed over keeps it no longer for that") {
    OutboxDevice device;
    const auto hash = device.seal("interviews");
    device.sync(day(27'000));
    device.answer(1, hash);
    device.answer(2, hash);
    device.sync(day(2));
    CHECK(device.sync(day(32)).forgotten == 1);
}

TEST_CASE("what is held belongs to a draft, and is counted nowhere") {
    OutboxDevice device;
    auto part = device.outbox().begin_file(study_tag, day(3));
    REQUIRE(part);
    REQUIRE(part->write(crypto::bytes_of("part of a photo")));
    REQUIRE(part->publish(sha256_of("part of a photo")));
    device.seal("interviews");
    CHECK(device.sync().counts == sync::SyncCounts{0, 1, 0, 0});
    device.a->puts_fail_with = Fault::no_space;
    REQUIRE(device.outbox().release(sha256_of("part of a photo")));
    CHECK(device.sync().counts == sync::SyncCounts{1, 1, 0, 0});
}

TEST_CASE("two studies with one address are told of their own trouble each") {
    OutboxDevice device({{"memory:a", {{"user", "one"}}}});
    device.config.studies.push_back(study_with({{"memory:a", {{"user", "two"}}}}, "zzzzzzzz"));
    device.options.open = [&](const sync::Store& store) {
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(std::make_unique<MemoryStore>(
            store.settings.at("user") == "one" ? device.a : device.b, "memory:a"));
    };
    device.seal("1");
    REQUIRE(
        device.outbox().finish_open(sync::Outbox::open_name("zzzzzzzz", "1"), crypto::bytes_of("2"), day(1)));
    device.a->fails_with = Fault::busy;
    device.b->puts_fail_with = Fault::no_space;
    CHECK(kinds(device.sync()) == std::vector{Kind::store, Kind::store});
}

TEST_CASE("what a shared store was told of stays told when one study there meets worse") {
    OutboxDevice device;
    device.config.studies.push_back(study_with({{"memory:a", {}}}, "zzzzzzzz"));
    device.options.longest_reading = std::chrono::milliseconds(200);
    device.a->gives_for_ever = true;  // receipts, of both studies
    device.options.open = [&](const sync::Store&) {
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(
            std::make_unique<WithoutOneFolder>(device.a, Fault::not_permitted));
    };
    REQUIRE(
        device.outbox().finish_open(sync::Outbox::open_name("zzzzzzzz", "1"), crypto::bytes_of("2"), day(1)));
    device.sync();  // from now on receipts are read before what is long goes out
    device.seal(std::string(2'000'000, 'p'));
    CHECK(faults_of_stores(device.sync()) == std::vector{Fault::unreachable, Fault::not_permitted});
}

TEST_CASE("what is the matter with one study's folder holds up no other study in the same store") {
    OutboxDevice device;
    device.config.studies.push_back(study_with({{"memory:a", {}}}, "zzzzzzzz"));
    Fault fault = Fault::no_store;
    SUBCASE("nobody has made it") {}
    SUBCASE("nobody may write into it") {
        fault = Fault::not_permitted;
    }
    device.options.open = [&](const sync::Store&) {
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(
            std::make_unique<WithoutOneFolder>(device.a, fault));
    };
    device.seal("1");  // the shortest goes first
    for (const char* content : {"of the second", "of the second, too"})
        REQUIRE(device.outbox().finish_open(sync::Outbox::open_name("zzzzzzzz", "1"),
                                            crypto::bytes_of(content), day(1)));
    auto summary = device.sync();
    CHECK(summary.handed_over == 2);
    CHECK(kinds(summary) == std::vector{Kind::store});
    REQUIRE(summary.stores.size() == 2);
    REQUIRE(summary.stores[0].problem);
    CHECK(summary.stores[0].problem->fault == fault);
    CHECK_FALSE(summary.stores[1].problem);
    CHECK(summary.stores[1].answered);
    device.options.resting = {summary.stores[0].store};
    REQUIRE(device.outbox().finish_open(sync::Outbox::open_name("zzzzzzzz", "1"), crypto::bytes_of("a third"),
                                        day(1)));
    CHECK(device.sync().handed_over == 1);
}

TEST_CASE("a file of the outbox that can't be read does not hold up the others") {
    OutboxDevice device;
    const auto hash = device.seal("locked away");
    device.seal("other");
    fs::permissions(device.outbox().path_of(hash), fs::perms::none);
    SUBCASE("with its note") {}
    SUBCASE("or without: nobody can tell that its study is gone") {
        fs::remove(device.profile / "outbox" / (hash + ".json"));
    }
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0) become_another_user(device.profile.path());  // root reads everything
        const auto summary = device.sync();
        ::_exit(summary.handed_over == 1 && kinds(summary) == std::vector{Kind::own_file} ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
}

TEST_CASE("the hold begins anew where the day of a receipt is lost, and a lost count reads them again") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.answer(1, hash);
    device.answer(2, hash);
    device.sync(day(1));
    fs::remove_all(device.profile / "outbox/receipts");
    CHECK(device.sync(day(31)).forgotten == 0);
    CHECK(device.sync(day(61)).forgotten == 1);
}

TEST_CASE("one pass forgets no more than its cap") {
    OutboxDevice device;
    device.options.most_forgotten = 2;
    for (int i = 0; i < 3; ++i) {
        const auto hash = device.seal(std::to_string(i));
        const auto counter = static_cast<std::uint64_t>(i + 1);
        device.answer(1, hash, counter);
        device.answer(2, hash, counter);
    }
    device.sync(day(1));
    const auto summary = device.sync(day(31));
    CHECK(summary.forgotten == 2);
    CHECK(kinds(summary) == std::vector{Kind::too_many});
    CHECK(device.sync(day(31)).forgotten == 1);
}

TEST_CASE("receipts count from whichever store offers them, in whatever order") {
    OutboxDevice device(two_stores);
    const auto first = device.seal("1"), second = device.seal("2");
    const auto tag = sync::device_tag(device.study().receipt_key);
    const auto receipt = [&](std::uint64_t counter, const sync::FileHash& hash) {
        return text(*sync::make_receipt(device.receipt_for(hash, counter), researcher(1),
                                        device.study().receipt_key));
    };
    device.a->files[sync::receipt_name(study_tag, tag, 1)] = receipt(2, second);
    device.b->files[sync::receipt_name(study_tag, tag, 1)] = receipt(1, first);
    device.b->files[sync::receipt_name(study_tag, tag, 2)] =
        device.a->files[sync::receipt_name(study_tag, tag, 1)];
    const auto summary = device.sync();
    CHECK(summary.receipts == 2);
    CHECK(summary.findings.empty());
}

TEST_CASE("a file that is confirmed already is not sent again") {
    OutboxDevice device;
    const auto hash = device.seal("x");
    device.answer(1, hash);
    device.answer(2, hash);
    device.sync();
    fs::remove(device.profile / "outbox" / (hash + ".json"));
    REQUIRE(device.outbox().record_study(hash, study_tag));
    const int puts = device.a->puts;
    device.sync();
    CHECK(device.a->puts == puts);
}

TEST_CASE("stopping ends a pass also where a store lists for ever") {
    OutboxDevice device;
    device.seal("1");
    device.sync();
    device.seal("2");
    std::stop_source source;
    int pages = 0;
    device.options.stop = source.get_token();
    device.options.open = [&](const sync::Store&) {
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(
            std::make_unique<ListsForEver>(pages, source));
    };
    const auto summary = device.sync();
    CHECK(summary.cancelled);
    CHECK(pages == 3);
}

TEST_CASE("a folder serves as a store from end to end") {
    TemporaryFolder stick;
    OutboxDevice device({{sync::folder_address(stick.path()), {}}});
    device.options.open = {};
    const auto hash = device.seal("interviews");
    CHECK(device.sync().handed_over == 1);
    sync::FolderStore store(stick.path());
    const auto listing = store.list(study_tag + "/", "", 10, {});
    REQUIRE(listing);
    REQUIRE(listing->files.size() == 1);
    CHECK(sync::parse_batch_name(listing->files[0].name)->hash == hash);
    for (std::uint8_t who : {std::uint8_t{1}, std::uint8_t{2}}) {
        const auto file =
            sync::make_receipt(device.receipt_for(hash, 1), researcher(who), device.study().receipt_key);
        const auto name = sync::receipt_name(study_tag, sync::device_tag(device.study().receipt_key), who);
        REQUIRE(store.put(name, crypto::ByteView(*file), {}));
    }
    CHECK(device.sync().receipts == 2);
    CHECK(device.sync(day(31)).forgotten == 1);
    fs::remove_all(stick.path());
    CHECK(faults_of_stores(device.sync()) == std::vector{Fault::no_store});
    device.seal("more interviews");
    CHECK(faults_of_stores(device.sync()) == std::vector{Fault::no_store});
}

TEST_CASE("without another word the system's randomness says to which store a file goes first") {
    int to_a = 0, to_b = 0;
    for (int pass = 0; pass < 64; ++pass) {  // one of them stays empty once in 2^63
        OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
        device.options.pick = {};
        device.seal("x");
        device.sync();
        to_a += device.a->puts;
        to_b += device.b->puts;
    }
    CHECK(to_a + to_b == 64);
    CHECK(to_a > 0);
    CHECK(to_b > 0);
}
