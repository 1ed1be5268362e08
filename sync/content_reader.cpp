#include "sync/content_reader.h"

#include <algorithm>

namespace fieldfare::sync {

ContentReader::ContentReader(crypto::ByteView bytes) : bytes_(bytes), size_(bytes.size()) {}

ContentReader::ContentReader(Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

SystemResult<ContentReader> ContentReader::open(const Content& content) {
    if (const auto* bytes = std::get_if<crypto::ByteView>(&content)) return ContentReader(*bytes);
    const auto& path = std::get<std::filesystem::path>(content);
    auto folder = open_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
    if (!folder) return tl::unexpected(folder.error());
    auto file = open_file(*folder, path.filename());
    if (!file) return tl::unexpected(file.error());
    auto size = size_of(*file);
    if (!size) return tl::unexpected(size.error());
    return ContentReader(std::move(*file), *size);
}

SystemResult<crypto::ByteView> ContentReader::next() {
    if (!file_) {
        const auto piece = bytes_.subspan(done_, std::min(piece_size, bytes_.size() - done_));
        done_ += piece.size();
        return piece;
    }
    buffer_.resize(piece_size);
    auto n = read(buffer_);
    if (!n) return tl::unexpected(n.error());
    return crypto::ByteView(buffer_).first(*n);
}

SystemResult<std::size_t> ContentReader::read(std::span<std::uint8_t> buffer) {
    if (buffer.empty()) return 0;
    if (!file_) {
        const std::size_t n = std::min(buffer.size(), bytes_.size() - done_);
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(done_), n, buffer.begin());
        done_ += n;
        return n;
    }
    const auto n = read_some(*file_, buffer);
    if (!n) return tl::unexpected(n.error());
    return *n;
}

SystemResult<void> ContentReader::rewind() {
    done_ = 0;
    if (!file_) return {};
    return back_to_start(*file_);
}

}  // namespace fieldfare::sync
