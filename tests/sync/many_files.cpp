// An outbox that has grown for years.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>

#include "sync/outbox_note.h"
#include "sync/sync_run.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

std::atomic<std::size_t> notes_read = 0;

bool is_note(std::string_view name) {
    return name.size() == 69 && name.ends_with(".json");
}

}  // namespace

extern "C" {
int __real_openat(int folder, const char* name, int flags, ...);
int __wrap_openat(int folder, const char* name, int flags, ...);
int __wrap_openat(int folder, const char* name, int flags, ...) {
    std::va_list more;
    va_start(more, flags);
    const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0;
    va_end(more);
    if ((flags & O_ACCMODE) == O_RDONLY && is_note(name)) ++notes_read;
    return __real_openat(folder, name, flags, mode);
}
}

namespace {

/// How many notes it reads.
std::size_t reads(OutboxDevice& device, std::chrono::sys_days on) {
    notes_read = 0;
    device.sync(on);
    return notes_read;
}

}  // namespace

TEST_CASE("a pass reads what is noted of a file once, and once more of one that it hands over") {
    constexpr std::size_t files = 40;
    OutboxDevice device;
    device.study().quorum = 1;
    sync::FileHash first;
    for (std::size_t i = 0; i < files; ++i) first = device.seal(std::to_string(i));
    SUBCASE("while no store answers, twice: another program may have handed it over meanwhile") {
        device.a->fails_with = sync::Fault::unreachable;
        CHECK(reads(device, day(1)) <= 2 * files + 1);  // one is tried
    }
    SUBCASE("with what a hand-over itself reads and writes") {
        CHECK(reads(device, day(1)) <= 4 * files);
    }
    SUBCASE("when all is handed over") {
        device.sync();
        CHECK(reads(device, day(2)) == files);
        SUBCASE("and receipts come") {
            device.answer(1, first);
            CHECK(reads(device, day(3)) == files);
        }
        SUBCASE("and what the receipts let go goes") {
            device.answer(1, first);
            device.sync(day(3));
            CHECK(reads(device, day(40)) == files);
            CHECK_FALSE(device.has(first));
        }
        SUBCASE("and one is new") {
            device.seal("new");
            CHECK(reads(device, day(3)) == files + 4);
        }
    }
}

TEST_CASE("what is sealed and noted beside a pass is in its counts") {
    OutboxDevice device;
    device.seal("1");
    const auto second = device.seal("2");
    device.sync();
    device.options.open = [&](const sync::Store&) {  // once the pass has looked at its files
        device.seal("3");
        REQUIRE(device.outbox().forget(second));
        return sync::TransportResult<std::unique_ptr<sync::Transport>>(
            std::make_unique<MemoryStore>(device.a, "memory:a"));
    };
    const auto summary = device.sync();
    CHECK(summary.counts == sync::SyncCounts{.sealed = 1, .handed_over = 1, .confirmed = 0, .forgotten = 1});
}

namespace {

double megabytes(const char* what) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(what)) return std::stod(line.substr(line.find(':') + 1)) / 1024;
    return 0;
}

/// A file of 1,000 bytes and its note, as they stand after a pass; nothing waits for the disk.
void fill(OutboxDevice& device, int files, std::vector<sync::HandOver> handed_over) {
    const fs::path folder = device.outbox().folder();
    for (int i = 0; i < files; ++i) {
        const std::string content = std::to_string(i) + std::string(1000, 'x');
        const std::string hash = sha256_of(content);
        for (sync::HandOver& one : handed_over) one.name = sync::batch_name(study_tag, day(1), hash);
        write(folder / (hash + ".batch"), content);
        write(folder / (hash + ".json"), sync::to_json({study_tag, day(1), handed_over}));
    }
}

}  // namespace

TEST_CASE("figures: an outbox with 100,000 sealed files" * doctest::skip()) {
    constexpr int files = 100'000;
    OutboxDevice device;
    const auto figure =
        [&](const char* what, const auto& act) {
            std::ofstream("/proc/self/clear_refs") << "5" << std::flush;
            const double before = megabytes("VmRSS");
            const auto begin = std::chrono::steady_clock::now();
            act();
            MESSAGE(std::string(what)
                    << ": " << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()
                    << " s, " << megabytes("VmHWM") - before << " MB more at most");
        };
    bool handed_over = false;
    SUBCASE("that wait, and no store answers") {
        fill(device, files, {});
        device.a->fails_with = sync::Fault::unreachable;
    }
    SUBCASE("that are handed over") {
        fill(device, files, {{"memory:a", "", day(1)}});
        device.a->write_only = true;
        handed_over = true;
    }
    figure("one look", [&] { CHECK(device.outbox().sealed()->size() == files); });
    figure("a pass", [&] {
        const auto summary = device.sync();
        CHECK(summary.still_waiting == (handed_over ? 0 : files));
        CHECK((handed_over ? summary.counts.handed_over : summary.counts.sealed) == files);
    });
}
