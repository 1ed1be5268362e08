#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/keyslots.h"
#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

/// A folder of its own with the keyslots of a vault in it, gone at the end.
struct VaultFolder {
    std::filesystem::path folder;
    std::filesystem::path path;

    VaultFolder() {
        folder = std::filesystem::temp_directory_path() / ("keyslots-" + to_hex(must(random_id())));
        std::filesystem::create_directory(folder);
        path = folder / "keyslots";
        must(KeyslotsFile::create(path, passphrase("first"), cost_floor));
    }
    ~VaultFolder() { std::filesystem::remove_all(folder); }

    Bytes read() const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(const Bytes& bytes) const {
        std::ofstream(path, std::ios::binary | std::ios::trunc)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    KeyslotsFile open() const { return must(KeyslotsFile::open(path)); }
    /// The keys that a user's passphrase leads to.
    MasterKeys keys(std::string_view words) const { return keys_of(open(), words); }
    static MasterKeys keys_of(KeyslotsFile&& slots, std::string_view words) { return keys_of(slots, words); }
    static MasterKeys keys_of(KeyslotsFile& slots, std::string_view words) {
        return std::get<MasterKeys>(must(slots.unlock(passphrase(words))));
    }
    std::optional<Error> opening() const { return error_of(KeyslotsFile::open(path)); }
    /// What becomes of sealed files where this passphrase destroys; nothing where it does not.
    std::optional<SealedFiles> destroys(std::string_view words) const {
        KeyslotsFile slots = open();
        const auto unlocked = slots.unlock(passphrase(words));
        if (!unlocked || !std::holds_alternative<DestroyOrder>(*unlocked)) return std::nullopt;
        return std::get<DestroyOrder>(*unlocked).sealed;
    }
    void set_destroying(std::string_view words, SealedFiles sealed = SealedFiles::stay) const {
        must(open().set_destroy_passphrase(passphrase("first"), passphrase(words), sealed));
    }
    std::optional<Error> unlocking(std::string_view words) const {
        return error_of(open().unlock(passphrase(words)));
    }
};

Bytes master_of(const MasterKeys& keys) {
    return {keys.current.expose().begin(), keys.current.expose().end()};
}
std::vector<Bytes> slots_of(const Bytes& file) {
    std::vector<Bytes> slots;
    for (std::size_t i = 0; i < 8; ++i) {
        const auto at = file.begin() + 64 + static_cast<std::ptrdiff_t>(128 * i);
        slots.emplace_back(at, at + 128);
    }
    return slots;
}
/// How many of the slots of one file stand in any place of another.
std::size_t slots_left(const Bytes& of, const Bytes& in) {
    return static_cast<std::size_t>(std::ranges::count_if(
        slots_of(of), [&](const Bytes& slot) { return !std::ranges::search(in, slot).empty(); }));
}

Bytes previous_of(const MasterKeys& keys) {
    return {keys.previous->expose().begin(), keys.previous->expose().end()};
}

/// The file with a byte changed in both copies and both checksums made right again.
Bytes with_byte(Bytes file, std::size_t offset, std::uint8_t byte) {
    for (const std::size_t copy : {std::size_t{0}, std::size_t{4096}}) {
        file[copy + offset] = byte;
        const auto sum = hash("FFV0 checksum   ", {ByteView(file).subspan(copy, 4096 - 32)});
        std::ranges::copy(sum, file.begin() + static_cast<std::ptrdiff_t>(copy + 4096 - 32));
    }
    return file;
}

/// A sector that the disk does not give back, as long as this lives.
class BadSector {
  public:
    BadSector(const std::filesystem::path& file, std::size_t at) {
        sectors().push_back({std::filesystem::canonical(file), at});
    }
    ~BadSector() { sectors().pop_back(); }
    BadSector(const BadSector&) = delete;
    BadSector& operator=(const BadSector&) = delete;

