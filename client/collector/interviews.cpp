#include <algorithm>
#include <utility>

#include "client/app/kiosk.h"
#include "client/collector/backend.h"
#include "client/collector/environment.h"
#include "client/collector/folder_contents.h"
#include "client/collector/messages.h"
#include "crypto/withdrawal.h"
#include "schema/submission.h"
#include "schema/withdrawal.h"

namespace fieldfare::collector {
namespace {

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

std::string uuid_of(const crypto::Id& id) {
    std::string text = crypto::to_hex(id);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
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

void wipe_entries(std::vector<schema::DraftEntry>& entries) {
    for (schema::DraftEntry& entry : entries) app::wipe(entry.value);
}

}  // namespace

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
    // Its file may turn up yet, under the code that was shown then.
    const auto as = vault_->sealed_as(effect.draft);
    if (!as && as.error() != store::Error::unattended_vault) return fail(as.error());
    if (as && *as) return post_(app::CodeStands{effect.draft});
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
            {code.error() == crypto::Error::damaged ? "take_back.mistyped" : "take_back.wrong_shape", {}});
    const auto sealed = vault_->withdraw(study_.id, *code);
    crypto::wipe(code->bytes);
    if (!sealed) return refuse(message_of(sealed.error()));
    post_(app::TakenBack{counts()});
}

void Backend::run(app::SealInterview& effect) {
    if (!vault_) return post_(app::FinaliseFailed{effect.draft, message_of(store::Error::locked)});
    const auto as = vault_->sealed_as(effect.draft);
    // unknown_draft: it may be sealed already, which the vault says below.
    if (!as && as.error() != store::Error::unattended_vault && as.error() != store::Error::unknown_draft)
        return post_(app::FinaliseFailed{effect.draft, not_sealed(as.error())});
    if (as && *as) {
        effect.submission.id = uuid_of((*as)->uuid);
        if (schema::offers_withdrawal(effect.form->form()))
            effect.submission.withdrawal = crypto::to_hex((*as)->withdrawal);
    } else if (schema::offers_withdrawal(effect.form->form())) {
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

}  // namespace fieldfare::collector
