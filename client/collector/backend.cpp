#include "client/collector/backend.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "client/collector/credentials.h"
#include "client/collector/environment.h"
#include "client/collector/messages.h"
#include "client/collector/package_file.h"
#include "client/collector/preferences.h"
#include "client/collector/study_records.h"
#include "client/store/failed_tries.h"
#include "client/store/profile.h"
#include "client/study/enrolment.h"
#include "crypto/batch.h"

namespace fieldfare::collector {
namespace {

constexpr std::string_view program_version = "fieldfare " FIELDFARE_VERSION;
static_assert(program_version.size() <= crypto::max_program_version);

/// A `--sync-only` has the profile for a moment at its start.
store::Adopted adopt_in_time(const std::filesystem::path& profile) {
    constexpr std::chrono::milliseconds pause(50), at_most(2000);
    auto adopted = store::adopt_leftovers(profile);
    for (auto waited = pause; adopted.fault == store::Error::in_use && waited <= at_most; waited += pause) {
        std::this_thread::sleep_for(pause);
        adopted = store::adopt_leftovers(profile);
    }
    return adopted;
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
    std::error_code unreadable;
    switch (state.kind) {
        case store::ProfileState::Kind::no_vault:
            post_(app::ProfileMissing{});
            return;
        case store::ProfileState::Kind::damaged:
            // What is sealed stays sendable, as far as anything says where to.
            (void)store::adopt_leftovers(options_.profile);
            post_(
                app::FailedForGood{message_of(state.fault.value_or(store::Error::database_damaged)),
                                   std::filesystem::exists(store::sync_file(options_.profile), unreadable)});
            return;
        case store::ProfileState::Kind::locked:
            break;
    }
    const store::Adopted adopted = adopt_in_time(options_.profile);
    adopted_ = adopted.files;
    // A second program on one profile could lose answers of the first.
    if (adopted.fault == store::Error::in_use) return post_(app::FailedForGood{message_of(*adopted.fault)});
    if (adopted.fault) post_(app::Failed{message_of(*adopted.fault)});
    (void)remove_left_request(options_.profile);
    post_(app::ProfileFound{store::seconds_to_wait(store::failed_tries(options_.profile))});
}

void Backend::run(app::Effect effect) {
    std::visit([this](auto& one) { run(one); }, effect);
}

/// What a passphrase that destroys removes, a pass that still runs would write anew: notes with the addresses
/// of stores. This program's own is ended before the first file goes, and no other passphrase has to wait for
/// it. That of a `--sync-only` beside it is not (crypto/THREATS.md).
store::Surroundings Backend::surroundings() {
    return {options_.now, std::string(program_version), [this](store::Step step) {
                if (step == store::Step::destroy_ordered) destroyed_ = true;
                if (step == store::Step::master_key_destroyed) pass_.end_at_once();
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
    const auto refuse = [&](app::Message why) { post_(app::UpdateRefused{std::move(why), effect.path}); };
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
    post_(app::UpdateRead{study_changes(*current, read->package), effect.path});
}

void Backend::run(app::TakeUpdate& effect) {
    if (!vault_) return;
    const auto refuse = [&](app::Message why) { post_(app::UpdateRefused{std::move(why), effect.path}); };
    const auto current = newest_package();
    if (!current) return refuse(current.error());
    auto read = read_package(effect.path, today());
    if (!read) return refuse(read.error());
    // What it changes was shown; a file that has changed since then was not.
    if (read->package.digest() != shown_) return refuse({"package.changed_since", {}});
    if (const auto update = check_follows(*current, read->package); !update) return refuse(update.error());
    const auto taken = vault_->import_study(study_record(read->package, std::move(read->bytes)));
    if (!taken) return refuse(message_of(taken.error()));
    auto opened = open_study();
    if (!opened) return refuse(opened.error());
    post_(app::StudyUpdated{std::move(*opened)});
}

void Backend::run(app::TakeFirstStudy& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::ProfileRefused{std::move(why)}); };
    auto read = read_package(effect.package_path, today());
    if (!read) return refuse(read.error());
    if (read->package.digest() != shown_) return refuse({"package.changed_since", {}});
    const auto taken = vault_->import_study(study_record(read->package, std::move(read->bytes)));
    if (!taken) return refuse(message_of(taken.error()));
    auto opened = open_study();
    if (!opened) return refuse(opened.error());
    post_(app::ProfileCreated{std::move(*opened)});
}

tl::expected<study::StudyPackage, app::Message> Backend::newest_package() {
    const auto bytes = vault_->package(study_.id, study_.version);
    if (!bytes) return tl::unexpected(message_of(bytes.error()));
    auto package = study::StudyPackage::open(*bytes);
    if (!package) return tl::unexpected(message_of(package.error()));
    return std::move(*package);
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
    return counts_if_known().value_or(app::Counts{});
}

std::optional<app::Counts> Backend::counts_if_known() {
    const auto counted = vault_->counts(study_.id);
    if (!counted) {
        post_(app::Failed{message_of(counted.error())});
        return std::nullopt;
    }
    return app::Counts{counted->drafts,    counted->sealed,  counted->handed_over,
                       counted->confirmed, counted->missing, counted->missing_files};
}

app::NewestFile Backend::newest_file() {
    const auto head = vault_->head(study_.id);
    if (!head || !*head) return {};
    return {(*head)->sequence,
            study::head_number(study_.device_key, (*head)->sequence, (*head)->batch).digits};
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
    const auto counted = vault_ ? counts_if_known() : std::optional(end.counts);
    end.news.counted = end.news.counted && counted;
    const app::Counts now = counted.value_or(app::Counts{});
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
