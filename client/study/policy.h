#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crypto/box_key.h"
#include "crypto/bytes.h"
#include "crypto/signing.h"
#include "crypto/study_material.h"

namespace fieldfare::study {

enum class Mode : std::uint8_t {
    interviewer = 1,  ///< one person's laptop, drafts allowed
    kiosk = 2,        ///< an unattended shared machine: no drafts (DECISIONS, Keys 15)
};

/// An earlier package of the study, so that a device knows the way from its own to a new one, and so that
/// receipts made under an earlier policy still count.
struct Predecessor {
    crypto::Digest package_digest{};
    crypto::Digest policy_digest{};

    bool operator==(const Predecessor&) const = default;
};

/// A person who can open the answers.
struct RecipientEntry {
    crypto::BoxKey key;
    std::string label;  ///< shown to the enrolling person, e.g. "Institute, archive key"; 0 to 64 bytes

    bool operator==(const RecipientEntry&) const = default;
};

/// A key whose signature on a receipt counts. The root certifies it by signing the package that lists it.
struct ReceiptKeyEntry {
    crypto::VerifyKey key;
    std::string label;

    bool operator==(const ReceiptKeyEntry&) const = default;
};

/// Where sealed files go. `settings` are what a kind of store needs beside its address (pins, user,
/// credentials); a folder needs none. This package knows nothing of their meaning: sync refuses what it does
/// not understand.
struct StoreEntry {
    std::string address;  ///< "folder:/absolute/path", "https://…", "s3+https://…", "sftp://…"; never with a
                          ///< credential
    std::map<std::string, std::string> settings;

    bool operator==(const StoreEntry&) const = default;
};

/// What the researchers have decided for a study, signed by its root.
struct Policy {
    crypto::Id study_id{};  ///< random; it stands only in sealed and signed bytes, never in a name
    std::string study_tag;  ///< 8 to 32 random lowercase letters and digits: the name that a store sees
    std::string
        title;         ///< for people, on the device's screen; 1 to 200 bytes of UTF-8, no control characters
    std::string wave;  ///< of a panel; may be empty; 0 to 32 bytes
    Mode mode = Mode::interviewer;
    std::uint32_t policy_version = 1;   ///< from 1, rises with every change of what policy_digest() covers
    std::uint32_t package_version = 1;  ///< from 1, rises with every package; a device refuses a lower one
    std::chrono::sys_days created{};
    std::optional<std::chrono::sys_days> expires;  ///< after it the device warns; sealing never stops
    /// Recipients who must release their shares before anyone opens a batch (crypto/custody.h): 2 to their
    /// number; 0: each of them opens it alone.
    std::uint8_t opening_quorum = 0;
    std::uint8_t receipt_quorum = 1;  ///< distinct receipt keys that must say "accepted", 1 to their number
    std::uint16_t hold_days = 30;     ///< days that a file stays on the device after that, 0 to 3650
    std::uint8_t copies = 1;          ///< stores that must have a file, 1 to their number
    /// Rules that came after the others, and those of later versions of this program, by name. Nobody may act
    /// on part of a study's rules, so a package with one that is not known is refused as a whole; rules.h
    /// reads and writes the known ones.
    std::map<std::string, std::string> rules;
    /// The first is mixed into every content key from now on (crypto/study_material.h); the others are those
    /// of earlier versions, newest first, so that the newest study file opens everything; 0 to 16. A study
    /// file that has one is a secret itself.
    std::vector<crypto::SharedPreSharedKey> pre_shared_keys;
    std::vector<Predecessor> predecessors;  ///< oldest first

    bool operator==(const Policy&) const = default;
};

}  // namespace fieldfare::study
