#include "tests/support/lonely_network.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <span>

#include "tests/support/certificates.h"
#include "tests/support/skip.h"

namespace fieldfare::test {
namespace {

using Packet = std::span<const std::uint8_t>;

// A pair of cards that are wired to each other: nobody listens at the far end, and neither asks for
// neighbours, so that the first packet leaves as the hundredth.
constexpr const char* cards =
    "six() { [ ! -e /proc/net/if_inet6 ] || \"$@\"; }; "
    "ip link set lo up && ip link add way type veth peer name nowhere && "
    "ip link set way arp off && ip link set nowhere arp off && "
    "six ip link set way addrgenmode none && six ip link set nowhere addrgenmode none && "
    "ip addr add 10.99.0.2/24 dev way && six ip addr add fd99::2/64 dev way nodad && "
    "ip link set way up && ip link set nowhere up && "
    "ip route add default dev way && six ip -6 route add default dev way";

std::uint16_t number_at(Packet packet, std::size_t at) {
    return at + 2 <= packet.size() ? static_cast<std::uint16_t>(packet[at] << 8 | packet[at + 1]) : 0;
}

std::string text_of(int family, const std::uint8_t* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, address, text.data(), text.size());
    return family == AF_INET6 ? "[" + std::string(text.data()) + "]" : text.data();
}

// "from -> to", each with a port where the protocol has one; nothing for what a kernel says by itself.
std::optional<std::string> line_of(std::uint16_t kind, Packet packet) {
    if (kind == ETH_P_ARP) return std::nullopt;
    const bool four = kind == ETH_P_IP && packet.size() >= 20;
    const bool six = kind == ETH_P_IPV6 && packet.size() >= 40;
    if (!four && !six) return "? -> protocol " + std::to_string(kind);
    std::size_t header = four ? static_cast<std::size_t>(packet[0] & 0xF) * 4 : 40;
    int protocol = four ? packet[9] : packet[6];
    if (six && protocol == IPPROTO_HOPOPTS && packet.size() >= 48) {
        protocol = packet[40];
        header = 40 + (static_cast<std::size_t>(packet[41]) + 1) * 8;
    }
    if (six && protocol == IPPROTO_ICMPV6 && header < packet.size()) {
        const std::uint8_t type = packet[header];
        if ((type >= 130 && type <= 137) || type == 143) return std::nullopt;
    }
    const int family = four ? AF_INET : AF_INET6;
    const std::size_t from = four ? 12 : 8, to = four ? 16 : 24;
    const bool ports = protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
    const auto port = [&](std::size_t at) {
        return ports ? ":" + std::to_string(number_at(packet, header + at)) : "";
    };
    return text_of(family, &packet[from]) + port(0) + " -> " + text_of(family, &packet[to]) + port(2);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// In a child, between fork and exec: nothing but system calls.
bool goes_inside(int network) {
    return ::setns(network, CLONE_NEWNET) == 0 && ::unshare(CLONE_NEWNS) == 0 &&
           ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

bool may_go_inside(int network) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(goes_inside(network) ? 0 : 1);
    int status = -1;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

// What is not there nobody reads. Of a link into what is hidden, the end is made there.
void see_only(const char* file, const char* instead) {
    struct stat there {};
    if (::lstat(file, &there) != 0) return;
    if (S_ISLNK(there.st_mode) && ::stat(file, &there) != 0) {
        const int end = ::open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (end < 0) return;
        ::close(end);
    }
    if (::mount(instead, file, nullptr, MS_BIND, nullptr) != 0) ::_exit(125);
}

void hide(const char* folder) {
    struct stat there {};
    if (::stat(folder, &there) == 0 && ::mount("none", folder, "tmpfs", 0, nullptr) != 0) ::_exit(125);
}

std::vector<char*> pointers_of(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

std::unique_ptr<LonelyNetwork> LonelyNetwork::make(Way way) {
    std::unique_ptr<LonelyNetwork> network(new LonelyNetwork);
    std::thread([&] {
        if (::unshare(CLONE_NEWNET) == 0)
            network->network_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    }).join();
    if (network->network_ < 0 || !may_go_inside(network->network_)) {
        skipped_on_this_machine("this user may make no namespaces here; root may, except in some containers");
        return nullptr;
    }
    network->set_up(way);
    return network;
}

void LonelyNetwork::set_up(Way way) {
    int done = -1;
    inside([&] {
        done = ::system(way == Way::none ? "ip link set lo up" : cards);
        packets_ = ::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
        names_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        auto address = loopback(53);
        ::inet_pton(AF_INET, name_server, &address.sin_addr);
        if (::bind(names_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) names_ = -1;
    });
    REQUIRE_MESSAGE(done == 0,
                    "ip (of iproute2) could not make the network; client/setup --tests installs it");
    REQUIRE(packets_ >= 0);
    REQUIRE(names_ >= 0);
    const int room = 64 * 1024 * 1024;
    ::setsockopt(packets_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    (void)sent();  // what setting it up has sent
    counter_ = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd one{packets_, POLLIN, 0};
            if (::poll(&one, 1, 50) > 0) count_all();
        }
    });
    name_server_ = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd one{names_, POLLIN, 0};
            if (::poll(&one, 1, 50) > 0) answer_for_names();
        }
    });
}

