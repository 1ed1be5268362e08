#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schema/compiled_form.h"
#include "schema/missing.h"

namespace fieldfare::schema {

/// A node of the running interview: a question, a group, a repeat, or one instance of a repeat. Stays valid
/// while the node exists; an instance's nodes go when repeat_count shrinks. The root is 0.
using NodeId = std::uint32_t;
inline constexpr NodeId root_node = 0;
inline constexpr NodeId no_node = 0xffffffff;

enum class NodeKind { root, group, repeat, instance, question };

/// Why an answer does not stand.
enum class Violation { none, constraint, required };

/// Why an answer was not taken at all. The node keeps what it had.
enum class AnswerError {
    not_a_question,  ///< group, note, calculate, read-only or unknown node
    not_a_number,    ///< integer or decimal expected
    out_of_range,    ///< beyond ±2147483647 (integer) or of more than 17 digits (decimal)
    not_a_date,      ///< a day YYYY-MM-DD of the years 1 … 9999, a time, or both expected
    not_a_choice,    ///< no such choice on offer, or one twice; of a rank, not all of them
    not_a_place,     ///< latitude and longitude in degrees, then altitude and accuracy, or a list of such
    too_long,        ///< over max_length, or over 64 KiB
    not_text,        ///< not valid UTF-8, or holding control characters other than newline and tab
};

/// What a respondent can say instead of an answer: refused, dont_know, not_applicable.
using SaidMissing = Missing;

/// One stored fact of a draft, enough with the others to go on exactly where the interview stood.
struct DraftEntry {
    std::string path;   ///< as path_of: "/d/stay[2]/st_region"
    std::string value;  ///< serialised as in XForms: choice names separated by spaces, ISO dates
    std::optional<Missing> missing;
    bool seen = false;

    bool operator==(const DraftEntry&) const = default;
};

/// What the outside gives an interview: its randomness and clock, and what x_fill rows are filled with.
struct Surroundings {
    std::function<std::uint64_t()> random;  ///< uniform 64 bits; a test or simulate passes a seeded one
    std::string study, wave;
    std::string mode = "capi";  ///< capi | casi | self
    std::string today;          ///< YYYY-MM-DD in the place of the interview, for today()
    std::string now;            ///< ISO 8601 with offset, for now()
    /// Minutes east of Greenwich that clocks showed here so many seconds after 1970; nothing: what now has.
    std::function<int(std::int64_t)> offset_minutes;
    /// Steps of evaluation that may follow from one change, or from showing one text: some seconds' work,
    /// which only a form made to hang needs. complaints() then says that the rest was taken as empty.
    std::uint64_t most_steps = 300'000'000;
};

/// One respondent's answers and what follows from them: which questions are relevant, calculated, required,
/// invalid. An answer re-evaluates only what depends on it, in dependency order, each once. Not thread-safe;
/// one thread at a time. Copying is refused, moving is cheap. Values of questions that are not relevant are
/// kept (the person may come back) but are empty to every expression and left out of the submission.
class Interview {
  public:
    /// Starts an empty interview: fills x_fill rows that are drawn at the start, evaluates everything once.
    static Interview start(std::shared_ptr<const CompiledForm> form, const Surroundings& surroundings);

    /// Goes on from a draft of the same form version. Entries whose path or value the form does not know
    /// are left out and returned in `dropped` (nullptr: not wanted); nothing else is lost.
    static Interview resume(std::shared_ptr<const CompiledForm> form, const Surroundings& surroundings,
                            std::span<const DraftEntry> entries, std::vector<DraftEntry>* dropped);

    Interview(Interview&&) noexcept;
    Interview& operator=(Interview&&) noexcept;
    ~Interview();

    const CompiledForm& form() const;

    // --- the tree ---
    NodeKind kind(NodeId node) const;
    const Item& item(NodeId node) const;  ///< of any node but the root
    NodeId parent(NodeId node) const;     ///< no_node for the root
    std::span<const NodeId> children(NodeId node) const;
    std::string path_of(NodeId node) const;            ///< "/d/stay[2]/st_region"; instances count from 1
    NodeId find(std::string_view path_or_name) const;  ///< by path, or by a name that stands once; or no_node

