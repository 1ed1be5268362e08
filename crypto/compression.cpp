#include "crypto/compression.h"

#define ZSTD_STATIC_LINKING_ONLY  // for contexts with memory of our own; libzstd exports them
#include <zstd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "crypto/batch.h"
#include "crypto/secret.h"

namespace fieldfare::crypto::batch {

namespace {

int level_of(Effort effort) {
    return effort == Effort::thorough ? 19 : 3;
}

/// zstd keeps the literals of what it packs in its working memory and frees that as it is. Each block begins
/// with its size, so that it can be wiped.
constexpr std::size_t block_head = alignof(std::max_align_t);

void* allocate(void*, std::size_t size) {
    auto* const block = static_cast<std::uint8_t*>(std::malloc(size + block_head));
    if (block == nullptr) return nullptr;
    std::memcpy(block, &size, sizeof size);
    return block + block_head;
}

void free_wiped(void*, void* memory) {
    if (memory == nullptr) return;
    auto* const block = static_cast<std::uint8_t*>(memory) - block_head;
    std::size_t size = 0;
    std::memcpy(&size, block, sizeof size);
    wipe(std::span(block, size + block_head));
    std::free(block);
}

constexpr ZSTD_customMem wiping_memory{allocate, free_wiped, nullptr};

struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_CDict* dictionary) const { ZSTD_freeCDict(dictionary); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    void operator()(ZSTD_DDict* dictionary) const { ZSTD_freeDDict(dictionary); }
};

/// RFC 8878, 3.1.1: magic, then a descriptor whose bits say what follows. We write, and read, one shape only:
/// a single segment (so the window is the content, and no more memory is asked for), its size, a checksum.
bool our_shape(ByteView frame) {
    constexpr std::uint8_t single_segment = 0x20;
    constexpr std::uint8_t reserved = 0x08;
    constexpr std::uint8_t checksum = 0x04;
    constexpr std::uint8_t dictionary_id = 0x03;
    return frame.size() > 5 && frame[0] == 0x28 && frame[1] == 0xb5 && frame[2] == 0x2f && frame[3] == 0xfd &&
           (frame[4] & (single_segment | reserved | checksum | dictionary_id)) == (single_segment | checksum);
}

bool failed(std::size_t code) {
    return ZSTD_isError(code) != 0;
}

}  // namespace

struct Compressor::Prepared {
    int level;
    std::unique_ptr<ZSTD_CDict, Free> dictionary;  ///< none for an empty one
};

Compressor::Compressor(std::unique_ptr<const Prepared> prepared) : prepared_(std::move(prepared)) {}
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor::~Compressor() = default;

Result<Compressor> Compressor::with(ByteView dictionary, Effort effort) {
    auto prepared = std::make_unique<Prepared>(Prepared{level_of(effort), nullptr});
    if (!dictionary.empty()) {
        prepared->dictionary.reset(ZSTD_createCDict(dictionary.data(), dictionary.size(), prepared->level));
        if (!prepared->dictionary) return tl::unexpected(Error::out_of_memory);
    }
    return Compressor(std::move(prepared));
}

Result<Bytes> Compressor::compress(ByteView payload) const {
    const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx_advanced(wiping_memory));
    if (!context) return tl::unexpected(Error::out_of_memory);
    bool set = !failed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, prepared_->level));
    set = set && !failed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1));
    set = set && !failed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_dictIDFlag, 0));
    set = set &&
          (!prepared_->dictionary || !failed(ZSTD_CCtx_refCDict(context.get(), prepared_->dictionary.get())));
    if (!set) return tl::unexpected(Error::out_of_memory);
    Bytes frame(ZSTD_compressBound(payload.size()));
    const std::size_t size =
        ZSTD_compress2(context.get(), frame.data(), frame.size(), payload.data(), payload.size());
    if (failed(size)) return tl::unexpected(Error::out_of_memory);
    if (size >= payload.size() || !our_shape(ByteView(frame).first(size))) {
        wipe(frame);
        return Bytes{};
    }
    wipe(std::span(frame).subspan(size));
    frame.resize(size);
    return frame;
}

struct DecodingDictionary::Prepared {
    std::unique_ptr<ZSTD_DDict, Free> zstd;
};

DecodingDictionary::DecodingDictionary(ByteView dictionary)
    : prepared_(new Prepared{
          std::unique_ptr<ZSTD_DDict, Free>(ZSTD_createDDict(dictionary.data(), dictionary.size()))}) {}
DecodingDictionary::~DecodingDictionary() = default;

bool DecodingDictionary::usable() const {
    return prepared_->zstd != nullptr;
}

struct Decompressor::Context {
    std::unique_ptr<ZSTD_DCtx, Free> zstd{ZSTD_createDCtx()};
};

Decompressor::Decompressor(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

Result<Decompressor> Decompressor::with(const DecodingDictionary* dictionary) {
    auto context = std::make_unique<Context>();
    if (!context->zstd) return tl::unexpected(Error::out_of_memory);
    if (dictionary && (!dictionary->usable() ||
                       failed(ZSTD_DCtx_refDDict(context->zstd.get(), dictionary->prepared_->zstd.get()))))
        return tl::unexpected(Error::bad_content);
    return Decompressor(std::move(context));
}

Result<Bytes> Decompressor::decompress(ByteView frame, std::size_t size) {
    const auto bad = [] { return tl::unexpected(Error::bad_content); };
    if (!our_shape(frame) || size > max_payload ||
        ZSTD_getFrameContentSize(frame.data(), frame.size()) != size ||
        ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size())
        return bad();
    Bytes payload(size);
    const std::size_t written =
        ZSTD_decompressDCtx(context_->zstd.get(), payload.data(), size, frame.data(), frame.size());
    if (written != size) return bad();
    return payload;
}

}  // namespace fieldfare::crypto::batch
