#pragma once

// The vocabulary of the tests of sync: temporary folders, a store in memory, a device with an outbox, and
// researchers who sign receipts.

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "sync/folder_store.h"
#include "sync/object_name.h"
#include "sync/open_store.h"
#include "sync/outbox.h"
#include "sync/receipt.h"
#include "sync/receipt_book.h"
#include "sync/sync_config.h"
#include "sync/sync_run.h"
#include "tests/support/whole_file.h"

namespace fieldfare::test {

namespace fs = std::filesystem;

inline std::chrono::sys_days day(int number) {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 1) + std::chrono::days(number - 1);
}

inline crypto::Bytes bytes(std::string_view text) {
    return {text.begin(), text.end()};
}
inline std::string text(const crypto::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}
inline std::string sha256_of(std::string_view text) {
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(text)));
}

inline std::string content_of(const fs::path& file) {
    return whole_file(file);
}
inline void write(const fs::path& file, std::string_view content) {
    std::ofstream(file, std::ios::binary) << content;
}
inline std::vector<std::string> names_in(const fs::path& folder) {
    // By the names alone: fs::relative would look at each file again, and a server may have taken it away
    // meanwhile.
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        std::error_code gone;
        if (!entry.is_directory(gone)) names.push_back(entry.path().lexically_relative(folder));
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// A folder that goes with the test.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "fieldfare-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    const fs::path& path() const { return path_; }
    fs::path operator/(const std::string& name) const { return path_ / name; }

  private:
    fs::path path_;
};

/// This process is nobody's from now on, with everything in the folder in its hands.
inline void become_another_user(const fs::path& folder) {
    constexpr uid_t nobody = 65534;
    bool done = ::chown(folder.c_str(), nobody, nobody) == 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        done = ::chown(entry.path().c_str(), nobody, nobody) == 0 && done;
    if (!done || ::setuid(nobody) != 0) ::_exit(99);
}

/// A disk of a few kilobytes, where this user may mount one; it goes with the test, whatever the test's end.
class SmallDisk {
  public:
    explicit SmallDisk(const char* options, unsigned long flags = 0)
        : mounted_(::mount("none", folder_.path().c_str(), "tmpfs", flags, options) == 0) {}
    SmallDisk(const SmallDisk&) = delete;
    ~SmallDisk() {
        if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
    }
    bool mounted() const { return mounted_; }
    const fs::path& path() const { return folder_.path(); }
    fs::path operator/(const std::string& name) const { return folder_ / name; }

  private:
    TemporaryFolder folder_;
    bool mounted_;
};

/// The fake: a store in memory, which can be told to fail, to cut what it stores, or to keep what it holds to
/// itself as a write-only drop does.
class MemoryStore final : public sync::Transport {
  public:
    struct State {
        std::map<std::string, std::string, std::less<>> files;
        std::optional<sync::Fault> fails_with, puts_fail_with, gets_fail_with;
        bool write_only = false;
        bool shows_no_batches = false;  ///< and lists them
        bool tells_no_sizes = false;
        bool lists_for_ever = false, gives_for_ever = false;  ///< until it is stopped
        std::optional<std::size_t>
            list_breaks_off;  ///< after so many: there are more, it says, and gives none
        std::function<void()> on_list = {}, on_put = {};
        bool cuts = false;
        bool unguarded = false;
        int puts = 0, gets = 0;
    };

    explicit MemoryStore(std::shared_ptr<State> state = std::make_shared<State>(),
                         std::string address = "memory:")
        : state_(std::move(state)), address_(std::move(address)) {}

