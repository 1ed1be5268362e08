#include "client/researcher/form_run_steps.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "client/researcher/form_run_cast.h"
#include "schema/number_text.h"

namespace fieldfare::researcher {
namespace {

using nlohmann::json;
using schema::AnswerError;
using schema::Interview;
using schema::Item;
using schema::NodeId;
using schema::NodeKind;
using schema::QuestionType;

constexpr std::size_t most_instances = 10'000;

tl::unexpected<std::string> refused(std::string sentence) {
    return tl::unexpected(std::move(sentence));
}

// --- reading ---

StepResult<std::string> text_of(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
    if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
    if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
    if (value.is_number()) return schema::number_to_text(value.get<double>());
    if (value.is_null()) return std::string();
    if (!value.is_array()) return refused("A value is a text, a number, true, false or a list.");
    std::string list;
    for (const json& each : value) {
        auto text = text_of(each);
        if (!text || each.is_array()) return refused("A list of values holds texts and numbers only.");
        (list += list.empty() ? "" : " ") += *text;
    }
    return list;
}

// A count or an index; `otherwise` for null and what is left out.
StepResult<std::size_t> number_of(const json& list, std::size_t at, std::size_t otherwise) {
    if (at >= list.size() || list[at].is_null()) return otherwise;
    if (!list[at].is_number_unsigned() || list[at].get<std::uint64_t>() > most_instances)
        return refused("An index or a count is a whole number from 0 to 10000.");
    return list[at].get<std::size_t>();
}

StepResult<Step> add_from(const json& list) {
    AddInstances step{list[0].get<std::string>(), {}, 1};
    if (list.size() > 1 && !list[1].is_null()) {
        const auto after = number_of(list, 1, 0);
        if (!after) return tl::unexpected(after.error());
        step.after = *after;
    }
    const auto count = number_of(list, 2, 1);
    if (!count) return tl::unexpected(count.error());
    step.count = *count;
    return step;
}

StepResult<Step> remove_from(const json& list) {
    const auto index = number_of(list, 1, 0);
    if (!index) return tl::unexpected(index.error());
    const auto count = number_of(list, 2, 1);
    if (!count) return tl::unexpected(count.error());
    return RemoveInstances{list[0].get<std::string>(), *index, *count};
}

// --- taking ---

std::string sentence(const std::string& ref, AnswerError error) {
    switch (error) {
        case AnswerError::not_a_question:
            return ref + " takes no answer: it is a group, a note, calculated or read-only.";
        case AnswerError::not_a_number:
            return ref + " takes a number.";
        case AnswerError::out_of_range:
            return ref + " takes a number of fewer digits.";
        case AnswerError::not_a_date:
            return ref + " takes a date or time in ISO 8601.";
        case AnswerError::not_a_choice:
            return ref + " takes choices that are on offer, each once; a rank takes all of them.";
        case AnswerError::not_a_place:
            return ref + " takes latitude and longitude, or a list of such places.";
        case AnswerError::too_long:
            return ref + " takes a shorter text.";
        case AnswerError::not_text:
            return ref + " takes a text without control characters.";
    }
    return ref + " does not take this.";
}

std::vector<std::string_view> words_in(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != std::string_view::npos;) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        words.push_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

// As ODK has it, choices of a select stand in the order of its list, whatever the order of clicks, and names
// that are not on offer are not chosen. A rank's order is its answer.
std::string chosen(const Interview& interview, NodeId node, std::string_view value) {
    std::vector<std::string_view> names;
    if (interview.item(node).type == QuestionType::select_one)
        names.push_back(value);
    else
        names = words_in(value);
    const auto offered = interview.choices(node);
    const auto is_offered = [&](std::string_view name) {
        return std::any_of(offered.begin(), offered.end(),
                           [&](const auto* choice) { return choice->name == name; });
    };
    std::string text;
    const auto put = [&text](std::string_view name) { (text += text.empty() ? "" : " ") += name; };
    if (interview.item(node).type == QuestionType::rank) {
        for (const std::string_view name : names)
            if (is_offered(name)) put(name);
    } else {
        for (const auto* choice : offered)
            if (std::find(names.begin(), names.end(), choice->name) != names.end()) put(choice->name);
    }
    return text;
}

class Taker {
  public:
    explicit Taker(Run& run) : run_(run), interview_(run.interview) {}

