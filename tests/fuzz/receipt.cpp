// A receipt as a store brings it; and the input as what stands inside one, signed by a certified key and
// sealed to the device.

#include "sync/receipt.h"

#include <algorithm>

#include "crypto/random.h"
#include "crypto/sealing.h"
#include "sync/sync_config.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using crypto::Bytes;

namespace {

constexpr std::array<std::uint8_t, 12> head{0x89, 'F', 'F', 'R', '\r', '\n', 0x1a, '\n', 1};
constexpr std::size_t signer_at = 16 + 32;

sync::StudySync some_study() {
    std::array<std::uint8_t, 32> key{};
    auto receipt_key = crypto::ReceiptKey::take(key);
    fuzz::must(receipt_key.has_value(), "there is guarded memory");
    sync::StudySync study{.receipt_key = std::move(*receipt_key)};
    study.study_id.fill(0x51);
    study.device_id.fill(0x52);
    crypto::Digest policy{};
    policy.fill(0x53);
    study.policies = {policy};
    study.receipt_signers = {fuzz::signing_key(1).verify_key()};
    return study;
}

std::optional<sync::Receipt> read(crypto::ByteView file, const sync::StudySync& study) {
    const auto receipt = sync::open_receipt(file, study);
    if (!receipt) return std::nullopt;
    fuzz::must(!receipt->entries.empty(), "a receipt says something");
    const auto again = sync::make_receipt(*receipt, fuzz::signing_key(1), study.receipt_key);
    fuzz::must(again.has_value(), "a receipt that was read can be made");
    const auto read_again = sync::open_receipt(*again, study);
    fuzz::must(read_again && *read_again == *receipt, "and says the same");
    fuzz::must(again->size() == file.size(), "a receipt has one way to be written");
    return *receipt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    static const sync::StudySync study = some_study();
    read({data, size}, study);

    Bytes body(data, data + size);
    const auto& signer = fuzz::signing_key(1);
    if (size >= signer_at + 32) std::ranges::copy(signer.verify_key().bytes, body.begin() + signer_at);
    const auto signature = signer.sign("FFR1 receipt sig", {body});
    Bytes inside(signature.begin(), signature.end());
    inside.insert(inside.end(), body.begin(), body.end());
    const auto sealed = crypto::seal(study.receipt_key.expose(), "FFR1 receipt key", head, inside);
    if (!sealed) return 0;
    Bytes file(head.begin(), head.end());
    file.insert(file.end(), sealed->begin(), sealed->end());
    read(file, study);
    return 0;
}
