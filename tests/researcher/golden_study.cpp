#include <doctest/doctest.h>

#include "client/researcher/roster_file.h"
#include "client/researcher/study_file.h"
#include "crypto/batch_reader.h"
#include "crypto/hash.h"
#include "sync/receipt.h"
#include "tests/support/researcher.h"

// A study of version 1 as it was written once (tests/data/studies/README.md): its files bind every later
// program.

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
namespace crypto = fieldfare::crypto;
namespace study = fieldfare::study;

namespace {

const fs::path data = fs::path(FIELDFARE_SOURCE_DIR) / "tests/data";
const fs::path golden = data / "studies";

study::StudyPackage package(const std::string& name) {
    auto opened = read_study(golden / (name + ".ffstudy"));
    REQUIRE(opened);
    return std::move(*opened);
}

/// A desk whose inbox is the golden one, since opening leaves things there.
struct GoldenDesk : Desk {
    GoldenDesk() {
        passphrases.passphrase = "correct horse battery staple";
        fs::copy(golden / "inbox", inbox);
    }
    OpenOptions opening(const std::string& name) {
        OpenOptions options = open_options();
        options.study = golden / (name + ".ffstudy");
        options.roster = golden / (name + ".ffroster");
        options.keys = {data / "batches/researcher.ffkey"};
        options.receipts = false;
        return options;
    }
};

crypto::Identity golden_researcher() {
    return *crypto::Identity::from_file_bytes(crypto::bytes_of(content(data / "batches/researcher.ffkey")),
                                              *crypto::SecretText::copy_of("correct horse battery staple"));
}

}  // namespace

TEST_CASE(
    "everything of the golden study opens with its newest file, the researcher's key and two custodians' "
    "shares") {
    GoldenDesk desk;
    OpenOptions options = desk.opening("third");
    options.shares = {golden / "custodian-0.ffshare", golden / "custodian-2.ffshare"};
    options.earlier = {golden / "first.ffstudy", golden / "second.ffstudy"};
    REQUIRE_MESSAGE(desk.said(run_open, options) == ExitCode::fine, desk.err.str());
    CHECK(desk.opened_lines() == lines(content(golden / "survey.jsonl")));
}

TEST_CASE("the archive's key opens what was wrapped for it in the golden study, after the old key is gone") {
    GoldenDesk desk;
    for (const fs::path& file : files_in(desk.inbox))
        if (file.extension() == ".batch" && !fs::exists(fs::path(file).replace_extension(".ffwrap")))
            fs::remove(file);
    OpenOptions options = desk.opening("first");
    options.keys = {golden / "archive.ffkey"};
    REQUIRE_MESSAGE(desk.said(run_open, options) == ExitCode::fine, desk.err.str());
    CHECK(desk.opened_lines().size() == 30);
}

TEST_CASE("a device takes in the golden study files one after the other, and no older one") {
    const auto first = package("first"), second = package("second"), third = package("third");
    CHECK(check_update(first, second) == study::Update::newer);
    CHECK(check_update(second, third) == study::Update::newer);
    CHECK(check_update(second, first).error() == study::PackageError::older_version);
    CHECK(first.policy().pre_shared_keys.empty());
    REQUIRE(second.policy().pre_shared_keys.size() == 1);
    REQUIRE(third.policy().pre_shared_keys.size() == 1);
    CHECK(std::ranges::equal(second.policy().pre_shared_keys.front()->expose(),
                             third.policy().pre_shared_keys.front()->expose()));
    CHECK(third.policy().opening_quorum == 2);
    CHECK(first.dictionary().size() > 1000);
}

TEST_CASE("each golden roster follows the one before") {
    const auto newest = package("third");
    std::optional<study::OpenedRoster> before;
    for (const char* name : {"first", "second", "third"}) {
        const auto roster = read_roster(golden / (std::string(name) + ".ffroster"), newest);
        REQUIRE(roster);
        REQUIRE(*roster);
        if (before) CHECK(study::check_successor(*before, **roster));
        before = **roster;
    }
    CHECK(before->roster.devices.size() == 4);
}

TEST_CASE("each device of the golden study reads its receipt, which accepts its batch") {
    const auto newest = package("third");
    const crypto::Identity key = golden_researcher();
    std::vector<crypto::ReleasedShare> shares;
    for (const char* name : {"custodian-0.ffshare", "custodian-2.ffshare"}) {
        auto file = crypto::open_shares(crypto::bytes_of(content(golden / name)), {&key, 1});
        REQUIRE(file);
        for (auto& share : file->shares) shares.push_back(std::move(share));
    }
    crypto::StudyMaterial material;
    for (const char* name : {"first", "second", "third"}) {
        const auto version = package(name);
        material.add(version.dictionary());
        for (const auto& secret : version.policy().pre_shared_keys) material.add(secret);
    }
    std::size_t read = 0;
    for (const fs::path& file : files_in(golden / "inbox")) {
        if (file.extension() != ".batch") continue;
        const std::string sealed = content(file);
        auto batch = crypto::read_batch(crypto::bytes_of(sealed), {&key, 1}, material, shares);
        REQUIRE(batch);
        const std::string tag = fieldfare::sync::device_tag(batch->receipt_key);
        fieldfare::sync::StudySync device{.study_id = newest.policy().study_id,
                                          .device_id = batch->close.device,
                                          .policies = {newest.policy_digest()},
                                          .receipt_signers = {key.recipient().signing_key},
                                          .receipt_key = std::move(batch->receipt_key)};
        for (const fs::path& receipt : files_in(golden / "receipts")) {
            if (!receipt.filename().string().starts_with(tag)) continue;
            const auto opened = fieldfare::sync::open_receipt(crypto::bytes_of(content(receipt)), device);
            REQUIRE(opened);
            REQUIRE(opened->entries.size() == 1);
            CHECK(opened->entries.front().batch_id == batch->id);
            CHECK(opened->entries.front().file_sha256 == crypto::sha256(crypto::bytes_of(sealed)));
            CHECK(opened->entries.front().verdict == fieldfare::sync::Verdict::accepted);
            ++read;
        }
    }
    CHECK(read == 4);
}
