#include "client/store/rescue.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "client/store/failed_tries.h"
#include "client/store/migrations.h"
#include "client/store/own_days.h"
#include "client/store/vault.h"
#include "crypto/recovery.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::ProfileState;
using store::Rescued;

namespace {

constexpr std::size_t page = 4096;
// Tables lie in the order in which they were made: where each begins, in pages from 0.
constexpr std::size_t setting_page = 1, study_page = 3, package_page = 6;
constexpr int interviews = 3, answers = 60, all_answers = interviews * answers;
/// An answer of these lengths takes about 91 of the 4008 bytes that a page has for them.
constexpr int answers_of_a_page = 44;

std::string path_of(int number) {
    return "/group/question_" + std::to_string(number);
}
std::string answer_of(const store::DraftId& draft, int number) {
    return draft + " says " + std::to_string(number) + std::string(40, '.');
}

/// A device with three drafts of sixty answers, a sealed interview, and a study file of many pages, as they
/// have; locked. Its disk goes bad.
struct DamagedDevice : FieldDevice {
    DamagedDevice() {
        record = study_record(researcher, 2);
        record.earlier_policies = {versions.front().policy_digest};
        record.package.assign(20'000, 's');
        versions.push_back(record);
        REQUIRE(vault().import_study(record).has_value());
        interview(1);
        for (int draft = 1; draft <= interviews; ++draft) {
            const auto id = "draft " + std::to_string(draft);
            start(id, answer_of(id, 0), 2);
            std::vector<schema::DraftEntry> entries;
            for (int number = 1; number < answers; ++number)
                entries.push_back({path_of(number), answer_of(id, number), {}, true});
            REQUIRE(vault().save_draft(id, change(entries)).has_value());
        }
        lock();
        whole = bytes_of_file(database());
    }
    /// As client/study reads them: a signed file says what its record says.
    store::StudyFiles studies(std::vector<store::StudyRecord> again = {}) const {
        const auto read = [this](crypto::ByteView bytes) -> std::optional<store::StudyRecord> {
            for (const store::StudyRecord& one : versions)
                if (std::ranges::equal(one.package, bytes)) return one;
            return std::nullopt;
        };
        return {read, std::move(again)};
    }
    store::Result<Rescued> rescue(std::vector<store::StudyRecord> again = {},
                                  std::string_view with = right_passphrase,
                                  std::function<void(store::Step)> at_step = {}) {
        return Device::rescue(studies(std::move(again)), with, std::move(at_step));
    }
    std::filesystem::path database() const { return profile.file("vault.db"); }
    std::filesystem::path set_aside() const { return profile.file("vault.db.damaged"); }
    std::size_t pages() const { return whole.size() / page; }

    void damage(std::size_t number) { flip_byte(database(), number * page + 2000); }
    void restore() {
        for (const auto& file : std::filesystem::directory_iterator(profile.path()))
            if (file.path().filename().string().starts_with("vault.db")) std::filesystem::remove(file.path());
        write_file(database(), whole);
    }

    /// How many answers are there; all of them are what was once saved.
    int true_answers() {
        int count = 0;
        for (const auto& draft : this->drafts()) {
            for (const auto& entry : entries(draft.id)) {
                bool known = entry.path == "/q" && entry.value == answer_of(draft.id, 0);
                for (int number = 1; number < answers; ++number)
                    known = known ||
                            (entry.path == path_of(number) && entry.value == answer_of(draft.id, number));
                CHECK_MESSAGE(known, entry.path);
                ++count;
            }
        }
        return count;
    }

    std::string whole;
    std::vector<store::StudyRecord> versions = {record};
};

/// What a rescue comes to with each page of such a database damaged, one at a time.
struct Pages {
    std::set<std::size_t> hopeless;      ///< nothing can be read
    std::set<std::size_t> of_the_study;  ///< the study file is asked for
    std::map<std::size_t, int> lost;     ///< answers, of all others

