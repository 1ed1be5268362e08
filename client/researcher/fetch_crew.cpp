#include "client/researcher/fetch_crew.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>
#include <thread>

#include "crypto/batch.h"
#include "crypto/hash.h"

namespace fieldfare::researcher {
namespace {

using Kind = FetchOutcome::Kind;

// Either may be about one file: a rotten sector breaks the line each time, permissions are a file's own. A
// "no" costs little; waiting for a line that is dead costs minutes.
constexpr int most_breaks_in_a_row = 3;
constexpr int most_refusals_in_a_row = 50;
// How often its list alone is taken as a sign of life, where no file comes.
constexpr int most_lists_believed = 10;

/// A store does so to one connection too many, too.
bool breaks(sync::Fault fault) {
    return fault == sync::Fault::unreachable || fault == sync::Fault::busy;
}

}  // namespace

FetchCrew::FetchCrew(std::vector<sync::Transport*> connections, std::filesystem::path inbox,
                     std::stop_token stop)
    : connections_(std::move(connections)), inbox_(std::move(inbox)), stop_(std::move(stop)) {}

Result<std::vector<FetchOutcome>> FetchCrew::get(std::span<const ListedBatch> files,
                                                 const std::function<void(std::size_t)>& done) {
    files_ = files;
    outcomes_.assign(files.size(), {});
    whole_.clear();
    again_.clear();
    tried_.clear();
    next_ = done_ = 0;
    if (!given_up_.empty()) {  // a line that broke may have been mended
        connections_.push_back(given_up_.back());
        given_up_.pop_back();
    }
    const std::vector<sync::Transport*> crew(
        connections_.begin(),
        connections_.begin() + static_cast<std::ptrdiff_t>(std::min(connections_.size(), files.size())));
    working_ = crew.size();
    bool disk_failed = false;
    const auto hear_of_the_names = [&] {
        if (auto named = settle(); !named) {
            disk_failed = true;
            ours_ = named.error();
        }
    };
    {
        std::vector<std::jthread> threads;
        threads.reserve(crew.size());
        try {
            for (sync::Transport* connection : crew)
                threads.emplace_back([this, connection] { work(*connection); });
        } catch (const std::system_error&) {  // a limit of processes: those that there are do it
            const std::lock_guard lock(mutex_);
            working_ -= crew.size() - std::max<std::size_t>(threads.size(), 1);
        }
        if (threads.empty() && !crew.empty()) work(*crew.front());
        std::unique_lock lock(mutex_);
        while (working_ > 0) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            const std::size_t so_far = done_;
            lock.unlock();
            done(so_far);
            lock.lock();
            if (has_named()) hear_of_the_names();
        }
    }
    if (fault_) std::rethrow_exception(fault_);
    done(done_);
    hear_of_the_names();
    if (disk_failed) return tl::unexpected(*ours_);  // from then on no file gets a name
    const auto give_names = [whole = std::make_shared<std::vector<OutputFile>>(std::move(whole_))] {
        return OutputFile::commit_all(*whole);
    };
    try {
        naming_ = std::async(std::launch::async, give_names);
    } catch (const std::system_error&) {  // a limit of processes: when it is asked for
        naming_ = std::async(std::launch::deferred, give_names);
    }
    if (ours_) return tl::unexpected(*ours_);
    return std::move(outcomes_);
}

bool FetchCrew::has_named() const {
    return naming_.valid() && naming_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

Result<void> FetchCrew::settle() {
    if (!naming_.valid()) return {};
    return naming_.get();
}

void FetchCrew::work(sync::Transport& connection) {
    std::unique_lock lock(mutex_);
    try {
        for (auto index = next(); index; index = next()) {
            lock.unlock();
            Got got = get_one(connection, files_[*index]);
            lock.lock();
            const sync::TransportError why = got.outcome.why;
            const Goes goes = note(*index, std::move(got), connection);
            if (goes == Goes::asks) ask(connection, lock, why);
            if (goes == Goes::home) break;
        }
    } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        fault_ = std::current_exception();
    }
    --working_;
    changed_.notify_one();
}

std::optional<std::size_t> FetchCrew::next() {
    if (stop_.stop_requested() || left_for_ || ours_ || fault_) return std::nullopt;
    if (next_ < files_.size()) return next_++;
    // Last, when those connections that were too many have gone.
    if (again_.empty()) return std::nullopt;
    const std::size_t index = again_.back();
    again_.pop_back();
    return index;
}

