#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/share_files.h"
#include "crypto/bytes.h"
#include "crypto/identity.h"
#include "crypto/media_reader.h"
#include "crypto/study_material.h"

namespace fieldfare::researcher {

// The media of an inbox: parts of media files, and the submissions that name them. Either may be here without
// the other; neither waits.

/// A part that was verified: what it says of itself, and where it lies.
struct MediaPart {
    std::string file;
    crypto::Digest sha256{};
    crypto::MediaId id{};
    crypto::MediaHead head;
};
/// With the key under which its device is told; guarded memory, so not to be kept for each of very many.
struct VerifiedPart {
    MediaPart part;
    crypto::ReceiptKey receipt_key;
};

/// Verifies a file of the inbox; hands out nothing of the media.
struct MediaRefusal {
    Reason reason;
    bool redacted = false;  ///< it was cut out of the archive, which is no fault
};
tl::expected<VerifiedPart, MediaRefusal> media_part(const std::filesystem::path& inbox,
                                                    const std::string& name,
                                                    std::span<const crypto::Identity> identities,
                                                    const crypto::StudyMaterial& material,
                                                    const Shares& shares);

/// What makes parts one media file, and what a submission names it by. All of it is signed by the device.
struct MediaKeyOfParts {
    crypto::Id device{}, submission{};
    std::uint64_t size = 0;
    crypto::Digest hash{};

    auto operator<=>(const MediaKeyOfParts&) const = default;
};

/// A media file that an exported submission names.
struct NamedMedia {
    MediaKeyOfParts key;
    std::string submission,
        name;  ///< both fit to be names of files: the submission was read against its form
    std::filesystem::path folder;  ///< of the results of the submission's version of the form
};

/// One whose parts are all here.
struct WholeMedia {
    NamedMedia named;
    std::vector<std::string> files;      ///< of its parts, in their order
    std::vector<crypto::Digest> sealed;  ///< SHA-256 of each file here that is a part of it, copies too
};

/// One of which something is missing.
struct LackingMedia {
    std::string submission, name;
    std::uint32_t parts = 0, here = 0;
    std::string why;  ///< "missing", "incomplete", or when it was put together: "wrong", "unreadable"
};

struct MediaFindings {
    std::vector<WholeMedia> whole;
    std::vector<LackingMedia> lacking;
    std::vector<WholeMedia> wrong, unreadable;  ///< lacking, since putting them together showed that
    std::uint64_t waiting = 0;                  ///< media files whose submissions are not here
    std::uint64_t withdrawn = 0;                ///< media files of submissions that were withdrawn
    std::uint64_t redacted = 0;                 ///< sealed parts that were cut out here
    /// Media files that no interview names, though that of which they are is here: a photo was sealed twice,
    /// or a restored machine has finalised the interview again. The device keeps them.
    std::uint64_t unnamed = 0;
    std::uint64_t unnamed_of_contradictions = 0;  ///< of them: a record of the same submission was left out
    std::uint64_t written = 0;                    ///< of the whole ones

    bool any() const {
        return !whole.empty() || !lacking.empty() || waiting > 0 || withdrawn > 0 || redacted > 0 ||
               unnamed > 0;
    }
};

/// "media/<submission>/<name>": where `open` puts it in the results, and what the CSV files say.
std::string media_path(const std::string& submission, const std::string& name);

}  // namespace fieldfare::researcher
