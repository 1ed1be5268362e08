#include <doctest/doctest.h>

#include "client/study/rules.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

/// A device with the first version of a study, and its researchers, who make the next.
struct Updating : Program {
    Updating() {
        study.contents.recipients[0].label = study.contents.receipt_keys[0].label = "anna";
        study.contents.recipients[1].label = study.contents.receipt_keys[1].label = "ben";
        begins_with(study);
        form = last<app::ProfileCreated>()->opened.form;
    }
    /// Cem comes in the place of Anna.
    void rotate() {
        study.next_version();
        ++study.contents.policy.policy_version;
        study.contents.recipients[0] = {cem.recipient().box_key, "cem"};
        study.contents.receipt_keys[0] = {cem.recipient().signing_key, "cem"};
    }
    const app::StudyChanges& looks_at(const std::string& file) {
        does(app::ReadUpdate{file});
        REQUIRE(last<app::UpdateRead>() != nullptr);
        return last<app::UpdateRead>()->changes;
    }
    const app::Opened& takes_in(const std::string& file) {
        looks_at(file);
        does(app::TakeUpdate{file});
        REQUIRE(last<app::StudyUpdated>() != nullptr);
        return last<app::StudyUpdated>()->opened;
    }
    std::string refused(const std::string& file) {
        does(app::ReadUpdate{file});
        REQUIRE(last<app::UpdateRefused>() != nullptr);
        return last<app::UpdateRefused>()->why.key;
    }
    std::optional<sync::SyncConfig> sync_config() {
        auto config = sync::SyncConfig::read(store::sync_file(profile.path()));
        REQUIRE(config.has_value());
        return std::move(*config);
    }

    Study study;
    crypto::Identity cem = identity(crypto::IdentityKind::researcher);
    std::shared_ptr<const schema::CompiledForm> form;
};

}  // namespace

TEST_CASE("what a newer study file changes is told before anything is changed") {
    Updating device;
    device.rotate();
    auto& contents = device.study.contents;
    contents.policy.title = "Быт";
    contents.policy.expires = november(30);
    contents.policy.hold_days = 60;
    contents.form.settings.version = "2";
    contents.stores = {{"folder:/media/other", {}}};
    const auto changes = device.looks_at(device.file_of(device.study));
    CHECK_FALSE(changes.same);
    CHECK(changes.title == app::Change<std::string>{"Быт и нравы", "Быт"});
    CHECK(changes.version == app::Change<int>{1, 2});
    CHECK(changes.form_version == app::Change<std::string>{"1", "2"});
    CHECK(changes.form_changed);
    const auto digits = [](const crypto::Identity& who) {
        return crypto::fingerprint_of(who.recipient()).digits;
    };
    CHECK(changes.added == std::vector<app::NamedKey>{{"cem", digits(device.cem)}});
    CHECK(changes.removed == std::vector<app::NamedKey>{{"anna", digits(device.study.first)}});
    CHECK(changes.recipients == app::Change<int>{2, 2});
    CHECK(changes.stores_added == std::vector<std::string>{"folder:/media/other"});
    CHECK(changes.stores_removed == std::vector<std::string>{"folder:/media/stick"});
    CHECK(changes.confirmers_changed);
    CHECK(changes.hold_days == app::Change<int>{30, 60});
    CHECK(changes.expires == app::Change<std::string>{"", "2026-11-30"});
    CHECK(device.sync_config()->find("k7m2q9x4b8n3")->stores.front().address == "folder:/media/stick");
}

TEST_CASE("a study file under which only people change says that the questions stay") {
    Updating device;
    device.rotate();
    const auto changes = device.looks_at(device.file_of(device.study));
    CHECK_FALSE(changes.form_changed);
    CHECK(changes.stores_added.empty());
    CHECK(changes.stores_removed.empty());
    CHECK_FALSE(changes.expires.any());
}

TEST_CASE("interviews after an update are sealed to the new people, and those before it stay with the old") {
    Updating device;
    device.interviews(1, device.form);
    device.rotate();
    const auto form = device.takes_in(device.file_of(device.study)).form;
    device.interviews(2, form);
    const auto annas = device.opened_by(device.study.first), cems = device.opened_by(device.cem);
    REQUIRE(annas.size() == 1);
    REQUIRE(cems.size() == 1);
    CHECK(annas[0].records.size() == 1);
    CHECK_FALSE(annas[0].close.provisional);
    CHECK(cems[0].close.previous_batch == annas[0].id);
    CHECK(cems[0].open.policy_digest == device.study.package().policy_digest());
    CHECK(device.opened_by(device.study.second).size() == 2);
}

TEST_CASE("an update stays after locking, and the enrolment number stays the one that was read out") {
    Updating device;
    const auto number = std::get<app::ProfileCreated>(device.answers.back()).opened.study.enrolment_number;
    device.rotate();
    device.takes_in(device.file_of(device.study));
    device.does(app::LockVault{});
    device.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    REQUIRE(device.last<app::Unlocked>() != nullptr);
    const auto& opened = device.last<app::Unlocked>()->opened;
    CHECK(opened.study.package_version == 2);
    CHECK(opened.study.enrolment_number == number);
    device.interviews(1, opened.form);
    CHECK(device.opened_by(device.cem).size() == 1);
    CHECK(device.opened_by(device.study.first).empty());
}

TEST_CASE("sync.json follows an update at once") {
    Updating device;
    device.rotate();
    device.study.contents.stores = {{"folder:/media/other", {}}};
    device.takes_in(device.file_of(device.study));
    const auto config = device.sync_config();
    const auto* synced = config->find("k7m2q9x4b8n3");
    CHECK(synced->stores.front().address == "folder:/media/other");
    CHECK(std::ranges::count(synced->receipt_signers, device.cem.recipient().signing_key) == 1);
    CHECK(std::ranges::count(synced->receipt_signers, device.study.first.recipient().signing_key) == 0);
    CHECK(synced->policies.size() == 2);
}