// RFC 1035, 4.1.1: the question comes back as a response, "name error".
void LonelyNetwork::answer_for_names() const {
    std::array<std::uint8_t, 512> question{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t n =
        ::recvfrom(names_, question.data(), question.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n < 12) return;
    question[2] = static_cast<std::uint8_t>(question[2] | 0x80);
    question[3] = 3;
    (void)::sendto(names_, question.data(), static_cast<std::size_t>(n), 0,
                   reinterpret_cast<sockaddr*>(&from), size);
}

LonelyNetwork::~LonelyNetwork() {
    counter_ = {};
    name_server_ = {};
    for (const int each : {packets_, names_, network_})
        if (each >= 0) ::close(each);
}

void LonelyNetwork::inside(const std::function<void()>& work) const {
    bool there = false;
    std::thread([&] {
        there = ::setns(network_, CLONE_NEWNET) == 0;
        if (there) work();
    }).join();
    REQUIRE(there);
}

int LonelyNetwork::bound_socket(std::uint16_t port) const {
    int socket = -1;
    inside([&] {
        socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const auto address = loopback(port);
        if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
        ::close(socket);
        socket = -1;
    });
    REQUIRE(socket >= 0);
    return socket;
}

int LonelyNetwork::connect_to(std::uint16_t port) const {
    int socket = -1;
    inside([&] {
        socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = loopback(port);
        if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            ::close(socket);
            socket = -1;
        }
    });
    return socket;
}

std::vector<std::string> LonelyNetwork::entrance() const {
    return {"/usr/bin/nsenter",
            "--net=/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(network_)};
}

pid_t LonelyNetwork::start(const Program& program, const std::filesystem::path& said) const {
    const TemporaryFolder folder;
    write(folder / "hosts", program.hosts);
    write(folder / "resolv.conf",
          std::string("nameserver ") + name_server + "\noptions timeout:1 attempts:1\n");
    write(folder / "nsswitch.conf", "hosts: files dns\n");
    const std::string hosts = folder / "hosts", resolver = folder / "resolv.conf",
                      order = folder / "nsswitch.conf";
    std::vector<std::string> words = program.words, variables = program.environment;
    if (const char* known = std::getenv("LSAN_OPTIONS"))
        variables.push_back(std::string("LSAN_OPTIONS=") + known);
    const auto argv = pointers_of(words), envp = pointers_of(variables);
    std::array<int, 2> begun{};
    REQUIRE(::pipe2(begun.data(), O_CLOEXEC) == 0);  // closed by exec: then the files above may go
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!goes_inside(network_)) ::_exit(125);
        // By these a name is asked for without a packet.
        for (const char* place : {"/run/nscd", "/run/systemd/resolve", "/run/dbus"}) hide(place);
        see_only("/etc/hosts", hosts.c_str());
        see_only("/etc/resolv.conf", resolver.c_str());
        see_only("/etc/nsswitch.conf", order.c_str());
        const int out = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(::open("/dev/null", O_RDONLY), 0);
        ::dup2(out, 1);
        ::dup2(out, 2);
        ::execve(argv[0], argv.data(), envp.data());
        ::_exit(126);
    }
    ::close(begun[1]);
    char nothing = 0;
    (void)!::read(begun[0], &nothing, 1);
    ::close(begun[0]);
    return child;
}

