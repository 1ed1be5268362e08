#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/crypto.h"
#include "tests/support/crypto_forger.h"
#include "tests/support/process_memory.h"

// A laptop that is seized while its vault is open. The device is a process of its own; the researcher's key
// gives us every key of the batch, and we look for them in all of the device's memory.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

class SeizedDevice {
  public:
    /// What the device does before it is seized; it gives the batch as it stands on the disk.
    template <class Work>
    explicit SeizedDevice(Work&& work) {
        int batch[2];
        int hold[2];
        REQUIRE(pipe(batch) == 0);
        REQUIRE(pipe(hold) == 0);
        child_ = fork();
        if (child_ == 0) {
            close(batch[0]);
            close(hold[1]);
            work([&](const Bytes& file) {
                std::size_t sent = 0;
                while (sent < file.size()) {
                    const ssize_t n = write(batch[1], file.data() + sent, file.size() - sent);
                    if (n <= 0) _exit(1);
                    sent += static_cast<std::size_t>(n);
                }
                close(batch[1]);
                char byte;
                (void)!read(hold[0], &byte, 1);  // until the parent has looked
            });
            _exit(0);
        }
        close(batch[1]);
        close(hold[0]);
        hold_ = hold[1];
        std::array<std::uint8_t, 65536> buffer;
        for (ssize_t n; (n = read(batch[0], buffer.data(), buffer.size())) > 0;)
            file.insert(file.end(), buffer.begin(), buffer.begin() + n);
        close(batch[0]);
    }
    ~SeizedDevice() {
        close(hold_);
        waitpid(child_, nullptr, 0);
    }

    int times_in_memory(ByteView wanted) const {
        return fieldfare::tests::times_in_memory(
            child_, {reinterpret_cast<const char*>(wanted.data()), wanted.size()});
    }

    Bytes file;

  private:
    pid_t child_ = -1;
    int hold_ = -1;
};

}  // namespace

TEST_CASE("no key that opens a finalised record is in the memory of an unlocked device") {
    const Researchers team;
    const SeizedDevice device([&](auto seize) {
        const SealingDevice interviewer(team);
        BatchWriter writer = interviewer.begin();
        interviewer.add(writer, "first interview");
        const SealedBatch sealed = interviewer.add(writer, std::string(5000, 'y'));
        seize(sealed.file);
    });
    Forger known(device.file, team.identities[0]);
    REQUIRE(known.records.size() == 3);
    const auto chain = known.chain();
    CHECK(device.times_in_memory(known.content_key) == 0);
    for (std::size_t i = 0; i < 3; ++i) {
        CAPTURE(i);
        CHECK(device.times_in_memory(chain[i].first) == 0);   // chain keys: of this record and all later ones
        CHECK(device.times_in_memory(chain[i].second) == 0);  // record keys
    }
    CHECK(device.times_in_memory(chain[3].first) ==
          1);  // of the next record: so we would have found the others
}

TEST_CASE("a finished batch leaves no key at all in memory, and neither does a writer that was thrown away") {
    const Researchers team;
    for (const bool finishes : {true, false}) {
        const SeizedDevice device([&](auto seize) {
            const SealingDevice interviewer(team);
            BatchWriter writer = interviewer.begin();
            SealedBatch sealed = interviewer.add(writer, "first interview");
            if (finishes) {
                sealed = must(writer.finish(interviewer.key));
            } else {
                const BatchWriter thrown_away = std::move(writer);
            }
            seize(sealed.file);
        });
        Forger known(device.file, team.identities[0]);
        for (const auto& [chain_key, record_key] : known.chain()) {
            CHECK(device.times_in_memory(chain_key) == 0);
            CHECK(device.times_in_memory(record_key) == 0);
        }
        CHECK(device.times_in_memory(known.content_key) == 0);
    }
}

TEST_CASE("what stands in pages that a process has closed to itself is found by whoever has the process") {
    constexpr std::size_t marker_size = 32;
    const auto marker = [](std::size_t i) { return static_cast<char>(i * 57 + 13); };
    const SeizedDevice device([&](auto seize) {
        const std::size_t size = 4096;
        for (const int rights : {PROT_NONE, PROT_READ}) {
            void* const page =
                mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            auto* const letters = static_cast<char*>(page);
            for (std::size_t i = 0; i < marker_size; ++i) letters[1000 + i] = marker(i);
            mprotect(page, size, rights);
        }
        seize({});
    });
    Bytes wanted;
    for (std::size_t i = 0; i < marker_size; ++i) wanted.push_back(static_cast<std::uint8_t>(marker(i)));
    CHECK(device.times_in_memory(wanted) == 2);
}
