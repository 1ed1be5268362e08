#include <doctest/doctest.h>

#include "tests/support/room.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

TEST_CASE("a training: devices hand over in the room, the researcher fetches from the folder and opens") {
    Room room;
    room.serve();
    room.with_interviews(60, 3, room.store_file());
    const std::string folder = "folder:" + room.taken.string();
    REQUIRE_MESSAGE(room.fetch({folder}) == ExitCode::fine, room.err.str());
    const auto opened = room.opened();
    CHECK(room.opened_lines() == room.true_lines());
    CHECK(opened["receipts"]["made"] == 3);
    REQUIRE_MESSAGE(room.fetch({folder}) == ExitCode::fine, room.err.str());
    CHECK(room.out.str().find("3 receipts sent") != std::string::npos);

    // A device reads its own by name.
    sync::FolderStore store(room.taken);
    const auto receipts = store.list(room.tag + "/receipts/", "", 10, {});
    REQUIRE(receipts);
    REQUIRE(receipts->files.size() == 3);
    CHECK(sync::get_bytes(*room.device(), receipts->files[0].name, 100'000)->size() ==
          receipts->files[0].size);
}

TEST_CASE(
    "the doctor finds the receiver good, with its folder as the researcher's side, and leaves nothing") {
    Room room;
    room.serve();
    StoreDoctorOptions options;
    options.study = room.study;
    options.researchers = {"folder:" + room.taken.string()};
    options.output = Output::json;
    const ExitCode code = room.said(run_store_doctor, options);
    INFO(room.out.str());
    INFO(room.err.str());
    CHECK(code == ExitCode::fine);
    const auto report = nlohmann::json::parse(room.out.str())["stores"][0];
    for (const auto& finding : report["findings"]) {
        CAPTURE(finding.dump());
        CHECK(finding["verdict"] == "good");
    }
    CHECK(report["findings"].size() == 20);
    CHECK(report["left"].empty());
    CHECK(room.names().empty());
}
