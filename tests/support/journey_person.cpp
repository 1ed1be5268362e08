#include "tests/support/journey_person.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client/app/review.h"

namespace fieldfare::tests {
namespace {

using nlohmann::json;
using schema::NodeId;
using schema::QuestionType;

std::string text_of(const json& value) {
    if (!value.is_array()) return value.is_string() ? value.get<std::string>() : value.dump();
    std::string names;
    for (const json& one : value) names += (names.empty() ? "" : " ") + text_of(one);
    return names;
}

void flatten(const json& tree, const std::string& path, std::map<std::string, std::string>& into) {
    for (const auto& [name, value] : tree.items()) {
        const std::string here = path + "/" + name;
        if (value.is_object()) {
            flatten(value, here, into);
        } else if (value.is_array() && !value.empty() && (value[0].is_object() || value[0].is_null())) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (value[i].is_object()) flatten(value[i], here + "[" + std::to_string(i + 1) + "]", into);
            }
        } else {
            into[here] = text_of(value);
        }
    }
}

bool is_option(const gui::Widget& widget) {
    return widget.role == gui::Role::radio || widget.role == gui::Role::checkbox;
}

bool is_select(const schema::Item& item) {
    return item.type == QuestionType::select_one || item.type == QuestionType::select_multiple;
}

/// Someone who goes through with it: consents, is grown up, and has something to tell.
bool is_gate(const schema::Item& item) {
    return item.list == "yn" || item.name == "scr_age18" || item.name == "scr_ru" || item.name == "eng_any";
}

}  // namespace

std::map<std::string, std::string> answers_of(const std::string& payload) {
    std::map<std::string, std::string> found;
    flatten(json::parse(payload).at("answers"), "", found);
    return found;
}

std::map<std::string, std::string> missing_of(const std::string& payload) {
    std::map<std::string, std::string> found;
    flatten(json::parse(payload).at("missing"), "", found);
    return found;
}

const app::Step& Person::step() const {
    const auto found = std::ranges::find(open().steps, open().step, &app::Step::key);
    REQUIRE(found != open().steps.end());
    return *found;
}

/// A page that has just come still scrolls to its first question.
void Person::stand_still() {
    for (int still = 0; still < 4;) {
        std::vector<gui::Rect> before;
        for (const gui::Widget& widget : tree()) before.push_back(widget.rect);
        frame();
        still = std::ranges::equal(before, tree(), {}, {}, &gui::Widget::rect) ? still + 1 : 0;
    }
}

template <typename Fits>
const gui::Widget* Person::in_card(NodeId node, const Fits& fits) const {
    const auto& interview = open().interview;
    const std::string label = interview.label(node, open().language);
    int before = 0;
    for (const NodeId other : app::questions_of(interview, step())) {
        if (other == node) break;
        before += interview.label(other, open().language) == label ? 1 : 0;
    }
    bool inside = false;
    for (const gui::Widget& widget : tree()) {
        if (!inside) {
            inside = widget.role == gui::Role::text && widget.label == label && before-- == 0;
        } else if (fits(widget)) {
            return &widget;
        }
    }
    return nullptr;
}

template <typename Fits>
void Person::click_in_card(NodeId node, const std::string& what, const Fits& fits) {
    stand_still();
    click_on(what, [&]() -> const gui::Widget& {
        const gui::Widget* found = in_card(node, fits);
        REQUIRE_MESSAGE(found, what, " of ", open().interview.path_of(node), contents());
        return *found;
    });
}

std::string Person::text_for(const schema::Item& item, const Manner& how) {
    switch (item.type) {
        case QuestionType::integer:
            return std::to_string(1 + random_() % 3);
        case QuestionType::decimal:
            return std::to_string(random_() % 90) + ".5";
        case QuestionType::date:
            return "2025-03-1" + std::to_string(random_() % 10);
        default:
            return item.name == "coupon_in" ? "7KJ2M0XQ" : how.says;
    }
}

void Person::type_answer(NodeId node, const std::string& text) {
    click_in_card(node, "the field",
                  [](const gui::Widget& widget) { return widget.role == gui::Role::field; });
    press(ImGuiKey_A, ImGuiMod_Ctrl);
    type(text);
    press(ImGuiKey_Tab);
    said[open().interview.path_of(node)] = text;
}

