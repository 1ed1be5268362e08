#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <string>

#include "client/collector/backend.h"

namespace fieldfare::tests {

/// The form app's own backend on the caller's thread, asked for what a person does to a vault as a whole. Its
/// answers are told as they come, a line each:
///
///     locked | missing                    what the start finds
///     made                                the first run is done, the vault is open
///     opened DRAFTS SEALED VERSION        the vault is open; VERSION is that of its newest study file
///     updated                             a newer study file is in it
///     empty                               the same, after everything was destroyed
///     rescued DRAFTS SEALED VERSION whole|part
///                                         the vault is open with what could be read
///     changed                             the new passphrase counts; the vault is open
///     counts KEY                          the new passphrase counts; the vault is not open
///     set                                 the passphrase that destroys
///     failed KEY                          a sentence of an error: nothing was done, as far as is known
///
/// With tabs between the columns.
class ToldBackend {
  public:
    using Tell = std::function<void(const std::string& line)>;
    ToldBackend(const std::filesystem::path& profile, Tell tell);

    void starts();
    void makes(const std::filesystem::path& study, const std::string& passphrase);
    /// Into the open vault, which has none: `made`.
    void takes(const std::filesystem::path& study);
    void unlocks(const std::string& passphrase);
    void updates(const std::filesystem::path& study);
    void changes(const std::string& passphrase, const std::string& to);
    /// The request is written, the supervisor answers it with this key file, and the answer is used. The
    /// answer lies beside the key for a moment.
    void recovers(const std::filesystem::path& supervisor, const std::string& supervisors_passphrase,
                  const std::string& new_passphrase);
    void sets_destroying(const std::string& passphrase, const std::string& destroying);
    void rescues(const std::string& passphrase);
    void locks();

  private:
    void does(app::Effect effect);
    void came_back(const app::Action& action);

    Tell tell_;
    std::string request_;  ///< where it lies
    bool answer_fits_ = false;
    std::deque<std::function<void()>> jobs_;
    collector::Backend backend_;  // last: it posts into what stands above
};

}  // namespace fieldfare::tests
