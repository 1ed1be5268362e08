// Sealed files that have vanished from the outbox: the vault knows each by its hash.
#include <doctest/doctest.h>

#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

void lose(const std::vector<std::filesystem::path>& files) {
    for (const auto& file : files) std::filesystem::remove(file);
}

}  // namespace

TEST_CASE("an interview whose sealed file has vanished is counted apart, and not as one that waits") {
    FieldDevice device;
    device.interview(1);
    device.interview(2);
    device.relock();
    const auto vanished = device.sealed_files();
    device.interview(3);
    device.relock();
    CHECK(device.counts() == store::Counts{0, 3, 0, 0, 0, 0});
    SUBCASE("while the vault is locked") {
        device.lock();
        lose(vanished);
        REQUIRE(device.unlock().has_value());
    }
    SUBCASE("while it is open") {
        lose(vanished);
    }
    CHECK(device.counts() == store::Counts{0, 1, 0, 0, 2, 1});
}

TEST_CASE("a whole outbox that has vanished is counted file by file, once unlocked") {
    FieldDevice device;
    device.interview(1);
    device.relock();
    device.interview(2);
    device.lock();
    std::filesystem::remove_all(store::outbox_folder(device.profile.path()));
    REQUIRE(device.unlock().has_value());
    CHECK(device.counts() == store::Counts{0, 0, 0, 0, 2, 2});
}

TEST_CASE("a part of a photo that has vanished is counted as a file, and its interview waits on") {
    FieldDevice device;
    device.start("draft", "yes");
    device.attach("draft", "/photo", "photo-1.jpg", "a photo");
    REQUIRE(device.finalise_with("draft", 1, {"photo-1.jpg"}).has_value());
    device.relock();
    lose(device.parts());
    CHECK(device.counts() == store::Counts{0, 1, 0, 0, 0, 1});
}

TEST_CASE("the open batch has not vanished, nor has one that a crash has left") {
    FieldDevice device;
    device.interview(1);
    CHECK(device.counts() == store::Counts{0, 1, 0, 0, 0, 0});
    device.crash();
    REQUIRE(device.unlock().has_value());
    CHECK(device.counts() == store::Counts{0, 1, 0, 0, 0, 0});
}

TEST_CASE("a file in which nothing was is not missed") {
    FieldDevice device;
    REQUIRE(device.vault().say_here().has_value());
    lose(device.sealed_files());
    CHECK(device.counts() == store::Counts{});
}