void Person::answer(NodeId node, const Manner& how, bool must) {
    const auto& interview = open().interview;
    const schema::Item& item = interview.item(node);
    const std::string path = interview.path_of(node);
    const bool gate = is_gate(item);
    const bool voluntary = !must && !gate && !interview.required(node);
    if (interview.read_only(node) || (voluntary && percent() < how.skips_percent)) return;
    if (voluntary && percent() < how.refuses_percent) {
        const auto offered = app::missing_offered(interview, node);
        if (!offered.empty() && !interview.missing(node)) {
            const auto button = [&](const std::string& key) {
                click_in_card(node, key, [&, text = t(key)](const gui::Widget& widget) {
                    return widget.role == gui::Role::button && widget.label == text;
                });
            };
            button("question.no_answer");
            button("question.refused");
            REQUIRE(interview.missing(node) == schema::Missing::refused);
            said.erase(path);
            return;
        }
    }
    if (!is_select(item)) return type_answer(node, text_for(item, how));

    const auto choices = interview.choices(node);
    REQUIRE_FALSE(choices.empty());
    const std::string label = interview.label(node, open().language);
    const std::size_t times = item.type == QuestionType::select_multiple ? 1 + random_() % 3 : 1;
    for (std::size_t i = 0; i < times; ++i) {
        const schema::Choice& choice = gate ? *choices.front() : *choices[random_() % choices.size()];
        if (app::chosen(interview, node, choice.name)) continue;
        const std::string words = interview.choice_label(node, choice, open().language);
        click_in_card(node, words, [&](const gui::Widget& widget) {
            return is_option(widget) && widget.label == words && widget.value == label;
        });
        REQUIRE_MESSAGE(app::chosen(interview, node, choice.name), path, " ", words, " ",
                        std::string(interview.value(node)), contents());
        if (item.type == QuestionType::select_one) said[path] = choice.name;
    }
}

/// The question that has the keyboard, without a mouse; then Enter.
void Person::answer_by_keyboard(const Manner& how) {
    const auto& interview = open().interview;
    const NodeId node = open().focused;
    bool multiline = false;
    if (node != schema::no_node) {
        const schema::Item& item = interview.item(node);
        multiline = item.appearance.find("multiline") != std::string::npos;
        const std::string path = interview.path_of(node);
        if (is_select(item) && !interview.answered(node)) {
            const auto choices = interview.choices(node);
            const auto keys = app::digit_keys(app::pickables(interview, node, open().language));
            std::size_t pick = is_gate(item) ? 0 : random_() % choices.size();
            if (keys[pick] == '\0') pick = 0;
            const int digit = keys[pick] - '0';
            press(static_cast<ImGuiKey>(ImGuiKey_0 + digit));
            REQUIRE(app::chosen(interview, node, choices[pick]->name));
            if (item.type == QuestionType::select_one) said[path] = choices[pick]->name;
        } else if (!is_select(item) && !interview.answered(node)) {
            const std::string text = text_for(item, how);
            type(text);
            said[path] = text;
        }
    }
    press(ImGuiKey_Enter, multiline ? ImGuiMod_Ctrl : ImGuiKey_None);
}

/// Past a page whose questions have been answered, left out or refused.
void Person::pass_step(const Manner& how) {
    const app::StepKey before = open().step;
    const auto there = [&] { return session().place != app::Place::interview || open().step != before; };
    for (int tries = 0; tries < 4 && !there(); ++tries) {
        if (sees(t("interview.prompt_skip"))) {
            press_text("interview.prompt_skip");
        } else {
            press_text(sees(t("interview.to_review")) ? "interview.to_review" : "interview.next");
        }
        if (!there() && open().blocked) answer(open().focused, how, true);
    }
    REQUIRE_MESSAGE(there(), contents());
}

void Person::fill(const Manner& how) {
    random_.seed(how.seed);
    for (int pages = 0; pages < how.pages && session().place == app::Place::interview; ++pages) {
        if (step().key.kind != app::StepKind::page) {
            press_text(step().key.kind == app::StepKind::hand_over ? "handover.begin" : "handback.begin");
            continue;
        }
        if (how.keyboard_only) {
            const app::StepKey here = open().step;
            for (int keys = 0; keys < 200; ++keys) {
                answer_by_keyboard(how);
                if (session().place != app::Place::interview || open().step != here) break;
            }
            continue;
        }
        std::set<NodeId> done;
        for (bool more = true; more;) {
            more = false;
            for (const NodeId node : app::questions_of(open().interview, step())) {
                if (!done.insert(node).second) continue;
                answer(node, how, false);
                more = true;  // an answer may have brought others onto the page
                break;
            }
        }
        pass_step(how);
    }
}

void Person::finalise() {
    REQUIRE(session().place == app::Place::review);
    for (int tries = 0; tries < 20 && app::blocks_finalising(open()) != schema::no_node; ++tries) {
        const NodeId node = app::blocks_finalising(open());
        press_text("review.show_blocked");
        REQUIRE(session().place == app::Place::interview);
        answer(node, {}, true);
        act(app::ShowReview{});
        show();
    }
    std::map<std::string, std::string> asked;
    for (const auto& [path, value] : said) {
        const NodeId node = open().interview.find(path);
        if (node != schema::no_node && open().interview.relevant(node)) asked[path] = value;
    }
    const std::size_t before = sealed.size();
    press_text("review.finalise");
    await("the interview to be sealed", [&] { return sealed.size() > before; });
    told.push_back(std::move(asked));
    said.clear();
}

void Person::hand_over() {
    if (!std::holds_alternative<app::Session>(state.stage) || session().place != app::Place::sync) {
        press_text("home.sync");
    }
    press_text(state.sync.ever_ran ? "sync.again" : "sync.start");
    await("the end of the sync", [&] { return state.sync.ever_ran && !state.sync.running; });
}

}  // namespace fieldfare::tests
