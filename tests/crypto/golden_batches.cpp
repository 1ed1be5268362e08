#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "crypto/keyslots.h"
#include "crypto/recovery.h"
#include "tests/support/crypto.h"
#include "tests/support/crypto_forger.h"

// Files of version 1 as they were written once (tests/data/batches/README.md). Every later program opens
// them, or says that the version is gone; none reads them as something else.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

const std::string folder = std::string(FIELDFARE_SOURCE_DIR) + "/tests/data/batches/";

Bytes read(const std::string& name) {
    std::ifstream file(folder + name, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), name);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& name, ByteView bytes) {
    std::ofstream file(folder + name, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(file.good());
}

constexpr std::string_view words = "correct horse battery staple";

Identity golden_researcher() {
    return must(Identity::from_file_bytes(read("researcher.ffkey"), passphrase(words)));
}

}  // namespace

TEST_CASE("the golden key file opens, and is that of the golden public line") {
    CHECK(must(from_line(text_of(read("researcher.ffpub")))) == golden_researcher().recipient());
    CHECK(must(Identity::from_file_bytes(read("root.ffkey"), passphrase(words))).recipient().kind ==
          IdentityKind::root);
}

TEST_CASE("the golden batches open with the golden key") {
    const Identity researcher = golden_researcher();
    const OpenedBatch final = must(read_batch(read("final.batch"), {&researcher, 1}));
    CHECK(payloads_of(final) == std::vector<std::string>{"one", std::string(2000, 'a') + "two"});
    CHECK(final.open.study == id_named("study"));
    CHECK(final.open.program_version == "golden");
    const OpenedBatch provisional = must(read_batch(read("provisional.batch"), {&researcher, 1}));
    CHECK(payloads_of(provisional) == std::vector<std::string>{"one"});
    CHECK(compare(final, provisional) == Succession::newer);
    CHECK(provisional_ids(final)[1] == provisional.id);
}

TEST_CASE("the golden keyslots unlock") {
    const Bytes file = read("keyslots");
    CHECK(must(KeyslotsFile::newest_copy(file)) == Bytes(file.begin(), file.begin() + 4096));
    const auto copy = std::filesystem::temp_directory_path() / ("golden-" + to_hex(must(random_id())));
    std::ofstream(copy, std::ios::binary)
        .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    const auto unlocked = must(KeyslotsFile::open(copy)).unlock(passphrase(words));
    CHECK(unlocked.has_value());
    std::filesystem::remove(copy);
}

TEST_CASE("the golden request for recovery opens with the golden key, and says whose vault it is") {
    const Identity researcher = golden_researcher();
    const OpenedRequest request = must(OpenedRequest::open(read("request.ffrecover"), {&researcher, 1}));
    CHECK(request.vault() == VaultName{id_named("study"), id_named("device")});
    CHECK(to_string(request.digits()) == "74001 94723 16665 63178 91060 27170");
    CHECK(must(request.answer()).size() == 140);
}

TEST_CASE("write the golden request anew" * doctest::skip()) {
    const BoxKey to = golden_researcher().recipient().box_key;
    const VaultName vault{id_named("study"), id_named("device")};
    const Bytes slot = must(seal_recovery_slot(must(MasterKey::random()), vault, to));
    const RecoveryRequest request = must(RecoveryRequest::begin(slot));
    write("request.ffrecover", request.file());
    std::cout << to_string(request.digits()) << "\n";
}

TEST_CASE("write the golden batches anew and print the worked example" * doctest::skip()) {
    const Identity researcher = golden_researcher();
    SealingDevice device{Researchers(0)};
    device.context.open.recipients = {researcher.recipient().box_key};
    device.context.open.program_version = "golden";
    BatchWriter writer = device.begin();
    write("provisional.batch", device.add(writer, "one").file);
    device.add(writer, std::string(2000, 'a') + "two");
    const SealedBatch final = must(writer.finish(device.key));
    write("final.batch", final.file);

    Forger known(final.file, researcher);
    const auto print = [](const char* name, ByteView value) {
        std::cout << name << " " << to_hex(value) << "\n";
    };
    print("recipient secret", *researcher.expose_box_secret());
    print("recipient public", researcher.recipient().box_key.bytes);
    print("content key", known.content_key);
    print("header tag", known.header_tag);
    for (const auto& [chain, record] : known.chain()) {
        print("chain key", chain);
        print("record key", record);
    }
    print("batch id", final.id);
    for (const auto& record : known.records) {
        print("record", ByteView(record.bytes).first(std::min<std::size_t>(record.bytes.size(), 80)));
        std::cout << record.bytes.size() << " bytes, " << record.cells.size() / 1041 << " cells\n";
    }
    print("close body", known.close_body);
    print("signature", known.signature);
    std::cout << final.file.size() << " bytes\n";
}
