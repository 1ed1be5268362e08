#include "client/study/roster.h"

#include "tests/support/study.h"

using namespace fieldfare;
using namespace fieldfare::test;
using study::RosterError;

namespace {

struct Rolls {
    Study study;
    std::optional<study::OpenedRoster> current;

    const crypto::Id& study_id() { return study.contents.policy.study_id; }
    study::OpenedRoster open(const crypto::Bytes& bytes) {
        auto opened = study::open_roster(bytes, study.root_key(), study_id());
        REQUIRE(opened);
        return *opened;
    }
    study::OpenedRoster sign(const study::Roster& roster) {
        const auto bytes = study::sign_roster(roster, study.root);
        REQUIRE(bytes);
        return open(*bytes);
    }
    study::RosterDevice device(std::string label) {
        return {device_key(), std::move(label), false, crypto::Digest{7}, november(2), std::nullopt};
    }
    void add(const study::RosterDevice& device) {
        auto next = study::add_device(current, study_id(), device, november(2));
        REQUIRE(next);
        current = sign(*next);
    }
};

}  // namespace

TEST_CASE("a roster is a chain: each version adds a device and names the one before") {
    Rolls rolls;
    rolls.add(rolls.device("laptop 1"));
    const auto first = *rolls.current;
    CHECK(first.roster.version == 1);
    CHECK(first.roster.previous == crypto::Digest{});
    const auto second_device = rolls.device("laptop 2");
    rolls.add(second_device);
    CHECK(rolls.current->roster.version == 2);
    CHECK(rolls.current->roster.previous == first.digest);
    REQUIRE(rolls.current->roster.find(second_device.key) != nullptr);
    CHECK(*rolls.current->roster.find(second_device.key) == second_device);
    CHECK(study::check_successor(first, *rolls.current));
    CHECK(study::check_successor(first, first));
}

TEST_CASE("a device is listed once") {
    Rolls rolls;
    const auto device = rolls.device("laptop 1");
    rolls.add(device);
    CHECK(study::add_device(rolls.current, rolls.study_id(), device, november(3)).error() ==
          RosterError::already_listed);
    CHECK(rolls.current->roster.find(device_key()) == nullptr);
}

TEST_CASE("a revocation names the last batch that counts, and stays") {
    Rolls rolls;
    const auto device = rolls.device("laptop 1");
    rolls.add(device);
    const study::Revocation revocation{crypto::Digest{5}, november(9)};
    auto next = study::revoke_device(*rolls.current, device.key, revocation);
    REQUIRE(next);
    const auto revoked = rolls.sign(*next);
    CHECK(revoked.roster.find(device.key)->revoked == revocation);
    CHECK(study::check_successor(*rolls.current, revoked));
    CHECK(study::revoke_device(revoked, device.key, revocation).error() == RosterError::already_revoked);
    CHECK(study::revoke_device(revoked, device_key(), revocation).error() == RosterError::not_listed);
}

TEST_CASE("a roster with any bit changed, cut or lengthened is refused") {
    Rolls rolls;
    auto next = study::add_device(std::nullopt, rolls.study_id(), rolls.device("laptop 1"), november(2));
    const auto good = *study::sign_roster(*next, rolls.study.root);
    const auto opens = [&](const crypto::Bytes& bytes) {
        return study::open_roster(bytes, rolls.study.root_key(), rolls.study_id()).has_value();
    };
    REQUIRE(opens(good));
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        REQUIRE_FALSE(opens(bad));
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        REQUIRE_FALSE(opens({good.begin(), good.begin() + static_cast<int>(size)}));
    }
    auto longer = good;
    longer.push_back(0);
    CHECK_FALSE(opens(longer));
}

