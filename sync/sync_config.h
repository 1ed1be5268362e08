#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/batch.h"
#include "crypto/bytes.h"
#include "crypto/signing.h"

namespace fieldfare::sync {

/// Where sealed files of a study go. `settings` are what a kind of store needs beside its address: pins,
/// user, credentials. A folder takes none, and a setting that is not understood is refused when the store is
/// used.
struct Store {
    std::string address;  ///< "folder:/absolute/path", "https://…", "s3+https://…", "sftp://…"; never with a
                          ///< credential
    std::map<std::string, std::string> settings;

    auto operator<=>(const Store&) const = default;
};

/// What a sync needs to know of one study. No study name, no form, no key that opens an answer.
struct StudySync {
    std::string study_tag{};  ///< the folder of the study in its stores
    crypto::Id study_id{};    ///< which a receipt must name
    crypto::Id device_id{};   ///< which a receipt must name
    std::vector<crypto::Digest>
        policies{};  ///< receipts made under any of these count; the present one first
    std::vector<crypto::VerifyKey>
        receipt_signers{};           ///< as the study root has certified them; sorted, unique
    std::uint8_t quorum = 1;         ///< distinct signers that must say "accepted"
    std::uint16_t hold_days = 30;    ///< from the day on which this device first saw enough of them
    std::uint8_t copies = 1;         ///< stores that must have a file
    std::vector<Store> stores{};     ///< may be empty: then files only wait
    crypto::ReceiptKey receipt_key;  ///< under which receipts to this device are sealed
};

enum class SyncConfigError {
    missing,  ///< no such file: nothing is configured yet
    not_readable,
    not_writable,
    unknown_version,  ///< written by a later program
    damaged,          ///< not what to_json() writes: the unlocked app writes it anew from the study packages
    out_of_memory,
};

template <typename T>
using SyncConfigResult = tl::expected<T, SyncConfigError>;

/// `sync.json` of a profile: what a sync needs while the vault is locked, in clear. Whoever takes the machine
/// learns from it the addresses and credentials of the stores, the random tag of each study and that this
/// device takes part, and can open receipts; nothing of answers, forms or names. Never the vault's source of
/// truth.
struct SyncConfig {
    std::vector<StudySync> studies;  ///< by study tag

    /// Canonical JSON: keys sorted, no spaces, one line end.
    std::string to_json() const;
    /// Reads what to_json() writes, and nothing else: any other byte is `damaged`.
    static SyncConfigResult<SyncConfig> from_json(std::string_view text);

    /// `file` is the profile's sync.json. Whole or not at all, mode 0600.
    static SyncConfigResult<SyncConfig> read(const std::filesystem::path& file);
    SyncConfigResult<void> write(const std::filesystem::path& file) const;

    /// Null when there is none of that tag.
    const StudySync* find(std::string_view study_tag) const;
};

}  // namespace fieldfare::sync
