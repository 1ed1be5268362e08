#include "client/researcher/synthetic_respondent.h"

#include <algorithm>
#include <vector>

#include "client/researcher/dice.h"
#include "client/researcher/synthetic_media.h"
#include "schema/number_range.h"

namespace fieldfare::researcher {

using schema::Choice;
using schema::Interview;
using schema::Item;
using schema::ItemKind;
using schema::Missing;
using schema::NodeId;
using schema::NodeKind;
using schema::QuestionType;
using schema::Violation;

namespace {

/// What people type, and what has broken an export somewhere.
constexpr std::string_view texts[] = {
    "Спасибо за опрос.",
    "Хочу, чтобы война закончилась",
    "Nothing to add",
    "He said \"no\", twice",
    "one, two; three\tfour",
    "первая строка\nвторая строка\n\nчетвёртая",
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+7 is how numbers begin",
    "-5 градусов",
    "@SUM(A1:A9)",
    "\t=HYPERLINK(\"x\")",
    "'quoted'",
    " space before and after ",
    "მადლობა",
    "Շնորհակալություն",
    "Рақмет, Әсел; Ғалым, Қайрат, Ңұр, Өмір, Ұлы, Үміт, Һ, Іле",
    "na\xc3\xafve \xf0\x9f\x90\xa6 e\xcc\x81",
    "שלום \xe2\x80\x8f",
    "-99",
    "NULL",
    "0",
    "{\"answers\":[]}",
    "\\n is not a line break",
};

constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Whole numbers that stand in an expression: a constraint tells what it wants by them.
std::vector<std::int64_t> numbers_in(std::string_view expression) {
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < expression.size();) {
        if (expression[i] < '0' || expression[i] > '9') {
            ++i;
            continue;
        }
        std::int64_t number = 0;
        for (int digits = 0; i < expression.size() && expression[i] >= '0' && expression[i] <= '9'; ++i)
            if (++digits <= 9) number = number * 10 + (expression[i] - '0');
        numbers.push_back(number);
    }
    return numbers;
}

std::string first_code_points(std::string_view text, std::size_t count) {
    std::size_t end = 0;
    for (; end < text.size(); ++end)
        if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && count-- == 0) break;
    return std::string(text.substr(0, end));
}

