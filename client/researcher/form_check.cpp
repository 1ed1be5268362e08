#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/verbs.h"
#include "schema/readers/xlsform.h"

namespace fieldfare::researcher {
namespace {

std::string to_json(const std::vector<schema::Problem>& problems) {
    std::vector<std::string> list;
    for (const schema::Problem& problem : problems)
        list.push_back(JsonObject()
                           .put("sheet", problem.place.sheet)
                           .put("row", problem.place.row)
                           .put("column", problem.place.column)
                           .put("message", problem.message)
                           .text());
    return json_array(list);
}

std::string counted(std::size_t count, const std::string& thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

void print(const std::filesystem::path& file, const schema::Findings& findings, Console& console) {
    for (const schema::Problem& problem : findings.errors)
        console.out << "error: " << schema::to_string(problem) << "\n";
    for (const schema::Problem& problem : findings.warnings)
        console.out << "warning: " << schema::to_string(problem) << "\n";
    console.out << shown(file) << ": " << (findings.errors.empty() ? "valid" : "invalid") << ", "
                << counted(findings.errors.size(), "error") << ", "
                << counted(findings.warnings.size(), "warning") << "\n";
}

}  // namespace

ExitCode run_form_check(const FormCheckOptions& options, Console& console) {
    ExitCode code = ExitCode::fine;
    for (const std::filesystem::path& file : options.files) {
        const schema::Findings findings = schema::check_xlsform(file);
        std::error_code error;
        if (!std::filesystem::exists(file, error)) code = ExitCode::could_not;
        if (!findings.errors.empty() && code == ExitCode::fine) code = ExitCode::findings;
        if (options.output == Output::json) {
            console.out << JsonObject()
                               .put("file", file.string())
                               .put("verdict", findings.errors.empty() ? "valid" : "invalid")
                               .put_json("errors", to_json(findings.errors))
                               .put_json("warnings", to_json(findings.warnings))
                               .text()
                        << "\n";
        } else {
            print(file, findings, console);
        }
    }
    return code;
}

}  // namespace fieldfare::researcher
