#pragma once

#include "client/study/policy.h"
#include "crypto/fingerprint.h"

namespace fieldfare::study {

/// The number that an interviewer reads to the researcher, and that `roster add` compares: it covers the
/// study, its root, the very package that the device has imported, and the device's key. An older package,
/// another study or another device gives another number. 30 digits, as every fingerprint.
crypto::Fingerprint enrolment_number(const crypto::Id& study_id, const crypto::VerifyKey& root,
                                     const crypto::Digest& package_digest,
                                     const crypto::VerifyKey& device_key);

}  // namespace fieldfare::study
