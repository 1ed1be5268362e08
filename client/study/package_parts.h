#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "client/study/policy.h"
#include "crypto/bytes.h"

namespace fieldfare::study {

// The parts of a study package as bytes and back. STUDY_PACKAGE.md describes them; each read_ function
// refuses (nothing comes back) whatever its write_ function does not write.

inline constexpr std::array<std::uint8_t, 8> package_magic = {0x89, 'F', 'F', 'S', '\r', '\n', 0x1a, '\n'};
inline constexpr std::uint32_t package_format = 1;
inline constexpr std::size_t package_signature_at = 44;
inline constexpr std::size_t package_body_at = 108;
inline constexpr std::size_t max_package = 256 * 1024 * 1024;

/// Policy carries the values of two parts: `package` and `policy`, so that a new package does not change the
/// digest that batches and receipts name.
crypto::Bytes write_package_part(const Policy& policy);
crypto::Bytes write_policy_part(const Policy& policy);
bool read_package_part(crypto::ByteView bytes, Policy& policy);
bool read_policy_part(crypto::ByteView bytes, Policy& policy);

crypto::Bytes write_recipients(const std::vector<RecipientEntry>& recipients);
std::optional<std::vector<RecipientEntry>> read_recipients(crypto::ByteView bytes);

crypto::Bytes write_receipt_keys(const std::vector<ReceiptKeyEntry>& keys);
std::optional<std::vector<ReceiptKeyEntry>> read_receipt_keys(crypto::ByteView bytes);

crypto::Bytes write_stores(const std::vector<StoreEntry>& stores);
std::optional<std::vector<StoreEntry>> read_stores(crypto::ByteView bytes);

crypto::Bytes write_languages(const std::vector<std::string>& languages);
std::optional<std::vector<std::string>> read_languages(crypto::ByteView bytes);

}  // namespace fieldfare::study
