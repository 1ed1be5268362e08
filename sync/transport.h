#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "crypto/bytes.h"

namespace fieldfare::sync {

/// What went wrong between this machine and a store. Each case asks something else of the person.
enum class Fault {
    cancelled,      ///< the person stopped it; nothing is half-written
    unreachable,    ///< no answer: no network, medium pulled out, server down; trying later may help
    no_store,       ///< the place is reached, but the store's folder or bucket is not there
    not_permitted,  ///< the store knows us and says no, or the folder may not be written
    read_only,      ///< the medium can't be written at all: write protection, read-only mount
    no_space,       ///< medium or quota is full
    too_large,      ///< the store does not take a file of this size, or the file exceeds the caller's cap
    not_found,      ///< get: no file of this name
    not_a_store,  ///< something else answers: a captive portal, a redirect, a wrong pin, a link in a folder's
                  ///< path
    wrong_clock,  ///< the store's certificate is not valid on this machine's date, or the store refuses it
    busy,         ///< the store asks to come back later (`retry_after`)
    unreadable,   ///< our own file could not be read: this machine's fault, not the store's
    bad_name,     ///< the name is none of ours, or the address is none that this version speaks
    failed,       ///< anything else; `detail` has the system's or the server's words
};

/// True when the next file would meet the same fault, so that this store is left alone until the next pass.
bool is_about_the_store(Fault fault);

struct TransportError {
    Fault fault = Fault::failed;
    std::string store;  ///< address as a person knows it; never with credentials
    std::string
        detail;  ///< the system's words ("No space left on device", "HTTP 507"); may be empty; no content
    std::optional<std::chrono::seconds> retry_after;

    bool operator==(const TransportError&) const = default;
};

template <typename T>
using TransportResult = tl::expected<T, TransportError>;

/// Progress and cancel of one call. Both are optional; `on_bytes` is called on the thread that called the
/// transport, and must not throw. Bytes sent are not yet accepted.
struct Watch {
    std::function<void(std::uint64_t done, std::uint64_t total)> on_bytes;
    std::stop_token stop;
};

/// What is put: bytes at hand, or a regular file that is streamed (and read again from its start on a retry).
using Content = std::variant<crypto::ByteView, std::filesystem::path>;

enum class PutOutcome {
    stored,            ///< this call wrote it, and the store said that it is durable as far as it can
    stored_unguarded,  ///< the same, but this store can't promise that nobody replaces it, or says that this
                       ///< call has replaced something
    same_content,      ///< the name was there and holds exactly this content
    taken,             ///< the name was there; this store does not let us see what it holds (write-only drop)
    other_content,     ///< the name was there and holds something else: a cut upload, or a hostile store
};

struct ListedFile {
    std::string name;  ///< full object name, "<study tag>/…"
    std::uint64_t size = 0;
    bool has_size = true;  ///< false: the store does not tell it, and `size` is 0

    bool operator==(const ListedFile&) const = default;
};

/// One page of a listing, names ascending by byte. `more`: call again with the last name as `after`.
struct Listing {
    std::vector<ListedFile> files;
    bool more = false;

    bool operator==(const Listing&) const = default;
};

/// Takes the next piece of a file that is read; false stops the transfer with Fault::cancelled.
using Sink = std::function<bool(crypto::ByteView)>;

/// One way to put, list and get opaque files: a folder, HTTP PUT, S3, SFTP. Names are object names as
/// is_object_name() has them. A store is never trusted: what it lists or gives is checked by the caller, by
/// hash or by signature, and its names are refused when they are not of our shape.
///
/// An object is used by one thread at a time. No call retries; none has a time limit of its own except "no
/// progress for too long", which is Fault::unreachable. After any failure a further call is allowed.
class Transport {
  public:
    virtual ~Transport() = default;

    /// Writes `name` if the store does not have it, and replaces nothing where the store can keep it so.
    /// Whole or not at all: after a failure, cancel or crash no cut file stands under `name` (on stores that
    /// can promise it; that is why a reader trusts only hashes). An existing name is an outcome, not an
    /// error.
    virtual TransportResult<PutOutcome> put(std::string_view name, const Content& content,
                                            const Watch& watch) = 0;

    /// Files directly in the folder `prefix` ("<study tag>/", "<study tag>/receipts/") whose name follows
    /// `after` (empty: from the start), at most `limit` of them, 1 or more. A folder that is not there has no
    /// files. Other files, temporary ones and links are left out. `stop` ends it with Fault::cancelled.
    virtual TransportResult<Listing> list(std::string_view prefix, std::string_view after, std::size_t limit,
                                          const std::stop_token& stop) = 0;

    /// Reads a file in pieces. Fault::too_large as soon as more than `max_size` bytes are seen, whatever size
    /// the store claims; the pieces given until then must be thrown away, as after any failure.
    virtual TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                                      const Watch& watch) = 0;

    /// The store's address as a person knows it, for messages; without credentials.
    virtual std::string address() const = 0;
};

/// get() into memory; for receipts and other small files.
TransportResult<crypto::Bytes> get_bytes(Transport& transport, std::string_view name, std::uint64_t max_size,
                                         const Watch& watch = {});

}  // namespace fieldfare::sync
