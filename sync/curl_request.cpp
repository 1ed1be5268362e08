#include "sync/curl_request.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "sync/curl_options.h"

namespace fieldfare::sync {

namespace {

constexpr std::uint64_t most_dropped = 64 * 1024;  // of a body that nobody asked for
constexpr std::size_t most_headers = 64 * 1024;  // of all that comes to a request, before and after its body
constexpr long at_a_time = 16 * 1024;            // of a body, from us to libcurl
constexpr int most_unsent = 16 * 1024;           // that the kernel has taken
constexpr long slowest = 100;                    // bytes a second
constexpr auto longest_wait = std::chrono::hours(24);

// OpenSSL's numbers for "not yet valid" and "expired" (x509_vfy.h), which come back as
// CURLINFO_SSL_VERIFYRESULT.
constexpr long certificate_not_yet_valid = 9;
constexpr long certificate_expired = 10;

constexpr std::array dangerous_variables{
    "http_proxy",   "https_proxy",    "all_proxy",  "no_proxy",     "HTTP_PROXY",      "HTTPS_PROXY",
    "ALL_PROXY",    "NO_PROXY",       "ftp_proxy",  "FTP_PROXY",    "SSLKEYLOGFILE",   "SSL_CERT_FILE",
    "SSL_CERT_DIR", "CURL_CA_BUNDLE", "CURL_HOME",  "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES",
    "RES_OPTIONS",  "LOCALDOMAIN",    "HOSTALIASES"};

// What the callbacks of one request share.
struct Exchange {
    CURL* handle = nullptr;
    const HttpRequest* request = nullptr;
    std::uint64_t dropped = 0;
    std::size_t headers = 0;  // in bytes
    bool ended = false;       // the body was cut by us
    bool unreadable = false;  // our own file could not be read, or is shorter than it was
    std::uint64_t read = 0;

