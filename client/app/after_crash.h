#pragma once

#include <string_view>

#include "client/app/action.h"

namespace fieldfare::app {

/// The only such news that is bad.
inline constexpr std::string_view news_of_loss = "kiosk.found_erased";

/// What home says of it, once; empty: there is nothing to say.
Message news_of(const Found& found, const StudySummary& study);

}  // namespace fieldfare::app
