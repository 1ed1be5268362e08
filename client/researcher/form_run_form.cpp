#include "client/researcher/form_run_form.h"

#include "client/researcher/output_file.h"
#include "schema/form_json.h"
#include "schema/readers/xlsform.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t most_bytes = 64 << 20;

tl::unexpected<Failure> faults(const std::vector<schema::Problem>& errors) {
    const std::string first = errors.empty() ? "unknown" : schema::to_string(errors.front());
    const std::string more = errors.size() > 1 ? " (and " + std::to_string(errors.size() - 1) + " more)" : "";
    return could_not("The form can't be run: " + first + more);
}

}  // namespace

Result<std::shared_ptr<const schema::CompiledForm>> form_to_run(const std::filesystem::path& path,
                                                                const Files&) {
    schema::Form form;
    if (path.extension() == ".json") {
        const auto bytes = read_file(path, most_bytes);
        if (!bytes) return tl::unexpected(bytes.error());
        auto read = schema::form_from_json(*bytes);
        if (!read) return faults(read.error().errors);
        form = std::move(*read);
    } else {
        auto read = schema::read_xlsform(path);
        if (!read) return faults(read.error().errors);
        form = std::move(read->form);
    }
    auto compiled = schema::CompiledForm::compile(std::make_shared<const schema::Form>(std::move(form)),
                                                  path.filename().string());
    if (!compiled) return faults(compiled.error().errors);
    return *compiled;
}

}  // namespace fieldfare::researcher
