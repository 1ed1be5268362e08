#include "tests/fuzz/filling_in.h"

#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

#include "schema/compiled_form.h"
#include "schema/form_json.h"
#include "schema/interview.h"
#include "schema/submission.h"
#include "schema/submission_xml.h"

namespace fieldfare::fuzz {
namespace {

using namespace schema;

// Enough to reach everything that a small form does; a large one is not walked over and over.
constexpr std::size_t most_nodes = 400;
constexpr int steps = 16;

struct Random {
    std::uint64_t state;
    std::uint64_t operator()() {  // splitmix64
        std::uint64_t z = (state += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
};

Surroundings surroundings(std::uint64_t seed) {
    Surroundings given;
    given.random = Random{seed};
    given.study = "study1";
    given.wave = "2";
    given.today = "2026-11-23";
    given.now = "2026-11-23T21:05:00.000+04:00";
    return given;
}

std::vector<NodeId> some_nodes(const Interview& interview) {
    std::vector<NodeId> found, waiting{root_node};
    while (!waiting.empty() && found.size() < most_nodes) {
        const NodeId node = waiting.back();
        waiting.pop_back();
        found.push_back(node);
        const auto below = interview.children(node);
        const std::size_t count = std::min(below.size(), most_nodes);
        for (std::size_t i = count; i > 0; --i) waiting.push_back(below[i - 1]);
    }
    return found;
}

void look_at(const Interview& interview, const std::vector<NodeId>& nodes) {
    const std::size_t languages = std::min<std::size_t>(interview.form().form().languages.size(), 2);
    for (const NodeId node : nodes) {
        const std::string path = interview.path_of(node);
        must(node == root_node || interview.find(path) == node || path.find('[') != std::string::npos,
             "a node is found by its path");
        (void)interview.read_only(node);
        (void)interview.draft_entry(node);
        if (node == root_node) continue;
        for (std::size_t language = 0; language <= languages; ++language) {
            (void)interview.label(node, language);
            (void)interview.hint(node, language);
            (void)interview.guidance_hint(node, language);
            (void)interview.constraint_message(node, language);
            (void)interview.required_message(node, language);
        }
        const auto choices = interview.choices(node);
        for (std::size_t i = 0; i < choices.size() && i < 20; ++i)
            (void)interview.choice_label(node, *choices[i], i % 2);
    }
}

std::string some_answer(const Interview& interview, NodeId node, Random& random) {
    static const std::array<std::string, 22> answers{"",
                                                     "1",
                                                     "0",
                                                     "-0",
                                                     "-7",
                                                     "3.5",
                                                     "999999999",
                                                     "1e400",
                                                     "NaN",
                                                     "yes",
                                                     "a b",
                                                     "a a",
                                                     "2026-02-28",
                                                     "2026-02-30",
                                                     "12:30:00.000+04:00",
                                                     "2026-11-23T12:00:00.000Z",
                                                     "40.1 44.5 0 0",
                                                     "40 44; 41 44; 41 45; 40 44",
                                                     "\xff\xfe",
                                                     std::string("a\0b", 3),
                                                     std::string(70'000, 'x'),
                                                     std::string(60'000, 'y')};
    if (random() % 2 == 0) {
        const auto choices = interview.choices(node);
        if (!choices.empty()) {
            std::string value = choices[random() % choices.size()]->name;
            if (random() % 2 == 0) value += " " + choices[random() % choices.size()]->name;
            return value;
        }
    }
    return answers[random() % answers.size()];
}

void do_something(Interview& interview, Random& random) {
    const auto nodes = some_nodes(interview);
    const NodeId node = nodes[random() % nodes.size()];
    switch (interview.kind(node)) {
        case NodeKind::root:
        case NodeKind::group:
            interview.set_language(random() % (interview.form().form().languages.size() + 1));
            return;
        case NodeKind::repeat:
            (void)interview.add_instance(node);
            return;
        case NodeKind::instance:
            if (random() % 2 == 0) (void)interview.remove_instance(node);
            return;
        case NodeKind::question:
            interview.mark_seen(node);
            if (random() % 8 == 0)
                (void)interview.say_missing(node, Missing::refused);
            else
                (void)interview.answer(node, some_answer(interview, node, random));
            return;
    }
}

void finish(const Interview& interview, const Form& form) {
    (void)first_violation(interview);
    const Submission submission =
        finalise(interview, {"11111111-2222-4333-8444-555555555555", 0, "2026-11-23", 12});
    const std::string json = to_json(submission, form);
    const auto again = submission_from_json(json, form);
    if (again) must(to_json(*again, form) == json, "a submission comes back from its JSON");
    (void)instance_xml(interview);
    (void)instance_xml(submission, form);
}

}  // namespace

std::vector<std::string> pieces_of(std::string_view input, std::size_t most) {
    std::vector<std::string> pieces;
    while (pieces.size() + 1 < most) {
        const std::size_t at = input.find("\n%%\n");
        if (at == std::string_view::npos) break;
        pieces.emplace_back(input.substr(0, at));
        input.remove_prefix(at + 4);
    }
    pieces.emplace_back(input);
    return pieces;
}

std::uint64_t seed_of(std::string_view input) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char c : input) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

void must_come_back(const Form& form) {
    const auto again = form_from_json(to_json(form));
    must(again.has_value(), "what to_json writes is read");
    must(*again == form, "a form comes back from its JSON");
}

void go_through(const Form& form, std::uint64_t seed) {
    const auto compiled = CompiledForm::compile(std::make_shared<const Form>(form), "form");
    if (!compiled) {
        must(!compiled.error().errors.empty(), "a refusal has a reason");
        for (const Problem& problem : compiled.error().errors)
            must(!problem.message.empty(), "a reason is a sentence");
        return;
    }
    Random random{seed};
    Interview interview = Interview::start(*compiled, surroundings(seed));
    look_at(interview, some_nodes(interview));
    for (int step = 0; step < steps; ++step) do_something(interview, random);
    look_at(interview, some_nodes(interview));
    const auto draft = interview.draft();
    std::vector<DraftEntry> dropped;
    Interview resumed = Interview::resume(*compiled, surroundings(seed + 1), draft, &dropped);
    for (int step = 0; step < 4; ++step) do_something(resumed, random);
    finish(resumed, form);
    finish(interview, form);
}

WorkFolder::WorkFolder() {
    path_ = (std::filesystem::temp_directory_path() / "fieldfare-fuzz-XXXXXX").string();
    must(mkdtemp(path_.data()) != nullptr, "a folder can be made");
}

WorkFolder::~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string WorkFolder::file(std::string_view name, std::string_view bytes) const {
    std::string at = path_ + "/" + std::string(name);
    std::ofstream(at, std::ios::binary) << bytes;
    return at;
}

}  // namespace fieldfare::fuzz
