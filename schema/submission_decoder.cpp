#include <simdjson.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "schema/answer_check.h"
#include "schema/date_text.h"
#include "schema/json_text.h"
#include "schema/submission.h"

namespace fieldfare::schema {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;
using Nodes = std::vector<SubmissionNode>;

constexpr std::size_t max_bytes = std::size_t{1} << 20;
constexpr std::size_t max_depth = 512;
constexpr std::size_t hash_digits = 64;

bool is_uuid_4(std::string_view text) {
    if (text.size() != 36 || text[14] != '4' ||
        std::string_view("89ab").find(text[19]) == std::string_view::npos)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex) return false;
    }
    return true;
}

bool is_hash(std::string_view text) {
    return text.size() == hash_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

struct WrongShape {};

// The members of an object by name. Canonical JSON has its keys in order; what has not is refused in the end
// anyway, so that a key not found here does no harm.
class Members {
  public:
    explicit Members(const object* from) {
        if (from == nullptr) return;
        for (const auto field : *from)
            if (members_.empty() || members_.back().first != field.key)
                members_.emplace_back(field.key, field.value);
    }

    std::optional<element> take(std::string_view key) {
        const auto found = std::lower_bound(
            members_.begin(), members_.end(), key,
            [](const auto& member, std::string_view wanted) { return member.first < wanted; });
        if (found == members_.end() || found->first != key) return {};
        ++taken_;
        return found->second;
    }

    bool all_taken() const { return taken_ == members_.size(); }

  private:
    std::vector<std::pair<std::string_view, element>> members_;
    std::size_t taken_ = 0;
};

// Walks the form, and beside it the tree of values and the tree of missing states. Both may end before the
// form does: what holds nothing is not written. The first fault ends everything.
class Decoder {
  public:
    Decoder(const Form& form, const std::vector<MediaFile>& media) : form_(form), media_(media) {}

    /// Whether each media file is the answer to a question: none is the answer to two.
    bool all_media_taken() const {
        return std::ranges::all_of(media_taken_, [](bool taken) { return taken; });
    }

    Nodes children(const std::vector<Item>& items, const object* values, const object* missing) {
        Members all_values(values), all_missing(missing);
        Nodes result;
        for (const Item& item : items) {
            if (!recorded(item)) continue;
            const auto value = all_values.take(item.name), state = all_missing.take(item.name);
            switch (item.kind) {
                case ItemKind::question:
                    result.push_back({item.name, answer(item, value, state)});
                    break;
                case ItemKind::group: {
                    const auto inner_values = as_object(value), inner_missing = as_object(state);
                    result.push_back(
                        {item.name, children(item.children, inner_values ? &*inner_values : nullptr,
                                             inner_missing ? &*inner_missing : nullptr)});
                    break;
                }
                case ItemKind::repeat:
                    result.push_back({item.name, instances(item, value, state)});
                    break;
            }
        }
        if (!all_values.all_taken() || !all_missing.all_taken()) throw WrongShape{};
        return result;
    }

  private:
    using Member = std::optional<element>;

    static bool recorded(const Item& item) {
        return item.extension.empty() &&
               !(item.kind == ItemKind::question && item.type == QuestionType::note);
    }

    static std::optional<object> as_object(const Member& from) {
        if (!from) return {};
        object result;
        if (from->get(result) != simdjson::SUCCESS) throw WrongShape{};
        return result;
    }

    static std::optional<array> as_array(const Member& from) {
        if (!from) return {};
        array result;
        if (from->get(result) != simdjson::SUCCESS) throw WrongShape{};
        return result;
    }

    std::vector<Nodes> instances(const Item& item, const Member& values, const Member& missing) {
        const auto value_list = as_array(values), missing_list = as_array(missing);
        std::vector<Nodes> result;
        if (!value_list) {
            if (missing_list) throw WrongShape{};
            return result;
        }
        std::vector<object> states;
        if (missing_list)
            for (const element each : *missing_list) states.push_back(*as_object(each));
        if (missing_list && states.size() != value_list->size()) throw WrongShape{};
        for (const element each : *value_list) {
            const auto instance = as_object(each);
            const object* state = missing_list ? &states[result.size()] : nullptr;
            result.push_back(children(item.children, &*instance, state));
        }
        return result;
    }

    Answer answer(const Item& item, const Member& value, const Member& state) {
        if (value.has_value() == state.has_value()) throw WrongShape{};
        if (state) {
            std::int64_t code = 0;
            if (state->get(code) != simdjson::SUCCESS || code < -99 || code > -91) throw WrongShape{};
            return {"", missing_from_code(static_cast<int>(code))};
        }
        std::string text = text_of(item, *value);
        if (text.empty() || text.size() > max_value_bytes) throw WrongShape{};
        if (item.type == QuestionType::calculate) {
            for (const char c : text)
                if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r')
                    throw WrongShape{};
            return {std::move(text), {}};
        }
        if (!item.itemset.nodeset.empty()) {  // its choices were the interview's, nobody knows them now
            const auto names = checked_choice_names(text);
            if (!names || *names != text) throw WrongShape{};
            return {std::move(text), {}};
        }
        if (is_media(item.type)) take_media(text, item.name);
        const auto checked = checked_answer(item, choices_of(item.list), text, {});
        if (!checked || *checked != text) throw WrongShape{};
        return {std::move(text), {}};
    }

    void take_media(std::string_view name, std::string_view question) {
        const auto file = std::ranges::find(media_, name, &MediaFile::name);
        if (file == media_.end() || !media_number(name, question)) throw WrongShape{};
        const auto at = static_cast<std::size_t>(file - media_.begin());
        if (media_taken_[at]) throw WrongShape{};
        media_taken_[at] = true;
    }

    static std::string text_of(const Item& item, element value) {
        if (item.type == QuestionType::integer) {
            std::int64_t number = 0;
            if (value.get(number) != simdjson::SUCCESS) throw WrongShape{};
            return std::to_string(number);
        }
        if (item.type == QuestionType::select_multiple || item.type == QuestionType::rank) {
            std::string names;
            const auto list = as_array(value);
            for (const element each : *list) (names += names.empty() ? "" : " ") += string(each);
            return names;
        }
        return std::string(string(value));
    }

    static std::string_view string(element value) {
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS) throw WrongShape{};
        return text;
    }

    const std::vector<const Choice*>& choices_of(const std::string& list) {
        const auto [kept, is_new] = choices_.try_emplace(list);
        if (is_new)
            for (const ChoiceList& each : form_.lists)
                if (each.name == list)
                    for (const Choice& choice : each.choices) kept->second.push_back(&choice);
        return kept->second;
    }

    const Form& form_;
    const std::vector<MediaFile>& media_;
    std::vector<bool> media_taken_ = std::vector<bool>(media_.size());
    std::map<std::string_view, std::vector<const Choice*>> choices_;
};

