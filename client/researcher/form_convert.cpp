#include <ostream>

#include "client/researcher/verbs.h"
#include "schema/form_json.h"
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

constexpr std::size_t most_bytes = 64 << 20;

schema::Result<schema::ReadForm> read_any(const std::filesystem::path& path) {
    if (path.extension() != ".json") return schema::read_form(path);
    auto bytes = read_file(path, most_bytes);
    if (!bytes) return tl::unexpected(schema::Findings{{{{}, bytes.error().sentence}}, {}});
    if (bytes->ends_with('\n')) bytes->pop_back();  // "form json" ends its line
    auto form = schema::form_from_json(*bytes);
    if (!form) return tl::unexpected(std::move(form.error()));
    return schema::ReadForm{std::move(*form), {}};
}

}  // namespace

ExitCode run_form_convert(const FormConvertOptions& options, Console& console) {
    const std::string file = options.file.filename().string();
    const auto refuse = [&](const schema::Findings& findings) {
        tell("error", findings.errors, file, console);
        return console.complain(
            {"The form " + shown(options.file) + " has the errors named above; correct them and try again."});
    };
    const auto read = read_any(options.file);
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
