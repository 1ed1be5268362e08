#include <doctest/doctest.h>

#include "tests/support/researcher_laptop.h"

// A study that is sealed under a pre-shared key besides, from the study file to the open answers.

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

/// One batch without a pre-shared key, then one under each of two, from the same laptop.
struct SecretStudy : Desk {
    std::optional<Laptop> laptop;
    fs::path without, first;

    SecretStudy() {
        with_study();
        REQUIRE(key_new("archive") == ExitCode::fine);
        laptop.emplace(*this);
        laptop->seals(1).hands_over();
        without = next_version("first");
        laptop->seals(2).hands_over();
        first = next_version("second");
        laptop->seals(3).hands_over();
        REQUIRE_MESSAGE(laptop->is_enrolled() == ExitCode::fine, err.str());
    }
    fs::path next_version(const std::string& name) {
        auto build = build_options();
        build.predecessor = study;
        build.pre_shared_key = true;
        build.out = folder / (name + ".ffstudy");
        REQUIRE_MESSAGE(said(run_study_build, build) == ExitCode::fine, err.str());
        const fs::path before = std::exchange(study, build.out);
        laptop->updates();
        return before;
    }
    Said says(const std::vector<std::string>& words) { return say_with_passphrases(words, *this); }
};

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "the newest study file opens what was sealed before it, under earlier pre-shared keys and without") {
    SecretStudy secret;
    REQUIRE_MESSAGE(secret.open() == ExitCode::fine, secret.out.str(), secret.err.str());
    CHECK(secret.opened_lines().size() == 3);
}

TEST_CASE("an older study file opens only what its own pre-shared keys open, and says what is missing") {
    SecretStudy secret;
    auto options = secret.open_options();
    options.study = secret.without;
    options.output = Output::json;
    REQUIRE(secret.said(run_open, options) == ExitCode::findings);
    const auto opened = nlohmann::json::parse(secret.out.str());
    CHECK(opened["interviews"] == 1);
    REQUIRE(opened["refused"].size() == 2);
    for (const auto& refused : opened["refused"]) CHECK(refused["reason"] == "psk_missing");
}

TEST_CASE("inspect and rewrap take the study file for its pre-shared keys") {
    SecretStudy secret;
    const std::string key = secret.key.string(), study = secret.study.string(),
                      archive = (secret.folder / "archive.ffkey").string();
    std::size_t missing = 0;
    for (const fs::path& batch : files_in(secret.inbox)) {
        if (batch.extension() != ".batch") continue;
        missing += contains(secret.says({"inspect", batch.string(), "--key", key}).err, "pre-shared key");
        CHECK(secret.says({"inspect", batch.string(), "--key", key, "--study", study}).code ==
              ExitCode::fine);
    }
    CHECK(missing == 2);
    std::vector<std::string> rewrap = {"archive", "rewrap", "--inbox", secret.inbox.string(),
                                       "--key",   key,      "--to",    archive};
    CHECK(secret.says(rewrap).code == ExitCode::findings);
    rewrap.insert(rewrap.end(), {"--study", study});
    CHECK(secret.says(rewrap).code == ExitCode::fine);
}

TEST_CASE("what the archive key opens without the study file it opens beside other keys as well") {
    SecretStudy secret;
    const std::string anna = secret.key.string(), archive = (secret.folder / "archive.ffkey").string();
    REQUIRE(secret
                .says({"archive", "rewrap", "--inbox", secret.inbox.string(), "--key", anna, "--to", archive,
                       "--study", secret.study.string()})
                .code == ExitCode::fine);
    std::size_t opened = 0;
    for (const fs::path& batch : files_in(secret.inbox)) {
        if (batch.extension() != ".batch") continue;
        for (const auto& [one, other] : {std::pair{anna, archive}, {archive, anna}})
            opened +=
                secret.says({"inspect", batch.string(), "--key", one, "--key", other}).code == ExitCode::fine;
    }
    CHECK(opened == 6);
}

TEST_CASE("a pre-shared key is shown to be there and is printed nowhere") {
    SecretStudy secret;
    const auto package = study::StudyPackage::open(crypto::bytes_of(content(secret.study)));
    REQUIRE(package);
    REQUIRE(package->policy().pre_shared_keys.size() == 2);
    for (const std::string output : {"--qr", "--json"}) {
        const Said shown = say({"study", "show", secret.study.string(), output});
        CHECK(contains(shown.out, output == "--json" ? "\"pre_shared_key\":true" : "keep it secret"));
        for (const auto& each : package->policy().pre_shared_keys)
            CHECK_FALSE(contains(shown.out + shown.err, crypto::to_hex(each->expose())));
    }
}

TEST_CASE("a study keeps its pre-shared key in the next version unless a new one is asked for") {
    SecretStudy secret;
    auto build = secret.build_options();
    build.predecessor = secret.study;
    build.out = secret.folder / "third.ffstudy";
    REQUIRE(secret.said(run_study_build, build) == ExitCode::fine);
    const auto keys_of = [](const fs::path& file) {
        const auto package = study::StudyPackage::open(crypto::bytes_of(content(file)));
        std::vector<std::string> keys;
        for (const auto& key : package->policy().pre_shared_keys)
            keys.push_back(crypto::to_hex(key->expose()));
        return keys;
    };
    CHECK(keys_of(build.out) == keys_of(secret.study));
    CHECK(contains(secret.err.str(), "as you would a key"));
}
