#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/compiled_form_parts.h"
#include "schema/evaluator.h"
#include "schema/interview.h"

namespace fieldfare::schema {

/// How often repeat_counts that depend on themselves may change in what follows from one answer.
inline constexpr std::size_t max_count_changes = 20'000;

/// Document 0 of every interview is the interview; its choice lists follow.
inline constexpr std::uint32_t document_node = 0xfffffffe;  ///< above the root element: what "/" means

struct InterviewNode {
    TemplateId template_id = none;  ///< none: the place is free
    NodeId base = 0;                ///< the first node of its scope: the root or an instance
    NodeId parent = no_node;
    std::uint32_t index = 0;  ///< among its parent's children
    bool relevant = true;     ///< with everything above
    bool required = false;
    bool read_only = false;
    bool constraint_holds = true;
    bool seen = false;
    std::optional<Missing> missing;
    std::string value;
    double number = 0;  ///< of value, as expressions take it
    std::vector<NodeId> children;
};

/// A choice that is a node of an instance. Its label is looked up when shown, in the language asked for.
struct NodeChoice : Choice {
    NodeRef origin;
};

/// The running interview: its nodes, and what an answer still has to bring up to date. The nodes of one scope
/// lie together, in the order of its slots.
struct Interview::State final : World, Document {
    /// `with_defaults`: begins with the defaults and repeat instances that the form gives; without, empty.
    State(std::shared_ptr<const CompiledForm> compiled, const Surroundings& given, bool with_defaults);

    // --- the tree; interview_tree.cpp ---
    const Template& template_of(NodeId node) const { return parts.templates[nodes[node].template_id]; }
    const Item& item_of(NodeId node) const { return *template_of(node).item; }
    bool exists(NodeId node) const { return node < nodes.size() && nodes[node].template_id != none; }
    enum class Initial { as_the_form_says, none };
    NodeId create(ScopeId scope, NodeId parent, Initial initial = Initial::as_the_form_says);
    void add_initial_instances(NodeId repeat);
    NodeId create_instance(NodeId repeat, const std::vector<InitialValue>& values);
    void set_initial_value(NodeId instance, const InitialValue& given);
    bool has_room(NodeId repeat) const;  ///< for one more instance
    bool add_instance(NodeId repeat);
    void move_last_instance(NodeId repeat, std::size_t place);
    void remove_last_instance(NodeId repeat) { remove_instance(nodes[repeat].children.back()); }
    void remove_instance(NodeId instance);
    bool counted(NodeId repeat) const;
    /// The first node of the instance of an outer scope in which a node lies.
    NodeId base_in(NodeId node, ScopeId scope) const;
    /// Appends all nodes of a template that lie in one instance of a scope around it.
    void nodes_of(TemplateId target, ScopeId scope, NodeId base, std::vector<NodeId>& out) const;
    bool stands_before(NodeId a, NodeId b) const;
    std::string path_of(NodeId node) const;

    // --- bringing up to date; interview_update.cpp ---
    void evaluate_all();
    void settle();  ///< works off what is waiting, then dynamic defaults
    void wait_for(CellId cell, NodeId node);
    void wait_for_new(NodeId base, ScopeId scope);
    void notify(NodeId node, Property property);
    void evaluate(CellId cell, NodeId node);
    void set_value(NodeId node, std::string value);  ///< an answer, a calculation, a default: what stands now
    void put_value(NodeId node, std::string value);  ///< … or what of it is on offer
    void set_relevance(NodeId node, bool relevant);
    void set_instances(NodeId repeat, double wanted);
    std::string fitted(NodeId node, std::string text) const;
    std::string text_of_result(const Value& value, Evaluator& evaluator) const;
    void begin_change();
    bool give_up();      ///< true when no steps are left: then nothing waits any more
    void end_loading();  ///< what came before was nobody's change
    void mark_changed(NodeId node) { changed_nodes.push_back(node); }
    void end_change();

    // --- actions; interview_actions.cpp ---
    void run_load_actions(Event event);
    void run_pending_actions();
    void run_actions(const ActionsByTemplate& actions, NodeId node);
    void run_action(const Action& action, NodeId owner);

    // --- what is on offer; interview_choices.cpp ---
    std::vector<const Choice*> offer(NodeId node);
    std::vector<const Choice*> compute_offer(NodeId node);
    void refresh_offer(NodeId node);
    const Choice* node_choice(std::uint32_t itemset, NodeRef node, Evaluator& evaluator);
    std::string choice_text(NodeId node, const Choice& choice, std::size_t language);
    std::string choice_words(NodeId node, const Choice& choice, std::size_t language);  ///< may be ""

    // --- texts; interview_text.cpp ---
    std::string pick(const Text& text, std::size_t language) const;
    std::string piped(std::string_view text, NodeId node, std::size_t language);
    std::string output(std::string_view inside, NodeId node);
    std::string text_in(const Text& text, NodeId node, std::size_t language);

    // --- answers; interview_answer.cpp ---
    tl::expected<std::string, AnswerError> checked(NodeId node, std::string_view value,
                                                   const std::vector<const Choice*>* offered) const;
    void fill_at_start();
    void preload(NodeId node);

