#pragma once

#include <cstdint>

#include "client/study/policy.h"
#include "crypto/batch.h"
#include "crypto/fingerprint.h"

namespace fieldfare::study {

/// The number that an interviewer reads to the researcher, and that `roster add` compares: it covers the
/// study, its root, the very package that the device has imported, and the device's key. An older package,
/// another study or another device gives another number. 30 digits, as every fingerprint.
crypto::Fingerprint enrolment_number(const crypto::Id& study_id, const crypto::VerifyKey& root,
                                     const crypto::Digest& package_digest,
                                     const crypto::VerifyKey& device_key);

/// Over a device's newest batch: the device shows it, `open` prints it for each device. When both are the
/// same, no batch of that device has been kept from the researchers. 30 digits; the bytes are in
/// crypto/KEYS.md.
crypto::Fingerprint head_number(const crypto::VerifyKey& device_key, std::uint64_t batch_sequence,
                                const crypto::BatchId& batch);

}  // namespace fieldfare::study
