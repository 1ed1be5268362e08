#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "client/researcher/receiver.h"
#include "client/researcher/serve_keep.h"

namespace fieldfare::researcher {

/// What a room of devices needs. An address is an IPv4 address or a /64 of IPv6, which is what one device of
/// a network can take. SERVE.md says what some devices together can still do.
struct ServeLimits {
    unsigned connections = 256, connections_of_one_address = 32;
    std::size_t uploads = 64, uploads_of_one_address = 16;  ///< at once; 429 above
    std::size_t request_bytes = 32 * 1024;  ///< of the memory of a connection: line and headers, 431 above
    std::chrono::milliseconds silence = std::chrono::seconds(30);  ///< in a body that is taken
    std::chrono::milliseconds for_request =
        std::chrono::seconds(20);  ///< from connecting, or the last answer,
                                   ///< until all headers are there
    std::chrono::milliseconds before_slow = std::chrono::seconds(30);  ///< of a body, and of an answer
    std::uint64_t slowest = 4096;                                      ///< bytes a second, after that
};

/// HTTP and TLS of a receiver (libmicrohttpd; SERVE.md says why), on the caller's thread alone: it makes no
/// thread, no further socket, and logs nothing. What is sent is never kept longer than its request.
class ServeHttp {
  public:
    /// `socket` listens already; it is closed with this object. All that TLS reads from the disk is read
    /// here, before a process gives up its files.
    static Result<std::unique_ptr<ServeHttp>> start(int socket, const ServeIdentity& identity,
                                                    Receiver& receiver, ServeLimits limits = {});
    /// Hangs up: uploads in flight leave nothing.
    virtual ~ServeHttp() = default;

    /// Serves for about so long; a signal ends it sooner. What takes longer, such as a slow disk, is not
    /// counted as slowness of those who are connected.
    virtual void work(std::chrono::milliseconds at_most) = 0;
    /// Whoever is connected goes on, nobody else comes.
    virtual void accept_no_more() = 0;
    /// Requests whose answers are not out yet.
    virtual std::size_t under_way() const = 0;
};

}  // namespace fieldfare::researcher
