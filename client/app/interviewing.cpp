#include "client/app/interviewing.h"

#include <algorithm>
#include <utility>

#include "client/app/choices.h"
#include "client/app/ranking.h"
#include "client/app/review.h"
#include "client/app/typed_answer.h"

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

// An answer given by pressing something, not by typing.
void give(OpenInterview& open, NodeId node, std::string_view value) {
    if (open.interview.answer(node, value)) {
        open.missing_shown.erase(node);
        open.blocked = false;
        refresh(open);
    }
}

// What is left open on the page, and what does not fit.
SkipPrompt prompt_of(const OpenInterview& open, const Step& step) {
    SkipPrompt prompt;
    for (const NodeId question : questions_of(open.interview, step)) {
        const Standing standing = standing_of(open, question);
        if (standing == Standing::unanswered) ++prompt.unanswered;
        if (standing == Standing::unfitting) ++prompt.unfitting;
    }
    return prompt;
}

// The prompt counts what is still so: whoever does as it says sees it go.
void recount_prompt(OpenInterview& open) {
    const auto step = std::ranges::find(open.steps, open.step, &Step::key);
    if (!open.prompt || step == open.steps.end()) return;
    open.prompt = prompt_of(open, *step);
    if (open.prompt->unanswered + open.prompt->unfitting == 0) open.prompt.reset();
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
    wipe(code.text);
    wipe(last_folder);
}

Effects collect_saves(OpenInterview& open, std::uint64_t& next_ticket, Forced forced) {
    if (open.alone) return {};
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
    save.form = open.form;
    save.ticket = open.last_ticket = next_ticket++;
    if (repair) {
        open.whole_ticket = save.ticket;
    }
    Effects effects;
    effects.emplace_back(std::move(save));
    return effects;
}

OpenInterview* editable(Session& session, Place place) {
    return session.open && !session.open->sealing && session.place == place ? &*session.open : nullptr;
}

void save(AppState& state, Session& session, Effects& effects, Forced forced) {
    if (!session.open) return;
    Effects saves = collect_saves(*session.open, state.next_ticket, forced);
    effects.insert(effects.end(), std::make_move_iterator(saves.begin()),
                   std::make_move_iterator(saves.end()));
}

void refresh(OpenInterview& open) {
    ++open.revision;
    open.steps = steps_of(open.interview);
    // Whoever is alone with the machine has nobody to turn it to.
    if (open.alone)
        std::erase_if(open.steps, [](const Step& step) { return step.key.kind != StepKind::page; });
    open.step = nearest_step(open.interview, open.steps, open.step);
    std::set<NodeId> nodes;
    collect_nodes(open.interview, schema::root_node, nodes);
    const auto gone = [&](NodeId node) { return !nodes.contains(node); };
    std::erase_if(open.left, gone);
    std::erase_if(open.missing_shown, gone);
    std::erase_if(open.guidance_shown, gone);
    std::erase_if(open.file_refused, [&](const auto& entry) { return gone(entry.first); });
    if (open.picker && gone(open.picker->node)) open.picker.reset();
    if (open.copying && gone(open.copying->node)) open.copying->node = schema::no_node;
    std::erase_if(open.filter, [&](const auto& entry) { return gone(entry.first); });
    std::erase_if(open.typed, [&](const auto& entry) { return gone(entry.first); });
    if (open.focused != schema::no_node && gone(open.focused)) {
        open.focused = schema::no_node;
    }
    recount_prompt(open);
}

void type_text(OpenInterview& open, NodeId node, std::string text) {
    if (!is_question(open, node)) {
        return;
    }
    forget_typed(open, node);
    switch (taken(open.interview.item(node).type)) {
        case Taken::at_once:
            // So that not even half a sentence is lost.
            if (const auto answered = open.interview.answer(node, text); !answered) {
                open.typed[node] = {std::move(text), answered.error()};
            } else {
                wipe(text);
            }
            refresh(open);
            break;
        case Taken::when_left:
            open.typed[node] = {std::move(text), std::nullopt};
            break;
        case Taken::never:
            break;
    }
    open.blocked = false;
}

void pick(OpenInterview& open, NodeId node, std::string_view choice) {
    if (!is_question(open, node)) {
        return;
    }
    const auto offered = pickables(open.interview, node, open.language);
    if (std::ranges::any_of(offered, [&](const Pickable& each) { return each.name == choice; })) {
        give(open, node, value_after_pick(open.interview, node, choice));
    }
}

void pick_digit(OpenInterview& open, NodeId node, char digit) {
    if (!is_question(open, node)) {
        return;
    }
    const auto offered = pickables(open.interview, node, open.language);
    const auto keys = digit_keys(offered);
    const auto found = std::ranges::find(keys, digit);
    if (found != keys.end()) {
        pick(open, node, offered[static_cast<std::size_t>(found - keys.begin())].name);
    }
}

void move_ranked(OpenInterview& open, NodeId node, std::string_view choice, std::size_t place) {
    if (!is_question(open, node) || open.interview.item(node).type != QuestionType::rank) {
        return;
    }
    if (const std::string value = value_after_move(open.interview, node, choice, place); !value.empty()) {
        give(open, node, value);
    }
}

void confirm_ranking(OpenInterview& open, NodeId node) {
    if (is_question(open, node) && open.interview.item(node).type == QuestionType::rank) {
        give(open, node, value_of_ranking(open.interview, node));
    }
}

void add_instance(OpenInterview& open, NodeId repeat) {
    if (!open.interview.add_instance(repeat)) return;
    refresh(open);
    Step added;
    added.nodes = {open.interview.children(repeat).back()};
    const auto questions = questions_of(open.interview, added);
    if (!questions.empty()) request_focus(open, questions.front());
}

void clear_answer(OpenInterview& open, NodeId node) {
    if (!is_question(open, node)) {
        return;
    }
    forget_typed(open, node);
    open.file_refused.erase(node);
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
        auto value = value_of_typed(open.interview.item(node), typed.text);
        const tl::expected<void, schema::AnswerError> answered =
            value ? open.interview.answer(node, *value) : tl::unexpected(value.error());
        if (value) wipe(*value);
        if (answered) {
            wipe(typed.text);
            at = open.typed.erase(at);
            continue;
        }
        typed.error = answered.error();
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
    NodeId required = schema::no_node;
    for (const NodeId question : questions_of(open.interview, open.steps[index])) {
        open.left.insert(question);
        open.interview.mark_seen(question);
        if (required == schema::no_node && standing_of(open, question) == Standing::required_open)
            required = question;
    }
    const SkipPrompt prompt = prompt_of(open, open.steps[index]);
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
    if (index == 0 || index >= open.steps.size()) return;
    if (open.steps[index].handed_over)
        enter_step(open, StepKey(open.steps[index - 1].key));
    else
        enter_by_its_door(open, open.steps[index - 1]);
}

bool enter_by_its_door(OpenInterview& open, const Step& wanted) {
    const Step* door = nullptr;
    for (auto step = open.steps.begin(); step != open.steps.end() && &*step <= &wanted; ++step)
        if (step->key.kind == StepKind::hand_over) door = &*step;
    const bool private_part = wanted.handed_over || wanted.key.kind == StepKind::hand_back;
    const bool stopped = private_part && door && door != &wanted;
    enter_step(open, StepKey(stopped ? door->key : wanted.key));
    return !stopped;
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
                if (enter_by_its_door(open, step)) request_focus(open, question);
                return;
            }
        }
    }
    if (!open.steps.empty()) enter_by_its_door(open, open.steps.back());
}

}  // namespace fieldfare::app
