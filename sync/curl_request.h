#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sync/content_reader.h"
#include "sync/http_settings.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// For the first lines of a program, before it has threads: takes out of the environment what would lead
/// connections elsewhere, weaken them or write their keys down (proxies, SSLKEYLOGFILE, OpenSSL's and the
/// resolver's variables), ignores SIGPIPE (a connection that the other side closed is a failed write), and
/// starts libcurl. A store does it too, at its first request, for a program that forgot.
void start_network();

/// How long nothing may happen. There is no limit on a whole request: links may be slow.
struct HttpPatience {
    std::chrono::seconds connect{120};  ///< an onion service takes that long
    std::chrono::seconds stalled{
        120};  ///< with fewer than 100 bytes a second; noticed after up to twice that
    std::chrono::milliseconds go_ahead{5000};  ///< for "100 Continue" before a large body is sent anyway
};

struct HttpRequest {
    enum class Verb { get, put, propfind, remove, move };  ///< the last two for probes (sync/store_probe.h)
    Verb verb = Verb::get;
    std::string_view path;               ///< below the store's address, from "/"; S3's with its query
    std::vector<std::string> headers{};  ///< "Name: value"
    std::string_view text{};             ///< propfind: the body
    ContentReader* content = nullptr;    ///< put: the body, from its start

    /// SOCKS user: connections with different ones don't share a circuit of Tor.
    std::string_view circuit{};
    /// With a proxy: a connection that nothing before or after it uses.
    bool alone = false;

    /// The answer's body, with its status; false ends the request. Without it the body is dropped.
    std::function<bool(int status, crypto::ByteView)> on_body{};
    const Watch* watch = nullptr;
};

/// "PUT", as it stands in the request.
const char* method_of(HttpRequest::Verb verb);

struct HttpAnswer {
    int status = 0;
    std::optional<std::chrono::seconds> retry_after{};
    std::uint64_t sent = 0;  ///< bytes of the body that went out
    bool whole = true;       ///< false: `on_body` ended it, or the body to be dropped was endless
    bool has_etag = false;
    std::optional<std::chrono::sys_seconds> date{};  ///< the server's clock, as it says
};

struct HttpFailure {
    Fault fault = Fault::failed;
    std::string detail;  ///< our words; nothing of the request or the answer
};

/// Requests to one store: the one place that knows libcurl, and sets the whole profile for each request. No
/// redirects, cookies, .netrc, HSTS or Alt-Svc; nothing from the environment; no header but what is needed;
/// the store's key held to the pins besides its certificate; no TLS session taken up again. Used by one
/// thread at a time.
class CurlSession {
  public:
    CurlSession(HttpAddress address, HttpSettings settings, HttpPatience patience);
    CurlSession(CurlSession&&) noexcept;
    CurlSession& operator=(CurlSession&&) noexcept;
    ~CurlSession();

    /// An answer of any status is one; everything else is why there is none. Never retries.
    tl::expected<HttpAnswer, HttpFailure> perform(const HttpRequest& request);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace fieldfare::sync
