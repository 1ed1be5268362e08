#include "client/courier/courier.h"
#include "tests/support/s3_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;

TEST_CASE("a courier, confined as it is, carries to a bucket of S3 and reads its receipts there") {
    S3Drop drop;  // beside the courier, and no longer than this test
    const std::string bucket = drop.fresh("drop");
    OutboxDevice device{{drop.laptops(bucket)}};
    REQUIRE(device.config.write(device.profile / "sync.json"));
    auto courier = courier::Courier::start({.profile = device.profile.path(), .proxy = {}});
    REQUIRE(courier);
    const courier::Courier::Orders orders{.today = day(1), .may_forget = {}, .on_progress = {}, .stop = {}};
    const auto hash = device.seal("interviews");
    auto report = courier->carry(orders);
    REQUIRE(report);
    CHECK(report->summary.handed_over == 1);
    CHECK(report->summary.findings.empty());

    const auto researcher = sync::open_store(drop.researcher(bucket));
    CHECK((*researcher)->list(study_tag + "/", "", 10, {})->files.size() == 1);
    device.answer(1, hash);
    for (const auto& [name, bytes] : device.a->files)
        REQUIRE((*researcher)->put(name, crypto::bytes_of(bytes), {}) == sync::PutOutcome::stored);
    report = courier->carry(orders);
    REQUIRE(report);
    CHECK(report->summary.receipts == 1);
    CHECK(report->summary.findings.empty());
}
