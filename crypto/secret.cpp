#include "crypto/secret.h"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "crypto/random.h"

namespace fieldfare::crypto {

namespace {

/// Guarded pages that were let go, for the next secret of their size: making and unmaking them takes the
/// kernel longer than opening a record takes us, and a batch needs a dozen. They hold zeros, and nothing can
/// touch them until they are taken. A thread keeps its own, and gives them back when it ends.
class Spare {
  public:
    Spare() = default;
    Spare(const Spare&) = delete;
    Spare& operator=(const Spare&) = delete;
    ~Spare() {
        for (Shelf& shelf : shelves_)
            while (shelf.count > 0) sodium_free(shelf.pages[--shelf.count]);
        gone = true;
    }

    std::uint8_t* take(std::size_t size) {
        Shelf* shelf = shelf_for(size);
        if (!shelf || shelf->count == 0) return nullptr;
        std::uint8_t* const pages = shelf->pages[--shelf->count];
        if (sodium_mprotect_readwrite(pages) == 0) return pages;
        sodium_free(pages);
        return nullptr;
    }

    void give(std::uint8_t* pages, std::size_t size) {
        Shelf* shelf = shelf_for(size);
        sodium_memzero(pages, size);
        if (shelf && shelf->count < shelf->pages.size() && sodium_mprotect_noaccess(pages) == 0)
            shelf->pages[shelf->count++] = pages;
        else
            sodium_free(pages);
    }

    static thread_local bool gone;  ///< a secret may outlive its thread's spares: it goes its own way

  private:
    struct Shelf {
        std::array<std::uint8_t*, 8> pages{};
        std::size_t count = 0;
    };
    Shelf* shelf_for(std::size_t size) {
        return size == 32 ? &shelves_[0] : size == 64 ? &shelves_[1] : nullptr;  // keys; pairs and slots
    }
    std::array<Shelf, 2> shelves_;
};

thread_local bool Spare::gone = false;
thread_local Spare spare;

void let_go(std::uint8_t* pages, std::size_t size) {
    if (!pages) return;
    if (Spare::gone)
        sodium_free(pages);
    else
        spare.give(pages, size);
}

}  // namespace

Result<GuardedMemory> GuardedMemory::allocate(std::size_t size) {
    if (size == 0 || size > 65536) return tl::unexpected(Error::bad_argument);
    if (auto started = start(); !started) return tl::unexpected(started.error());
    GuardedMemory memory;
    if (!Spare::gone) memory.data_ = spare.take(size);
    if (memory.data_) {
        memory.size_ = size;
        return memory;
    }
    memory.data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
    if (!memory.data_) return tl::unexpected(Error::out_of_memory);
    memory.size_ = size;
    sodium_memzero(memory.data_, size);
    return memory;
}

GuardedMemory::GuardedMemory(GuardedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

GuardedMemory& GuardedMemory::operator=(GuardedMemory&& other) noexcept {
    if (this != &other) {
        let_go(data_, size_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

GuardedMemory::~GuardedMemory() {
    let_go(data_, size_);
}

std::span<std::uint8_t> GuardedMemory::bytes() {
    if (!data_) std::abort();
    return {data_, size_};
}

std::span<const std::uint8_t> GuardedMemory::bytes() const {
    if (!data_) std::abort();
    return {data_, size_};
}

void GuardedMemory::wipe() {
    if (data_) sodium_memzero(data_, size_);
}

Result<SecretText> SecretText::take(std::span<char> source) {
    auto text = copy_of({source.data(), source.size()});
    crypto::wipe(source);
    return text;
}

Result<SecretText> SecretText::copy_of(std::string_view source) {
    if (source.size() > max_size) return tl::unexpected(Error::too_large);
    auto memory = GuardedMemory::allocate(max_size);
    if (!memory) return tl::unexpected(memory.error());
    SecretText text(std::move(*memory));
    if (!source.empty()) std::memcpy(text.memory_.bytes().data(), source.data(), source.size());
    text.size_ = source.size();
    return text;
}

SecretText::SecretText(SecretText&& other) noexcept
    : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}

SecretText& SecretText::operator=(SecretText&& other) noexcept {
    if (this != &other) {
        memory_ = std::move(other.memory_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

std::string_view SecretText::expose() const {
    return {reinterpret_cast<const char*>(memory_.bytes().data()), size_};
}

void SecretText::wipe() {
    memory_.wipe();
    size_ = 0;
}

void wipe(std::span<std::uint8_t> bytes) {
    if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

void wipe(std::span<char> text) {
    if (!text.empty()) sodium_memzero(text.data(), text.size());
}

Result<void> fill_secret(std::span<std::uint8_t> storage) {
    return fill_random(storage);
}

}  // namespace fieldfare::crypto
