#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "client/researcher/exit_code.h"
#include "client/study/study_package.h"
#include "crypto/batch_writer.h"
#include "schema/submission.h"

namespace fieldfare::researcher {

/// A device that never was: seals submissions as the form app does, through the real batch writer, 25 to a
/// batch, each batch naming the one before. Its keys are random: only the answers of a simulation repeat.
class SimulatedDevice {
  public:
    using Deliver = std::function<Result<void>(const crypto::SealedBatch&)>;  ///< takes each final batch

    static Result<SimulatedDevice> make(const study::StudyPackage& study);

    /// `payload` is the submission's canonical JSON. A full batch is handed to `deliver`.
    Result<void> seal(const schema::Submission& submission, std::string_view payload, const Deliver& deliver);

    /// Seals the media files that the submission names, each part handed to `deliver`, and puts their hashes
    /// into the submission: before its payload is made. `content` gives the bytes of a file by its name.
    using DeliverFile = std::function<Result<void>(const crypto::Digest& sha256, crypto::ByteView file)>;
    Result<void> seal_media(schema::Submission& submission,
                            const std::function<crypto::Bytes(const std::string&)>& content,
                            const DeliverFile& deliver) const;

    /// A batch without a record, which says "I am here".
    Result<void> greet(const Deliver& deliver);

    /// Closes the open batch, if there is one.
    Result<void> finish(const Deliver& deliver);

    const crypto::VerifyKey& key() const { return key_.verify_key(); }

  private:
    SimulatedDevice(crypto::SigningKey key, crypto::ReceiptKey receipt_key, crypto::BatchContext next)
        : key_(std::move(key)), receipt_key_(std::move(receipt_key)), next_(std::move(next)) {}
    Result<void> begin();

    crypto::SigningKey key_;
    crypto::ReceiptKey receipt_key_;
    crypto::BatchContext next_;  ///< of the batch to begin next
    std::optional<crypto::BatchWriter> writer_;
};

/// The 16 bytes of "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx"; nothing for any other text.
std::optional<crypto::Id> uuid_bytes(std::string_view text);
std::string uuid_text(const crypto::Id& id);  ///< the other way

}  // namespace fieldfare::researcher