    Pages() {
        DamagedDevice device;
        count = device.pages();
        for (std::size_t number = 0; number < count; ++number) {
            CAPTURE(number);
            device.damage(number);
            CHECK(device.unlock().error() == Error::database_damaged);
            auto rescued = device.rescue();
            if (!rescued && rescued.error() == Error::study_unreadable) {
                of_the_study.insert(number);
                CHECK(bytes_of_file(device.database()) != device.whole);  // it is still the damaged one
                rescued = device.rescue({device.record});
            }
            if (rescued) {
                lost[number] = of(device, *rescued);
            } else {
                CHECK(rescued.error() == Error::database_damaged);
                hopeless.insert(number);
            }
            device.restore();
        }
    }
    /// One that nothing is written to and that nobody misses: of a table that is empty.
    std::size_t empty() const {
        std::size_t found = 0;
        for (const auto& [number, answers] : lost)
            if (answers == 0 && number < *std::next(hopeless.begin())) found = number;
        return found;
    }

    std::size_t count = 0;

  private:
    static int of(DamagedDevice& device, const Rescued& rescued) {
        CHECK(rescued.drafts == interviews);
        CHECK(device.drafts().size() == interviews);
        const int lost = all_answers - device.true_answers();
        if (lost > 0) CHECK(!rescued.complete);
        // The interview goes on to its end.
        CHECK(device.save("draft 1", "/q", "goes on").has_value());
        CHECK(device.finalise("draft 1", 9).has_value());
        CHECK(device.sealed_times(9) == 1);
        device.lock();
        for (const auto& file : device.sealed_files()) std::filesystem::remove(file);
        return lost;
    }
};

const Pages& pages() {
    static const Pages tried;
    return tried;
}

/// Those of which each holds some of the answers.
std::vector<std::size_t> pages_with_answers() {
    std::vector<std::size_t> found;
    for (const auto& [number, lost] : pages().lost)
        if (lost > 0 && lost <= answers_of_a_page) found.push_back(number);
    return found;
}

/// With these damaged at once, what is lost is what each of them loses.
void lose_their_own_alone(DamagedDevice& device, std::initializer_list<std::size_t> damaged) {
    CAPTURE(*damaged.begin());
    int there = all_answers;
    for (const std::size_t number : damaged) {
        device.damage(number);
        there -= pages().lost.at(number);
    }
    REQUIRE(device.rescue().has_value());
    CHECK(device.true_answers() == there);
    device.lock();
    device.restore();
}

}  // namespace

TEST_CASE("whatever page is damaged, every interview comes back, but for the answers on that page") {
    // The first page, and the one that says which tables there are: without them nothing else can be found.
    CHECK(pages().hopeless.contains(0));
    CHECK(pages().hopeless.size() <= 2);
    int with_answers = 0, with_more = 0, lost_by_turns = 0;
    for (const auto& [number, lost] : pages().lost) {
        if (lost > 0) ++with_answers;
        if (lost > answers_of_a_page)
            ++with_more;
        else
            lost_by_turns += lost;
    }
    CHECK(with_answers >= 5);
    CHECK(with_more == 1);  // it says where the pages with answers are
    CHECK(lost_by_turns <= all_answers);
    CHECK(pages().of_the_study.size() >= 5);
    MESSAGE(pages().count << " pages: " << pages().hopeless.size() << " without which nothing is found, "
                          << with_answers << " with answers, " << pages().of_the_study.size()
                          << " of the study file");
}

TEST_CASE("a database that was cut short gives back what stands before the cut") {
    DamagedDevice device;
    write_file(device.database(), device.whole.substr(0, device.whole.size() - 2 * page - 100));
    CHECK(device.unlock().error() == Error::database_damaged);
    auto rescued = device.rescue();
    if (!rescued) rescued = device.rescue({device.record});
    REQUIRE(rescued.has_value());
    CHECK(!rescued->complete);
    CHECK(device.drafts().size() == interviews);
    CHECK(device.true_answers() >= all_answers - 3 * answers_of_a_page);
}

TEST_CASE("what was only in the log when the power went is rescued, too") {
    DamagedDevice device;
    in_another_process([&] {
        (void)device.unlock();
        (void)device.save("draft 2", "/new", "newest");
        ::kill(::getpid(), SIGKILL);
    });
    device.damage(pages().empty());
    REQUIRE(device.unlock().error() == Error::database_damaged);
    REQUIRE(device.rescue().has_value());
    CHECK(device.entries("draft 2").back() == schema::DraftEntry{"/new", "newest", {}, true});
    device.relock();
    CHECK(device.entries("draft 2").back().value == "newest");
}

TEST_CASE("what was sealed before stays sealed once and is counted, and the chain of batches goes on") {
    DamagedDevice device;
    device.damage(pages().empty());
    REQUIRE(device.rescue().has_value());
    CHECK(device.counts().sealed == 1);
    REQUIRE(device.finalise("draft 1", 2).has_value());
    device.lock();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[1].open.batch_sequence == batches[0].open.batch_sequence + 1);
    CHECK(device.sealed_times(1) == 1);
    CHECK(device.sealed_times(2) == 1);
}

