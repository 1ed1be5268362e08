#include "client/study/enrolment.h"

namespace fieldfare::study {

crypto::Fingerprint enrolment_number(const crypto::Id& study_id, const crypto::VerifyKey& root,
                                     const crypto::Digest& package_digest,
                                     const crypto::VerifyKey& device_key) {
    return crypto::fingerprint_of("FFS1 enrolment  ",
                                  {study_id, root.bytes, package_digest, device_key.bytes});
}

}  // namespace fieldfare::study
