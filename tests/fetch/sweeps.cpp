#include "client/researcher/sweeps.h"

#include <doctest/doctest.h>

#include "tests/support/fetch.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::S3Drop;

namespace {

const std::string store = "s3+https://example.org/drop";

/// A desk whose study goes to a bucket, into which batches are put as devices put them.
struct BucketDesk : Desk {
    S3Drop& drop = S3Drop::shared();
    std::string bucket = drop.fresh("drop");
    std::string laptops = (folder / "laptops.ffstore").string(),
                reader = (folder / "reader.ffstore").string();
    std::string address = drop.address(bucket + "/field");
    std::string tag;

    BucketDesk() {
        write(folder / "s3.pem", content(drop.certificate().file));
        for (const auto& [file, as] : {std::pair(laptops, drop.laptops(bucket + "/field")),
                                       std::pair(reader, drop.researcher(bucket + "/field"))})
            write(file, "address = " + as.address + "/\naccess_key = " + as.settings.at("access_key") +
                            "\nsecret_key = " + as.settings.at("secret_key") + "\nregion = test-1\npin = " +
                            drop.certificate().pin + "\ncertificate = s3.pem\n");
        with_keys();
        write_small_form(form);
        auto options = build_options();
        options.stores = {laptops};
        REQUIRE_MESSAGE(said(run_study_build, options) == ExitCode::fine, err.str());
        StudyShowOptions show;
        show.file = study;
        show.output = Output::json;
        REQUIRE(said(run_study_show, show) == ExitCode::fine);
        tag = nlohmann::json::parse(out.str())["study_tag"];
    }
    void device_puts(const std::string& batch, int sealed_on, const std::string& in_place_of = {}) {
        const auto to = fieldfare::test::opened(drop.laptops(bucket + "/field"));
        REQUIRE(to->put(fieldfare::sync::batch_name(tag, day(sealed_on), sha256_of(batch)),
                        fieldfare::crypto::bytes_of(in_place_of.empty() ? batch : in_place_of), {}));
    }
    nlohmann::json fetch_on(int today, bool sweep = false) {
        FetchOptions options;
        options.study = study;
        options.inbox = inbox;
        options.stores = {reader};
        options.sweep = sweep;
        options.today = day(today);
        options.output = Output::json;
        said(run_fetch, options);
        INFO(err.str());
        return nlohmann::json::parse(out.str());
    }
};

}  // namespace

TEST_CASE("between two sweeps, what was sealed since a week before the last one is listed") {
    const Sweep last{day(20), 100};
    CHECK(listed_since(last, day(20), 100) == day(13));
    CHECK(listed_since(last, day(26), 300) == day(13));
    CHECK_FALSE(listed_since(last, day(27), 300));  // a week has passed
    CHECK_FALSE(listed_since(last, day(19), 300));  // this machine's clock was ahead then, or is behind
    CHECK_FALSE(listed_since(last, day(21), 99));   // the inbox has lost some
    CHECK(listed_since(Sweep{day(20), 100, 19}, day(20), 100) == day(13));
    CHECK_FALSE(listed_since(Sweep{day(20), 100, 20}, day(20), 100));  // a clock that stands still
    CHECK_FALSE(listed_since(std::nullopt, day(21), 0));
}

TEST_CASE("sweeps are remembered by study and store") {
    TemporaryFolder inbox;
    Sweeps sweeps;
    sweeps.note(tag, store, {day(3), 7});
    sweeps.note(tag, store + "2", {day(4), 8});
    sweeps.note(tag, store, {day(5), 9, 2});
    REQUIRE(sweeps.write(inbox / ""));
    const Sweeps read = Sweeps::read(inbox / "");
    CHECK(read.last(tag, store) == Sweep{day(5), 9, 2});
    CHECK(read.last(tag, store + "2") == Sweep{day(4), 8});
    CHECK_FALSE(read.last("othertag12", store));
    CHECK_FALSE(read.last(tag, "s3+https://example.org/other"));
}

