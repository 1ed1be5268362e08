#include "client/app/beginning.h"

#include <algorithm>
#include <utility>

#include "client/app/attaching.h"
#include "client/app/interviewing.h"
#include "client/app/kiosk.h"
#include "client/app/uuid.h"

namespace fieldfare::app {

namespace {

constexpr std::int64_t minute_ms = 60'000;

schema::Surroundings surroundings(const StudySummary& study, const Environment& environment) {
    return {.random = environment.random,
            .study = study.tag,
            .wave = study.wave,
            .mode = study.mode,
            .today = environment.today,
            .now = environment.now,
            .offset_minutes = environment.offset_minutes};
}

}  // namespace

std::size_t default_language(const schema::Form& form) {
    const auto found =
        std::ranges::find(form.languages, form.settings.default_language, &schema::Language::name);
    return found == form.languages.end() ? 0 : static_cast<std::size_t>(found - form.languages.begin());
}

OpenInterview begin_interview(const StudySummary& study, std::shared_ptr<const schema::CompiledForm> form,
                              std::size_t language, const Environment& environment) {
    OpenInterview open(schema::Interview::start(form, surroundings(study, environment)));
    open.draft = random_uuid(environment.random);
    open.alone = unattended(study);
    open.draft_day = environment.today;
    open.form = std::move(form);
    open.language = language;
    open.interview.set_language(open.language);
    open.counted_until_ms = environment.tick_ms;
    know_files(open, {});
    refresh(open);
    if (!open.steps.empty()) enter_step(open, open.steps.front().key);
    return open;
}

CreateDraft first_save(OpenInterview& open, std::uint64_t& next_ticket) {
    CreateDraft create{open.draft,    open.draft_day, open.interview.draft(),
                       open.language, next_ticket++,  open.form};
    for (const schema::DraftEntry& entry : create.entries) {
        open.sent.emplace(entry.path, entry);
    }
    open.last_ticket = create.ticket;
    return create;
}

OpenInterview resume_interview(const StudySummary& study, DraftLoaded& draft, const Environment& environment,
                               std::vector<schema::DraftEntry>& dropped) {
    OpenInterview open(
        schema::Interview::resume(draft.form, surroundings(study, environment), draft.entries, &dropped));
    open.draft = std::move(draft.draft);
    open.draft_day = std::move(draft.day);
    open.form = draft.form;
    open.language = draft.language < draft.form->form().languages.size() ? draft.language : 0;
    open.interview.set_language(open.language);
    open.milliseconds = draft.minutes * minute_ms;
    open.counted_until_ms = environment.tick_ms;
    for (schema::DraftEntry& entry : draft.entries) {
        std::string path = entry.path;
        open.sent.emplace(std::move(path), std::move(entry));
    }
    know_files(open, draft.files);
    refresh(open);
    enter_where_left(open);
    return open;
}

}  // namespace fieldfare::app
