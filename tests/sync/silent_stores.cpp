// A store that costs time and gives nothing must not take the others' time, nor make a pass endless; and what
// a person sees of it meanwhile. Time is the tests' own: nobody waits.
#include <algorithm>
#include <chrono>

#include "sync/sync_run.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;
using Kind = sync::SyncFinding::Kind;

namespace {

constexpr auto one_wait = std::chrono::seconds(60);  // until a transport gives a silent line up

/// Takes what is sent, and then each call costs a wait and comes to nothing.
class CostlyStore final : public sync::Transport {
  public:
    struct State {
        Fault fault = Fault::unreachable;
        bool takes_files = false, lists = false, has_something_else = false;
        std::chrono::steady_clock::time_point now{};
        int waits = 0;
    };
    explicit CostlyStore(State& state) : state_(state) {}

    sync::TransportResult<PutOutcome> put(std::string_view, const sync::Content& content,
                                          const sync::Watch& watch) override {
        const auto size = fs::file_size(std::get<fs::path>(content));
        if (watch.on_bytes) watch.on_bytes(size, size);
        if (state_.takes_files) return PutOutcome::stored;
        if (state_.has_something_else) {
            (void)waited(state_.fault);
            return PutOutcome::other_content;
        }
        return waited(state_.fault);
    }
    sync::TransportResult<sync::Listing> list(std::string_view, std::string_view, std::size_t,
                                              const std::stop_token&) override {
        if (state_.lists) return sync::Listing{};
        return waited(state_.fault);
    }
    sync::TransportResult<void> get(std::string_view, std::uint64_t, const sync::Sink&,
                                    const sync::Watch&) override {
        return waited(Fault::unreachable);
    }
    std::string address() const override { return "memory:costly"; }

  private:
    tl::unexpected<sync::TransportError> waited(Fault fault) {
        ++state_.waits;
        state_.now += one_wait;
        return tl::unexpected(sync::TransportError{fault, address(), "", std::nullopt});
    }
    State& state_;
};

struct Field {
    CostlyStore::State costly;
    OutboxDevice device;

    explicit Field(std::vector<sync::Store> stores = {{"memory:costly", {}},
                                                      {"memory:a", {}},
                                                      {"memory:b", {}}})
        : device(std::move(stores)) {
        device.options.clock = [this] { return costly.now; };
        device.options.open =
            [this, open = device.options.open](
                const sync::Store& store) -> sync::TransportResult<std::unique_ptr<sync::Transport>> {
            if (store.address == "memory:costly") return std::make_unique<CostlyStore>(costly);
            return open(store);
        };
    }
    std::vector<sync::FileHash> seal(int files) {
        std::vector<sync::FileHash> hashes;
        for (int i = 0; i < files; ++i) hashes.push_back(device.seal("interviews " + std::to_string(i)));
        return hashes;
    }
    std::chrono::steady_clock::duration passed() const { return costly.now.time_since_epoch(); }
};

}  // namespace

TEST_CASE("a store that takes what is sent and never answers costs a pass one wait, and the others get all") {
    Field field;
    const auto hashes = field.seal(50);
    field.device.answer(1, hashes.front());
    SUBCASE("asked first") {}
    SUBCASE("asked last") {
        field.device.options.pick = [](std::size_t) { return 0; };
    }
    SUBCASE("at random") {
        field.device.options.pick = {};
    }
    SUBCASE("and two must have each file") {
        field.device.study().copies = 2;
        field.device.b->files = field.device.a->files;
    }
    const auto summary = field.device.sync();
    CHECK(summary.still_waiting == 0);
    CHECK(summary.handed_over == 50U * field.device.study().copies);
    CHECK(summary.counts == sync::SyncCounts{0, 50, 0, 0});
    CHECK(summary.receipts == 1);
    CHECK(field.costly.waits == 1);
    CHECK(field.passed() == one_wait);
}

TEST_CASE("so does one that took files before, and is silent when it is asked for its list or for receipts") {
    Field field;
    field.device.study().copies = 3;
    field.costly.takes_files = field.costly.lists = true;
    field.seal(20);
    field.device.sync();
    field.costly.waits = 0;
    SUBCASE("for its list") {
        field.costly.lists = false;
    }
    SUBCASE("for receipts") {}
    field.seal(30);
    const auto summary = field.device.sync();
    CHECK(field.device.a->files.size() == 30);
    CHECK(field.device.b->files.size() == 30);
    CHECK(summary.counts.handed_over == 30);
    CHECK(field.costly.waits == 1);
}

TEST_CASE("a store that thinks long over each file and then takes none gets no more of them in that pass") {
    Field field;
    field.costly.fault = Fault::failed;
    field.seal(100);
    const auto summary = field.device.sync();
    CHECK(summary.handed_over == 100);
    CHECK(summary.still_waiting == 0);
    CHECK(field.passed() <= field.device.options.longest_refusing + 3 * one_wait);
    const auto told = std::ranges::find(summary.findings, Kind::store, &sync::SyncFinding::kind);
    REQUIRE(told != summary.findings.end());
    const auto& error = std::get<sync::TransportError>(told->problem);
    CHECK(error.detail == "it takes too long over files that it does not take");
    CHECK(error.fault == Fault::failed);  // it can be reached: nobody need look for a cable
    const int waits = field.costly.waits;
    field.seal(101);  // the last one is new
    CHECK(field.device.sync().handed_over == 1);
    CHECK(field.costly.waits > waits);  // it has another chance
}

