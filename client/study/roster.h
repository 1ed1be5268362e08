#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/batch.h"
#include "crypto/bytes.h"
#include "crypto/identity.h"
#include "crypto/signing.h"

namespace fieldfare::study {

// A roster: the devices of a study, as its root has confirmed them. A file of the researchers (no device
// needs it). Each version is signed and names the digest of the one before, so that a version can be neither
// changed nor left out unseen. Version 1 of the format; STUDY_PACKAGE.md has its bytes.

/// Of a device whose batches count only up to a point, because it was lost or seized.
struct Revocation {
    crypto::BatchId last_accepted{};  ///< this batch and its ancestors count, by its id: sequences can be
                                      ///< backdated; zeros: none of its batches counts
    std::chrono::sys_days day{};

    bool operator==(const Revocation&) const = default;
};

struct RosterDevice {
    crypto::VerifyKey key;
    std::string label;                ///< for people, e.g. "laptop 3"; 0 to 64 bytes of plain text
    bool unattended = false;          ///< a kiosk
    crypto::Digest package_digest{};  ///< of the package whose enrolment number was confirmed
    std::chrono::sys_days added{};
    std::optional<Revocation> revoked;

    bool operator==(const RosterDevice&) const = default;
};

struct Roster {
    crypto::Id study_id{};
    std::uint32_t version = 1;  ///< from 1, rises by one
    crypto::Digest previous{};  ///< digest of the version before; zeros for the first
    std::chrono::sys_days day{};
    std::vector<RosterDevice> devices;  ///< sorted by key, each once; at most 20,000

    bool operator==(const Roster&) const = default;

    /// Null when the root has not confirmed this device.
    const RosterDevice* find(const crypto::VerifyKey& key) const;
};

enum class RosterError {
    not_a_roster,
    too_large,        ///< more than 16 MiB
    unknown_version,  ///< of the format
    truncated,
    bad_signature,
    other_root,
    other_study,
    malformed,       ///< signed, but not canonical
    already_listed,  ///< add: the device is in the roster
    not_listed,      ///< revoke: it is not
    already_revoked,
    not_the_root,    ///< sign: this identity is no study root
    older_version,   ///< check_successor: lower than what we have
    forked_version,  ///< same number, other content, or a number that names another past than ours
    gap,             ///< a version between is missing (check_successor only)
    lost_devices,    ///< it drops a device or takes back a revocation
};

template <typename T>
using RosterResult = tl::expected<T, RosterError>;

/// A roster whose signature was verified, and the digest that the next version must name.
struct OpenedRoster {
    Roster roster;
    crypto::Digest digest{};

    bool operator==(const OpenedRoster&) const = default;
};

/// Verifies with the study's root key, then reads.
RosterResult<OpenedRoster> open_roster(crypto::ByteView bytes, const crypto::VerifyKey& root,
                                       const crypto::Id& study_id);

/// The bytes of a roster file. Devices are sorted here; otherwise `malformed` for what open_roster would
/// refuse.
RosterResult<crypto::Bytes> sign_roster(const Roster& roster, const crypto::Identity& root);

/// The next version, with one device more. The caller has compared the enrolment number (enrolment.h).
/// `current`: nothing for a study without a roster.
RosterResult<Roster> add_device(const std::optional<OpenedRoster>& current, const crypto::Id& study_id,
                                const RosterDevice& device, std::chrono::sys_days today);

/// The next version, with a device revoked.
RosterResult<Roster> revoke_device(const OpenedRoster& current, const crypto::VerifyKey& key,
                                   const Revocation& revocation);

/// Whether `offered` may follow `current`: the same one again, or the very next version of the chain.
RosterResult<void> check_successor(const OpenedRoster& current, const OpenedRoster& offered);

/// Whether `offered` may be used by whoever has seen `current`: the same one again, or a later version that
/// keeps its devices and revocations. Where versions between are not at hand their digests can't be compared;
/// the root's signature and what is kept speak for them.
RosterResult<void> check_later(const OpenedRoster& current, const OpenedRoster& offered);

}  // namespace fieldfare::study