    // --- World ---
    const schema::Document& document(std::uint32_t index) const override;
    std::optional<NodeRef> instance(std::string_view id) const override;
    void reference(TemplateId target, NodeRef owner, NodeSet& out) const override;
    std::optional<std::uint32_t> single(TemplateId target, NodeRef owner) const override;
    std::string_view single_text(std::uint32_t node) const override;
    double single_number(std::uint32_t node) const override;
    std::string kept_text(NodeRef node) const override;
    std::size_t position_of(NodeRef node) const override;
    std::string choice_label(std::string_view name, TemplateId target, NodeRef owner) override;
    std::string itext(std::string_view id) const override;
    std::string_view form_version() const override { return parts.form->settings.version; }
    std::string_view today() const override { return surroundings.today; }
    std::string_view now() const override { return surroundings.now; }
    std::uint64_t random() override { return surroundings.random(); }
    NodeRef start() const override { return {0, document_node}; }
    int offset_minutes(std::int64_t seconds_since_1970) const override;
    void complain(std::string_view sentence) override;

    // --- Document ---
    DocumentNodeKind kind(std::uint32_t node) const override;
    std::uint32_t root() const override { return document_node; }
    std::uint32_t parent(std::uint32_t node) const override;
    void children(std::uint32_t node, std::vector<std::uint32_t>& out) const override;
    void attributes(std::uint32_t node, std::vector<std::uint32_t>& out) const override;
    std::string_view name(std::uint32_t node) const override;
    std::string text(std::uint32_t node) const override;
    bool before(std::uint32_t a, std::uint32_t b) const override;
    bool visible(std::uint32_t node) const override;

    std::shared_ptr<const CompiledForm> form;
    const CompiledForm::Parts& parts;
    Surroundings surroundings;
    std::vector<InterviewNode> nodes;
    std::vector<std::vector<NodeId>> free_blocks;  ///< by scope: places of instances that are gone
    std::size_t instance_nodes = 0;                ///< that exist, in all instances
    std::vector<NodeId> changed_nodes;
    std::map<NodeId, std::vector<const Choice*>>
        offers;  ///< what was asked for and depends on answers or a seed
    /// Of itemsets: a choice for each node that was on offer, by itemset. They live as long as the interview.
    std::deque<NodeChoice> node_choices;
    std::vector<std::unordered_map<std::uint64_t, const NodeChoice*>> choice_of_node;
    std::unordered_map<NodeId, std::string> withheld;  ///< what was chosen, where not all of it is on offer
    std::vector<NodeId> waiting_defaults;
    std::vector<NodeId> changed_questions, new_instances;  ///< whose actions wait
    std::vector<std::string> heard;                        ///< complaints
    bool changing = true;                                  ///< between begin_change() and end_change()
    std::size_t language = 0;  ///< in which jr:itext() and jr:choice-name() answer
    bool with_defaults = true;
    std::size_t counts_changed = 0;          ///< likewise
    std::size_t actions_run = 0;             ///< since the last thing that a person did
    int label_depth = 0, labels_inside = 0;  ///< of texts that quote texts (QuotedLabel)
    NodeId text_reader = root_node;          ///< from which the outputs in jr:itext() are seen
    bool loading = true;    ///< the interview is being set up: no value has been changed by anybody
    double order_seed = 0;  ///< for lists shuffled without a seed of their own; 0: not drawn yet

    /// Cells to look at again: rank above, node below, so that the order of the numbers is dependency order.
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> waiting;
    std::uint64_t passed_rank = ~std::uint64_t{0};  ///< during evaluate_all: cells behind it come anyway
};

/// While it lives, texts are in this language.
class LanguageInUse {
  public:
    LanguageInUse(Interview::State& state, std::size_t language, NodeId reader)
        : state_(state), before_(state.language), reader_before_(state.text_reader) {
        state.language = language;
        state.text_reader = reader;
    }
    ~LanguageInUse() {
        state_.language = before_;
        state_.text_reader = reader_before_;
    }
    LanguageInUse(const LanguageInUse&) = delete;
    LanguageInUse& operator=(const LanguageInUse&) = delete;

  private:
    Interview::State& state_;
    std::size_t before_;
    NodeId reader_before_;
};

/// Choices' labels and itext can quote one another: for ever, or two that quote two each. So deep and so many
/// follow from one; after that a text is empty.
class QuotedLabel {
  public:
    explicit QuotedLabel(Interview::State& state) : state_(state) {
        if (state.label_depth++ == 0) state.labels_inside = 0;
        ++state.labels_inside;
    }
    ~QuotedLabel() { --state_.label_depth; }
    QuotedLabel(const QuotedLabel&) = delete;
    QuotedLabel& operator=(const QuotedLabel&) = delete;

    bool too_deep() const {
        constexpr int deepest = 8, most_inside_one = 1'000;
        return state_.label_depth > deepest || state_.labels_inside > most_inside_one;
    }

  private:
    Interview::State& state_;
};

}  // namespace fieldfare::schema
