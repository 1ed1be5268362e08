#include "client/researcher/form_run_form.h"

#include "schema/form_meta.h"
#include "schema/readers/read_form.h"

namespace fieldfare::researcher {
namespace {

tl::unexpected<Failure> faults(const std::vector<schema::Problem>& errors) {
    const std::string first = errors.empty() ? "unknown" : schema::to_string(errors.front());
    const std::string more = errors.size() > 1 ? " (and " + std::to_string(errors.size() - 1) + " more)" : "";
    return could_not("The form can't be run: " + first + more);
}

// What a case brings goes before the folder; with neither, the files lie beside the form.
schema::Attachments attachments_of(const Files& files) {
    if (files.folder.empty() && files.inlined.empty()) return {};
    return [&files](std::string_view name) -> std::optional<std::string> {
        for (const auto& [address, bytes] : files.inlined)
            if (schema::file_name_of_source(address) == name) return bytes;
        if (files.folder.empty()) return std::nullopt;
        return schema::attachments_in(files.folder)(name);
    };
}

}  // namespace

Result<std::shared_ptr<const schema::CompiledForm>> form_to_run(const std::filesystem::path& path,
                                                                const Files& files) {
    auto read = schema::read_form(path, attachments_of(files));
    if (!read) return faults(read.error().errors);
    auto compiled = schema::CompiledForm::compile(
        std::make_shared<const schema::Form>(schema::with_meta(std::move(read->form))),
        path.filename().string());
    if (!compiled) return faults(compiled.error().errors);
    return *compiled;
}

}  // namespace fieldfare::researcher
