#include "client/app/interviewing.h"

#include <algorithm>
#include <utility>

#include "client/app/choices.h"
#include "client/app/review.h"

namespace fieldfare::app {

using schema::Interview;
using schema::NodeId;
using schema::NodeKind;
using schema::QuestionType;

namespace {

constexpr std::int64_t minute_ms = 60'000;

bool is_question(const OpenInterview& open, NodeId node) {
    return node != schema::no_node && open.interview.kind(node) == NodeKind::question;
}

void collect_nodes(const Interview& interview, NodeId node, std::set<NodeId>& nodes) {
    nodes.insert(node);
    for (const NodeId child : interview.children(node)) {
        collect_nodes(interview, child, nodes);
    }
}

std::string trimmed(const std::string& text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
    const auto first = std::ranges::find_if_not(text, blank);
    const auto last = std::find_if_not(text.rbegin(), std::make_reverse_iterator(first), blank).base();
    return {first, last};
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "5.3.2024" and "05.03.2024" as people write them here, beside 2024-03-05. Anything else is passed on as it
// is.
std::string as_iso_date(const std::string& text) {
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string::npos ? first : text.find('.', first + 1);
    if (second == std::string::npos) {
        return text;
    }
    std::string day = text.substr(0, first);
    std::string month = text.substr(first + 1, second - first - 1);
    const std::string year = text.substr(second + 1);
    if (!all_digits(day) || !all_digits(month) || !all_digits(year) || day.size() > 2 || month.size() > 2 ||
        year.size() != 4) {
        return text;
    }
    day.insert(0, 2 - day.size(), '0');
    month.insert(0, 2 - month.size(), '0');
    return year + '-' + month + '-' + day;
}

// As the engine wants it: no blanks around, a point in decimals whatever the keyboard's language, ISO dates.
std::string as_value(QuestionType type, const std::string& text) {
    std::string value = trimmed(text);
    if (type == QuestionType::decimal) {
        std::ranges::replace(value, ',', '.');
    }
    return type == QuestionType::date ? as_iso_date(value) : value;
}

std::size_t index_of(const std::vector<Step>& steps, const StepKey& key) {
    const auto found = std::ranges::find(steps, key, &Step::key);
    return static_cast<std::size_t>(found - steps.begin());
}

void forget_typed(OpenInterview& open, NodeId node) {
    if (const auto typed = open.typed.find(node); typed != open.typed.end()) {
        wipe(typed->second.text);
        open.typed.erase(typed);
    }
}

Going advance(OpenInterview& open) {
    const std::size_t next = index_of(open.steps, open.step) + 1;
    if (next >= open.steps.size()) {
        return Going::ends;
    }
    enter_step(open, open.steps[next].key);
    return Going::moves;
}

}  // namespace

OpenInterview::~OpenInterview() {
    for (auto& [node, typed] : this->typed) {
        wipe(typed.text);
    }
    for (auto& [path, entry] : sent) {
        wipe(entry.value);
    }
}

Effects collect_saves(OpenInterview& open, std::uint64_t& next_ticket, Forced forced) {
    SaveAnswers save;
    const bool repair = !open.save_failed.empty() && open.whole_ticket == 0;
    std::map<std::string, schema::DraftEntry> now;
    for (schema::DraftEntry& entry : open.interview.draft()) {
        const auto before = open.sent.find(entry.path);
        if (repair || before == open.sent.end() || before->second != entry) {
            save.entries.push_back(entry);
        }
        std::string path = entry.path;
        now.emplace(std::move(path), std::move(entry));
    }
    if (!repair) {
        for (auto& [path, entry] : open.sent) {
            if (!now.contains(path)) {
                save.removed.push_back(path);
            }
        }
    }
    if (!repair && save.entries.empty() && save.removed.empty() && forced == Forced::no) {
        return {};
    }
    for (auto& [path, entry] : open.sent) {
        wipe(entry.value);
    }
    open.sent = std::move(now);
    save.draft = open.draft;
    save.day = open.draft_day;
    save.extent = repair ? Extent::whole : Extent::changes;
    save.minutes = static_cast<int>(open.milliseconds / minute_ms);
    save.language = open.language;
    save.ticket = open.last_ticket = next_ticket++;
    if (repair) {
        open.whole_ticket = save.ticket;
    }
    Effects effects;
    effects.emplace_back(std::move(save));
    return effects;
}

void refresh(OpenInterview& open) {
    open.steps = steps_of(open.interview);
    open.step = nearest_step(open.interview, open.steps, open.step);
    std::set<NodeId> nodes;
    collect_nodes(open.interview, schema::root_node, nodes);
    const auto gone = [&](NodeId node) { return !nodes.contains(node); };
    std::erase_if(open.left, gone);
    std::erase_if(open.missing_shown, gone);
    std::erase_if(open.filter, [&](const auto& entry) { return gone(entry.first); });
    std::erase_if(open.typed, [&](const auto& entry) { return gone(entry.first); });
    if (open.focused != schema::no_node && gone(open.focused)) {
        open.focused = schema::no_node;
    }
}

void type_text(OpenInterview& open, NodeId node, std::string text) {
    if (!is_question(open, node)) {
        return;
    }
    forget_typed(open, node);
    switch (open.interview.item(node).type) {
        case QuestionType::text:
            // An answer at once, so that not even half a sentence is lost.
            if (const auto taken = open.interview.answer(node, text); !taken) {
                open.typed[node] = {std::move(text), taken.error()};
            } else {
                wipe(text);
            }
            refresh(open);
            break;
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::date:
            // "1" on the way to "12" is no answer: it would make and destroy instances of a repeat.
            open.typed[node] = {std::move(text), std::nullopt};
            break;
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::note:
        case QuestionType::calculate:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::rank:
        case QuestionType::range:
        case QuestionType::acknowledge:
        case QuestionType::geopoint:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
        case QuestionType::barcode:
            break;
    }
    open.blocked = false;
}

void pick(OpenInterview& open, NodeId node, std::string_view choice) {
    if (!is_question(open, node)) {
        return;
    }
    const QuestionType type = open.interview.item(node).type;
    if (type != QuestionType::select_one && type != QuestionType::select_multiple) {
        return;
    }
    if (open.interview.answer(node, value_after_pick(open.interview, node, choice))) {
        open.missing_shown.erase(node);
        open.blocked = false;
        refresh(open);
    }
}

void clear_answer(OpenInterview& open, NodeId node) {
    if (!is_question(open, node)) {
        return;
    }
    forget_typed(open, node);
    if (open.interview.answer(node, "")) {
        refresh(open);
    }
}

void say_missing(OpenInterview& open, NodeId node, schema::Missing missing) {
    if (!is_question(open, node)) {
        return;
    }
    if (open.interview.missing(node) == missing) {
        clear_answer(open, node);
        return;
    }
    forget_typed(open, node);
    if (open.interview.say_missing(node, missing)) {
        refresh(open);
    }
}

void commit_typed(OpenInterview& open) {
    bool changed = false;
    for (auto at = open.typed.begin(); at != open.typed.end();) {
        auto& [node, typed] = *at;
        if (typed.error) {
            ++at;
            continue;
        }
        changed = true;
        const auto taken = open.interview.answer(node, as_value(open.interview.item(node).type, typed.text));
        if (taken) {
            wipe(typed.text);
            at = open.typed.erase(at);
            continue;
        }
        typed.error = taken.error();
        (void)open.interview.answer(node, "");
        ++at;
    }
    if (changed) {
        refresh(open);
    }
}

void leave_field(OpenInterview& open, NodeId node) {
    if (!open.typed.contains(node)) {
        return;
    }
    open.left.insert(node);
    commit_typed(open);
}

void focus(OpenInterview& open, NodeId node) {
    if (node == open.focused) {
        return;
    }
    if (open.focused != schema::no_node) {
        open.left.insert(open.focused);
        open.interview.mark_seen(open.focused);
        commit_typed(open);
    }
    open.focused = node;
}

void request_focus(OpenInterview& open, NodeId node) {
    focus(open, node);
    ++open.focus_request;
}

void enter_step(OpenInterview& open, const StepKey& key) {
    focus(open, schema::no_node);
    open.step = key;
    open.prompt.reset();
    open.blocked = false;
    const auto step = std::ranges::find(open.steps, key, &Step::key);
    NodeId first = schema::no_node;
    if (step != open.steps.end()) {
        const auto questions = questions_of(open.interview, *step);
        first = questions.empty() ? schema::no_node : questions.front();
    }
    request_focus(open, first);
}

Going go_to_next(OpenInterview& open) {
    commit_typed(open);
    const std::size_t index = index_of(open.steps, open.step);
    if (index >= open.steps.size()) {
        return Going::ends;
    }
    SkipPrompt prompt;
    NodeId required = schema::no_node;
    for (const NodeId question : questions_of(open.interview, open.steps[index])) {
        open.left.insert(question);
        open.interview.mark_seen(question);
        switch (standing_of(open, question)) {
            case Standing::answered:
                break;
            case Standing::unanswered:
                ++prompt.unanswered;
                break;
            case Standing::unfitting:
                ++prompt.unfitting;
                break;
            case Standing::required_open:
                required = required == schema::no_node ? question : required;
                break;
        }
    }
    if (required != schema::no_node) {
        open.blocked = true;
        open.prompt.reset();
        request_focus(open, required);
        return Going::stays;
    }
    if (prompt.unanswered + prompt.unfitting > 0 && open.prompted.insert(open.step).second) {
        open.prompt = prompt;
        return Going::stays;
    }
    return advance(open);
}

Going skip_anyway(OpenInterview& open) {
    open.prompted.insert(open.step);
    return go_to_next(open);
}

void go_to_previous(OpenInterview& open) {
    commit_typed(open);
    const std::size_t index = index_of(open.steps, open.step);
    if (index > 0 && index < open.steps.size()) {
        enter_step(open, open.steps[index - 1].key);
    }
}

Going go_on_from(OpenInterview& open, NodeId node) {
    commit_typed(open);  // first: the answer may bring new questions below
    const std::size_t index = index_of(open.steps, open.step);
    if (index >= open.steps.size()) {
        return Going::ends;
    }
    const auto questions = questions_of(open.interview, open.steps[index]);
    const auto at = std::ranges::find(questions, node);
    if (at == questions.end() || at + 1 == questions.end()) {
        return go_to_next(open);
    }
    request_focus(open, *(at + 1));
    return Going::moves;
}

void enter_where_left(OpenInterview& open) {
    for (const Step& step : open.steps) {
        for (const NodeId question : questions_of(open.interview, step)) {
            if (!open.interview.seen(question) && !open.interview.answered(question)) {
                enter_step(open, step.key);
                request_focus(open, question);
                return;
            }
        }
    }
    if (!open.steps.empty()) {
        enter_step(open, open.steps.back().key);
    }
}

}  // namespace fieldfare::app
