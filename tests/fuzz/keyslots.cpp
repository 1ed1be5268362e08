// The two copies of a vault's keyslots, as they are and with checksums that fit; and slots that the
// passphrase has sealed, with the head, contents and places of the input's plan, opened and worked on.
// Argon2id is a plain hash here, by the linker (fuzz/plain_argon2id.cpp).

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "crypto/hash.h"
#include "crypto/keyslots.h"
#include "crypto/random.h"
#include "tests/fuzz/known_keys.h"
#include "tests/support/crypto_key_forger.h"

using namespace fieldfare;
using crypto::Bytes;
using crypto::KeyslotsFile;

namespace {

constexpr std::size_t copy_size = KeyslotsFile::file_size / 2, checksum_at = copy_size - 32;
constexpr std::size_t slots_at = 64, slot_size = 128, content_size = 56;

void read(crypto::ByteView file) {
    const auto newest = KeyslotsFile::newest_copy(file);
    if (!newest) return;
    fuzz::must(file.size() == KeyslotsFile::file_size, "keyslots have one size");
    fuzz::must(std::ranges::equal(*newest, file.first(copy_size)) ||
                   std::ranges::equal(*newest, file.last(copy_size)),
               "the newest copy is one of the two");
    crypto::Bytes repaired = *newest;
    repaired.insert(repaired.end(), newest->begin(), newest->end());
    fuzz::must(KeyslotsFile::newest_copy(repaired) == *newest, "a repaired file has the same newest copy");
}

void put_checksum(Bytes& file, std::size_t copy) {
    const auto sum = crypto::hash("FFV0 checksum   ", {crypto::ByteView(file).subspan(copy, checksum_at)});
    std::ranges::copy(sum, file.begin() + static_cast<std::ptrdiff_t>(copy + checksum_at));
}

/// A head with a few bytes changed, and up to three slots with a content each.
Bytes planned(fuzz::Plan& plan) {
    static const test::KeyForger forger("right");
    Bytes head = test::KeyForger::keyslots_head();
    for (std::size_t changes = plan.byte() % 3; changes > 0; --changes) {
        const std::size_t at = plan.byte() % head.size();
        head[at] = plan.byte();
    }
    Bytes file;
    for (std::size_t slots = 1 + plan.byte() % 3; slots > 0; --slots) {
        const std::size_t slot = plan.byte() % 8;
        Bytes content(content_size);
        content[0] = plan.byte();
        std::fill_n(content.begin() + 8, 32, plan.byte());
        content[40] = plan.byte();
        if (const std::size_t at = plan.byte(); at < content.size()) content[at] = plan.byte();
        const Bytes one = forger.keyslots(head, slot, content);
        if (file.empty()) file = one;
        for (const std::size_t copy : {std::size_t{0}, copy_size}) {
            const auto at = static_cast<std::ptrdiff_t>(copy + slots_at + slot * slot_size);
            std::copy_n(one.begin() + at, slot_size, file.begin() + at);
            put_checksum(file, copy);
        }
    }
    return file;
}

crypto::SecretText words(std::string_view text) {
    auto secret = crypto::SecretText::copy_of(text);
    fuzz::must(secret.has_value(), "there is guarded memory");
    return std::move(*secret);
}

bool same(const crypto::MasterKey& one, const crypto::MasterKey& other) {
    return std::ranges::equal(one.expose(), other.expose());
}

class KeyslotsOnDisk {
  public:
    explicit KeyslotsOnDisk(const Bytes& file) {
        std::ofstream(path_, std::ios::binary | std::ios::trunc)
            .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    }
    ~KeyslotsOnDisk() { ::unlink(path_.c_str()); }
    KeyslotsOnDisk(const KeyslotsOnDisk&) = delete;

    crypto::Result<KeyslotsFile> open() const { return KeyslotsFile::open(path_); }
    crypto::Result<crypto::Unlocked> unlock(std::string_view passphrase) const {
        auto slots = open();
        fuzz::must(slots.has_value(), "keyslots that have opened open again");
        return slots->unlock(words(passphrase));
    }

  private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("fieldfare-keyslots-" + std::to_string(::getpid()));
};

void destroys(const KeyslotsOnDisk& disk, KeyslotsFile& slots, crypto::SealedFiles sealed) {
    fuzz::must(slots.destroy_master_key().has_value(), "an order is carried out");
    const auto again = disk.unlock("right");
    fuzz::must(again && std::holds_alternative<crypto::DestroyOrder>(*again) &&
                   std::get<crypto::DestroyOrder>(*again).sealed == sealed,
               "the order stands until there is a new vault");
    const auto fresh = crypto::MasterKey::random();
    fuzz::must(fresh && slots.begin_anew(*fresh), "a new vault begins");
    const auto anew = disk.unlock("right");
    fuzz::must(anew && std::holds_alternative<crypto::MasterKeys>(*anew) &&
                   same(std::get<crypto::MasterKeys>(*anew).current, *fresh),
               "what destroyed is the user's then");
}

void changes(const KeyslotsOnDisk& disk, KeyslotsFile& slots, const crypto::MasterKeys& keys) {
    fuzz::must(slots.forget_previous().has_value(), "a change is brought to its end");
    const auto changed = slots.change_passphrase(words("right"), words("new"), crypto::cost_floor);
    if (!changed && changed.error() == crypto::Error::wrong_state) return;  // two keys from before a change
    fuzz::must(changed && changed->previous && same(*changed->previous, keys.current),
               "a change hands out the key before it");
    fuzz::must(!disk.unlock("right").has_value(), "after a change the old passphrase opens nothing");
    const auto now = disk.unlock("new");
    fuzz::must(now && std::holds_alternative<crypto::MasterKeys>(*now) &&
                   same(std::get<crypto::MasterKeys>(*now).current, changed->current),
               "and the new one opens");
}

void open_planned(fuzz::Plan plan) {
    const KeyslotsOnDisk disk(planned(plan));
    auto slots = disk.open();
    if (!slots) return;
    fuzz::must(!disk.unlock("wrong").has_value(), "another passphrase opens nothing");
    const auto unlocked = slots->unlock(words("right"));
    if (!unlocked) return;
    if (const auto* order = std::get_if<crypto::DestroyOrder>(&*unlocked))
        destroys(disk, *slots, order->sealed);
    else
        changes(disk, *slots, std::get<crypto::MasterKeys>(*unlocked));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::must(crypto::start().has_value(), "the library starts");
    fuzz::begin_the_same_randomness();
    read({data, size});
    crypto::Bytes file(data, data + std::min(size, KeyslotsFile::file_size));
    file.resize(KeyslotsFile::file_size);
    for (const std::size_t copy : {std::size_t{0}, copy_size}) {
        put_checksum(file, copy);
        read(file);  // once with one of them, once with both
    }
    open_planned({data, size});
    return 0;
}
