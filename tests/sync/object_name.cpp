#include "sync/object_name.h"

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

TEST_CASE("a batch's name in a store has the study's tag, the day and the hash, and reads back") {
    const std::string hash(64, 'a');
    CHECK(sync::batch_name("k7m2q9x4", day(3), hash) == "k7m2q9x4/20261103-" + hash + ".batch");
    CHECK(sync::batch_name("k7m2q9x4", day(3), hash, 2) == "k7m2q9x4/20261103-" + hash + "-2.batch");
    for (int resend : {0, 1, 9, 12}) {
        const sync::BatchName name{"k7m2q9x4", day(3), hash, resend};
        CHECK(sync::parse_batch_name(sync::batch_name(name.study_tag, name.day, hash, resend)) == name);
    }
}

TEST_CASE("other names are no batch") {
    const std::string hash(64, 'a'), upper(64, 'A');
    for (const std::string& bad :
         {std::string(), "k7m2q9x4/20261103-" + hash, "k7m2q9x4/20261103-" + upper + ".batch",
          "k7m2q9x4/20261131-" + hash + ".batch", "k7m2q9x4/20261103-" + hash + "-0.batch",
          "k7m2q9x4/20261103-" + hash + "-01.batch", "k7m2q9x4/20261103-" + hash + "x.batch",
          "k7m2q9x4/20261103-" + hash + "-99999999999.batch", "k7m2q9x4/20261103-" + hash + "--1.batch",
          "short/20261103-" + hash + ".batch", "k7m2q9x4/20261103-" + hash + ".batch.batch"}) {
        CHECK_FALSE(sync::parse_batch_name(bad));
    }
}

TEST_CASE("a receipt's name tells nothing without the device's key") {
    CHECK(sync::device_tag(receipt_key(1)) == sync::device_tag(receipt_key(1)));
    CHECK(sync::device_tag(receipt_key(1)) != sync::device_tag(receipt_key(2)));
    CHECK(sync::is_object_name(sync::receipt_name(study_tag, sync::device_tag(receipt_key(1)), 4294967295)));
}
