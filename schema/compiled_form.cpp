#include "schema/compiled_form.h"

#include "schema/form_compiler.h"

namespace fieldfare::schema {

CompiledForm::CompiledForm(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
CompiledForm::~CompiledForm() = default;
const Form& CompiledForm::form() const {
    return *parts_->form;
}

Result<std::shared_ptr<const CompiledForm>> CompiledForm::compile(std::shared_ptr<const Form> form,
                                                                  std::string_view file) {
    auto parts = std::make_unique<Parts>();
    parts->form = std::move(form);
    FormCompiler compiler(*parts, file);
    compiler.lay_out();
    compiler.parse();
    if (compiler.findings.errors.empty()) compiler.order_cells();
    if (!compiler.findings.errors.empty()) return tl::unexpected(std::move(compiler.findings));
    return std::shared_ptr<const CompiledForm>(new CompiledForm(std::move(parts)));
}

}  // namespace fieldfare::schema
