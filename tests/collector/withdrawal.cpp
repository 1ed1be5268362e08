#include <doctest/doctest.h>

#include "crypto/withdrawal.h"
#include "schema/submission.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

struct Withdrawable : Program {
    Withdrawable() {
        study.contents.form.settings.extra["x_withdrawal"] = "yes";
        begins_with(study);
        form = last<app::ProfileCreated>()->opened.form;
        does(app::CreateDraft{"draft-1", "2026-11-23", {}, 0, 1, form});
    }
    std::string draws_code() {
        does(app::DrawCode{"draft-1"});
        REQUIRE(last<app::CodeDrawn>() != nullptr);
        return last<app::CodeDrawn>()->code;
    }
    std::string hash_of(const std::string& code) {
        return crypto::to_hex(crypto::withdrawal_hash(*crypto::parse_withdrawal_code(code)));
    }
    /// The withdrawal's hash in what was sealed.
    std::string sealed_hash() {
        const auto batches = opened_by(study.first);
        REQUIRE(batches.size() == 1);
        REQUIRE(batches[0].records.size() == 1);
        const auto& payload = batches[0].records[0].payload;
        return std::string(
            schema::withdrawal_in({reinterpret_cast<const char*>(payload.data()), payload.size()}));
    }

    Study study;
    std::shared_ptr<const schema::CompiledForm> form;
};

}  // namespace

TEST_CASE("what is sealed carries the hash of the code that was drawn last") {
    Withdrawable device;
    const auto first = device.draws_code(), second = device.draws_code();
    CHECK(first != second);
    device.seals(1, device.form);
    CHECK(device.sealed_hash() == device.hash_of(second));
}

TEST_CASE("without a code an interview whose form gives codes is not sealed") {
    Withdrawable device;
    bool locked = false;
    SUBCASE("never drawn") {}
    SUBCASE("forgotten with the lock") {
        device.draws_code();
        locked = true;
    }
    if (locked) {
        device.does(app::LockVault{});
        device.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    }
    schema::Submission submission;
    submission.id = "00000000-0000-4000-8000-000000000001";
    device.does(app::SealInterview{"draft-1", submission, device.form});
    CHECK(device.last<app::FinaliseFailed>() != nullptr);
    CHECK(device.opened_by(device.study.first).empty());
}

TEST_CASE("no code stands in any file of the profile, not while it is shown and not afterwards") {
    Withdrawable device;
    const auto code = device.draws_code();
    const auto bytes = crypto::parse_withdrawal_code(code)->bytes;
    const std::string raw(bytes.begin(), bytes.end());
    std::string plain;
    for (const char c : code)
        if (c != '-') plain += c;
    const auto look = [&] {
        for (const std::string& form : {code, plain, raw, utf16(code), crypto::to_hex(bytes)})
            CHECK(files_with(device.profile.path(), form).empty());
    };
    look();
    device.seals(1, device.form);
    look();
    device.does(app::LockVault{});
    look();
}

TEST_CASE("an interview that an earlier try has sealed gets no second code") {
    Withdrawable device;
    const auto code = device.draws_code();
    device.seals(1, device.form);
    device.does(app::DrawCode{"draft-1"});
    CHECK(device.last<app::Finalised>() != nullptr);
    CHECK(device.sealed_hash() == device.hash_of(code));
}

TEST_CASE(
    "an interview that was brought to the seal before the start is sealed under the id and the code of "
    "then") {
    Withdrawable device;
    const auto code = device.draws_code();
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    std::filesystem::remove_all(open);
    write_file(open, "in the way");
    schema::Submission submission;
    submission.id = "00000000-0000-4000-8000-000000000001";
    device.does(app::SealInterview{"draft-1", submission, device.form});
    REQUIRE(device.last<app::FinaliseFailed>() != nullptr);
    std::filesystem::remove(open);

    device.restart();
    device.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    REQUIRE(device.last<app::Unlocked>() != nullptr);
    device.does(app::DrawCode{"draft-1"});
    REQUIRE(device.last<app::CodeStands>() != nullptr);
    submission.id = "00000000-0000-4000-8000-000000000002";
    device.does(app::SealInterview{"draft-1", submission, device.form});
    REQUIRE(device.last<app::Finalised>() != nullptr);
    CHECK(device.sealed_hash() == device.hash_of(code));
    const auto batches = device.opened_by(device.study.first);
    CHECK(batches[0].records[0].uuid.back() == 1);
    const auto& payload = batches[0].records[0].payload;
    CHECK(std::string(payload.begin(), payload.end()).find("00000000-0000-4000-8000-000000000001") !=
          std::string::npos);
}

TEST_CASE("an interview that was never saved is not called sealed, and gets no code") {
    Withdrawable device;
    device.does(app::DrawCode{"draft-2"});
    REQUIRE(device.last<app::CodeFailed>() != nullptr);
    CHECK(device.last<app::CodeFailed>()->why.key == "store.unknown_draft");
    CHECK(device.last<app::Finalised>() == nullptr);
    device.does(app::CreateDraft{"draft-2", "2026-11-23", {}, 0, 2, device.form});
    device.does(app::DrawCode{"draft-2"});
    CHECK(device.last<app::CodeDrawn>() != nullptr);
}
