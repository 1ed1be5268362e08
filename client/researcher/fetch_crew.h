#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "client/researcher/exit_code.h"
#include "client/researcher/output_file.h"
#include "client/researcher/store_listing.h"
#include "sync/transport.h"

namespace fieldfare::researcher {

/// What became of one file.
struct FetchOutcome {
    enum class Kind {
        not_tried,  ///< somebody stopped it, or the store was left
        got,        ///< whole; in the inbox under its name and durable once settle() has said so
        there,      ///< somebody else, another fetch say, gave the inbox a file of this name meanwhile
        damaged,    ///< came with other content than its name promises; not kept
        failed,     ///< `why`
    };
    Kind kind = Kind::not_tried;
    sync::TransportError why;
};

/// The connections of one store, which get files at once, a thread each. Used by one thread.
class FetchCrew {
  public:
    FetchCrew(std::vector<sync::Transport*> connections, std::filesystem::path inbox, std::stop_token stop);

    /// Puts each into the inbox and tells of each, in their order; comes back when all have come, or when the
    /// store is left. They then get their names, all of them at once, also after a stop, while the next get()
    /// is at work: the disk need not wait for the line, nor the line for the disk. Until then each has a
    /// descriptor open: at most some hundreds twice. `done` is called now and then and in the end, on this
    /// thread, with how many are. Fails when the inbox can't be written to, also with files of the get()
    /// before; what came meanwhile gets no names then.
    Result<std::vector<FetchOutcome>> get(std::span<const ListedBatch> files,
                                          const std::function<void(std::size_t)>& done);

    /// Waits until all that came has its name. Fails when the inbox can't be written to. Where it is not
    /// called, the destructor waits, and nobody hears of a disk that failed.
    Result<void> settle();

    /// That have come so far, also of what was not kept. From any thread.
    std::uint64_t bytes() const { return bytes_; }

    /// A file that this store lists and the inbox has. Not while get() runs.
    void store_has(std::string name) { had_ = std::move(name); }

    /// The fault for which the store was left; nothing while it serves. That is never for its files alone:
    /// before, it is asked for one that came, or that the inbox has, or for its list.
    const std::optional<sync::TransportError>& left_for() const { return left_for_; }

  private:
    struct Got {
        FetchOutcome outcome;
        std::optional<Failure> ours{};     ///< the inbox's fault
        std::optional<OutputFile> file{};  ///< got, and still without a name
    };
    enum class Goes { on, home, asks };

    bool has_named() const;
    void work(sync::Transport& connection);
    std::optional<std::size_t> next();
    Got get_one(sync::Transport& connection, const ListedBatch& file);
    Goes note(std::size_t index, Got got, sync::Transport& connection);
    Goes after_fault(std::size_t index, const sync::TransportError& why, sync::Transport& connection);
    void ask(sync::Transport& connection, std::unique_lock<std::mutex>& lock,
             const sync::TransportError& why);
    bool gives(sync::Transport& connection, const std::string& name) const;

    std::vector<sync::Transport*> connections_;  ///< those that were not given up
    std::vector<sync::Transport*> given_up_;     ///< one of them is tried again with each get()
    const std::filesystem::path inbox_;
    const std::stop_token stop_;
    std::future<Result<void>> naming_;  ///< the files of the get() before
    std::atomic<std::uint64_t> bytes_ = 0;

    std::mutex mutex_;  ///< of all below
    std::condition_variable changed_;
    std::span<const ListedBatch> files_;
    std::vector<FetchOutcome> outcomes_;
    std::vector<OutputFile> whole_;   ///< they wait for their names
    std::vector<std::size_t> again_;  ///< on which a line broke, to be tried once more
    std::set<std::size_t> tried_;     ///< on which one has broken
    std::size_t next_ = 0, done_ = 0, working_ = 0;
    int breaks_in_a_row_ = 0, refusals_in_a_row_ = 0;
    int lists_believed_ = 0;  ///< since a file came
    std::string came_, had_;  ///< files that the store must have
    std::optional<sync::TransportError> left_for_;
    std::optional<Failure> ours_;
    std::exception_ptr fault_;
};

}  // namespace fieldfare::researcher
