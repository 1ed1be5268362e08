#include "sync/receipt.h"

#include <algorithm>
#include <tuple>

#include "crypto/hash.h"
#include "crypto/sealing.h"

namespace fieldfare::sync {

namespace {

// Offsets of what is looked at before the signature is verified.
constexpr std::size_t head_size = 8 + 4;
constexpr std::size_t signature_size = 64;
constexpr std::size_t signer_offset = 16 + 32;
constexpr std::size_t body_head_size = 16 + 32 + 32 + 8 + 16 + 4;
constexpr std::size_t entry_size = 8 + 32 + 32 + 1;

constexpr std::array<std::uint8_t, head_size> head = {0x89, 'F',  'F', 'R', '\r', '\n',
                                                      0x1a, '\n', 1,   0,   0,    0};

void put_number(crypto::Bytes& bytes, std::uint64_t number, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

void put(crypto::Bytes& bytes, crypto::ByteView more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

// Takes fields off the front of bytes whose length was checked before.
class Fields {
  public:
    explicit Fields(crypto::ByteView bytes) : bytes_(bytes) {}

    template <std::size_t N>
    std::array<std::uint8_t, N> take() {
        std::array<std::uint8_t, N> field;
        std::copy_n(bytes_.begin(), N, field.begin());
        bytes_ = bytes_.subspan(N);
        return field;
    }
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(bytes_[i]) << (8 * i);
        bytes_ = bytes_.subspan(size);
        return value;
    }

  private:
    crypto::ByteView bytes_;
};

bool in_order(const ReceiptEntry& left, const ReceiptEntry& right) {
    return std::tie(left.batch_sequence, left.file_sha256) <
           std::tie(right.batch_sequence, right.file_sha256);
}

bool entries_are_canonical(const std::vector<ReceiptEntry>& entries) {
    for (std::size_t i = 1; i < entries.size(); ++i) {
        if (!in_order(entries[i - 1], entries[i])) return false;
    }
    std::vector<crypto::Digest> files;
    for (const ReceiptEntry& entry : entries) files.push_back(entry.file_sha256);
    std::sort(files.begin(), files.end());
    return !entries.empty() && std::adjacent_find(files.begin(), files.end()) == files.end();
}

crypto::Bytes body_of(const Receipt& receipt) {
    crypto::Bytes body;
    body.reserve(body_head_size + entry_size * receipt.entries.size());
    put(body, receipt.study_id);
    put(body, receipt.policy_digest);
    put(body, receipt.signer.bytes);
    put_number(body, receipt.counter, 8);
    put(body, receipt.device_id);
    put_number(body, receipt.entries.size(), 4);
    for (const ReceiptEntry& entry : receipt.entries) {
        put_number(body, entry.batch_sequence, 8);
        put(body, entry.batch_id);
        put(body, entry.file_sha256);
        body.push_back(static_cast<std::uint8_t>(entry.verdict));
    }
    return body;
}

ReceiptResult<Receipt> read_body(crypto::ByteView body) {
    Fields fields(body);
    Receipt receipt;
    receipt.study_id = fields.take<16>();
    receipt.policy_digest = fields.take<32>();
    receipt.signer.bytes = fields.take<32>();
    receipt.counter = fields.number(8);
    receipt.device_id = fields.take<16>();
    const std::uint64_t count = fields.number(4);
    if (count > max_receipt_entries) return tl::unexpected(ReceiptError::too_large);
    if (body.size() != body_head_size + entry_size * count) return tl::unexpected(ReceiptError::malformed);
    for (std::uint64_t i = 0; i < count; ++i) {
        ReceiptEntry entry;
        entry.batch_sequence = fields.number(8);
        entry.batch_id = fields.take<32>();
        entry.file_sha256 = fields.take<32>();
        entry.verdict = static_cast<Verdict>(fields.number(1));
        if (entry.verdict != Verdict::accepted && entry.verdict != Verdict::quarantined) {
            return tl::unexpected(ReceiptError::malformed);
        }
        receipt.entries.push_back(entry);
    }
    if (!entries_are_canonical(receipt.entries)) return tl::unexpected(ReceiptError::malformed);
    return receipt;
}

}  // namespace

std::string device_tag(const crypto::ReceiptKey& receipt_key) {
    return crypto::to_hex(crypto::keyed_hash<16>(receipt_key.expose(), "FFR1 device tag ", {}));
}

ReceiptResult<crypto::Bytes> make_receipt(Receipt receipt, const crypto::SigningKey& signer,
                                          const crypto::ReceiptKey& device_receipt_key) {
    receipt.signer = signer.verify_key();
    std::sort(receipt.entries.begin(), receipt.entries.end(), in_order);
    if (receipt.entries.size() > max_receipt_entries) return tl::unexpected(ReceiptError::too_large);
    if (!entries_are_canonical(receipt.entries)) return tl::unexpected(ReceiptError::malformed);
    const crypto::Bytes body = body_of(receipt);
    crypto::Bytes signed_body;
    put(signed_body, signer.sign("FFR1 receipt sig", {body}));
    put(signed_body, body);
    const auto sealed = crypto::seal(device_receipt_key.expose(), "FFR1 receipt key", head, signed_body);
    if (!sealed) return tl::unexpected(ReceiptError::failed);
    crypto::Bytes file;
    put(file, head);
    put(file, *sealed);
    return file;
}

ReceiptResult<Receipt> open_receipt(crypto::ByteView file, const StudySync& study) {
    if (file.size() > max_receipt_file) return tl::unexpected(ReceiptError::too_large);
    if (file.size() < head_size || !std::equal(head.begin(), head.begin() + 8, file.begin())) {
        return tl::unexpected(ReceiptError::not_a_receipt);
    }
    if (!std::equal(head.begin(), head.end(), file.begin()))
        return tl::unexpected(ReceiptError::unknown_version);
    const auto opened =
        crypto::unseal(study.receipt_key.expose(), "FFR1 receipt key", head, file.subspan(head_size));
    if (!opened) return tl::unexpected(ReceiptError::not_for_us);
    if (opened->size() < signature_size + body_head_size) return tl::unexpected(ReceiptError::malformed);

    crypto::Signature signature;
    std::copy_n(opened->begin(), signature_size, signature.begin());
    const auto body = crypto::ByteView(*opened).subspan(signature_size);
    crypto::VerifyKey signer;
    std::copy_n(body.begin() + signer_offset, signer.bytes.size(), signer.bytes.begin());
    const auto& certified = study.receipt_signers;
    if (std::find(certified.begin(), certified.end(), signer) == certified.end()) {
        return tl::unexpected(ReceiptError::unknown_signer);
    }
    if (!crypto::verify(signer, "FFR1 receipt sig", {body}, signature)) {
        return tl::unexpected(ReceiptError::bad_signature);
    }

    auto receipt = read_body(body);
    if (!receipt) return receipt;
    if (receipt->study_id != study.study_id) return tl::unexpected(ReceiptError::other_study);
    if (receipt->device_id != study.device_id) return tl::unexpected(ReceiptError::other_device);
    if (std::find(study.policies.begin(), study.policies.end(), receipt->policy_digest) ==
        study.policies.end()) {
        return tl::unexpected(ReceiptError::other_policy);
    }
    return receipt;
}

}  // namespace fieldfare::sync
