#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fieldfare::app {

/// Overwrites the characters, then empties the string. For answers and passphrases that are no longer needed;
/// not optimised away.
void wipe(std::string& text);

/// A typed passphrase on its way from the keyboard to the worker: UTF-8 bytes exactly as typed, at most 1023.
/// Can be moved, not copied, compared by same_as, never printed; its memory is overwritten when it goes.
class Passphrase {
  public:
    static constexpr std::size_t max_bytes = 1023;

    Passphrase() = default;
    /// Copies the bytes; the caller still has to wipe its own. More than max_bytes are cut off, not refused:
    /// no text field of ours lets them be typed.
    explicit Passphrase(std::string_view typed);
    Passphrase(Passphrase&& other) noexcept;
    Passphrase& operator=(Passphrase&& other) noexcept;
    Passphrase(const Passphrase&) = delete;
    Passphrase& operator=(const Passphrase&) = delete;
    ~Passphrase();

    bool empty() const { return bytes_.empty(); }
    /// Takes the same time wherever the two differ.
    bool same_as(const Passphrase& other) const;
    /// Valid until this object is moved from or destroyed. For the key derivation only.
    std::string_view expose() const { return bytes_; }

  private:
    std::string bytes_;
};

/// Whether a few slips of the finger lead from one to the other: at most two characters added, left out or
/// changed, capital letters aside (of ASCII), or one of them is the beginning of the other.
bool too_alike(std::string_view one, std::string_view other);

/// How long a passphrase would stand up to guessing, in the worst case that the machine is seized.
enum class Strength { too_short, weak, fair, strong };

/// A cautious estimate from length, variety, repetition and runs; no dictionary is consulted, so "strong" is
/// given only from 20 characters or 5 words on. too_short (under 8 characters) is refused by update.
Strength strength_of(std::string_view passphrase);

}  // namespace fieldfare::app
