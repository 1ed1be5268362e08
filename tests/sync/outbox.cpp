#include "sync/outbox.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include "sync/folder_files.h"
#include "tests/support/skip.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Outbox;
using sync::OutboxError;

namespace {

const std::string open_batch = Outbox::open_name(study_tag, "f1");

struct Box {
    TemporaryFolder profile;
    Outbox outbox = make();

    Outbox make() {
        auto opened = Outbox::open(profile / "outbox");
        REQUIRE(opened);
        return std::move(*opened);
    }
    void write(std::string_view content, int when = 1) {
        REQUIRE(outbox.write_open(open_batch, crypto::bytes_of(content), day(when)));
    }
    std::vector<std::string> files() { return names_in(profile / "outbox"); }
};

}  // namespace

TEST_CASE("an open batch is replaced whole by the next finalise") {
    Box box;
    box.write("one interview");
    box.write("two");
    CHECK(content_of(box.profile / "outbox/open" / open_batch) == "two");
    CHECK(box.files().size() == 1);
}

TEST_CASE("the outbox and its parts are their owner's alone") {
    Box box;
    for (const char* part : {"outbox", "outbox/open", "outbox/receipts"}) {
        CAPTURE(part);
        CHECK((fs::status(box.profile / part).permissions() &
               (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none);
    }
}

TEST_CASE("a finished batch goes under its hash, with its day and its study") {
    Box box;
    box.write("provisional");
    const auto hash = box.outbox.finish_open(open_batch, crypto::bytes_of("final"), day(5));
    REQUIRE(hash);
    CHECK(*hash == sha256_of("final"));
    const auto sealed = box.outbox.sealed();
    REQUIRE(sealed);
    CHECK(*sealed == std::vector<sync::SealedFile>{{*hash, 5, day(5), study_tag, {}}});
    CHECK(box.files() == std::vector<std::string>{*hash + ".batch", *hash + ".json"});
    struct stat status {};
    REQUIRE(::stat(box.outbox.path_of(*hash).c_str(), &status) == 0);
    CHECK(status.st_mtim.tv_sec == std::chrono::sys_seconds(day(5)).time_since_epoch().count());
    CHECK((status.st_mode & 0077) == 0);
}

TEST_CASE("what a crash has left in open/ is adopted as it stands") {
    Box box;
    box.write("complete after every interview", 2);
    Outbox next = box.make();  // the program starts again
    const auto leftovers = next.adopt_leftovers();
    REQUIRE(leftovers);
    REQUIRE(leftovers->size() == 1);
    CHECK(leftovers->front().moved == sha256_of("complete after every interview"));
    CHECK(next.sealed()->front().study_tag == study_tag);
    CHECK(next.sealed()->front().day == day(2));
    CHECK(next.adopt_leftovers()->empty());
}

TEST_CASE("an empty file under a batch's name, as a crash on a poor medium leaves it, is no batch and goes") {
    Box box;
    box.write("complete");
    write(box.outbox.path_of(sha256_of("complete")), "");
    write(box.outbox.path_of(sha256_of("a part that never came")), "");
    const auto leftovers = box.outbox.adopt_leftovers();
    REQUIRE(leftovers);
    REQUIRE(leftovers->size() == 1);
    CHECK(leftovers->front().moved == sha256_of("complete"));
    CHECK(content_of(box.outbox.path_of(sha256_of("complete"))) == "complete");
    CHECK(box.outbox.sealed()->size() == 1);
}

TEST_CASE("the vault learns whether an announced write has happened") {
    Box box;
    CHECK(box.outbox.holds(sha256_of("new")) == false);
    box.write("new");
    CHECK(box.outbox.holds(sha256_of("new")) == true);
    CHECK(box.outbox.holds(sha256_of("old")) == false);
    REQUIRE(box.outbox.finish_open(open_batch));
    CHECK(box.outbox.holds(sha256_of("new")) == true);
    write(box.outbox.path_of(sha256_of("new")), "ne");  // a name alone is not believed
    CHECK(box.outbox.holds(sha256_of("new")) == false);
}

TEST_CASE("a finish that was cut off anywhere leaves one file, and the next start ends it") {
    // The order of finish_open: note, then rename. Each line is a power cut after one step.
    Box box;
    const std::string hash = sha256_of("final");
    box.write("final");
    SUBCASE("before the note") {}
    SUBCASE("after the note") {
        write(box.profile / "outbox" / (hash + ".json"),
              R"({"day":"20261101","handed_over":[],"study":")" + study_tag + "\",\"version\":0}\n");
    }
    SUBCASE("after the rename, which the power cut showed in both folders") {
        fs::copy_file(box.profile / "outbox/open" / open_batch, box.outbox.path_of(hash));
    }
    SUBCASE("after everything") {
        REQUIRE(box.outbox.finish_open(open_batch));
    }
    Outbox next = box.make();
    REQUIRE(next.adopt_leftovers());
    const auto sealed = next.sealed();
    REQUIRE(sealed);
    REQUIRE(sealed->size() == 1);
    CHECK(sealed->front().hash == hash);
    CHECK(content_of(next.path_of(hash)) == "final");
    CHECK(box.files() == std::vector<std::string>{hash + ".batch", hash + ".json"});
}

TEST_CASE("a process killed while it rewrites the open batch leaves the old bytes or the new") {
    Box box;
    const std::string small(1000, 'a'), large(3'000'000, 'b');
    box.write(small);
    int found_old = 0, found_new = 0;
    for (int round = 0; round < 40; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (;;) {
                static_cast<void>(box.outbox.write_open(open_batch, crypto::bytes_of(large), day(1)));
                static_cast<void>(box.outbox.write_open(open_batch, crypto::bytes_of(small), day(1)));
            }
        }
        ::usleep(static_cast<useconds_t>(500 + round * 397));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const std::string left = content_of(box.profile / "outbox/open" / open_batch);
        REQUIRE((left == small || left == large));
        ++(left == small ? found_old : found_new);
    }
    MESSAGE("of 40 kills " << found_old << " left the short and " << found_new << " the long file");
    Outbox next = box.make();
    CHECK(box.files() == std::vector<std::string>{"open/" + open_batch});  // no temporary file stays
}

