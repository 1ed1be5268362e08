#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/box_key.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/fingerprint.h"
#include "crypto/passphrase_cost.h"
#include "crypto/secret.h"
#include "crypto/signing.h"

namespace fieldfare::crypto {

/// The byte formats of both files are in KEYS.md.

enum class IdentityKind : std::uint8_t {
    researcher = 1,  ///< opens batches (X25519) and signs receipts (Ed25519)
    root = 2,        ///< signs study packages (Ed25519) and nothing else
};

/// The public half of an identity, which goes into study packages.
struct Recipient {
    IdentityKind kind = IdentityKind::researcher;
    BoxKey box_key;         ///< all zeros for a root
    VerifyKey signing_key;  ///< of receipts, or of packages for a root
    std::string label;      ///< for people: 0…64 bytes of UTF-8 without control characters; proves nothing

    bool operator==(const Recipient&) const = default;
};

/// 16 bytes that name the two keys and the kind, not the label.
Id key_id(const Recipient& recipient);

/// What the owner reads aloud to whoever wants to know that a `.ffpub` line is theirs. The label is not in
/// it.
Fingerprint fingerprint_of(const Recipient& recipient);

/// One line of text without its end: `ffpub1`, then Crockford's base 32 in lower case, checksum included.
/// `bad_argument` for a label outside its range, or what `check` says of a key.
Result<std::string> to_line(const Recipient& recipient);

/// The other way; blanks and line ends around it do not matter. `wrong_format` when it does not begin with
/// `ffpub`, `unsupported` for another version, `damaged` for a mistyped one (checksum), `not_canonical` or
/// `weak_key` for keys that `check` refuses.
Result<Recipient> from_line(std::string_view line);

/// What can be said of a `.ffkey` file without its passphrase: that it is whole, and whose kind it is.
/// `wrong_format`, `unsupported`, `damaged`, `not_canonical`, `cost_refused`.
Result<IdentityKind> check_key_file(ByteView file);

using BoxSecret = Secret<32, struct BoxSecretTag>;

/// A researcher's or a root's secret keys. In guarded memory; can be moved, not copied.
class Identity {
  public:
    /// New random keys. `bad_argument` for a label outside its range (see Recipient).
    static Result<Identity> generate(IdentityKind kind, std::string_view label);

    /// A `.ffkey` file, opened with its passphrase (NFKC is the caller's part). `wrong_format`,
    /// `unsupported`, `damaged` and `cost_refused` come before any work is done; then `out_of_memory`,
    /// `wrong_passphrase`. Takes as long as the cost in the file says.
    static Result<Identity> from_file_bytes(ByteView file, const SecretText& passphrase);

    /// The bytes of a `.ffkey` file, always of the same length. `cost_refused`, `out_of_memory`. Different
    /// each time. Writing them (mode 0600, never over another file) is the caller's part.
    Result<Bytes> to_file_bytes(const SecretText& passphrase, const PassphraseCost& cost) const;

    const Recipient& recipient() const { return recipient_; }
    const SigningKey& signing_key() const { return signing_key_; }

    /// `wrong_kind` for a root: it opens nothing.
    Result<std::span<const std::uint8_t, 32>> expose_box_secret() const;

  private:
    Identity(Recipient recipient, SigningKey signing_key, std::optional<BoxSecret> box_secret)
        : recipient_(std::move(recipient)),
          signing_key_(std::move(signing_key)),
          box_secret_(std::move(box_secret)) {}
    Recipient recipient_;
    SigningKey signing_key_;
    std::optional<BoxSecret> box_secret_;
};

}  // namespace fieldfare::crypto
