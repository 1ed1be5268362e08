#include "client/courier/packet_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace fieldfare::courier {
namespace {

using ControlBuffer = std::array<char, CMSG_SPACE(sizeof(int))>;

}  // namespace

std::optional<std::pair<PacketSocket, PacketSocket>> PacketSocket::pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return std::nullopt;
    return std::pair{PacketSocket(ends[0]), PacketSocket(ends[1])};
}

PacketSocket& PacketSocket::operator=(PacketSocket&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

PacketSocket::~PacketSocket() {
    if (number_ >= 0) ::close(number_);
}

bool PacketSocket::send(std::string_view bytes, const PacketSocket* enclosed) const {
    iovec text{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    alignas(cmsghdr) ControlBuffer control{};
    if (enclosed != nullptr) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &enclosed->number_, sizeof(int));
    }
    ssize_t sent = -1;
    do {
        sent = ::sendmsg(number_, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(bytes.size());
}

PacketSocket::Sent PacketSocket::send_now(std::string_view bytes) const {
    ssize_t sent = -1;
    do {
        sent = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent == static_cast<ssize_t>(bytes.size())) return Sent::yes;
    return errno == EAGAIN || errno == ENOBUFS ? Sent::full : Sent::nobody_there;
}

void PacketSocket::hang_up() const {
    ::shutdown(number_, SHUT_RDWR);
}

void PacketSocket::say_no_more() const {
    ::shutdown(number_, SHUT_WR);
}

std::optional<PacketSocket::Packet> PacketSocket::receive() const {
    std::string bytes(most_bytes, '\0');
    iovec text{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    alignas(cmsghdr) ControlBuffer control{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = -1;
    do {
        got = ::recvmsg(number_, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);

    Packet packet;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int number = -1;
        std::memcpy(&number, CMSG_DATA(header), sizeof number);
        packet.enclosed = std::make_unique<PacketSocket>(number);
    }
    if (got <= 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(got));
    packet.bytes = std::move(bytes);
    return packet;
}

}  // namespace fieldfare::courier