    sync::TransportResult<sync::PutOutcome> put(std::string_view name, const sync::Content& content,
                                                const sync::Watch& watch) override {
        ++state_->puts;
        if (state_->on_put) state_->on_put();
        if (state_->fails_with) return fail(*state_->fails_with);
        if (state_->puts_fail_with) return fail(*state_->puts_fail_with);
        if (!sync::is_object_name(name)) return fail(sync::Fault::bad_name);
        std::string body;
        if (const auto* view = std::get_if<crypto::ByteView>(&content)) {
            body.assign(view->begin(), view->end());
        } else {
            const auto& path = std::get<fs::path>(content);
            if (!fs::is_regular_file(path)) return fail(sync::Fault::unreadable);
            body = content_of(path);
        }
        if (watch.stop.stop_requested()) return fail(sync::Fault::cancelled);
        if (const auto found = state_->files.find(name); found != state_->files.end()) {
            if (state_->write_only || state_->shows_no_batches) return sync::PutOutcome::taken;
            return found->second == body ? sync::PutOutcome::same_content : sync::PutOutcome::other_content;
        }
        if (watch.on_bytes) watch.on_bytes(body.size(), body.size());
        state_->files.emplace(name, state_->cuts ? body.substr(0, body.size() / 2) : body);
        if (state_->cuts) return fail(sync::Fault::unreachable);
        return state_->unguarded ? sync::PutOutcome::stored_unguarded : sync::PutOutcome::stored;
    }

    sync::TransportResult<sync::Listing> list(std::string_view prefix, std::string_view after,
                                              std::size_t limit, const std::stop_token& stop) override {
        if (state_->on_list) state_->on_list();
        if (state_->lists_for_ever) wait_for(stop);
        if (stop.stop_requested()) return fail(sync::Fault::cancelled);
        if (state_->fails_with) return fail(*state_->fails_with);
        if (state_->write_only) return fail(sync::Fault::not_permitted);
        if (!prefix.ends_with('/') || limit == 0) return fail(sync::Fault::bad_name);
        sync::Listing listing;
        for (const auto& [name, body] : state_->files) {
            if (!name.starts_with(prefix) || name.find('/', prefix.size()) != std::string::npos ||
                name <= after) {
                continue;
            }
            const bool breaks_off = state_->list_breaks_off &&
                                    (!after.empty() || listing.files.size() == *state_->list_breaks_off);
            if (breaks_off || listing.files.size() == limit) {
                listing.more = true;
                break;
            }
            listing.files.push_back(
                {name, state_->tells_no_sizes ? 0 : body.size(), !state_->tells_no_sizes});
        }
        return listing;
    }

    sync::TransportResult<void> get(std::string_view name, std::uint64_t max_size, const sync::Sink& sink,
                                    const sync::Watch& watch) override {
        ++state_->gets;
        if (state_->gives_for_ever) wait_for(watch.stop);
        if (state_->fails_with) return fail(*state_->fails_with);
        if (state_->gets_fail_with) return fail(*state_->gets_fail_with);
        if (!sync::is_object_name(name)) return fail(sync::Fault::bad_name);
        if (watch.stop.stop_requested()) return fail(sync::Fault::cancelled);
        const auto found = state_->files.find(name);
        if (found == state_->files.end()) return fail(sync::Fault::not_found);
        if (found->second.size() > max_size) return fail(sync::Fault::too_large);
        if (!sink(crypto::bytes_of(found->second))) return fail(sync::Fault::cancelled);
        return {};
    }

    std::string address() const override { return address_; }

