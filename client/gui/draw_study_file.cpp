#include "client/gui/screens.h"
#include "client/gui/theme.h"

// A newer file of the study that the machine has: named, looked at, taken in.
namespace fieldfare::gui {

namespace {

std::string number(int value) {
    return std::to_string(value);
}

void choose(Ui& ui, const app::StudyUpdate& update) {
    heading(ui, ui.t("study_file.title"));
    paragraph(ui, ui.t("study_file.intro"));
    gap(ui, 0.4F);
    if (!update.why.empty()) banner(ui, Card::Kind::error, ui.t(update.why));
    if (!update.told.empty()) banner(ui, Card::Kind::good, ui.t(update.told));
    if (!update.why.empty() || !update.told.empty()) gap(ui, 0.2F);
    draw_package_field(ui, update.path, update.busy);
    gap(ui, 0.3F);
    if (button(ui, ui.t("interview.back"), {.enabled = !update.busy})) ui.act(app::ShowHome{});
}

void study(Ui& ui, const app::StudyChanges& changes) {
    subheading(ui, changes.title.after);
    if (changes.title.any())
        small_text(ui, ui.t("study_file.title_before", {{"title", changes.title.before}}));
    small_text(ui, ui.t("study_file.version", {{"before", number(changes.version.before)},
                                               {"after", number(changes.version.after)}}));
    small_text(ui, ui.t("study_file.signed"));
    if (!changes.expires.after.empty()) {
        small_text(ui, ui.t("study_file.until", {{"day", day_in_words(ui, changes.expires.after)}}));
    } else if (changes.expires.any()) {
        small_text(ui, ui.t("study_file.no_end"));
    }
}

void questions(Ui& ui, const app::StudyChanges& changes) {
    subheading(ui, ui.t("study_file.form"));
    const auto& [before, after] = changes.form_version;
    if (!changes.form_changed) {
        paragraph(ui, ui.t("study_file.form_same", {{"version", after}}));
    } else if (changes.form_version.any()) {
        paragraph(ui, ui.t("study_file.form_new", {{"before", before}, {"after", after}}));
    } else {
        paragraph(ui, ui.t("study_file.form_new_same_name", {{"version", after}}));
    }
    if (changes.form_changed && !serves_respondents(ui)) small_text(ui, ui.t("study_file.form_begun"));
}

std::string name_of(const Ui& ui, const app::NamedKey& who) {
    return who.name.empty() ? ui.t("study_file.unnamed") : who.name;
}

/// Whose digits are to be compared.
void newcomer(Ui& ui, const app::NamedKey& who) {
    const std::string name = name_of(ui, who);
    paragraph(ui, ui.t("study_file.added", {{"name", name}}), Tone::warn);
    if (!who.fingerprint.empty()) digits(ui, name, who.fingerprint);
}

void leaver(Ui& ui, const app::NamedKey& who) {
    paragraph(ui, ui.t("study_file.removed", {{"name", name_of(ui, who)}}));
    std::string groups;
    for (std::size_t at = 0; at < who.fingerprint.size(); at += 5) {
        groups += (at > 0 ? " " : "") + who.fingerprint.substr(at, 5);
    }
    if (!groups.empty()) small_text(ui, groups);
}

void people(Ui& ui, const app::StudyChanges& changes) {
    subheading(ui, ui.t(serves_respondents(ui) ? "kiosk.people" : "study_file.people"));
    for (const app::NamedKey& who : changes.added) newcomer(ui, who);
    for (const app::NamedKey& who : changes.removed) leaver(ui, who);
    const std::string count = number(changes.recipients.after);
    if (changes.added.empty() && changes.removed.empty()) {
        paragraph(ui, ui.t("study_file.people_same", {{"count", count}}));
    } else {
        small_text(ui, ui.t(serves_respondents(ui) ? "kiosk.people_now" : "study_file.people_now",
                            {{"count", count}}));
    }
    const int quorum = changes.opening_quorum.after;
    if (quorum != 0) {
        small_text(ui, ui.t("study_file.together", {{"quorum", number(quorum)}, {"count", count}}));
    } else if (changes.opening_quorum.any()) {
        small_text(ui, ui.t("study_file.each_alone"));
    }
}

void stores(Ui& ui, const app::StudyChanges& changes) {
    subheading(ui, ui.t("study_file.stores"));
    if (changes.stores_added.empty() && changes.stores_removed.empty()) {
        paragraph(ui, ui.t("study_file.stores_same"));
    }
    for (const std::string& store : changes.stores_added) {
        paragraph(ui, ui.t("study_file.added", {{"name", store}}), Tone::warn);
    }
    for (const std::string& store : changes.stores_removed) {
        paragraph(ui, ui.t("study_file.removed", {{"name", store}}));
    }
}

void confirmations(Ui& ui, const app::StudyChanges& changes) {
    const bool rules = changes.confirmations.any() || changes.hold_days.any();
    if (!rules && !changes.confirmers_changed) return;
    gap(ui, 0.4F);
    subheading(ui, ui.t("study_file.confirmations"));
    paragraph(ui, ui.t("study_file.confirmations_now", {{"count", number(changes.confirmations.after)},
                                                        {"days", number(changes.hold_days.after)}}));
    if (changes.confirmers_changed) small_text(ui, ui.t("study_file.confirmers_changed"));
}

void destroying(Ui& ui, const app::StudyChanges& changes) {
    if (!changes.destroys_sealed.any()) return;
    gap(ui, 0.4F);
    subheading(ui, ui.t("destroying.title"));
    paragraph(ui, ui.t(changes.destroys_sealed.after ? "destroying.sealed_go" : "destroying.sealed_stay"));
    small_text(ui, ui.t("study_file.destroying_set_before"));
}

void recovery(Ui& ui, const app::StudyChanges& changes) {
    if (!changes.supervisor.any()) return;
    const auto& supervisor = changes.supervisor.after;
    gap(ui, 0.4F);
    subheading(ui, ui.t("study_file.recovery"));
    paragraph(ui, who_recovers(ui, supervisor), supervisor ? Tone::warn : Tone::normal);
    if (supervisor) digits(ui, name_of(ui, *supervisor), supervisor->fingerprint);
    small_text(ui, ui.t("study_file.recovery_from"));
}

void check(Ui& ui, const app::StudyUpdate& update) {
    const app::StudyChanges& changes = update.changes;
    heading(ui, ui.t("study_file.check_title"));
    {
        const Card card(ui);
        study(ui, changes);
        gap(ui, 0.4F);
        people(ui, changes);
        gap(ui, 0.4F);
        questions(ui, changes);
        gap(ui, 0.4F);
        stores(ui, changes);
        confirmations(ui, changes);
        destroying(ui, changes);
        recovery(ui, changes);
    }
    gap(ui, 0.2F);
    const bool new_supervisor = changes.supervisor.any() && changes.supervisor.after;
    if (!changes.added.empty() || new_supervisor) paragraph(ui, ui.t("study_file.compare"), Tone::warn);
    small_text(ui, ui.t("study_file.what_stays"));
    gap(ui, 0.3F);
    if (button(ui, ui.t("study_file.take"), {.kind = ButtonKind::primary, .enabled = !update.busy})) {
        ui.act(app::ConfirmPackage{});
    }
    ImGui::SameLine();
    if (button(ui, ui.t("study_file.leave"), {.enabled = !update.busy})) ui.act(app::ShowHome{});
    if (update.busy) small_text(ui, ui.t("study_file.taking"));
}

}  // namespace

void draw_study_file(Ui& ui, const app::StudyUpdate& update) {
    switch (update.step) {
        case app::StudyUpdate::Step::choose:
            return choose(ui, update);
        case app::StudyUpdate::Step::check:
            return check(ui, update);
    }
}

}  // namespace fieldfare::gui
