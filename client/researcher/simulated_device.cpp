#include "client/researcher/simulated_device.h"

#include <algorithm>

#include "crypto/media_writer.h"
#include "crypto/random.h"

namespace fieldfare::researcher {
namespace {

constexpr std::uint32_t records_in_a_batch = 25;

tl::unexpected<Failure> not_sealed(crypto::Error error) {
    if (error == crypto::Error::out_of_memory)
        return could_not("There is not enough free memory to seal a batch.");
    if (error == crypto::Error::no_randomness)
        return could_not("This system gives no random numbers, so nothing can be sealed.");
    return could_not("A batch could not be sealed (internal error " +
                     std::to_string(static_cast<int>(error)) + ").");
}

}  // namespace

std::optional<crypto::Id> uuid_bytes(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return std::nullopt;
        if (!dash) digits += text[i];
    }
    const auto bytes = crypto::from_hex(digits);
    if (!bytes || bytes->size() != 16) return std::nullopt;
    crypto::Id id;
    std::ranges::copy(*bytes, id.begin());
    return id;
}

std::string uuid_text(const crypto::Id& id) {
    std::string text = crypto::to_hex(id);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, "-");
    return text;
}

Result<SimulatedDevice> SimulatedDevice::make(const study::StudyPackage& study) {
    auto key = crypto::SigningKey::generate();
    if (!key) return not_sealed(key.error());
    auto receipt_key = crypto::ReceiptKey::random();
    if (!receipt_key) return not_sealed(receipt_key.error());
    const auto incarnation = crypto::random_id();
    if (!incarnation) return not_sealed(incarnation.error());

    crypto::BatchContext context;
    context.open.study = study.policy().study_id;
    context.open.device_key = key->verify_key();
    context.open.incarnation = *incarnation;
    context.open.form_hash = study.form_hash();
    context.open.policy_digest = study.policy_digest();
    context.open.policy_version = study.policy().policy_version;
    for (const study::RecipientEntry& recipient : study.recipients())
        context.open.recipients.push_back(recipient.key);
    context.open.quorum = study.policy().opening_quorum;
    context.open.program_version = "fieldfare-cli simulate";
    context.dictionary = study.dictionary();
    if (!study.policy().pre_shared_keys.empty()) context.pre_shared = study.policy().pre_shared_keys.front();
    context.effort = crypto::Effort::quick;
    return SimulatedDevice(std::move(*key), std::move(*receipt_key), std::move(context));
}

Result<void> SimulatedDevice::seal(const schema::Submission& submission, std::string_view payload,
                                   const Deliver& deliver) {
    if (!writer_)
        if (auto begun = begin(); !begun) return begun;
    const auto id = uuid_bytes(submission.id);
    if (!id) return could_not("A simulated submission has no UUID (a fault of this program).");
    const auto sealed = writer_->append(key_, crypto::RecordType::data, *id, crypto::bytes_of(payload));
    if (!sealed) return not_sealed(sealed.error());
    writer_->commit();
    return sealed->count >= records_in_a_batch ? finish(deliver) : Result<void>();
}

Result<void> SimulatedDevice::seal_media(schema::Submission& submission,
                                         const std::function<crypto::Bytes(const std::string&)>& content,
                                         const DeliverFile& deliver) const {
    const auto id = uuid_bytes(submission.id);
    if (!id) return could_not("A simulated submission has no UUID (a fault of this program).");
    for (schema::MediaFile& file : submission.media) {
        const crypto::Bytes bytes = content(file.name);
        const crypto::ByteSource source = crypto::source_of(bytes);
        crypto::MediaContext context;
        const auto tag = crypto::random_id();
        if (!tag) return not_sealed(tag.error());
        context.routing_tag = *tag;
        context.study = next_.open.study;
        context.policy_digest = next_.open.policy_digest;
        context.policy_version = next_.open.policy_version;
        context.recipients = next_.open.recipients;
        context.quorum = next_.open.quorum;
        context.pre_shared = next_.pre_shared;
        context.submission = *id;
        if (const auto withdrawal = crypto::from_hex(submission.withdrawal);
            withdrawal && !withdrawal->empty())
            std::ranges::copy(*withdrawal, context.withdrawal.begin());
        const auto writer = crypto::MediaWriter::prepare(std::move(context), source);
        if (!writer) return not_sealed(writer.error());
        file.hash = crypto::to_hex(writer->hash());
        for (std::uint32_t part = 0; part < writer->parts(); ++part) {
            crypto::Bytes sealed;
            const auto seal = writer->seal(part, key_, receipt_key_, source, [&](crypto::ByteView more) {
                sealed.insert(sealed.end(), more.begin(), more.end());
                return crypto::Result<void>();
            });
            if (!seal) return not_sealed(seal.error());
            if (auto delivered = deliver(seal->sha256, sealed); !delivered) return delivered;
        }
    }
    return {};
}

Result<void> SimulatedDevice::begin() {
    const auto tag = crypto::random_id();
    if (!tag) return not_sealed(tag.error());
    next_.routing_tag = *tag;
    auto writer = crypto::BatchWriter::begin(next_, key_, receipt_key_);
    if (!writer) return not_sealed(writer.error());
    writer_.emplace(std::move(*writer));
    return {};
}

Result<void> SimulatedDevice::greet(const Deliver& deliver) {
    if (auto finished = finish(deliver); !finished) return finished;
    if (auto begun = begin(); !begun) return begun;
    return finish(deliver);
}

Result<void> SimulatedDevice::finish(const Deliver& deliver) {
    if (!writer_) return {};
    const auto sealed = writer_->finish(key_);
    if (!sealed) return not_sealed(sealed.error());
    writer_.reset();
    ++next_.open.batch_sequence;
    next_.open.previous_batch = sealed->id;
    next_.open.first_record_sequence = sealed->next_record_sequence;
    return deliver(*sealed);
}

}  // namespace fieldfare::researcher