TEST_CASE("killed at any step of a rescue, the interviews are there afterwards") {
    DamagedDevice device;
    device.damage(pages().empty());
    const auto damaged = bytes_of_file(device.database());
    SUBCASE("before the new database counts: the old one is as it was") {
        const auto status = in_another_process(
            [&] { (void)device.rescue({}, Device::right_passphrase, killed_at(store::Step::rows_copied)); });
        REQUIRE(WIFSIGNALED(status));
        CHECK(device.unlock().error() == Error::database_damaged);
        CHECK(bytes_of_file(device.database()) == damaged);
        CHECK(device.rescue().has_value());
    }
    SUBCASE("after it: the next unlock has it") {
        const auto status = in_another_process(
            [&] { (void)device.rescue({}, Device::right_passphrase, killed_at(store::Step::rescued)); });
        REQUIRE(WIFSIGNALED(status));
        CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::locked, {}});
        REQUIRE(device.unlock().has_value());
        CHECK(bytes_of_file(device.set_aside()) == damaged);
    }
    SUBCASE("with the old one moved away already") {
        (void)in_another_process(
            [&] { (void)device.rescue({}, Device::right_passphrase, killed_at(store::Step::rescued)); });
        std::filesystem::rename(device.database(), device.set_aside());
        CHECK(store::profile_state(device.profile.path()) == ProfileState{ProfileState::Kind::locked, {}});
        REQUIRE(device.unlock().has_value());
    }
    CHECK(device.true_answers() == all_answers);
    device.relock();
    CHECK(device.true_answers() == all_answers);
}

TEST_CASE("a log of the damaged database is not played into the new one") {
    DamagedDevice device;
    in_another_process([&] {
        (void)device.unlock();
        (void)device.save("draft 2", "/new", "newest");
        ::kill(::getpid(), SIGKILL);
    });
    device.damage(pages().empty());
    REQUIRE(std::filesystem::file_size(device.profile.file("vault.db-wal")) > 0);
    (void)in_another_process(
        [&] { (void)device.rescue({}, Device::right_passphrase, killed_at(store::Step::rescued)); });
    REQUIRE(std::filesystem::file_size(device.profile.file("vault.db-wal")) > 0);
    REQUIRE(device.unlock().has_value());
    CHECK(device.entries("draft 2").back().value == "newest");
    CHECK(std::filesystem::exists(device.profile.file("vault.db.damaged-wal")));
}

TEST_CASE(
    "the damaged database goes with the first interview that is sealed or deleted, or with the passphrase") {
    DamagedDevice device;
    device.damage(pages().empty());
    const auto damaged = bytes_of_file(device.database());
    REQUIRE(device.rescue().has_value());
    device.relock();
    REQUIRE(bytes_of_file(device.set_aside()) == damaged);
    const auto place = device.profile.path().parent_path() / "second name";
    std::filesystem::create_hard_link(device.set_aside(), place);
    SUBCASE("sealed") {
        REQUIRE(device.finalise("draft 1", 2).has_value());
    }
    SUBCASE("deleted") {
        REQUIRE(device.vault().delete_draft("draft 1").has_value());
    }
    SUBCASE("another passphrase") {
        REQUIRE(device.vault()
                    .change_passphrase(passphrase(Device::right_passphrase), passphrase("new"),
                                       crypto::cost_floor)
                    .has_value());
    }
    SUBCASE("destroyed") {
        REQUIRE(device.vault()
                    .set_destroy_passphrase(passphrase(Device::right_passphrase), passphrase("all of it"),
                                            crypto::SealedFiles::stay)
                    .has_value());
        device.relock_with("all of it");
    }
    CHECK(!std::filesystem::exists(device.set_aside()));
    // Written over where it stood.
    for (std::size_t at = 0; at + page <= damaged.size(); at += page)
        CHECK(bytes_of_file(place).find(damaged.substr(at + 512, 64)) == std::string::npos);
}

