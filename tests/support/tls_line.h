#pragma once

// A client of TLS that says whatever a test wants, byte by byte, and hangs up when it likes. It believes any
// certificate: it is the attacker.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace fieldfare::test {

class TlsLine {
  public:
    /// Connected to a port of this machine; good() tells whether TLS came about.
    explicit TlsLine(std::uint16_t port);
    TlsLine(const TlsLine&) = delete;
    ~TlsLine();  ///< hangs up without a word

    bool good() const;
    /// False when the other side has hung up.
    bool say(const std::string& bytes);
    /// What comes until the other side hangs up, an answer without a body is whole, or the time is over.
    std::string hear(std::chrono::milliseconds longest = std::chrono::seconds(5));
    /// Whether the other side hangs up within that time.
    bool hung_up_within(std::chrono::milliseconds time);
    /// The status of the next answer; 0: none came.
    int status(std::chrono::milliseconds longest = std::chrono::seconds(5));

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace fieldfare::test
