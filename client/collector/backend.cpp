#include "client/collector/backend.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "client/app/kiosk.h"
#include "client/collector/credentials.h"
#include "client/collector/environment.h"
#include "client/collector/folder_contents.h"
#include "client/collector/messages.h"
#include "client/collector/package_file.h"
#include "client/collector/preferences.h"
#include "client/collector/recovery_files.h"
#include "client/collector/study_records.h"
#include "client/store/failed_tries.h"
#include "client/store/profile.h"
#include "client/study/enrolment.h"
#include "crypto/withdrawal.h"
#include "schema/submission.h"
#include "schema/withdrawal.h"

namespace fieldfare::collector {
namespace {

constexpr std::string_view program_version = "fieldfare 0.1";

app::Message say(std::string key) {
    return {std::move(key), {}};
}

/// The 16 bytes of a UUID's text; update() has made it, so another shape is a bug.
crypto::Id id_of(std::string_view uuid) {
    std::string digits;
    for (const char c : uuid) {
        if (c != '-') digits += c;
    }
    crypto::Id id{};
    const auto bytes = crypto::from_hex(digits);
    if (bytes && bytes->size() == id.size()) std::copy(bytes->begin(), bytes->end(), id.begin());
    return id;
}

store::DraftChange change_of(const app::SaveAnswers& effect, std::string_view day) {
    return {.extent = effect.extent == app::Extent::whole ? store::DraftChange::Extent::whole
                                                          : store::DraftChange::Extent::changes,
            .entries = effect.entries,
            .removed = effect.removed,
            .day = day,
            .minutes = effect.minutes,
            .language = effect.language};
}

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

void wipe_entries(std::vector<schema::DraftEntry>& entries) {
    for (schema::DraftEntry& entry : entries) app::wipe(entry.value);
}

}  // namespace

Backend::Backend(BackendOptions options, Post post, Schedule schedule)
    : options_(std::move(options)),
      post_(std::move(post)),
      schedule_(std::move(schedule)),
      pass_({.profile = options_.profile,
             .courier = options_.courier,
             .post = post_,
             .schedule = schedule_,
             .may_forget = [this](const sync::FileHash& hash) { return may_forget(hash); },
             .ended = [this](PassEnd end) { end_sync(std::move(end)); }}) {}

void Backend::end_sync_thread() {
    pass_.end();
}

Backend::~Backend() {
    end_sync_thread();
    close_vault();
}

void Backend::look() {
    const store::ProfileState state = store::profile_state(options_.profile);
    switch (state.kind) {
        case store::ProfileState::Kind::no_vault:
            post_(app::ProfileMissing{});
            return;
        case store::ProfileState::Kind::damaged:
            (void)store::adopt_leftovers(options_.profile);  // what is sealed stays sendable
            post_(app::FailedForGood{message_of(state.fault.value_or(store::Error::database_damaged))});
            return;
        case store::ProfileState::Kind::locked:
            break;
    }
    if (const auto adopted = store::adopt_leftovers(options_.profile); !adopted) {
        // A second program on one profile could lose answers of the first.
        if (adopted.error() == store::Error::in_use) {
            post_(app::FailedForGood{message_of(adopted.error())});
            return;
        }
        post_(app::Failed{message_of(adopted.error())});
    } else {
        adopted_ = *adopted;
    }
    remove_request(options_.profile);  // one of an earlier start, whose answer would open nothing any more
    post_(app::ProfileFound{store::seconds_to_wait(store::failed_tries(options_.profile))});
}

void Backend::run(app::Effect effect) {
    std::visit([this](auto& one) { run(one); }, effect);
}

/// What a passphrase that destroys removes, a pass that still runs would write anew: notes with the addresses
/// of stores. It is ended before the first file goes, and no other passphrase has to wait for it.
store::Surroundings Backend::surroundings() {
    return {options_.now, std::string(program_version), [this](store::Step step) {
                if (step != store::Step::master_key_destroyed) return;
                destroyed_ = true;
                pass_.end_at_once();
            }};
}

std::chrono::sys_days Backend::today() const {
    return std::chrono::floor<std::chrono::days>(options_.now());
}

void Backend::run(app::ReadPackage& effect) {
    const auto read = effect.what == app::ReadPackage::For::rescue ? open_package(effect.path)
                                                                   : read_package(effect.path, today());
    if (!read) return post_(app::PackageRefused{read.error()});
    shown_ = read->package.digest();
    if (effect.what == app::ReadPackage::For::rescue) shown_for_rescue_.insert(read->package.digest());
    post_(app::PackageRead{package_summary(read->package)});
}

void Backend::run(app::ReadUpdate& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::UpdateRefused{std::move(why)}); };
    const auto current = newest_package();
    if (!current) return refuse(current.error());
    const auto read = open_package(effect.path);
    if (!read) return refuse(read.error());
    const auto update = check_follows(*current, read->package);
    if (!update) return refuse(update.error());
    if (*update != study::Update::same) {
        if (const auto usable = check_usable(read->package, today()); !usable) return refuse(usable.error());
    }
    shown_ = read->package.digest();
    post_(app::UpdateRead{study_changes(*current, read->package)});
}