std::optional<std::string> text_member(const object& from, std::string_view key) {
    std::string_view text;
    if (from.at_key(key).get(text) != simdjson::SUCCESS) return {};
    return std::string(text);
}

/// The numbers behind the last hyphens of the names rise; that the names are those of questions is found with
/// the answers.
std::vector<MediaFile> media_of(const object& top) {
    std::vector<MediaFile> files;
    element member;
    if (top.at_key("media").get(member) == simdjson::NO_SUCH_FIELD) return files;
    array list;
    if (member.get(list) != simdjson::SUCCESS || list.size() == 0) throw WrongShape{};
    std::uint64_t before = 0;
    for (const element each : list) {
        object fields;
        std::uint64_t size = 0;
        if (each.get(fields) != simdjson::SUCCESS || fields.size() != 3) throw WrongShape{};
        const auto name = text_member(fields, "name"), hash = text_member(fields, "hash");
        if (!name || !hash || !is_hash(*hash) || fields.at_key("size").get(size) != simdjson::SUCCESS ||
            size < 1 || size > max_media_bytes)
            throw WrongShape{};
        const auto number = media_number(*name);
        if (!number || *number <= before) throw WrongShape{};
        before = *number;
        files.push_back({*name, size, *hash});
    }
    return files;
}

}  // namespace

std::string_view withdrawal_in(std::string_view payload) {
    // Within a string each quotation mark has a backslash before it, so this can be nothing but a member, and
    // with one bracket behind it a member at the top.
    constexpr std::string_view before = ",\"withdrawal\":\"", after = "\"}";
    const std::size_t size = before.size() + hash_digits + after.size();
    if (payload.size() < size || !payload.ends_with(after)) return {};
    const std::string_view member = payload.substr(payload.size() - size);
    const std::string_view hash = member.substr(before.size(), hash_digits);
    return member.starts_with(before) && is_hash(hash) ? hash : std::string_view();
}

tl::expected<Submission, SubmissionError> submission_from_json(std::string_view bytes, const Form& form) {
    if (bytes.size() > max_bytes || json_depth(bytes) > max_depth)
        return tl::unexpected(SubmissionError::not_json);
    simdjson::dom::parser parser(max_bytes);
    object top, answers, missing;
    // simdjson copies from the pointer whatever the length; that of no bytes may be null.
    if (bytes.empty() || parser.parse(bytes.data(), bytes.size()).get(top) != simdjson::SUCCESS)
        return tl::unexpected(SubmissionError::not_json);
    const auto form_id = text_member(top, "form"), version = text_member(top, "version"),
               id = text_member(top, "id"), day = text_member(top, "day"),
               language = text_member(top, "lang");
    if (!form_id || !version || !id || !day || !language ||
        top.at_key("answers").get(answers) != simdjson::SUCCESS ||
        top.at_key("missing").get(missing) != simdjson::SUCCESS)
        return tl::unexpected(SubmissionError::wrong_shape);
    if (*form_id != form.settings.form_id || *version != form.settings.version)
        return tl::unexpected(SubmissionError::other_form);
    if (!is_uuid_4(*id) || !parse_day(*day)) return tl::unexpected(SubmissionError::wrong_shape);
    Submission submission{*id, *form_id, *version, *language, *day, {}};
    if (const auto withdrawal = text_member(top, "withdrawal")) {
        if (!is_hash(*withdrawal)) return tl::unexpected(SubmissionError::wrong_shape);
        submission.withdrawal = *withdrawal;
    }
    try {
        submission.media = media_of(top);
        Decoder decoder(form, submission.media);
        submission.answers = decoder.children(form.items, &answers, &missing);
        if (!decoder.all_media_taken()) return tl::unexpected(SubmissionError::wrong_shape);
    } catch (const WrongShape&) {
        return tl::unexpected(SubmissionError::wrong_shape);
    }
    // Unknown keys at the top, repeated keys, spaces, other spellings of a text: all that would be written
    // otherwise.
    if (to_json(submission, form) != bytes) return tl::unexpected(SubmissionError::not_json);
    return submission;
}

}  // namespace fieldfare::schema
