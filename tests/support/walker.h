#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client/gui/texts.h"
#include "schema/form.h"
#include "tests/support/window.h"

namespace fieldfare::tests {

/// A person at the form app's window: reads what stands there and presses what they mean, by the labels that
/// they see, in whichever of its languages the program speaks at the moment.
class Walker {
  public:
    Walker(AppWindow& window, const VirtualDisplay& display, const schema::Form& form,
           std::filesystem::path screenshots);

    /// From the package's fingerprint to the home screen.
    void first_run(const std::string& passphrase);
    void unlock(const std::string& passphrase);
    /// The same on an unattended machine: to the staff's page, and from there to the start screen.
    void set_up_alone(const std::string& passphrase);
    void open_to_respondents();
    /// From the start screen to the review. And from there through the end screen to the next start.
    void respond();
    void seal_alone();
    /// The passphrase, where staff are asked for it.
    void pass_staff(const std::string& passphrase, const std::string& button = "kiosk.door_open");
    /// Back from the question for the passphrase; once more where a busy machine has missed the click, as a
    /// person would.
    void leave_staff_door();
    void begin_interview();

    /// Fills in every question that comes, until the review. What was chosen is remembered in `given`.
    void fill_interview();
    void finalise();
    void hand_over();
    void close();

    /// An interface text by its key, as it stands on the screen now in one of the languages.
    void press(const std::string& key);
    bool sees(const std::string& key) const;
    void wait_for(const std::string& key);
    void screenshot(const std::string& name);

    /// Texts to type by question name; other text questions get one of their own.
    std::map<std::string, std::string> texts;

    /// By question name, in the order of the screen: what was picked (choice names) or typed.
    std::vector<std::pair<std::string, std::string>> given;

    /// Pages that get a screenshot of their own are numbered; 0: none.
    int page_screenshots = 0;

  private:
    struct Question {
        std::string label;
        int ordinal = 0;  ///< which of the questions on the page that share the label
        std::vector<ScreenWidget> options;
        bool several = false;
        bool typed = false;
    };
    std::vector<Question> questions() const;
    using Seen = std::function<bool(const std::vector<ScreenWidget>&)>;
    void until(const Seen& holds, const std::string& what, const std::function<void()>& click);
    void type_into(const Question& question, const std::string& text);
    void answer(const Question& question);
    void rank(const Question& question, const schema::Item& item);  ///< moves the last choice up by one
    app::InterfaceLanguage interface_language() const;
    const schema::Item* item_of(const std::string& label) const;
    std::string choice_of(const schema::Item& item, const std::string& label) const;
    void go_on();
    void pass_hand_over(const std::string& key);
    void type_passphrase(const std::string& passphrase);
    void first_run_to_enrolment(const std::string& passphrase);

    AppWindow& window_;
    const VirtualDisplay& display_;
    const schema::Form& form_;
    std::filesystem::path screenshots_;
    gui::Texts interface_;
    int shots_ = 0;
    int turn_ = 0;
};

}  // namespace fieldfare::tests
