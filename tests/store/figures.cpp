// Figures, not rules: run by hand with `bin/test_store -tc="figures*" --no-skip`; with TMPDIR in a RAM disk
// they are those without the disk's fsync.
#include <doctest/doctest.h>

#include <chrono>
#include <ctime>

#include "crypto/keyslots.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

struct Taken {
    double wall, cpu;  ///< milliseconds
};

Taken taken(const std::function<void()>& work) {
    const auto cpu = [] {
        timespec now{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
    };
    const auto begin = std::chrono::steady_clock::now();
    const auto cpu_begin = cpu();
    work();
    return {std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count(),
            cpu() - cpu_begin};
}

void report(const std::string& what, const std::vector<Taken>& all) {
    const auto percentile = [&](double Taken::*of, std::size_t percent) {
        std::vector<double> times;
        for (const auto& one : all) times.push_back(one.*of);
        std::ranges::sort(times);
        return times[times.size() * percent / 100];
    };
    MESSAGE(what << ": p50 " << percentile(&Taken::wall, 50) << " ms, p99 " << percentile(&Taken::wall, 99)
                 << " ms; of the processor p50 " << percentile(&Taken::cpu, 50) << " ms, p99 "
                 << percentile(&Taken::cpu, 99) << " ms");
}

}  // namespace

TEST_CASE("figures of the vault with 100 drafts of 150 answers" * doctest::skip()) {
    FieldDevice device;
    std::vector<schema::DraftEntry> entries;
    for (int i = 0; i < 150; ++i)
        entries.push_back({"/group/question_" + std::to_string(i), "answer", {}, true});
    for (int i = 0; i < 100; ++i) {
        REQUIRE(device.vault()
                    .start_draft("draft-" + std::to_string(i), device.record.study, 1,
                                 FieldDevice::change(entries))
                    .has_value());
    }
    std::vector<Taken> saves, finalises, unlocks, lists, locks;
    for (int i = 0; i < 2000; ++i) {
        const auto id = "draft-" + std::to_string(i % 100);
        const auto path = "/group/question_" + std::to_string(i % 150);
        saves.push_back(taken([&] { REQUIRE(device.save(id, path, "another answer").has_value()); }));
    }
    report("autosave", saves);
    for (int i = 0; i < 20; ++i) lists.push_back(taken([&] { (void)device.drafts(); }));
    report("list of drafts", lists);

    device.lock();
    const auto secret = passphrase(Device::right_passphrase);
    for (int i = 0; i < 10; ++i) {
        const auto derivation = taken([&] {
            auto keyslots = crypto::KeyslotsFile::open(device.profile.file("keyslots"));
            REQUIRE(keyslots->unlock(secret).has_value());
        });
        const auto whole = taken([&] { REQUIRE(device.unlock().has_value()); });
        unlocks.push_back({whole.wall - derivation.wall, whole.cpu - derivation.cpu});
        if (i < 9) device.lock();
    }
    report("unlock without Argon2id", unlocks);

    const std::string payload(5000, 'a');
    for (int i = 0; i < 100; ++i) {
        const auto id = "draft-" + std::to_string(i);
        finalises.push_back(
            taken([&] { REQUIRE(device.finalise(id, static_cast<std::uint8_t>(i), payload).has_value()); }));
    }
    report("finalise", finalises);
    locks.push_back(taken([&] { device.lock(); }));
    report("lock", locks);
    MESSAGE("vault.db: " << std::filesystem::file_size(device.profile.file("vault.db")) << " bytes");
}

TEST_CASE("figures of a passphrase at the cost that this machine measures" * doctest::skip()) {
    std::optional<crypto::PassphraseCost> cost;
    const auto calibrating = taken([&] { cost = *crypto::calibrate_cost(); });
    MESSAGE("measured in " << calibrating.wall << " ms: " << cost->memory_kib / 1024 << " MiB, "
                           << cost->passes << " passes");
    FieldDevice device;
    const auto secret = passphrase(Device::right_passphrase);
    REQUIRE(device.vault().change_passphrase(secret, secret, *cost).has_value());
    std::vector<Taken> unlocks;
    for (int i = 0; i < 10; ++i) {
        device.lock();
        unlocks.push_back(taken([&] { REQUIRE(device.unlock().has_value()); }));
    }
    report("unlock", unlocks);
}

TEST_CASE("figures of a film of 256 MiB in a draft" * doctest::skip()) {
    FieldDevice device;
    device.start("draft", "yes");
    const auto report_once = [](const std::string& what, const Taken& one) {
        rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        MESSAGE(what << ": " << one.wall << " ms, of the processor " << one.cpu << " ms; at most "
                     << used.ru_maxrss / 1024 << " MB until now");
    };
    crypto::Bytes bite(1024 * 1024);
    REQUIRE(crypto::fill_random(bite).has_value());
    report_once("copied into the vault", taken([&] {
                    REQUIRE(device.vault().begin_attachment("draft", "film-1.mp4").has_value());
                    for (int i = 0; i < 256; ++i) REQUIRE(device.vault().add_to_attachment(bite).has_value());
                    REQUIRE(device.vault().end_attachment().has_value());
                    REQUIRE(device.save("draft", "/film", "film-1.mp4").has_value());
                }));
    report_once("an answer beside it",
                taken([&] { REQUIRE(device.save("draft", "/name", "x").has_value()); }));
    device.lock();
    report_once("unlocked, with Argon2id", taken([&] { REQUIRE(device.unlock().has_value()); }));
    report_once("finalised and overwritten in the vault",
                taken([&] { REQUIRE(device.finalise_with("draft", 1, {"film-1.mp4"}).has_value()); }));
    device.lock();
    report_once("unlocked, with Argon2id", taken([&] { REQUIRE(device.unlock().has_value()); }));
    MESSAGE("vault.db: " << std::filesystem::file_size(device.profile.file("vault.db")) << " bytes");
}
