#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/collector/credentials.h"
#include "client/collector/file_copy.h"
#include "client/collector/pass_thread.h"
#include "client/collector/recovery_files.h"
#include "client/courier/courier.h"
#include "client/store/vault.h"
#include "client/study/study_package.h"
#include "crypto/passphrase_cost.h"
#include "crypto/recovery.h"

namespace fieldfare::collector {

/// Where a backend works and what the world is to it.
struct BackendOptions {
    std::filesystem::path profile;
    std::optional<crypto::PassphraseCost> cost;  ///< of new passphrases; nothing: measured on this machine
    std::function<std::chrono::sys_seconds()> now;
    courier::Courier* courier = nullptr;  ///< carries the sealed files; outlives the backend. Without one a
                                          ///< sync says that it can't
};

/// Carries out what update() asks for: the vault, the study packages, the sync. Runs on the worker's thread,
/// except that a sync has a thread of its own, so that a slow store never holds up the saving of an answer.
/// Posts are made from both. Never throws; whatever goes wrong becomes an action that says so.
class Backend {
  public:
    using Post = std::function<void(app::Action)>;
    /// Runs a job later on the thread on which this object runs: what a sync ends with needs the vault.
    using Schedule = std::function<void(std::function<void()>)>;
    Backend(BackendOptions options, Post post, Schedule schedule);
    ~Backend();  ///< stops a sync and locks

    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    /// Looks at the profile, moves what a crash has left in the outbox: ProfileFound, ProfileMissing or
    /// FailedForGood, where another program keeps the profile for two seconds as well.
    void look();

    void run(app::Effect effect);

    /// Stops a sync and waits for its thread; from the main thread, before the worker ends. No StartSync may
    /// follow.
    void end_sync_thread();

  private:
    struct OpenStudy {
        store::StudyId id{};
        std::uint32_t version = 0;
        crypto::VerifyKey device_key{};
        app::StudySummary summary;
    };
    using Form = std::shared_ptr<const schema::CompiledForm>;

    void run(app::ReadPackage& effect);
    void run(app::ReadUpdate& effect);
    void run(app::TakeUpdate& effect);
    void run(app::CreateProfile& effect);
    void run(app::Unlock& effect);
    void run(app::CheckPassphrase& effect);
    void run(app::TakeFirstStudy& effect);
    void run(app::ChangePassphrase& effect);
    void run(app::SetDestroyPassphrase& effect);
    void run(app::DropDestroyPassphrase& effect);
    void run(app::WriteRequest& effect);
    void run(app::ReadAnswer& effect);
    void run(app::Recover& effect);
    void run(app::RescueVault& effect);
    void run(app::DropRequest& effect);
    void run(app::LockVault& effect);
    void run(app::CreateDraft& effect);
    void run(app::SaveAnswers& effect);
    void run(app::LoadDraft& effect);
    void run(app::DeleteDraft& effect);
    void run(app::ListFolder& effect);
    void run(app::AttachFile& effect);
    void run(app::StopAttaching& effect);
    void run(app::DrawCode& effect);
    void run(app::SealInterview& effect);
    void run(app::SealWithdrawal& effect);
    void run(app::StartSync& effect);
    void run(app::StopSync& effect);
    void run(app::SavePreferences& effect);
    void run(app::Quit& effect);

    store::Surroundings surroundings();
    std::chrono::sys_days today() const;
    tl::expected<crypto::PassphraseCost, app::Message> cost_of_new_passphrases() const;
    /// Seconds before the next passphrase may be tried.
    int wait_after(store::Error error);
    app::Message why_closed(store::Error error, const ChosenToken& token) const;
    app::Message not_sealed(store::Error error) const;
    void refuse_unlock(app::Message why, int wait_seconds = 0, std::string damaged_in = {});
    tl::expected<app::Opened, app::Message> open_study();
    app::Found found();
    store::Result<void> seal(app::SealInterview& effect, const store::SubmissionMedia& media);
    tl::expected<study::StudyPackage, app::Message> newest_package();
    tl::expected<Form, app::Message> form_of(std::uint32_t version);
    std::uint32_t version_of(const Form& form) const;
    std::vector<app::DraftSummary> drafts();
    app::Counts counts();
    std::optional<app::Counts> counts_if_known();  ///< else it has been told why not
    app::NewestFile newest_file();
    bool may_forget(const sync::FileHash& hash);
    void end_sync(PassEnd end);
    void discard_new_profile();
    void close_vault();                   ///< wipes the token's key as well
    void keep_token(ChosenToken chosen);  ///< where the open vault needs one
    const crypto::TokenKey* kept_token() const;
    void go_on_copying();

    BackendOptions options_;
    Post post_;
    Schedule schedule_;
    std::optional<crypto::Digest> shown_;        ///< of the package that the person was asked to compare
    std::set<crypto::Digest> shown_for_rescue_;  ///< the same, of files that a rescue may take
    std::optional<store::Vault> vault_;
    std::optional<crypto::TokenKey> token_;           ///< with which the vault is open, where it needs one
    std::optional<crypto::RecoveryRequest> request_;  ///< while its answer is waited for
    std::optional<RequestFile> request_file_;         ///< of that request
    std::optional<crypto::MasterKey> given_back_;     ///< by the answer, until there is a new passphrase
    std::size_t adopted_ = 0;                         ///< batches, by look()
    OpenStudy study_;
    std::map<std::uint32_t, Form> forms_;  ///< by package version; a draft goes on with that of its start
    std::map<app::DraftId, std::string> withdrawals_;  ///< hashes of the codes that were drawn last
    std::optional<FileCopy> copy_;                     ///< a file on its way into the vault
    bool destroyed_ = false;                           ///< it was ordered, and no vault was open since
    int failed_ = 0;                                   ///< tries in a row, by this program
    PassThread pass_;
};

}  // namespace fieldfare::collector
