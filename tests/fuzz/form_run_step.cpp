// Steps of `form run`, one JSON object a line, taken in one interview.

#include "client/researcher/form_run_steps.h"

#include "client/researcher/form_run_nodes.h"
#include "schema/submission_xml.h"
#include "tests/fuzz/filling_in.h"
#include "tests/support/scenario_form.h"

using namespace fieldfare;
using namespace fieldfare::schema;

namespace {

std::shared_ptr<const CompiledForm> some_form() {
    Form form = form_of(R"(
        | type              | name | label::en | label::fr | relevant  | constraint |
        | text              | a    | A ${n}    | A         |           |            |
        | integer           | n    | N         |           |           | . < 10     |
        | decimal           | x    | X         |           | ${n} > 1  |            |
        | date              | d    | D         |           |           |            |
        | select_one l      | s    | S         |           |           |            |
        | select_multiple l | m    | M         |           |           |            |
        | begin_repeat      | r    | R         |           |           |            |
        | text              | t    | T         |           | ${n} != 3 |            |
        | end_repeat        |      |           |           |           |            |
        choices
        | list_name | name | label::en | label::fr |
        | l         | p    | P         | Pe        |
        | l         | q    | Q         |           |
    )");
    auto compiled = CompiledForm::compile(std::make_shared<const Form>(std::move(form)));
    fuzz::must(compiled.has_value(), "the form of the steps compiles");
    return *compiled;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto form = some_form();
    std::string_view rest = fuzz::text_of(data, size);
    Surroundings surroundings;
    surroundings.random = [seed = fuzz::seed_of(rest)]() mutable {
        return seed = seed * 6364136223846793005u + 1;
    };
    researcher::Run run{Interview::start(form, surroundings)};
    for (int steps = 0; !rest.empty() && steps < 20; ++steps) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (const auto step = researcher::step_from_json(line)) (void)researcher::take(run, *step);
    }
    const auto nodes = researcher::printed_nodes(run.interview, run.language);
    (void)researcher::json_of(nodes);
    (void)instance_xml(run.interview);
    return 0;
}
