#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "client/store/attachments.h"
#include "client/store/database.h"
#include "client/store/studies.h"
#include "client/store/surroundings.h"
#include "crypto/hash.h"
#include "schema/media_file.h"
#include "sync/outbox.h"

namespace fieldfare::store {

/// Which of a draft's files are sealed with its interview, and what is sealed with each of their parts.
struct SubmissionMedia {
    crypto::Digest withdrawal{};     ///< as the submission says it; zeros: it can't be withdrawn
    std::vector<std::string> names;  ///< of attachments; a draft's other files are not sealed
};

/// Seals the files of a draft, before its answers, which name their hashes. Each part is announced in the
/// vault and then stands in the outbox, durably, and is held there until the interview is sealed: nothing of
/// an interview that somebody may still decide against goes ahead. Without its interview it is nobody's, and
/// the vault throws it away when the draft or the file goes. A file that an earlier try has
/// sealed for the same submission, code and recipients is not sealed again.
class MediaSealing {
  public:
    struct Seals {
        const crypto::Id& study;
        const crypto::Id& submission;
        const SealingTerms& terms;
        const DeviceKeys& keys;
        std::chrono::sys_days today;
        std::function<void(Step)> reached;
    };
    MediaSealing(Database& database, sync::Outbox& outbox)
        : database_(&database), outbox_(&outbox), attachments_(database, outbox) {}

    /// The media of the submission, as `media.names` has them. unknown_attachment: the draft has no such
    /// file. After an error what was sealed of that file is thrown away, so that there is room again for the
    /// draft; files before it stay for the next try.
    Result<std::vector<schema::MediaFile>> seal(const DraftId& draft, const SubmissionMedia& media,
                                                const Seals& how);

  private:
    struct Found {
        std::int64_t id = 0;
        std::uint64_t size = 0;
        crypto::Bytes sealed_as;  ///< under what it was sealed as a whole, by an earlier try
        crypto::Bytes hash;
    };
    Result<Found> find(const DraftId& draft, const std::string& name);
    Result<void> discard_others(const DraftId& draft, const std::vector<std::string>& names);
    Result<bool> stands_sealed(const Found& file, crypto::ByteView as);
    Result<crypto::Digest> seal_file(const Found& file, const SubmissionMedia& media, crypto::ByteView as,
                                     const Seals& how);
    Result<void> announce(const Found& file, std::uint32_t part, const crypto::Digest& media_id,
                          const sync::FileHash& hash);

    Database* database_;
    sync::Outbox* outbox_;
    Attachments attachments_;
};

}  // namespace fieldfare::store
