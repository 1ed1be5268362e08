#pragma once

#include <memory>
#include <string_view>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema {

/// A form made ready to run: every expression parsed once, every reference resolved, the dependency order
/// computed. Immutable and safe to share between threads.
class CompiledForm {
  public:
    /// Refuses a form whose expressions do not parse, name what does not exist, call unknown functions, or
    /// depend on themselves (the cycle is spelled out, name by name). All errors are found in one run, each
    /// with its place; `file` goes into the places.
    static Result<std::shared_ptr<const CompiledForm>> compile(std::shared_ptr<const Form> form,
                                                               std::string_view file = {});

    ~CompiledForm();
    const Form& form() const;

    struct Parts;  ///< private to schema's .cpp files
    const Parts& parts() const { return *parts_; }

  private:
    explicit CompiledForm(std::unique_ptr<const Parts> parts);
    std::unique_ptr<const Parts> parts_;
};

}  // namespace fieldfare::schema
