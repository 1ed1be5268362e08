#include "client/collector/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "client/collector/messages.h"
#include "crypto/passphrase_text.h"

namespace fieldfare::collector {
namespace {

ChosenToken refuse(const char* why) {
    return {std::nullopt, {why, {}}};
}

/// Straight into the bytes that are wiped: no buffer of a stream keeps a copy. One more than a token has
/// tells that it is longer.
std::optional<crypto::Bytes> read_token(int file) {
    crypto::Bytes bytes(crypto::token_file_size + 1);
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t got = ::read(file, bytes.data() + size, bytes.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            crypto::wipe(bytes);
            return std::nullopt;
        }
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace

tl::expected<crypto::SecretText, store::Error> secret_of(const app::Passphrase& passphrase) {
    auto secret = crypto::passphrase_from(passphrase.expose());
    if (secret) return std::move(*secret);
    switch (secret.error()) {
        case crypto::Error::out_of_memory:
            return tl::unexpected(store::Error::out_of_memory);
        case crypto::Error::too_large:
            return tl::unexpected(store::Error::passphrase_too_long);
        case crypto::Error::unsupported:
            return tl::unexpected(store::Error::passphrase_unknown_character);
        default:
            return tl::unexpected(store::Error::wrong_passphrase);
    }
}

ChosenToken token_of(const std::string& path) {
    if (path.empty()) return {};
    // Without waiting, should it be no file but a pipe.
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) return refuse(errno == ENOENT || errno == ENOTDIR ? "token.no_file" : "token.unreadable");
    struct stat status {};
    const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    auto bytes = regular ? read_token(file) : std::nullopt;
    ::close(file);
    if (!regular) return refuse("token.no_token");
    if (!bytes) return refuse("token.unreadable");
    auto key = crypto::read_token_file(std::move(*bytes));
    if (key) return {std::move(*key), {}};
    switch (key.error()) {
        case crypto::Error::wrong_format:
            return refuse("token.no_token");
        case crypto::Error::unsupported:
            return refuse("token.newer_program");
        case crypto::Error::out_of_memory:
            return {std::nullopt, message_of(store::Error::out_of_memory)};
        default:
            return refuse("token.damaged");
    }
}

app::Message not_opened(store::Error why, const ChosenToken& token) {
    if (why != store::Error::wrong_passphrase) return message_of(why);
    if (!token.why.empty()) return token.why;
    if (token.key) return {"token.wrong", {}};
    return message_of(why);
}

}  // namespace fieldfare::collector
