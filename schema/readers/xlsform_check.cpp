#include <memory>

#include "schema/compiled_form.h"
#include "schema/readers/form_lint.h"
#include "schema/readers/read_form.h"
#include "schema/readers/workbook.h"
#include "schema/readers/xlsform.h"

namespace fieldfare::schema {

Findings check_xlsform(const std::filesystem::path& path) {
    auto read = read_form(path);
    if (!read) return std::move(read.error());
    const std::string file = readers::file_name_of(path);
    Findings findings;
    findings.warnings = std::move(read->warnings);
    auto form = std::make_shared<const Form>(std::move(read->form));
    if (const auto compiled = CompiledForm::compile(form, file); !compiled) {
        findings.errors = compiled.error().errors;
        findings.warnings.insert(findings.warnings.end(), compiled.error().warnings.begin(),
                                 compiled.error().warnings.end());
    }
    const auto lint = readers::lint(*form, file);
    findings.warnings.insert(findings.warnings.end(), lint.begin(), lint.end());
    if (is_xform(path))
        for (auto* problems : {&findings.errors, &findings.warnings})
            for (Problem& problem : *problems) problem.place.sheet.clear();
    return findings;
}

}  // namespace fieldfare::schema
