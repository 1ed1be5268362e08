#include "client/confinement/system_calls.h"

#include <arpa/inet.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <array>
#include <csignal>
#include <thread>

#include "tests/support/confinement.h"

using namespace fieldfare;
using namespace fieldfare::test;
using confinement::Held;

namespace {

int filtered(const std::function<int()>& work) {
    return alone([&] { return confinement::forbid_system_calls() == Held::yes ? work() : 99; });
}
int try_socket(long family, int type = SOCK_STREAM) {
    return outcome(::syscall(SYS_socket, family, type, 0));
}

}  // namespace

TEST_CASE("what nothing of ours calls is refused and does not kill") {
    CHECK(filtered([] {
              ::execl("/bin/true", "/bin/true", nullptr);
              return errno;
          }) == EPERM);
    CHECK(filtered([] { return outcome(::syscall(SYS_unshare, CLONE_NEWNS)); }) == EPERM);
    CHECK(filtered([] { return outcome(::mount("none", "/tmp", "tmpfs", 0, nullptr)); }) == EPERM);
    CHECK(filtered([] { return outcome(::syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0)); }) == EPERM);
    CHECK(filtered([] { return outcome(::syscall(SYS_clone3, nullptr, 0)); }) == ENOSYS);
    CHECK(filtered([] { return outcome(::syscall(SYS_io_uring_setup, 1, nullptr)); }) == EPERM);
    CHECK(filtered([] { return outcome(::syscall(SYS_bpf, 0, nullptr, 0)); }) == EPERM);
    CHECK(filtered([] { return outcome(::syscall(SYS_keyctl, 0, 0, 0, 0, 0)); }) == EPERM);
    CHECK(filtered([] {
              char byte = 0;
              iovec here{&byte, 1};
              return outcome(::process_vm_readv(::getppid(), &here, 1, &here, 1, 0));
          }) == EPERM);
    CHECK(filtered([] {
              char typed = 'x';
              return outcome(::ioctl(0, TIOCSTI, &typed));
          }) == EPERM);
    // The kernel looks at 32 bits of the request.
    CHECK(filtered([] { return outcome(::syscall(SYS_ioctl, 0, 0x7'0000'0000 | TIOCSTI, nullptr)); }) ==
          EPERM);
#if !defined(__SANITIZE_ADDRESS__)
    CHECK(filtered([] { return outcome(::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr)); }) == EPERM);
#endif
}

TEST_CASE("sockets are local or of the internet, of no other kind") {
    CHECK(filtered([] { return try_socket(AF_UNIX); }) == 0);
    CHECK(filtered([] { return try_socket(AF_INET); }) == 0);
    CHECK(filtered([] { return try_socket(AF_INET6); }) != EPERM);
    CHECK(filtered([] { return try_socket(AF_NETLINK, SOCK_RAW); }) ==
          0);  // the C library's, to look up names
    for (const int family : {AF_PACKET, AF_ALG, AF_VSOCK, AF_BLUETOOTH, AF_X25, AF_KEY}) {
        CAPTURE(family);
        CHECK(filtered([&] { return try_socket(family, SOCK_RAW); }) == EPERM);
    }
    CHECK(filtered([] { return try_socket(0x1'0000'0000 | AF_PACKET, SOCK_RAW); }) == EPERM);
}

TEST_CASE(
    "a process without a network has local sockets only, in every thread, and says nothing to anybody") {
    const auto offline = [](const std::function<int()>& work) {
        return alone([&] { return confinement::forbid_network() == Held::yes ? work() : 99; });
    };
    CHECK(offline([] { return try_socket(AF_INET); }) == EPERM);
    CHECK(offline([] { return try_socket(AF_INET6); }) == EPERM);
    CHECK(offline([] { return try_socket(AF_INET, SOCK_DGRAM); }) == EPERM);
    CHECK(offline([] { return try_socket(0x1'0000'0000 | AF_INET); }) == EPERM);
    CHECK(offline([] { return try_socket(AF_UNIX); }) == 0);

    // A thread that was there before.
    CHECK(alone([] {
              std::array<int, 2> pipe{};
              if (::pipe(pipe.data()) != 0) return 98;
              int answer = 97;
              std::thread other([&] {
                  char go = 0;
                  if (::read(pipe[0], &go, 1) == 1) answer = try_socket(AF_INET);
              });
              const bool held = confinement::forbid_network() == Held::yes;
              if (::write(pipe[1], "g", 1) != 1) return 96;
              other.join();
              return held ? answer : 99;
          }) == EPERM);
}

