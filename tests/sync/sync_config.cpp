#include "sync/sync_config.h"

#include <sys/stat.h>

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::SyncConfig;
using sync::SyncConfigError;

namespace {

std::string two_studies() {
    SyncConfig config;
    config.studies.push_back(
        study_with({{"folder:/media/stick", {}}, {"https://drop.example.org", {{"pin", "p"}}}}));
    config.studies.push_back(study_with({}, "zzzzzzzz"));
    return config.to_json();
}

}  // namespace

TEST_CASE("sync.json reads back as it was written") {
    const auto config = SyncConfig::from_json(two_studies());
    REQUIRE(config);
    CHECK(config->to_json() == two_studies());
    CHECK(config->studies.size() == 2);
    REQUIRE(config->find(study_tag) != nullptr);
    CHECK(config->find(study_tag)->stores[1].settings.at("pin") == "p");
    CHECK(config->find("unknown") == nullptr);
}

TEST_CASE("sync.json is read strictly") {
    const auto with = [](std::string_view from, std::string_view to) {
        std::string text = two_studies();
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    for (const std::string& bad :
         {std::string(), std::string("{}"), std::string("[]"), two_studies() + " ",
          with("{\"studies\"", "{ \"studies\""), with("\"quorum\":2", "\"quorum\":0"),
          with("\"quorum\":2", "\"quorum\":-1"), with("\"quorum\":2", "\"quorum\":\"2\""),
          with("\"quorum\":2", "\"quorum\":256"), with("\"quorum\":2", "\"quorum\":2,\"quorum\":2"),
          with("\"quorum\":2", "\"quorum\":2,\"title\":\"x\""), with("\"copies\":1,", ""),
          with("\"tag\":\"zzzzzzzz\"", "\"tag\":\"aaaaaaaa\""),
          with("\"tag\":\"zzzzzzzz\"", "\"tag\":\"Zzzzzzzz\""), with("\"settings\":{}", "\"settings\":[]"),
          with("d1d1", "D1D1"), std::string(100, '['), with("\"policies\":[\"a2", "\"policies\":[\"a")}) {
        const auto config = SyncConfig::from_json(bad);
        REQUIRE_FALSE(config);
        CHECK(config.error() == SyncConfigError::damaged);
    }
    CHECK(SyncConfig::from_json(with("\"version\":0", "\"version\":1")).error() ==
          SyncConfigError::unknown_version);
}

TEST_CASE("one signer listed twice does not count as two") {
    SyncConfig config;
    config.studies.push_back(study_with({}));
    auto& signers = config.studies[0].receipt_signers;
    signers.push_back(signers.back());
    CHECK(SyncConfig::from_json(config.to_json()).error() == SyncConfigError::damaged);
}

TEST_CASE("sync.json is the owner's alone, and a missing one is told from a damaged one") {
    TemporaryFolder profile;
    CHECK(SyncConfig::read(profile / "sync.json").error() == SyncConfigError::missing);
    SyncConfig config;
    config.studies.push_back(study_with({}));
    REQUIRE(config.write(profile / "sync.json"));
    struct stat status {};
    REQUIRE(::stat((profile / "sync.json").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(SyncConfig::read(profile / "sync.json")->to_json() == config.to_json());
    write(profile / "sync.json", "{");
    CHECK(SyncConfig::read(profile / "sync.json").error() == SyncConfigError::damaged);
}