  private:
    static void wait_for(const std::stop_token& stop) {
        while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    tl::unexpected<sync::TransportError> fail(sync::Fault fault) const {
        return tl::unexpected(sync::TransportError{fault, address_, "", std::nullopt});
    }
    std::shared_ptr<State> state_;
    std::string address_;
};

inline const std::string study_tag = "k7m2q9x4b8n3";

inline crypto::SigningKey researcher(std::uint8_t number) {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = number;
    auto key = crypto::SigningKey::from_seed(seed);
    REQUIRE(key);
    return std::move(*key);
}

inline crypto::ReceiptKey receipt_key(std::uint8_t number) {
    std::array<std::uint8_t, 32> source{};
    source[31] = number;
    auto key = crypto::ReceiptKey::take(source);
    REQUIRE(key);
    return std::move(*key);
}

/// The study of the tests: three researchers sign receipts, two of them must; the hold is 30 days.
inline sync::StudySync study_with(std::vector<sync::Store> stores, const std::string& tag = study_tag) {
    sync::StudySync study{.receipt_key = receipt_key(1)};
    study.study_tag = tag;
    study.study_id.fill(0x51);
    study.device_id.fill(0xd1);
    study.policies.resize(2);
    study.policies[0].fill(0xa2);  // the present one
    study.policies[1].fill(0xa1);
    for (std::uint8_t number = 1; number <= 3; ++number)
        study.receipt_signers.push_back(researcher(number).verify_key());
    std::sort(study.receipt_signers.begin(), study.receipt_signers.end());
    study.quorum = 2;
    study.hold_days = 30;
    study.stores = std::move(stores);
    return study;
}

/// A device with an outbox, two stores in memory (A and B), and a study; researchers answer it.
struct OutboxDevice {
    TemporaryFolder profile;
    std::shared_ptr<MemoryStore::State> a = std::make_shared<MemoryStore::State>();
    std::shared_ptr<MemoryStore::State> b = std::make_shared<MemoryStore::State>();
    sync::SyncConfig config;
    sync::SyncOptions options;
    std::uint32_t receipts = 0;

    explicit OutboxDevice(std::vector<sync::Store> stores = {{"memory:a", {}}}) {
        config.studies.push_back(study_with(std::move(stores)));
        options.today = day(1);
        options.pick = [](std::size_t below) { return below - 1; };  // the study's own order
        options.vault_agrees = [](const sync::SealedFile&) { return true; };
        options.open = [this](const sync::Store& store) {
            return sync::TransportResult<std::unique_ptr<sync::Transport>>(
                std::make_unique<MemoryStore>(store.address == "memory:a" ? a : b, store.address));
        };
    }

    sync::Outbox outbox() {
        auto opened = sync::Outbox::open(profile / "outbox");
        REQUIRE(opened);
        return std::move(*opened);
    }
    sync::StudySync& study() { return config.studies.front(); }

    /// Seals a batch: what it holds is opaque to everything here.
    sync::FileHash seal(std::string_view content, std::chrono::sys_days when = day(1)) {
        auto box = outbox();
        const auto hash =
            box.finish_open(sync::Outbox::open_name(study().study_tag, "1"), crypto::bytes_of(content), when);
        REQUIRE(hash);
        return *hash;
    }

    sync::SyncSummary sync(std::chrono::sys_days today = day(1)) {
        options.today = today;
        auto box = outbox();
        return sync::sync_once(box, config, options);
    }

    bool has(const sync::FileHash& hash) { return fs::exists(outbox().path_of(hash)); }

    sync::Receipt receipt_for(const sync::FileHash& hash, std::uint64_t counter,
                              sync::Verdict verdict = sync::Verdict::accepted) {
        sync::Receipt receipt;
        receipt.study_id = study().study_id;
        receipt.device_id = study().device_id;
        receipt.policy_digest = study().policies.front();
        receipt.counter = counter;
        sync::ReceiptEntry entry;
        const auto raw = crypto::from_hex(hash);
        REQUIRE(raw);
        std::copy(raw->begin(), raw->end(), entry.file_sha256.begin());
        entry.verdict = verdict;
        receipt.entries.push_back(entry);
        return receipt;
    }

    /// A researcher signs, seals to this device, and puts it into store A under the next number.
    void answer(std::uint8_t who, const sync::Receipt& receipt) {
        auto file = sync::make_receipt(receipt, researcher(who), study().receipt_key);
        REQUIRE(file);
        put_receipt(text(*file));
    }
    void answer(std::uint8_t who, const sync::FileHash& hash, std::uint64_t counter = 1,
                sync::Verdict verdict = sync::Verdict::accepted) {
        answer(who, receipt_for(hash, counter, verdict));
    }
    void put_receipt(std::string file) {
        a->files[sync::receipt_name(study().study_tag, sync::device_tag(study().receipt_key), ++receipts)] =
            std::move(file);
    }
};

}  // namespace fieldfare::test
