#include "crypto/recovery.h"

#include <doctest/doctest.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/keyslots.h"
#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

const VaultName vault_name{id_named("study"), id_named("device")};

Bytes bytes_of_key(const MasterKey& key) {
    return {key.expose().begin(), key.expose().end()};
}

/// A device whose passphrase is forgotten, and its supervisor.
struct Forgotten {
    std::vector<Identity> supervisor = [] {
        std::vector<Identity> one;
        one.push_back(researcher("supervisor"));
        return one;
    }();
    MasterKey master = must(MasterKey::random());
    Bytes slot = must(seal_recovery_slot(master, vault_name, supervisor.front().recipient().box_key));
    RecoveryRequest request = must(RecoveryRequest::begin(slot));

    OpenedRequest opened() const { return must(OpenedRequest::open(request.file(), supervisor)); }
    std::optional<Error> opening(const Bytes& file) const {
        return error_of(OpenedRequest::open(file, supervisor));
    }
};

/// The file with a byte changed and the checksum made right again.
Bytes with_byte(Bytes file, std::size_t offset, std::uint8_t byte) {
    file[offset] = byte;
    const auto sum = hash<16>("FFR1 checksum   ", {ByteView(file).first(file.size() - 16)});
    std::ranges::copy(sum, file.end() - 16);
    return file;
}

/// Keyslots in a file of their own, gone at the end.
struct SlotsFile {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("recovery-" + to_hex(must(random_id())));
    SlotsFile() { must(KeyslotsFile::create(path, passphrase("first"), cost_floor)); }
    ~SlotsFile() { std::filesystem::remove(path); }
    KeyslotsFile open() const { return must(KeyslotsFile::open(path)); }
    Bytes read() const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    MasterKeys keys(std::string_view words) const {
        KeyslotsFile slots = open();
        return std::get<MasterKeys>(must(slots.unlock(passphrase(words))));
    }
};

/// Whether its first 32 bytes are the X25519 key of somebody, on the curve itself and canonical.
bool is_a_sealed_box(ByteView slot) {
    std::array<std::uint8_t, 32> scalar{8}, out{};
    return slot[31] < 0x80 && crypto_scalarmult(out.data(), scalar.data(), slot.data()) == 0;
}

}  // namespace

TEST_CASE("the supervisor gives the master key back to the device that asks, and learns which vault it is") {
    const Forgotten device;
    const OpenedRequest opened = device.opened();
    CHECK(opened.vault() == vault_name);
    CHECK(opened.digits() == device.request.digits());
    const Bytes answer = must(opened.answer());
    CHECK(bytes_of_key(must(device.request.open(answer))) == bytes_of_key(device.master));
}

TEST_CASE("neither request nor answer holds the master key in clear") {
    const Forgotten device;
    const Bytes answer = must(device.opened().answer());
    const Bytes master = bytes_of_key(device.master);
    for (const Bytes& file : {device.slot, device.request.file(), answer})
        CHECK(std::ranges::search(file, master).empty());
}

TEST_CASE(
    "a request opens for nobody but its supervisor, and one of a vault without a supervisor for nobody") {
    const Forgotten device;
    std::vector<Identity> others;
    others.push_back(researcher());
    CHECK(error_of(OpenedRequest::open(device.request.file(), others)) == Error::not_openable);
    const Bytes nobodys = must(seal_recovery_slot(device.master, vault_name, std::nullopt));
    CHECK(device.opening(must(RecoveryRequest::begin(nobodys)).file()) == Error::not_openable);
    BoxKey weak;
    CHECK(error_of(seal_recovery_slot(device.master, vault_name, weak)) == Error::weak_key);
}

TEST_CASE("an answer opens for its own request only: not for a later one of the same device") {
    const Forgotten device;
    const Bytes answer = must(device.opened().answer());
    const RecoveryRequest later = must(RecoveryRequest::begin(device.slot));
    CHECK(error_of(later.open(answer)) == Error::forged);
    CHECK(later.digits() != device.request.digits());
}

TEST_CASE("an answer to the same one-time key with another slot beside it is forged") {
    const Forgotten device, other;
    const BoxKey to = device.supervisor.front().recipient().box_key;
    Bytes exchanged = device.request.file();
    const Bytes slot = must(seal_recovery_slot(other.master, vault_name, to));
    std::ranges::copy(slot, exchanged.begin() + 44);
    const auto opened = OpenedRequest::open(with_byte(exchanged, 8, 1), device.supervisor);
    REQUIRE(opened);
    CHECK(opened->digits() != device.request.digits());
    CHECK(error_of(device.request.open(must(opened->answer()))) == Error::forged);
}

TEST_CASE("a request in which one byte is another is refused or has other digits, an answer is refused") {
    const Forgotten device;
    const Bytes answer = must(device.opened().answer());
    for (std::size_t i = 0; i < device.request.file().size(); ++i) {
        Bytes changed = device.request.file();
        changed[i] ^= 1;
        CHECK(device.opening(changed));
        if (i < 12 || i >= changed.size() - 16) continue;
        const auto opened = OpenedRequest::open(with_byte(changed, i, changed[i]), device.supervisor);
        if (opened) CHECK(opened->digits() != device.request.digits());
    }
    for (std::size_t i = 0; i < answer.size(); ++i) {
        Bytes changed = answer;
        changed[i] ^= 1;
        CHECK(error_of(device.request.open(changed)));
        if (i >= 12 && i < answer.size() - 16)
            CHECK(error_of(device.request.open(with_byte(changed, i, changed[i]))) == Error::forged);
    }
}

