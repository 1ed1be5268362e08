#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sync/curl_request.h"
#include "sync/sync_config.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// What a store made of one request that no store of ours ever sends.
struct ProbeAnswer {
    enum class Meaning {
        done,       ///< it says that it did it
        refused,    ///< it says no: it does not let us, or does not offer it
        has_it,     ///< put: something stands under the name, and stays
        not_there,  ///< there is no such file, or no folder for it
        no_word,    ///< no answer, or one that is none to this question
    };
    Meaning meaning = Meaning::no_word;
    HttpFailure why{};        ///< unless it is done
    int status = 0;           ///< on the web; 0: there was no answer
    crypto::Bytes content{};  ///< of get() and page(), when done: what came, up to a few MiB
};

/// A page of a list as the store gives it.
struct ProbePage {
    std::vector<std::string> names;  ///< of our files, ascending
    std::string next;  ///< where the next page begins, in the store's words; empty: this is the last
    std::optional<std::size_t>
        most;  ///< names that a page has at most, as the store says; nothing: it does not
};

/// What somebody who has taken a device, or who has nothing, would try on a store to harm it. "store doctor"
/// tries it on files of its own (sync/probe_name.h) before they do. No part of Transport: nothing else of
/// this program replaces or deletes what a store has. Over the web each request keeps to the whole profile of
/// CurlSession.
///
/// Used by one thread at a time. No call retries.
class StoreProbe {
  public:
    virtual ~StoreProbe() = default;

    /// Puts a file under a name, whatever stands there.
    virtual ProbeAnswer put_over(std::string_view name, crypto::ByteView content) = 0;
    /// Puts a file as if it were only the end of one that has `before` more bytes. Only on the web.
    virtual ProbeAnswer put_end(std::string_view name, crypto::ByteView content, std::uint64_t before) = 0;
    virtual ProbeAnswer remove(std::string_view name) = 0;
    /// Gives a file another name, which nothing has.
    virtual ProbeAnswer move(std::string_view name, std::string_view to) = 0;
    /// Gives a file the name of another, in whose place it is then.
    virtual ProbeAnswer move_over(std::string_view name, std::string_view to) = 0;
    /// Lets everybody read and write a file. Refused where a file has no rights of its own.
    virtual ProbeAnswer open_to_all(std::string_view name) = 0;
    /// Reads a small file.
    virtual ProbeAnswer get(std::string_view name) = 0;
    /// What a browser gets of a folder ("<tag>/", "<tag>/receipts/"): on a web server a page, of a bucket a
    /// list, which only a stranger asks for so. Refused where there is no such request.
    virtual ProbeAnswer page(std::string_view folder) = 0;
    /// A page of the list of a folder ("<tag>/"), of `most` names at the most (0: as many as the store gives
    /// by itself), that goes on at the `next` of the one before; empty: from the start. Refused where lists
    /// come as a whole.
    virtual tl::expected<ProbePage, ProbeAnswer> list_page(std::string_view folder, std::size_t most,
                                                           const std::string& next);
    /// How far the store's clock was before this machine's when its last answer came; nothing where it has
    /// none.
    virtual std::optional<std::chrono::seconds> clock_ahead() const = 0;
};

enum class ProbeAs {
    given,     ///< with the credentials of the store's settings
    stranger,  ///< without them: what the network's way needs, and nothing that lets in
};

/// The probe of a store that open_store() takes, without touching it; `persons_proxy` as there. Null for a
/// kind of store that has none, and for a stranger at a folder, whom its rights keep out and not a store, or
/// at a server of SFTP, which libcurl does not come to without a key or a password.
std::unique_ptr<StoreProbe> open_probe(const Store& store, ProbeAs as, std::string_view persons_proxy = {});

}  // namespace fieldfare::sync
