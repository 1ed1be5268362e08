#include <doctest/doctest.h>

#include "tests/support/doctor.h"
#include "tests/support/sftp_drop.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::OddSftp;
using fieldfare::test::SshDrop;
using fieldfare::test::WrittenDrop;

namespace {

void check(const StoreDesk& desk, const std::map<std::string, std::string>& expected) {
    INFO(desk.text());
    for (const auto& [about, verdict] : expected) {
        CAPTURE(about);
        CHECK(desk.verdict(about) == verdict);
    }
}

}  // namespace

// But for ChrootDirectory, which wants a folder that no temporary one is.
TEST_CASE("an OpenSSH as SYNC.md writes it does all that a store should, but that files can be renamed") {
    StoreDesk desk;
    const auto drop = WrittenDrop::make(desk.tag);
    if (!drop) return;
    desk.use(drop->laptops(), drop->reader());
    CHECK(desk.doctor() == ExitCode::findings);
    check(desk, {{"folder", "good"},
                 {"create-only", "good"},
                 {"race", "good"},
                 {"cut", "good"},
                 {"size", "good"},
                 {"fetch", "good"},
                 {"read", "good"},
                 {"list", "good"},
                 {"overwrite", "look"},
                 {"delete", "look"},
                 {"forgery", "good"},
                 {"pin", "good"},
                 {"receipts", "good"},
                 {"receipts-kept", "look"},
                 {"listing", "good"}});
    CHECK(desk.report()["findings"].size() == 15);
    CHECK(desk.report()["verdict"] == "look");
    CHECK(desk.report()["left"].empty());
    // Of what broke off its hidden half stays, for the server's job to remove.
    for (const fs::path& file : files_in(drop->files())) CHECK(file.filename().string().ends_with(".part"));
}

TEST_CASE("an OpenSSH that forbids some requests in the place of permitting a few is not called good") {
    StoreDesk desk;
    const auto drop = WrittenDrop::make(desk.tag, "internal-sftp -u 0607 -P remove,rmdir");
    if (!drop) return;
    desk.use(drop->laptops(), drop->reader());
    CHECK(desk.doctor() == ExitCode::findings);
    check(desk, {{"read", "bad"}});
    CHECK(desk.text().find("give files the rights") != std::string::npos);
}

TEST_CASE("an OpenSSH as it comes lets whoever takes a device read, list, replace and delete") {
    SshDrop* drop = fieldfare::test::ssh_drop();
    if (!drop) return;
    StoreDesk desk;
    const std::string place = drop->fresh_place();
    drop->make_study(place, desk.tag);
    desk.use(drop->researcher(place), drop->researcher(place));
    CHECK(desk.doctor() == ExitCode::findings);
    check(desk, {{"create-only", "good"},
                 {"race", "good"},
                 {"cut", "good"},
                 {"fetch", "good"},
                 {"read", "bad"},
                 {"list", "bad"},
                 {"overwrite", "bad"},
                 {"delete", "bad"},
                 {"forgery", "bad"},
                 {"receipts", "good"},
                 {"receipts-kept", "bad"},
                 {"listing", "good"}});
    CHECK(desk.report()["left"].empty());
}

TEST_CASE("a server of SFTP whose rename replaces, or that keeps less than it was given, is found out") {
    OddSftp* odd = fieldfare::test::odd_sftp();
    if (!odd) return;
    StoreDesk desk;
    const auto at = [&](const std::string& kind) {
        const std::string place = odd->fresh(kind);
        fs::create_directories(odd->files(place) / desk.tag / "receipts");
        desk.use(odd->store(place), odd->store(place));
        CHECK(desk.doctor() == ExitCode::findings);
    };
    SUBCASE("replaces") {
        at("replaces");
        check(desk, {{"folder", "good"}, {"create-only", "bad"}, {"overwrite", "bad"}});
        CHECK(desk.text().find("If-None-Match") == std::string::npos);
    }
    SUBCASE("full") {  // it has no word for it
        at("full");
        check(desk, {{"folder", "good"}, {"size", "unknown"}});
    }
    SUBCASE("keeps") {  // nothing may be removed: what stays is told
        at("keeps");
        check(desk, {{"create-only", "good"}, {"read", "bad"}});
        CHECK_FALSE(desk.report()["left"].empty());
    }
}

TEST_CASE("a server of SFTP whose place is not there, or that has another host key, is told as that") {
    SshDrop* drop = fieldfare::test::ssh_drop();
    if (!drop) return;
    StoreDesk desk;
    desk.use(drop->researcher("nowhere"), std::nullopt);
    CHECK(desk.doctor() == ExitCode::findings);
    check(desk, {{"folder", "bad"}});
    CHECK(desk.text().find("Make the folders " + desk.tag) != std::string::npos);

    const std::string place = drop->fresh_place();
    drop->make_study(place, desk.tag);
    auto other = drop->researcher(place);
    other.settings["host_key"] = drop->other_host_key();
    desk.use(other, std::nullopt);
    CHECK(desk.doctor() != ExitCode::fine);
    check(desk, {{"reached", "bad"}});
}
