#include "crypto/secret.h"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "crypto/open_spares.h"
#include "crypto/random.h"

namespace fieldfare::crypto {

namespace {

/// Guarded pages that were let go, for the next secret of their size: making and unmaking them takes the
/// kernel longer than opening a record takes us, and a batch needs a dozen. They hold zeros, and nothing can
/// touch them until they are taken, but while there are OpenSpares. All threads share them: who lets a secret
/// go is often not who made it.
class Spares {
  public:
    static Spares& of_process() {
        static Spares& spares = *new Spares;  // never unmade: secrets may be let go after anything static
        return spares;
    }

    std::uint8_t* take(std::size_t size) {
        Spare spare;
        {
            const std::lock_guard lock(mutex_);
            Shelf* shelf = shelf_for(size);
            if (!shelf || shelf->count == 0) return nullptr;
            spare = shelf->spares[--shelf->count];
        }
        if (spare.open || sodium_mprotect_readwrite(spare.pages) == 0) return spare.pages;
        sodium_free(spare.pages);
        return nullptr;
    }

    void give(std::uint8_t* pages, std::size_t size) {
        sodium_memzero(pages, size);
        if (kept({pages, true}, size)) return;
        if (sodium_mprotect_noaccess(pages) != 0 || !kept({pages, false}, size)) sodium_free(pages);
    }

    void leave_open() {
        const std::lock_guard lock(mutex_);
        ++leaving_open_;
    }

    void shut() {
        const std::lock_guard lock(mutex_);
        if (--leaving_open_ > 0) return;
        for (Shelf& shelf : shelves_)
            for (std::size_t i = 0; i < shelf.count; ++i)
                if (Spare& spare = shelf.spares[i]; spare.open)
                    spare.open = sodium_mprotect_noaccess(spare.pages) != 0;
    }

  private:
    struct Spare {
        std::uint8_t* pages = nullptr;
        bool open = false;
    };
    struct Shelf {
        std::array<Spare, 32> spares{};
        std::size_t count = 0;
    };

    /// False when there is no room, or open ones are not to be kept.
    bool kept(const Spare& spare, std::size_t size) {
        const std::lock_guard lock(mutex_);
        Shelf* shelf = shelf_for(size);
        if (!shelf || shelf->count == shelf->spares.size() || (spare.open && leaving_open_ == 0))
            return false;
        shelf->spares[shelf->count++] = spare;
        return true;
    }

    Shelf* shelf_for(std::size_t size) {
        return size == 32 ? &shelves_[0] : size == 64 ? &shelves_[1] : nullptr;  // keys; pairs and slots
    }

    std::mutex mutex_;
    std::array<Shelf, 2> shelves_;
    std::size_t leaving_open_ = 0;
};

constexpr std::size_t most = 65536;  // bytes of one GuardedMemory

}  // namespace

OpenSpares::OpenSpares() {
    Spares::of_process().leave_open();
}

OpenSpares::~OpenSpares() {
    Spares::of_process().shut();
}

Result<GuardedMemory> GuardedMemory::allocate(std::size_t size) {
    if (size == 0 || size > most) return tl::unexpected(Error::bad_argument);
    if (auto started = start(); !started) return tl::unexpected(started.error());
    GuardedMemory memory;
    memory.data_ = Spares::of_process().take(size);
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

Result<GuardedMemory> GuardedPages::piece(std::size_t size) {
    if (size == 0 || size > most) return tl::unexpected(Error::bad_argument);
    if (!pages_ || most - used_ < size) {
        auto pages = GuardedMemory::allocate(most);
        if (!pages) return pages;
        pages_ = std::make_shared<GuardedMemory>(std::move(*pages));
        used_ = 0;
    }
    GuardedMemory piece;
    piece.data_ = pages_->data_ + used_;
    piece.size_ = size;
    piece.pages_ = pages_;
    used_ += size;
    return piece;
}

GuardedMemory::GuardedMemory(GuardedMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      pages_(std::move(other.pages_)) {}

GuardedMemory& GuardedMemory::operator=(GuardedMemory&& other) noexcept {
    if (this != &other) {
        let_go();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        pages_ = std::move(other.pages_);
    }
    return *this;
}

GuardedMemory::~GuardedMemory() {
    let_go();
}

void GuardedMemory::let_go() {
    if (pages_)
        sodium_memzero(data_, size_);
    else if (data_)
        Spares::of_process().give(data_, size_);
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