TEST_CASE("a full disk leaves the open batch as it was") {
    SmallDisk profile("size=128k");
    if (!profile.mounted()) {
        skipped_on_this_machine("no tmpfs may be mounted here");
        return;
    }
    auto outbox = Outbox::open(profile / "outbox");
    REQUIRE(outbox);
    REQUIRE(outbox->write_open(open_batch, crypto::bytes_of("acknowledged"), day(1)));
    const auto done = outbox->write_open(open_batch, crypto::bytes_of(std::string(200'000, 'x')), day(1));
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == OutboxError::Kind::no_space);
    CHECK(content_of(profile / "outbox/open" / open_batch) == "acknowledged");
    CHECK(names_in(profile / "outbox").size() == 1);
}

TEST_CASE("hand-overs are remembered per store, with the first and the last day and how many there were") {
    Box box;
    box.write("x");
    const auto hash = *box.outbox.finish_open(open_batch);
    REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1", day(1)}));
    REQUIRE(box.outbox.record_hand_over(hash, {"folder:/b", "t/1"}));
    REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1", day(2)}));
    CHECK(box.make().find(hash)->handed_over ==
          std::vector<sync::HandOver>{{"folder:/a", "t/1", day(2), 2, day(1)}, {"folder:/b", "t/1"}});
    REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1", day(9)}));
    CHECK(box.make().find(hash)->handed_over.front() ==
          sync::HandOver{"folder:/a", "t/1", day(9), 3, day(1)});
    CHECK(sync::first_handed_over(*box.make().find(hash)) == day(1));
}

TEST_CASE("the first day of a clock that was ahead gives way to an earlier one") {
    Box box;
    box.write("x");
    const auto hash = *box.outbox.finish_open(open_batch);
    for (const int on : {400, 7, 9})
        REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1", day(on)}));
    CHECK(sync::first_handed_over(*box.make().find(hash)) == day(7));
}

TEST_CASE("no file counts as handed over before it was sealed, whatever a clock has said") {
    Box box;
    box.write("x", 7);
    const auto hash = *box.outbox.finish_open(open_batch);
    for (const int on : {-20'000, 9, 12})
        REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1", day(on)}));
    CHECK(sync::first_handed_over(*box.make().find(hash)) == day(7));
}

TEST_CASE("what a store no longer lists is remembered until it is listed or handed over again") {
    Box box;
    box.write("x");
    const auto hash = *box.outbox.finish_open(open_batch);
    CHECK_FALSE(sync::is_in_a_store(*box.outbox.find(hash)));
    REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1", day(1)}));
    sync::HandOver had = box.outbox.find(hash)->handed_over.front();
    had.unlisted = true;
    REQUIRE(box.outbox.record_listing(hash, had));
    CHECK_FALSE(sync::is_in_a_store(*box.make().find(hash)));
    SUBCASE("listed") {
        had.unlisted = false;
        REQUIRE(box.outbox.record_listing(hash, had));
    }
    SUBCASE("handed over") {
        REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1", day(2)}));
    }
    SUBCASE("and to another store") {
        REQUIRE(box.outbox.record_hand_over(hash, {"folder:/b", "t/1", day(2)}));
        CHECK(box.make().find(hash)->handed_over.front().unlisted);
    }
    CHECK(sync::is_in_a_store(*box.make().find(hash)));
}

TEST_CASE("a lost or damaged note loses no file") {
    Box box;
    box.write("x", 7);
    const auto hash = *box.outbox.finish_open(open_batch);
    REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1"}));
    const fs::path note = box.profile / "outbox" / (hash + ".json");
    SUBCASE("gone") {
        fs::remove(note);
    }
    SUBCASE("cut") {
        write(note, "{\"day\":");
    }
    SUBCASE("with something more in it") {
        write(note, content_of(note) + " ");
    }
    SUBCASE("of a later version") {
        write(note, "{\"day\":\"20261107\",\"handed_over\":[],\"study\":\"k7m2q9x4b8n3\",\"version\":1}\n");
    }
    SUBCASE("with a hand-over that is no object") {
        write(note, "{\"day\":\"20261107\",\"handed_over\":[1],\"study\":\"k7m2q9x4b8n3\",\"version\":0}\n");
    }
    const auto file = box.outbox.find(hash);
    REQUIRE(file);
    CHECK(*file == sync::SealedFile{hash, 1, day(7), "", {}});  // the day still stands in the file's time
}

TEST_CASE("a file that the disk has changed goes on under the name of what it is") {
    Box box;
    box.write("good");
    const auto hash = *box.outbox.finish_open(open_batch);
    REQUIRE(box.outbox.record_hand_over(hash, {"folder:/a", "t/1"}));
    CHECK(box.outbox.check(hash) == hash);
    write(box.outbox.path_of(hash), "g00d");
    CHECK(box.outbox.check(hash) == sha256_of("g00d"));
    const auto file = box.outbox.find(sha256_of("g00d"));
    REQUIRE(file);
    CHECK(file->study_tag == study_tag);
    CHECK(file->handed_over.empty());
    CHECK_FALSE(box.outbox.find(hash));
}

TEST_CASE("a rotten file under its name does not take the place of the good one") {
    Box box;
    box.write("good");
    write(box.outbox.path_of(sha256_of("good")), "rotten");
    CHECK(box.outbox.finish_open(open_batch) == sha256_of("good"));
    CHECK(content_of(box.outbox.path_of(sha256_of("good"))) == "good");
    CHECK(content_of(box.outbox.path_of(sha256_of("rotten"))) == "rotten");
}

TEST_CASE(
    "a file that comes piece by piece is final under its hash, with its day and its study, or not there") {
    Box box;
    auto file = box.outbox.begin_file(study_tag, day(5));
    REQUIRE(file);
    REQUIRE(file->write(crypto::bytes_of("part of ")));
    REQUIRE(file->write(crypto::bytes_of("a photo")));
    CHECK(box.outbox.sealed()->empty());
    const auto hash = sha256_of("part of a photo");
    SUBCASE("published") {
        REQUIRE(file->publish(hash));
        CHECK(*box.outbox.sealed() == std::vector<sync::SealedFile>{{hash, 15, day(5), study_tag, {}, true}});
        CHECK(box.outbox.holds(hash) == true);
        CHECK(content_of(box.outbox.path_of(hash)) == "part of a photo");
        SUBCASE("and once more") {
            auto again = box.outbox.begin_file(study_tag, day(6));
            REQUIRE(again->write(crypto::bytes_of("part of a photo")));
            CHECK(again->publish(hash));
            CHECK(box.outbox.sealed()->size() == 1);
        }
        SUBCASE("and let go, twice as well as once") {
            CHECK(box.outbox.release(hash));
            CHECK(box.outbox.release(hash));
            CHECK_FALSE(box.outbox.find(hash)->held);
            CHECK(box.outbox.find(hash)->study_tag == study_tag);
        }
        SUBCASE("and held still when its study or a store is noted") {
            CHECK(box.outbox.record_study(hash, study_tag));
            CHECK(box.outbox.record_hand_over(hash, {"folder:/media/stick", "name"}));
            CHECK(box.outbox.find(hash)->held);
        }
        SUBCASE("and thrown away, twice as well as once") {
            CHECK(box.outbox.discard(hash));
            CHECK(box.outbox.discard(hash));
            CHECK(box.files().empty());
            CHECK(box.outbox.forgotten() == 0);
        }
    }
    SUBCASE("given up") {
        file = tl::unexpected(sync::OutboxError{});
        CHECK(box.files().empty());
    }
    SUBCASE("under a name that is none of ours") {
        CHECK(file->publish("../escape").error().kind == OutboxError::Kind::bad_name);
        CHECK(box.outbox.begin_file("../escape", day(5)).error().kind == OutboxError::Kind::bad_name);
    }
}

TEST_CASE("forgetting takes the file and its note, and is counted") {
    Box box;
    box.write("x");
    const auto hash = *box.outbox.finish_open(open_batch);
    CHECK(box.outbox.forgotten() == 0);
    REQUIRE(box.outbox.forget(hash));
    CHECK(box.outbox.sealed()->empty());
    CHECK(box.make().forgotten() == 1);
    CHECK(box.outbox.forget(hash).error().kind == OutboxError::Kind::missing);
}

TEST_CASE("an open batch without an interview can be thrown away, twice as well as once") {
    Box box;
    box.write("x");
    CHECK(box.outbox.discard_open(open_batch));
    CHECK(box.outbox.discard_open(open_batch));
    CHECK(box.files().empty());
}

TEST_CASE("names that are none of ours do not leave the outbox") {
    Box box;
    for (const char* bad :
         {"", "x", "../../etc", "k7m2q9x4b8n3-", "k7m2q9x4b8n3-../x", "k7m2q9x4b8n3-A", ".k7m2q9x4b8n3-a"}) {
        const auto done = box.outbox.write_open(bad, crypto::bytes_of("x"), day(1));
        REQUIRE_FALSE(done);
        CHECK(done.error().kind == OutboxError::Kind::bad_name);
    }
    CHECK(box.outbox.forget("../x").error().kind == OutboxError::Kind::bad_name);
    CHECK(box.files().empty());
}

TEST_CASE("a link in place of the folder of open batches is refused") {
    TemporaryFolder profile, elsewhere;
    fs::create_directory(profile / "outbox");
    fs::create_directory_symlink(elsewhere.path(), profile / "outbox/open");
    const auto opened = Outbox::open(profile / "outbox");
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == OutboxError::Kind::not_a_folder);
}

TEST_CASE("an outbox needs its profile") {
    TemporaryFolder profile;
    const auto opened = Outbox::open(profile / "missing/outbox");
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == OutboxError::Kind::missing);
}

TEST_CASE("files of an earlier profile are marked all, also where a note is lost or one can't be read") {
    Box box;
    const auto tag = sync::routing_tag(study_tag);
    const auto sealed = [&](const std::string& more) {
        box.write(std::string(16, 'h') + std::string(tag.begin(), tag.end()) + more);
        return *box.outbox.finish_open(open_batch);
    };
    const auto noted = sealed("1"), lost = sealed("2"), unreadable = sealed("3"), another = sealed("4");
    for (const auto& hash : {lost, unreadable}) fs::remove(box.profile / "outbox" / (hash + ".json"));
    REQUIRE(box.outbox.record_study(another, "zzzzzzzz"));
    fs::permissions(box.outbox.path_of(unreadable), fs::perms::none);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0) become_another_user(box.profile.path());  // root reads everything
        const auto done = box.outbox.record_earlier(study_tag);
        ::_exit(!done && done.error().path == unreadable + ".batch" ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(box.make().find(noted)->earlier);
    CHECK(box.make().find(lost)->earlier);
    CHECK(box.make().find(lost)->study_tag == study_tag);
    CHECK_FALSE(box.make().find(another)->earlier);
}