void Backend::run(app::TakeUpdate& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::UpdateRefused{std::move(why)}); };
    const auto current = newest_package();
    if (!current) return refuse(current.error());
    auto read = read_package(effect.path, today());
    if (!read) return refuse(read.error());
    // What it changes was shown; a file that has changed since then was not.
    if (read->package.digest() != shown_) return refuse(say("package.changed_since"));
    if (const auto update = check_follows(*current, read->package); !update) return refuse(update.error());
    const auto taken = vault_->import_study(study_record(read->package, std::move(read->bytes)));
    if (!taken) return refuse(message_of(taken.error()));
    auto opened = open_study();
    if (!opened) return refuse(opened.error());
    post_(app::StudyUpdated{std::move(*opened)});
}

tl::expected<study::StudyPackage, app::Message> Backend::newest_package() {
    const auto bytes = vault_->package(study_.id, study_.version);
    if (!bytes) return tl::unexpected(message_of(bytes.error()));
    auto package = study::StudyPackage::open(*bytes);
    if (!package) return tl::unexpected(message_of(package.error()));
    return std::move(*package);
}

void Backend::run(app::CreateProfile& effect) {
    auto read = read_package(effect.package_path, today());
    if (!read) return post_(app::ProfileRefused{read.error()});
    // Its fingerprint was compared on the screen; a file that has changed since then was not.
    if (read->package.digest() != shown_) return post_(app::ProfileRefused{say("package.changed_since")});
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

int Backend::wait_after(store::Error error) const {
    const bool wrong = error == store::Error::wrong_passphrase;
    return wrong ? store::seconds_to_wait(store::failed_tries(options_.profile)) : 0;
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
            missing = read ? say("package.changed_since") : read.error();
    }
    auto token = token_of(effect.token_path);
    auto rescued =
        store::Vault::rescue(options_.profile, {*passphrase, token.pointer()}, surroundings(), files);
    if (!rescued) {
        const auto why = rescued.error();
        if (why == store::Error::study_unreadable && missing) return refuse(*missing, true);
        if (why == store::Error::database_damaged) return refuse(say("rescue.nothing"), false);
        return post_(app::RescueRefused{not_opened(why, token), wait_after(why), is_of_the_study(why)});
    }
    shown_for_rescue_.clear();
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
        // The passphrase was right; a file of which the first bytes are damaged looks like another vault's.
        const bool damaged = why == store::Error::database_damaged || why == store::Error::foreign_database;
        return refuse_unlock(not_opened(why, token), wait_after(why),
                             damaged ? options_.profile.string() : std::string());
    }
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
    if (*opens == store::Vault::Opens::this_vault) return post_(app::PassphraseFits{});
    app::LockVault lock;
    run(lock);
    app::Unlock destroys{std::move(effect.passphrase)};
    run(destroys);
}

void Backend::run(app::TakeFirstStudy& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::ProfileRefused{std::move(why)}); };
    auto read = read_package(effect.package_path, today());
    if (!read) return refuse(read.error());
    if (read->package.digest() != shown_) return refuse(say("package.changed_since"));
    const auto taken = vault_->import_study(study_record(read->package, std::move(read->bytes)));
    if (!taken) return refuse(message_of(taken.error()));
    auto opened = open_study();
    if (!opened) return refuse(opened.error());
    post_(app::ProfileCreated{std::move(*opened)});
}

