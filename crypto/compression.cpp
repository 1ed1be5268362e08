#include "crypto/compression.h"

#include <zstd.h>

#include <memory>

#include "crypto/batch.h"
#include "crypto/secret.h"

namespace fieldfare::crypto::batch {

namespace {

int level_of(Effort effort) {
    return effort == Effort::thorough ? 19 : 3;
}

struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
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

Result<Bytes> compress(ByteView payload, ByteView dictionary, Effort effort) {
    const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
    if (!context) return tl::unexpected(Error::out_of_memory);
    bool set = !failed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level_of(effort)));
    set = set && !failed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1));
    set = set && !failed(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_dictIDFlag, 0));
    set = set && (dictionary.empty() ||
                  !failed(ZSTD_CCtx_loadDictionary(context.get(), dictionary.data(), dictionary.size())));
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

struct Decompressor::Context {
    std::unique_ptr<ZSTD_DCtx, Free> zstd{ZSTD_createDCtx()};
};

Decompressor::Decompressor(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

Result<Decompressor> Decompressor::with(ByteView dictionary) {
    auto context = std::make_unique<Context>();
    if (!context->zstd) return tl::unexpected(Error::out_of_memory);
    if (!dictionary.empty() &&
        failed(ZSTD_DCtx_loadDictionary(context->zstd.get(), dictionary.data(), dictionary.size())))
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
