#include "client/researcher/key_file.h"

#include "client/researcher/output_file.h"

namespace fieldfare::researcher {

using crypto::Error;

namespace {

std::string sentence_about(const std::string& file, Error error) {
    switch (error) {
        case Error::wrong_format:
            return file + " is not a key file of Fieldfare; give a file that \"key new\" made.";
        case Error::unsupported:
            return file + " was made by a newer Fieldfare than this one; install the newer version.";
        case Error::damaged:
            return file + " is damaged or was altered; take it from your backup.";
        case Error::cost_refused:
            return file +
                   " was not written by Fieldfare: opening it would be too cheap to be safe, or would "
                   "take too much memory. Take it from your backup.";
        case Error::wrong_passphrase:
            return "The passphrase does not open " + file + "; try again.";
        case Error::out_of_memory:
            return "There is not enough free memory to open " + file +
                   " (its passphrase may be right); close other programs "
                   "and try again.";
        case Error::no_randomness:
            return "This system gives no random numbers, so nothing secret can be made on it.";
        case Error::not_canonical:
        case Error::weak_key:
            return file + " holds a key that can't keep anything secret; ask its owner for a new one.";
        default:
            return file + " could not be used (internal error " + std::to_string(static_cast<int>(error)) +
                   ").";
    }
}

}  // namespace

Result<crypto::Identity> read_key(const std::filesystem::path& file, Console& console) {
    const auto bytes = read_file(file, key_limit);
    if (!bytes) return tl::unexpected(bytes.error());
    return key_from(file, *bytes, console);
}

Result<crypto::Identity> key_from(const std::filesystem::path& file, const std::string& bytes,
                                  Console& console) {
    if (bytes.starts_with("ffpub"))
        return could_not(shown(file) +
                         " is the public half of a key; the secret one, ending in .ffkey, is wanted here.");
    const auto secret = console.passphrases.passphrase_for(shown(file.filename()), Ask::once);
    if (!secret) return tl::unexpected(secret.error());
    auto identity = crypto::Identity::from_file_bytes(crypto::bytes_of(bytes), *secret);
    if (!identity) return could_not(sentence_about(shown(file), identity.error()));
    return std::move(*identity);
}

std::filesystem::path key_path(const std::filesystem::path& name, std::string_view ending) {
    std::filesystem::path path = name.extension() == ".ffkey" || name.extension() == ".ffpub"
                                     ? std::filesystem::path(name).replace_extension()
                                     : name;
    path += ending;
    return path;
}

Result<std::vector<crypto::Identity>> read_keys(std::span<const std::filesystem::path> files,
                                                Console& console) {
    std::vector<crypto::Identity> identities;
    for (const std::filesystem::path& file : files) {
        auto identity = read_key(file, console);
        if (!identity) return tl::unexpected(identity.error());
        if (identity->recipient().kind == crypto::IdentityKind::root)
            return could_not(
                shown(file) +
                " is a study root: it signs studies and opens no answers; give a researcher's key.");
        identities.push_back(std::move(*identity));
    }
    return identities;
}

Result<crypto::Identity> read_root_key(const std::filesystem::path& file, Console& console) {
    auto identity = read_key(file, console);
    if (identity && identity->recipient().kind != crypto::IdentityKind::root)
        return could_not(shown(file) +
                         " is a researcher's key; a study root is wanted (key new NAME --root).");
    return identity;
}

Result<crypto::Recipient> read_public_key(const std::filesystem::path& file) {
    const auto bytes = read_file(file, key_limit);
    if (!bytes) return tl::unexpected(bytes.error());
    if (!bytes->starts_with("ffpub") && file.extension() == ".ffkey")
        return could_not(
            shown(file) +
            " is a secret key; give its public half, ending in .ffpub, and keep the secret one.");
    auto recipient = crypto::from_line(*bytes);
    if (!recipient) return could_not(sentence_about(shown(file), recipient.error()));
    return std::move(*recipient);
}

std::string fingerprint_text(const crypto::Recipient& recipient) {
    return crypto::to_string(crypto::fingerprint_of(recipient));
}

}  // namespace fieldfare::researcher