    int status() const {
        long status = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        return static_cast<int>(status);
    }
};

std::size_t take_body(char* data, std::size_t one, std::size_t count, void* given) {
    auto& exchange = *static_cast<Exchange*>(given);
    const std::size_t size = one * count;
    bool go_on = true;
    if (exchange.request->on_body) {
        go_on =
            exchange.request->on_body(exchange.status(), {reinterpret_cast<const std::uint8_t*>(data), size});
    } else {
        exchange.dropped += size;
        go_on = exchange.dropped <= most_dropped;
    }
    if (go_on) return size;
    exchange.ended = true;
    return size == 0 ? 1 : 0;  // anything but `size` ends it
}

// libcurl 7.88 keeps every header in memory, of answers on the way (1xx) and behind a body (trailers) too.
std::size_t take_header(char*, std::size_t one, std::size_t count, void* given) {
    auto& exchange = *static_cast<Exchange*>(given);
    exchange.headers += one * count;
    return exchange.headers <= most_headers ? one * count : 0;
}

// A kernel that takes a whole file at once makes a thin line look dead: all is said to be sent, and then
// nothing moves for as long as it takes. Where it is not known, all goes as before.
int keep_little_unsent(void*, curl_socket_t number, curlsocktype) {
    (void)::setsockopt(number, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most_unsent, sizeof most_unsent);
    return CURL_SOCKOPT_OK;
}

std::size_t give_body(char* data, std::size_t one, std::size_t count, void* given) {
    auto& exchange = *static_cast<Exchange*>(given);
    ContentReader& content = *exchange.request->content;
    const auto left = content.size() - exchange.read;  // libcurl asks for no more than that
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(one * count, left));
    const auto n = content.read({reinterpret_cast<std::uint8_t*>(data), most});
    if (!n || (*n == 0 && left > 0)) {
        exchange.unreadable = true;
        return CURL_READFUNC_ABORT;
    }
    exchange.read += *n;
    return *n;
}

// libcurl goes back to the start when a kept connection turns out to be dead, never to another place.
int seek_body(void* given, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<Exchange*>(given);
    if (origin != SEEK_SET || offset != 0 || !exchange.request->content->rewind()) return CURL_SEEKFUNC_FAIL;
    exchange.read = 0;
    return CURL_SEEKFUNC_OK;
}

int watch_progress(void* given, curl_off_t to_get, curl_off_t got, curl_off_t, curl_off_t sent) {
    auto& exchange = *static_cast<Exchange*>(given);
    const Watch* watch = exchange.request->watch;
    if (watch == nullptr) return 0;
    if (watch->stop.stop_requested()) return 1;
    if (!watch->on_bytes) return 0;
    if (exchange.request->content != nullptr && sent > 0) {
        const auto total = exchange.request->content->size();
        watch->on_bytes(std::min(static_cast<std::uint64_t>(sent), total), total);
    } else if (exchange.request->verb == HttpRequest::Verb::get && got > 0 && exchange.status() == 200) {
        watch->on_bytes(static_cast<std::uint64_t>(got), static_cast<std::uint64_t>(std::max(to_get, got)));
    }
    return 0;
}

void set_trust(CurlOptions& to, const HttpSettings& settings) {
    to.set(CURLOPT_SSL_VERIFYPEER, 1L);
    to.set(CURLOPT_SSL_VERIFYHOST, 2L);
    to.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    to.set(CURLOPT_SSL_SESSIONID_CACHE, 0L);  // a session taken up again links one upload to the next
    if (!settings.pin.empty()) to.set(CURLOPT_PINNEDPUBLICKEY, settings.pin);
    if (!settings.certificate.empty()) {
        to.set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
        to.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
        to.set_blob(CURLOPT_CAINFO_BLOB, settings.certificate);
    }
    if (!settings.client_certificate.empty()) {
        to.set(CURLOPT_SSLCERTTYPE, "PEM");
        to.set_blob(CURLOPT_SSLCERT_BLOB, settings.client_certificate);
        to.set(CURLOPT_SSLKEYTYPE, "PEM");
        to.set_blob(CURLOPT_SSLKEY_BLOB, settings.client_key);
    }
}

void set_way(CurlOptions& to, const HttpAddress& address, const HttpSettings& settings,
             const HttpRequest& request) {
    // Both always: unset, libcurl takes them from the environment; and with NO_PROXY there, or nothing here,
    // it passes by the proxy that we have set.
    to.set(CURLOPT_PROXY, settings.proxy ? settings.proxy->text() : std::string());
    to.set(CURLOPT_NOPROXY, "");
    to.set(CURLOPT_PRE_PROXY, "");
    if (settings.proxy) {
        to.set(CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
        to.set(CURLOPT_PROXYUSERNAME, std::string(request.circuit));
        to.set(CURLOPT_PROXYPASSWORD, std::string(request.circuit));
        if (request.alone) {
            to.set(CURLOPT_FRESH_CONNECT, 1L);
            to.set(CURLOPT_FORBID_REUSE, 1L);
        }
    }
    to.set(CURLOPT_PROTOCOLS_STR, address.secure ? "https" : "http");
    to.set(CURLOPT_FOLLOWLOCATION, 0L);
    to.set(CURLOPT_REDIR_PROTOCOLS_STR, "https");  // for none; libcurl takes no empty list
    to.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    to.set(CURLOPT_PATH_AS_IS, 1L);
    to.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    to.set(CURLOPT_HTTP09_ALLOWED, 0L);
    to.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    to.set(CURLOPT_UNRESTRICTED_AUTH, 0L);
    to.set(CURLOPT_NOSIGNAL, 1L);
    to.set(CURLOPT_TCP_KEEPALIVE, 1L);
    to.set(CURLOPT_SOCKOPTFUNCTION, keep_little_unsent);
}

void set_patience(CurlOptions& to, const HttpPatience& patience) {
    to.set(CURLOPT_TIMEOUT, 0L);
    to.set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(patience.connect.count()));
    to.set(CURLOPT_LOW_SPEED_LIMIT, slowest);
    to.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.stalled.count()));
    to.set(CURLOPT_EXPECT_100_TIMEOUT_MS, static_cast<long>(patience.go_ahead.count()));
}