std::vector<LonelyNetwork::End> LonelyNetwork::run_all(const std::vector<Program>& programs,
                                                       std::chrono::seconds at_most) const {
    const TemporaryFolder folder;
    const auto said = [&](std::size_t number) { return folder / std::to_string(number); };
    std::vector<pid_t> children;
    for (const Program& program : programs) children.push_back(start(program, said(children.size())));
    const auto until = std::chrono::steady_clock::now() + at_most;
    std::vector<End> ends(programs.size());
    for (std::size_t i = 0; i < ends.size(); ++i) {
        int status = 0;
        while (::waitpid(children[i], &status, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() > until) ::kill(children[i], SIGKILL);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        ends[i] = {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(said(i))};
        REQUIRE_MESSAGE((ends[i].code < 125 || ends[i].code > 126), "a program could not be started inside");
        CHECK_MESSAGE(ends[i].code >= 0, "a program did not end by itself: " << ends[i].said);
    }
    return ends;
}

void LonelyNetwork::count_all() {
    const std::lock_guard lock(mutex_);
    std::array<std::uint8_t, 128> head{};  // a packet's beginning says where it goes
    for (;;) {
        sockaddr_ll from{};
        socklen_t size = sizeof from;
        const ssize_t n = ::recvfrom(packets_, head.data(), head.size(), MSG_DONTWAIT,
                                     reinterpret_cast<sockaddr*>(&from), &size);
        if (n < 0) break;
        if (from.sll_pkttype != PACKET_OUTGOING) continue;  // seen once more where it comes in
        const auto line = line_of(ntohs(from.sll_protocol), Packet(head).first(static_cast<std::size_t>(n)));
        if (line) ++sent_[*line];
    }
}

LonelyNetwork::Sent LonelyNetwork::sent() {
    count_all();
    tpacket_stats lost{};
    socklen_t size = sizeof lost;
    REQUIRE(::getsockopt(packets_, SOL_PACKET, PACKET_STATISTICS, &lost, &size) == 0);
    REQUIRE(lost.tp_drops == 0);  // or the count says nothing
    const std::lock_guard lock(mutex_);
    return std::exchange(sent_, {});
}

Leaks leaks_beside(std::uint16_t proxy_port, const LonelyNetwork::Sent& sent) {
    static const std::set<std::string> of_names{"53", "853", "5353", "5355", "137"};
    const std::string proxy = "127.0.0.1:" + std::to_string(proxy_port);
    Leaks leaks;
    for (const auto& [line, count] : sent) {
        const auto arrow = line.find(" -> ");
        const std::string from = line.substr(0, arrow), to = line.substr(arrow + 4);
        leaks.told += "\n  " + line + " (" + std::to_string(count) + ")";
        const auto is_of_names = [](const std::string& end) {
            return of_names.contains(end.substr(end.rfind(':') + 1));
        };
        if (from == proxy || to == proxy)
            leaks.by_proxy += count;
        else if (is_of_names(to) || is_of_names(from))
            leaks.names += count;
        else
            leaks.direct += count;
    }
    return leaks;
}

}  // namespace fieldfare::test