TEST_CASE("a file of sweeps that is missing, damaged anywhere, cut, or of a later version tells of none") {
    TemporaryFolder inbox;
    CHECK_FALSE(Sweeps::read(inbox / "").last(tag, store));
    Sweeps sweeps;
    sweeps.note(tag, store, {day(3), 7});
    REQUIRE(sweeps.write(inbox / ""));
    const std::string good = content(inbox / "sweeps");
    REQUIRE(Sweeps::read(inbox / "").last(tag, store));
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(i);
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        write(inbox / "sweeps", bad);
        CHECK_FALSE(Sweeps::read(inbox / "").last(tag, store));
        write(inbox / "sweeps", good.substr(0, i));
        CHECK_FALSE(Sweeps::read(inbox / "").last(tag, store));
    }
    write(inbox / "sweeps", good + good);
    CHECK_FALSE(Sweeps::read(inbox / "").last(tag, store));
    std::string later = "fieldfare sweeps 2\n" + good.substr(19, good.size() - 19 - 65);
    write(inbox / "sweeps", later + sha256_of(later) + "\n");
    CHECK_FALSE(Sweeps::read(inbox / "").last(tag, store));
}

TEST_CASE("a bucket is listed in part between two sweeps, and a late batch comes with the next one") {
    BucketDesk desk;
    desk.device_puts("first", 2);
    auto said = desk.fetch_on(20);
    CHECK(said["fetched"] == 1);
    CHECK(said["stores"][0] == nlohmann::json{{"address", desk.address},
                                              {"looked_through", "all"},
                                              {"listed_since", nullptr},
                                              {"all_here", "2026-11-20"}});

    desk.device_puts("as usual", 21);
    desk.device_puts("a few days late", 14);
    desk.device_puts("weeks late", 3);
    said = desk.fetch_on(22);
    CHECK(said["fetched"] == 2);
    CHECK(said["stores"][0]["looked_through"] == "since");
    CHECK(said["stores"][0]["listed_since"] == "2026-11-13");
    CHECK(said["stores"][0]["all_here"] == "2026-11-20");
    CHECK(desk.drop.log().find("start-after=field%2F" + desk.tag + "%2F20261113") != std::string::npos);

    SUBCASE("a week later") {
        said = desk.fetch_on(27);
    }
    SUBCASE("when it is asked for") {
        said = desk.fetch_on(22, true);
    }
    SUBCASE("when what tells of the last one is damaged") {
        flip_byte(desk.inbox / "sweeps", 30);
        said = desk.fetch_on(22);
    }
    SUBCASE("when it is gone") {
        fs::remove(desk.inbox / "sweeps");
        said = desk.fetch_on(22);
    }
    SUBCASE("when the clock was set back") {
        said = desk.fetch_on(19);
    }
    CHECK(said["fetched"] == 1);
    CHECK(said["stores"][0]["listed_since"] == nullptr);
    CHECK(said["troubles"].empty());
}

TEST_CASE("a sweep that did not bring all that is listed is none, and the next fetch lists all again") {
    BucketDesk desk;
    desk.device_puts("damaged", 2, "other content");
    desk.device_puts("good", 3);
    auto said = desk.fetch_on(20);
    CHECK(said["damaged"] == 1);
    CHECK(said["stores"][0]["all_here"] == nullptr);
    said = desk.fetch_on(21);
    CHECK(said["stores"][0]["listed_since"] == nullptr);
    CHECK(said["damaged"] == 1);  // it is told until somebody has looked
}

TEST_CASE("an inbox that has lost a file has it again with the next fetch") {
    BucketDesk desk;
    desk.device_puts("old", 2);
    desk.device_puts("new", 19);
    desk.fetch_on(20);
    fs::remove(desk.inbox / ("20261102-" + sha256_of("old") + ".batch"));
    CHECK(desk.fetch_on(21)["fetched"] == 1);
}

