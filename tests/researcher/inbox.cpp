#include <doctest/doctest.h>
#include <sys/stat.h>

#include <random>

#include "client/researcher/key_file.h"
#include "tests/support/crypto_forger.h"
#include "tests/support/researcher_laptop.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

/// A batch that says it is a part of a media file, by the size of its cells.
std::string as_media(std::string batch) {
    batch.at(10) = 16;
    return batch;
}

std::string random_bytes(std::size_t size, unsigned seed) {
    std::mt19937 dice(seed);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(dice());
    return bytes;
}

/// Three good batches of 25 interviews.
void with_three_batches(Desk& desk) {
    desk.with_study().with_interviews(75, 3);
    REQUIRE(files_in(desk.inbox).size() == 3);
}

/// Bytes that this process has read until now; nothing where the system does not count them.
std::optional<std::uint64_t> bytes_read() {
    std::ifstream counters("/proc/self/io");
    std::string word;
    std::uint64_t bytes = 0;
    if (counters >> word >> bytes && word == "rchar:") return bytes;
    return std::nullopt;
}

ExitCode open_again(Desk& desk) {
    auto options = desk.open_options();
    options.overwrite = Overwrite::yes;
    return desk.said(run_open, options);
}

}  // namespace

TEST_CASE("three good batches among two hundred other things open, and each of those is named once") {
    Desk desk, other;
    with_three_batches(desk);
    other.with_study().with_interviews(10, 1);
    const std::string good = content(files_in(desk.inbox).front());
    const std::string foreign = content(files_in(other.inbox).front());
    std::vector<std::string> junk;
    const auto next = [&](const char* kind) {
        junk.push_back(kind + std::to_string(junk.size()) + ".batch");
        return desk.inbox / junk.back();
    };
    for (unsigned i = 0; i < 20; ++i) {
        write(next("random"), random_bytes(1 + i * 9973, i));
        write(next("empty"), "");
        write(next("cut"), good.substr(0, 1 + good.size() * i / 20));
        write(next("foreign"), foreign);
        write(next("media"), as_media(good.substr(0, 16) + random_bytes(i * 5000, i)));
        fs::create_symlink(files_in(desk.inbox).front(), next("link"));
        fs::create_symlink("nowhere", next("dangling"));
        REQUIRE(::mkfifo(next("pipe").c_str(), 0600) == 0);
        fs::create_directories(next("folder"));
        write(next("text"), "no batch at all");
    }
    REQUIRE(junk.size() == 200);

    CHECK(open_again(desk) == ExitCode::findings);
    CHECK(contains(desk.out.str(), "75 interviews from 3 batches"));
    CHECK(contains(desk.out.str(), "200 files were refused; nothing of them is in the results:"));
    std::vector<std::string> told;
    for (const fs::path& reason : files_in(desk.results / "quarantine"))
        told.push_back(reason.stem().string());
    CHECK(sorted(told) == sorted(junk));

    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 75);
    CHECK(desk.opened_lines() == desk.true_lines());
    std::vector<std::string> named;
    std::size_t no_files = 0;
    for (const auto& refused : opened["refused"]) {
        named.push_back(refused["file"]);
        no_files += refused["reason"] == "not_a_file";
    }
    CHECK(sorted(named) == sorted(junk));
    CHECK(no_files == 80);
}

TEST_CASE("a file of ten gigabytes is refused by its size and not read, whatever it says it is") {
    Desk desk;
    with_three_batches(desk);
    const std::string good = content(files_in(desk.inbox).front());
    for (const auto& [name, head] : {std::pair<const char*, std::string>{"answers.batch", good},
                                     {"media.batch", as_media(good)},
                                     {"zeros.batch", ""}}) {
        write(desk.inbox / name, head);
        fs::resize_file(desk.inbox / name, std::uintmax_t{10} << 30);
    }
    const auto before = bytes_read();
    const auto opened = desk.opened();
    const auto after = bytes_read();
    CHECK(opened["interviews"] == 75);
    REQUIRE(opened["refused"].size() == 3);
    for (const auto& refused : opened["refused"]) CHECK(refused["reason"] == "too_large");
    if (before && after)
        CHECK(*after - *before < 32 << 20);  // so none of it was in memory either
    else
        skipped_on_this_machine("this system does not say what was read");
}

TEST_CASE("a file that came twice is called a copy, of its device, and no older version of anything") {
    Desk desk;
    desk.with_study();
    Laptop laptop(desk);
    laptop.seals(1).hands_over_open_batch();
    const std::string shorter = content(files_in(desk.inbox).front());
    laptop.seals(2).hands_over();
    REQUIRE(laptop.is_enrolled() == ExitCode::fine);
    const std::string whole = content(desk.batch(laptop.device(), 0));
    for (const char* name : {"00.batch", "zz.batch"}) write(desk.inbox / name, whole);
    CHECK(open_again(desk) == ExitCode::fine);
    CHECK(contains(desk.out.str(), "; 1 file is an older version of a batch that is here whole"));
    CHECK(contains(desk.out.str(), "; 2 files are copies of batches that are here already"));
    CHECK(contains(desk.out.str(), ", 2 copies came besides"));
    write(desk.inbox / "shorter.batch", shorter);
    const auto opened = desk.opened();
    CHECK(opened["interviews"] == 2);
    CHECK(opened["batches"] == 1);
    CHECK(opened["superseded"] == 1);
    CHECK(opened["copies"] == 3);
    CHECK(opened["devices"][0]["copies"] == 3);
}

