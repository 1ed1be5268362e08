#include <doctest/doctest.h>

#include "crypto/batch.h"
#include "tests/support/doctor.h"
#include "tests/support/radosgw.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::test::RadosGateway;

TEST_CASE("Ceph's bucket keeps the first of a race, and leaves to decide what its policies can't forbid") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    StoreDesk desk;
    ceph->allow_study("field", desk.tag);
    desk.use(ceph->laptops("field"), ceph->owner("field"));
    desk.names = 1100;  // more than a page
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.report()["verdict"] == "look");
    const auto report = desk.report();
    for (const auto& finding : report["findings"]) {
        CAPTURE(finding.dump());
        // A file belongs to whoever put it.
        const bool owners = finding["about"] == "read" || finding["about"] == "overwrite";
        CHECK(finding["verdict"] == (owners ? "look" : "good"));
    }
    CHECK(desk.report()["left"].empty());
    // Ceph puts a page together from the bucket's shards, of each of which it asks for a part of the 1,000; the
    // page ends where the first part does (ceph/ceph#30853). 977 were seen.
    CHECK(desk.report()["page_size"] <= 1000);
    CHECK(desk.report()["page_size"] > 500);
    CHECK(desk.report()["takes"] == fieldfare::crypto::max_batch_file);
}

TEST_CASE("Ceph with the policy that store init writes lets each side do its part, and no more") {
    RadosGateway* ceph = RadosGateway::shared();
    if (!ceph) return;
    StoreDesk desk;
    desk.use(ceph->laptops("field"), ceph->reader("field"));
    const Said policy = say({"store", "init", "--study", desk.study.string(), "--store", desk.laptops,
                             "--print", "bucket-policy-ceph.json", "--researcher-user", "reader"});
    REQUIRE_MESSAGE(policy.code == ExitCode::fine, policy.err);
    ceph->set_policy(policy.out);
    CHECK(desk.doctor() == ExitCode::findings);
    INFO(desk.text());
    CHECK(desk.report()["verdict"] == "look");
    const auto report = desk.report();
    for (const auto& finding : report["findings"]) {
        CAPTURE(finding.dump());
        const bool owners = finding["about"] == "read" || finding["about"] == "overwrite";
        CHECK(finding["verdict"] == (owners ? "look" : "good"));
    }
    CHECK(desk.report()["left"].empty());
}
