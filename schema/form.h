#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fieldfare::schema {

// A Form is one version of a questionnaire as its author wrote it: plain values, no behaviour. Expressions
// and labels stand here as source text; CompiledForm (compiled_form.h) parses and resolves them.
// Words are XLSForm's (https://xlsform.org): survey, choices, settings, relevant, constraint, choice_filter.

/// A language that has labels, named as in the column header "label::Russian (ru)".
struct Language {
    std::string name;  ///< "Russian (ru)"; "" for a form whose columns name no language
    std::string code;  ///< "ru", from the brackets; empty when there are none

    bool operator==(const Language&) const = default;
};

/// A text in the form's languages: one entry for each of Form::languages, "" where there is none. An empty
/// vector means that the item has no such text at all. May hold ${name} references (piping).
using Text = std::vector<std::string>;

enum class ItemKind { question, group, repeat };

/// XLSForm types of a question. `note` shows text and takes no answer; `calculate` is never shown.
enum class QuestionType { text, integer, decimal, date, select_one, select_multiple, note, calculate };

/// What the program, not the respondent, puts into a `calculate` row (column x_fill).
enum class Fill {
    none,
    form_version,     ///< settings: version
    study,            ///< the study's tag
    wave,             ///< the wave of a panel, from the study's policy
    mode,             ///< capi (interviewer), casi (handed over), self (kiosk)
    language,         ///< code of the language in use when the interview is finalised
    random_31_bit,    ///< 1 … 2^31-2, drawn at the start of the interview
    random_arm,       ///< one of Item::fill_arguments, drawn evenly at the start of the interview
    duration_bucket,  ///< total length as one of "<5" "5-10" "10-20" "20-40" ">40" minutes, at finalise
};

/// A row of the survey sheet, with what a begin/end pair encloses.
struct Item {
    ItemKind kind = ItemKind::question;
    QuestionType type = QuestionType::text;  ///< of a question only
    std::string name;
    int row = 0;  ///< row in the survey sheet, 1 being the header

    Text label, hint, constraint_message, required_message;

    // Expressions as written, "" for none. In a question's own constraint "." is its value.
    std::string relevant, constraint, required, read_only, calculation, default_value, choice_filter;
    std::string repeat_count;  ///< of a repeat only

    std::string list;  ///< name of the choice list of a select
    bool randomize = false;
    std::string seed;  ///< expression; empty with randomize: the order is drawn for each interview
    std::string appearance;

    Fill fill = Fill::none;
    std::vector<std::string> fill_arguments;
    bool handover = false;          ///< of a group: the respondent fills it in alone (x_handover)
    bool arm = false;               ///< asked in one random arm only; elsewhere missing "by design" (x_arm)
    std::string extension;          ///< a row for a later extension: never shown, and form check says so
    std::optional<int> max_length;  ///< in Unicode code points (x_max_length)
    std::map<std::string, std::string> extra;  ///< the other x_ columns, kept for reports

    std::vector<Item> children;  ///< of a group or a repeat

    bool operator==(const Item&) const = default;
};

struct Choice {
    std::string name;
    Text label;
    int row = 0;              ///< row in the choices sheet
    std::optional<int> code;  ///< number in exports; -91 … -99 becomes a missing state there (Missing)
    bool pin = false;         ///< keeps its place at the end when the list is shuffled
    bool exclusive = false;   ///< in a select_multiple it clears the others, and they clear it
    std::map<std::string, std::string> columns;  ///< other columns, for choice_filter

    bool operator==(const Choice&) const = default;
};

struct ChoiceList {
    std::string name;
    std::vector<Choice> choices;

    bool operator==(const ChoiceList&) const = default;
};

struct Settings {
    std::string form_title, form_id, version;
    std::string default_language;  ///< a Language::name; "" when the form names no languages
    std::string instance_name;     ///< expression, "" for none
    std::string root = "data";     ///< what absolute paths in expressions begin with: /data/group/question
    std::map<std::string, std::string> extra;  ///< x_ columns

    bool operator==(const Settings&) const = default;
};

/// One version of a form. Immutable once read; share it as `std::shared_ptr<const Form>`.
struct Form {
    Settings settings;
    std::vector<Language> languages;  ///< only languages that have at least one label
    std::vector<Item> items;
    std::vector<ChoiceList> lists;

    bool operator==(const Form&) const = default;
};

}  // namespace fieldfare::schema