void set_request(CurlOptions& to, const HttpAddress& address, const HttpSettings& settings,
                 const HttpRequest& request, CurlList& headers, Exchange& exchange) {
    std::string url = address.text().append(request.path);
    if (!settings.query.empty()) url.append("?").append(settings.query);
    to.set(CURLOPT_URL, url);
    switch (request.verb) {
        case HttpRequest::Verb::get:
            to.set(CURLOPT_HTTPGET, 1L);
            break;
        case HttpRequest::Verb::put:
            to.set(CURLOPT_UPLOAD, 1L);
            to.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.content->size()));
            to.set(CURLOPT_UPLOAD_BUFFERSIZE, at_a_time);  // what it counts as sent grows by so much
            to.set(CURLOPT_READFUNCTION, give_body);
            to.set(CURLOPT_READDATA, static_cast<void*>(&exchange));
            to.set(CURLOPT_SEEKFUNCTION, seek_body);
            to.set(CURLOPT_SEEKDATA, static_cast<void*>(&exchange));
            break;
        case HttpRequest::Verb::propfind:
            to.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.text.size()));
            to.set(CURLOPT_COPYPOSTFIELDS, request.text.data());
            to.set(CURLOPT_CUSTOMREQUEST, method_of(request.verb));
            break;
        case HttpRequest::Verb::remove:
        case HttpRequest::Verb::move:
            to.set(CURLOPT_HTTPGET, 1L);
            to.set(CURLOPT_CUSTOMREQUEST, method_of(request.verb));
            break;
    }
    if (!settings.user.empty()) {
        to.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        to.set(CURLOPT_USERNAME, settings.user);
        to.set(CURLOPT_PASSWORD, settings.password);
    }
    bool added = headers.add("Accept:");  // what libcurl would say of itself
    if (!settings.token.empty()) {
        added = added && headers.add((settings.token_header.empty() ? "Authorization: Bearer "
                                                                    : settings.token_header + ": ") +
                                     settings.token);
    }
    for (const std::string& line : request.headers) added = added && headers.add(line);
    to.must(added);
    to.set(CURLOPT_HTTPHEADER, headers.first);
    to.set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
    to.set(CURLOPT_WRITEFUNCTION, take_body);
    to.set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    to.set(CURLOPT_HEADERFUNCTION, take_header);
    to.set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    to.set(CURLOPT_NOPROGRESS, 0L);
    to.set(CURLOPT_XFERINFOFUNCTION, watch_progress);
    to.set(CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
}

