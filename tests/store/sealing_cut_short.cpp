#include "client/store/sealing.h"

#include <doctest/doctest.h>

#include "tests/support/store.h"
#include "tests/support/vault_pages.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::Step;

// Sealing that a kill or a full disk cuts short.

namespace {

/// A batch's file that was announced and never decided upon, with what stands in its place that can't be
/// read.
class Announced {
  public:
    explicit Announced(const Device& device)
        : in_the_way_(store::outbox_folder(device.profile.path()) / (hash + ".batch")) {
        std::filesystem::create_directory(in_the_way_);
        auto opened = store::Database::open(
            device.profile.file("vault.db"),
            database_key_of(master_key_of(device.profile.path(), Device::right_passphrase)));
        REQUIRE(opened.has_value());
        database_.emplace(std::move(*opened));
    }
    /// Locked as it is: of this study, with this draft in it.
    void put(const store::StudyId& study, std::string_view file = hash, std::string_view draft = {}) {
        crypto::Digest any{};
        any.fill(1);
        REQUIRE(database_
                    ->run("INSERT INTO pending (study, sequence, records, next_record, batch_id, last_leaf,"
                          " file_hash, draft) VALUES (?, 0, 1, 1, ?, ?, ?, nullif(?, ''))",
                          crypto::ByteView(study), crypto::ByteView(any), crypto::ByteView(any), file, draft)
                    .has_value());
    }
    void close() { database_.reset(); }
    void can_be_read() { std::filesystem::remove(in_the_way_); }

    static inline const std::string hash = std::string(64, 'a');

  private:
    std::filesystem::path in_the_way_;
    std::optional<store::Database> database_;
};

}  // namespace

TEST_CASE("killed at any step of a finalise, the interview stands exactly once: as a draft or sealed") {
    FieldDevice device;
    device.interview(1);
    device.lock();
    Step step{};
    bool sealed = true;
    SUBCASE("announced") {
        step = Step::announced;
        sealed = false;
    }
    SUBCASE("written") {
        step = Step::written;
    }
    SUBCASE("recorded") {
        step = Step::recorded;
    }
    SUBCASE("checkpointed") {
        step = Step::checkpointed;
    }
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(step));
        device.start("draft", "yes");
        (void)device.finalise("draft", 2);
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(device.unlock().has_value());
    store::Found found{sealed ? 1U : 0U, std::nullopt};
    if (step == Step::announced || step == Step::written) found.interrupted = {"draft", sealed};
    CHECK(device.vault().found() == found);
    CHECK(device.drafts().size() == (sealed ? 0 : 1));
    CHECK(device.sealed_times(2) == (sealed ? 1 : 0));
    CHECK(device.counts() == store::Counts{sealed ? 0 : 1, sealed ? 2 : 1, 0, 0});

    if (!sealed) REQUIRE(device.finalise("draft", 2).has_value());
    device.interview(3);
    device.lock();
    CHECK(device.sealed_times(2) == 1);
    const auto batches = device.batches();
    for (std::size_t i = 1; i < batches.size(); ++i)
        CHECK(batches[i].open.previous_batch == batches[i - 1].id);
}

TEST_CASE("killed at any step of the third interview of a batch, the two before it are there once") {
    FieldDevice device;
    device.lock();
    Step step{};
    bool sealed = true;
    SUBCASE("announced") {
        step = Step::announced;
        sealed = false;
    }
    SUBCASE("written") {
        step = Step::written;
    }
    SUBCASE("recorded") {
        step = Step::recorded;
    }
    int times = 0;
    in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, [&](Step reached) {
            if (reached == step && ++times == 3) ::kill(::getpid(), SIGKILL);
        });
        for (std::uint8_t i = 1; i <= 3; ++i) device.interview(i);
    });
    REQUIRE(device.unlock().has_value());
    CHECK(device.sealed_times(1) == 1);
    CHECK(device.sealed_times(2) == 1);
    CHECK(device.sealed_times(3) + static_cast<int>(device.drafts().size()) == 1);
    CHECK(device.sealed_times(3) == (sealed ? 1 : 0));
}

TEST_CASE("killed at any step of finishing a batch, nothing is lost and the chain goes on") {
    FieldDevice device;
    device.lock();
    Step step{};
    SUBCASE("announced") {
        step = Step::announced;
    }
    SUBCASE("written") {
        step = Step::written;
    }
    SUBCASE("recorded") {
        step = Step::recorded;
    }
    int times = 0;
    in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, [&](Step reached) {
            if (reached == step && ++times == 3)
                ::kill(::getpid(), SIGKILL);  // two interviews, then the finish
        });
        device.interview(1);
        device.interview(2);
        (void)device.vault().lock();
    });
    REQUIRE(device.unlock().has_value());
    device.interview(3);
    device.lock();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[0].records.size() == 2);
    CHECK(batches[1].open.previous_batch == batches[0].id);
    CHECK(batches[1].open.first_record_sequence == 2);
}

TEST_CASE("killed at any instant, every interview stands exactly once") {
    FieldDevice device;
    device.lock();
    constexpr std::uint8_t rounds = 12;
    for (std::uint8_t round = 1; round <= rounds; ++round) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        const pid_t child = ::fork();
        if (child == 0) {
            (void)device.unlock();
            device.start("draft-" + std::to_string(round), "yes");
            (void)!::write(ready[1], "x", 1);
            (void)device.finalise("draft-" + std::to_string(round), round);
            (void)device.vault().lock();
            ::_exit(0);
        }
        char go = 0;
        REQUIRE(::read(ready[0], &go, 1) == 1);
        ::usleep(round * 700U);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(ready[0]);
        ::close(ready[1]);
    }
    REQUIRE(device.unlock().has_value());
    const auto drafts = device.drafts();
    for (std::uint8_t round = 1; round <= rounds; ++round) {
        const auto draft =
            std::ranges::count(drafts, "draft-" + std::to_string(round), &store::DraftSummary::id);
        CHECK(device.sealed_times(round) + draft == 1);
    }
}