std::string two_digits(std::uint64_t number) {
    return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

/// A person with habits, at work on one interview.
class Respondent {
  public:
    Respondent(Interview& interview, Dice& dice, std::uint64_t seed)
        : interview_(interview),
          dice_(dice),
          seed_(seed),
          skips_(0.10 * static_cast<double>(dice.below(100)) / 100),
          says_missing_(0.06 * static_cast<double>(dice.below(100)) / 100),
          questions_left_(dice.chance(0.08) ? static_cast<int>(dice.below(70)) : unlimited) {}

    void fill_in() {
        visit(schema::root_node);
        if (questions_left_ == 0) return;  // broke off: nothing is put right any more
        if (dice_.chance(0.2))
            for (std::uint64_t n = dice_.below(3) + 1; n > 0; --n) change_one();
        visit_unseen_ = true;
        visit(schema::root_node);  // what the changes have made relevant
        for (int n = 0; n < 50; ++n) {
            const NodeId node = schema::first_violation(interview_);
            if (node == schema::no_node) break;
            put_right(node);
        }
    }

    /// Those that were attached; the last one counts where somebody took another.
    std::vector<schema::MediaFile> take_media() { return std::move(media_); }

  private:
    static constexpr int unlimited = 1 << 30;

    void visit(NodeId node) {
        if (questions_left_ == 0 || (node != schema::root_node && !interview_.relevant(node))) return;
        switch (interview_.kind(node)) {
            case NodeKind::question:
                if (!visit_unseen_ || !interview_.seen(node)) question(node);
                return;
            case NodeKind::repeat:
                if (!visit_unseen_ && interview_.item(node).repeat_count.empty())
                    for (std::uint64_t n = dice_.below(4); n > 0; --n) interview_.add_instance(node);
                [[fallthrough]];
            case NodeKind::root:
            case NodeKind::group:
            case NodeKind::instance:
                // By index: an answer may add or remove instances while we walk.
                for (std::size_t i = 0; i < interview_.children(node).size(); ++i)
                    visit(interview_.children(node)[i]);
        }
    }

    bool asked(const Item& item) const {
        return item.kind == ItemKind::question && item.type != QuestionType::note &&
               item.type != QuestionType::calculate && item.extension.empty();
    }

    void question(NodeId node) {
        const Item& item = interview_.item(node);
        if (item.type == QuestionType::calculate || !item.extension.empty()) return;
        interview_.mark_seen(node);
        if (!asked(item) || interview_.read_only(node)) return;
        --questions_left_;
        const bool must = interview_.required(node);
        if (!must && dice_.chance(skips_)) return;
        if (!must && dice_.chance(says_missing_)) {
            constexpr Missing said[] = {Missing::refused, Missing::dont_know, Missing::not_applicable};
            (void)interview_.say_missing(node, dice_.one_of(std::span<const Missing>(said)));
            return;
        }
        answer(node, item);
    }

    void answer(NodeId node, const Item& item) {
        switch (item.type) {
            case QuestionType::select_one:
                if (const Choice* choice = pick(node)) (void)interview_.answer(node, choice->name);
                return;
            case QuestionType::select_multiple: {
                std::string value;
                const std::vector<const Choice*> choices = interview_.choices(node);
                for (const Choice* choice : choices) {
                    const bool special = choice->exclusive || (choice->code && *choice->code < 0);
                    if (dice_.chance(special ? 0.05 : 0.3))
                        value += (value.empty() ? "" : " ") + choice->name;
                }
                if (value.empty() && !choices.empty()) value = pick(node)->name;
                (void)interview_.answer(node, value);
                return;
            }
            case QuestionType::rank: {
                std::vector<const Choice*> left = interview_.choices(node);
                std::string value;
                while (!left.empty()) {
                    const auto next = left.begin() + static_cast<std::ptrdiff_t>(dice_.below(left.size()));
                    (value += value.empty() ? "" : " ") += (*next)->name;
                    left.erase(next);
                }
                (void)interview_.answer(node, value);
                return;
            }
            case QuestionType::acknowledge:
                (void)interview_.answer(node, "OK");
                return;
            case QuestionType::integer:
            case QuestionType::decimal:
            case QuestionType::text:
            case QuestionType::date:
            case QuestionType::time:
            case QuestionType::date_time:
            case QuestionType::range:
            case QuestionType::geopoint:
            case QuestionType::barcode:
                for (int attempt = 0; attempt < 40; ++attempt) {
                    (void)interview_.answer(node, typed(item));
                    if (interview_.violation(node) != Violation::constraint) return;
                }
                (void)interview_.answer(node, "");
                return;
            case QuestionType::note:
            case QuestionType::calculate:
            case QuestionType::geotrace:
            case QuestionType::geoshape:
                return;
            case QuestionType::image:
                attach(node, "jpg");
                return;
            case QuestionType::audio:
                attach(node, "m4a");
                return;
            case QuestionType::video:
                attach(node, "mp4");
                return;
            case QuestionType::file:
                attach(node, "pdf");
                return;
        }
    }

    void attach(NodeId node, std::string_view extension) {
        const auto number = static_cast<std::uint32_t>(media_.size() + 1);
        const std::string name = schema::media_name(interview_.item(node).name, number, extension);
        const std::uint64_t size = synthetic_media_size(name, media_seed(seed_, name));
        media_.push_back({name, size, std::string(64, '0')});
        (void)interview_.answer(node, name);
    }

    /// A choice; the first of a short list more often than the others, since "yes" opens most filters.
    const Choice* pick(NodeId node) {
        const std::vector<const Choice*> choices = interview_.choices(node);
        if (choices.empty()) return nullptr;
        std::vector<const Choice*> ordinary;
        for (const Choice* choice : choices)
            if (!choice->code || *choice->code > -90) ordinary.push_back(choice);
        if (ordinary.empty() || dice_.chance(0.04))
            return dice_.one_of(std::span<const Choice* const>(choices));
        if (ordinary.size() <= 2 && dice_.chance(0.85)) return ordinary.front();
        return dice_.one_of(std::span<const Choice* const>(ordinary));
    }

    std::string typed(const Item& item) {
        const std::vector<std::int64_t> hints = numbers_in(item.constraint);
        switch (item.type) {
            case QuestionType::integer:
                return std::to_string(number(hints));
            case QuestionType::decimal: {
                const std::string fraction =
                    dice_.chance(0.5) ? "." + std::to_string(dice_.below(9) + 1) : "";
                return std::to_string(number(hints)) + fraction;
            }
            case QuestionType::date:
                return day();
            case QuestionType::time:
                return clock_time();
            case QuestionType::date_time: {
                const std::string date = day();
                return date + "T" + clock_time();
            }
            case QuestionType::range: {
                const auto range = schema::NumberRange::of(item);
                return range ? range->nth(dice_.below(range->count())) : std::to_string(number(hints));
            }
            case QuestionType::geopoint: {
                const std::string latitude = hundredths(90);
                return latitude + " " + hundredths(180);
            }
            case QuestionType::barcode:
                return code(13);
            default:
                break;
        }
        if (!item.constraint.empty() && dice_.chance(0.9)) {  // a code of some length, as regex() wants
            const std::size_t length =
                hints.empty() ? 8 : std::min<std::size_t>(64, static_cast<std::size_t>(hints.back()));
            return code(length);
        }
        const std::string_view text = dice_.one_of(std::span<const std::string_view>(texts));
        return item.max_length ? first_code_points(text, static_cast<std::size_t>(*item.max_length))
                               : std::string(text);
    }

    // A day that every month of every year has.
    std::string day() {
        std::string text = std::to_string(1950 + dice_.below(80));
        text += "-" + two_digits(1 + dice_.below(12));
        return text + "-" + two_digits(1 + dice_.below(28));
    }

    std::string clock_time() {
        std::string text = two_digits(dice_.below(24));
        return text + ":" + two_digits(dice_.below(60)) + ":00.000";
    }

    std::string code(std::size_t length) {
        std::string code;
        while (code.size() < length) code += crockford[dice_.below(crockford.size())];
        return code;
    }

    // Between -limit and limit.
    std::string hundredths(std::uint64_t limit) {
        const std::uint64_t units = dice_.below(limit * 100 + 1);
        return (dice_.chance(0.5) && units > 0 ? "-" : "") + std::to_string(units / 100) + "." +
               two_digits(units % 100);
    }

    std::int64_t number(const std::vector<std::int64_t>& hints) {
        if (!hints.empty() && dice_.chance(0.7)) {
            const auto [low, high] = std::ranges::minmax(hints);
            return low + static_cast<std::int64_t>(dice_.below(static_cast<std::uint64_t>(high - low + 1)));
        }
        constexpr std::uint64_t ranges[] = {5, 20, 120, 10000};
        return static_cast<std::int64_t>(dice_.below(dice_.one_of(std::span<const std::uint64_t>(ranges))));
    }

    /// Goes back and answers one question anew, or clears it.
    void change_one() {
        std::vector<NodeId> seen;
        collect_answered(schema::root_node, seen);
        if (seen.empty()) return;
        const NodeId node = dice_.one_of(std::span<const NodeId>(seen));
        if (!interview_.required(node) && dice_.chance(0.2)) {
            (void)interview_.answer(node, "");
        } else {
            answer(node, interview_.item(node));
        }
    }

    void collect_answered(NodeId node, std::vector<NodeId>& into) const {
        if (node != schema::root_node && !interview_.relevant(node)) return;
        if (interview_.kind(node) == NodeKind::question) {
            if (asked(interview_.item(node)) && !interview_.read_only(node) && interview_.answered(node))
                into.push_back(node);
            return;
        }
        for (const NodeId child : interview_.children(node)) collect_answered(child, into);
    }

    void put_right(NodeId node) {
        if (interview_.violation(node) == Violation::constraint) (void)interview_.answer(node, "");
        interview_.mark_seen(node);
        if (interview_.required(node)) answer(node, interview_.item(node));
    }

    Interview& interview_;
    Dice& dice_;
    std::uint64_t seed_;
    std::vector<schema::MediaFile> media_;
    double skips_, says_missing_;
    int questions_left_;
    bool visit_unseen_ = false;
};

std::string uuid(Dice& dice) {
    std::uint64_t high = dice.next(), low = dice.next();
    high = (high & ~0xf000ull) | 0x4000ull;
    low = (low & 0x3fffffffffffffffull) | 0x8000000000000000ull;
    std::string text;
    for (int i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
        const std::uint64_t half = i < 16 ? high : low;
        text += "0123456789abcdef"[half >> (60 - 4 * (i % 16)) & 15];
    }
    return text;
}

}  // namespace

