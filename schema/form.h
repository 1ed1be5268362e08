#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fieldfare::schema {

// A Form is one version of a questionnaire as its author wrote it: plain values, no behaviour. Expressions
// and labels stand here as source text; CompiledForm (compiled_form.h) parses and resolves them.
// Words are XLSForm's (https://xlsform.org): survey, choices, settings, relevant, constraint, choice_filter;
// what only an XForm can say has the words of https://getodk.github.io/xforms-spec: bind, itemset, action.
// Items stand in the order of the primary instance: a row is a node of it, with what binds and body say of
// it.

/// A language that has labels, named as in the column header "label::Russian (ru)".
struct Language {
    std::string name;  ///< "Russian (ru)"; "" for a form whose columns name no language
    std::string code;  ///< "ru", from the brackets; empty when there are none

    bool operator==(const Language&) const = default;
};

/// A text in the form's languages: one entry for each of Form::languages, "" where there is none. An empty
/// vector means that the item has no such text at all. May hold ${name} (piping), or ${expression} where an
/// XForm has an output; the expression's "}" in quotes does not end it. A literal "${" is ${'${'}.
using Text = std::vector<std::string>;

enum class ItemKind { question, group, repeat };

/// XLSForm types of a question. `note` shows text and takes no answer; `calculate` is never shown (hidden and
/// metadata rows, too, and every node without a body control). `rank` holds all its choices in the order
/// given.
enum class QuestionType {
    text,
    integer,
    decimal,
    date,
    select_one,
    select_multiple,
    note,
    calculate,
    time,
    date_time,
    rank,
    range,
    acknowledge,
    geopoint,
    geotrace,
    geoshape,
    image,
    audio,
    video,
    file,
    barcode,
};

/// The type that a bind gives the value, where it is not the one that the question's type has anyway.
enum class DataType {
    usual,
    string,
    integer,
    boolean,
    decimal,
    date,
    time,
    date_time,
    geopoint,
    geotrace,
    geoshape,
    binary,
    barcode,
    intent,
};

/// When an action runs (ODK XForms, "Events"): at the first load of a new interview, at every load, when an
/// instance of a repeat is added, after the value of its question has changed.
enum class Event { first_load, load, new_repeat, value_changed };

/// setvalue: puts a value into a node. Of an item the actions stand in its body control (value_changed: its
/// own value) or its repeat (new_repeat); of the form, in the model (loads).
struct SetValue {
    std::vector<Event> events;
    std::string ref;    ///< path of the node that takes the value; seen from the item, if not absolute
    std::string value;  ///< expression; "" for the literal
    std::string literal;
    int row = 0;

    bool operator==(const SetValue&) const = default;
};

/// Choices that are nodes of an instance: external or internal secondary ones, or a repeat's instances.
struct Itemset {
    std::string nodeset;  ///< path with its predicates; "" for no itemset
    std::string value;    ///< path from each node to the choice's name
    std::string label;    ///< expression seen from each node: a path, or jr:itext(…)

    bool operator==(const Itemset&) const = default;
};

/// A value that the primary instance of an XForm gives to a node of an instance of a repeat.
struct InitialValue {
    std::string path;  ///< from the instance: "group/question", "inner[2]/question"; "inner[2]" makes it only
    std::string value;

    bool operator==(const InitialValue&) const = default;
};

/// An attribute of a node, as written: prefix, xmlns and all.
struct Attribute {
    std::string name, value;

    bool operator==(const Attribute&) const = default;
};

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

/// A row of the survey sheet, with what a begin/end pair encloses. An attribute that an XForm binds is a
/// calculate named "@attribute" among the children of its element; `attributes` say where it stands.
struct Item {
    ItemKind kind = ItemKind::question;
    QuestionType type = QuestionType::text;  ///< of a question only
    std::string name;
    int row = 0;  ///< row in the survey sheet, 1 being the header

    Text label, hint, guidance_hint, constraint_message, required_message;
    std::map<std::string, Text> media;  ///< file names by form: image, big-image, audio, video

    // Expressions as written, "" for none. In a question's own constraint "." is its value.
    std::string relevant, constraint, required, read_only, calculation, default_value, choice_filter;
    bool default_is_literal = false;  ///< the default is the value itself, whatever it looks like
    std::string repeat_count;         ///< of a repeat only

    DataType data_type = DataType::usual;

    std::string list;  ///< name of the choice list of a select or rank; "" with an itemset
    Itemset itemset;
    bool randomize = false;
    std::string seed;  ///< expression; empty with randomize: the order is drawn for each interview
    std::string appearance;
    std::map<std::string, std::string> parameters;  ///< others: start, end, step of a range, max-pixels, …

    std::vector<SetValue> actions;
    std::string preload, preload_parameters;  ///< jr:preload: what the program puts in, "date" "today"
    /// Of a repeat: the instances it has from the start; one list of values an instance.
    std::vector<std::vector<InitialValue>> initial;
    bool no_add_remove = false;         ///< of a repeat: nobody adds or removes instances (jr:noAddRemove)
    std::vector<Attribute> attributes;  ///< of its node in the submission's XML
    std::map<std::string, std::string> bind_attributes, body_attributes;  ///< others, kept for the XForm

    Fill fill = Fill::none;
    std::vector<std::string> fill_arguments;
    bool handover = false;          ///< of a group: the respondent fills it in alone (x_handover)
    bool arm = false;               ///< asked in one random arm only; elsewhere missing "by design" (x_arm)
    std::string extension;          ///< a row for a later extension: never shown, and form check says so
    std::optional<int> max_length;  ///< in Unicode code points (x_max_length)
    std::map<std::string, std::string> extra;  ///< the other x_ columns, kept for reports

    std::vector<Item> children;  ///< of a group or a repeat; of a question its bound attributes

    bool operator==(const Item&) const = default;
};

struct Choice {
    std::string name;
    Text label;
    std::map<std::string, Text> media;  ///< file names by form: image, big-image, audio, video
    int row = 0;                        ///< row in the choices sheet
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
    std::vector<Attribute> root_attributes;  ///< of the root node in the submission's XML, id and version too
    std::map<std::string, std::string> odk;  ///< columns that only ODK's tools read: style, submission_url, …
    std::map<std::string, std::string> extra;  ///< x_ columns

    bool operator==(const Settings&) const = default;
};

/// A node of a secondary instance; in document order, attributes right behind their element and one deeper.
struct InstanceNode {
    int depth = 0;  ///< 0 for the root element (XForms: the child of <instance>)
    bool attribute = false;
    std::string name, text;

    bool operator==(const InstanceNode&) const = default;
};

/// A secondary instance, read already: XML as it is, CSV as root/item/column, GeoJSON as ODK maps it.
struct SecondaryInstance {
    std::string id;
    std::string source;  ///< "jr://file-csv/cities.csv"; "" for an instance that stands in the form
    std::vector<InstanceNode> nodes;

    bool operator==(const SecondaryInstance&) const = default;
};

/// One version of a form. Immutable once read; share it as `std::shared_ptr<const Form>`.
struct Form {
    Settings settings;
    std::vector<Language> languages;  ///< only languages that have at least one label
    std::vector<Item> items;
    std::vector<ChoiceList> lists;
    std::vector<SecondaryInstance> instances;
    std::vector<SetValue> actions;      ///< of the model
    std::map<std::string, Text> texts;  ///< for jr:itext()

    bool operator==(const Form&) const = default;
};

}  // namespace fieldfare::schema
