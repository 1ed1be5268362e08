#pragma once

#include <memory>
#include <string>

#include "schema/compiled_form.h"
#include "schema/submission.h"

namespace fieldfare::schema {

/// How a form calls its submissions: settings.instance_name, seen from each. Of a form that has a row for it
/// (meta/instanceName) nothing, since that row is in the submission. One thread at a time.
class InstanceNames {
  public:
    explicit InstanceNames(const Form& form);

    /// As it was on the submission's day; "" where the form says nothing.
    std::string name_of(const Submission& submission) const;

  private:
    std::shared_ptr<const CompiledForm> form_;  ///< with the row; nullptr: the form says nothing
};

}  // namespace fieldfare::schema
