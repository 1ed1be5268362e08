#include <ostream>

#include "client/researcher/verbs.h"
#include "schema/form_json.h"
#include "schema/readers/read_form.h"

namespace fieldfare::researcher {

ExitCode run_form_json(const FormJsonOptions& options, Console& console) {
    const auto read = schema::read_form(options.file);
    if (!read) {
        for (const schema::Problem& problem : read.error().errors)
            console.note("error: " + schema::to_string(problem));
        return console.complain(
            {"The form " + shown(options.file) + " has the errors named above; correct them and try again."});
    }
    console.out << schema::to_json(read->form) << "\n";
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
