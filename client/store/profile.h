#pragma once

#include <filesystem>

#include "client/store/error.h"
#include "client/store/vault.h"

namespace fieldfare::store {

// Names inside a profile; vault.h says what each is.
std::filesystem::path keyslots_file(const std::filesystem::path& profile);
/// What goes to a supervisor while the passphrase is forgotten; the key of slot 7 in it is sealed.
std::filesystem::path recovery_request_file(const std::filesystem::path& profile);
std::filesystem::path database_file(const std::filesystem::path& profile);
/// The database under a new key, or of a profile that is being created, until it takes the place of vault.db.
std::filesystem::path new_database_file(const std::filesystem::path& profile);
/// What was rescued of a damaged database, complete. While it is there, it counts instead of vault.db.
std::filesystem::path rescued_database_file(const std::filesystem::path& profile);
/// The damaged one, afterwards; a further one has a number behind it.
std::filesystem::path damaged_database_file(const std::filesystem::path& profile);

/// The names in a folder are durable only when the folder is.
Result<void> sync_folder(const std::filesystem::path& folder);

/// The folder's own name, and those of the folders above it that this user may have made.
Result<void> sync_names_above(const std::filesystem::path& folder);

/// Makes the folder when it is missing and closes it to other users (0700). not_writable for anything else of
/// that name; not_ours when another user owns it, on a medium that keeps owners.
Result<void> make_private_folder(const std::filesystem::path& folder);

/// Removes a database file and what SQLite keeps beside it. A missing one is fine.
Result<void> remove_database(const std::filesystem::path& file);

/// Puts new_database_file in the place of database_file, durably. Both are closed, and the old one's log is
/// empty.
Result<void> replace_database(const std::filesystem::path& profile);

/// Lets new_database_file, which is closed, count as what was rescued; durable on return.
Result<void> keep_rescued(const std::filesystem::path& profile);
/// Puts what was rescued in the place of database_file, which becomes damaged_database_file. Where it was cut
/// short it is gone on with; without anything rescued nothing is done.
Result<void> finish_rescue(const std::filesystem::path& profile);

/// Takes away what a creation that was cut short has left. Only where profile_state says no_vault.
Result<void> clear_for_creation(const std::filesystem::path& profile);

/// Removes what a creation that failed has made, all of it new; an outbox only while it is empty. What can't
/// be removed makes the next create() say so.
void take_back_creation(const std::filesystem::path& profile);

/// Held from unlock to lock, so that two programs never work on one profile. The system lets go of it when
/// the process ends, however it ends.
class ProfileLock {
  public:
    static Result<ProfileLock> take(const std::filesystem::path& profile);  ///< in_use, not_writable
    ProfileLock(ProfileLock&& other) noexcept;
    ProfileLock& operator=(ProfileLock&&) = delete;
    ~ProfileLock();

  private:
    explicit ProfileLock(int file) : file_(file) {}
    int file_;
};

}  // namespace fieldfare::store