TEST_CASE("after a proper end an unlock has found nothing") {
    FieldDevice device;
    device.interview(1);
    device.relock();
    CHECK(device.vault().found() == store::Found());
}

TEST_CASE("what a crash leaves open becomes final without a passphrase") {
    FieldDevice device;
    device.interview(1);
    device.crash();
    CHECK(store::adopt_leftovers(device.profile.path()) == store::Adopted{1, {}});
    CHECK(device.sealed_times(1) == 1);
    CHECK(std::filesystem::is_empty(store::outbox_folder(device.profile.path()) / "open"));
    std::filesystem::remove(device.profile.file("vault.db"));
    CHECK(device.sealed_times(1) == 1);
}

// --- faults -----------------------------------------------------------------------------------------

TEST_CASE("no room for the sealed file: the interview stays a draft, and is sealed once there is room") {
    FieldDevice device;
    device.interview(1);
    device.start("draft", "yes");
    device.relock();
    {
        const FullDisk disk(100 * 1024);  // the announcement fits, the batch does not
        CHECK(device.finalise("draft", 2, noise(150 * 1024)).error() == Error::disk_full);
        CHECK(device.drafts().size() == 1);
        CHECK(!device.drafts().front().finalising);
    }
    REQUIRE(device.finalise("draft", 2).has_value());
    CHECK(device.sealed_times(1) == 1);
    CHECK(device.sealed_times(2) == 1);
}

TEST_CASE("no room after the file was written: sealed once, and the draft goes as soon as there is room") {
    FieldDevice device;
    device.start("draft", "yes");
    device.lock();
    std::optional<FullDisk> disk;
    int times = 0;
    REQUIRE(device
                .unlock(Device::right_passphrase,
                        [&](Step step) {
                            if (step == Step::written && ++times == 1) disk.emplace(10);
                        })
                .has_value());
    CHECK(device.finalise("draft", 1).error() == Error::disk_full);
    CHECK(device.drafts().front().finalising);
    CHECK(device.save("draft", "/q", "changed").error() == Error::disk_full);
    disk.reset();
    SUBCASE("tried again") {
        CHECK(device.finalise("draft", 1).has_value());
        CHECK(device.drafts().empty());
    }
    SUBCASE("edited") {
        CHECK(device.save("draft", "/q", "changed").error() == Error::unknown_draft);
    }
    SUBCASE("locked") {
        device.relock();
    }
    SUBCASE("killed") {
        device.crash();
        REQUIRE(device.unlock().has_value());
    }
    CHECK(device.drafts().empty());
    CHECK(device.sealed_times(1) == 1);
    device.interview(2);
    CHECK(device.batches().size() == 2);
}

TEST_CASE("an outbox that can't be written keeps the interview a draft") {
    FieldDevice device;
    device.start("draft", "yes");
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    std::filesystem::remove_all(open);
    write_file(open, "in the way");
    CHECK(device.finalise("draft", 1).error() == Error::not_writable);
    CHECK(device.drafts().size() == 1);
    std::filesystem::remove(open);
    CHECK(device.finalise("draft", 1).has_value());
    CHECK(device.sealed_times(1) == 1);
}

TEST_CASE("a batch that can't be finished for lack of room stays as it stands, complete, and goes later") {
    FieldDevice device;
    device.interview(1);
    {
        const FullDisk disk(10);
        CHECK(!device.vault().finish_batches().has_value());
        CHECK(device.sealed_times(1) == 1);
    }
    REQUIRE(device.vault().finish_batches().has_value());
    CHECK(std::filesystem::is_empty(store::outbox_folder(device.profile.path()) / "open"));
    device.interview(2);
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[1].open.previous_batch == batches[0].id);
}

TEST_CASE("a file that can't be looked for holds up nothing, nor does one that was decided before it") {
    FieldDevice device;
    const auto other = study_record(device.researcher, 1, 2);
    REQUIRE(device.vault().import_study(other).has_value());
    device.interview(1);
    device.lock();
    Announced announced(device);
    announced.put(device.record.study, device.sealed_files().front().stem().string());
    announced.put(other.study);
    announced.close();
    REQUIRE(device.unlock().has_value());
    announced.can_be_read();
    const std::vector<schema::DraftEntry> entries = {{"/q", "yes", std::nullopt, true}};
    REQUIRE(device.vault().start_draft("other", other.study, 1, FieldDevice::change(entries)).has_value());
    CHECK(device.finalise("other", 2).has_value());
    CHECK(device.sealed_times(2) == 1);
}

TEST_CASE("while nobody can tell whether one interview is sealed, the others are saved and deleted") {
    FieldDevice device;
    device.start("undecided", "yes");
    device.start("draft", "yes");
    device.lock();
    Announced announced(device);
    announced.put(device.record.study, Announced::hash, "undecided");
    announced.close();
    REQUIRE(device.unlock().has_value());
    CHECK(device.save("draft", "/q", "changed").has_value());
    CHECK(device.vault().delete_draft("draft").has_value());
    CHECK(device.save("undecided", "/q", "changed").error() == Error::not_writable);
    CHECK(device.vault().delete_draft("undecided").error() == Error::not_writable);
    announced.can_be_read();
    CHECK(device.save("undecided", "/q", "changed").has_value());
    CHECK(device.finalise("undecided", 1).has_value());
}