void Backend::run(app::SetDestroyPassphrase& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::DestroyPassphraseRefused{std::move(why)}); };
    const auto current = secret_of(effect.current);
    const auto destroying = secret_of(effect.destroying);
    if (!current) return refuse(message_of(current.error()));
    if (!destroying) return refuse(message_of(destroying.error()));
    const auto sealed = study_.summary.destroys_sealed ? crypto::SealedFiles::go : crypto::SealedFiles::stay;
    const auto set = vault_->set_destroy_passphrase({*current, kept_token()}, *destroying, sealed);
    if (!set) return refuse(message_of(set.error()));
    post_(app::DestroyPassphraseSet{});
}

void Backend::run(app::DropDestroyPassphrase& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::DestroyPassphraseRefused{std::move(why)}); };
    const auto current = secret_of(effect.current);
    if (!current) return refuse(message_of(current.error()));
    const auto removed = vault_->remove_destroy_passphrase({*current, kept_token()});
    if (!removed) return refuse(message_of(removed.error()));
    post_(app::DestroyPassphraseSet{});
}

void Backend::run(app::WriteRequest&) {
    if (vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::RecoveryRefused{std::move(why)}); };
    auto request = store::begin_recovery(options_.profile);
    if (!request) return refuse(message_of(request.error()));
    const auto file = write_request(options_.profile, request->file());
    if (file.empty()) return refuse(message_of(store::Error::not_writable));
    given_back_.reset();
    request_.emplace(std::move(*request));
    post_(app::RequestWritten{file.string(), request_->digits().digits});
}

void Backend::run(app::ReadAnswer& effect) {
    if (vault_ || !request_) return;
    const auto refuse = [this](app::Message why) { post_(app::RecoveryRefused{std::move(why)}); };
    const auto answer = read_answer(effect.path);
    app::wipe(effect.path);
    if (!answer) return refuse(answer.error());
    auto master = request_->open(*answer);
    if (!master) return refuse(message_of_answer(master.error()));
    // At once, so that nobody thinks of a new passphrase in vain.
    if (const auto opens = store::try_recovered(options_.profile, *master); !opens)
        return refuse(message_of(opens.error()));
    given_back_.emplace(std::move(*master));
    post_(app::AnswerFits{});
}

void Backend::run(app::Recover& effect) {
    if (vault_ || !given_back_) return;
    const auto refuse = [this](app::Message why) { post_(app::RecoveryRefused{std::move(why)}); };
    const auto passphrase = secret_of(effect.passphrase);
    if (!passphrase) return refuse(message_of(passphrase.error()));
    const auto cost = cost_of_new_passphrases();
    if (!cost) return refuse(cost.error());
    auto recovered =
        store::Vault::recover(options_.profile, *given_back_, *passphrase, *cost, surroundings());
    if (!recovered) return refuse(message_of(recovered.error()));
    app::DropRequest done;
    run(done);
    vault_.emplace(std::move(*recovered));
    auto opened = open_study();
    if (opened) return post_(app::Unlocked{std::move(*opened)});
    close_vault();
    refuse_unlock(opened.error());  // the new passphrase counts all the same
}

void Backend::run(app::DropRequest&) {
    request_.reset();
    given_back_.reset();
    remove_request(options_.profile);
}

tl::expected<app::Opened, app::Message> Backend::open_study() {
    const auto studies = vault_->studies();
    if (!studies) return tl::unexpected(message_of(studies.error()));
    if (studies->empty()) return tl::unexpected(message_of(store::Error::database_damaged));
    const store::StudySummary& known = studies->front();

    // What the vault holds is signed all the same: verified again at each unlock, before it is parsed.
    const auto first_bytes = vault_->package(known.study, known.versions.front());
    const auto newest_bytes = vault_->package(known.study, known.versions.back());
    if (!first_bytes) return tl::unexpected(message_of(first_bytes.error()));
    if (!newest_bytes) return tl::unexpected(message_of(newest_bytes.error()));
    const auto first = study::StudyPackage::open(*first_bytes, known.root);
    const auto newest = study::StudyPackage::open(*newest_bytes, known.root);
    if (!first) return tl::unexpected(message_of(first.error()));
    if (!newest) return tl::unexpected(message_of(newest.error()));

    study_.id = known.study;
    study_.version = known.versions.back();
    study_.device_key = known.device_key;
    study_.summary = study_summary(
        *newest, study::enrolment_number(known.study, known.root, first->digest(), known.device_key));
    const auto form = form_of(study_.version);
    if (!form) return tl::unexpected(form.error());
    return app::Opened{study_.summary,        *form,         drafts(), counts(),
                       vault_->needs_token(), newest_file(), found()};
}