TEST_CASE("what a request and an answer may not be is told apart") {
    const Forgotten device;
    const Bytes request = device.request.file();
    const Bytes answer = must(device.opened().answer());
    CHECK(device.opening({}) == Error::wrong_format);
    CHECK(device.opening(bytes("a letter")) == Error::wrong_format);
    CHECK(device.opening(answer) == Error::wrong_format);
    CHECK(error_of(device.request.open(request)) == Error::wrong_format);
    CHECK(device.opening(with_byte(request, 8, 2)) == Error::unsupported);
    CHECK(device.opening(with_byte(request, 10, 1)) == Error::not_canonical);
    CHECK(device.opening(Bytes(request.begin(), request.end() - 1)) == Error::damaged);
    CHECK(device.opening(Bytes(request.begin(), request.begin() + 10)) == Error::damaged);
    Bytes weak = request;
    std::fill_n(weak.begin() + 12, 32, std::uint8_t{0});
    CHECK(device.opening(with_byte(weak, 12, 0)) == Error::weak_key);
    CHECK(error_of(RecoveryRequest::begin(Bytes(127))) == Error::damaged);
}

TEST_CASE("what a supervisor's slot holds is held to its rules, whoever has sealed it") {
    const Forgotten device;
    const BoxKey to = device.supervisor.front().recipient().box_key;
    const auto opening = [&](std::size_t offset, std::uint8_t byte) {
        Bytes content(80);
        content[0] = 2;
        content[offset] = byte;
        Bytes slot(128);
        REQUIRE(crypto_box_seal(slot.data(), content.data(), content.size(), to.bytes.data()) == 0);
        return device.opening(must(RecoveryRequest::begin(slot)).file());
    };
    CHECK_FALSE(opening(0, 2));
    for (const std::uint8_t type : Bytes{0, 1, 3, 4}) CHECK(opening(0, type) == Error::unsupported);
    for (const std::size_t zero : {1U, 7U, 72U, 79U}) CHECK(opening(zero, 1) == Error::not_canonical);
}

TEST_CASE("every file of keyslots has a sealed box in the slot of recovery, whatever was done to it") {
    const SlotsFile file;
    const auto looks_alike = [&] {
        const Bytes slot = file.open().recovery_slot();
        const Bytes bytes = file.read();
        CHECK(std::equal(slot.begin(), slot.end(), bytes.begin() + 64 + 7 * 128));
        return is_a_sealed_box(slot);
    };
    CHECK(looks_alike());
    must(file.open().set_destroy_passphrase(passphrase("first"), passphrase("gone"), SealedFiles::stay));
    CHECK(looks_alike());
    KeyslotsFile slots = file.open();
    must(slots.change_passphrase(passphrase("first"), passphrase("second"), cost_floor));
    CHECK(looks_alike());
    must(slots.forget_previous());
    must(slots.set_destroy_passphrase(passphrase("second"), passphrase("gone"), SealedFiles::stay));
    must(slots.unlock(passphrase("gone")));
    must(slots.destroy_master_key());
    CHECK(looks_alike());
    must(slots.begin_anew(must(MasterKey::random())));
    CHECK(looks_alike());
    must(slots.destroy());
    CHECK(looks_alike());
}

TEST_CASE(
    "what is sealed for recovery stays when a passphrase is set that destroys, and goes when it is typed") {
    const SlotsFile file;
    const Forgotten device;
    KeyslotsFile slots = file.open();
    must(slots.set_recovery_slot(device.slot));
    CHECK(error_of(slots.set_recovery_slot(Bytes(127))) == Error::bad_argument);
    must(slots.set_destroy_passphrase(passphrase("first"), passphrase("gone"), SealedFiles::stay));
    CHECK(slots.recovery_slot() == device.slot);
    CHECK(file.open().recovery_slot() == device.slot);
    must(slots.unlock(passphrase("gone")));
    must(slots.destroy_master_key());
    const Bytes destroyed = file.read();
    CHECK(std::ranges::search(destroyed, device.slot).empty());
}

TEST_CASE(
    "with the master key a new passphrase is set, which leads to both keys until the vault is rekeyed") {
    const SlotsFile file;
    const MasterKeys before = file.keys("first");
    KeyslotsFile slots = file.open();
    const MasterKeys changed = must(slots.change_passphrase(before.current, passphrase("new"), cost_floor));
    CHECK(bytes_of_key(*changed.previous) == bytes_of_key(before.current));
    CHECK(bytes_of_key(*file.keys("new").previous) == bytes_of_key(before.current));
    CHECK(error_of(file.open().unlock(passphrase("first"))) == Error::wrong_passphrase);
    must(slots.forget_previous());
    CHECK_FALSE(file.keys("new").previous);
}
