#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "schema/compiled_form.h"
#include "schema/interview.h"
#include "schema/submission.h"
#include "tests/support/scenario_form.h"

namespace fieldfare::schema {

/// The same numbers in every run.
struct SeededRandom {
    std::uint64_t state = 1;
    std::uint64_t operator()() {  // splitmix64
        std::uint64_t z = (state += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
};

inline Surroundings test_surroundings(std::uint64_t seed = 1) {
    Surroundings given;
    given.random = SeededRandom{seed};
    given.study = "study1";
    given.wave = "2";
    given.today = "2026-11-23";
    given.now = "2026-11-23T21:05:00.000+04:00";
    return given;
}

inline std::shared_ptr<const CompiledForm> compiled(const std::string& table) {
    auto result = CompiledForm::compile(std::make_shared<const Form>(form_of(table)), "test.xlsx");
    if (!result) throw std::runtime_error(to_string(result.error().errors.front()));
    return *result;
}

/// All errors of a form, one a line; "" when there are none.
inline std::string errors_of(const std::string& table) {
    auto result = CompiledForm::compile(std::make_shared<const Form>(form_of(table)));
    std::string errors;
    if (!result)
        for (const Problem& problem : result.error().errors) errors += to_string(problem) + "\n";
    return errors;
}

/// One interview, spoken to in a test's words: questions by name or path, answers as text.
class Scenario {
  public:
    explicit Scenario(const std::string& table, std::uint64_t seed = 1) : Scenario(compiled(table), seed) {}
    explicit Scenario(std::shared_ptr<const CompiledForm> form, std::uint64_t seed = 1)
        : form_(form), seed_(seed), interview_(Interview::start(form, test_surroundings(seed))) {}

    NodeId node(std::string_view name) const {
        const NodeId found = interview_.find(name);
        if (found == no_node) throw std::runtime_error("no node " + std::string(name));
        return found;
    }

    /// Must be taken.
    Scenario& answer(std::string_view name, std::string_view value) {
        const auto taken = interview_.answer(node(name), value);
        if (!taken)
            throw std::runtime_error("answer to " + std::string(name) + " not taken: error " +
                                     std::to_string(static_cast<int>(taken.error())));
        return *this;
    }
    /// The error, which there must be.
    AnswerError refused(std::string_view name, std::string_view value) {
        const auto taken = interview_.answer(node(name), value);
        if (taken) throw std::runtime_error("answer to " + std::string(name) + " was taken");
        return taken.error();
    }
    Scenario& say(std::string_view name, Missing missing) {
        if (!interview_.say_missing(node(name), missing)) throw std::runtime_error("not taken");
        return *this;
    }
    Scenario& see(std::string_view name) {
        interview_.mark_seen(node(name));
        return *this;
    }
    Scenario& change_language(std::size_t language) {
        language_ = language;
        interview_.set_language(language);
        return *this;
    }
    bool add(std::string_view repeat) { return interview_.add_instance(node(repeat)); }
    bool remove(std::string_view instance) { return interview_.remove_instance(node(instance)); }

    bool exists(std::string_view name) const { return interview_.find(name) != no_node; }
    bool relevant(std::string_view name) const { return interview_.relevant(node(name)); }
    bool required(std::string_view name) const { return interview_.required(node(name)); }
    bool read_only(std::string_view name) const { return interview_.read_only(node(name)); }
    std::string value(std::string_view name) const { return std::string(interview_.value(node(name))); }
    Violation violation(std::string_view name) const { return interview_.violation(node(name)); }
    std::string label(std::string_view name) const { return interview_.label(node(name), language_); }
    std::string hint(std::string_view name) const { return interview_.hint(node(name), language_); }
    std::size_t instances(std::string_view repeat) const { return interview_.children(node(repeat)).size(); }

    /// Names of the choices on offer, "a b c".
    std::string choices(std::string_view name) const {
        std::string names;
        for (const Choice* choice : interview_.choices(node(name)))
            (names += names.empty() ? "" : " ") += choice->name;
        return names;
    }
    /// Labels of the choices on offer, "A|B".
    std::string choice_labels(std::string_view name) const {
        std::string labels;
        for (const Choice* choice : interview_.choices(node(name)))
            (labels += labels.empty() ? "" : "|") += interview_.choice_label(node(name), *choice, language_);
        return labels;
    }
    /// Paths of what the last answer changed, "/a /b".
    std::string changed() const {
        std::string paths;
        for (const NodeId each : interview_.changed())
            (paths += paths.empty() ? "" : " ") += interview_.path_of(each);
        return paths;
    }

    /// Another scenario that goes on from this one's draft.
    Scenario resumed() const {
        Scenario other(form_, seed_ + 1000);
        other.interview_ =
            Interview::resume(form_, test_surroundings(seed_ + 1000), interview_.draft(), nullptr);
        return other;
    }
    Submission finalised(int minutes = 12) const {
        return finalise(interview_,
                        {"11111111-2222-4333-8444-555555555555", language_, "2026-11-23", minutes});
    }
    std::string submission() const { return to_json(finalised(), form_->form()); }

    Interview& interview() { return interview_; }
    const Interview& interview() const { return interview_; }
    const std::shared_ptr<const CompiledForm>& form() const { return form_; }

  private:
    std::shared_ptr<const CompiledForm> form_;
    std::uint64_t seed_;
    Interview interview_;
    std::size_t language_ = 0;
};

}  // namespace fieldfare::schema
