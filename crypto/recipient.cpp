#include <algorithm>

#include "crypto/base32.h"
#include "crypto/identity.h"
#include "crypto/label_text.h"
#include "crypto/little_endian.h"

namespace fieldfare::crypto {

namespace {

constexpr std::string_view family = "ffpub";
constexpr std::string_view prefix = "ffpub1";
constexpr std::size_t checksum_size = 8;

using Checksum = std::array<std::uint8_t, 16>;
Checksum checksum_of(ByteView body) {
    return hash<16>("FFP1 line check ", {body});
}

/// The keys as far as the kind has them, and as they must be.
Result<void> check_keys(const Recipient& recipient) {
    if (recipient.kind == IdentityKind::researcher) {
        if (auto checked = check(recipient.box_key); !checked) return checked;
    } else if (!all_zero(recipient.box_key.bytes)) {
        return tl::unexpected(Error::bad_argument);
    }
    return check(recipient.signing_key);
}

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = line.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

Id key_id(const Recipient& recipient) {
    const std::array kind{static_cast<std::uint8_t>(recipient.kind)};
    return hash<16>("FFP1 key id     ", {kind, recipient.box_key.bytes, recipient.signing_key.bytes});
}

Fingerprint fingerprint_of(const Recipient& recipient) {
    const std::array kind{static_cast<std::uint8_t>(recipient.kind)};
    return fingerprint_of("FFP1 key digits ", {kind, recipient.box_key.bytes, recipient.signing_key.bytes});
}

Result<std::string> to_line(const Recipient& recipient) {
    if (!label_text_allowed(recipient.label)) return tl::unexpected(Error::bad_argument);
    if (auto checked = check_keys(recipient); !checked) return tl::unexpected(checked.error());
    Bytes body{static_cast<std::uint8_t>(recipient.kind)};
    if (recipient.kind == IdentityKind::researcher) put(body, recipient.box_key.bytes);
    put(body, recipient.signing_key.bytes);
    put_u8(body, static_cast<std::uint8_t>(recipient.label.size()));
    put(body, bytes_of(recipient.label));
    put(body, ByteView(checksum_of(body)).first(checksum_size));
    return std::string(prefix) + to_base32(body);
}

Result<Recipient> from_line(std::string_view line) {
    line = trimmed(line);
    if (!line.starts_with(family)) return tl::unexpected(Error::wrong_format);
    if (!line.starts_with(prefix)) return tl::unexpected(Error::unsupported);
    if (line.size() > 300) return tl::unexpected(Error::too_large);
    const auto bytes = from_base32(line.substr(prefix.size()));
    if (!bytes || bytes->size() < checksum_size) return tl::unexpected(Error::damaged);
    const ByteView body = ByteView(*bytes).first(bytes->size() - checksum_size);
    const Checksum checksum = checksum_of(body);
    if (!std::equal(checksum.begin(), checksum.begin() + checksum_size, bytes->end() - checksum_size))
        return tl::unexpected(Error::damaged);

    FieldReader fields(body);
    Recipient recipient;
    const std::uint8_t kind = fields.u8();
    if (kind != 1 && kind != 2) return tl::unexpected(Error::unsupported);
    recipient.kind = static_cast<IdentityKind>(kind);
    if (recipient.kind == IdentityKind::researcher) recipient.box_key.bytes = fields.array<32>();
    recipient.signing_key.bytes = fields.array<32>();
    const ByteView label = fields.take(fields.u8());
    if (!fields.whole() || fields.left() != 0) return tl::unexpected(Error::not_canonical);
    recipient.label.assign(label.begin(), label.end());
    if (!label_text_allowed(recipient.label)) return tl::unexpected(Error::not_canonical);
    if (auto checked = check_keys(recipient); !checked) return tl::unexpected(checked.error());
    return recipient;
}

}  // namespace fieldfare::crypto