TEST_CASE("where a study demands a proxy, sync.json leads to no store of a network without one") {
    Updating device;
    device.rotate();
    device.study.contents.stores = {{"folder:/media/stick", {}},
                                    {"https://a.example.org/drop", {}},
                                    {"https://b.example.org/drop", {{"proxy", "socks5h://localhost:9150"}}}};
    study::set_network_way(device.study.contents.policy, study::NetworkWay::proxy_alone);
    device.takes_in(device.file_of(device.study));
    const auto config = device.sync_config();
    CHECK(config->find("k7m2q9x4b8n3")->stores ==
          std::vector<sync::Store>{{"folder:/media/stick", {}},
                                   {"https://a.example.org/drop", {{"proxy", "socks5h://127.0.0.1:9050"}}},
                                   {"https://b.example.org/drop", {{"proxy", "socks5h://localhost:9150"}}}});
}

TEST_CASE(
    "an interview whose first save was refused is begun with the form that it has, whatever came since") {
    Updating device;
    device.rotate();
    device.study.contents.form.settings.version = "2";
    const auto newer = device.takes_in(device.file_of(device.study)).form;
    app::SaveAnswers save;
    save.draft = "draft-1";
    save.day = "2026-11-23";
    save.extent = app::Extent::whole;
    save.form = device.form;  // nothing of it has reached the vault before
    device.does(std::move(save));
    device.does(app::LoadDraft{"draft-1"});
    REQUIRE(device.last<app::DraftLoaded>() != nullptr);
    CHECK(device.last<app::DraftLoaded>()->form == device.form);
    CHECK(device.last<app::DraftLoaded>()->form != newer);
}

TEST_CASE("the very file that the device has is no update, and may be taken in all the same") {
    Updating device;
    const auto file = device.file_of(device.study);
    CHECK(device.looks_at(file).same);
    CHECK(device.takes_in(file).study.package_version == 1);
}

TEST_CASE("a study file that may not take the place of the device's is refused with its reason") {
    Updating device;
    auto& policy = device.study.contents.policy;
    SUBCASE("of another study") {
        CHECK(device.refused(device.file_of([] {
            Study other;
            other.contents.policy.study_id.fill(0x77);
            return other;
        }())) == "package.other_study");
    }
    SUBCASE("of this study, signed by somebody else") {
        device.rotate();
        Study forged;
        forged.contents = device.study.contents;
        CHECK(device.refused(device.file_of(forged)) == "package.other_root");
    }
    SUBCASE("older") {
        const auto first = device.file_of(device.study, "first.ffstudy");
        device.rotate();
        device.takes_in(device.file_of(device.study));
        CHECK(device.refused(first) == "package.older_version");
    }
    SUBCASE("of the same number, saying something else") {
        policy.title = "Other";
        CHECK(device.refused(device.file_of(device.study)) == "package.forked_version");
    }
    SUBCASE("newer, but of another line") {
        device.rotate();
        policy.predecessors.clear();
        CHECK(device.refused(device.file_of(device.study)) == "package.not_a_successor");
    }
    SUBCASE("whose time is over") {
        device.rotate();
        policy.expires = november(22);
        CHECK(device.refused(device.file_of(device.study)) == "package.expired");
    }
    SUBCASE("for unattended machines") {
        device.rotate();
        policy.mode = study::Mode::kiosk;
        CHECK(device.refused(device.file_of(device.study)) == "store.interviewer_vault");
    }
    SUBCASE("damaged") {
        device.rotate();
        const auto file = device.file_of(device.study);
        flip_byte(file, 300);
        CHECK(device.refused(file) == "package.bad_signature");
    }
    SUBCASE("cut off") {
        device.rotate();
        const auto file = device.file_of(device.study);
        std::filesystem::resize_file(file, 50);
        CHECK(device.refused(file) == "package.truncated");
    }
    SUBCASE("not there") {
        CHECK(device.refused("/nowhere/newer.ffstudy") == "package.no_file");
    }
    SUBCASE("not a study file") {
        const auto file = device.folder.path().parent_path() / "letter.odt";
        write_file(file, "Dear sirs");
        CHECK(device.refused(file.string()) == "package.not_a_package");
    }
    CHECK(device.sync_config()->find("k7m2q9x4b8n3")->stores.front().address == "folder:/media/stick");
}

TEST_CASE("what the vault itself refuses is said, and nothing is changed") {
    Updating device;
    device.rotate();
    device.study.contents.policy.study_tag = "otherstudytag";  // files in a store could not be told apart
    const auto file = device.file_of(device.study);
    device.looks_at(file);
    device.does(app::TakeUpdate{file});
    REQUIRE(device.last<app::UpdateRefused>() != nullptr);
    CHECK(device.last<app::UpdateRefused>()->why.key == "store.unusable_package");
    device.interviews(1, device.form);
    CHECK(device.opened_by(device.study.first).size() == 1);
}

TEST_CASE("a study file that has changed since it was shown is not taken in") {
    Updating device;
    device.rotate();
    const auto file = device.file_of(device.study);
    device.looks_at(file);
    device.study.contents.policy.title = "Other";
    device.file_of(device.study);  // under the same name
    device.does(app::TakeUpdate{file});
    REQUIRE(device.last<app::UpdateRefused>() != nullptr);
    CHECK(device.last<app::UpdateRefused>()->why.key == "package.changed_since");
    device.interviews(1, device.form);
    CHECK(device.opened_by(device.cem).empty());
}