TEST_CASE("nor does one that takes long to say of each name of a file that it has something else there") {
    Field field;
    field.costly.has_something_else = true;
    field.seal(100);
    const auto summary = field.device.sync();
    CHECK(summary.handed_over == 100);
    CHECK(summary.still_waiting == 0);
    CHECK(field.passed() <= field.device.options.longest_refusing + 3 * one_wait);
    CHECK(summary.stores[2].store.address == "memory:costly");
    CHECK_FALSE(summary.stores[2].answered);  // so it rests in the end
    CHECK(summary.stores[2].problem->detail == "it takes too long over files that it does not take");
    CHECK(std::ranges::count(summary.findings, Kind::other_content, &sync::SyncFinding::kind) == 0);
}

TEST_CASE("files that no store takes at once, and the one store long over each, are all offered in the end") {
    Field field(std::vector<sync::Store>{{"memory:costly", {}}});
    field.costly.fault = Fault::too_large;
    field.device.options.longest_refusing = std::chrono::hours(1);
    field.seal(30);
    CHECK(field.device.sync().still_waiting == 30);
    CHECK(field.costly.waits == 31);  // and one for receipts
}

TEST_CASE("progress never goes back: not over a line that breaks, from store to store, or as lists come in") {
    /// Begins each file anew once, as over a line that breaks, and then refuses every third.
    class BeginsAnew final : public sync::Transport {
      public:
        explicit BeginsAnew(std::unique_ptr<sync::Transport> behind) : behind_(std::move(behind)) {}
        sync::TransportResult<PutOutcome> put(std::string_view name, const sync::Content& content,
                                              const sync::Watch& watch) override {
            const auto size = fs::file_size(std::get<fs::path>(content));
            for (const auto done : {size / 2, size, size / 3})
                if (watch.on_bytes) watch.on_bytes(done, size);
            if (++puts_ % 3 == 0)
                return tl::unexpected(sync::TransportError{Fault::failed, address(), "", std::nullopt});
            return behind_->put(name, content, watch);
        }
        sync::TransportResult<sync::Listing> list(std::string_view prefix, std::string_view after,
                                                  std::size_t limit, const std::stop_token& stop) override {
            return behind_->list(prefix, after, limit, stop);
        }
        sync::TransportResult<void> get(std::string_view name, std::uint64_t max_size, const sync::Sink& sink,
                                        const sync::Watch& watch) override {
            return behind_->get(name, max_size, sink, watch);
        }
        std::string address() const override { return behind_->address(); }

      private:
        std::unique_ptr<sync::Transport> behind_;
        int puts_ = 0;
    };
    OutboxDevice device({{"memory:a", {}}, {"memory:b", {}}});
    device.study().copies = 2;
    for (int i = 0; i < 5; ++i) device.seal("of before " + std::to_string(i));
    device.sync();
    device.b->files.clear();  // so that lists bring more to do
    for (int i = 0; i < 7; ++i) device.seal(std::string(static_cast<std::size_t>(1'000 * i + 1), 'x'));
    device.options.open = [open = device.options.open](const sync::Store& store) {
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(
            std::make_unique<BeginsAnew>(std::move(*open(store))));
    };
    sync::SyncProgress before;
    int reports = 0;
    device.options.on_progress = [&](const sync::SyncProgress& now) {
        ++reports;
        CHECK(now.files >= before.files);
        CHECK(now.file >= before.file);
        CHECK(now.file <= now.files);
        CHECK(now.taken >= before.taken);
        CHECK(now.taken <= now.file);
        CHECK(now.bytes_sent >= before.bytes_sent);
        CHECK(now.bytes_waiting >= before.bytes_waiting);
        CHECK(now.bytes_done <= now.bytes_total);
        before = now;
    };
    const auto summary = device.sync();
    CHECK(reports > 12);
    CHECK(before.files == 12);
    CHECK(before.file == 12);
    CHECK(summary.still_waiting > 0);  // what was refused
    CHECK(before.taken + summary.still_waiting >= 12);
}

TEST_CASE("a pass is stopped in the middle of a file, which stays whole here and not in part there") {
    TemporaryFolder stick;
    OutboxDevice device({{sync::folder_address(stick.path()), {}}});
    device.options.open = {};
    const std::string photo(500'000, 'p');
    const auto answers = device.seal("answers"), hash = device.seal(photo);
    std::stop_source stop;
    device.options.stop = stop.get_token();
    device.options.on_progress = [&](const sync::SyncProgress& now) {
        if (now.hash == hash && now.bytes_done > 0 && now.bytes_done < now.bytes_total) stop.request_stop();
    };
    const auto summary = device.sync();
    CHECK(summary.cancelled);
    CHECK(summary.handed_over == 1);
    CHECK(summary.still_waiting == 1);
    CHECK(summary.findings.empty());
    CHECK(summary.counts == sync::SyncCounts{1, 1, 0, 0});
    CHECK(names_in(stick.path()) == std::vector{sync::batch_name(study_tag, day(1), answers)});
    CHECK(content_of(device.outbox().path_of(hash)) == photo);
    device.options.stop = {};
    device.options.on_progress = {};
    CHECK(device.sync().handed_over == 1);
    CHECK(content_of(stick / sync::batch_name(study_tag, day(1), hash)) == photo);
}
