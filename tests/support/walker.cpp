#include "tests/support/walker.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "client/app/typed_answer.h"
#include "schema/number_range.h"

namespace fieldfare::tests {
namespace {

using Widgets = std::vector<ScreenWidget>;

bool is_option(const ScreenWidget& widget) {
    return widget.role == "radio" || widget.role == "checkbox";
}

// Something that fits every question of the type, as far as its constraint allows.
std::string text_for(const schema::Item& item) {
    switch (item.type) {
        case schema::QuestionType::date:
            return "2026-11-02";
        case schema::QuestionType::time:
            return "9:05";
        case schema::QuestionType::date_time:
            return "2.11.2026 21:05";
        case schema::QuestionType::geopoint:
            return "55,75 37,62";
        case schema::QuestionType::barcode:
            return "4006381333931";
        case schema::QuestionType::range:
            if (const auto range = schema::NumberRange::of(item)) return range->nth(range->count() / 2);
            return "2";
        default:
            return "2";
    }
}

const schema::Item* find_item(const std::vector<schema::Item>& items, const std::string& label) {
    for (const schema::Item& item : items) {
        if (item.kind == schema::ItemKind::question &&
            std::find(item.label.begin(), item.label.end(), label) != item.label.end()) {
            return &item;
        }
        if (const schema::Item* below = find_item(item.children, label)) return below;
    }
    return nullptr;
}

}  // namespace

Walker::Walker(AppWindow& window, const VirtualDisplay& display, const schema::Form& form,
               std::filesystem::path screenshots)
    : window_(window), display_(display), form_(form), screenshots_(std::move(screenshots)) {}

bool Walker::sees(const std::string& key) const {
    return window_.sees(interface_.get(app::InterfaceLanguage::english, {key, {}})) ||
           window_.sees(interface_.get(app::InterfaceLanguage::russian, {key, {}}));
}

void Walker::wait_for(const std::string& key) {
    const std::string english = interface_.get(app::InterfaceLanguage::english, {key, {}});
    const std::string russian = interface_.get(app::InterfaceLanguage::russian, {key, {}});
    window_.wait_until("\"" + english + "\"", [&](const Widgets& widgets) {
        return std::any_of(widgets.begin(), widgets.end(), [&](const ScreenWidget& widget) {
            return widget.label == english || widget.label == russian;
        });
    });
}

void Walker::press(const std::string& key) {
    wait_for(key);
    const std::string english = interface_.get(app::InterfaceLanguage::english, {key, {}});
    window_.click(window_.sees(english) ? english
                                        : interface_.get(app::InterfaceLanguage::russian, {key, {}}));
}

void Walker::screenshot(const std::string& name) {
    if (screenshots_.empty()) return;
    char number[16];
    std::snprintf(number, sizeof number, "%02d-", ++shots_);
    display_.screenshot(screenshots_ / (number + name + ".png"));
}

void Walker::type_passphrase(const std::string& passphrase) {
    press("passphrase.label");
    window_.type(passphrase);
}

void Walker::first_run(const std::string& passphrase) {
    first_run_to_enrolment(passphrase);
    wait_for("home.start");
}

void Walker::set_up_alone(const std::string& passphrase) {
    first_run_to_enrolment(passphrase);
    wait_for("kiosk.open_to");
    window_.settle();
    screenshot("staff");
}

void Walker::open_to_respondents() {
    press("kiosk.open_to");
    wait_for("kiosk.begin");
    window_.settle();
}

void Walker::respond() {
    press("kiosk.begin");
    wait_for("kiosk.hide");
    window_.settle();
    fill_interview();
    wait_for("review.finalise");
}

void Walker::seal_alone() {
    press("review.finalise");
    wait_for("kiosk.done");
    window_.settle();
    screenshot("sealed");
    press("kiosk.done");
    wait_for("kiosk.begin");
    window_.settle();
}

void Walker::leave_staff_door() {
    const std::string title = interface_.get(app::InterfaceLanguage::english, {"kiosk.door_title", {}});
    const auto gone = [&](const std::vector<ScreenWidget>& widgets) {
        return std::ranges::none_of(widgets,
                                    [&](const ScreenWidget& widget) { return widget.label == title; });
    };
    for (int tries = 0; tries < 3; ++tries) {
        press("kiosk.door_back");
        if (window_.comes_true(std::chrono::seconds(5), gone)) return;
    }
}

void Walker::pass_staff(const std::string& passphrase, const std::string& button) {
    wait_for(button);
    type_passphrase(passphrase);
    press(button);
}

void Walker::first_run_to_enrolment(const std::string& passphrase) {
    wait_for("first_run.same");
    screenshot("fingerprint");
    press("first_run.same");
    wait_for("passphrase.use");
    type_passphrase(passphrase);
    screenshot("passphrase");
    press("passphrase.use");
    wait_for("passphrase.repeat");
    type_passphrase(passphrase);
    press("passphrase.repeat");
    wait_for("first_run.enrolled_done");
    screenshot("enrolment");
    press("first_run.enrolled_done");
}

void Walker::unlock(const std::string& passphrase) {
    wait_for("unlock.button");
    type_passphrase(passphrase);
    press("unlock.button");
    wait_for("home.start");
}

void Walker::begin_interview() {
    press("home.start");
    wait_for("interview.next");
}

std::vector<Walker::Question> Walker::questions() const {
    std::vector<Question> found;
    std::map<std::string, int> seen;
    const std::string english_filter =
        interface_.get(app::InterfaceLanguage::english, {"question.filter", {}}) + ": ";
    const std::string russian_filter =
        interface_.get(app::InterfaceLanguage::russian, {"question.filter", {}}) + ": ";
    for (const ScreenWidget& widget : window_.widgets()) {
        if (!widget.enabled) continue;  // read-only
        if (is_option(widget)) {
            const bool same =
                !found.empty() && !found.back().typed && found.back().label == widget.value &&
                std::none_of(found.back().options.begin(), found.back().options.end(),
                             [&](const ScreenWidget& other) { return other.label == widget.label; });
            if (!same) {
                found.push_back({.label = widget.value, .ordinal = seen[widget.value]++, .options = {}});
                found.back().several = widget.role == "checkbox";
            }
            found.back().options.push_back(widget);
        } else if (widget.role == "field" && !widget.label.starts_with(english_filter) &&
                   !widget.label.starts_with(russian_filter)) {
            found.push_back({.label = widget.label, .ordinal = seen[widget.label]++, .options = {widget}});
            found.back().typed = true;
        }
    }
    return found;
}

const schema::Item* Walker::item_of(const std::string& label) const {
    return find_item(form_.items, label);
}

std::string Walker::choice_of(const schema::Item& item, const std::string& label) const {
    if (item.type == schema::QuestionType::acknowledge) return "OK";
    // "1 – Not at all"
    if (item.type == schema::QuestionType::range) return label.substr(0, label.find(' '));
    for (const schema::ChoiceList& list : form_.lists) {
        if (list.name != item.list) continue;
        for (const schema::Choice& choice : list.choices) {
            if (std::find(choice.label.begin(), choice.label.end(), label) != choice.label.end())
                return choice.name;
        }
    }
    return label;
}

// On a busy machine a click may meet a page that is just moving: look, and click once more, as a person
// would.
void Walker::until(const Seen& holds, const std::string& what, const std::function<void()>& click) {
    for (int tries = 0; tries < 3; ++tries) {
        click();
        if (window_.comes_true(std::chrono::seconds(4), holds)) return;
    }
    window_.wait_until(what, holds);
}

void Walker::type_into(const Question& question, const std::string& text) {
    const auto field = [&](const Widgets& widgets) {
        int nth = 0;
        const auto found = std::ranges::find_if(widgets, [&](const ScreenWidget& widget) {
            return widget.role == "field" && widget.label == question.label && nth++ == question.ordinal;
        });
        return found == widgets.end() ? ScreenWidget{} : *found;
    };
    const auto typing = [&](const Widgets& widgets) { return field(widgets).typing; };
    // Return has brought the keyboard here already, or does so in a moment.
    window_.settle();
    if (!typing(window_.widgets())) {
        until(typing, "\"" + question.label + "\" to take what is typed", [&] {
            window_.click_nth(question.label, {}, question.ordinal);
            window_.settle();
        });
    }
    window_.press("ctrl+a");  // over what stands there by default
    window_.settle();
    window_.type(text);
    window_.wait_until("\"" + text + "\" to stand in \"" + question.label + "\"",
                       [&](const Widgets& widgets) { return field(widgets).value == text; });
}

void Walker::answer(const Question& question) {
    const schema::Item* item = item_of(question.label);
    const std::string name = item ? item->name : question.label;
    ++turn_;
    if (question.typed) {
        std::string text;
        if (const auto known = texts.find(name); known != texts.end()) {
            text = known->second;
        } else if (!item || item->type == schema::QuestionType::text) {
            return;  // voluntary, and we would not know what to say
        } else {
            text = text_for(*item);
        }
        if (text.empty()) return;
        type_into(question, text);
        const bool many_lines = item && item->appearance.find("multiline") != std::string::npos;
        window_.press(many_lines ? "Tab" : "Return");  // a number counts once its question is left
        window_.settle();
        // What is received is spelled as it is stored: "21:05:00.000".
        const auto value = item ? app::value_of_typed(*item, text) : text;
        given.emplace_back(name, value ? *value : text);
        return;
    }
    if (item && item->type == schema::QuestionType::rank) return rank(question, *item);
    // Someone who goes through with it: consents first, then now this, now that.
    const bool gate =
        item && (item->list == "yn" || name == "scr_age18" || name == "scr_ru" || name == "eng_any");
    std::size_t pick = gate ? 0 : static_cast<std::size_t>(turn_) % question.options.size();
    const ScreenWidget& option = question.options[pick];
    const auto picked = [&](const Widgets& widgets) {
        int nth = 0;
        for (const ScreenWidget& widget : widgets) {
            if (is_option(widget) && widget.label == option.label && widget.value == question.label &&
                nth++ == question.ordinal) {
                return widget.checked;
            }
        }
        return false;
    };
    until(picked, "\"" + option.label + "\" to be picked",
          [&] { window_.click_nth(option.label, question.label, question.ordinal); });
    given.emplace_back(name, item ? choice_of(*item, option.label) : option.label);
}

void Walker::rank(const Question& question, const schema::Item& item) {
    // The items in order from the screen: all of them stand above the question's tick.
    const auto order = [&](const Widgets& widgets) {
        std::vector<std::string> labels;
        int nth = 0;
        for (const ScreenWidget& widget : widgets) {
            if (widget.role == "list_item") {
                if (widget.value == "1") labels.clear();
                labels.push_back(widget.label);
            } else if (is_option(widget) && widget.value == question.label && nth++ == question.ordinal) {
                break;
            }
        }
        return labels;
    };
    const auto before = order(window_.widgets());
    const std::string up =
        interface_.get(interface_language(), {"question.rank_up", {{"choice", before.back()}}});
    until([&](const Widgets& widgets) { return order(widgets) != before; },
          "the last choice of the rank to move up", [&] { window_.click(up); });
    std::string names;
    for (const std::string& label : order(window_.widgets()))
        (names += names.empty() ? "" : " ") += choice_of(item, label);
    given.emplace_back(item.name, names);
}

app::InterfaceLanguage Walker::interface_language() const {
    return window_.sees(interface_.get(app::InterfaceLanguage::russian, {"app.settings", {}}))
               ? app::InterfaceLanguage::russian
               : app::InterfaceLanguage::english;
}

void Walker::fill_interview() {
    for (int pages = 0; pages < 200; ++pages) {
        window_.settle();
        if (sees("review.title")) return;
        if (sees("handover.begin")) {
            if (page_screenshots > 0) screenshot("hand-over");
            pass_hand_over("handover.begin");
        } else if (sees("handback.begin")) {
            pass_hand_over("handback.begin");
        } else {
            std::set<std::pair<std::string, int>> done;
            for (bool more = true; more;) {
                more = false;
                for (const Question& question : questions()) {
                    if (!done.emplace(question.label, question.ordinal).second) continue;
                    answer(question);
                    more = true;  // an answer may have brought others onto the page
                    break;
                }
            }
            if (page_screenshots-- > 0) screenshot("page");
            go_on();
        }
    }
    throw std::runtime_error("two hundred pages and no end");
}

void Walker::pass_hand_over(const std::string& key) {
    press(key);
    const std::string english = interface_.get(app::InterfaceLanguage::english, {key, {}});
    const std::string russian = interface_.get(app::InterfaceLanguage::russian, {key, {}});
    window_.wait_until("the hand-over to be over", [&](const Widgets& widgets) {
        return std::none_of(widgets.begin(), widgets.end(), [&](const ScreenWidget& widget) {
            return widget.label == english || widget.label == russian;
        });
    });
}

/// From a page to whatever comes: the next page, a hand-over, the review; past the soft prompt.
void Walker::go_on() {
    const auto prints = [](const Widgets& widgets) {
        std::set<std::string> labels;
        for (const ScreenWidget& widget : widgets) {
            if (widget.role == "heading" || is_option(widget) || widget.role == "field")
                labels.insert(widget.label + widget.value);
        }
        return labels;
    };
    const auto before = prints(window_.widgets());
    const std::string english =
        interface_.get(app::InterfaceLanguage::english, {"interview.prompt_skip", {}});
    const std::string russian =
        interface_.get(app::InterfaceLanguage::russian, {"interview.prompt_skip", {}});
    const auto prompted = [&](const Widgets& widgets) {
        return std::any_of(widgets.begin(), widgets.end(), [&](const ScreenWidget& widget) {
            return widget.label == english || widget.label == russian;
        });
    };
    const auto left = [&](const Widgets& widgets) { return prints(widgets) != before; };
    const auto answered = [&](const Widgets& widgets) { return prompted(widgets) || left(widgets); };
    for (int tries = 0; tries < 3 && !answered(window_.widgets()); ++tries) {
        press(sees("interview.to_review") ? "interview.to_review" : "interview.next");
        window_.comes_true(std::chrono::seconds(4), answered);
    }
    window_.wait_until("the next page or the question whether to skip", answered);
    for (int tries = 0; tries < 3 && !left(window_.widgets()); ++tries) {
        press("interview.prompt_skip");
        window_.comes_true(std::chrono::seconds(4), left);
    }
    window_.wait_until("the next page", left);
}

void Walker::finalise() {
    wait_for("review.finalise");
    screenshot("review");
    press("review.finalise");
    wait_for("home.thanks");
    window_.settle();
    // The word of thanks is not only drawn but in sight: a new screen is shown from its top.
    for (const ScreenWidget& widget : window_.widgets()) {
        if (widget.role == "alert" && (widget.top < widget.view_top || widget.bottom > widget.view_bottom)) {
            throw std::runtime_error("\"" + widget.label + "\" is out of sight");
        }
    }
    screenshot("sealed");
}

void Walker::hand_over() {
    press("home.sync");
    wait_for("sync.start");
    press("sync.start");
    wait_for("sync.again");  // at its end: the first of several files is done before
    wait_for("sync.file_done");
    screenshot("handed-over");
}

void Walker::close() {
    window_.close_window();
}

}  // namespace fieldfare::tests
