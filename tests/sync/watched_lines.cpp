// How much a server may say that nobody asked it for. What real libraries do then: sync/sftp_hostile.cpp.
#include "sync/watched_lines.h"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/loopback.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

constexpr std::uint64_t MiB = 1024 * 1024;

/// A server that says as many bytes as it is told, and the client's end of a line to it.
class Talker {
  public:
    explicit Talker(sync::WatchedLines& lines) : lines_(lines) { connect(); }
    ~Talker() {
        if (socket_ >= 0) lines_.close(socket_);
    }

    void connect() {
        socket_ = connect_to(listener_.port());
        REQUIRE(socket_ >= 0);
        lines_.add(socket_);
    }
    std::uint64_t close() { return lines_.close(std::exchange(socket_, -1)); }

    /// False when the line ended before all of it came.
    bool says(std::uint64_t size) {
        ::send(socket_, &size, sizeof size, MSG_NOSIGNAL);
        std::vector<char> bytes(64 * 1024);
        while (size > 0) {
            const ssize_t n = ::recv(socket_, bytes.data(), std::min<std::uint64_t>(size, bytes.size()), 0);
            if (n <= 0) return false;
            size -= static_cast<std::uint64_t>(n);
        }
        return true;
    }

  private:
    static void talk(int socket) {
        const std::vector<char> words(64 * 1024);
        std::uint64_t left = 0;
        while (::recv(socket, &left, sizeof left, MSG_WAITALL) == sizeof left)
            while (left > 0) {
                const ssize_t n =
                    ::send(socket, words.data(), std::min<std::uint64_t>(left, words.size()), MSG_NOSIGNAL);
                if (n <= 0) return;
                left -= static_cast<std::uint64_t>(n);
            }
    }

    sync::WatchedLines& lines_;
    Listener listener_{talk};
    int socket_ = -1;
};

/// While it lives this process can begin no thread: each would need more memory than there are addresses. A
/// limit of processes would not bind whoever is root.
class NoThreads {
  public:
    NoThreads() {
        pthread_attr_t huge;
        REQUIRE(::pthread_getattr_default_np(&before_) == 0);
        REQUIRE(::pthread_attr_init(&huge) == 0);
        REQUIRE(::pthread_attr_setstacksize(&huge, std::size_t{1} << 60) == 0);
        REQUIRE(::pthread_setattr_default_np(&huge) == 0);
        ::pthread_attr_destroy(&huge);
    }
    NoThreads(const NoThreads&) = delete;
    ~NoThreads() {
        ::pthread_setattr_default_np(&before_);
        ::pthread_attr_destroy(&before_);
    }

  private:
    pthread_attr_t before_{};
};

}  // namespace

TEST_CASE("a server may say 8 MiB in a step that nobody asked for, and four bytes for each that was") {
    sync::WatchedLines lines;
    Talker server(lines);
    REQUIRE(lines.begin_step());
    CHECK(server.says(8 * MiB));
    CHECK_FALSE(lines.flooded());
    lines.took(MiB);
    CHECK(server.says(4 * MiB));
    CHECK_FALSE(lines.flooded());
    CHECK(server.says(1));
    CHECK(lines.flooded());
}

TEST_CASE("who says more is hung up on while the step lasts") {
    sync::WatchedLines lines;
    Talker server(lines);
    REQUIRE(lines.watch());
    REQUIRE(lines.begin_step());
    bool stands = true;
    for (int i = 0; stands && i < 600; ++i) {
        stands = server.says(MiB);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK_FALSE(stands);
    CHECK(lines.flooded());
}

TEST_CASE("what a server says between two steps counts, and is told at the next") {
    sync::WatchedLines lines;
    Talker server(lines);
    REQUIRE(lines.begin_step());
    CHECK(server.says(8 * MiB + 1));
    CHECK_FALSE(lines.begin_step());
    CHECK(lines.flooded());
}

TEST_CASE("so does what it said on a line that has been closed since") {
    sync::WatchedLines lines;
    Talker server(lines);
    REQUIRE(lines.begin_step());
    CHECK(server.says(8 * MiB + 1));
    CHECK(server.close() == 8 * MiB + 1);
    CHECK(lines.flooded());
}

TEST_CASE("a little more than was asked in each step wears a line out") {
    sync::WatchedLines lines;
    Talker server(lines);
    for (int i = 0; i < 8; ++i) {
        REQUIRE(lines.begin_step());
        CHECK(server.says(2 * MiB));
        lines.took(MiB);
        CHECK_FALSE(lines.flooded());
        CHECK_FALSE(lines.are_worn());
    }
    REQUIRE(lines.begin_step());
    CHECK(server.says(MiB));
    lines.took(MiB);
    CHECK_FALSE(lines.are_worn());  // all of this one was asked for
    CHECK(server.says(1));
    CHECK(lines.are_worn());
    CHECK_FALSE(lines.flooded());
}

TEST_CASE("a session that begins anew begins to count anew") {
    sync::WatchedLines lines;
    Talker server(lines);
    REQUIRE(lines.begin_step());
    CHECK(server.says(9 * MiB));
    CHECK(lines.flooded());
    server.close();
    lines.forget();
    CHECK_FALSE(lines.flooded());
    CHECK_FALSE(lines.are_worn());
    server.connect();
    REQUIRE(lines.begin_step());
    CHECK(server.says(8 * MiB));
    CHECK_FALSE(lines.flooded());
}

TEST_CASE(
    "where the system gives no thread nobody watches, and a store of SFTP is not spoken to until it does") {
    const auto store = opened(
        {"sftp://127.0.0.1:" + std::to_string(unused_port()) + "/drop",
         {{"user", "laptops"}, {"password", "long enough"}, {"host_key", "SHA256:" + std::string(43, 'A')}}});
    sync::WatchedLines lines;
    {
        const NoThreads none;
        CHECK_FALSE(lines.watch());
        CHECK_FALSE(lines.watch());
        const auto outcome = put(*store, first_name, "sealed");
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().fault == sync::Fault::failed);
        CHECK(outcome.error().detail == "this system gives no thread");
    }
    CHECK(lines.watch());
    CHECK(put(*store, first_name, "sealed").error().fault == sync::Fault::unreachable);  // nobody listens
}
