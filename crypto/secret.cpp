#include "crypto/secret.h"

#include <sodium.h>

#include <cstdlib>
#include <cstring>

#include "crypto/random.h"

namespace fieldfare::crypto {

Result<GuardedMemory> GuardedMemory::allocate(std::size_t size) {
    if (size == 0 || size > 65536) return tl::unexpected(Error::bad_argument);
    if (auto started = start(); !started) return tl::unexpected(started.error());
    GuardedMemory memory;
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
        sodium_free(data_);
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

GuardedMemory::~GuardedMemory() {
    sodium_free(data_);  // wipes, and does nothing for null
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
