#include "client/app/drafts.h"

#include <algorithm>
#include <utility>

#include "client/app/attaching.h"
#include "client/app/beginning.h"
#include "client/app/interviewing.h"
#include "client/app/kiosk.h"

namespace fieldfare::app {
namespace {

/// An interview that does not stand in the vault as it is here is not let go of. One that was refused is
/// shown; while the vault's answer is on its way, the next one waits: a draft, or an empty id for a new
/// interview.
bool keeps_unsaved(Session& session, const DraftId& next) {
    if (!session.open || session.open->saved()) return false;
    if (session.open->save_failed.empty())
        session.loading = next;
    else
        session.place = Place::interview;
    return true;
}

/// Of an interview that stays a draft; a file that still is copied to it would come too late.
void let_go(Session& session, Effects& effects) {
    if (session.open) {
        CancelCopying stop;
        take(*session.open, stop, effects);
    }
    session.open.reset();
}

}  // namespace

void take(AppState& state, Session& session, const StartInterview&, const Environment& environment,
          Effects& effects) {
    if (begin_alone(session, environment)) return;
    if (session.place != Place::home || session.loading || !session.form) return;
    if (keeps_unsaved(session, {})) return;
    OpenInterview open =
        begin_interview(session.study, session.form, default_language(session.form->form()), environment);
    CreateDraft create = first_save(open, state.next_ticket);
    leave_home(session);
    let_go(session, effects);
    session.open = std::move(open);
    session.place = Place::interview;
    effects.emplace_back(std::move(create));
}

void take(AppState&, Session& session, ResumeDraft& action, const Environment&, Effects& effects) {
    if (session.place != Place::home || session.loading) return;
    leave_home(session);
    if (session.open && session.open->draft == action.draft) {
        session.place = Place::interview;
        return;
    }
    if (keeps_unsaved(session, action.draft)) return;
    let_go(session, effects);
    session.loading = action.draft;
    effects.emplace_back(LoadDraft{std::move(action.draft)});
}

void take_next(AppState& state, Session& session, const Environment& environment, Effects& effects) {
    if (!session.open || !session.loading) return;
    if (!session.open->save_failed.empty()) {
        session.loading.reset();
        if (session.place == Place::home) session.place = Place::interview;
        return;
    }
    if (!session.open->saved()) return;
    ResumeDraft resume{std::move(*session.loading)};
    session.loading.reset();
    if (resume.draft.empty())
        take(state, session, StartInterview{}, environment, effects);
    else
        take(state, session, resume, environment, effects);
}

void take(AppState& state, Session& session, DraftLoaded& action, const Environment& environment,
          Effects& effects) {
    if (session.loading != action.draft || !action.form) return;
    session.loading.reset();
    std::vector<schema::DraftEntry> dropped;
    session.open = resume_interview(session.study, action, environment, dropped);
    if (!dropped.empty()) state.notice = {"draft.dropped", {{"count", std::to_string(dropped.size())}}};
    session.place = Place::interview;
    save(state, session, effects);
}

void take(AppState&, Session& session, AskDelete& action, const Environment&, Effects&) {
    session.confirm_delete = std::move(action.draft);
}

void take(AppState&, Session& session, const CancelDelete&, const Environment&, Effects&) {
    session.confirm_delete.reset();
}

void take(AppState&, Session& session, const ConfirmDelete&, const Environment&, Effects& effects) {
    if (!session.confirm_delete) return;
    if (session.open && session.open->draft == *session.confirm_delete) {
        if (session.open->sealing) return;
        let_go(session, effects);
        session.loading.reset();  // it waited for the one that goes
        session.place = Place::home;
    }
    effects.emplace_back(DeleteDraft{std::move(*session.confirm_delete)});
    session.confirm_delete.reset();
}

void take(AppState&, Session& session, DraftsChanged& action, const Environment&, Effects&) {
    session.drafts = std::move(action.drafts);
    session.counts = action.counts;
}

void list_open_draft(Session& session) {
    const OpenInterview& open = *session.open;
    auto found = std::ranges::find(session.drafts, open.draft, &DraftSummary::id);
    if (found == session.drafts.end()) {
        const schema::Settings& settings = open.interview.form().form().settings;
        session.drafts.insert(session.drafts.begin(),
                              {open.draft, open.draft_day, 0, settings.version, false});
        found = session.drafts.begin();
        ++session.counts.drafts;
    }
    // As the vault counts them: what a default gave was seen by nobody.
    const auto entries = open.interview.draft();
    found->answered = static_cast<int>(std::ranges::count_if(entries, [](const schema::DraftEntry& entry) {
        return entry.seen && (!entry.value.empty() || entry.missing);
    }));
}

}  // namespace fieldfare::app