TEST_CASE("a rescue asks for the passphrase as an unlock does") {
    DamagedDevice device;
    REQUIRE(device.unlock().has_value());
    REQUIRE(device.vault()
                .set_destroy_passphrase(passphrase(Device::right_passphrase), passphrase("all of it"),
                                        crypto::SealedFiles::stay)
                .has_value());
    device.lock();
    device.damage(pages().empty());
    const auto damaged = bytes_of_file(device.database());
    CHECK(device.rescue({}, "wrong").error() == Error::wrong_passphrase);
    CHECK(bytes_of_file(device.database()) == damaged);
    CHECK(store::failed_tries(device.profile.path()) == 1);

    REQUIRE(device.rescue({}, "all of it").has_value());  // destroys
    CHECK(device.vault().studies()->empty());
    CHECK(device.rescue().error() == Error::in_use);
}

TEST_CASE("a database that is whole is opened and nothing else") {
    DamagedDevice device;
    const auto rescued = device.rescue();
    REQUIRE(rescued.has_value());
    CHECK(rescued->complete);
    CHECK(device.true_answers() == all_answers);
    CHECK(!std::filesystem::exists(device.set_aside()));
}

TEST_CASE(
    "with a change of passphrase cut short, the old key reads the damaged database and the new one opens "
    "what came of it") {
    DamagedDevice device;
    in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(store::Step::new_passphrase));
        (void)device.vault().change_passphrase(passphrase(Device::right_passphrase), passphrase("new"),
                                               crypto::cost_floor);
    });
    device.damage(pages().empty());
    CHECK(device.unlock("new").error() == Error::database_damaged);
    REQUIRE(device.rescue({}, "new").has_value());
    CHECK(device.true_answers() == all_answers);
    device.relock_with("new");
    CHECK(device.true_answers() == all_answers);
}

TEST_CASE("a photo with a damaged piece goes, and its question is open again; another stays") {
    DamagedDevice device;
    REQUIRE(device.unlock().has_value());
    const std::string first(600'000, 'a'), second(600'000, 'b');
    device.attach("draft 1", "/photo", "a.jpg", first);
    device.attach("draft 2", "/photo", "b.jpg", second);
    device.lock();
    const auto size = std::filesystem::file_size(device.database());
    REQUIRE(size > device.whole.size() + 1'100'000);
    device.damage(device.pages() + 20);  // behind what was there before
    REQUIRE(device.unlock().error() == Error::database_damaged);
    const auto rescued = device.rescue();
    REQUIRE(rescued.has_value());
    CHECK(rescued->files_lost == 1);
    CHECK(!rescued->complete);
    int photos = 0;
    for (const char* draft : {"draft 1", "draft 2"}) {
        const auto files = device.attachments(draft);
        photos += static_cast<int>(files.size());
        const bool named = std::ranges::any_of(device.entries(draft), [](const auto& entry) {
            return entry.path == "/photo" && !entry.value.empty();
        });
        CHECK(named == !files.empty());
    }
    CHECK(photos == 1);
}

TEST_CASE("interviews of two versions come back with both study files, the newest first") {
    DamagedDevice device;
    REQUIRE(device.unlock().has_value());
    device.start("old", "begun before the new file", 1);
    device.lock();
    device.damage(package_page);
    CHECK(device.rescue().error() == Error::study_unreadable);
    CHECK(device.rescue({device.versions[0]}).error() == Error::study_unreadable);
    CHECK(device.rescue({device.versions[1]}).error() == Error::study_unreadable);
    REQUIRE(device.rescue({device.versions[1], device.versions[0]}).has_value());
    CHECK(device.drafts().size() == interviews + 1);
    CHECK(device.entries("old").size() == 1);
    REQUIRE(device.finalise("old", 4).has_value());
}

