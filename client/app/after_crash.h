#pragma once

#include "client/app/action.h"

namespace fieldfare::app {

/// What home says of it, once; empty: there is nothing to say.
Message news_of(const Found& found, const StudySummary& study);

}  // namespace fieldfare::app
