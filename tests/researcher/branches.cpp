#include <doctest/doctest.h>

#include "crypto/compression.h"
#include "tests/support/crypto_forger.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using test::Forger;

// Versions of one batch that contradict each other: a machine that was restored makes two of them, and
// somebody who wants to stop every export as many as go into a store.

namespace {

Forger::Record interview(const Laptop& laptop, std::uint64_t seed) {
    const auto submission = synthetic_submission({laptop.form, "s", "", "2026-11-23"}, mixed(9, seed));
    auto record = Forger::raw_record(
        2, 0, crypto::bytes_of(std::string_view(to_json(submission, laptop.study.form()))));
    std::ranges::copy(*uuid_bytes(submission.id), record.bytes.begin() + Forger::uuid);
    return record;
}

/// All that a batch can hold, in a few kilobytes.
std::vector<Forger::Record> bomb(std::uint8_t number) {
    const auto zeros = *crypto::batch::Compressor::with({}, crypto::Effort::quick);
    std::vector<Forger::Record> records;
    for (std::uint64_t i = 0; i < 64; ++i) {
        crypto::Bytes content(crypto::max_payload);
        content[0] = number;
        auto record = Forger::raw_record(2, i, *zeros.compress(content));
        record.bytes[Forger::codec] = 1;
        Forger::put_number(record.bytes, Forger::payload, content.size(), 4);
        records.push_back(std::move(record));
    }
    return records;
}

/// The laptop's batch once more, under its header and signed, with other records.
class Versions {
  public:
    Versions(const Desk& desk, const Laptop& laptop)
        : desk_(desk), laptop_(laptop), forger_(batch(), identity()) {}

    void put(const std::string& name, std::vector<Forger::Record> records) {
        Forger forged = forger_;
        forged.records.resize(1);  // OPEN
        std::ranges::move(records, std::back_inserter(forged.records));
        const crypto::Bytes file = forged.close_again(laptop_.key).build();
        write(desk_.inbox / name, std::string(file.begin(), file.end()));
    }

  private:
    crypto::Bytes batch() const {
        const std::string file = content(files_in(desk_.inbox).front());
        return {file.begin(), file.end()};
    }
    crypto::Identity identity() const {
        const std::string file = content(desk_.key);
        const auto words = *crypto::passphrase_from(desk_.passphrases.passphrase);
        return std::move(*crypto::Identity::from_file_bytes(crypto::bytes_of(file), words));
    }
    const Desk& desk_;
    const Laptop& laptop_;
    Forger forger_;
};

std::size_t peak_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    return 0;
}

}  // namespace

TEST_CASE("of a batch that is here in more versions than a restored machine makes, eight are exported") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    REQUIRE(laptop.is_enrolled() == ExitCode::fine);
    Versions versions(desk, laptop);
    for (std::uint64_t i = 0; i < 9; ++i) {
        std::vector<Forger::Record> records;
        records.push_back(interview(laptop, 100 + i));
        versions.put("v" + std::to_string(i) + ".batch", std::move(records));
    }
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 8);
    REQUIRE(opened["refused"].size() == 2);
    CHECK(opened["refused"][0]["reason"] == "too_many_branches");
    CHECK(opened["refused"][0]["device"] == laptop.device());
}

TEST_CASE(
    "what strangers put into a store fills nobody's memory, and stops no batch of a device that counts") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    REQUIRE(laptop.is_enrolled() == ExitCode::fine);
    Laptop stranger(desk);
    const fs::path good = files_in(desk.inbox).front();
    fs::rename(good, desk.folder / "good.batch");
    stranger.seals(2).hands_over();
    Versions versions(desk, stranger);
    constexpr std::uint8_t files = 30;  // 64 MiB each
    for (std::uint8_t i = 0; i < files; ++i) versions.put("s" + std::to_string(i) + ".batch", bomb(i));
    fs::rename(desk.folder / "good.batch", good);

    const std::size_t before = peak_kilobytes();
    const auto opened = desk.opened();
    CHECK(peak_kilobytes() - before < 1000 * 1024);
    CHECK(opened["interviews"] == 1);
    CHECK(opened["refused"].size() == files + 1);
    for (const auto& file : opened["refused"]) CHECK(file["reason"] == "unknown_device");
}
