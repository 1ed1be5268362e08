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
constexpr std::size_t sector_bytes = 512;  // of which a power cut leaves all as it was, or as it was to be
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

/// A page as the database file has it. Two writes of a page never look the same: each is encrypted anew.
bool stands_in(const File& database, std::uint32_t page, Bytes content) {
    std::array<std::uint8_t, page_bytes> there{};
    return page != 0 && database.read(there, (page - std::size_t{1}) * page_bytes) == File::Read::all &&
           std::ranges::equal(there, content);
}

/// The newest committed version of each page, of the frames that it is told of in their order.
struct Newest {
    std::map<std::uint32_t, std::size_t> committed, of_transaction;  ///< page -> where it stands
    std::uint32_t pages = 0;

    void take(std::uint32_t page, std::uint32_t commits, std::size_t at) {
        of_transaction[page] = at;
        if (commits == 0) return;
        pages = commits;
        for (const auto& [number, place] : of_transaction) committed[number] = place;
        of_transaction.clear();
    }
};

/// Whether a checkpoint has moved all of it.
bool all_stand_in(const File& database, const Newest& newest, const File& log) {
    Frame frame;
    return std::ranges::all_of(newest.committed, [&](const auto& one) {
        const auto [page, at] = one;
        return page > newest.pages ||
               (log.read(frame.bytes, at) == File::Read::all && stands_in(database, page, frame.content()));
    });
}

/// A frame of a log with a header that verifies.
struct Seen {
    std::size_t at = 0;
    std::uint32_t page = 0, commits = 0;
    bool read = false;     ///< the disk gives it back
    bool ours = false;     ///< it has the log's salts: older frames of the same file have others
    bool follows = false;  ///< its checksum goes on from the one before, so it is as it was written
    bool headed = false;   ///< page, mark and salts stand in one sector: a power cut leaves them all, or none
};

/// The frames up to the first that does not verify, `first_bad`, and those behind. Of a log that the disk
/// does not give back so far, none behind.
struct Frames {
    std::vector<Seen> all;
    std::size_t first_bad = 0;

    bool unreadable() const { return first_bad < all.size() && !all[first_bad].read; }
};

Frames frames_of(const File& log, const Header& header) {
    struct Before {
        Checksum said, is;  ///< either of the two may be the one that is damaged
    };
    std::optional<Before> before{Before{header.sum(), header.sum()}};
    Frames frames;
    bool verified = true;
    for_each_frame(log, [&](const Frame* frame, std::size_t at) {
        Seen seen{.at = at, .read = frame != nullptr};
        if (frame != nullptr) {
            seen.page = frame->page();
            seen.commits = frame->commits();
            seen.ours = std::ranges::equal(frame->salts(), header.salts());
            const Checksum said = frame->sum();
            Checksum is = said;
            if (before) {
                is = frame->sum_after(before->said, header.words());
                seen.follows =
                    seen.ours && (is == said || frame->sum_after(before->is, header.words()) == said);
            }
            seen.headed = (at + 8) % sector_bytes != 0;
            before = Before{said, is};
        } else {
            before.reset();
        }
        verified = verified && seen.follows;
        if (verified) ++frames.first_bad;
        frames.all.push_back(seen);
        return verified || frames.all[frames.first_bad].read;
    });
    return frames;
}

/// Whether two frames of ours with something else between them, one of which may be the end of a transaction
/// and the other of the next, are so. The mark of a commit says it; or the order of their pages, which is
/// that of one transaction as long as it is none that SQLite can't keep in its memory (of 2 MB).
bool are_of_two(const Frames& frames, std::size_t begins, std::size_t last, std::size_t next) {
    constexpr std::size_t most_in_order = 256;
    const Seen &one = frames.all[last], &other = frames.all[next];
    if (!one.headed) return false;
    if (one.commits != 0) return last >= frames.first_bad;
    std::size_t end = next;
    while (end + 1 < frames.all.size() && frames.all[end].commits == 0 && frames.all[end + 1].ours) ++end;
    return other.headed && other.page <= one.page && end - begins < most_in_order;
}