TEST_CASE("an older study file never takes the place of the newest, though all interviews began with it") {
    FieldDevice device;
    device.start("old", "yes", 1);
    auto next = study_record(device.researcher, 2);
    const Researcher instead;
    next.recipients = {instead.box_key()};
    next.earlier_policies = {device.record.policy_digest};
    REQUIRE(device.vault().import_study(next).has_value());
    device.lock();
    flip_byte(device.profile.file("vault.db"), package_page * page + 2000);
    const store::StudyFiles none{[](auto) { return std::nullopt; }, {}};
    CHECK(device.rescue({none.read, {device.record}}).error() == Error::study_unreadable);
    REQUIRE(device.rescue({none.read, {device.record, next}}).has_value());
    REQUIRE(device.finalise("old", 4).has_value());
    device.lock();
    CHECK(device.times_opened(4, instead) == 1);
    CHECK(device.times_opened(4, device.researcher) == 0);
}

TEST_CASE("a study is made anew from its signed file, and not believed where that does not verify") {
    DamagedDevice device;
    device.damage(pages().empty());
    const store::StudyFiles refused{[](auto) { return std::nullopt; }, {}};
    CHECK(device.Device::rescue(refused).error() == Error::study_unreadable);
    REQUIRE(device.rescue().has_value());
}

TEST_CASE("with its keys lost the device is another one, says so, and begins its own chain of batches") {
    DamagedDevice device;
    device.damage(study_page);
    const auto rescued = device.rescue();  // the signed file says everything else
    REQUIRE(rescued.has_value());
    CHECK(rescued->enrolled_anew);
    CHECK(device.earlier() == 1);  // no receipt for what was sealed before can be read
    CHECK(device.true_answers() == all_answers);
    REQUIRE(device.finalise("draft 1", 2).has_value());
    device.lock();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    CHECK(batches[0].open.batch_sequence == batches[1].open.batch_sequence);
    CHECK(device.sealed_times(1) == 1);
    CHECK(device.sealed_times(2) == 1);
}

TEST_CASE(
    "an interview whose sealing was cut short before the keys were lost is sealed once, in the old chain") {
    DamagedDevice device;
    in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(store::Step::written));
        (void)device.finalise("draft 1", 2);
    });
    device.damage(study_page);
    const auto rescued = device.rescue();
    REQUIRE(rescued.has_value());
    REQUIRE(rescued->enrolled_anew);
    CHECK(device.drafts().size() == interviews - 1);
    CHECK_FALSE(device.vault().head(device.record.study)->has_value());
    REQUIRE(device.finalise("draft 2", 3).has_value());
    device.lock();
    CHECK(device.sealed_times(2) == 1);
    CHECK(device.sealed_times(3) == 1);
    for (const auto& batch : device.batches())
        if (batch.records.front().uuid == uuid(3)) CHECK(batch.open.batch_sequence == 0);
}

TEST_CASE("a supervisor who can give the key back can do so after a rescue, too") {
    DamagedDevice device;
    auto identity = crypto::Identity::generate(crypto::IdentityKind::researcher, "");
    REQUIRE(device.unlock().has_value());
    auto next = study_record(device.researcher, 3);
    next.supervisor = identity->recipient().box_key;
    next.earlier_policies = {device.record.policy_digest};
    device.versions.push_back(next);
    REQUIRE(device.vault().import_study(next).has_value());
    device.lock();
    device.damage(setting_page);
    REQUIRE(device.rescue().has_value());
    device.lock();
    const auto request = store::begin_recovery(device.profile.path());
    REQUIRE(request.has_value());
    CHECK(crypto::OpenedRequest::open(request->file(), {&*identity, 1}).has_value());
}

TEST_CASE("answers before, between and behind several damaged pages come back") {
    DamagedDevice device;
    const auto leaf = pages_with_answers();
    REQUIRE(leaf.size() >= 5);
    SUBCASE("the first and the last") {
        lose_their_own_alone(device, {leaf.front(), leaf.back()});
    }
    SUBCASE("three in a row") {
        for (std::size_t at = 0; at + 2 < leaf.size(); ++at)
            lose_their_own_alone(device, {leaf[at], leaf[at + 1], leaf[at + 2]});
    }
    SUBCASE("with a whole one between them") {
        for (std::size_t at = 0; at + 2 < leaf.size(); ++at)
            lose_their_own_alone(device, {leaf[at], leaf[at + 2]});
    }
}

