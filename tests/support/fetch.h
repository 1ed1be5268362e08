#pragma once

// The vocabulary of the tests of fetching: a store in memory that does what no real one does on demand, and
// watches how it is used.

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/researcher/fetching.h"
#include "client/researcher/inbox.h"
#include "crypto/hash.h"
#include "sync/object_name.h"
#include "sync/transport.h"
#include "tests/support/researcher.h"

namespace fieldfare::tests {

using sync::Fault;

inline const std::string tag = "k7m2q9x4b8n3";

inline std::chrono::sys_days day(int number) {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 1) + std::chrono::days(number - 1);
}
inline std::string sha256_of(std::string_view text) {
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(text)));
}
/// As a store has a batch of this content.
inline std::string name_of(std::string_view content, int sealed_on = 3, int resend = 0) {
    return sync::batch_name(tag, day(sealed_on), sha256_of(content), resend);
}
inline std::string last_part(const std::string& name) {
    return name.substr(name.find('/') + 1);
}

/// What the connections of one store share. Names are listed as they stand in `files`.
struct FakeStore {
    std::map<std::string, std::string> files;
    std::map<std::string, Fault> faults;                                     ///< of getting one file
    std::function<std::optional<Fault>(std::size_t get)> fault_of_get = {};  ///< by number of the get, from 1
    std::function<void(const std::string& name)> on_get = {};
    std::function<sync::TransportResult<sync::Listing>(const std::string& after)> list = {};
    std::function<void()> on_put = {};
    bool takes_files = false;        ///< what is put is there, and nothing replaces it
    std::string never_free = {};     ///< whatever name begins so is taken by something else
    std::size_t lets_in = SIZE_MAX;  ///< gets at once; one more is a broken line
    std::size_t waits_for = 0;       ///< a get takes until so many are there at once, or half a second

    std::mutex mutex;
    std::condition_variable changed;
    std::size_t puts = 0, gets = 0, at_once = 0, most_at_once = 0, lists = 0;
    bool shared_object = false;  ///< one object was used by two threads at a time

    std::string put(const std::string& content, int sealed_on = 3, int resend = 0) {
        const std::string name = name_of(content, sealed_on, resend);
        files[name] = content;
        return name;
    }
    void put_many(int count) {
        for (int i = 0; i < count; ++i) put("batch " + std::to_string(i), 1 + i % 20);
    }
    /// The name that is listed at this place, from 0.
    std::string name(std::size_t index) {
        return std::next(files.begin(), static_cast<std::ptrdiff_t>(index))->first;
    }
};

class FakeConnection final : public sync::Transport {
  public:
    explicit FakeConnection(FakeStore& store) : store_(store) {}

    sync::TransportResult<sync::PutOutcome> put(std::string_view name, const sync::Content& content,
                                                const sync::Watch&) override {
        ++store_.puts;
        if (store_.on_put) store_.on_put();
        if (store_.on_put) return sync::PutOutcome::stored;
        if (!store_.takes_files) return fail(Fault::failed);
        if (!store_.never_free.empty() && name.starts_with(store_.never_free))
            return sync::PutOutcome::other_content;
        const auto& view = std::get<crypto::ByteView>(content);
        const auto [there, fresh] = store_.files.emplace(name, std::string(view.begin(), view.end()));
        if (fresh) return sync::PutOutcome::stored;
        const bool same = std::ranges::equal(there->second, view);
        return same ? sync::PutOutcome::same_content : sync::PutOutcome::other_content;
    }
    sync::TransportResult<sync::Listing> list(std::string_view prefix, std::string_view after,
                                              std::size_t limit, const std::stop_token& stop) override {
        const std::lock_guard lock(store_.mutex);
        ++store_.lists;
        if (stop.stop_requested()) return fail(Fault::cancelled);
        if (store_.list) return store_.list(std::string(after));
        sync::Listing listing;
        for (const auto& [name, content] : store_.files) {
            if (!name.starts_with(prefix) || name <= after) continue;
            if (listing.files.size() == limit) {
                listing.more = true;
                break;
            }
            listing.files.push_back({name, content.size()});
        }
        return listing;
    }
    sync::TransportResult<void> get(std::string_view asked, std::uint64_t max_size, const sync::Sink& sink,
                                    const sync::Watch& watch) override {
        const std::string name(asked);
        if (busy_.exchange(true)) store_.shared_object = true;
        const auto result = get_alone(name, max_size, sink, watch);
        busy_ = false;
        return result;
    }
    std::string address() const override { return "memory:"; }

