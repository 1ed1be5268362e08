#include "client/researcher/serve_http.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <list>
#include <new>
#include <string>

namespace fieldfare::researcher {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t most_discarded = 1024 * 1024;  // bytes of a body that nobody wants
constexpr int silences = 4;  // after which libmicrohttpd hangs up by itself, whatever we have missed

struct Freed {
    void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};

/// One request from its headers to the end of its answer.
struct Request {
    std::optional<Arrival> arrival{};
    std::optional<ServeAnswer> answer{};  // known before the body has ended: the rest is thrown away
    Clock::time_point began = Clock::now(), heard = began;
    std::uint64_t came = 0;
    bool known = false;      // its headers were looked at
    bool has_query = false;  // a "?", with or without anything after it
    bool bounded = false;    // its length was told and is taken
};

/// Of an IPv4 address all of it, of an IPv6 address its /64; empty for others.
std::string who(const sockaddr* address) {
    std::string bytes;
    if (address != nullptr && address->sa_family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, address, sizeof ipv4);
        bytes.assign(reinterpret_cast<const char*>(&ipv4.sin_addr), sizeof ipv4.sin_addr);
    } else if (address != nullptr && address->sa_family == AF_INET6) {
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, address, sizeof ipv6);
        bytes.assign(reinterpret_cast<const char*>(&ipv6.sin6_addr), sizeof ipv6.sin6_addr / 2);
    }
    return bytes;
}

struct Connection {
    int socket = -1;
    std::string from{};                            // as who() has it
    Clock::time_point waits_since = Clock::now();  // for a request
    Request* request = nullptr;                    // null: none is under way
    bool shut = false;
};

/// Headers that count, by their names in small letters; a second one of a name is remembered.
struct Headers {
    ServeRequest request;
    bool waits_for_yes = false;  // Expect: 100-continue

    static MHD_Result take(void* self, MHD_ValueKind, const char* name, const char* value) {
        auto& headers = *static_cast<Headers*>(self);
        try {
            headers.take(name, value == nullptr ? "" : value);
            return MHD_YES;
        } catch (const std::exception&) {
            headers.request.doubtful = true;
            return MHD_NO;
        }
    }
    void take(std::string name, std::string_view value) {
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const auto keep = [&](std::optional<std::string_view>& place) {
            if (place) request.doubtful = true;
            place = value;
        };
        if (name == "authorization") keep(request.authorization);
        if (name == "if-none-match") keep(request.if_none_match);
        if (name == "content-length") keep(request.content_length);
        if (name == "content-range") keep(request.content_range);
        if (name == "transfer-encoding") keep(request.transfer_encoding);
        if (name == "expect") waits_for_yes = true;
    }
};

/// What libmicrohttpd calls lets no exception out: it is C, and would be left half-changed.
class Microhttpd final : public ServeHttp {
  public:
    Microhttpd(int socket, Receiver& receiver, ServeLimits limits)
        : socket_(socket), receiver_(receiver), limits_(limits) {}
    ~Microhttpd() override {
        if (daemon_ == nullptr) {
            ::close(socket_);
            return;
        }
        accept_no_more();
        MHD_stop_daemon(daemon_);
    }
    Microhttpd(const Microhttpd&) = delete;

    bool start(const ServeIdentity& identity) {
        // With select(2): when MHD_USE_EPOLL is added, 0.9.75 on our thread does not see a line hung up whose
        // last bytes and end come together.
        daemon_ = MHD_start_daemon(
            MHD_USE_TLS, 0, &Microhttpd::may_come, this, &Microhttpd::on_request, this,
            MHD_OPTION_LISTEN_SOCKET, socket_, MHD_OPTION_HTTPS_MEM_KEY, identity.key_pem.c_str(),
            MHD_OPTION_HTTPS_MEM_CERT, identity.certificate_pem.c_str(), MHD_OPTION_HTTPS_PRIORITIES,
            "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", MHD_OPTION_CONNECTION_LIMIT, limits_.connections,
            MHD_OPTION_CONNECTION_TIMEOUT,
            static_cast<unsigned>(
                std::chrono::ceil<std::chrono::seconds>(silences * limits_.silence).count()),
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits_.request_bytes, MHD_OPTION_STRICT_FOR_CLIENT, 1,
            MHD_OPTION_UNESCAPE_CALLBACK, &Microhttpd::as_it_came, nullptr, MHD_OPTION_URI_LOG_CALLBACK,
            &Microhttpd::on_target, nullptr, MHD_OPTION_NOTIFY_CONNECTION, &Microhttpd::on_connection, this,
            MHD_OPTION_NOTIFY_COMPLETED, &Microhttpd::on_end, nullptr, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
            MHD_OPTION_END);
        return daemon_ != nullptr;
    }

