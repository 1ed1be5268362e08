#include "client/app/study_update.h"

#include <string_view>
#include <utility>

#include "client/app/kiosk.h"

namespace fieldfare::app {

namespace {

/// The update of which the worker tells, when the person still waits for it.
StudyUpdate* awaited(Session& session, std::string_view path) {
    if (!session.update || !session.update->busy || session.update->path != path) return nullptr;
    session.update->busy = false;
    const bool here = session.place == Place::study_file ||
                      (session.place == Place::home && session.update->quiet && !session.loading);
    if (!here) session.update.reset();
    return here ? &*session.update : nullptr;
}

}  // namespace

void take(Session& session, const ShowStudyFile&, Effects&) {
    if (session.place != Place::home || session.loading) return;
    leave_home(session);
    session.update = StudyUpdate{};
    session.place = Place::study_file;
}

void choose_update(Session& session, ChoosePackage& action, Effects& effects) {
    const bool at_home = session.place == Place::home && !session.loading;
    if (!at_home && session.place != Place::study_file) return;
    if (session.update && session.update->busy) return;
    if (session.place == Place::home) session.update = StudyUpdate{};
    StudyUpdate& update = *session.update;
    update.step = StudyUpdate::Step::choose;
    update.path = std::move(action.path);
    if (update.path.empty()) {
        update.why = {"first_run.no_path", {}};
        return;
    }
    update.quiet = action.from == ChoosePackage::From::command_line;
    if (!update.quiet) {
        leave_home(session);
        session.place = Place::study_file;
    }
    update.why = update.told = {};
    update.busy = true;
    effects.emplace_back(ReadUpdate{update.path});
}

void take(Session& session, UpdateRead& action, Effects&) {
    StudyUpdate* update = awaited(session, action.path);
    if (!update) return;
    if (action.changes.same && update->quiet) {
        session.update.reset();
        return;
    }
    if (action.changes.same) {
        update->told = {"package.same", {}};
        return;
    }
    leave_home(session);
    session.place = Place::study_file;
    update->changes = std::move(action.changes);
    update->step = StudyUpdate::Step::check;
}

void take(Session& session, UpdateRefused& action, Effects&) {
    StudyUpdate* update = awaited(session, action.path);
    if (!update) return;
    // Whoever starts the program with the file of the first day does so every day.
    if (update->quiet && action.why.key == "package.older_version") {
        session.update.reset();
        return;
    }
    session.place = Place::study_file;
    update->step = StudyUpdate::Step::choose;
    update->why = std::move(action.why);
}

void confirm_update(Session& session, Effects& effects) {
    if (session.place != Place::study_file || !session.update) return;
    StudyUpdate& update = *session.update;
    if (update.step != StudyUpdate::Step::check || update.busy) return;
    update.busy = true;
    effects.emplace_back(TakeUpdate{update.path});
}

void take(Session& session, StudyUpdated& action, Effects&) {
    session.study = std::move(action.opened.study);
    session.form = std::move(action.opened.form);
    session.drafts = std::move(action.opened.drafts);
    session.counts = action.opened.counts;
    session.newest = std::move(action.opened.newest);
    session.update.reset();
    if (session.place == Place::study_file) session.place = Place::home;
    session.news = {unattended(session.study) ? "kiosk.study_updated" : "home.study_updated",
                    {{"version", std::to_string(session.study.package_version)}}};
}

}  // namespace fieldfare::app