    static bool among(int file, std::size_t from, std::size_t size) {
        if (sectors().empty()) return false;
        std::error_code none;
        const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), none);
        return std::ranges::any_of(sectors(), [&](const Place& bad) {
            return bad.file == path && from < bad.at + 512 && bad.at < from + size;
        });
    }

  private:
    struct Place {
        std::filesystem::path file;
        std::size_t at;
    };
    static std::vector<Place>& sectors() {
        static std::vector<Place> all;
        return all;
    }
};

ssize_t read_from(int file, void* bytes, std::size_t size, off_t offset) {
    if (BadSector::among(file, static_cast<std::size_t>(offset), size)) {
        errno = EIO;
        return -1;
    }
    return static_cast<ssize_t>(::syscall(SYS_pread64, file, bytes, size, offset));
}

enum class Fails { once, always };

/// Keyslots whose first copy a crash has torn, so that the second is the newest and is written last.
struct DestroyingHalf : VaultFolder {
    DestroyingHalf() {
        set_destroying("gone");
        Bytes torn = read();
        torn[3000] ^= 1;
        write(torn);
    }
    /// In a process of its own, whose disk takes the first copy. 0: destroyed, and where the disk goes on
    /// failing there is no new vault.
    int destroys_where_the_second_half(Fails fails) const {
        const pid_t child = fork();
        if (child == 0) {
            auto slots = must(KeyslotsFile::open(path));
            must(slots.unlock(passphrase("gone")));
            std::signal(
                SIGXFSZ, fails == Fails::always ? SIG_IGN : [](int) {
                    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
                    setrlimit(RLIMIT_FSIZE, &none);
                });
            const rlimit limit{4096, RLIM_INFINITY};
            setrlimit(RLIMIT_FSIZE, &limit);
            if (error_of(slots.destroy_master_key())) _exit(1);
            if (fails == Fails::once) _exit(0);
            // A new vault would take the copy that is still old first.
            _exit(error_of(slots.begin_anew(must(MasterKey::random()))) == Error::not_writable ? 0 : 2);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

}  // namespace

// They stand before the C library's.
extern "C" ssize_t pread(int file, void* bytes, std::size_t size, off_t offset) {
    return read_from(file, bytes, size, offset);
}
extern "C" ssize_t __pread_chk(int file, void* bytes, std::size_t size, off_t offset, std::size_t) {
    return read_from(file, bytes, size, offset);
}

TEST_CASE("the passphrase leads to the master key, the same each time, and another does not") {
    const VaultFolder vault;
    const MasterKeys keys = vault.keys("first");
    CHECK(master_of(keys) == master_of(vault.keys("first")));
    CHECK_FALSE(keys.previous);
    CHECK(vault.unlocking("second") == Error::wrong_passphrase);
}

TEST_CASE("the keyslots are 8192 bytes for the owner's eyes, and leave nothing beside them") {
    const VaultFolder vault;
    struct stat status {};
    REQUIRE(stat(vault.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(status.st_size == 8192);
    CHECK(std::distance(std::filesystem::directory_iterator(vault.folder), {}) == 1);
}

TEST_CASE("keyslots never replace others") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    CHECK(error_of(KeyslotsFile::create(vault.path, passphrase("x"), cost_floor)) == Error::already_there);
    CHECK(vault.read() == before);
    CHECK(error_of(KeyslotsFile::create(vault.folder / "none" / "k", passphrase("x"), cost_floor)) ==
          Error::not_writable);
}

TEST_CASE("a new passphrase comes with a new master key, and the old one opens nothing any more") {
    const VaultFolder vault;
    KeyslotsFile slots = vault.open();
    const Bytes old_master = master_of(VaultFolder::keys_of(slots, "first"));
    const MasterKeys changed =
        must(slots.change_passphrase(passphrase("first"), passphrase("second"), cost_floor));
    CHECK(previous_of(changed) == old_master);
    CHECK(master_of(changed) != old_master);
    must(slots.forget_previous());
    const MasterKeys after = vault.keys("second");
    CHECK(master_of(after) == master_of(changed));
    CHECK_FALSE(after.previous);
    CHECK(vault.unlocking("first") == Error::wrong_passphrase);
}

TEST_CASE("a change that was cut short leads to both master keys until it is brought to its end") {
    const VaultFolder vault;
    const Bytes old_master = master_of(vault.keys("first"));
    must(vault.open().change_passphrase(passphrase("first"), passphrase("second"), cost_floor));

    KeyslotsFile restarted = vault.open();
    const MasterKeys keys = VaultFolder::keys_of(restarted, "second");
    REQUIRE(keys.previous);
    CHECK(previous_of(keys) == old_master);
    CHECK(error_of(restarted.change_passphrase(passphrase("second"), passphrase("third"), cost_floor)) ==
          Error::wrong_state);
    must(restarted.forget_previous());
    CHECK_FALSE(vault.keys("second").previous);
}

TEST_CASE("a failed change leaves everything as it was") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    KeyslotsFile slots = vault.open();
    CHECK(error_of(slots.change_passphrase(passphrase("wrong"), passphrase("new"), cost_floor)) ==
          Error::wrong_passphrase);
    CHECK(error_of(slots.change_passphrase(passphrase("first"), passphrase("new"), {1024, 1})) ==
          Error::cost_refused);
    CHECK(error_of(vault.open().forget_previous()) == Error::wrong_state);
    CHECK(vault.read() == before);
}

TEST_CASE("destroyed keyslots look like any others and open with nothing") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    must(vault.open().destroy());
    const Bytes after = vault.read();
    CHECK(after.size() == before.size());
    CHECK(std::equal(after.begin(), after.begin() + 4096, after.begin() + 4096));
    CHECK_FALSE(std::equal(before.begin() + 64, before.begin() + 64 + 1024, after.begin() + 64));
    CHECK(vault.unlocking("first") == Error::wrong_passphrase);
}

TEST_CASE(
    "a power cut at any byte of a change leaves the whole state before it or the whole state after it") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    must(vault.open().change_passphrase(passphrase("first"), passphrase("second"), cost_floor));
    const Bytes after = vault.read();
    const Bytes old_copy = must(KeyslotsFile::newest_copy(before));
    const Bytes new_copy = must(KeyslotsFile::newest_copy(after));
    REQUIRE(old_copy != new_copy);
    // The second copy was written first, then the first.
    for (std::size_t written = 0; written <= 8192; ++written) {
        Bytes torn = before;
        for (std::size_t i = 0; i < written; ++i) torn[(i + 4096) % 8192] = after[(i + 4096) % 8192];
        const bool new_is_whole = written >= 4096;
        CHECK(must(KeyslotsFile::newest_copy(torn)) == (new_is_whole ? new_copy : old_copy));
    }
}

