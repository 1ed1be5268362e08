#pragma once

#include "sync/curl_request.h"

namespace fieldfare::sync {

/// What an answer that is no success means for the person. `not_there`: what 404 says of this request, that
/// the file or that the study's folder is missing. A redirect, and a success where none can be, is
/// not_a_store: login pages of networks and parked names answer so.
HttpFailure fault_of_status(int status, Fault not_there);

}  // namespace fieldfare::sync
