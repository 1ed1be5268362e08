// The payload of a sealed record, read against its form.

#include <memory>

#include "schema/submission.h"
#include "schema/submission_xml.h"
#include "tests/fuzz/canonical_json.h"
#include "tests/fuzz/filling_in.h"
#include "tests/support/scenario_form.h"

using namespace fieldfare;
using namespace fieldfare::schema;

namespace {

Form some_form() {
    return form_of(R"(
        | type              | name | label | calculation |
        | text              | a    | A     |             |
        | integer           | n    | N     |             |
        | decimal           | x    | X     |             |
        | date              | d    | D     |             |
        | select_one l      | s    | S     |             |
        | select_multiple l | m    | M     |             |
        | note              | o    | O     |             |
        | calculate         | c    |       | 1           |
        | begin_group       | g    | G     |             |
        | text              | b    | B     |             |
        | begin_repeat      | r    | R     |             |
        | text              | t    | T     |             |
        | begin_repeat      | i    | I     |             |
        | integer           | y    | Y     |             |
        | end_repeat        |      |       |             |
        | end_repeat        |      |       |             |
        | end_group         |      |       |             |
        choices
        | list_name | name | label |
        | l         | p    | P     |
        | l         | q    | Q     |
    )");
}

Form media_form() {
    return form_of(R"(
        | type         | name |
        | image        | p    |
        | begin_repeat | r    |
        | file         | f    |
        | end_repeat   |      |
    )");
}

void read(std::string_view bytes, const Form& form) {
    const auto submission = submission_from_json(bytes, form);
    if (!submission) return;
    fuzz::must(to_json(*submission, form) == bytes, "only canonical bytes are read");
    for (const MediaFile& file : submission->media)
        fuzz::must(media_number(file.name).has_value() && file.name.find('/') == std::string::npos,
                   "a media file has a neutral name");
    (void)instance_xml(*submission, form);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Form forms[] = {some_form(), media_form()};
    const std::string_view input = fuzz::text_of(data, size);
    const auto canonical = fuzz::canonical_json(input);
    for (const Form& form : forms) {
        read(input, form);
        if (!canonical.empty() && canonical != input) read(canonical, form);
    }
    return 0;
}
