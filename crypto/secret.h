#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "crypto/error.h"

namespace fieldfare::crypto {

/// Pages of their own between guard pages, locked into memory where the system allows it, left out of core
/// dumps, wiped when let go. Base of the secrets below; nothing else needs it. One thread at a time.
class GuardedMemory {
  public:
    /// `size` in 1…65536, filled with zeros. `out_of_memory`, or `no_randomness` when libsodium can't start.
    static Result<GuardedMemory> allocate(std::size_t size);

    GuardedMemory() = default;  ///< holds nothing
    GuardedMemory(GuardedMemory&& other) noexcept;
    GuardedMemory& operator=(GuardedMemory&& other) noexcept;
    GuardedMemory(const GuardedMemory&) = delete;
    GuardedMemory& operator=(const GuardedMemory&) = delete;
    ~GuardedMemory();

    bool held() const { return data_ != nullptr; }

    /// Ends the process when nothing is held: reading a secret that has moved away is a bug that must not go
    /// on.
    std::span<std::uint8_t> bytes();
    std::span<const std::uint8_t> bytes() const;

    void wipe();  ///< zeros, still held

  private:
    friend class GuardedPages;
    void let_go();

    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::shared_ptr<GuardedMemory> pages_;  ///< of which this is a piece; null: the pages are its own
};

/// Guarded pages that many secrets share. Pages of its own cost each secret four mappings, of which Linux
/// gives a process 65,530: whoever holds one for each of many batches puts them here, 2,000 keys to four
/// mappings. A piece is wiped when it is let go, and not given out again; the pages go with their last piece,
/// which may outlive this. One thread at a time for `piece`.
class GuardedPages {
  public:
    /// As GuardedMemory::allocate.
    Result<GuardedMemory> piece(std::size_t size);

  private:
    std::shared_ptr<GuardedMemory> pages_;  ///< from which pieces are given out now
    std::size_t used_ = 0;
};

/// A key of N bytes for one purpose, which its tag names: two purposes are two types. It can be moved, never
/// copied, compared or printed, and is read only through `expose`.
template <std::size_t N, class Tag>
class Secret {
  public:
    static constexpr std::size_t size = N;

    /// All zeros, to be filled through `storage`.
    static Result<Secret> zeroed() {
        return GuardedMemory::allocate(N).map(
            [](GuardedMemory&& memory) { return Secret(std::move(memory)); });
    }

    /// The same in pages that it shares with others.
    static Result<Secret> zeroed(GuardedPages& pages) {
        return pages.piece(N).map([](GuardedMemory&& memory) { return Secret(std::move(memory)); });
    }

    static Result<Secret> random();

    /// Takes the bytes over: the source is wiped, also when this fails.
    static Result<Secret> take(std::span<std::uint8_t, N> source) { return taken(source, zeroed()); }
    static Result<Secret> take(std::span<std::uint8_t, N> source, GuardedPages& pages) {
        return taken(source, zeroed(pages));
    }

    Secret(Secret&&) noexcept = default;
    Secret& operator=(Secret&&) noexcept = default;

    bool held() const { return memory_.held(); }  ///< false after it has been moved away

    /// Ends the process when the secret has been moved away.
    std::span<const std::uint8_t, N> expose() const { return memory_.bytes().template first<N>(); }

    /// Where a function that makes the key writes it, so that it never stands anywhere else.
    std::span<std::uint8_t, N> storage() { return memory_.bytes().template first<N>(); }

    void wipe() { memory_.wipe(); }

  private:
    explicit Secret(GuardedMemory&& memory) : memory_(std::move(memory)) {}
    static Result<Secret> taken(std::span<std::uint8_t, N> source, Result<Secret>&& into);
    GuardedMemory memory_;
};

/// A passphrase as the person typed it, in guarded memory: 0…1024 bytes of UTF-8. Callers bring it to NFKC
/// first. Can be moved, never copied, compared or printed.
class SecretText {
  public:
    static constexpr std::size_t max_size = 1024;

    /// Takes the text over: the source is wiped whether or not this succeeds. `too_large` above max_size.
    static Result<SecretText> take(std::span<char> source);

    /// Copies; the source stays the caller's to wipe. `too_large` above max_size.
    static Result<SecretText> copy_of(std::string_view text);

    SecretText(SecretText&& other) noexcept;
    SecretText& operator=(SecretText&& other) noexcept;

    bool held() const { return memory_.held(); }
    std::size_t size() const { return size_; }

    /// Ends the process when the text has been moved away.
    std::string_view expose() const;

    void wipe();  ///< empty afterwards

  private:
    explicit SecretText(GuardedMemory&& memory) : memory_(std::move(memory)) {}
    GuardedMemory memory_;
    std::size_t size_ = 0;
};

/// Overwrites in a way that the compiler does not leave out: for plaintext in ordinary memory.
void wipe(std::span<std::uint8_t> bytes);
void wipe(std::span<char> text);

/// `fill_random` for a secret; declared here so that this header stays free of others.
Result<void> fill_secret(std::span<std::uint8_t> storage);

template <std::size_t N, class Tag>
Result<Secret<N, Tag>> Secret<N, Tag>::random() {
    return zeroed().and_then([](Secret&& secret) -> Result<Secret> {
        if (auto filled = fill_secret(secret.storage()); !filled) return tl::unexpected(filled.error());
        return std::move(secret);
    });
}

template <std::size_t N, class Tag>
Result<Secret<N, Tag>> Secret<N, Tag>::taken(std::span<std::uint8_t, N> source, Result<Secret>&& into) {
    if (into) {
        auto storage = into->storage();
        for (std::size_t i = 0; i < N; ++i) storage[i] = source[i];
    }
    crypto::wipe(std::span<std::uint8_t>(source));
    return std::move(into);
}

}  // namespace fieldfare::crypto