// Of the answer itself, not of a "100 Continue" before it.
const char* header_of(CURL* handle, const char* name) {
    curl_header* found = nullptr;
    return curl_easy_header(handle, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value : nullptr;
}

bool has_etag(CURL* handle) {
    const char* text = header_of(handle, "ETag");
    // libcurl leaves the end of the line in a value that is empty.
    return text != nullptr && std::string_view(text).find_first_not_of("\" \r\n") != std::string_view::npos;
}

std::optional<std::chrono::sys_seconds> date_of(CURL* handle) {
    const char* text = header_of(handle, "Date");
    const time_t seconds = text == nullptr ? -1 : curl_getdate(text, nullptr);
    if (seconds < 0) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

HttpFailure untrusted(CURL* handle) {
    long why = 0;
    curl_easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &why);
    if (why == certificate_not_yet_valid || why == certificate_expired)
        return {Fault::wrong_clock, why == certificate_expired ? "its certificate has run out"
                                                               : "its certificate is not valid yet"};
    return {Fault::not_a_store, "its certificate is not to be trusted"};
}

// OpenSSL's words for what the other side said in a TLS alert, which libcurl passes on as text alone.
bool wants_a_certificate(const char* words) {
    return std::strstr(words, "alert certificate") != nullptr ||  // required, expired, revoked, unknown
           std::strstr(words, "alert bad certificate") != nullptr ||
           std::strstr(words, "alert unknown ca") != nullptr;
}

// What the other side says to what we speak, and what OpenSSL says of what it speaks.
bool is_of_old_tls(const char* words) {
    return std::strstr(words, "alert protocol version") != nullptr ||
           std::strstr(words, "unsupported protocol") != nullptr;
}

HttpFailure failure_of(CURLcode code, CURL* handle, const Exchange& exchange, const HttpSettings& settings,
                       const char* words) {
    const auto unreachable = [](std::string detail) {
        return HttpFailure{Fault::unreachable, std::move(detail)};
    };
    if (exchange.unreadable) return {Fault::unreadable, "the file changed while it was read"};
    if (exchange.headers > most_headers) return {Fault::not_a_store, "the headers of its answer do not end"};
    if (code == CURLE_OUT_OF_MEMORY)  // libcurl 7.88 says so of a line that is too long, too
        return {Fault::not_a_store, "no memory, or a header of its answer does not end"};
    if (auto failure = failure_on_the_way(code, settings.proxy)) return std::move(*failure);
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
            return untrusted(handle);
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return {Fault::not_a_store, "its key is not the one that the study names"};
        case CURLE_SSL_CERTPROBLEM:
            return {Fault::bad_name, "the client certificate or its key in the settings can't be used"};
        case CURLE_SSL_CACERT_BADFILE:
            return {Fault::bad_name, "the certificate in the settings can't be used"};
        case CURLE_URL_MALFORMAT:
            return {Fault::bad_name, ""};
        case CURLE_UNSUPPORTED_PROTOCOL:  // an answer that is not HTTP, as a line of text from another
                                          // service
        case CURLE_WEIRD_SERVER_REPLY:
            return {Fault::not_a_store, "it does not speak HTTP"};
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
            return unreachable("the connection broke before the answer was whole");
        case CURLE_SSL_CONNECT_ERROR:
            if (wants_a_certificate(words))
                return {Fault::not_permitted, "it wants another client certificate"};
            if (std::strstr(words, "wrong version number") != nullptr ||
                std::strstr(words, "packet length too long") != nullptr ||
                std::strstr(words, "http request") != nullptr)
                return {Fault::not_a_store, "it does not speak TLS"};
            if (is_of_old_tls(words)) return {Fault::not_a_store, "it speaks no TLS from 1.2 on"};
            return unreachable("the connection broke while it was being secured");
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            if (wants_a_certificate(words))
                return {Fault::not_permitted, "it wants another client certificate"};
            return unreachable("the connection broke");
        default:
            return {Fault::failed, curl_easy_strerror(code)};
    }
}

void start_once() {
    for (const char* name : dangerous_variables) ::unsetenv(name);
    std::signal(SIGPIPE, SIG_IGN);  // libcurl leaves that to us under NOSIGNAL
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        std::abort();  // out of memory before anything was done
}

}  // namespace

const char* method_of(HttpRequest::Verb verb) {
    switch (verb) {
        case HttpRequest::Verb::get:
            return "GET";
        case HttpRequest::Verb::put:
            return "PUT";
        case HttpRequest::Verb::propfind:
            return "PROPFIND";
        case HttpRequest::Verb::remove:
            return "DELETE";
        case HttpRequest::Verb::move:
            return "MOVE";
    }
    return "";
}

void start_network() {
    static std::once_flag once;
    std::call_once(once, start_once);
}