TEST_CASE("a batch that does not open with one of the keys to which it says it is sealed is told of") {
    Desk desk;
    desk.with_keys();
    REQUIRE(desk.key_new("ben") == ExitCode::fine);
    write_small_form(desk.form);
    fs::create_directories(desk.store);
    auto build = desk.build_options();
    build.recipients.push_back(desk.folder / "ben.ffpub");
    REQUIRE(desk.said(run_study_build, build) == ExitCode::fine);
    Laptop laptop(desk);
    laptop.seals(1).hands_over();
    REQUIRE(laptop.is_enrolled() == ExitCode::fine);

    const auto opened_with = [&](const std::vector<std::string>& keys) {
        auto options = desk.open_options();
        options.overwrite = Overwrite::yes;
        options.keys.clear();
        for (const std::string& name : keys) options.keys.push_back(desk.folder / (name + ".ffkey"));
        const ExitCode code = desk.said(run_open, options);
        const std::string text = desk.out.str();
        options.output = Output::json;
        CHECK(desk.said(run_open, options) == code);
        return std::pair{text, nlohmann::json::parse(desk.out.str())};
    };
    CHECK(opened_with({"ben", "anna"}).second["sealed_wrongly"].empty());

    // The device's program leaves Ben's slot in a state in which nobody opens it, and signs that.
    FixedPassphrases passphrases;
    const auto identity = [&](const std::string& name) {
        const std::string bytes = content(desk.folder / (name + ".ffkey"));
        return std::move(*crypto::Identity::from_file_bytes(crypto::bytes_of(bytes),
                                                            *passphrases.passphrase_for("", Ask::once)));
    };
    const auto anna = identity("anna"), ben = identity("ben");
    const fs::path file = desk.batch(laptop.device(), 0);
    test::Forger forger(crypto::bytes_of(content(file)), anna);
    int found = 0;
    for (std::size_t at = 64; at < forger.header.size(); at += 128) {
        std::array<std::uint8_t, 64> slot{};
        if (crypto_box_seal_open(slot.data(), forger.header.data() + at, 112,
                                 ben.recipient().box_key.bytes.data(), ben.expose_box_secret()->data()) != 0)
            continue;
        forger.header[at + 50] ^= 1;
        ++found;
    }
    REQUIRE(found == 1);
    const auto made = forger.seal_all_again().close_again(laptop.key).build();
    fs::remove(file);
    write(desk.inbox / "made.batch", std::string(made.begin(), made.end()));

    for (const std::vector<std::string>& keys :
         {std::vector<std::string>{"anna", "ben"}, std::vector<std::string>{"ben", "anna"}}) {
        const auto [text, opened] = opened_with(keys);
        CHECK(opened["interviews"] == 1);
        REQUIRE(opened["sealed_wrongly"].size() == 1);
        CHECK(opened["sealed_wrongly"][0]["key"] == "ben");
        CHECK(opened["sealed_wrongly"][0]["file"] == "made.batch");
        CHECK(opened["sealed_wrongly"][0]["device"] == laptop.device());
        CHECK(contains(text, "SEALED WRONGLY: batch 0 of device "));
        CHECK(contains(text, "says that it is sealed to ben, and does not open with that key"));
    }
    CHECK(opened_with({"anna"}).second["sealed_wrongly"].empty());  // nobody can know
}

TEST_CASE("where the inbox's copy of the newest roster can't be read, that is said, and a new one is kept") {
    Desk desk;
    desk.with_study().with_interviews(5, 1);
    CHECK(open_again(desk) == ExitCode::fine);
    const fs::path copy = seen_roster_file(desk.inbox, *read_study(desk.study));
    for (const char* how : {"damaged", "empty", "link"}) {
        CAPTURE(how);
        if (how == std::string("damaged")) flip_byte(copy, content(copy).size() / 2);
        if (how == std::string("empty")) write(copy, "");
        if (how == std::string("link")) {
            fs::remove(copy);
            fs::create_symlink("nowhere", copy);
        }
        CHECK(open_again(desk) == ExitCode::findings);
        CHECK(contains(desk.err.str(), "can't be read, so an older one would not be noticed"));
        CHECK(open_again(desk) == ExitCode::fine);
        CHECK(desk.err.str().empty());
    }
    write(copy, "");
    CHECK(desk.opened()["roster_unguarded"] == true);
    CHECK(desk.opened()["roster_unguarded"] == false);
}
