#include <algorithm>
#include <optional>
#include <utility>

#include "client/collector/backend.h"
#include "client/collector/credentials.h"
#include "client/collector/messages.h"
#include "client/collector/package_file.h"
#include "client/collector/study_records.h"
#include "client/store/failed_tries.h"
#include "client/store/profile.h"

namespace fieldfare::collector {
namespace {

/// Whether another study file may help.
bool is_of_the_study(store::Error error) {
    return error == store::Error::study_unreadable || error == store::Error::other_root ||
           error == store::Error::changed_package || error == store::Error::unusable_package;
}

/// What a study file in the vault says, once it has been verified.
std::optional<store::StudyRecord> record_of(crypto::ByteView bytes) {
    const auto package = study::StudyPackage::open(bytes);
    if (!package) return std::nullopt;
    return study_record(*package, crypto::Bytes(bytes.begin(), bytes.end()));
}

}  // namespace

void Backend::run(app::CreateProfile& effect) {
    auto read = read_package(effect.package_path, today());
    if (!read) return post_(app::ProfileRefused{read.error()});
    // Its fingerprint was compared on the screen; a file that has changed since then was not.
    if (read->package.digest() != shown_) return post_(app::ProfileRefused{{"package.changed_since", {}}});
    const auto first = secret_of(effect.first);
    const auto again = secret_of(effect.again);
    if (!first) return post_(app::ProfileRefused{message_of(first.error())});
    if (!again) return post_(app::ProfileRefused{message_of(again.error())});

    const auto cost = cost_of_new_passphrases();
    if (!cost) return post_(app::ProfileRefused{cost.error()});
    const store::Surroundings surroundings = this->surroundings();
    const auto refuse = [this](app::Message why) {
        discard_new_profile();
        post_(app::ProfileRefused{std::move(why)});
    };

    const store::StudyRecord study = study_record(read->package, std::move(read->bytes));
    auto made = store::Vault::create(options_.profile, *first, *cost, surroundings, &study);
    if (!made) return post_(app::ProfileRefused{message_of(made.error())});
    vault_.emplace(std::move(*made));
    if (const auto locked = vault_->lock(); !locked) return refuse(message_of(locked.error()));
    vault_.reset();

    auto unlocked = store::Vault::unlock(options_.profile, *again, surroundings);
    if (!unlocked) return refuse(message_of(unlocked.error()));
    vault_.emplace(std::move(*unlocked));
    auto opened = open_study();
    if (!opened) return refuse(opened.error());
    post_(app::ProfileCreated{std::move(*opened)});
}

tl::expected<crypto::PassphraseCost, app::Message> Backend::cost_of_new_passphrases() const {
    if (options_.cost) return *options_.cost;
    const auto measured = crypto::calibrate_cost();
    if (!measured) return tl::unexpected(message_of(store::Error::out_of_memory));
    return *measured;
}

/// Only for a profile that this very program has just made and that nobody has ever put an answer into.
void Backend::discard_new_profile() {
    close_vault();
    store::take_back_creation(options_.profile);  // the lock file stays, another program may wait on it
}

int Backend::wait_after(store::Error error) {
    if (error != store::Error::wrong_passphrase) return 0;
    // A full disk does not keep the count.
    failed_ = std::max(failed_ + 1, store::failed_tries(options_.profile));
    return store::seconds_to_wait(failed_);
}

/// After a passphrase that destroys was typed, and could not make an empty profile, nothing may tell of it or
/// offer to rescue what may be noise by now: the words are those of any full disk.
app::Message Backend::why_closed(store::Error error, const ChosenToken& token) const {
    const bool cut_short = destroyed_ && error != store::Error::wrong_passphrase;
    if (cut_short || error == store::Error::disk_full) return {"unlock.not_now", {}};
    return not_opened(error, token);
}

void Backend::refuse_unlock(app::Message why, int wait_seconds, std::string damaged_in) {
    post_(app::UnlockFailed{std::move(why), wait_seconds, std::move(damaged_in), !vault_});
}

void Backend::run(app::Unlock& effect) {
    const auto passphrase = secret_of(effect.passphrase);
    if (!passphrase) return refuse_unlock(message_of(passphrase.error()));
    // A token that can't be had now must not keep the passphrase from being tried, either.
    auto token = token_of(effect.token_path);
    auto unlocked = store::Vault::unlock(options_.profile, {*passphrase, token.pointer()}, surroundings());
    if (!unlocked) {
        const auto why = unlocked.error();
        // The passphrase was right, or the disk did not give back what it is tried on. A file of which the
        // first bytes are damaged looks like another vault's.
        const bool damaged =
            !destroyed_ && (why == store::Error::database_damaged || why == store::Error::foreign_database ||
                            why == store::Error::disk_failed);
        return refuse_unlock(why_closed(why, token), wait_after(why),
                             damaged ? options_.profile.string() : std::string());
    }
    failed_ = 0;
    vault_.emplace(std::move(*unlocked));
    keep_token(std::move(token));
    const auto studies = vault_->studies();
    if (studies && studies->empty()) return post_(app::UnlockedEmpty{});
    auto opened = open_study();
    if (!opened) {
        close_vault();
        return refuse_unlock(opened.error());
    }
    post_(app::Unlocked{std::move(*opened)});
}

/// Staff leave the respondent's side. The vault stays open while they try, so that whoever plays with the
/// keyboard does not shut the next respondent out.
void Backend::run(app::CheckPassphrase& effect) {
    if (!vault_) return refuse_unlock(message_of(store::Error::locked));
    const auto passphrase = secret_of(effect.passphrase);
    if (!passphrase) return refuse_unlock(message_of(passphrase.error()));
    const auto opens = vault_->try_passphrase({*passphrase, kept_token()});
    if (!opens) return refuse_unlock(message_of(opens.error()), wait_after(opens.error()));
    failed_ = 0;
    if (*opens == store::Vault::Opens::this_vault) return post_(app::PassphraseFits{});
    app::LockVault lock;
    run(lock);
    app::Unlock destroys{std::move(effect.passphrase)};
    run(destroys);
}

void Backend::run(app::LockVault&) {
    forms_.clear();
    withdrawals_.clear();
    copy_.reset();  // the vault drops its part
    study_ = {};
    if (!vault_) return;
    destroyed_ = false;
    const auto locked = vault_->lock();
    close_vault();
    if (!locked) post_(app::Failed{message_of(locked.error())});
}

void Backend::run(app::RescueVault& effect) {
    if (vault_) return;
    const auto refuse = [this](app::Message why, bool study_wanted) {
        post_(app::RescueRefused{std::move(why), 0, study_wanted});
    };
    const auto passphrase = secret_of(effect.passphrase);
    if (!passphrase) return refuse(message_of(passphrase.error()), false);
    // A file that can't be had now must not keep the passphrase from being tried: it may be the one that
    // destroys.
    store::StudyFiles files{.read = record_of, .again = {}};
    std::optional<app::Message> missing;
    for (const std::string& path : effect.study_paths) {
        auto read = open_package(path);
        // Its fingerprint was compared on the screen; a file that has changed since then was not.
        if (read && shown_for_rescue_.contains(read->package.digest()))
            files.again.push_back(study_record(read->package, std::move(read->bytes)));
        else
            missing = read ? app::Message{"package.changed_since", {}} : read.error();
    }
    auto token = token_of(effect.token_path);
    auto rescued =
        store::Vault::rescue(options_.profile, {*passphrase, token.pointer()}, surroundings(), files);
    if (!rescued) {
        const auto why = rescued.error();
        if (destroyed_) return post_(app::RescueRefused{why_closed(why, token), wait_after(why), false});
        if (why == store::Error::study_unreadable && missing) return refuse(*missing, true);
        if (why == store::Error::database_damaged) return refuse({"rescue.nothing", {}}, false);
        return post_(app::RescueRefused{why_closed(why, token), wait_after(why), is_of_the_study(why)});
    }
    shown_for_rescue_.clear();
    failed_ = 0;
    vault_.emplace(std::move(rescued->vault));
    keep_token(std::move(token));
    const auto studies = vault_->studies();
    if (studies && studies->empty()) return post_(app::UnlockedEmpty{});
    auto opened = open_study();
    if (opened)
        return post_(app::Rescued{std::move(*opened), rescued->what.files_lost, rescued->what.complete,
                                  rescued->what.enrolled_anew});
    close_vault();
    refuse(opened.error(), false);
}

}  // namespace fieldfare::collector