    void work(std::chrono::milliseconds at_most) override {
        const auto begin = Clock::now();
        (void)MHD_run_wait(daemon_, static_cast<std::int32_t>(at_most.count()));
        hang_up_on_the_slow(Clock::now() - begin - at_most);
    }

    void accept_no_more() override {
        if (socket_ < 0) return;
        (void)MHD_quiesce_daemon(daemon_);
        ::close(socket_);  // else whoever comes waits for an answer until the program ends
        socket_ = -1;
    }

    std::size_t under_way() const override {
        return static_cast<std::size_t>(std::ranges::count_if(
            connections_, [](const Connection& line) { return line.request != nullptr; }));
    }

  private:
    static std::size_t as_it_came(void*, MHD_Connection*, char* text) {
        return std::char_traits<char>::length(text);
    }

    static void on_connection(void* self, MHD_Connection* connection, void** ours,
                              MHD_ConnectionNotificationCode what) {
        auto& connections = static_cast<Microhttpd*>(self)->connections_;
        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
            *ours = static_cast<Microhttpd*>(self)->enter(connection);
        } else if (*ours != nullptr) {
            connections.remove_if([&](const Connection& one) { return &one == *ours; });
            *ours = nullptr;
        }
    }
    /// Null: not entered, and its requests will be refused.
    Connection* enter(MHD_Connection* connection) {
        const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        const auto* address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        if (socket == nullptr || address == nullptr) return nullptr;
        try {
            connections_.push_back({.socket = socket->connect_fd, .from = who(address->client_addr)});
            return &connections_.back();
        } catch (const std::exception&) {
            return nullptr;
        }
    }

    static MHD_Result may_come(void* self, const sockaddr* address, socklen_t) {
        auto& http = *static_cast<Microhttpd*>(self);
        try {
            const std::string from = who(address);
            const auto there = std::ranges::count(http.connections_, from, &Connection::from);
            return there < http.limits_.connections_of_one_address ? MHD_YES : MHD_NO;
        } catch (const std::exception&) {
            return MHD_NO;
        }
    }

    static Connection* ours_of(MHD_Connection* connection) {
        const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
    }

    /// Before anything is looked at, so that what comes back is the request in all later calls.
    static void* on_target(void*, const char* target, MHD_Connection*) {
        auto* request = new (std::nothrow) Request;
        if (request != nullptr) request->has_query = std::strchr(target, '?') != nullptr;
        return request;
    }

    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                                 const char*, const char* body, std::size_t* body_size, void** ours) {
        auto* request = static_cast<Request*>(*ours);
        if (request == nullptr) return MHD_NO;
        const crypto::ByteView piece(reinterpret_cast<const std::uint8_t*>(body), *body_size);
        *body_size = 0;
        try {
            return static_cast<Microhttpd*>(self)->go_on(connection, *request, url, method, piece);
        } catch (const std::exception&) {
            return MHD_NO;
        }
    }

    MHD_Result go_on(MHD_Connection* connection, Request& request, const char* url, const char* method,
                     crypto::ByteView piece) {
        if (!request.known) return begin(connection, request, url, method);
        if (!piece.empty()) return take(request, piece);
        if (request.arrival) {
            request.answer = receiver_.finish(*request.arrival);
            let_go(request);
        }
        return say(connection, request);
    }

    MHD_Result begin(MHD_Connection* connection, Request& request, const char* url, const char* method) {
        request.known = true;
        Connection* line = ours_of(connection);
        if (line == nullptr) return MHD_NO;
        line->request = &request;
        request.began = request.heard = Clock::now();
        Headers headers;
        headers.request.method = method;
        headers.request.path = url;
        MHD_get_connection_values(connection, MHD_HEADER_KIND, &Headers::take, &headers);
        if (request.has_query) headers.request.doubtful = true;

        auto begun = receiver_.begin(headers.request, uploads_of(line->from));
        if (auto* answer = std::get_if<ServeAnswer>(&begun)) {
            request.answer = std::move(*answer);
        } else {
            request.arrival.emplace(std::get<Arrival>(std::move(begun)));
            request.bounded = true;
        }
        // Who waits for a yes hears the no at once; of others a short body is heard out, since hanging up on
        // it may lose the answer.
        if (request.answer && headers.waits_for_yes) return say(connection, request);
        return MHD_YES;
    }

    MHD_Result take(Request& request, crypto::ByteView piece) {
        request.came += piece.size();
        request.heard = Clock::now();
        if (request.arrival) {
            request.answer = receiver_.write(*request.arrival, piece);
            if (request.answer) let_go(request);
            return MHD_YES;
        }
        return request.bounded || request.came <= most_discarded ? MHD_YES : MHD_NO;
    }

    Receiver::More uploads_of(const std::string& from) const {
        std::size_t all = 0, its_own = 0;
        for (const Connection& line : connections_)
            if (line.request != nullptr && line.request->arrival) {
                ++all;
                its_own += line.from == from ? 1 : 0;
            }
        return all < limits_.uploads && its_own < limits_.uploads_of_one_address ? Receiver::More::taken
                                                                                 : Receiver::More::too_many;
    }

    static void let_go(Request& request) {
        request.arrival.reset();
        request.began = Clock::now();  // the rest of it has time to be heard out, and the answer to be said
    }

    MHD_Result say(MHD_Connection* connection, Request& request) {
        const ServeAnswer answer = std::move(request.answer).value_or(ServeAnswer{});
        // libmicrohttpd copies it, and does not change it.
        auto* bytes = const_cast<std::uint8_t*>(answer.body.data());
        const std::unique_ptr<MHD_Response, Freed> response(
            MHD_create_response_from_buffer(answer.body.size(), bytes, MHD_RESPMEM_MUST_COPY));
        if (!response) return MHD_NO;
        const auto add = [&](const char* name, const std::string& value) {
            (void)MHD_add_response_header(response.get(), name, value.c_str());
        };
        if (answer.status == 200) add(MHD_HTTP_HEADER_CONTENT_TYPE, "application/octet-stream");
        if (answer.status == 401) add(MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
        if (answer.retry_after > 0) add(MHD_HTTP_HEADER_RETRY_AFTER, std::to_string(answer.retry_after));
        request.began = Clock::now();  // of the answer
        return MHD_queue_response(connection, static_cast<unsigned>(answer.status), response.get());
    }

    static void on_end(void*, MHD_Connection* connection, void** ours, MHD_RequestTerminationCode) {
        const std::unique_ptr<Request> request(static_cast<Request*>(*ours));
        *ours = nullptr;
        if (Connection* line = ours_of(connection)) {
            line->request = nullptr;
            line->waits_since = Clock::now();
        }
    }

    /// libmicrohttpd itself only counts silence: a byte now and then would hold a connection for ever.
    /// `stood_still`: how long nobody was read, if above 0.
    void hang_up_on_the_slow(Clock::duration stood_still) {
        const auto now = Clock::now();
        const auto later = [&](Clock::time_point& since) {
            if (stood_still > Clock::duration::zero()) since = std::min(since + stood_still, now);
        };
        for (Connection& line : connections_) {
            if (line.shut) continue;
            later(line.waits_since);
            bool slow = now - line.waits_since > limits_.for_request;
            if (line.request != nullptr) {
                later(line.request->began);
                later(line.request->heard);
                const bool silent = line.request->arrival && now - line.request->heard > limits_.silence;
                const auto since = std::chrono::duration<double>(now - line.request->began);
                slow = silent ||
                       (since > limits_.before_slow &&
                        (!line.request->arrival || static_cast<double>(line.request->came) <
                                                       since.count() * static_cast<double>(limits_.slowest)));
            }
            if (slow) line.shut = ::shutdown(line.socket, SHUT_RDWR) == 0;
        }
    }

    int socket_;
    Receiver& receiver_;
    ServeLimits limits_;
    MHD_Daemon* daemon_ = nullptr;
    std::list<Connection> connections_;  // where they are is known to libmicrohttpd
};

}  // namespace

Result<std::unique_ptr<ServeHttp>> ServeHttp::start(int socket, const ServeIdentity& identity,
                                                    Receiver& receiver, ServeLimits limits) {
    auto made = std::make_unique<Microhttpd>(socket, receiver, limits);
    if (!made->start(identity))
        return could_not(
            "The system's library for HTTP (libmicrohttpd) refused to start with this key and "
            "certificate.");
    return made;
}

}  // namespace fieldfare::researcher
