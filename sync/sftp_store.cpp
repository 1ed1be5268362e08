#include "sync/sftp_store.h"

#include <algorithm>
#include <system_error>

#include "sync/list_bounds.h"
#include "sync/object_name.h"
#include "sync/random_name.h"
#include "sync/sftp_listing.h"

namespace fieldfare::sync {

namespace {

using Said = SftpFailure::Said;

constexpr std::size_t most_listed = 64 * 1024 * 1024;  // bytes of lines; about 500,000 files

constexpr std::ptrdiff_t most_left = 16;  // files that are noted to be removed

bool has_no_word(const SftpFailure& failure) {
    return failure.said == Said::no_answer || failure.said == Said::no_word;
}

}  // namespace

SftpStore::SftpStore(SftpAddress address, SftpSettings settings, HttpPatience patience)
    : address_(std::move(address)),
      each_by_itself_(settings.proxy.has_value()),
      session_(address_, std::move(settings), patience) {}

std::string SftpStore::address() const {
    return address_.text();
}

tl::unexpected<TransportError> SftpStore::fail(Fault fault, std::string detail) const {
    return tl::unexpected(TransportError{fault, address_.text(), std::move(detail), std::nullopt});
}

tl::unexpected<TransportError> SftpStore::fail(const SftpFailure& failure) const {
    return fail(failure.why.fault, failure.why.detail);
}

std::string SftpStore::path_of(std::string_view name) const {
    return std::string(address_.path).append("/").append(name);
}

bool SftpStore::read_as(std::string_view name) {
    std::string& circuit = circuits_[std::string(name.substr(0, name.find('/')))];
    if (circuit.empty()) circuit = random_name();
    session_.go_by(circuit);
    return !circuit.empty();
}

TransportResult<PutOutcome> SftpStore::put(std::string_view name, const Content& content,
                                           const Watch& watch) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    auto ours = ContentReader::open(content);
    if (!ours) return fail(Fault::unreadable, std::generic_category().message(ours.error()));
    const std::string random = random_name(), circuit = random_name();
    if (random.empty() || circuit.empty()) return fail(Fault::failed, "this system gives no random numbers");
    session_.go_by(circuit);

    const std::string path = path_of(name);
    const std::string temporary =
        path.substr(0, path.rfind('/') + 1).append(".").append(random).append(".part");
    const auto there = look(path, *ours, watch);
    if (!there) return tl::unexpected(there.error());
    if (*there == There::same) return PutOutcome::same_content;
    if (*there == There::other) return PutOutcome::other_content;
    if (*there == There::hidden) {  // it is there, if what is surely not there is told to be not there
        const auto nobodys = look(temporary, *ours, watch);
        if (!nobodys) return tl::unexpected(nobodys.error());
        if (*nobodys == There::nothing) return PutOutcome::taken;
    }

    if (each_by_itself_) left_.clear();  // whoever removed another's file would be known for it
    clean_up();
    if (auto done = upload(temporary, *ours, watch); !done) return tl::unexpected(done.error());
    auto outcome = give_name(temporary, path, *ours, watch);
    const bool has_name =
        outcome && (*outcome == PutOutcome::stored || *outcome == PutOutcome::stored_unguarded);
    if (!has_name) {
        left_.push_back(temporary);
        clean_up();
    } else if (watch.on_bytes) {
        watch.on_bytes(ours->size(), ours->size());
    }
    return outcome;
}

// What stands under a name, read no further than to the first byte that differs.
TransportResult<SftpStore::There> SftpStore::look(const std::string& path, ContentReader& ours,
                                                  const Watch& watch) {
    if (auto back = ours.rewind(); !back)
        return fail(Fault::unreadable, std::generic_category().message(back.error()));
    bool same = true, unreadable = false;
    std::uint64_t done = 0;
    crypto::Bytes buffer;
    const SftpSession::Piece compare = [&](crypto::ByteView piece) {
        buffer.resize(piece.size());
        for (std::size_t have = 0; have < piece.size();) {
            const auto n = ours.read(std::span(buffer).subspan(have));
            unreadable = !n;
            if (!n) return false;
            if (*n == 0) return same = false;  // theirs is longer
            have += *n;
        }
        done += piece.size();
        return same = std::ranges::equal(buffer, piece);
    };
    const auto read = session_.read(path, compare, {{}, watch.stop});
    if (unreadable) return fail(Fault::unreadable, "");
    if (read) return same && done == ours.size() ? There::same : There::other;
    if (read.error().said == Said::nothing_there) return There::nothing;
    if (read.error().said == Said::denied) return There::hidden;
    return fail(read.error());
}

