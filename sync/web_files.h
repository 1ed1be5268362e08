#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "sync/curl_request.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// What a server of the web has said to a put or a get, whatever the protocol.
struct WebAnswer {
    enum class Meaning {
        done,          ///< put: it has the file; get: the whole of it came, or `on_body` ended it
        replaced,      ///< put: it has the file, and says that something stood under the name before
        has_it,        ///< put: something stands under the name
        cannot_guard,  ///< put: it does not know "If-None-Match"
        hidden,        ///< get: whether there is something we may not see
        nothing,       ///< get: there is no such file
        refused,
    };
    Meaning meaning = Meaning::refused;
    HttpFailure why{};  ///< unless it is done
    std::optional<std::chrono::seconds> retry_after{};
    std::uint64_t sent = 0;  ///< bytes of the body that went out
};

/// put() and get() of a store of the web: the course of things that WebDAV and S3 have in common. Files are
/// put with "If-None-Match: *", so that the server itself keeps the first; one that does not know it gets the
/// file without it after a look whether the name is there, and the outcome says so
/// (PutOutcome::stored_unguarded). It says so as well of a server that heeds no "If-None-Match", and tells
/// that it has replaced something.
///
/// Through a proxy each put() has a connection and a SOCKS user of its own, so that Tor gives it a circuit of
/// its own; what is read of one study shares one.
class WebFiles {
  public:
    /// Sends a request whose `path` is "/" and an object name, or says why there is no answer.
    using Ask = std::function<tl::expected<WebAnswer, HttpFailure>(HttpRequest request)>;

    /// `address` as a person knows it.
    WebFiles(std::string address, Ask ask);

    TransportResult<PutOutcome> put(std::string_view name, const Content& content, const Watch& watch);
    TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                              const Watch& watch);

    const std::string& address() const { return address_; }
    /// For what is read of the study whose tag a name or prefix begins with.
    std::string reading_circuit(std::string_view name);

    tl::unexpected<TransportError> fail(Fault fault, std::string detail) const;
    tl::unexpected<TransportError> fail(const HttpFailure& failure) const;

  private:
    enum class There { same, other, hidden, nothing };  // what stands under a name; hidden: we may not look

    tl::unexpected<TransportError> refused(const WebAnswer& answer) const;
    TransportResult<WebAnswer> put_once(std::string_view name, ContentReader& content, const Watch& watch,
                                        bool if_absent);
    TransportResult<There> look(std::string_view name, ContentReader& ours, const Watch& watch);

    std::string address_;
    Ask ask_;
    std::map<std::string, std::string, std::less<>> circuits_;  // by study tag
};

}  // namespace fieldfare::sync
