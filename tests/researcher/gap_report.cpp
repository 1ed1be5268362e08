#include <doctest/doctest.h>

#include <algorithm>

#include "client/researcher/gap_report.h"

using namespace fieldfare;
using namespace fieldfare::researcher;

namespace {

crypto::BatchId id(std::uint8_t name) {
    crypto::BatchId made{};
    made[0] = name;
    return made;
}

/// Batch `number` of device 1, which goes by `name` and continues `previous`, with ten records.
BatchFacts batch(std::uint64_t number, std::uint8_t name, std::uint8_t previous, std::uint8_t device = 1) {
    BatchFacts facts;
    facts.device[0] = device;
    facts.sequence = number;
    facts.id = id(name);
    facts.previous = id(previous);
    facts.first_record = number * 10;
    facts.records = 10;
    return facts;
}

DeviceReport report(std::vector<BatchFacts> facts) {
    const auto reports = report_gaps(std::move(facts));
    REQUIRE(reports.size() == 1);
    return reports[0];
}

}  // namespace

TEST_CASE("a device whose batches are all here has no gap") {
    const auto device = report({batch(0, 10, 0), batch(1, 11, 10), batch(2, 12, 11)});
    CHECK(device.gaps.empty());
    CHECK(device.branches.empty());
    CHECK(device.batches == 3);
    CHECK(device.records == 30);
    CHECK(device.newest_batch == 2);
}

TEST_CASE("a missing batch is a gap with its number and its interviews") {
    const auto device = report({batch(0, 10, 0), batch(2, 12, 11)});
    CHECK(device.gaps == std::vector<Gap>{{1, 1, 10, false}});
    CHECK(sentence_for(device.gaps[0]) == "batch 1 is missing (10 interviews or withdrawals)");
}

TEST_CASE("missing batches in a row are one gap") {
    CHECK(report({batch(0, 10, 0), batch(4, 14, 13)}).gaps == std::vector<Gap>{{1, 3, 30, false}});
    CHECK(sentence_for({1, 3, 1, false}) == "batches 1 to 3 are missing (1 interview or withdrawal)");
}

TEST_CASE("a device whose first batch is missing has a gap at its beginning") {
    CHECK(report({batch(1, 11, 10)}).gaps == std::vector<Gap>{{0, 0, 10, false}});
}

TEST_CASE("the order in which batches arrive does not matter") {
    const std::vector<BatchFacts> facts = {batch(0, 10, 0), batch(1, 11, 10), batch(3, 13, 12),
                                           batch(1, 21, 10)};
    std::vector<int> order = {0, 1, 2, 3};
    const auto expected = report(facts);
    do {
        std::vector<BatchFacts> shuffled;
        for (const int i : order) shuffled.push_back(facts[static_cast<std::size_t>(i)]);
        CHECK(report(shuffled) == expected);
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("the same batch twice counts once") {
    const auto device = report({batch(0, 10, 0), batch(0, 10, 0)});
    CHECK(device.batches == 1);
    CHECK(device.branches.empty());
}

TEST_CASE("two batches that continue the same one are two lines of a restored or cloned device") {
    const auto device = report({batch(0, 10, 0), batch(1, 11, 10), batch(1, 21, 10), batch(2, 22, 21)});
    CHECK(device.branches == std::vector<std::uint64_t>{1});
    CHECK(device.gaps.empty());
}

TEST_CASE("two first batches are two lines from the start") {
    CHECK(report({batch(0, 10, 0), batch(0, 20, 0)}).branches == std::vector<std::uint64_t>{0});
}

TEST_CASE("a batch that continues an absent twin of one that is here says so") {
    const auto device = report({batch(0, 10, 0), batch(1, 11, 10), batch(2, 22, 21)});
    REQUIRE(device.gaps.size() == 1);
    CHECK(device.gaps[0].other_branch);
    CHECK(sentence_for(device.gaps[0]) ==
          "batch 1 is missing (another batch of that number is here: the device was restored or cloned)");
}

TEST_CASE("a batch may continue a shorter version of the one before it") {
    auto first = batch(0, 10, 0);
    first.earlier_ids = {id(8), id(9)};
    CHECK(report({first, batch(1, 11, 9)}).gaps.empty());
}

TEST_CASE("only the newest batch says whether more is to come") {
    auto first = batch(0, 10, 0), second = batch(1, 11, 10);
    first.provisional = true;
    second.last = true;
    const auto device = report({first, second});
    CHECK(device.finished);
    CHECK_FALSE(device.provisional);
}

TEST_CASE("devices are reported apart") {
    const auto reports = report_gaps({batch(0, 10, 0, 2), batch(1, 11, 10, 1), batch(1, 31, 10, 2)});
    REQUIRE(reports.size() == 2);
    CHECK(reports[0].device[0] == 1);
    CHECK(reports[0].gaps.size() == 1);
    CHECK(reports[1].gaps.empty());
}