TEST_CASE("a roster of a later version, or too large for one, is refused by name") {
    Rolls rolls;
    auto next = study::add_device(std::nullopt, rolls.study_id(), rolls.device("laptop 1"), november(2));
    auto later = *study::sign_roster(*next, rolls.study.root);
    later[8] = 2;
    const crypto::ByteView whole(later);
    const auto signature =
        rolls.study.root.signing_key().sign("FFS1 roster sig ", {whole.first(44), whole.subspan(108)});
    std::copy(signature.begin(), signature.end(), later.begin() + 44);
    const auto error_of = [&](const crypto::Bytes& bytes) {
        return study::open_roster(bytes, rolls.study.root_key(), rolls.study_id()).error();
    };
    CHECK(error_of(later) == RosterError::unknown_version);
    CHECK(error_of(crypto::Bytes(16 * 1024 * 1024 + 1)) == RosterError::too_large);
}

TEST_CASE("a roster of another root or another study is refused") {
    Rolls rolls;
    Study other;
    auto next = study::add_device(std::nullopt, rolls.study_id(), rolls.device("laptop 1"), november(2));
    const auto bytes = *study::sign_roster(*next, rolls.study.root);
    CHECK(study::open_roster(bytes, other.root_key(), rolls.study_id()).error() == RosterError::other_root);
    CHECK(study::open_roster(bytes, rolls.study.root_key(), {9}).error() == RosterError::other_study);
    CHECK(study::sign_roster(*next, rolls.study.first).error() == RosterError::not_the_root);
}

TEST_CASE("a broken chain is refused") {
    Rolls rolls;
    rolls.add(rolls.device("laptop 1"));
    const auto first = *rolls.current;
    rolls.add(rolls.device("laptop 2"));
    const auto second = *rolls.current;
    auto next = *study::add_device(second, rolls.study_id(), rolls.device("laptop 3"), november(3));
    SUBCASE("going back") {
        CHECK(study::check_successor(second, first).error() == RosterError::older_version);
    }
    SUBCASE("leaving a version out") {
        CHECK(study::check_successor(first, rolls.sign(next)).error() == RosterError::gap);
    }
    SUBCASE("naming another past") {
        next.previous[0] ^= 1;
        CHECK(study::check_successor(second, rolls.sign(next)).error() == RosterError::forked_version);
    }
    SUBCASE("two versions of one number") {
        auto other = *study::add_device(first, rolls.study_id(), rolls.device("laptop 9"), november(2));
        CHECK(study::check_successor(second, rolls.sign(other)).error() == RosterError::forked_version);
    }
    SUBCASE("dropping a device") {
        next.devices.erase(next.devices.begin());
        next.devices.erase(next.devices.begin());
        CHECK(study::check_successor(second, rolls.sign(next)).error() == RosterError::lost_devices);
    }
    SUBCASE("changing a device") {
        for (auto& device : next.devices) device.unattended = true;
        CHECK(study::check_successor(second, rolls.sign(next)).error() == RosterError::lost_devices);
    }
    SUBCASE("taking a revocation back") {
        const auto key = second.roster.devices[0].key;
        const auto revoked = rolls.sign(*study::revoke_device(second, key, {{}, november(3)}));
        auto after = *study::add_device(revoked, rolls.study_id(), rolls.device("laptop 4"), november(4));
        for (auto& device : after.devices) device.revoked.reset();
        CHECK(study::check_successor(revoked, rolls.sign(after)).error() == RosterError::lost_devices);
    }
}

TEST_CASE("a roster that is not canonical is not signed") {
    Rolls rolls;
    rolls.add(rolls.device("laptop 1"));
    auto next = *study::add_device(rolls.current, rolls.study_id(), rolls.device("laptop 2"), november(3));
    SUBCASE("not sorted") {
        std::swap(next.devices[0], next.devices[1]);
    }
    SUBCASE("one device twice") {
        next.devices[1] = next.devices[0];
    }
    SUBCASE("a weak key") {
        next.devices[0].key.bytes.fill(0);
    }
    SUBCASE("a label of many lines") {
        next.devices[0].label = "a\nb";
    }
    SUBCASE("a label too long") {
        next.devices[0].label = std::string(65, 'x');
    }
    SUBCASE("a first version with a past") {
        next.version = 1;
    }
    CHECK(study::sign_roster(next, rolls.study.root).error() == RosterError::malformed);
}
