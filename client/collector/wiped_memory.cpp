#include "client/collector/wiped_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <cstddef>
#include <new>

namespace fieldfare::collector {
namespace {

[[maybe_unused]] void* take(std::size_t size) {
    while (true) {
        if (void* const block = ::malloc(size == 0 ? 1 : size)) return block;
        const auto handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc();
        handler();
    }
}

[[maybe_unused]] void* take(std::size_t size, std::align_val_t alignment) {
    const auto align = static_cast<std::size_t>(alignment);
    while (true) {
        // aligned_alloc wants whole multiples.
        if (void* const block = ::aligned_alloc(align, (size + align) / align * align)) return block;
        const auto handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc();
        handler();
    }
}

[[maybe_unused]] void let_go(void* block) {
    if (block == nullptr) return;
    ::explicit_bzero(block, ::malloc_usable_size(block));
    ::free(block);
}

}  // namespace

void wipe_freed_memory() {
    // glibc overwrites what is freed, but for blocks of up to 1032 bytes that a thread keeps for itself.
    ::mallopt(M_PERTURB, 0x5F);
}

[[gnu::noinline]] void wipe_left_stack() {
    char below[512 * 1024];
    ::explicit_bzero(below, sizeof below);
}

}  // namespace fieldfare::collector

// Under a sanitizer they are its own, which watch what is given and let go; what is left in memory is not
// searched there.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// The other forms of new and delete (arrays, nothrow, sized) end in these.
void* operator new(std::size_t size) {
    return fieldfare::collector::take(size);
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    return fieldfare::collector::take(size, alignment);
}

void operator delete(void* block) noexcept {
    fieldfare::collector::let_go(block);
}

void operator delete(void* block, std::align_val_t) noexcept {
    fieldfare::collector::let_go(block);
}

void operator delete(void* block, std::size_t) noexcept {
    fieldfare::collector::let_go(block);
}

void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
    fieldfare::collector::let_go(block);
}

#endif
