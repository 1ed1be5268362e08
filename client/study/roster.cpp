#include "client/study/roster.h"

#include <algorithm>
#include <array>

#include "client/study/parts.h"
#include "crypto/hash.h"

namespace fieldfare::study {

namespace {

constexpr std::array<std::uint8_t, 8> magic = {0x89, 'F', 'F', 'L', '\r', '\n', 0x1a, '\n'};
constexpr std::uint32_t format = 1;
constexpr std::size_t signature_at = 44;
constexpr std::size_t body_at = 108;
constexpr std::size_t max_roster = 16 * 1024 * 1024;
constexpr std::size_t max_devices = 20000;
constexpr std::uint64_t last_day = 2932896;  // 9999-12-31

tl::unexpected<RosterError> fail(RosterError error) {
    return tl::unexpected(error);
}

std::uint64_t number_of(std::chrono::sys_days day) {
    return static_cast<std::uint64_t>(std::max(day.time_since_epoch(), std::chrono::days(0)).count());
}

std::chrono::sys_days read_day(PartReader& in) {
    return std::chrono::sys_days(std::chrono::days(static_cast<int>(in.number(4, 0, last_day))));
}

crypto::Bytes body_of(const Roster& roster) {
    PartWriter out;
    out.raw(roster.study_id);
    out.number(roster.version, 4);
    out.raw(roster.previous);
    out.number(number_of(roster.day), 4);
    out.number(roster.devices.size(), 4);
    for (const RosterDevice& device : roster.devices) {
        out.raw(device.key.bytes);
        out.text(device.label);
        out.number(device.unattended ? 1 : 0, 1);
        out.raw(device.package_digest);
        out.number(number_of(device.added), 4);
        out.number(device.revoked ? 1 : 0, 1);
        if (device.revoked) {
            out.raw(device.revoked->last_accepted);
            out.number(number_of(device.revoked->day), 4);
        }
    }
    return out.bytes();
}

RosterResult<Roster> read_body(crypto::ByteView body) {
    PartReader in(body);
    Roster roster;
    roster.study_id = in.raw<16>();
    roster.version = static_cast<std::uint32_t>(in.number(4, 1, UINT32_MAX));
    roster.previous = in.raw<32>();
    roster.day = read_day(in);
    if ((roster.version == 1) != (roster.previous == crypto::Digest{})) in.refuse();
    const auto count = in.number(4, 0, max_devices);
    for (std::uint64_t i = 0; i < count && in.good(); ++i) {
        RosterDevice device;
        device.key.bytes = in.raw<32>();
        device.label = in.text(0, 64);
        device.unattended = in.number(1, 0, 1) == 1;
        device.package_digest = in.raw<32>();
        device.added = read_day(in);
        if (in.number(1, 0, 1) == 1) {
            const auto last_accepted = in.raw<32>();
            device.revoked = Revocation{last_accepted, read_day(in)};
        }
        if (!crypto::check(device.key)) in.refuse();
        if (!roster.devices.empty() && !(roster.devices.back().key < device.key)) in.refuse();
        roster.devices.push_back(std::move(device));
    }
    if (!in.complete()) return fail(RosterError::malformed);
    return roster;
}

Roster next_after(const OpenedRoster& current, std::chrono::sys_days today) {
    Roster next = current.roster;
    next.version += 1;
    next.previous = current.digest;
    next.day = today;
    return next;
}

// What is confirmed stays as it was; a revocation may come, and never goes.
bool keeps(const RosterDevice& before, const RosterDevice& after) {
    RosterDevice without = after;
    if (!before.revoked) without.revoked.reset();
    return without == before;
}

}  // namespace

const RosterDevice* Roster::find(const crypto::VerifyKey& key) const {
    const auto found = std::lower_bound(
        devices.begin(), devices.end(), key,
        [](const RosterDevice& device, const crypto::VerifyKey& wanted) { return device.key < wanted; });
    return found == devices.end() || found->key != key ? nullptr : &*found;
}

RosterResult<OpenedRoster> open_roster(crypto::ByteView bytes, const crypto::VerifyKey& root,
                                       const crypto::Id& study_id) {
    if (bytes.size() > max_roster) return fail(RosterError::too_large);
    const auto magic_size = std::min(bytes.size(), magic.size());
    if (bytes.empty() ||
        !std::equal(bytes.begin(), bytes.begin() + static_cast<int>(magic_size), magic.begin())) {
        return fail(RosterError::not_a_roster);
    }
    if (bytes.size() < body_at) return fail(RosterError::truncated);
    PartReader head(bytes.subspan(magic.size(), body_at - magic.size()));
    if (head.number(4, 0, UINT32_MAX) != format) return fail(RosterError::unknown_version);
    crypto::VerifyKey signer;
    signer.bytes = head.raw<32>();
    const crypto::Signature signature = head.raw<64>();
    const auto signed_head = bytes.first(signature_at);
    const auto body = bytes.subspan(body_at);
    if (!crypto::verify(signer, "FFS1 roster sig ", {signed_head, body}, signature)) {
        return fail(RosterError::bad_signature);
    }
    if (signer != root) return fail(RosterError::other_root);
    auto roster = read_body(body);
    if (!roster) return fail(roster.error());
    if (roster->study_id != study_id) return fail(RosterError::other_study);
    return OpenedRoster{std::move(*roster), crypto::hash("FFS1 roster dig ", {signed_head, body})};
}

RosterResult<crypto::Bytes> sign_roster(const Roster& roster, const crypto::Identity& root) {
    if (root.recipient().kind != crypto::IdentityKind::root) return fail(RosterError::not_the_root);
    for (const RosterDevice& device : roster.devices) {
        if (device.label.size() > 64) return fail(RosterError::malformed);
    }
    const crypto::Bytes body = body_of(roster);
    PartWriter file;
    file.raw(magic);
    file.number(format, 4);
    file.raw(root.recipient().signing_key.bytes);
    file.raw(root.signing_key().sign("FFS1 roster sig ", {crypto::Bytes(file.bytes()), body}));
    file.raw(body);
    const auto opened = open_roster(file.bytes(), root.recipient().signing_key, roster.study_id);
    if (!opened) return fail(opened.error());
    return file.bytes();
}

RosterResult<Roster> add_device(const std::optional<OpenedRoster>& current, const crypto::Id& study_id,
                                const RosterDevice& device, std::chrono::sys_days today) {
    Roster next;
    if (current) {
        if (current->roster.study_id != study_id) return fail(RosterError::other_study);
        next = next_after(*current, today);
    } else {
        next.study_id = study_id;
        next.day = today;
    }
    if (next.find(device.key) != nullptr) return fail(RosterError::already_listed);
    const auto place = std::lower_bound(
        next.devices.begin(), next.devices.end(), device.key,
        [](const RosterDevice& one, const crypto::VerifyKey& wanted) { return one.key < wanted; });
    next.devices.insert(place, device);
    return next;
}

RosterResult<Roster> revoke_device(const OpenedRoster& current, const crypto::VerifyKey& key,
                                   const Revocation& revocation) {
    Roster next = next_after(current, revocation.day);
    for (RosterDevice& device : next.devices) {
        if (device.key != key) continue;
        if (device.revoked) return fail(RosterError::already_revoked);
        device.revoked = revocation;
        return next;
    }
    return fail(RosterError::not_listed);
}

RosterResult<void> check_successor(const OpenedRoster& current, const OpenedRoster& offered) {
    const bool same_study = current.roster.study_id == offered.roster.study_id;
    const std::uint32_t before = current.roster.version, after = offered.roster.version;
    if (same_study && after > before && after - before > 1) return fail(RosterError::gap);
    return check_later(current, offered);
}

RosterResult<void> check_later(const OpenedRoster& current, const OpenedRoster& offered) {
    const Roster& before = current.roster;
    const Roster& after = offered.roster;
    if (before.study_id != after.study_id) return fail(RosterError::other_study);
    if (current.digest == offered.digest) return {};
    if (after.version < before.version) return fail(RosterError::older_version);
    if (after.version == before.version) return fail(RosterError::forked_version);
    if (after.version - before.version == 1 && after.previous != current.digest)
        return fail(RosterError::forked_version);
    for (const RosterDevice& device : before.devices) {
        const RosterDevice* now = after.find(device.key);
        if (now == nullptr || !keeps(device, *now)) return fail(RosterError::lost_devices);
    }
    return {};
}

}  // namespace fieldfare::study
