#include "client/collector/file_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "client/collector/messages.h"
#include "client/media/jpeg_metadata.h"
#include "crypto/byte_source.h"
#include "crypto/secret.h"
#include "schema/media_file.h"

namespace fieldfare::collector {
namespace {

/// Between two saves.
constexpr std::size_t bite = 4 * store::attachment_piece;

tl::unexpected<app::Message> refuse(std::string key) {
    return tl::unexpected(app::Message{std::move(key), {}});
}

tl::unexpected<app::Message> refuse(store::Error error) {
    return tl::unexpected(message_of(error));
}

/// That it was read is not noted where the system offers that. A pipe must not make us wait.
int open_quietly(const std::string& path) {
    constexpr int how = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    const int number = ::open(path.c_str(), how | O_NOATIME);
    return number < 0 && errno == EPERM ? ::open(path.c_str(), how) : number;
}

}  // namespace

struct FileCopy::State {
    explicit State(int opened) : file(opened) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        ::close(file);
        crypto::wipe(buffer);
    }

    /// All of `into`, from the byte `at` on.
    bool read(std::uint64_t at, std::span<std::uint8_t> into) const {
        while (!into.empty()) {
            const ssize_t n = ::pread(file, into.data(), into.size(), static_cast<off_t>(at));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return false;
            into = into.subspan(static_cast<std::size_t>(n));
            at += static_cast<std::uint64_t>(n);
        }
        return true;
    }

    /// Whether the file still is the one that was begun with: a recording may be written on.
    bool unchanged() const {
        struct stat now {};
        return ::fstat(file, &now) == 0 && now.st_size == begun.st_size &&
               now.st_mtim.tv_sec == begun.st_mtim.tv_sec && now.st_mtim.tv_nsec == begun.st_mtim.tv_nsec;
    }

    app::Message why_unread() const { return {unchanged() ? "attach.cut_off" : "attach.changed", {}}; }

    int file;
    struct stat begun {};
    app::DraftId draft;
    std::string name;
    std::uint64_t size = 0, done = 0;
    bool jpeg = false;
    crypto::Bytes buffer;
};

FileCopy::FileCopy(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileCopy::FileCopy(FileCopy&&) noexcept = default;
FileCopy& FileCopy::operator=(FileCopy&&) noexcept = default;
FileCopy::~FileCopy() = default;

const app::DraftId& FileCopy::draft() const {
    return state_->draft;
}
const std::string& FileCopy::name() const {
    return state_->name;
}
std::uint64_t FileCopy::done() const {
    return state_->done;
}
std::uint64_t FileCopy::size() const {
    return state_->size;
}

tl::expected<FileCopy, app::Message> FileCopy::begin(store::Vault& vault, const app::AttachFile& what) {
    const int opened = open_quietly(what.path);
    if (opened < 0) {
        const bool gone = errno == ENOENT || errno == ENOTDIR || errno == ENODEV || errno == ENXIO;
        return refuse(gone ? "attach.gone" : "attach.unreadable");
    }
    auto state = std::make_unique<State>(opened);
    if (::fstat(opened, &state->begun) != 0) return refuse("attach.unreadable");
    if (!S_ISREG(state->begun.st_mode)) return refuse("attach.not_a_file");
    state->size = static_cast<std::uint64_t>(state->begun.st_size);
    if (state->size == 0) return refuse(store::Error::empty_file);
    if (state->size > schema::max_media_bytes) return refuse(store::Error::file_too_large);
    std::array<std::uint8_t, 16> first{};
    const auto beginning = std::span(first).first(std::min<std::uint64_t>(first.size(), state->size));
    if (!state->read(0, beginning)) return tl::unexpected(state->why_unread());
    state->jpeg = media::says_jpeg(beginning);
    // What calls itself one and is none would be sealed with all that it tells, under a name that says it was
    // not.
    if (schema::media_extension(what.name) == "jpg" && !state->jpeg) return refuse("attach.no_jpeg");
    state->draft = what.draft;
    state->name = what.name;
    if (const auto begun = vault.begin_attachment(what.draft, what.name); !begun)
        return refuse(begun.error());
    return FileCopy(std::move(state));
}

tl::expected<std::optional<std::uint64_t>, app::Message> FileCopy::go_on(store::Vault& vault) {
    State& state = *state_;
    const auto drop = [&vault](app::Message why) {
        vault.drop_attachment();
        return tl::unexpected(std::move(why));
    };
    if (state.jpeg) {
        std::optional<store::Error> refused;
        const crypto::ByteSource source{
            state.size, [&](std::uint64_t at, std::span<std::uint8_t> into) -> crypto::Result<void> {
                if (at > state.size || into.size() > state.size - at)
                    return tl::unexpected(crypto::Error::damaged);
                if (state.read(at, into)) return {};
                return tl::unexpected(crypto::Error::not_readable);
            }};
        const auto dropped =
            media::drop_jpeg_metadata(source, [&](crypto::ByteView more) -> crypto::Result<void> {
                const auto added = vault.add_to_attachment(more);
                if (added) return {};
                refused = added.error();
                return tl::unexpected(crypto::Error::not_writable);
            });
        if (refused) return drop(message_of(*refused));
        if (!dropped && dropped.error() == crypto::Error::not_readable) return drop(state.why_unread());
        if (!dropped) return drop({state.unchanged() ? "attach.no_jpeg" : "attach.changed", {}});
        state.done = state.size;
    } else {
        state.buffer.resize(std::min<std::uint64_t>(bite, state.size - state.done));
        if (!state.read(state.done, state.buffer)) return drop(state.why_unread());
        if (const auto added = vault.add_to_attachment(state.buffer); !added)
            return drop(message_of(added.error()));
        state.done += state.buffer.size();
        if (state.done < state.size) return std::nullopt;
    }
    if (!state.unchanged()) return drop({"attach.changed", {}});
    const auto ended = vault.end_attachment();
    if (!ended) return drop(message_of(ended.error()));
    return *ended;
}

}  // namespace fieldfare::collector