/// What the start of the program has moved is told with the first vault that is open after it.
app::Found Backend::found() {
    const store::Found found = vault_->found();
    app::Found told{
        static_cast<int>(found.batches + std::exchange(adopted_, 0)), app::Found::Interview::none, {}};
    if (found.interrupted) {
        told.interview =
            found.interrupted->sealed ? app::Found::Interview::sealed : app::Found::Interview::not_sealed;
        told.draft = found.interrupted->draft;
    }
    return told;
}

tl::expected<Backend::Form, app::Message> Backend::form_of(std::uint32_t version) {
    if (const auto known = forms_.find(version); known != forms_.end()) return known->second;
    const auto bytes = vault_->package(study_.id, version);
    if (!bytes) return tl::unexpected(message_of(bytes.error()));
    const auto package = study::StudyPackage::open(*bytes);
    if (!package) return tl::unexpected(message_of(package.error()));
    auto form = schema::CompiledForm::compile(std::make_shared<const schema::Form>(package->form()));
    if (!form) return tl::unexpected(message_of(study::PackageError::malformed_form));
    return forms_.emplace(version, std::move(*form)).first->second;
}

/// Of a form that came from form_of. An interview goes on with it also when the study has a newer one by now.
std::uint32_t Backend::version_of(const Form& form) const {
    const auto found = std::ranges::find(forms_, form, [](const auto& known) { return known.second; });
    return found == forms_.end() ? study_.version : found->first;
}

std::vector<app::DraftSummary> Backend::drafts() {
    std::vector<app::DraftSummary> shown;
    const auto stored = vault_->drafts(study_.id);
    if (!stored) {
        post_(app::Failed{message_of(stored.error())});
        return shown;
    }
    for (auto draft = stored->rbegin(); draft != stored->rend(); ++draft) {  // newest first
        shown.push_back(
            {draft->id, draft->started_day, draft->answered, draft->form_version, draft->finalising});
    }
    return shown;
}

app::Counts Backend::counts() {
    const auto counted = vault_->counts(study_.id);
    if (!counted) {
        post_(app::Failed{message_of(counted.error())});
        return {};
    }
    return {counted->drafts, counted->sealed, counted->handed_over, counted->confirmed};
}

