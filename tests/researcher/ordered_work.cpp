#include "client/researcher/ordered_work.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using fieldfare::researcher::in_order;

namespace {

std::size_t slow_square(std::size_t i) {
    std::this_thread::sleep_for(std::chrono::microseconds(100 * ((i * 7) % 5)));
    return i * i;
}

}  // namespace

TEST_CASE("work done on several threads is used in its order, each piece once") {
    for (const unsigned workers : {0u, 1u, 2u, 5u}) {
        std::vector<std::size_t> used;
        in_order(60, workers, slow_square, [&](std::size_t i, std::size_t square) {
            CHECK(square == i * i);
            used.push_back(i);
            return true;
        });
        REQUIRE(used.size() == 60);
        CHECK(std::ranges::is_sorted(used));
    }
}

TEST_CASE("no work is no work, and what can't be copied is handed on") {
    const auto make = [](std::size_t i) { return std::make_unique<std::size_t>(i); };
    std::size_t sum = 0;
    const auto use = [&](std::size_t, std::unique_ptr<std::size_t> piece) {
        sum += *piece;
        return true;
    };
    in_order(0, 3, make, use);
    CHECK(sum == 0);
    in_order(4, 3, make, use);
    CHECK(sum == 6);
}

TEST_CASE("workers never run far ahead of what is used, so memory stays flat") {
    std::atomic<std::size_t> made = 0;
    std::size_t furthest = 0, used = 0;
    in_order(
        200, 3,
        [&](std::size_t i) {
            ++made;
            return i;
        },
        [&](std::size_t, std::size_t) {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
            furthest = std::max(furthest, made - used);
            ++used;
            return true;
        });
    CHECK(used == 200);
    CHECK(furthest <= 2 * 3 + 1);
}

TEST_CASE("when the user of the work has had enough, no more is begun") {
    for (const unsigned workers : {1u, 3u}) {
        std::atomic<std::size_t> made = 0;
        in_order(
            1000, workers, [&](std::size_t i) { return ++made, i; },
            [](std::size_t i, std::size_t) { return i < 5; });
        CHECK(made <= 5 + 2 * 3 + 1);
    }
}

TEST_CASE("what a worker throws comes out in its turn, after what was before it was used") {
    for (const unsigned workers : {1u, 3u}) {
        std::size_t used = 0;
        const auto make = [](std::size_t i) {
            if (i == 10) throw std::runtime_error("ten");
            return slow_square(i);
        };
        CHECK_THROWS_WITH_AS(
            in_order(50, workers, make, [&](std::size_t, std::size_t) { return ++used, true; }), "ten",
            std::runtime_error);
        CHECK(used == 10);
    }
}

TEST_CASE("what the user throws ends all workers") {
    for (const unsigned workers : {1u, 3u})
        CHECK_THROWS_AS(in_order(50, workers, slow_square,
                                 [](std::size_t i, std::size_t) -> bool {
                                     if (i == 3) throw std::runtime_error("three");
                                     return true;
                                 }),
                        std::runtime_error);
}
