#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/store/database.h"
#include "client/store/study_record.h"
#include "schema/interview.h"

namespace fieldfare::store {

/// A random UUID that the caller makes, 36 characters. The submission has an id of its own, see SealedAs.
using DraftId = std::string;

/// What a list of drafts shows; no answers.
struct DraftSummary {
    DraftId id;
    StudyId study{};
    std::uint32_t package_version = 0;     ///< with which it began and with which it goes on
    std::string form_version;              ///< that package's, as its author wrote it
    std::string started_day, changed_day;  ///< YYYY-MM-DD as the caller gave them
    int answered = 0;                      ///< by the person: seen, with a value or a said missing state
    int minutes = 0;                       ///< spent on it so far
    std::size_t language = 0;              ///< index into Form::languages where it goes on
    bool finalising = false;               ///< sealing was interrupted and could not be settled yet

    bool operator==(const DraftSummary&) const = default;
};

/// A photo, a recording or another file of a draft. An answer of the draft is its name.
struct Attachment {
    std::string name;  ///< schema::media_name
    std::uint64_t size = 0;

    bool operator==(const Attachment&) const = default;
};

struct LoadedDraft {
    DraftSummary summary;
    std::vector<schema::DraftEntry> entries;  ///< in the order in which they were first saved
    std::vector<Attachment> attachments;      ///< those that its answers name
};

/// One autosave: everything in it stands or falls as one.
struct DraftChange {
    enum class Extent { changes, whole };  ///< whole: `entries` replace all that the draft had
    Extent extent = Extent::changes;
    std::span<const schema::DraftEntry> entries;
    std::span<const std::string> removed;  ///< paths that the draft no longer has; unknown ones are fine
    std::string_view day;                  ///< becomes changed_day
    int minutes = 0;
    std::size_t language = 0;
};

/// The drafts of a vault: one table for all studies, each draft with the version with which it began. Every
/// change is durable on return. unknown_draft where the id is not there. An unattended vault has none: the
/// list is empty there, and everything else is unattended_vault. Used through Vault.
class Drafts {
  public:
    explicit Drafts(Database& database) : database_(&database) {}

    /// internal when the id is in use. unknown_study when the study or that version of it is not there.
    Result<void> start(const DraftId& id, const StudyId& study, std::uint32_t package_version,
                       const DraftChange& first);
    /// being_sealed, see can_change(). Attachments that were an answer and are none any more stop being the
    /// draft's, see Attachments.
    Result<void> save(const DraftId& id, const DraftChange& change);
    Result<LoadedDraft> load(const DraftId& id);
    Result<std::vector<DraftSummary>> list(const StudyId& study);  ///< by day of start, then id
    Result<void> remove(const DraftId& id);                        ///< being_sealed, see can_change()

    /// being_sealed where it may be sealed already, in a file that can't be read, and waits to be sealed once
    /// more as it was: see Sealing. Fine for a draft that is not there.
    Result<void> can_change(const DraftId& id) const;

  private:
    Result<void> can_be() const;
    Result<void> write(const DraftId& id, const DraftChange& change);
    Result<void> heed_names(const DraftId& id);

    Database* database_;
};

}  // namespace fieldfare::store