TEST_CASE("a copy torn by sectors in any order never hides the whole one") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    must(vault.open().destroy());
    const Bytes after = vault.read();
    for (unsigned sectors = 0; sectors < 256; ++sectors) {
        Bytes torn = before;
        for (std::size_t i = 0; i < 4096; ++i)
            if (sectors >> (i / 512) & 1) torn[4096 + i] = after[4096 + i];
        const bool whole = std::equal(torn.begin() + 4096, torn.end(), after.begin() + 4096);
        CHECK(must(KeyslotsFile::newest_copy(torn)) ==
              must(KeyslotsFile::newest_copy(whole ? after : before)));
    }
}

TEST_CASE("opening repairs the torn or older copy at once") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    must(vault.open().change_passphrase(passphrase("first"), passphrase("second"), cost_floor));
    const Bytes after = vault.read();
    for (const std::size_t written : {4096U, 4097U, 6000U, 8191U}) {
        Bytes torn = before;
        for (std::size_t i = 0; i < written; ++i) torn[(i + 4096) % 8192] = after[(i + 4096) % 8192];
        vault.write(torn);
        (void)vault.open();
        CHECK(vault.read() == after);
    }
    vault.write(before);
    Bytes torn = before;
    torn[5000] ^= 1;
    vault.write(torn);
    (void)vault.open();
    CHECK(vault.read() == before);
}

TEST_CASE("the next write goes to the copy that is not the newest") {
    const VaultFolder vault;
    for (int change = 0; change < 3; ++change) {
        const Bytes before = vault.read();
        must(vault.open().destroy());
        Bytes torn = vault.read();
        std::copy(before.begin(), before.begin() + 4096, torn.begin());  // as if only one was written
        CHECK(must(KeyslotsFile::newest_copy(torn)) == must(KeyslotsFile::newest_copy(vault.read())));
    }
}

