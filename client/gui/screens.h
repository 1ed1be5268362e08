#pragma once

#include "client/gui/ui.h"

// The screens, one .cpp each; draw.cpp chooses. Each draws into the page's column.
namespace fieldfare::gui {

void draw_first_run(Ui& ui, const app::FirstRun& run);
/// The card in which a study file is named: `path` stands in its field until something else is typed.
void draw_package_field(Ui& ui, const std::string& path, bool busy);
/// What a study file says of itself, with the fingerprint that the person compares.
void draw_package_check(Ui& ui, const app::PackageSummary& package);
void draw_study_file(Ui& ui, const app::StudyUpdate& update);
void draw_locked(Ui& ui, const app::Locked& locked);
/// In the place of the passphrase.
void draw_recovery(Ui& ui, const app::Recovering& recovering);
/// The same, of a vault that is damaged.
void draw_rescue(Ui& ui, const app::Locked& locked, const app::Rescuing& rescuing);
/// In the place of any screen: the window is to be closed over an interview that could not be saved.
void draw_closing(Ui& ui, const app::OpenInterview& open);
void draw_enrolled(Ui& ui, const app::Session& session);
void draw_home(Ui& ui, const app::Session& session);
/// The respondent's side of an unattended machine where it is no page of the interview: the start screen, the
/// end screen, the cover, the passphrase for staff. False where it is one.
bool draw_kiosk(Ui& ui, const app::Session& session);
/// A name for each of these; empty where it is a page of the interview.
std::string kiosk_screen(const app::Session& session);
/// Escape there: hides the answers, then erases them.
void draw_kiosk_keys(Ui& ui, const app::Session& session);
/// What home begins with on such a machine.
void draw_staff(Ui& ui);
/// Whether this machine is one, or the study just read is for such machines.
bool serves_respondents(const Ui& ui);
void draw_take_back(Ui& ui, const app::TakingBack& taking_back);
void draw_sync(Ui& ui);
/// On home and above the hand-over: sealed files that have vanished from this machine. Nothing where none
/// has.
void draw_missing(Ui& ui);
/// A quiet line on home, on the screen that asks for the passphrase and on the one that says why nothing can
/// be opened: what is handed over without being
/// asked, and the way to stop it. Nothing where there is nothing to say. Names no study.
void draw_handing_over(Ui& ui);
void draw_settings(Ui& ui);
/// In the place of the settings: another passphrase.
void draw_changing(Ui& ui, const app::Session& session, const app::NewPassphrase& change);
/// Below what is said of a token file, or of none: another one, or none.
void draw_token_buttons(Ui& ui, bool chosen);
void draw_token_picker(Ui& ui, const app::FilePicker& picker);
/// In the place of the settings: a passphrase that destroys.
void draw_destroying(Ui& ui, const app::Session& session, const app::DestroyPassphrase& destroying);

// What several screens ask a passphrase with.
/// A banner with what went wrong; nothing where nothing did.
void why(Ui& ui, const app::Message& message);
app::Passphrase take_passphrase(Ui& ui);
void show_typing(Ui& ui);
void passphrase_strength(Ui& ui);
/// `open`: null once it is sealed.
void draw_withdrawal(Ui& ui, const app::Session& session);
void draw_review(Ui& ui, const app::OpenInterview& open);

/// A language is called as its speakers call it, so that a respondent finds it.
std::string own_name(const schema::Language& language);
/// Languages of the form while its questions are on the screen. Returns where they begin.
float draw_languages(Ui& ui, const app::OpenInterview& open, float right);

/// The questions of the present step, or the hand-over screen.
void draw_interview(Ui& ui, const app::OpenInterview& open);
/// What is said around a list of files.
struct PickerWords {
    std::string what_for, intro, empty;
};
/// Choosing a file, in place of what it is for; without the bar.
void draw_file_picker(Ui& ui, const app::FilePicker& picker, const PickerWords& words);
/// Back, progress, whether saved, Next; over it the soft prompt or why going on is blocked.
void draw_interview_bar(Ui& ui, const app::OpenInterview& open);
/// What its keys do. When all else was drawn: only then it is known which widget has the keyboard.
void draw_interview_keys(Ui& ui, const app::OpenInterview& open);

/// One question in its card. True when the keyboard is on one of its controls.
bool draw_question(Ui& ui, const app::OpenInterview& open, schema::NodeId node);

/// The sentence for an answer that does not stand, "" when it stands or was not yet left.
std::string message_for(const Ui& ui, const app::OpenInterview& open, schema::NodeId node);

}  // namespace fieldfare::gui
