#include "tests/support/fake_worker.h"

#include <doctest/doctest.h>

#include <utility>

namespace fieldfare::app::test {

Opened FakeWorker::opened() const {
    return {study, form, list(), counts(), !token.empty(), newest, found};
}

Counts FakeWorker::counts() const {
    return {static_cast<int>(drafts.size()), static_cast<int>(sealed.size()), 0, 0};
}

std::vector<DraftSummary> FakeWorker::list() const {
    std::vector<DraftSummary> all;
    for (const auto& [id, draft] : drafts) {
        int answered = 0;
        for (const auto& [path, entry] : draft.entries)
            answered += entry.seen && (!entry.value.empty() || entry.missing) ? 1 : 0;
        all.push_back({id, draft.day, answered, study.version, false});
    }
    return all;
}

Actions FakeWorker::run(Effects effects) {
    for (Effect& effect : effects) waiting.push_back(std::move(effect));
    Actions answers;
    while (!holds_answers && !waiting.empty()) {
        Effect effect = std::move(waiting.front());
        waiting.pop_front();
        std::visit([&](auto& e) { on(e, answers); }, effect);
    }
    return answers;
}

void FakeWorker::on(ReadPackage& effect, Actions& answers) {
    log.emplace_back("read");
    if (!effect.path.ends_with(".ffstudy")) {
        answers.emplace_back(PackageRefused{{"package.not_a_package", {}}});
        return;
    }
    answers.emplace_back(PackageRead{
        {study.title, study.version, study.fingerprint, {"English (en)"}, 2, 0, study.supervisor}});
}

void FakeWorker::on(ReadUpdate& effect, Actions& answers) {
    log.emplace_back("read update");
    if (refuses_update) {
        answers.emplace_back(UpdateRefused{*refuses_update, effect.path});
        return;
    }
    StudyChanges changes;
    changes.same = effect.path.ends_with("same.ffstudy");
    changes.title = {study.title, study.title};
    changes.version = {study.package_version, study.package_version + 1};
    changes.form_version = {study.version, "2"};
    changes.form_changed = true;
    changes.added = {{"ben", std::string(30, '7')}};
    changes.removed = {{"anna", ""}};
    changes.recipients = {1, 1};
    changes.supervisor = {study.supervisor, newer_supervisor};
    answers.emplace_back(UpdateRead{changes, effect.path});
}

void FakeWorker::on(TakeUpdate& effect, Actions& answers) {
    log.emplace_back("take update");
    if (refuses_update) {
        answers.emplace_back(UpdateRefused{*refuses_update, effect.path});
        return;
    }
    ++study.package_version;
    if (newer_form) form = newer_form;
    answers.emplace_back(StudyUpdated{opened()});
}

void FakeWorker::on(CreateProfile& effect, Actions& answers) {
    log.emplace_back("create profile");
    passphrase = std::string(effect.first.expose());
    open = effect.again.expose() == passphrase;
    answers.emplace_back(ProfileCreated{opened()});
}

void FakeWorker::on(Unlock& effect, Actions& answers) {
    log.emplace_back("unlock");
    open = effect.passphrase.expose() == passphrase && (token.empty() || effect.token_path == token);
    if (damaged && open) {
        open = false;
        answers.emplace_back(UnlockFailed{{"store.database_damaged", {}}, 0, "/home/me/.fieldfare"});
        return;
    }
    if (!destroying.empty() && effect.passphrase.expose() == destroying) {
        drafts.clear();
        passphrase = std::exchange(destroying, {});
        empty = open = true;
    }
    if (open) {
        empty ? answers.emplace_back(UnlockedEmpty{}) : answers.emplace_back(Unlocked{opened()});
    } else {
        answers.emplace_back(UnlockFailed{{"store.wrong_passphrase", {}}, wait_seconds});
    }
}

void FakeWorker::on(RescueVault& effect, Actions& answers) {
    log.emplace_back("rescue " + std::to_string(effect.study_paths.size()));
    if (effect.passphrase.expose() != passphrase || (!token.empty() && effect.token_path != token)) {
        answers.emplace_back(RescueRefused{{"store.wrong_passphrase", {}}, wait_seconds});
        return;
    }
    if (effect.study_paths.size() < studies_wanted) {
        answers.emplace_back(RescueRefused{{"store.study_unreadable", {}}, 0, true});
        return;
    }
    damaged = false;
    open = true;
    answers.emplace_back(Rescued{opened(), files_lost, rescued_whole, new_keys});
}

void FakeWorker::on(CheckPassphrase& effect, Actions& answers) {
    log.emplace_back("check passphrase");
    if (refuses_destroying && effect.passphrase.expose() == destroying) {
        open = false;
        answers.emplace_back(UnlockFailed{{"store.disk_full", {}}, 0, {}, true});
        return;
    }
    if (!destroying.empty() && effect.passphrase.expose() == destroying) {
        passphrase = std::exchange(destroying, {});
        empty = true;
        answers.emplace_back(UnlockedEmpty{});
    } else if (effect.passphrase.expose() == passphrase) {
        answers.emplace_back(PassphraseFits{});
    } else {
        answers.emplace_back(UnlockFailed{{"store.wrong_passphrase", {}}, wait_seconds});
    }
}

void FakeWorker::on(TakeFirstStudy&, Actions& answers) {
    log.emplace_back("take first study");
    empty = false;
    answers.emplace_back(ProfileCreated{opened()});
}

void FakeWorker::on(ChangePassphrase& effect, Actions& answers) {
    log.emplace_back("change passphrase");
    if (effect.current.expose() != passphrase) {
        answers.emplace_back(PassphraseRefused{{"store.wrong_passphrase", {}}});
        return;
    }
    passphrase = std::string(effect.chosen.expose());
    if (effect.token != ChangePassphrase::Token::same) token = effect.token_path;
    answers.emplace_back(PassphraseChanged{!token.empty(), effect.token_path});
}

void FakeWorker::on(SetDestroyPassphrase& effect, Actions& answers) {
    log.emplace_back("set destroying");
    if (effect.current.expose() != passphrase) {
        answers.emplace_back(DestroyPassphraseRefused{{"store.wrong_passphrase", {}}});
        return;
    }
    destroying = std::string(effect.destroying.expose());
    answers.emplace_back(DestroyPassphraseSet{});
}

void FakeWorker::on(DropDestroyPassphrase& effect, Actions& answers) {
    log.emplace_back("drop destroying");
    if (effect.current.expose() != passphrase) {
        answers.emplace_back(DestroyPassphraseRefused{{"store.wrong_passphrase", {}}});
        return;
    }
    destroying.clear();
    answers.emplace_back(DestroyPassphraseSet{});
}

void FakeWorker::on(WriteRequest&, Actions& answers) {
    log.emplace_back("write request");
    if (refuses_request) {
        answers.emplace_back(RecoveryRefused{{"store.in_use", {}}});
        return;
    }
    answers.emplace_back(
        RequestWritten{"/home/me/.fieldfare/request.ffrecover", "314159265358979323846264338327"});
}

void FakeWorker::on(ReadAnswer& effect, Actions& answers) {
    log.emplace_back("read answer");
    given_back = effect.path == right_answer;
    given_back ? answers.emplace_back(AnswerFits{})
               : answers.emplace_back(RecoveryRefused{{"store.wrong_answer", {}}});
}

void FakeWorker::on(Recover& effect, Actions& answers) {
    log.emplace_back("recover");
    if (refuses_recovery) {
        answers.emplace_back(RecoveryRefused{{"store.disk_full", {}}});
        return;
    }
    REQUIRE(given_back);
    passphrase = std::string(effect.passphrase.expose());
    given_back = false;
    open = true;
    answers.emplace_back(Unlocked{opened()});
}

void FakeWorker::on(DropRequest&, Actions&) {
    log.emplace_back("drop request");
    given_back = false;
}

void FakeWorker::on(LockVault&, Actions&) {
    log.emplace_back("lock");
    open = false;
}

void FakeWorker::on(CreateDraft& effect, Actions& answers) {
    log.emplace_back("create draft");
    Draft& draft = drafts[effect.draft];
    draft.day = effect.day;
    for (const auto& entry : effect.entries) draft.entries[entry.path] = entry;
    saved(effect.draft, effect.ticket, answers);
}

void FakeWorker::on(SaveAnswers& effect, Actions& answers) {
    log.emplace_back("save");
    if (!refuses_saves) {
        Draft& draft = drafts[effect.draft];
        if (effect.extent == Extent::whole) draft.entries.clear();
        for (const auto& entry : effect.entries) draft.entries[entry.path] = entry;
        for (const auto& path : effect.removed) draft.entries.erase(path);
        draft.minutes = effect.minutes;
        draft.language = effect.language;
    }
    saved(effect.draft, effect.ticket, answers);
}

void FakeWorker::saved(const DraftId& draft, std::uint64_t ticket, Actions& answers) const {
    if (refuses_saves) {
        answers.emplace_back(SaveFailed{draft, ticket, {"store.disk_full", {}}});
    } else {
        answers.emplace_back(AnswerSaved{draft, ticket});
    }
}

void FakeWorker::on(LoadDraft& effect, Actions& answers) {
    log.emplace_back("load");
    const Draft& draft = drafts.at(effect.draft);
    DraftLoaded loaded{effect.draft, draft.day, form, {}, draft.minutes, draft.language};
    for (const auto& [path, entry] : draft.entries) {
        loaded.entries.push_back(entry);
        if (const auto file = attached.find(entry.value); file != attached.end())
            loaded.files.push_back({file->first, file->second});
    }
    answers.emplace_back(std::move(loaded));
}

void FakeWorker::on(DeleteDraft& effect, Actions& answers) {
    log.emplace_back("delete");
    drafts.erase(effect.draft);
    answers.emplace_back(DraftsChanged{list(), counts()});
}

void FakeWorker::on(ListFolder& effect, Actions& answers) {
    log.emplace_back("list " + effect.path);
    const auto found = folders.find(effect.path);
    if (found == folders.end()) {
        answers.emplace_back(FolderRefused{{"attach.no_folder", {}}});
    } else {
        answers.emplace_back(FolderListed{found->second});
    }
}

void FakeWorker::on(AttachFile& effect, Actions& answers) {
    log.emplace_back("attach " + effect.name);
    const auto found = own_files.find(effect.path);
    if (found == own_files.end()) {
        answers.emplace_back(FileRefused{effect.draft, effect.name, {"attach.gone", {}}});
        return;
    }
    answers.emplace_back(FileProgress{effect.draft, effect.name, found->second / 2, found->second});
    copy = FileAttached{effect.draft, effect.name, found->second};
    if (!holds_copies) finish_copy(answers);
}

void FakeWorker::finish_copy(Actions& answers) {
    attached[copy->name] = copy->size;
    answers.emplace_back(*std::exchange(copy, std::nullopt));
}

void FakeWorker::on(StopAttaching&, Actions& answers) {
    log.emplace_back("stop attaching");
    if (const auto stopped = std::exchange(copy, std::nullopt))
        answers.emplace_back(FileRefused{stopped->draft, stopped->name, {}});
}

void FakeWorker::on(DrawCode& effect, Actions& answers) {
    log.emplace_back("draw code");
    if (refuses_codes) {
        answers.emplace_back(CodeFailed{effect.draft, {"store.no_randomness", {}}});
        return;
    }
    if (code_stands) {
        answers.emplace_back(CodeStands{effect.draft});
        return;
    }
    ++codes_drawn;
    answers.emplace_back(CodeDrawn{effect.draft, "0CA2-ADJ7-B1MQ-N2WW-RSG" + std::to_string(codes_drawn)});
}

void FakeWorker::on(SealInterview& effect, Actions& answers) {
    log.emplace_back("seal");
    if (refuses_sealing) {
        answers.emplace_back(FinaliseFailed{effect.draft, {"store.disk_full", {}}});
        return;
    }
    sealed.push_back(effect.submission);
    drafts.erase(effect.draft);
    answers.emplace_back(Finalised{effect.draft, list(), counts()});
}

void FakeWorker::on(SealWithdrawal& effect, Actions& answers) {
    log.emplace_back("seal withdrawal");
    if (effect.code.empty()) {
        answers.emplace_back(TakeBackRefused{{"take_back.wrong_shape", {}}});
        return;
    }
    withdrawn.push_back(effect.code);
    answers.emplace_back(TakenBack{counts()});
}

void FakeWorker::on(StartSync& effect, Actions& answers) {
    log.emplace_back("sync");
    left_alone = effect.resting;
    passing = true;
    if (!holds_passes) finish_pass(answers);
}

void FakeWorker::on(StopSync&, Actions& answers) {
    log.emplace_back("stop sync");
    pass.cancelled = true;
    finish_pass(answers);
    pass.cancelled = false;
}

void FakeWorker::finish_pass(Actions& answers) {
    if (!std::exchange(passing, false)) return;
    if (pass.waiting > 0)
        answers.emplace_back(
            SyncFailed{{}, counts(), {"sync.fault.unreachable", {{"store", "x"}}}, {}, pass});
    else
        answers.emplace_back(SyncDone{{}, counts(), {"sync.nothing_new", {}}, {}, pass, newest});
}

void FakeWorker::on(SavePreferences& effect, Actions&) {
    preferences = effect.preferences;
}

void FakeWorker::on(Quit&, Actions&) {
    quit = true;
}

}  // namespace fieldfare::app::test