    // --- state, always up to date ---
    bool relevant(NodeId node) const;  ///< with every node above it
    bool required(NodeId node) const;
    bool read_only(NodeId node) const;                  ///< itself, or a group or repeat above it
    Violation violation(NodeId node) const;             ///< constraint first; none for what is not relevant
    std::string_view value(NodeId node) const;          ///< serialised; "" when empty
    std::optional<Missing> missing(NodeId node) const;  ///< what the respondent said, or nothing
    bool seen(NodeId node) const;
    bool answered(NodeId node) const { return !value(node).empty() || missing(node).has_value(); }

    // --- texts, with ${…} filled in; falls back language, default language, first that has one, name ---
    std::string label(NodeId node, std::size_t language) const;
    std::string hint(NodeId node, std::size_t language) const;                ///< "" when there is none
    std::string guidance_hint(NodeId node, std::size_t language) const;       ///< "" when there is none
    std::string constraint_message(NodeId node, std::size_t language) const;  ///< "" when there is none
    std::string required_message(NodeId node, std::size_t language) const;    ///< "" when there is none

    /// The choices on offer now, after choice_filter, in the order to show: shuffled when the question says
    /// so, the same each time, pinned ones last. Pointers live as long as the form.
    std::vector<const Choice*> choices(NodeId node) const;
    std::string choice_label(NodeId node, const Choice& choice, std::size_t language) const;
    /// The same without falling back to the name: "" for a choice that has no words.
    std::string choice_words(NodeId node, const Choice& choice, std::size_t language) const;

    // --- what the person does ---
    /// Takes an answer ("" clears it) and brings everything that depends on it up to date. Clears a said
    /// missing state. A value that breaks the constraint is taken and shows as a violation. A select's answer
    /// that is no longer on offer after another answer is taken back, as in ODK, unless its question is not
    /// relevant. In a select_multiple an exclusive choice drops the others; the last one given wins. Whoever
    /// answers has seen the question.
    tl::expected<void, AnswerError> answer(NodeId node, std::string_view value);

    /// "refused", "don't know" or "not applicable" instead of an answer; clears the value. Any other state,
    /// and a node that takes no answers, gives not_a_question.
    tl::expected<void, AnswerError> say_missing(NodeId node, SaidMissing missing);

    /// The question has been on the screen: empty now means skipped, no longer not reached.
    void mark_seen(NodeId node);

    /// Nodes whose value, relevance, required, violation or choices changed in the last answer or
    /// say_missing, in document order, the answered one included. Labels that quote an answer are not among
    /// them.
    std::span<const NodeId> changed() const;

    /// What could not be worked out in the start or the last change, a sentence each, once, at most 16 of
    /// them: a pattern that takes too long, a limit that was reached. They name functions and limits, no
    /// answers.
    std::span<const std::string> complaints() const;

    /// The language in which jr:itext() and jr:choice-name() answer, an index into Form::languages; at first
    /// the form's default. What was calculated with them is brought up to date.
    void set_language(std::size_t language);

    /// Adds or removes an instance of a repeat that has no repeat_count. False where the form forbids it, at
    /// 10,000 instances of it, and at 1,000,000 nodes in all instances; a repeat_count ends there, too. The
    /// paths of later instances change: store the whole draft() anew.
    /// `place`: how many instances come before the new one; nothing for all.
    bool add_instance(NodeId repeat, std::optional<std::size_t> place = {});
    bool remove_instance(NodeId instance);

    /// The draft as it stands, in document order: answered or seen questions, drawn fills, what once() keeps,
    /// an entry for each instance that was added, and at "/" the seed of lists that are shuffled without one.
    std::vector<DraftEntry> draft() const;
    std::optional<DraftEntry> draft_entry(NodeId node) const;  ///< nothing for what a draft does not hold

    struct State;  ///< private to schema's .cpp files
    const State& state() const { return *state_; }

  private:
    explicit Interview(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace fieldfare::schema