// The whole of it, under a name of its own.
TransportResult<void> SftpStore::upload(const std::string& path, ContentReader& ours, const Watch& watch) {
    if (auto back = ours.rewind(); !back)
        return fail(Fault::unreadable, std::generic_category().message(back.error()));
    if (const auto written = session_.write(path, ours, watch); !written)
        return not_taken(path, written.error(), ours.size());
    if (ours.size() == 0) return {};
    const auto whole = session_.has_size(path, ours.size(), watch);
    // A hardened store lets nobody open a file again that is there, and some servers can't append: then
    // the server's word for each piece must do.
    const bool unasked =
        !whole && (whole.error().said == Said::denied || whole.error().said == Said::refused);
    if (unasked || (whole && *whole)) return {};
    if (!whole) return not_taken(path, whole.error(), ours.size());
    left_.push_back(path);
    clean_up();
    return fail(Fault::failed, "it says that it has all of the file, and has another size of it");
}

// Version 3 of SFTP has no word for a full disk: the server is asked how much is free.
tl::unexpected<TransportError> SftpStore::not_taken(const std::string& path, const SftpFailure& failure,
                                                    std::uint64_t size) {
    auto error = fail(failure);
    if (failure.said == Said::nothing_there) return error;
    left_.push_back(path);
    if (failure.said == Said::no_answer && failure.why.fault != Fault::cancelled) return error;
    const bool unsaid = failure.said == Said::refused || failure.said == Said::no_word;
    const auto free = unsaid ? session_.free_in(path.substr(0, path.rfind('/'))) : std::nullopt;
    if (free && *free < size) error = fail(Fault::no_space, "");
    clean_up();
    return error;
}

// Whether the server's rename refuses a name that exists: the upload is given that of another hidden file.
// Only a refusal in so many words proves it.
TransportResult<bool> SftpStore::never_replaces(const std::string& temporary, const Watch& watch) {
    if (never_replaces_) return *never_replaces_;
    const std::string other = temporary + "-other.part";
    auto content = ContentReader::open(crypto::bytes_of("x"));
    if (!content) return fail(Fault::failed, "");
    left_.push_back(other);
    const auto written =
        session_.write(other, *content, {{}, watch.stop});  // it is no progress of the upload
    if (!written && has_no_word(written.error())) return fail(written.error());
    if (written) {
        const auto renamed = session_.rename(temporary, other, watch);
        if (renamed) {  // it replaces, and the upload is called so now
            if (auto back = session_.rename(other, temporary, watch); !back) return fail(back.error());
        } else if (has_no_word(renamed.error())) {
            return fail(renamed.error());
        }
        never_replaces_ =
            !renamed && (renamed.error().said == Said::refused || renamed.error().said == Said::exists);
    } else {
        never_replaces_ = false;
    }
    clean_up();
    return *never_replaces_;
}

TransportResult<PutOutcome> SftpStore::give_name(const std::string& temporary, const std::string& path,
                                                 ContentReader& ours, const Watch& watch) {
    const auto guarded = never_replaces(temporary, watch);
    if (!guarded) return tl::unexpected(guarded.error());
    if (!*guarded) {  // somebody may have been faster meanwhile
        const auto there = look(path, ours, watch);
        if (!there) return tl::unexpected(there.error());
        if (*there == There::same) return PutOutcome::same_content;
        if (*there == There::other) return PutOutcome::other_content;
        if (*there == There::hidden)
            return fail(Fault::failed, "it does not show whether it has the file, and might replace it");
    }
    const auto renamed = session_.rename(temporary, path, watch);
    if (renamed) return *guarded ? PutOutcome::stored : PutOutcome::stored_unguarded;
    if (has_no_word(renamed.error())) return fail(renamed.error());
    const auto there = look(path, ours, watch);
    if (!there) return tl::unexpected(there.error());
    if (*there == There::same) return PutOutcome::same_content;
    if (*there == There::other) return PutOutcome::other_content;
    if (renamed.error().said == Said::denied) {
        // Is no rename permitted, or is it the name that is taken?
        const std::string free = temporary + "-free.part";
        if (*there != There::hidden || !*guarded || !session_.rename(temporary, free, watch))
            return fail(renamed.error());
        left_.push_back(free);
        return PutOutcome::taken;
    }
    if (*there == There::hidden && *guarded) return PutOutcome::taken;
    return fail(Fault::failed, "it has the file, and does not give it its name");
}

