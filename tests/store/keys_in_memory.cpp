#include <doctest/doctest.h>

#include "crypto/batch_header.h"
#include "crypto/batch_layout.h"
#include "tests/support/process_memory.h"
#include "tests/support/skip.h"
#include "tests/support/store.h"
#include "tests/support/vault_pages.h"

// A machine that is taken with the program on it. The program is a process of its own; we derive every key of
// its vault from the passphrase, and look for them in all of its memory.

using namespace fieldfare;
using namespace fieldfare::test;
using store::Step;

namespace {

/// A process that stops where its work says so, and goes on when it is told.
class StoppingProcess {
  public:
    using Stop = std::function<void()>;

    explicit StoppingProcess(const std::function<void(const Stop&)>& work) {
        int stopped[2], go_on[2];
        REQUIRE(::pipe(stopped) == 0);
        REQUIRE(::pipe(go_on) == 0);
        child_ = ::fork();
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
            ::close(stopped[0]);
            ::close(go_on[1]);
            try {
                work([&] {
                    char byte = 's';
                    if (::write(stopped[1], &byte, 1) != 1 || ::read(go_on[0], &byte, 1) != 1) ::_exit(1);
                });
            } catch (...) {
                ::_exit(99);
            }
            ::_exit(0);
        }
        ::close(stopped[1]);
        ::close(go_on[0]);
        stopped_ = stopped[0];
        go_on_ = go_on[1];
        wait();
    }
    ~StoppingProcess() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
        ::close(stopped_);
        ::close(go_on_);
    }
    StoppingProcess(const StoppingProcess&) = delete;
    StoppingProcess& operator=(const StoppingProcess&) = delete;

    void to_next_stop() {
        REQUIRE(::write(go_on_, "g", 1) == 1);
        wait();
    }
    int times_in_memory(std::string_view wanted) const {
        return fieldfare::tests::times_in_memory(child_, wanted);
    }

  private:
    void wait() {
        char byte = 0;
        REQUIRE(::read(stopped_, &byte, 1) == 1);
    }
    pid_t child_ = -1;
    int stopped_ = -1, go_on_ = -1;
};

std::string text_of(crypto::ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

/// Of the batch that stands open: what the next record but so many will be sealed with.
std::string chain_key(const Device& device, const Researcher& researcher, int records) {
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    const auto file = bytes_of_file(std::filesystem::directory_iterator(open)->path());
    const auto outline = crypto::outline_of(crypto::bytes_of(file));
    const auto header = researcher.open_header(file);
    auto chain = crypto::batch::first_chain_key(header.content_key.expose(), outline->header_tag);
    for (int record = 0; record < records; ++record) crypto::batch::advance(*chain);
    return text_of(chain->expose());
}

}  // namespace

TEST_CASE("a vault's keys are in memory while it is unlocked, and none of them once it is locked") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return skipped_on_this_machine("a sanitizer keeps memory that was let go");
#endif
    const Researcher researcher;
    const auto record = study_record(researcher);
    Device device;
    const auto finalise = [&](store::Vault& vault, const char* draft, std::uint8_t number) {
        const std::vector<schema::DraftEntry> entries = {{"/q", "yes", std::nullopt, true}};
        REQUIRE(vault.start_draft(draft, record.study, 1, FieldDevice::change(entries)).has_value());
        REQUIRE(vault.finalise(draft, uuid(number), {}, [](const auto&) { return "answers"; }).has_value());
    };
    StoppingProcess program([&](const auto& stop) {
        auto made = store::Vault::create(device.profile.path(), passphrase(Device::right_passphrase),
                                         crypto::cost_floor, device.surroundings([&](Step step) {
                                             if (step == Step::keyslots_made) stop();
                                         }));
        REQUIRE(made.has_value());
        REQUIRE(made->import_study(record).has_value());
        finalise(*made, "first", 1);
        stop();
        REQUIRE(made->lock().has_value());
        stop();
        REQUIRE(device.unlock().has_value());
        finalise(device.vault(), "second", 2);
        stop();
        device.lock();
        stop();
    });
    const auto& profile = device.profile.path();
    const auto in_memory = [&](std::string_view key) { return program.times_in_memory(key); };

    const auto master_key = master_key_of(profile, Device::right_passphrase);
    const auto master = text_of(master_key.expose());
    CHECK(in_memory(master) > 0);  // so it would be found later

    const auto database_key = database_key_of(master_key);
    const auto raw = text_of(database_key.expose().first<store::database_key_bytes>());
    const auto digits = crypto::to_hex(crypto::bytes_of(raw));
    std::string seed;
    for (const char* way : {"made", "unlocked"}) {
        INFO(std::string(way));
        program.to_next_stop();
        if (seed.empty()) seed = device_seed_of(profile, Device::right_passphrase);
        const auto chain = chain_key(device, researcher, 2);  // OPEN, and one interview
        CHECK(in_memory(master) == 0);                        // needed no longer
        CHECK(in_memory(raw) > 0);
        CHECK(in_memory(seed) > 0);
        CHECK(in_memory(chain) == 1);

        program.to_next_stop();
        CHECK(in_memory(master) == 0);
        CHECK(in_memory(raw) == 0);
        CHECK(in_memory(digits) == 0);
        CHECK(in_memory(seed) == 0);
        CHECK(in_memory(chain) == 0);
    }
}