TEST_CASE("the vault's own count of days goes on after a rescue") {
    TemporaryProfile folder;
    std::filesystem::create_directory(folder.path());
    auto key = store::DatabaseKey::zeroed();
    auto damaged = store::Database::create(folder.file("damaged.db"), *key);
    auto fresh = store::Database::create(folder.file("fresh.db"), *key);
    REQUIRE(damaged);
    REQUIRE(fresh);
    for (store::Database* database : {&*damaged, &*fresh}) REQUIRE(store::migrate(*database).has_value());
    const std::chrono::sys_days first{std::chrono::year{2026} / 3 / 14}, later = first + std::chrono::days(3);
    REQUIRE(store::own_day(*damaged, first) == 0);
    REQUIRE(store::own_day(*damaged, later) == 3);
    REQUIRE(store::rescue_rows(*damaged, *fresh, {}, "2026-03-17").has_value());
    CHECK(store::own_day(*fresh, later) == 3);
}

TEST_CASE("a second rescue does not take the place of what the first set aside, and both go") {
    DamagedDevice device;
    device.damage(pages().empty());
    REQUIRE(device.rescue().has_value());
    device.lock();
    const auto first = bytes_of_file(device.set_aside());
    device.damage(pages().empty());
    REQUIRE(device.unlock().error() == Error::database_damaged);
    REQUIRE(device.rescue().has_value());
    CHECK(bytes_of_file(device.set_aside()) == first);
    CHECK(std::filesystem::exists(device.profile.file("vault.db.damaged.2")));
    REQUIRE(device.finalise("draft 1", 2).has_value());
    CHECK(!std::filesystem::exists(device.set_aside()));
    CHECK(!std::filesystem::exists(device.profile.file("vault.db.damaged.2")));
}

TEST_CASE("killed in the middle of sealing, nothing of the damaged database is left") {
    DamagedDevice device;
    device.damage(pages().empty());
    REQUIRE(device.rescue().has_value());
    device.lock();
    in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(store::Step::written));
        (void)device.finalise("draft 1", 2);
    });
    CHECK(!std::filesystem::exists(device.set_aside()));
    REQUIRE(device.unlock().has_value());
    CHECK(device.sealed_times(2) == 1);
    CHECK(device.drafts().size() == interviews - 1);
}

TEST_CASE("of a rescue that came to nothing no copy of the answers stays") {
    DamagedDevice device;
    device.damage(package_page);
    REQUIRE(device.rescue().error() == Error::study_unreadable);
    CHECK(!std::filesystem::exists(device.profile.file("vault.db.new")));
}

TEST_CASE("a damaged database of a later program is left to that program") {
    TemporaryProfile folder;
    std::filesystem::create_directory(folder.path());
    auto key = store::DatabaseKey::zeroed();
    auto later = store::Database::create(folder.file("later.db"), *key);
    auto fresh = store::Database::create(folder.file("fresh.db"), *key);
    REQUIRE(later);
    REQUIRE(fresh);
    for (store::Database* database : {&*later, &*fresh}) REQUIRE(store::migrate(*database).has_value());
    REQUIRE(later->set_version(store::newest_version + 1).has_value());
    CHECK(store::rescue_rows(*later, *fresh, {}, "2026-03-14").error() == Error::newer_program);
}

TEST_CASE("a study of another root is no help for interviews that need theirs") {
    DamagedDevice device;
    device.damage(*pages().of_the_study.rbegin());
    auto other = device.record;
    other.root.bytes.fill(77);
    REQUIRE(device.rescue().error() == Error::study_unreadable);
    CHECK(device.rescue({other}).error() == Error::other_root);
    other = device.record;
    other.package_version = 3;
    CHECK(device.rescue({other}).error() == Error::study_unreadable);
    CHECK(device.rescue({device.record}).has_value());
    CHECK(device.true_answers() == all_answers);
}
