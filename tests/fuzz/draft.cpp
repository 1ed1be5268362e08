// What a vault holds of a draft: a line an entry, of a character ('1' and every second one: seen; from '2' on
// a reason for no answer), a path and, behind a tab, the value. No key protects a vault from whoever has it
// unlocked, and a newer program may have written it.

#include <algorithm>
#include <map>

#include "schema/compiled_form.h"
#include "schema/interview.h"
#include "schema/submission.h"
#include "tests/fuzz/filling_in.h"

using namespace fieldfare;
using namespace fieldfare::schema;

namespace {

Item question(std::string name, QuestionType type, std::string list = {}) {
    Item item;
    item.name = std::move(name);
    item.type = type;
    item.list = std::move(list);
    return item;
}

Item box(std::string name, ItemKind kind, std::vector<Item> children) {
    Item item;
    item.name = std::move(name);
    item.kind = kind;
    item.children = std::move(children);
    return item;
}

/// A question of every kind, some that others decide on, and repeats within a repeat.
std::shared_ptr<const CompiledForm> every_kind() {
    Form form;
    form.settings.form_id = "d";
    form.lists.resize(1);
    form.lists.front().name = "l";
    for (const char* name : {"a", "b", "c"}) form.lists.front().choices.emplace_back().name = name;
    Item age = question("age", QuestionType::integer);
    age.constraint = ". < 120";
    Item sum = question("sum", QuestionType::calculate);
    sum.calculation = "sum(${years}) + count(${stay})";
    Item years = question("years", QuestionType::decimal);
    years.relevant = "${age} > 17";
    Item photo = question("photo", QuestionType::image);
    photo.relevant = "selected(${many}, 'b')";
    const Item room = box("room", ItemKind::repeat, {question("size", QuestionType::decimal), photo});
    form.items = {age,
                  question("one", QuestionType::select_one, "l"),
                  question("many", QuestionType::select_multiple, "l"),
                  question("order", QuestionType::rank, "l"),
                  question("words", QuestionType::text),
                  question("day", QuestionType::date),
                  question("moment", QuestionType::date_time),
                  question("place", QuestionType::geopoint),
                  question("read", QuestionType::acknowledge),
                  box("stay", ItemKind::repeat, {years, room}),
                  sum};
    auto compiled = CompiledForm::compile(std::make_shared<const Form>(std::move(form)));
    fuzz::must(compiled.has_value(), "the form of this target is one");
    return *compiled;
}

Surroundings surroundings() {
    Surroundings given;
    given.random = [] { return std::uint64_t{7}; };
    given.today = "2026-11-23";
    given.now = "2026-11-23T21:05:00.000+04:00";
    return given;
}

/// By path, as the vault has them: each path once.
std::vector<DraftEntry> entries_of(std::string_view input) {
    std::map<std::string, DraftEntry> entries;
    while (!input.empty()) {
        const std::string_view line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        if (line.empty()) continue;
        const std::size_t tab = std::min(line.find('\t'), line.size());
        DraftEntry entry;
        entry.path = line.substr(1, tab - std::min<std::size_t>(tab, 1));
        entry.value = line.substr(std::min(tab + 1, line.size()));
        const int said = line[0] - '0';
        entry.seen = said % 2 == 1;
        if (said >= 2) entry.missing = missing_from_code(-100 + said / 2);
        entries.insert_or_assign(entry.path, std::move(entry));
    }
    std::vector<DraftEntry> all;
    for (auto& [path, entry] : entries) all.push_back(std::move(entry));
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto form = every_kind();
    const auto entries = entries_of(fuzz::text_of(data, size));
    std::vector<DraftEntry> dropped;
    const Interview resumed = Interview::resume(form, surroundings(), entries, &dropped);
    const auto draft = resumed.draft();
    const auto has = [](const std::vector<DraftEntry>& all, const std::string& path) {
        return std::ranges::any_of(all, [&](const DraftEntry& one) { return one.path == path; });
    };
    for (const DraftEntry& entry : entries) {
        const bool made_anew = entry.path == "/sum" || entry.path == "/";  // no answers of a person
        fuzz::must(has(draft, entry.path) || has(dropped, entry.path) || entry.value.empty() || made_anew,
                   "an answer of a draft is kept, or is told to be dropped");
        const NodeId node = entry.path.starts_with('/') ? resumed.find(entry.path) : no_node;
        fuzz::must(node == no_node || resumed.path_of(node) == entry.path, "a path has one spelling");
    }
    dropped.clear();
    const Interview again = Interview::resume(form, surroundings(), draft, &dropped);
    fuzz::must(dropped.empty(), "what a draft holds is resumed whole");
    fuzz::must(again.draft() == draft, "a draft resumes to itself");
    (void)first_violation(resumed);
    const Submission submission =
        finalise(resumed, {"11111111-2222-4333-8444-555555555555", 0, "2026-11-23", 12});
    const std::string json = to_json(submission, form->form());
    const auto read = submission_from_json(json, form->form());
    fuzz::must(read && to_json(*read, form->form()) == json, "what is finalised is read again");
    return 0;
}
