#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace fieldfare::sync {

/// The TCP connections of one session with a server, and the watch over them: who says far more than was
/// asked of it is hung up on. libssh2 1.10 keeps what nobody has asked for until the connection ends, and
/// reads on as long as more comes, without a word to us; so what has come is asked of the kernel.
///
/// A session has steps, and says what came of use in each. In a step a server may say 8 MiB beside that, and
/// four bytes for each byte of it: a line of a list has its name twice, and libssh2 asks ahead of us. Over
/// all steps it may say 8 MiB beside what came of them: then the connection is worn.
///
/// Used by one thread; the watch looks from another of its own, twenty times a second.
class WatchedLines {
  public:
    WatchedLines();
    WatchedLines(const WatchedLines&) = delete;
    WatchedLines& operator=(const WatchedLines&) = delete;
    ~WatchedLines();

    /// Begins to look, unless it does already. False: this system gives no thread.
    [[nodiscard]] bool watch();

    /// A socket that was opened; it is this one's to close.
    void add(int socket);

    /// How many bytes had come on it; 0 where the kernel does not tell.
    std::uint64_t close(int socket);

    /// Shuts all connections down, so that nobody waits for an answer; their sockets stay open.
    void hang_up();

    /// Counts from now. False when the server has said too much since the last step began.
    [[nodiscard]] bool begin_step();

    /// In this step so many bytes have come to be of use.
    void took(std::size_t size);

    /// Whether the server has said too much in this step, or since.
    [[nodiscard]] bool flooded();

    /// Whether libssh2 may keep so much of what has come in all steps that it should let go of it.
    [[nodiscard]] bool are_worn();

    /// All are closed, and what they said is forgotten.
    void forget();

  private:
    struct Counts;
    class Watch;
    std::unique_ptr<Counts> counts_;
    std::unique_ptr<Watch> watch_;
};

}  // namespace fieldfare::sync
