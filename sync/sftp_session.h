#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "sync/content_reader.h"
#include "sync/curl_request.h"
#include "sync/sftp_settings.h"
#include "sync/transport.h"

namespace fieldfare::sync {

struct SftpFailure {
    enum class Said {
        nothing_there,  ///< no such file or folder
        denied,         ///< permission denied
        exists,         ///< the name is taken, from servers that have a word for it
        full,           ///< disk or quota, likewise
        refused,        ///< "failure", the only word that version 3 of SFTP has for all the rest
        no_word,        ///< a file was taken no further: the line broke, or there is no room for it
        no_answer,      ///< there is no word of a server that we believe: see `why`
    };
    Said said = Said::no_answer;
    HttpFailure why{};  ///< as a person is told of it; nothing of a name, a credential or the answer
};

template <typename T>
using SftpResult = tl::expected<T, SftpFailure>;

/// Single steps of SFTP (version 3, draft-ietf-secsh-filexfer-02) on one server: the one place that knows
/// libcurl's and libssh2's way of it, and sets the whole profile for each. Paths begin with "/" and are of
/// letters, digits and "/ - . _" alone.
///
/// - The server's key is compared with the settings' before anything else is said; no file of known hosts is
///   read or written. What libssh2 1.10 asks for first is a key of ECDSA, then Ed25519, then RSA.
/// - Only the settings' way to be let in is tried: no agent, no key of the home folder, no questions
///   (keyboard-interactive). The key goes to libssh2 in a file in memory.
/// - Nothing is compressed; nothing comes from the environment; there is no proxy but the settings'.
/// - A server that says far more than it was asked is hung up on: libssh2 would keep all of it.
/// - Nothing is retried. What makes no progress for too long is given up, in each step, and a person who
///   stops waits for nobody.
/// - No step makes the server write a file through to its disk: libcurl has no word for it. A file is as
///   durable as that server's file system makes it by itself.
/// - libcurl 7.88 never lets go of the memory of a line that broke or was given up: up to 70 KB each. A
///   pass of the form app is a process of its own.
///
/// Used by one thread at a time.
class SftpSession {
  public:
    /// Takes the next piece; false ends the step, which then counts as done.
    using Piece = std::function<bool(crypto::ByteView)>;

    SftpSession(SftpAddress address, SftpSettings settings, HttpPatience patience);
    SftpSession(SftpSession&&) noexcept;
    SftpSession& operator=(SftpSession&&) noexcept;
    ~SftpSession();

    /// With a proxy: what follows goes as this SOCKS user, on a connection of its own unless it went so
    /// before.
    void go_by(std::string_view circuit);

    SftpResult<void> read(std::string_view path, const Piece& on_piece, const Watch& watch);

    /// The entries of a folder, links and temporary files too, a line for each as `ls -l` has it: what
    /// servers write there is theirs, see sync/sftp_listing.h.
    SftpResult<void> list(std::string_view path, const Piece& on_lines, const Watch& watch);

    SftpResult<bool> has_folder(std::string_view path, const Watch& watch);

    /// Writes a file that nobody else knows of, or writes it anew from its start. The server has said of each
    /// piece that it has it.
    SftpResult<void> write(std::string_view path, ContentReader& content, const Watch& watch);

    /// Whether the server says that a file has that size, 1 or more. Asked by opening it to append nothing.
    SftpResult<bool> has_size(std::string_view path, std::uint64_t size, const Watch& watch);

    /// What happens where `to` exists is the server's to decide: see SftpStore.
    SftpResult<void> rename(std::string_view from, std::string_view to, const Watch& watch);

    // For a mess of our own: these take a few seconds at most, and nothing stops them.

    SftpResult<void> remove(std::string_view path);

    /// Gives a file the mode 0666.
    SftpResult<void> open_to_all(std::string_view path);

    /// How many bytes are free for files in a folder; nothing where the server does not tell
    /// (statvfs@openssh.com). Quotas don't show in it.
    std::optional<std::uint64_t> free_in(std::string_view folder);

  private:
    SftpResult<void> command(std::string line);

    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace fieldfare::sync