/// A transaction waits for the disk before the next begins: what follows a commit was written once all of
/// that had got to the disk, and a place before it that does not verify any more has been damaged. What was
/// written behind a commit goes on from its checksum. Where that can't be read any more, what stands there is
/// not of this log, which fills its places in turn.
bool is_followed_by_another(const Frames& frames) {
    std::size_t begins = frames.first_bad;  // the transaction
    while (begins > 0 && frames.all[begins - 1].commits == 0) --begins;
    std::optional<std::size_t> last;  // of ours
    if (begins < frames.first_bad) last = frames.first_bad - 1;
    for (std::size_t number = frames.first_bad; number < frames.all.size(); ++number) {
        const Seen& frame = frames.all[number];
        const bool behind_bad = number > frames.first_bad;
        if (behind_bad && frame.follows && frames.all[number - 1].commits != 0) return true;
        if (!frame.ours) continue;
        if (last && *last + 1 < number && are_of_two(frames, begins, *last, number)) return true;
        last = number;
    }
    return false;
}

/// How much of what stands behind the first frame that does not verify has been moved into the database.
/// Only what had been committed is.
Moved moved_from(const File& log, const Frames& frames, const File& database) {
    Newest newest;
    Frame frame;
    bool any = false;
    for (std::size_t number = 0; number < frames.all.size(); ++number) {
        const Seen& seen = frames.all[number];
        if (!seen.ours) continue;
        if (seen.follows) newest.take(seen.page, seen.commits, seen.at);
        if (any || number < frames.first_bad) continue;
        any = log.read(frame.bytes, seen.at) == File::Read::all &&
              stands_in(database, seen.page, frame.content());
    }
    if (!any) return Moved::nothing;
    return all_stand_in(database, newest, log) ? Moved::everything : Moved::a_part;
}

LogState state_of_frames(const File& log, const Header& header, const File& database) {
    const Frames frames = frames_of(log, header);
    if (frames.first_bad == frames.all.size()) return LogState::whole;
    if (frames.unreadable()) return LogState::unreadable;
    const bool damaged =
        is_followed_by_another(frames) || moved_from(log, frames, database) != Moved::nothing;
    return damaged ? LogState::damaged : LogState::whole;
}

/// Without a header that verifies SQLite reads no frame. A power cut leaves it so where the log was about to
/// begin anew: then every frame was on the disk before the header was touched, and all that was committed
/// stands in the database. So the first frame is as it was written, which the next one tells or its page in
/// the database; where neither does, more has been damaged than a header, and its salts may be anything.
LogState state_without_header(const File& log, const File& database) {
    Newest newest;
    Frame first;
    std::size_t count = 0;
    bool all_read = true, first_is_whole = true;
    for_each_frame(log, [&](const Frame* one, std::size_t at) {
        all_read = one != nullptr;
        if (!all_read) return false;
        if (count == 0) {
            first = *one;
            first_is_whole = stands_in(database, one->page(), one->content());
        }
        const bool ours = std::ranges::equal(one->salts(), first.salts());  // not of a log before this one
        if (count == 1 && ours)
            for (const auto words : {std::endian::little, std::endian::big})
                first_is_whole = first_is_whole || one->sum_after(first.sum(), words) == one->sum();
        if (ours && one->page() != 0) newest.take(one->page(), one->commits(), at);
        ++count;
        return true;
    });
    if (!all_read || !first_is_whole) return LogState::damaged;
    return all_stand_in(database, newest, log) ? LogState::whole : LogState::damaged;
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
    if (header.verifies()) return state_of_frames(log, header, File(database));
    return state_without_header(log, File(database));
}

Moved moved_past_damage(const std::filesystem::path& database) {
    const File log(log_of(database));
    Header header;
    if (log.error() != 0 || log.read(header.bytes, 0) != File::Read::all || !header.verifies())
        return Moved::nothing;
    return moved_from(log, frames_of(log, header), File(database));
}

Result<void> sync_log(const std::filesystem::path& database) {
    const File log(log_of(database));
    if (log.error() == ENOENT) return {};
    if (log.error() != 0) return tl::unexpected(from_errno(log.error()));
    if (::fsync(log.handle()) != 0) return tl::unexpected(from_errno(errno));
    return {};
}

}  // namespace fieldfare::store
