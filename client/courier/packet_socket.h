#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fieldfare::courier {

/// One end of a line between two of our processes, over which whole packets go (unix(7), SOCK_SEQPACKET).
/// Closed when it goes. Sending and receiving may be on two threads; each on one at a time.
class PacketSocket {
  public:
    static constexpr std::size_t most_bytes = 64 * 1024;  ///< in a packet; never empty

    /// Both ends; nothing when the system gives none.
    static std::optional<std::pair<PacketSocket, PacketSocket>> pair();

    explicit PacketSocket(int number) : number_(number) {}
    PacketSocket(PacketSocket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    PacketSocket& operator=(PacketSocket&& other) noexcept;
    ~PacketSocket();

    /// Waits for room. False when nobody is at the other end any more. `enclosed`, another line's end, goes
    /// along.
    bool send(std::string_view bytes, const PacketSocket* enclosed = nullptr) const;

    /// The same without waiting for room.
    enum class Sent { yes, full, nobody_there };
    Sent send_now(std::string_view bytes) const;

    /// Nothing is received any more either, also by whoever waits for it.
    void hang_up() const;
    /// Whoever is at the other end receives nothing more, as if this end was closed; it can still be received
    /// from. While another thread receives or sends, too.
    void say_no_more() const;

    struct Packet {
        std::string bytes;
        std::unique_ptr<PacketSocket> enclosed;
    };
    /// Waits for one. Nothing when the other end is closed, or sent what is no packet.
    std::optional<Packet> receive() const;

    int number() const { return number_; }

  private:
    int number_;
};

}  // namespace fieldfare::courier
