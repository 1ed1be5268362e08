#include "client/store/database_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/store/faults.h"

namespace fieldfare::store {

namespace {

using Bytes = std::span<const std::uint8_t>;

// "WAL file format": all numbers are big-endian; those that the checksum is made of are as the magic says.
constexpr std::size_t header_bytes = 32, frame_header_bytes = 24, page_bytes = 4096;
constexpr std::size_t frame_bytes = frame_header_bytes + page_bytes;
constexpr std::uint32_t magic = 0x377f0682, version = 3007000;  // with the magic's last bit: big-endian words

std::uint32_t number_at(Bytes bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (const std::uint8_t byte : bytes.subspan(at, 4)) number = number << 8 | byte;
    return number;
}

struct Checksum {
    std::uint32_t first = 0, second = 0;
    bool operator==(const Checksum&) const = default;

    static Checksum at(Bytes bytes, std::size_t at) {
        return {number_at(bytes, at), number_at(bytes, at + 4)};
    }
    /// "Checksum Algorithm"; a multiple of eight bytes.
    Checksum with(Bytes bytes, std::endian words) const {
        Checksum sum = *this;
        for (std::size_t at = 0; at < bytes.size(); at += 8) {
            std::array<std::uint32_t, 2> word{number_at(bytes, at), number_at(bytes, at + 4)};
            if (words == std::endian::little)
                for (auto& one : word) one = __builtin_bswap32(one);
            sum.first += word[0] + sum.second;
            sum.second += word[1] + sum.first;
        }
        return sum;
    }
};

class File {
  public:
    explicit File(const std::filesystem::path& path)
        : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)),
          error_(file_ < 0 ? errno : 0) {}
    ~File() {
        if (file_ >= 0) ::close(file_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    int handle() const { return file_; }
    int error() const { return error_; }  ///< of opening it

    enum class Read { all, ended, failed };
    Read read(std::span<std::uint8_t> bytes, std::size_t at) const {
        for (std::size_t done = 0; done < bytes.size();) {
            const ssize_t count =
                ::pread(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return Read::failed;
            if (count == 0) return Read::ended;
            done += static_cast<std::size_t>(count);
        }
        return Read::all;
    }

  private:
    int file_, error_;
};

struct Header {
    std::array<std::uint8_t, header_bytes> bytes{};

    std::endian words() const {
        return (number_at(bytes, 0) & 1) != 0 ? std::endian::big : std::endian::little;
    }
    Checksum sum() const { return Checksum::at(bytes, 24); }
    Bytes salts() const { return Bytes(bytes).subspan(16, 8); }
    bool verifies() const {
        return (number_at(bytes, 0) & ~1U) == magic && number_at(bytes, 4) == version &&
               number_at(bytes, 8) == page_bytes && Checksum().with(Bytes(bytes).first(24), words()) == sum();
    }
};

struct Frame {
    std::array<std::uint8_t, frame_bytes> bytes{};

    std::uint32_t page() const { return number_at(bytes, 0); }
    /// Pages of the database after the transaction that this frame ends; 0: it ends none.
    std::uint32_t commits() const { return number_at(bytes, 4); }
    Bytes salts() const { return Bytes(bytes).subspan(8, 8); }
    Checksum sum() const { return Checksum::at(bytes, 16); }
    Checksum sum_after(const Checksum& before, std::endian words) const {
        return before.with(Bytes(bytes).first(8), words).with(content(), words);
    }
    Bytes content() const { return Bytes(bytes).last(page_bytes); }
};

/// The frames of a log in their order, to its end; a last one that is cut short counts for none. `each` says
/// whether to go on; where the disk fails it is given nothing.
template <typename Each>
void for_each_frame(const File& log, const Each& each) {
    Frame frame;
    for (std::size_t at = header_bytes;; at += frame_bytes) {
        const auto read = log.read(frame.bytes, at);
        if (read == File::Read::ended) return;
        if (!each(read == File::Read::all ? &frame : nullptr, at)) return;
    }
}

/// Each checksum goes on from the one before, so frames tell of what they were written behind, also where
/// SQLite does not read on. A transaction waits for the disk before the next begins: what follows a commit
/// was written once all of that had got to the disk, and a place before it that does not verify any more has
/// been damaged. Behind the end of a log there may be older frames of the same file, of which the salts are
/// others.
LogState state_of_frames(const File& log, const Header& header) {
    struct Before {
        Checksum said, is;     ///< either of the two may be the one that is damaged
        bool commits = false;  ///< at the first frame that does not verify, or behind it
    };
    std::optional<Before> before{Before{header.sum(), header.sum(), false}};
    bool verified = true;
    auto state = LogState::whole;
    for_each_frame(log, [&](const Frame* frame, std::size_t) {
        if (frame == nullptr) {
            if (verified) state = LogState::unreadable;
            before.reset();
            return state == LogState::whole;
        }
        const Checksum said = frame->sum();
        Checksum is = said;
        bool follows = false;
        if (before) {
            is = frame->sum_after(before->said, header.words());
            const bool ours = std::ranges::equal(frame->salts(), header.salts());
            follows = ours && (is == said || frame->sum_after(before->is, header.words()) == said);
        }
        if (!verified && follows && before->commits) state = LogState::damaged;
        verified = verified && follows;
        before = Before{said, is, !verified && frame->commits() != 0};
        return state == LogState::whole;
    });
    return state;
}

/// Without a header that verifies SQLite reads no frame. A power cut leaves it so where the log was about to
/// begin anew, and then all that was committed stands in the database.
LogState state_without_header(const File& log, const File& database) {
    std::map<std::uint32_t, std::size_t> newest, of_transaction;  // page -> where it stands
    std::vector<std::uint8_t> salts;
    std::uint32_t pages = 0;
    for_each_frame(log, [&](const Frame* frame, std::size_t at) {
        if (frame == nullptr || frame->page() == 0) return true;
        if (salts.empty()) salts.assign(frame->salts().begin(), frame->salts().end());
        if (!std::ranges::equal(frame->salts(), salts)) return true;  // of a log before this one, or damaged
        of_transaction[frame->page()] = at;
        if (frame->commits() == 0) return true;
        pages = frame->commits();
        for (const auto& [page, place] : of_transaction) newest[page] = place;
        of_transaction.clear();
        return true;
    });
    Frame frame;
    std::array<std::uint8_t, page_bytes> there{};
    for (const auto& [page, place] : newest) {
        if (page > pages || log.read(frame.bytes, place) != File::Read::all) continue;
        if (database.read(there, (page - std::size_t{1}) * page_bytes) != File::Read::all ||
            !std::ranges::equal(there, frame.content()))
            return LogState::damaged;
    }
    return LogState::whole;
}

std::filesystem::path log_of(const std::filesystem::path& database) {
    return database.string() + "-wal";
}

}  // namespace

Result<LogState> log_state(const std::filesystem::path& database) {
    const File log(log_of(database));
    if (log.error() == ENOENT) return LogState::whole;
    if (log.error() != 0) {
        const Error error = from_errno(log.error());
        if (error == Error::disk_failed) return LogState::unreadable;
        return tl::unexpected(error);
    }
    Header header;
    const auto read = log.read(header.bytes, 0);
    if (read == File::Read::failed) return LogState::unreadable;
    if (read == File::Read::ended) return LogState::whole;
    if (header.verifies()) return state_of_frames(log, header);
    return state_without_header(log, File(database));
}

Result<void> sync_log(const std::filesystem::path& database) {
    const File log(log_of(database));
    if (log.error() == ENOENT) return {};
    if (log.error() != 0) return tl::unexpected(from_errno(log.error()));
    if (::fsync(log.handle()) != 0) return tl::unexpected(from_errno(errno));
    return {};
}

}  // namespace fieldfare::store