schema::Submission synthetic_submission(const Fieldwork& fieldwork, std::uint64_t seed) {
    Dice dice(seed);
    schema::Surroundings surroundings;
    surroundings.random = [&dice] { return dice.next(); };
    surroundings.study = fieldwork.study;
    surroundings.wave = fieldwork.wave;
    surroundings.mode = dice.chance(0.7) ? "capi" : dice.chance(0.6) ? "casi" : "self";
    surroundings.today = fieldwork.day;
    surroundings.now = fieldwork.day + "T12:00:00+00:00";

    Interview interview = Interview::start(fieldwork.form, surroundings);
    Respondent respondent(interview, dice, seed);
    respondent.fill_in();

    const std::size_t languages = std::max<std::size_t>(fieldwork.form->form().languages.size(), 1);
    schema::Finalising how;
    how.id = uuid(dice);
    how.language = static_cast<std::size_t>(dice.below(languages));
    how.day = fieldwork.day;
    how.minutes = static_cast<int>(dice.below(60));
    how.media = respondent.take_media();
    return schema::finalise(interview, how);
}

std::uint64_t media_seed(std::uint64_t seed, std::string_view name) {
    std::uint64_t mixed_in = seed;
    for (const char c : name) mixed_in = mixed(mixed_in, static_cast<unsigned char>(c));
    return mixed_in;
}

}  // namespace fieldfare::researcher
