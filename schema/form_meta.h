#pragma once

#include "schema/form.h"

namespace fieldfare::schema {

/// The form with the group "meta" that an XLSForm has without saying so, at its end: instanceID, and
/// instanceName where the settings say how a submission is called. A form that has a group "meta" (with any
/// prefix) or another row of that name comes back as it is.
Form with_meta(Form form);

}  // namespace fieldfare::schema