TEST_CASE("a process that asks nobody on this machine for anything has the sockets that it had, and pairs") {
    CHECK(alone([] {
              std::array<int, 2> before{}, after{};
              if (::socketpair(AF_UNIX, SOCK_STREAM, 0, before.data()) != 0) return 98;
              if (confinement::forbid_local_sockets() == Held::no) return 99;
              if (try_socket(AF_UNIX) != EPERM || try_socket(AF_UNIX, SOCK_DGRAM) != EPERM) return 97;
              if (::write(before[0], "x", 1) != 1) return 96;
              return ::socketpair(AF_UNIX, SOCK_STREAM, 0, after.data()) == 0 ? 0 : 95;
          }) == 0);
}

TEST_CASE("a process that serves accepts who comes, talks to them, and goes to nobody") {
    const auto serving = [](const std::function<int(int listening, int port)>& work) {
        return alone([&] {
            const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in here{};
            here.sin_family = AF_INET;
            here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            socklen_t size = sizeof here;
            if (::bind(listening, reinterpret_cast<sockaddr*>(&here), size) != 0 ||
                ::listen(listening, 8) != 0 ||
                ::getsockname(listening, reinterpret_cast<sockaddr*>(&here), &size) != 0)
                return 98;
            const pid_t visitor = ::fork();
            if (visitor == 0) {  // comes, says a byte and waits for one
                const int line = ::socket(AF_INET, SOCK_STREAM, 0);
                char byte = 'a';
                const bool good = ::connect(line, reinterpret_cast<sockaddr*>(&here), size) == 0 &&
                                  ::write(line, &byte, 1) == 1 && ::read(line, &byte, 1) >= 0;
                ::_exit(good ? 0 : 1);
            }
            const int answer = confinement::forbid_all_but_accepting() == Held::yes
                                   ? work(listening, ntohs(here.sin_port))
                                   : 99;
            ::kill(visitor, SIGKILL);
            ::waitpid(visitor, nullptr, 0);
            return answer;
        });
    };
    const auto address = [](int port) {
        sockaddr_in there{};
        there.sin_family = AF_INET;
        there.sin_port = htons(static_cast<std::uint16_t>(port));
        there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return there;
    };
    CHECK(serving([](int listening, int) {
              const int line = ::accept(listening, nullptr, nullptr);
              char byte = 0;
              return line >= 0 && ::read(line, &byte, 1) == 1 && ::send(line, &byte, 1, MSG_NOSIGNAL) == 1
                         ? 0
                         : errno;
          }) == 0);
    CHECK(serving([](int, int) { return try_socket(AF_INET); }) == EPERM);
    CHECK(serving([](int, int) { return try_socket(AF_UNIX); }) == EPERM);
    CHECK(serving([](int, int) {
              std::array<int, 2> pair{};
              return outcome(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()));
          }) == EPERM);
    // A line that is open can be let go and led elsewhere: connect(2), AF_UNSPEC.
    CHECK(serving([&](int listening, int port) {
              const int line = ::accept(listening, nullptr, nullptr);
              const sockaddr_in there = address(port);
              return outcome(::connect(line, reinterpret_cast<const sockaddr*>(&there), sizeof there));
          }) == EPERM);
    CHECK(serving([&](int listening, int port) {
              const int line = ::accept(listening, nullptr, nullptr);
              const sockaddr_in there = address(port);
              return outcome(::sendto(line, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
                                      reinterpret_cast<const sockaddr*>(&there), sizeof there));
          }) == EPERM);
    CHECK(serving([&](int listening, int port) {
              const int line = ::accept(listening, nullptr, nullptr);
              sockaddr_in there = address(port);
              msghdr message{};
              message.msg_name = &there;
              message.msg_namelen = sizeof there;
              return outcome(::sendmsg(line, &message, MSG_FASTOPEN | MSG_NOSIGNAL));
          }) == EPERM);
    CHECK(serving([&](int listening, int port) {
              const int line = ::accept(listening, nullptr, nullptr);
              sockaddr_in there = address(port);
              mmsghdr message{};
              message.msg_hdr.msg_name = &there;
              message.msg_hdr.msg_namelen = sizeof there;
              return outcome(::sendmmsg(line, &message, 1, MSG_FASTOPEN | MSG_NOSIGNAL));
          }) == EPERM);
    CHECK(serving([&](int listening, int) {
              const sockaddr_in there = address(0);
              return outcome(::bind(listening, reinterpret_cast<const sockaddr*>(&there), sizeof there));
          }) == EPERM);
    CHECK(serving([](int listening, int) { return outcome(::listen(listening, 9)); }) == EPERM);
}

TEST_CASE("a process goes on to work under all of it: threads, children, files") {
    CHECK(filtered([] {
              if (confinement::forbid_network() == Held::no) return 98;
              int seen = 0;
              std::thread([&] { seen = 1; }).join();
              const pid_t child = ::fork();
              if (child == 0) ::_exit(7);
              int status = 0;
              ::waitpid(child, &status, 0);
              return seen == 1 && WEXITSTATUS(status) == 7 ? try_to_open("/dev/null", O_RDWR) : 97;
          }) == 0);
}
