#include "crypto/media_cells.h"

#include <sodium.h>

namespace fieldfare::crypto::media {

static_assert(crypto_secretstream_xchacha20poly1305_HEADERBYTES == stream_header_size);
static_assert(crypto_secretstream_xchacha20poly1305_ABYTES == chunk_overhead);
static_assert(static_cast<std::uint8_t>(End::no) == crypto_secretstream_xchacha20poly1305_TAG_MESSAGE &&
              static_cast<std::uint8_t>(End::yes) == crypto_secretstream_xchacha20poly1305_TAG_FINAL);
// secretstream pads its authenticator as RFC 8439 does only for these lengths: any AEAD library can follow.
static_assert(first_content % 16 == 8 && cell_content % 16 == 0);

struct CellStream::State {
    crypto_secretstream_xchacha20poly1305_state stream;
};

CellStream::CellStream(batch::KeyBytes key, std::span<const std::uint8_t, stream_header_size> header)
    : state_(std::make_unique<State>()) {
    // The same for both directions; `init_push` would choose a header by itself.
    crypto_secretstream_xchacha20poly1305_init_pull(&state_->stream, header.data(), key.data());
}

CellStream::~CellStream() {
    sodium_memzero(&state_->stream, sizeof state_->stream);
}

void CellStream::seal(ByteView plaintext, End end, std::span<std::uint8_t> sealed) {
    crypto_secretstream_xchacha20poly1305_push(&state_->stream, sealed.data(), nullptr, plaintext.data(),
                                               plaintext.size(), nullptr, 0, static_cast<std::uint8_t>(end));
}

Result<std::uint8_t> CellStream::open(ByteView sealed, std::span<std::uint8_t> plaintext) {
    std::uint8_t tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&state_->stream, plaintext.data(), nullptr, &tag,
                                                   sealed.data(), sealed.size(), nullptr, 0) != 0)
        return tl::unexpected(Error::damaged);
    return tag;
}

}  // namespace fieldfare::crypto::media