FetchCrew::Goes FetchCrew::note(std::size_t index, Got got, sync::Transport& connection) {
    const Kind kind = got.outcome.kind;
    auto goes = Goes::on;
    bool tried_again = false;
    if (kind == Kind::failed && sync::is_about_the_store(got.outcome.why.fault)) {
        const std::size_t waiting = again_.size();
        goes = after_fault(index, got.outcome.why, connection);
        tried_again = again_.size() > waiting;
    } else if (kind != Kind::not_tried && kind != Kind::there) {
        breaks_in_a_row_ = refusals_in_a_row_ = lists_believed_ = 0;
    }
    if (kind == Kind::got) came_ = files_[index].name;
    if (got.ours) ours_ = std::move(got.ours);
    if (got.file) whole_.push_back(std::move(*got.file));
    if (tried_again) return goes;
    outcomes_[index] = std::move(got.outcome);
    ++done_;
    return goes;
}

/// What is next after a fault that may be the store's.
FetchCrew::Goes FetchCrew::after_fault(std::size_t index, const sync::TransportError& why,
                                       sync::Transport& connection) {
    if (!breaks(why.fault)) {
        const bool refused = why.fault == sync::Fault::not_permitted;
        return refused && ++refusals_in_a_row_ < most_refusals_in_a_row ? Goes::on : Goes::asks;
    }
    if (tried_.insert(index).second) {
        again_.push_back(index);
        if (working_ > 1) {
            std::erase(connections_, &connection);
            given_up_.push_back(&connection);
            return Goes::home;
        }
    }
    return ++breaks_in_a_row_ < most_breaks_in_a_row ? Goes::on : Goes::asks;
}

/// Whether it is the store, or only these files: leaves the store when it has no more to say for itself.
void FetchCrew::ask(sync::Transport& connection, std::unique_lock<std::mutex>& lock,
                    const sync::TransportError& why) {
    breaks_in_a_row_ = refusals_in_a_row_ = 0;
    const std::string came = came_, had = had_,
                      folder = files_[0].name.substr(0, files_[0].name.find('/') + 1);
    lock.unlock();
    bool answers = false, only_lists = false;
    if (!came.empty()) {
        answers = gives(connection, came);
    } else if (!had.empty() && gives(connection, had)) {
        answers = true;
    } else {  // no file came yet, and one that came weeks ago may be as bad as these
        answers = only_lists = connection.list(folder, "", 1, stop_).has_value();
    }
    lock.lock();
    if (only_lists) answers = ++lists_believed_ <= most_lists_believed;
    if (!answers && !stop_.stop_requested()) left_for_ = why;
}

/// That it begins to come is enough; that it is no longer there is an answer as well.
bool FetchCrew::gives(sync::Transport& connection, const std::string& name) const {
    bool begins = false;
    const auto got = connection.get(name, crypto::max_batch_file,
                                    [&](crypto::ByteView) {
                                        begins = true;
                                        return false;
                                    },
                                    {{}, stop_});
    return got || begins || !sync::is_about_the_store(got.error().fault);
}

FetchCrew::Got FetchCrew::get_one(sync::Transport& connection, const ListedBatch& listed) {
    auto file = OutputFile::create(inbox_ / listed.file_name(), Overwrite::no);
    if (!file) {
        std::error_code error;
        const bool taken =
            std::filesystem::exists(std::filesystem::symlink_status(inbox_ / listed.file_name(), error));
        if (taken) return {{Kind::there, {}}};
        return {{}, file.error()};
    }
    crypto::Sha256 sha;
    Result<void> written;
    const auto got =
        connection.get(listed.name, crypto::max_batch_file,
                       [&](crypto::ByteView bytes) {
                           bytes_ += bytes.size();
                           sha.update(bytes);
                           written = file->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
                           return written.has_value();
                       },
                       {{}, stop_});
    if (!written) return {{}, written.error()};
    if (!got && stop_.stop_requested()) return {};  // whatever broke on the way to the end
    if (!got) return {{Kind::failed, got.error()}, {}};
    if (crypto::to_hex(sha.finish()) != listed.hash) return {{Kind::damaged, {}}, {}};
    if (auto done = file->finish(); !done) return {{}, done.error()};
    return {{Kind::got, {}}, {}, std::move(*file)};
}

}  // namespace fieldfare::researcher