TEST_CASE("the newest copy is written last, so that it stands while the other is written") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    // A process that ends where it would write the second copy of the file.
    const auto changing_the_first_half = [&] {
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGXFSZ, [](int) { _exit(1); });
            const rlimit limit{4096, 4096};
            setrlimit(RLIMIT_FSIZE, &limit);
            (void)vault.open().change_passphrase(passphrase("first"), passphrase("second"), cost_floor);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WEXITSTATUS(status);
    };
    // The first counts as the newest: the second would be written before it, and nothing has happened.
    CHECK(changing_the_first_half() == 1);
    CHECK(vault.read() == before);
    // The first was torn and the second is the newest: the first holds the change, and the second stood
    // meanwhile.
    Bytes torn = before;
    torn[3000] ^= 1;
    vault.write(torn);
    CHECK(changing_the_first_half() == 1);
    CHECK(std::equal(before.begin() + 4096, before.end(), vault.read().begin() + 4096));
    CHECK_FALSE(vault.unlocking("second"));
}

TEST_CASE(
    "a sector of one copy that can't be read leaves the other, and is written anew once the key has proved "
    "right") {
    const VaultFolder vault;
    const Bytes whole = vault.read();
    const Bytes master = master_of(vault.keys("first"));
    for (const std::size_t half : {std::size_t{0}, std::size_t{4096}}) {
        Bytes rotten = whole;
        std::fill_n(rotten.begin() + static_cast<std::ptrdiff_t>(half), 4096, std::uint8_t{0});
        vault.write(rotten);
        {
            const BadSector bad(vault.path, half + 512);
            CHECK_FALSE(error_of(KeyslotsFile::look(vault.path)));
            CHECK(vault.read() == rotten);
            CHECK(master_of(vault.keys("first")) == master);
            KeyslotsFile slots = vault.open();
            CHECK(vault.read() == rotten);  // it may be the newer one
            REQUIRE(slots.repair().has_value());
        }
        CHECK(vault.read() == whole);
    }
    const BadSector first(vault.path, 0), second(vault.path, 8191);
    CHECK(error_of(KeyslotsFile::look(vault.path)) == Error::not_readable);
    CHECK(vault.opening() == Error::not_readable);
}

