#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/bytes.h"

namespace fieldfare::researcher {

/// A study whose files are taken, and what lets its devices in.
struct ServedStudy {
    std::string tag;
    crypto::Digest token{};  ///< SHA-256 of it: what is compared takes as long whatever is sent
};

/// What came before the body of a request, as it came: nothing is decoded, so that "%2f" and ".." are no
/// part of any name.
struct ServeRequest {
    std::string_view method, path;  ///< the path without a query
    std::optional<std::string_view> authorization{}, if_none_match{}, content_length{}, content_range{},
        transfer_encoding{};
    bool doubtful = false;  ///< one of those came twice, or there is a query
};

/// What is to be done with it.
struct ServeRuling {
    enum class Does { refuse, take, give };
    Does does = Does::refuse;
    int status = 403;        ///< of a refusal
    std::string name{};      ///< the object's, of what is taken or given
    std::uint64_t size = 0;  ///< of the body that is taken

    bool operator==(const ServeRuling&) const = default;
};

/// Whoever has a study's token may put batches of that study, and get its receipts by name. No list, no
/// batch, no other word of HTTP. `largest`: bytes of a body. Refusals, as sync/http_status.h reads them: 401
/// without a token that is known, whatever is asked; 403 for all that a device never asks, so many resends
/// (sync::most_resends) among it; 400 for a request that can be meant in two ways, for a part of a file, and
/// for an empty file; 411 where no size is told before; 413.
ServeRuling rule_on(const ServeRequest& request, std::span<const ServedStudy> studies, std::uint64_t largest);

}  // namespace fieldfare::researcher