void SftpStore::clean_up() {
    while (!left_.empty()) {
        const auto removed = session_.remove(left_.back());
        if (!removed && has_no_word(removed.error())) break;  // with the next file, then
        left_.pop_back();
    }
    if (std::ssize(left_) > most_left) left_.erase(left_.begin(), left_.end() - most_left);
}

TransportResult<void> SftpStore::get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                                     const Watch& watch) {
    if (!is_object_name(name)) return fail(Fault::bad_name, "");
    if (!read_as(name)) return fail(Fault::failed, "this system gives no random numbers");
    enum class Ended { no, too_large, by_sink } ended = Ended::no;
    std::uint64_t done = 0;
    const SftpSession::Piece take = [&](crypto::ByteView piece) {
        done += piece.size();
        if (done > max_size)
            ended = Ended::too_large;
        else if (!sink(piece))
            ended = Ended::by_sink;
        return ended == Ended::no;
    };
    const auto read = session_.read(path_of(name), take, watch);
    if (ended == Ended::too_large) return fail(Fault::too_large, "");
    if (ended == Ended::by_sink) return fail(Fault::cancelled, "");
    if (read) return {};
    if (read.error().said == Said::nothing_there) return fail(Fault::not_found, "");
    return fail(read.error());
}

TransportResult<std::vector<ListedFile>> SftpStore::list_all(std::string_view prefix,
                                                             const Watch& only_stop) {
    std::string lines;
    bool too_long = false;
    const SftpSession::Piece take = [&](crypto::ByteView piece) {
        too_long = lines.size() + piece.size() > most_listed;
        if (!too_long) lines.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return !too_long;
    };
    const std::string folder = path_of(prefix.substr(0, prefix.size() - 1));
    const auto listed = session_.list(folder, take, only_stop);
    if (too_long || has_crowded_lines(lines)) return fail(Fault::failed, "its list of files is too long");
    if (listed) return parse_sftp_listing(lines, prefix);
    if (listed.error().said != Said::nothing_there) return fail(listed.error());
    // Of a connection that breaks libcurl says what the server has said last, perhaps of a receipt that is
    // not there: an empty list would have files sent again for nothing.
    const auto there = session_.has_folder(folder, only_stop);
    if (!there) return fail(there.error());
    if (*there) return fail(Fault::unreachable, "the connection broke");
    // No folder of that study, or no store at all?
    const auto base = session_.has_folder(address_.path, only_stop);
    if (!base) return fail(base.error());
    if (!*base) return fail(listed.error());
    return std::vector<ListedFile>{};
}

TransportResult<Listing> SftpStore::list(std::string_view prefix, std::string_view after, std::size_t limit,
                                         const std::stop_token& stop) {
    if (!prefix.ends_with('/') || !is_object_name(std::string(prefix) + "x") || limit == 0)
        return fail(Fault::bad_name, "");
    if (after.empty() || listed_prefix_ != prefix) {
        if (!read_as(prefix)) return fail(Fault::failed, "this system gives no random numbers");
        auto files = list_all(prefix, {{}, stop});
        if (!files) return tl::unexpected(files.error());
        listed_ = std::move(*files);
        listed_prefix_ = prefix;
    }
    Listing listing;
    auto at = std::ranges::upper_bound(listed_, after, {}, &ListedFile::name);
    for (; at != listed_.end() && listing.files.size() < limit; ++at) listing.files.push_back(*at);
    listing.more = at != listed_.end();
    if (!listing.more) {  // a store may have listed a million names
        listed_ = {};
        listed_prefix_ = {};
    }
    return listing;
}

}  // namespace fieldfare::sync
