#include "client/study/enrolment.h"

#include <array>

namespace fieldfare::study {

crypto::Fingerprint enrolment_number(const crypto::Id& study_id, const crypto::VerifyKey& root,
                                     const crypto::Digest& package_digest,
                                     const crypto::VerifyKey& device_key) {
    return crypto::fingerprint_of("FFS1 enrolment  ",
                                  {study_id, root.bytes, package_digest, device_key.bytes});
}

crypto::Fingerprint head_number(const crypto::VerifyKey& device_key, std::uint64_t batch_sequence,
                                const crypto::BatchId& batch) {
    std::array<std::uint8_t, 8> sequence{};
    for (std::size_t i = 0; i < sequence.size(); ++i)
        sequence[i] = static_cast<std::uint8_t>(batch_sequence >> (8 * i));
    return crypto::fingerprint_of("FFB1 head number", {device_key.bytes, sequence, batch});
}

}  // namespace fieldfare::study