std::optional<HttpFailure> failure_on_the_way(CURLcode code, const std::optional<SocksProxy>& proxy) {
    const auto unreachable = [](std::string detail) {
        return HttpFailure{Fault::unreachable, std::move(detail)};
    };
    switch (code) {
        case CURLE_ABORTED_BY_CALLBACK:
            return HttpFailure{Fault::cancelled, ""};
        case CURLE_OUT_OF_MEMORY:
            return HttpFailure{Fault::failed, "out of memory"};
        case CURLE_COULDNT_RESOLVE_HOST:
            return unreachable("no such host, or no network");
        case CURLE_COULDNT_RESOLVE_PROXY:
            return unreachable("no such proxy, or no network");
        case CURLE_COULDNT_CONNECT:
            if (proxy)
                return unreachable("nothing answers at the proxy " + proxy->text() + "; is Tor running?");
            return unreachable("nothing answers there");
        case CURLE_PROXY:
            return unreachable("the proxy " + proxy.value_or(SocksProxy{}).text() + " could not get there");
        case CURLE_OPERATION_TIMEDOUT:
            return unreachable("no progress for too long");
        default:
            return std::nullopt;
    }
}

struct CurlSession::Inside {
    HttpAddress address;
    HttpSettings settings;
    HttpPatience patience;
    CURL* handle = nullptr;

    Inside(HttpAddress where, HttpSettings how, HttpPatience long_)
        : address(std::move(where)), settings(std::move(how)), patience(long_) {}
    Inside(const Inside&) = delete;
    ~Inside() { curl_easy_cleanup(handle); }
};

CurlSession::CurlSession(HttpAddress address, HttpSettings settings, HttpPatience patience)
    : inside_(std::make_unique<Inside>(std::move(address), std::move(settings), patience)) {}
CurlSession::CurlSession(CurlSession&&) noexcept = default;
CurlSession& CurlSession::operator=(CurlSession&&) noexcept = default;
CurlSession::~CurlSession() = default;

tl::expected<HttpAnswer, HttpFailure> CurlSession::perform(const HttpRequest& request) {
    Inside& inside = *inside_;
    const HttpSettings& settings = inside.settings;
    // open_store() refuses it, too. A name that only Tor knows must not reach this machine's resolver.
    if (inside.address.is_onion() && !settings.proxy)
        return tl::unexpected(HttpFailure{Fault::bad_name, ".onion without a proxy"});
    if (request.watch != nullptr && request.watch->stop.stop_requested())
        return tl::unexpected(HttpFailure{Fault::cancelled, ""});
    start_network();
    if (inside.handle == nullptr) inside.handle = curl_easy_init();
    if (inside.handle == nullptr) return tl::unexpected(HttpFailure{Fault::failed, "out of memory"});
    CURL* handle = inside.handle;
    curl_easy_reset(handle);  // connections stay

    CurlList headers;
    Exchange exchange{handle, &request};
    std::array<char, CURL_ERROR_SIZE> words{};
    CurlOptions options(handle);
    set_trust(options, settings);
    set_way(options, inside.address, settings, request);
    set_patience(options, inside.patience);
    set_request(options, inside.address, settings, request, headers, exchange);
    options.set(CURLOPT_ERRORBUFFER, words.data());
    if (!options.good())
        return tl::unexpected(HttpFailure{Fault::failed, "this machine's libcurl can't keep to our rules"});

    const CURLcode code = curl_easy_perform(handle);
    HttpAnswer answer{.status = exchange.status(), .has_etag = has_etag(handle), .date = date_of(handle)};
    curl_off_t number = 0;
    if (curl_easy_getinfo(handle, CURLINFO_SIZE_UPLOAD_T, &number) == CURLE_OK)
        answer.sent = static_cast<std::uint64_t>(number);
    if (curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &number) == CURLE_OK && number > 0)
        answer.retry_after = std::min(std::chrono::seconds(number),
                                      std::chrono::duration_cast<std::chrono::seconds>(longest_wait));
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);  // it goes with this call
    if (code == CURLE_OK) return answer;
    if (code == CURLE_WRITE_ERROR && exchange.ended) {
        answer.whole = false;
        return answer;
    }
    // A no is one though the page that explains it was cut: a store may hang up on a body that it does not
    // want.
    const bool broke = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_PARTIAL_FILE;
    if (answer.status >= 400 && broke && !exchange.unreadable) return answer;
    return tl::unexpected(failure_of(code, handle, exchange, settings, words.data()));
}

}  // namespace fieldfare::sync
