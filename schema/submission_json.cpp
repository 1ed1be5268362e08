#include <algorithm>

#include "schema/json_text.h"
#include "schema/submission.h"

namespace fieldfare::schema {
namespace {

using Nodes = std::vector<SubmissionNode>;

const Item* row_named(const std::vector<Item>& items, std::string_view name) {
    for (const Item& item : items)
        if (item.name == name) return &item;
    return nullptr;
}

std::vector<const SubmissionNode*> sorted(const Nodes& nodes) {
    std::vector<const SubmissionNode*> result;
    for (const SubmissionNode& node : nodes) result.push_back(&node);
    std::sort(result.begin(), result.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    return result;
}

// One of the two trees that a submission is written as: values, or missing states. Groups and repeats in
// which there is nothing of it are left out; only the tree of values tells how many instances a repeat has.
class Tree {
  public:
    Tree(JsonText& json, bool missing) : json_(json), missing_(missing) {}

    void object(const Nodes& nodes, const std::vector<Item>& items) {
        json_.open('{');
        for (const SubmissionNode* node : sorted(nodes)) {
            const Item* item = row_named(items, node->name);
            if (item == nullptr || !holds(*node)) continue;
            json_.key(node->name);
            if (const auto* answer = std::get_if<Answer>(&node->content)) {
                if (missing_)
                    json_.number(static_cast<int>(*answer->missing));
                else
                    value(answer->value, *item);
            } else if (const auto* group = std::get_if<Nodes>(&node->content)) {
                object(*group, item->children);
            } else {
                json_.open('[');
                for (const Nodes& instance : std::get<std::vector<Nodes>>(node->content))
                    object(instance, item->children);
                json_.close(']');
            }
        }
        json_.close('}');
    }

  private:
    bool any(const Nodes& nodes) const {
        return std::any_of(nodes.begin(), nodes.end(),
                           [this](const SubmissionNode& node) { return holds(node); });
    }

    bool holds(const SubmissionNode& node) const {
        if (const auto* answer = std::get_if<Answer>(&node.content))
            return missing_ ? answer->missing.has_value() : !answer->value.empty();
        if (const auto* group = std::get_if<Nodes>(&node.content)) return any(*group);
        const auto& instances = std::get<std::vector<Nodes>>(node.content);
        if (!missing_) return !instances.empty();
        return std::any_of(instances.begin(), instances.end(),
                           [this](const Nodes& each) { return any(each); });
    }

    void value(const std::string& text, const Item& item) {
        switch (item.type) {
            case QuestionType::integer:
                json_.number(std::stol(text));  // of 32 bits
                return;
            case QuestionType::select_multiple:
            case QuestionType::rank:
                json_.open('[');
                for (std::size_t at = 0; at < text.size();) {
                    const std::size_t end = std::min(text.find(' ', at), text.size());
                    json_.string(std::string_view(text).substr(at, end - at));
                    at = end + 1;
                }
                json_.close(']');
                return;
            case QuestionType::text:
            case QuestionType::decimal:
            case QuestionType::date:
            case QuestionType::select_one:
            case QuestionType::note:
            case QuestionType::calculate:
            case QuestionType::time:
            case QuestionType::date_time:
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
                json_.string(text);
                return;
        }
    }

    JsonText& json_;
    bool missing_;
};

}  // namespace

std::string to_json(const Submission& submission, const Form& form) {
    std::string out;
    JsonText json(out);
    json.open('{');
    json.key("answers");
    Tree(json, false).object(submission.answers, form.items);
    json.key("day");
    json.string(submission.day);
    json.key("form");
    json.string(submission.form_id);
    json.key("id");
    json.string(submission.id);
    json.key("lang");
    json.string(submission.language);
    if (!submission.media.empty()) {
        json.key("media");
        json.open('[');
        for (const MediaFile& file : submission.media) {
            json.open('{');
            json.key("hash");
            json.string(file.hash);
            json.key("name");
            json.string(file.name);
            json.key("size");
            json.number(static_cast<long long>(file.size));
            json.close('}');
        }
        json.close(']');
    }
    json.key("missing");
    Tree(json, true).object(submission.answers, form.items);
    json.key("version");
    json.string(submission.version);
    if (!submission.withdrawal.empty()) {
        json.key("withdrawal");
        json.string(submission.withdrawal);
    }
    json.close('}');
    return out;
}

}  // namespace fieldfare::schema