    StepResult<void> operator()(const SetAnswer& step) {
        const auto node = node_at(step.ref);
        if (!node) return tl::unexpected(node.error());
        const bool question = interview_.kind(*node) == NodeKind::question;
        const auto taken = interview_.answer(*node, question ? as_given(*node, step.value) : std::string());
        if (!taken) return refused(sentence(step.ref, taken.error()));
        return {};
    }

    StepResult<void> operator()(const AddInstances& step) {
        const auto repeat = repeat_at(step.ref);
        if (!repeat) return tl::unexpected(repeat.error());
        const std::size_t there = interview_.children(*repeat).size();
        if (step.after && *step.after >= there)
            return refused(step.ref + " has no instance " + std::to_string(*step.after + 1) + ".");
        const std::size_t place = step.after ? *step.after + 1 : there;
        for (std::size_t i = 0; i < step.count; ++i)
            if (!interview_.add_instance(*repeat, place + i))
                return refused(step.ref + " takes no more instances.");
        return {};
    }

    StepResult<void> operator()(const RemoveInstances& step) {
        const auto repeat = repeat_at(step.ref);
        if (!repeat) return tl::unexpected(repeat.error());
        if (step.index + step.count > interview_.children(*repeat).size())
            return refused(step.ref + " has no instance " + std::to_string(step.index + step.count) + ".");
        for (std::size_t i = 0; i < step.count; ++i)
            if (!interview_.remove_instance(interview_.children(*repeat)[step.index]))
                return refused(step.ref + " keeps its instances.");
        return {};
    }

    StepResult<void> operator()(const SwitchLanguage& step) {
        const auto& languages = interview_.form().form().languages;
        auto found = std::ranges::find(languages, step.language, &schema::Language::name);
        if (found == languages.end())
            found = std::ranges::find(languages, step.language, &schema::Language::code);
        if (found == languages.end()) return refused("The form has no language \"" + step.language + "\".");
        run_.language = static_cast<std::size_t>(found - languages.begin());
        interview_.set_language(run_.language);
        return {};
    }

  private:
    std::string as_given(NodeId question, const std::string& value) const {
        const Item& item = interview_.item(question);
        if (item.type == QuestionType::acknowledge) return value == "1" || value == "OK" ? "OK" : "";
        const bool from_list = item.type == QuestionType::select_one ||
                               item.type == QuestionType::select_multiple || item.type == QuestionType::rank;
        return from_list ? chosen(interview_, question, value) : cast(item, value);
    }

    StepResult<NodeId> node_at(const std::string& ref) const {
        const std::string root = "/" + interview_.form().form().settings.root;
        NodeId found = schema::no_node;
        if (ref == root)
            found = schema::root_node;
        else if (ref.starts_with(root + "/"))
            found = interview_.find(std::string_view(ref).substr(root.size()));
        if (found == schema::no_node) return refused("The form has no node " + ref + ".");
        return found;
    }

    StepResult<NodeId> repeat_at(const std::string& ref) const {
        auto node = node_at(ref);
        if (node && interview_.kind(*node) != NodeKind::repeat) return refused(ref + " is no repeat.");
        return node;
    }

    Run& run_;
    Interview& interview_;
};

}  // namespace

StepResult<Step> step_from_json(std::string_view text) {
    const json step = json::parse(text, nullptr, false);
    if (!step.is_object()) return refused("A step is a JSON object on one line.");
    if (const auto lang = step.find("lang"); lang != step.end() && lang->is_string())
        return SwitchLanguage{lang->get<std::string>()};
    for (const char* verb : {"set", "add", "remove"}) {
        const auto found = step.find(verb);
        if (found == step.end()) continue;
        const bool fits = found->is_array() && !found->empty() && (*found)[0].is_string();
        if (!fits) return refused("\"" + std::string(verb) + "\" takes a list that begins with a ref.");
        if (verb == std::string_view("add")) return add_from(*found);
        if (verb == std::string_view("remove")) return remove_from(*found);
        if (found->size() != 2) return refused("\"set\" takes a ref and a value.");
        auto value = text_of((*found)[1]);
        if (!value) return tl::unexpected(value.error());
        return SetAnswer{(*found)[0].get<std::string>(), std::move(*value)};
    }
    return refused("A step has one of the keys \"set\", \"add\", \"remove\", \"lang\".");
}

StepResult<void> take(Run& run, const Step& step) {
    return std::visit(Taker(run), step);
}

}  // namespace fieldfare::researcher