  private:
    sync::TransportResult<void> get_alone(const std::string& name, std::uint64_t max_size,
                                          const sync::Sink& sink, const sync::Watch& watch) {
        std::unique_lock lock(store_.mutex);
        const std::size_t number = ++store_.gets;
        store_.most_at_once = std::max(store_.most_at_once, ++store_.at_once);
        store_.changed.notify_all();
        const bool one_too_many = store_.at_once > store_.lets_in;
        store_.changed.wait_for(lock, std::chrono::milliseconds(500),
                                [&] { return store_.most_at_once >= store_.waits_for; });
        std::optional<Fault> fault;
        if (one_too_many) fault = Fault::unreachable;
        if (const auto of_file = store_.faults.find(name); of_file != store_.faults.end())
            fault = of_file->second;
        if (store_.fault_of_get && !fault) fault = store_.fault_of_get(number);
        const auto found = store_.files.find(name);
        if (!fault && found == store_.files.end()) fault = Fault::not_found;
        const std::string content = fault ? "" : found->second;
        lock.unlock();
        if (store_.on_get) store_.on_get(name);
        lock.lock();
        --store_.at_once;
        lock.unlock();
        if (watch.stop.stop_requested()) return fail(Fault::cancelled);
        if (fault) return fail(*fault);
        if (content.size() > max_size) return fail(Fault::too_large);
        // In two pieces, so that a stop can come between them.
        const auto bytes = crypto::bytes_of(content);
        const std::size_t half = bytes.size() / 2;
        if (!sink(bytes.first(half)) || watch.stop.stop_requested()) return fail(Fault::cancelled);
        if (!sink(bytes.subspan(half))) return fail(Fault::cancelled);
        return {};
    }
    tl::unexpected<sync::TransportError> fail(Fault fault) const {
        return tl::unexpected(sync::TransportError{fault, address(), "", std::nullopt});
    }
    FakeStore& store_;
    std::atomic<bool> busy_ = false;
};

/// An inbox, and what is fetched into it.
struct Inbox {
    TemporaryFolder folder;
    fs::path path = folder / "inbox";
    std::ostringstream out, err;
    FixedPassphrases passphrases;
    std::stop_source stop;
    researcher::Fetched fetched;
    bool all_here = false;
    researcher::Looked looked;
    std::string newest;
    bool on_terminal = false;
    std::optional<researcher::Failure> failure;

    Inbox() { fs::create_directories(path); }

    Inbox& fetch(FakeStore& store, unsigned count = 4, researcher::ListingBounds bounds = {}) {
        const researcher::Console console{out, err, on_terminal, passphrases};
        std::vector<std::unique_ptr<FakeConnection>> connections;
        std::vector<sync::Transport*> pointers;
        for (unsigned i = 0; i < count; ++i)
            pointers.push_back(connections.emplace_back(std::make_unique<FakeConnection>(store)).get());
        auto fetching = researcher::Fetching::into(path, tag, stop.get_token());
        REQUIRE(fetching);
        const auto done = fetching->from(pointers, "", console, bounds, newest);
        if (!done) failure = done.error();
        looked = done.value_or(researcher::Looked{});
        all_here = looked.all_here;
        fetched = fetching->so_far();
        CHECK_FALSE(store.shared_object);
        return *this;
    }
    std::vector<std::string> troubles() const { return fetched.troubles.sentences(); }
    /// Names and contents are those of the store's batches, and nothing else lies there.
    bool has_all_of(const FakeStore& store) const {
        std::size_t whole = 0;
        for (const auto& [name, body] : store.files) whole += content(path / last_part(name)) == body;
        return whole == store.files.size() && files_in(path).size() == whole;
    }
    /// Whatever came is what its name promises.
    bool whole() const {
        return std::ranges::all_of(files_in(path), [](const fs::path& file) {
            return researcher::promised_hash(file.filename()) == sha256_of(content(file));
        });
    }
};

}  // namespace fieldfare::tests