app::NewestFile Backend::newest_file() {
    const auto head = vault_->head(study_.id);
    if (!head || !*head) return {};
    return {(*head)->sequence,
            study::head_number(study_.device_key, (*head)->sequence, (*head)->batch).digits};
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

void Backend::run(app::CreateDraft& effect) {
    if (!vault_) return;
    const store::DraftChange change{.extent = store::DraftChange::Extent::whole,
                                    .entries = effect.entries,
                                    .removed = {},
                                    .day = effect.day,
                                    .minutes = 0,
                                    .language = effect.language};
    const auto started = vault_->start_draft(effect.draft, study_.id, version_of(effect.form), change);
    wipe_entries(effect.entries);
    if (!started) return post_(app::SaveFailed{effect.draft, effect.ticket, message_of(started.error())});
    post_(app::AnswerSaved{effect.draft, effect.ticket});
}

void Backend::run(app::SaveAnswers& effect) {
    if (!vault_) return;
    const std::string day = iso_day(today());
    auto saved = vault_->save_draft(effect.draft, change_of(effect, day));
    // A whole save stands on its own: it also makes good for a draft whose first save was refused.
    if (!saved && saved.error() == store::Error::unknown_draft && effect.extent == app::Extent::whole) {
        saved = vault_->start_draft(effect.draft, study_.id, version_of(effect.form),
                                    change_of(effect, effect.day));
    }
    wipe_entries(effect.entries);
    if (!saved) return post_(app::SaveFailed{effect.draft, effect.ticket, message_of(saved.error())});
    post_(app::AnswerSaved{effect.draft, effect.ticket});
}

void Backend::run(app::LoadDraft& effect) {
    if (!vault_) return;
    auto loaded = vault_->load_draft(effect.draft);
    if (!loaded) return post_(app::Failed{message_of(loaded.error())});
    const store::DraftSummary& summary = loaded->summary;
    const auto form = form_of(summary.package_version);
    if (!form) return post_(app::Failed{form.error()});
    std::vector<app::AttachedFile> files;
    for (const store::Attachment& file : loaded->attachments) files.push_back({file.name, file.size});
    post_(app::DraftLoaded{summary.id, summary.started_day, *form, std::move(loaded->entries),
                           summary.minutes, summary.language, std::move(files)});
}

void Backend::run(app::DeleteDraft& effect) {
    if (!vault_) return;
    if (const auto deleted = vault_->delete_draft(effect.draft); !deleted) {
        post_(app::Failed{message_of(deleted.error())});
    }
    post_(app::DraftsChanged{drafts(), counts()});
}

void Backend::run(app::ListFolder& effect) {
    auto contents = list_folder(effect.path, effect.kinds);
    if (!contents) return post_(app::FolderRefused{contents.error()});
    post_(app::FolderListed{std::move(*contents)});
}

void Backend::run(app::AttachFile& effect) {
    if (!vault_) return;
    copy_.reset();
    auto copy = FileCopy::begin(*vault_, effect);
    app::wipe(effect.path);
    if (!copy) return post_(app::FileRefused{effect.draft, effect.name, copy.error()});
    copy_.emplace(std::move(*copy));
    schedule_([this] { go_on_copying(); });
}

/// A job for each bite: saves and the lock come between.
void Backend::go_on_copying() {
    if (!copy_ || !vault_) return;
    const auto whole = copy_->go_on(*vault_);
    if (whole && !*whole) {
        post_(app::FileProgress{copy_->draft(), copy_->name(), copy_->done(), copy_->size()});
        schedule_([this] { go_on_copying(); });
        return;
    }
    if (whole) {
        post_(app::FileAttached{copy_->draft(), copy_->name(), **whole});
    } else {
        post_(app::FileRefused{copy_->draft(), copy_->name(), whole.error()});
    }
    copy_.reset();
}

void Backend::run(app::StopAttaching&) {
    if (!copy_) return;
    if (vault_) vault_->drop_attachment();
    post_(app::FileRefused{copy_->draft(), copy_->name(), {}});
    copy_.reset();
}

app::Message Backend::not_sealed(store::Error error) const {
    return app::unattended(study_.summary) ? message_unattended(error) : message_of(error);
}

void Backend::run(app::DrawCode& effect) {
    const auto fail = [&](store::Error why) { post_(app::CodeFailed{effect.draft, not_sealed(why)}); };
    if (!vault_) return fail(store::Error::locked);
    // Sealed by an earlier try, it has the code that was shown then: another one would be a lie.
    const auto draft = vault_->is_draft(effect.draft);
    if (!draft) return fail(draft.error());
    if (!*draft) return post_(app::Finalised{effect.draft, drafts(), counts()});
    auto code = crypto::new_withdrawal_code();
    if (!code) return fail(store::Error::no_randomness);
    if (app::unattended(study_.summary)) withdrawals_.clear();  // of interviews that were erased
    withdrawals_[effect.draft] = crypto::to_hex(crypto::withdrawal_hash(*code));
    std::string text = crypto::to_string(*code);
    crypto::wipe(code->bytes);
    post_(app::CodeDrawn{effect.draft, std::move(text)});
}

void Backend::run(app::SealWithdrawal& effect) {
    if (!vault_) return app::wipe(effect.code);
    const auto refuse = [this](app::Message why) { post_(app::TakeBackRefused{std::move(why)}); };
    auto code = crypto::parse_withdrawal_code(effect.code);
    app::wipe(effect.code);
    if (!code)
        return refuse(
            say(code.error() == crypto::Error::damaged ? "take_back.mistyped" : "take_back.wrong_shape"));
    const auto sealed = vault_->withdraw(study_.id, *code);
    crypto::wipe(code->bytes);
    if (!sealed) return refuse(message_of(sealed.error()));
    post_(app::TakenBack{counts()});
}

void Backend::run(app::SealInterview& effect) {
    if (!vault_) return post_(app::FinaliseFailed{effect.draft, message_of(store::Error::locked)});
    if (schema::offers_withdrawal(effect.form->form())) {
        const auto drawn = withdrawals_.find(effect.draft);
        if (drawn == withdrawals_.end()) {  // what nobody can take back is not sealed as if somebody could
            return post_(app::FinaliseFailed{effect.draft, not_sealed(store::Error::internal)});
        }
        effect.submission.withdrawal = drawn->second;
    }
    store::SubmissionMedia media;
    if (const auto withdrawal = crypto::from_hex(effect.submission.withdrawal);
        withdrawal && withdrawal->size() == media.withdrawal.size())
        std::ranges::copy(*withdrawal, media.withdrawal.begin());
    for (const schema::MediaFile& file : effect.submission.media) media.names.push_back(file.name);
    const auto sealed = seal(effect, media);
    if (!sealed) return post_(app::FinaliseFailed{effect.draft, not_sealed(sealed.error())});
    withdrawals_.erase(effect.draft);
    post_(app::Finalised{effect.draft, drafts(), counts()});
}

store::Result<void> Backend::seal(app::SealInterview& effect, const store::SubmissionMedia& media) {
    const store::Payload payload = [&effect](const std::vector<schema::MediaFile>& files) {
        effect.submission.media = files;
        return schema::to_json(effect.submission, effect.form->form());
    };
    const crypto::Id id = id_of(effect.submission.id);
    if (!app::unattended(study_.summary)) return vault_->finalise(effect.draft, id, media, payload);
    return vault_->seal_at_once(study_.id, version_of(effect.form), effect.draft, id, payload);
}

void Backend::run(app::StartSync& effect) {
    if (pass_.runs()) return;
    // Where destroying was cut short, nothing is shown to a network either.
    if (destroyed_ && !vault_)
        return post_(app::SyncFailed{{}, {}, message_of(store::Error::settings_damaged)});
    if (vault_) {
        (void)vault_->say_here();  // a sync without it is as good; the next one tries again
        if (const auto finished = vault_->finish_batches(); !finished) {
            // What could not be finished is complete as it stands and goes with the next sync.
            post_(app::Failed{message_of(finished.error())});
        }
    }
    std::set<sync::StoreName> resting;
    for (app::StoreName& store : effect.resting)
        resting.insert({std::move(store.study_tag), std::move(store.address)});
    pass_.start(today(), std::move(resting));
}

void Backend::run(app::StopSync&) {
    pass_.stop();
}

bool Backend::may_forget(const sync::FileHash& hash) {
    if (!vault_) return false;
    const auto outbox = vault_->outbox();
    if (!outbox) return false;
    const auto file = (*outbox)->find(hash);
    return file && vault_->may_forget(*file).value_or(false);
}

/// An open vault counts interviews, a locked one only files.
void Backend::end_sync(PassEnd end) {
    if (vault_) (void)vault_->note_receipts();  // where it can't now, the next sync or unlock does
    const app::Counts now = vault_ ? counts() : end.counts;
    app::NewestFile last = vault_ ? newest_file() : app::NewestFile{};
    SyncList& list = end.list;
    if (end.verdict.failed)
        return post_(app::SyncFailed{std::move(list.files), now, end.verdict.message, list.totals,
                                     std::move(end.news), std::move(last)});
    post_(app::SyncDone{std::move(list.files), now, end.verdict.message, list.totals, std::move(end.news),
                        std::move(last)});
}

void Backend::run(app::SavePreferences& effect) {
    (void)write_preferences(options_.profile, effect.preferences);
}

void Backend::run(app::Quit&) {}  // the window's part

}  // namespace fieldfare::collector
