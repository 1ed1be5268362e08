#include "client/confinement/system_calls.h"

#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <array>
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
