#include "client/courier/courier.h"
#include "tests/support/sftp_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;

TEST_CASE("a courier, confined as it is, carries over SFTP and reads its receipts there") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    OutboxDevice device{{drop->laptops(place)}};
    REQUIRE(device.config.write(device.profile / "sync.json"));
    auto courier = courier::Courier::start({.profile = device.profile.path(), .proxy = {}});
    REQUIRE(courier);
    const courier::Courier::Orders orders{.today = day(1), .may_forget = {}, .on_progress = {}, .stop = {}};
    const auto hash = device.seal("interviews");
    auto report = courier->carry(orders);
    REQUIRE(report);
    CHECK(report->summary.handed_over == 1);
    CHECK(report->summary.findings.empty());
    auto names = names_in(drop->files(place));
    // The byte by which the server has shown that it never replaces; laptops remove nothing there.
    std::erase_if(names, [](const std::string& name) { return name.find("/.") != std::string::npos; });
    CHECK(names == std::vector<std::string>{sync::batch_name(study_tag, day(1), hash)});

    const auto researcher = sync::open_store(drop->researcher(place));
    device.answer(1, hash);
    for (const auto& [name, bytes] : device.a->files)
        REQUIRE((*researcher)->put(name, crypto::bytes_of(bytes), {}) == sync::PutOutcome::stored);
    report = courier->carry(orders);
    REQUIRE(report);
    CHECK(report->summary.receipts == 1);
    CHECK(report->summary.findings.empty());
}