TEST_CASE(
    "a file that is moved to another disk, with a link in its place, is missed once and not each time") {
    BucketDesk desk;
    desk.device_puts("old", 2);
    desk.device_puts("new", 19);
    desk.fetch_on(20);
    const fs::path old = desk.inbox / ("20261102-" + sha256_of("old") + ".batch");
    fs::remove(old);
    fs::create_symlink("/media/archive/old.batch", old);
    CHECK(desk.fetch_on(21)["stores"][0]["looked_through"] == "all");
    const auto said = desk.fetch_on(22);
    CHECK(said["stores"][0]["looked_through"] == "since");
    CHECK(said["fetched"] == 0);
    CHECK(said["troubles"].empty());
}

TEST_CASE("the report says in words what was looked through, and when all was last here") {
    BucketDesk desk;
    desk.device_puts("first", 2);
    desk.fetch_on(20);
    FetchOptions options;
    options.study = desk.study;
    options.inbox = desk.inbox;
    options.stores = {desk.reader};
    options.today = day(22);
    REQUIRE(desk.said(run_fetch, options) == ExitCode::fine);
    CHECK(desk.out.str() == "0 new in " + desk.inbox.string() +
                                ", 0 of those listed were there already, 0 receipts sent\n" + desk.address +
                                ": what was sealed since 2026-11-13; all that it lists was here last on "
                                "2026-11-20 (--sweep goes through all of it)\n");
}

TEST_CASE("a clock that stands still does not put a sweep off for ever") {
    BucketDesk desk;
    desk.device_puts("first", 2);
    desk.fetch_on(20);
    for (int i = 0; i < 20; ++i) CHECK(desk.fetch_on(20)["stores"][0]["looked_through"] == "since");
    CHECK(desk.fetch_on(20)["stores"][0]["looked_through"] == "all");
    CHECK(desk.fetch_on(20)["stores"][0]["looked_through"] == "since");
}

TEST_CASE("sweeps that can't be noted are a trouble, and everything else is done") {
    BucketDesk desk;
    desk.device_puts("first", 2);
    fs::create_directories(desk.inbox / "sweeps");
    const auto said = desk.fetch_on(20);
    CHECK(said["fetched"] == 1);
    CHECK(said["stores"][0]["all_here"] == "2026-11-20");
    REQUIRE(said["troubles"].size() == 1);
    CHECK(std::string(said["troubles"][0]).starts_with("What was looked through can't be noted"));
}

TEST_CASE("of a store that was not reached nothing is said to have been looked through") {
    BucketDesk desk;
    FetchOptions options;
    options.study = desk.study;
    options.inbox = desk.inbox;
    options.stores = {"folder:" + (desk.folder / "gone").string()};
    CHECK(desk.said(run_fetch, options) == ExitCode::could_not);
    CHECK(desk.out.str().find("/gone: not looked through\n") != std::string::npos);
    options.output = Output::json;
    desk.said(run_fetch, options);
    CHECK(nlohmann::json::parse(desk.out.str())["stores"][0]["looked_through"] == "not");
}

TEST_CASE("a store that gives its folder as a whole is looked through each time") {
    Desk desk;
    desk.with_study().with_interviews(30, 1, "folder:" + desk.store.string());
    FetchOptions options;
    options.study = desk.study;
    options.inbox = desk.inbox;
    options.today = day(29);
    options.output = Output::json;
    for (const int got : {2, 0}) {
        REQUIRE(desk.said(run_fetch, options) == ExitCode::fine);
        const auto said = nlohmann::json::parse(desk.out.str());
        CHECK(said["fetched"] == got);
        CHECK(said["stores"][0]["listed_since"] == nullptr);
        CHECK(said["stores"][0]["all_here"] == "2026-11-29");
    }
    CHECK_FALSE(fs::exists(desk.inbox / "sweeps"));
}
