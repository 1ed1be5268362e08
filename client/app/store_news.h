#pragma once

#include <compare>
#include <string>
#include <vector>

#include "client/app/message.h"

namespace fieldfare::app {

/// A store by the study that it is of. The tag is random and tells nothing of the study.
struct StoreName {
    std::string study_tag, address;

    auto operator<=>(const StoreName&) const = default;
};

/// What a pass found of a store.
struct StoreNews {
    StoreName store;
    bool answered = false;  ///< at least once
    Message why{};          ///< why it was left alone from then on; empty: it was not, or not asked at all
    bool lasting = false;   ///< it stays so until somebody does something about it
    int retry_after_seconds = 0;  ///< it asks to be left alone for so long; 0: it does not
};

/// What the next passes are planned by.
struct PassNews {
    bool carried = false;             ///< false: there was no pass, or nobody saw its end
    bool cancelled = false;           ///< by the person
    int waiting = 0;                  ///< files that lack a copy yet
    std::vector<StoreNews> stores{};  ///< all that the machine knows, also those that rest
    bool counted = true;              ///< false: how files stand could not be read, and no count counts
    bool own_trouble = false;         ///< a file of the machine's own could not be read or written
};

}  // namespace fieldfare::app
