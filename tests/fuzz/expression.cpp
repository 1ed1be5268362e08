// Expressions, one a line, each in another place of one form: parsed, resolved, evaluated.

#include <array>

#include "schema/expression_parser.h"
#include "schema/unicode_text.h"
#include "tests/fuzz/filling_in.h"
#include "tests/support/scenario_form.h"

using namespace fieldfare;
using namespace fieldfare::schema;

namespace {

Form some_form() {
    Form form = form_of(R"(
        | type              | name | label | default    | calculation | repeat_count |
        | text              | a    | A     | text       |             |              |
        | integer           | n    | N     | 3          |             |              |
        | date              | d    | D     | 2026-11-23 |             |              |
        | select_one l      | s    | S     | p          |             |              |
        | select_multiple l | m    | M     | p q        |             |              |
        | begin_group       | g    | G     |            |             |              |
        | decimal           | x    | X     | 2.5        |             |              |
        | calculate         | c    |       |            | 1           |              |
        | end_group         |      |       |            |             |              |
        | begin_repeat      | r    | R     |            |             | 3            |
        | text              | t    | T     | in         |             |              |
        | select_one l      | f    | F     | q          |             |              |
        | begin_repeat      | i    | I     |            |             | 2            |
        | integer           | y    | Y     | 7          |             |              |
        | calculate         | z    |       |            | 1           |              |
        | end_repeat        |      |       |            |             |              |
        | end_repeat        |      |       |            |             |              |
        choices
        | list_name | name | label | area |
        | l         | p    | P     | 1    |
        | l         | q    | Q     | 2    |
        | l         | r    | R     | 1    |
    )");
    form.instances = {{"cities",
                       "",
                       {{0, false, "root", ""},
                        {1, false, "item", ""},
                        {2, true, "id", "1"},
                        {2, false, "name", "p"},
                        {2, false, "label", "one"},
                        {1, false, "item", ""},
                        {2, false, "name", "q"}}}};
    form.texts = {{"word", {"W"}}};
    return form;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Form original = some_form();
    const std::string_view input = fuzz::text_of(data, size);
    if (!valid_utf8(input)) return 0;  // every reader refuses it before
    Form form = original;
    Item &group = form.items[5], &repeat = form.items[6], &inner = repeat.children[2];
    // The first line is seen by everybody; the others take one place each.
    const std::array<std::string*, 12> places{&group.children[1].calculation,
                                              &form.items[1].constraint,
                                              &repeat.children[0].relevant,
                                              &inner.children[1].calculation,
                                              &repeat.children[1].choice_filter,
                                              &form.items[0].default_value,
                                              &repeat.repeat_count,
                                              &form.items[3].choice_filter,
                                              &form.items[2].required,
                                              &inner.relevant,
                                              &form.items[4].read_only,
                                              &form.items[4].seed};
    std::string_view rest = input;
    for (std::string* place : places) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.empty()) continue;
        Ast ast;
        if (const auto parsed = ExpressionParser(ast).parse(line)) (void)dump(ast, *parsed);
        *place = line;
        if (place == &form.items[4].seed) form.items[4].randomize = true;
    }
    if (!rest.empty()) {
        form.items[0].label = {"${" + std::string(rest.substr(0, rest.find('\n'))) + "}"};
        form.lists[0].choices[0].label = form.items[0].label;
    }
    fuzz::go_through(form, fuzz::seed_of(input));
    return 0;
}
