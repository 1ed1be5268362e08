#include <doctest/doctest.h>

#include "client/researcher/console.h"
#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

/// What the program keeps of the machine for this command; it keeps to it once, or never gets so far.
Reach kept_by(const std::vector<std::string>& words) {
    std::vector<Reach> kept;
    std::ostringstream out, err;
    run_command_line(words, out, err, false, [&](const Reach& reach) { kept.push_back(reach); });
    INFO(err.str());
    REQUIRE(kept.size() == 1);
    return kept.front();
}

bool may_change(const Reach& reach, const fs::path& folder) {
    return std::ranges::find(reach.changes, folder) != reach.changes.end();
}

const std::string web_store =
    "address = https://127.0.0.1:9/drop/\nuser = laptops\npassword = laptops-secret\n";

}  // namespace

TEST_CASE("a command may change files in the folders of its words, and talks to no network") {
    Desk desk;
    desk.with_study();
    const Reach reach = kept_by({"study", "show", desk.study.string()});
    CHECK(reach.changes == std::vector<fs::path>{desk.study.parent_path()});
    CHECK(reach.network == Reach::Network::none);

    const Reach made =
        kept_by({"key", "new", (desk.folder / "new/below/ben").string(), "--cost", "low"});
    CHECK(may_change(made, desk.study.parent_path()));
}

TEST_CASE(
    "fetch may change the folder that is the study's store, and has a network only for a store that is on "
    "one") {
    Desk desk;
    desk.with_study();
    const std::vector<std::string> words{"fetch", "--study", desk.study.string(), "--inbox",
                                         desk.inbox.string()};
    const Reach folders = kept_by(words);
    CHECK(may_change(folders, desk.store));
    CHECK(folders.network == Reach::Network::none);

    write(desk.folder / "drop.ffstore", web_store);
    auto to_web = words;
    to_web.insert(to_web.end(), {"--store", (desk.folder / "drop.ffstore").string()});
    const Reach web = kept_by(to_web);
    CHECK(web.network == Reach::Network::needed);
    CHECK_FALSE(may_change(web, desk.store));
}

TEST_CASE("open has no network, whatever stores the study has") {
    Desk desk;
    desk.with_keys();
    write_small_form(desk.form);
    write(desk.folder / "drop.ffstore", web_store);
    auto options = desk.build_options();
    options.stores = {(desk.folder / "drop.ffstore").string()};
    REQUIRE_MESSAGE(desk.said(run_study_build, options) == ExitCode::fine, desk.err.str());
    const Reach reach =
        kept_by({"open", "--study", desk.study.string(), "--key", desk.key.string(), "--roster",
                 desk.roster.string(), "--inbox", desk.inbox.string(), "--out", desk.results.string()});
    CHECK(reach.network == Reach::Network::none);
}

TEST_CASE("simulate goes where its words say: a folder, a store that is one, or a network") {
    Desk desk;
    desk.with_study();
    const auto simulate = [&](const std::string& where) {
        return kept_by({"simulate", "--study", desk.study.string(), "--interviews", "1", "--out", where});
    };
    CHECK(may_change(simulate("folder:" + desk.store.string()), desk.store));
    CHECK(simulate(desk.inbox.string()).network == Reach::Network::none);
    write(desk.folder / "drop.ffstore", web_store);
    CHECK(simulate((desk.folder / "drop.ffstore").string()).network == Reach::Network::needed);
}
