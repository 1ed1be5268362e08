#include <ostream>

#include "client/researcher/verbs.h"
#include "schema/readers/read_form.h"
#include "schema/readers/xform_writer.h"

namespace fieldfare::researcher {
namespace {

void tell(const char* what, const std::vector<schema::Problem>& problems, const std::string& file,
          Console& console) {
    for (schema::Problem problem : problems) {
        if (problem.place.file.empty()) problem.place.file = file;
        console.note(what + (": " + schema::to_string(problem)));
    }
}

}  // namespace

ExitCode run_form_convert(const FormConvertOptions& options, Console& console) {
    const std::string file = options.file.filename().string();
    const auto refuse = [&](const schema::Findings& findings) {
        tell("error", findings.errors, file, console);
        return console.complain(
            {"The form " + shown(options.file) + " has the errors named above; correct them and try again."});
    };
    const auto read = schema::read_form(options.file);
    if (!read) return refuse(read.error());
    const auto written = schema::to_xform(read->form);
    if (!written) return refuse(written.error());
    tell("warning", read->warnings, file, console);
    tell("warning", written->warnings, file, console);
    if (options.out.empty()) {
        console.out << written->xml;
        return ExitCode::fine;
    }
    const auto done = write_file(options.out, written->xml, options.overwrite);
    return done ? ExitCode::fine : console.complain(done.error());
}

}  // namespace fieldfare::researcher
