#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "tests/support/crypto.h"
#include "tests/support/crypto_forger.h"

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

    /// How often these bytes stand in its memory; its own, not what it shares with a file.
    int times_in_memory(ByteView wanted) const {
        std::ifstream maps("/proc/" + std::to_string(child_) + "/maps");
        std::ifstream memory("/proc/" + std::to_string(child_) + "/mem", std::ios::binary);
        REQUIRE(memory.good());
        int times = 0;
        for (std::string line; std::getline(maps, line);) {
            std::size_t begin = 0;
            std::size_t end = 0;
            char dash;
            std::string rights;
            std::istringstream(line) >> std::hex >> begin >> dash >> end >> rights;
            if (!rights.starts_with("rw") || end - begin > (1UL << 30)) continue;
            std::vector<char> bytes(end - begin);
            memory.clear();
            memory.seekg(static_cast<std::streamoff>(begin));
            if (!memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) continue;
            const auto* at = reinterpret_cast<const std::uint8_t*>(bytes.data());
            for (std::size_t left = bytes.size(); left >= wanted.size();) {
                const void* found = memmem(at, left, wanted.data(), wanted.size());
                if (!found) break;
                ++times;
                const auto* next = static_cast<const std::uint8_t*>(found) + 1;
                left -= static_cast<std::size_t>(next - at);
                at = next;
            }
        }
        return times;
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
        const Device interviewer(team);
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
            const Device interviewer(team);
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
