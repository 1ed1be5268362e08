#include "client/store/sealing.h"

#include <doctest/doctest.h>

#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Error;
using store::Step;

// What a batch holds beside interviews: that a device is there, and codes that take an interview back.

TEST_CASE("before its first interview a device says that it is there, once, and the interviews follow") {
    FieldDevice device;
    REQUIRE(device.vault().say_here().has_value());
    REQUIRE(device.vault().say_here().has_value());
    device.interview(1);
    device.lock();
    const auto batches = device.batches();
    REQUIRE(batches.size() == 2);
    const auto& here = batches[0].close.batch_sequence == 0 ? batches[0] : batches[1];
    const auto& next = batches[0].close.batch_sequence == 0 ? batches[1] : batches[0];
    CHECK(here.records.empty());
    CHECK_FALSE(here.close.provisional);
    CHECK_FALSE(here.close.last);
    CHECK(next.close.previous_batch == here.id);
    CHECK(next.close.first_record_sequence == 0);
    CHECK(next.records.size() == 1);
}

TEST_CASE("a week of silence is broken, a day of it is not") {
    FieldDevice device;
    device.interview(1);
    REQUIRE(device.vault().finish_batches().has_value());
    device.now += std::chrono::days(6);
    REQUIRE(device.vault().say_here().has_value());
    CHECK(device.batches().size() == 1);
    device.now += std::chrono::days(1);
    REQUIRE(device.vault().say_here().has_value());
    REQUIRE(device.vault().say_here().has_value());
    CHECK(device.batches().size() == 2);
    SUBCASE("a clock that was set back says it once more, and then keeps quiet") {
        device.now -= std::chrono::days(400);
        REQUIRE(device.vault().say_here().has_value());
        REQUIRE(device.vault().say_here().has_value());
        CHECK(device.batches().size() == 3);
    }
    SUBCASE("also after the vault was locked") {
        device.relock();
        REQUIRE(device.vault().say_here().has_value());
        CHECK(device.batches().size() == 2);
    }
}

TEST_CASE("nothing is said beside a batch that is open: it will say it itself") {
    FieldDevice device;
    device.interview(1);
    device.now += std::chrono::days(20);
    REQUIRE(device.vault().say_here().has_value());
    CHECK(device.batches().size() == 1);
}

TEST_CASE("\"I am here\" counts as no interview and stands once, wherever it was cut short") {
    for (const Step end : {Step::announced, Step::written}) {
        CAPTURE(static_cast<int>(end));
        FieldDevice device;
        device.lock();
        struct Cut {};
        REQUIRE(device
                    .unlock(FieldDevice::right_passphrase,
                            [&](Step step) {
                                if (step == end) throw Cut{};
                            })
                    .has_value());
        CHECK_THROWS_AS((void)device.vault().say_here(), Cut);
        device.crash();
        REQUIRE(device.unlock().has_value());
        REQUIRE(device.vault().say_here().has_value());
        CHECK(device.batches().size() == 1);
        const auto counts = device.vault().counts(device.record.study);
        CHECK(counts->drafts + counts->sealed + counts->handed_over + counts->confirmed == 0);
        device.interview(1);
        device.lock();
        CHECK(device.batches().size() == 2);
    }
}

TEST_CASE("a code that takes an interview back is a record of its own, in the batch that is open") {
    FieldDevice device;
    device.interview(1);
    const auto code = crypto::new_withdrawal_code();
    REQUIRE(code);
    REQUIRE(device.vault().withdraw(device.record.study, *code).has_value());
    device.interview(2);
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    const auto& records = batches[0].records;
    REQUIRE(records.size() == 3);
    CHECK(records[1].type == crypto::RecordType::withdraw);
    CHECK(crypto::withdrawal_code_in(records[1].payload) == *code);
    CHECK(records[1].uuid != crypto::Id{});
    CHECK(records[1].uuid != records[0].uuid);
    CHECK(device.vault().head(device.record.study)->value().records == 3);
    CHECK(device.counts() == store::Counts{0, 2, 0, 0});  // it is no interview
}

TEST_CASE("a code alone makes a batch, and stays after a restart") {
    FieldDevice device;
    REQUIRE(device.vault().withdraw(device.record.study, *crypto::new_withdrawal_code()).has_value());
    device.lock();
    REQUIRE(device.unlock().has_value());
    const auto batches = device.batches();
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].records.size() == 1);
    CHECK(device.counts() == store::Counts{});
    CHECK(device.vault().withdraw(crypto::Id{}, {}).error() == Error::unknown_study);
}

TEST_CASE("a code that could not be sealed for lack of room is sealed by the next try, once or twice") {
    FieldDevice device;
    device.interview(1);
    const auto code = *crypto::new_withdrawal_code();
    {
        const FullDisk full(8 * 1024);  // for the log, and not for the file
        CHECK_FALSE(device.vault().withdraw(device.record.study, code).has_value());
    }
    REQUIRE(device.vault().withdraw(device.record.study, code).has_value());
    std::size_t codes = 0, interviews = 0;
    for (const auto& batch : device.batches())
        for (const auto& record : batch.records) {
            if (record.type == crypto::RecordType::data) ++interviews;
            if (record.type != crypto::RecordType::withdraw) continue;
            CHECK(crypto::withdrawal_code_in(record.payload) == code);
            ++codes;
        }
    CHECK(interviews == 1);
    CHECK((codes == 1 || codes == 2));
    CHECK(device.counts() == store::Counts{0, 1, 0, 0});
}