TEST_CASE("a copy that the disk does not take keeps nobody out, and nothing new comes about until it does") {
    const VaultFolder vault;
    const Bytes whole = vault.read();
    Bytes torn = whole;
    SUBCASE("torn") {
        torn[5000] ^= 1;
    }
    SUBCASE("older") {
        must(vault.open().set_recovery_slot(Bytes(128, std::uint8_t{7})));
        const Bytes newer = vault.read();
        std::copy(newer.begin(), newer.begin() + 4096, torn.begin());
    }
    vault.write(torn);
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        setrlimit(RLIMIT_FSIZE, &limit);
        auto slots = KeyslotsFile::open(vault.path);
        if (!slots) _exit(1);
        if (!slots->unlock(passphrase("first"))) _exit(2);
        if (error_of(slots->repair()) != Error::not_writable) _exit(3);
        const auto changed = slots->change_passphrase(passphrase("first"), passphrase("second"), cost_floor);
        if (error_of(changed) != Error::not_writable) _exit(4);
        _exit(slots->undecided() ? 5 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(vault.read() == torn);
    CHECK_FALSE(vault.unlocking("first"));
    const Bytes now = vault.read();  // both of the newest
    CHECK(std::equal(now.begin(), now.begin() + 4096, torn.begin()));
    CHECK(std::equal(now.begin(), now.begin() + 4096, now.begin() + 4096));
}

TEST_CASE("a change of which a part got to the disk and was not taken back may count, and one without not") {
    for (const rlim_t room : {rlim_t{5000}, rlim_t{4096}}) {
        const VaultFolder vault;
        const pid_t child = fork();
        if (child == 0) {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{room, room};
            setrlimit(RLIMIT_FSIZE, &limit);
            KeyslotsFile slots = vault.open();
            const auto changed =
                slots.change_passphrase(passphrase("first"), passphrase("second"), cost_floor);
            _exit(error_of(changed) != Error::not_writable ? 2 : slots.undecided() ? 1 : 0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == (room == 5000 ? 1 : 0));
    }
}

TEST_CASE(
    "a change that the disk takes in one copy only does not count, and is taken back or may count later") {
    for (const bool takes_back : {true, false}) {
        CAPTURE(takes_back);
        const VaultFolder vault;
        const Bytes before = vault.read();
        Bytes torn = before;
        torn[3000] ^= 1;
        vault.write(torn);
        const pid_t child = fork();
        if (child == 0) {
            KeyslotsFile slots = vault.open();  // the second copy is the newest, and written last
            static int refusals;
            static bool further;
            refusals = 0;
            further = takes_back;
            std::signal(SIGXFSZ, [](int) {
                const rlimit nothing{0, RLIM_INFINITY};
                if (++refusals == 2 && !further) setrlimit(RLIMIT_FSIZE, &nothing);
            });
            const rlimit limit{4096, RLIM_INFINITY};
            setrlimit(RLIMIT_FSIZE, &limit);
            const auto changed =
                slots.change_passphrase(passphrase("first"), passphrase("second"), cost_floor);
            if (error_of(changed) != Error::not_writable || refusals < 2) _exit(2);
            _exit(slots.undecided() ? 1 : 0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == (takes_back ? 0 : 1));
        if (takes_back) CHECK(vault.read() == before);
        CHECK(vault.unlocking("first") ==
              (takes_back ? std::nullopt : std::optional(Error::wrong_passphrase)));
        CHECK(vault.unlocking("second") ==
              (takes_back ? std::optional(Error::wrong_passphrase) : std::nullopt));
    }
}

TEST_CASE("another cost than the passphrase was set with, within the bounds, makes it a wrong passphrase") {
    const VaultFolder vault;
    const Bytes whole = vault.read();
    const std::size_t passes_at = 28, memory_at = 24;
    for (const auto& changed : {with_byte(whole, passes_at, 4), with_byte(whole, memory_at, 4)}) {
        vault.write(changed);
        CHECK(vault.open().cost() != cost_floor);
        CHECK(vault.unlocking("first") == Error::wrong_passphrase);
    }
    vault.write(whole);
    CHECK_FALSE(vault.unlocking("first"));
}

// --- a passphrase that destroys ---

TEST_CASE("a passphrase that destroys is told apart from the user's, and says what becomes of sealed files") {
    const VaultFolder vault;
    const Bytes master = master_of(vault.keys("first"));
    vault.set_destroying("gone");
    CHECK(vault.destroys("gone") == SealedFiles::stay);
    CHECK_FALSE(vault.destroys("first"));
    CHECK(master_of(vault.keys("first")) == master);
    CHECK(vault.unlocking("neither") == Error::wrong_passphrase);

    vault.set_destroying("gone for good", SealedFiles::go);
    CHECK(vault.destroys("gone for good") == SealedFiles::go);
    CHECK(vault.unlocking("gone") == Error::wrong_passphrase);  // replaced

    must(vault.open().remove_destroy_passphrase(passphrase("first")));
    CHECK(vault.unlocking("gone for good") == Error::wrong_passphrase);
    CHECK(master_of(vault.keys("first")) == master);
}

TEST_CASE("trying the passphrase that destroys changes nothing by itself") {
    const VaultFolder vault;
    vault.set_destroying("gone");
    const Bytes before = vault.read();
    CHECK(vault.destroys("gone"));
    CHECK(vault.read() == before);
}

TEST_CASE("setting, replacing and removing a passphrase that destroys leave files that look the same") {
    const VaultFolder vault;
    const auto head = [](const Bytes& file) { return Bytes(file.begin() + 24, file.begin() + 64); };
    for (const char* step : {"set", "replaced", "removed", "removed though none is set"}) {
        INFO(step);
        const Bytes before = vault.read();
        if (std::string_view(step).starts_with("removed")) {
            must(vault.open().remove_destroy_passphrase(passphrase("first")));
        } else {
            vault.set_destroying(step);
        }
        const Bytes after = vault.read();
        CHECK(head(after) == head(before));     // salt and cost
        CHECK(slots_left(before, after) == 1);  // that of recovery, and no other, used or not
        CHECK(after[16] == before[16] + 1);
        CHECK(std::equal(after.begin(), after.begin() + 4096, after.begin() + 4096));
    }
}

TEST_CASE("the slot of a passphrase that destroys may stand in any place but the user's own") {
    const VaultFolder vault;
    vault.set_destroying("gone");
    const Bytes file = vault.read();
    const auto without = [&](std::size_t slot) {  // the file with other bytes in this slot
        vault.write(with_byte(file, 64 + 128 * slot, static_cast<std::uint8_t>(file[64 + 128 * slot] ^ 1)));
        return vault.destroys("gone");
    };
    int places = 0;
    for (std::size_t slot = 0; slot < 8; ++slot) places += without(slot) ? 0 : 1;
    CHECK(places == 1);
    CHECK(without(0));
    CHECK(without(1));
    CHECK(without(7));
}

TEST_CASE("a passphrase that destroys is another than the user's, and only the user sets it") {
    const VaultFolder vault;
    const Bytes before = vault.read();
    const auto setting = [&](std::string_view user, std::string_view destroying) {
        return error_of(
            vault.open().set_destroy_passphrase(passphrase(user), passphrase(destroying), SealedFiles::stay));
    };
    CHECK(setting("first", "first") == Error::same_passphrase);
    CHECK(setting("wrong", "gone") == Error::wrong_passphrase);
    CHECK(error_of(vault.open().remove_destroy_passphrase(passphrase("wrong"))) == Error::wrong_passphrase);
    CHECK(vault.read() == before);

    vault.set_destroying("gone");
    const Bytes set = vault.read();
    CHECK(setting("gone", "other") == Error::wrong_passphrase);
    CHECK(error_of(vault.open().remove_destroy_passphrase(passphrase("gone"))) == Error::wrong_passphrase);
    CHECK(error_of(vault.open().change_passphrase(passphrase("gone"), passphrase("new"), cost_floor)) ==
          Error::wrong_passphrase);
    CHECK(vault.read() == set);
}

TEST_CASE("a change of passphrase takes the one that destroys away") {
    const VaultFolder vault;
    vault.set_destroying("gone");
    KeyslotsFile slots = vault.open();
    must(slots.change_passphrase(passphrase("first"), passphrase("second"), cost_floor));
    CHECK(vault.unlocking("gone") == Error::wrong_passphrase);
    CHECK(error_of(vault.open().set_destroy_passphrase(passphrase("second"), passphrase("gone"),
                                                       SealedFiles::stay)) == Error::wrong_state);
    must(slots.forget_previous());
    CHECK(vault.unlocking("gone") == Error::wrong_passphrase);
}

TEST_CASE("destroying takes the master key out of both copies, and the order stands until it is done") {
    const VaultFolder vault;
    vault.set_destroying("gone", SealedFiles::go);
    const Bytes before = vault.read();
    KeyslotsFile slots = vault.open();
    CHECK(error_of(slots.destroy_master_key()) == Error::wrong_state);  // nobody has ordered it
    VaultFolder::keys_of(slots, "first");
    CHECK(error_of(slots.destroy_master_key()) == Error::wrong_state);
    CHECK(vault.read() == before);

    must(slots.unlock(passphrase("gone")));
    CHECK(error_of(slots.begin_anew(must(MasterKey::random()))) == Error::wrong_state);  // not yet
    must(slots.destroy_master_key());
    const Bytes destroyed = vault.read();
    CHECK(slots_left(before, destroyed) == 0);
    CHECK(std::equal(destroyed.begin(), destroyed.begin() + 4096, destroyed.begin() + 4096));
    CHECK(vault.unlocking("first") == Error::wrong_passphrase);
    CHECK(vault.destroys("gone") == SealedFiles::go);

    const MasterKey fresh = must(MasterKey::random());
    must(slots.begin_anew(fresh));
    CHECK(master_of(vault.keys("gone")) == Bytes(fresh.expose().begin(), fresh.expose().end()));
    CHECK(slots_left(destroyed, vault.read()) == 0);
    CHECK(vault.unlocking("first") == Error::wrong_passphrase);
}

TEST_CASE("where a disk fails once, destroying tries again, so that both copies are without the master key") {
    const DestroyingHalf vault;
    const Bytes before = vault.read();
    CHECK(vault.destroys_where_the_second_half(Fails::once) == 0);
    CHECK(slots_left(before, vault.read()) == 0);
}

TEST_CASE(
    "where one copy stays unwritten, the old slots lead to nothing, and go before there is a new vault") {
    const DestroyingHalf vault;
    const Bytes before = vault.read();
    CHECK(vault.destroys_where_the_second_half(Fails::always) == 0);
    const Bytes after = vault.read();
    CHECK_FALSE(std::equal(before.begin(), before.begin() + 4096, after.begin()));
    CHECK(std::equal(before.begin() + 4096, before.end(), after.begin() + 4096));  // the disk's fault
    CHECK(vault.unlocking("first") == Error::wrong_passphrase);
    CHECK(slots_left(before, vault.read()) == 0);  // opening has brought the other copy to it
}

TEST_CASE("once one copy is destroyed, a power cut at any byte never brings the old master key back") {
    const VaultFolder vault;
    vault.set_destroying("gone");
    const Bytes before = vault.read();
    KeyslotsFile slots = vault.open();
    must(slots.unlock(passphrase("gone")));
    must(slots.destroy_master_key());
    const Bytes after = vault.read();
    const Bytes old_copy = must(KeyslotsFile::newest_copy(before));
    const Bytes new_copy = must(KeyslotsFile::newest_copy(after));
    for (std::size_t written = 0; written <= 8192; ++written) {
        Bytes torn = before;
        for (std::size_t i = 0; i < written; ++i) torn[(i + 4096) % 8192] = after[(i + 4096) % 8192];
        CHECK(must(KeyslotsFile::newest_copy(torn)) == (written >= 4096 ? new_copy : old_copy));
    }
    Bytes half = before;  // one copy, and then the power went
    std::copy(after.begin() + 4096, after.end(), half.begin() + 4096);
    vault.write(half);
    CHECK(vault.unlocking("first") == Error::wrong_passphrase);
    CHECK(vault.read() == after);  // opening has repaired the other
}

TEST_CASE(
    "keyslots with both copies damaged, cut, foreign or of a later version are refused and left alone") {
    const VaultFolder vault;
    const Bytes whole = vault.read();
    const auto refused = [&](const Bytes& file, Error error) {
        vault.write(file);
        CHECK(vault.opening() == error);
        CHECK(vault.read() == file);
    };
    Bytes damaged = whole;
    damaged[200] ^= 1;
    damaged[4096 + 300] ^= 1;
    refused(damaged, Error::damaged);
    refused(Bytes(whole.begin(), whole.end() - 1), Error::damaged);
    refused(bytes("not ours"), Error::wrong_format);
    refused(Bytes(8192), Error::wrong_format);
    refused({}, Error::wrong_format);
    refused(with_byte(whole, 8, 1), Error::unsupported);
    refused(with_byte(whole, 9, 9), Error::unsupported);
    refused(with_byte(whole, 12, 1), Error::not_canonical);
    refused(with_byte(whole, 2000, 1), Error::not_canonical);
    refused(with_byte(whole, 28, 2), Error::cost_refused);
    refused(with_byte(whole, 27, 1), Error::cost_refused);
    Bytes half_newer = whole;
    std::ranges::copy(ByteView(with_byte(whole, 8, 1)).first(4096), half_newer.begin());
    refused(half_newer, Error::unsupported);
}

TEST_CASE("a file of keyslots that is not there is told apart") {
    CHECK(error_of(KeyslotsFile::open("/nonexistent/keyslots")) == Error::not_found);
}
