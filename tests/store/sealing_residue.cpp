#include "client/store/sealing.h"

#include <doctest/doctest.h>

#include "crypto/batch_header.h"
#include "crypto/batch_layout.h"
#include "tests/support/store.h"
#include "tests/support/vault_pages.h"

using namespace fieldfare;
using namespace fieldfare::test;
using store::Step;

// What stays on the disk of an interview that was sealed.

namespace {

std::string text_of(crypto::batch::KeyBytes bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("of a draft that is sealed or deleted no page of the database keeps anything, in use or free") {
    FieldDevice device;
    const auto pages = [&] { return pages_of(device.profile.path(), Device::right_passphrase); };
    const std::string answer = "Marker-90417", long_answer = "Marker-55263", file = "Marker-71840";
    const auto many = [](const std::string& word) {
        std::string text;
        for (int i = 0; i < 2000; ++i) text += word + " ";
        return text;
    };
    device.start("kept", "Marker-kept");
    device.start("draft", answer);
    REQUIRE(device.save("draft", "/long", many(long_answer)).has_value());
    device.attach("draft", "/file", "paper.bin", many(file));
    for (const auto& marker : {answer, long_answer, file, std::string("paper.bin")})
        CHECK(pages().find(marker) != std::string::npos);

    SUBCASE("sealed") {
        REQUIRE(device.finalise_with("draft", 1, {"paper.bin"}).has_value());
    }
    SUBCASE("deleted") {
        REQUIRE(device.vault().delete_draft("draft").has_value());
    }
    CHECK(std::filesystem::file_size(device.profile.file("vault.db-wal")) == 0);
    for (const auto& marker : {answer, long_answer, file, std::string("paper.bin")})
        CHECK(pages().find(marker) == std::string::npos);
    CHECK(pages().find("Marker-kept") != std::string::npos);
}

TEST_CASE("what a crash leaves in the log of an interview that was sealed goes at the next unlock") {
    FieldDevice device;
    device.lock();
    const auto status = in_another_process([&] {
        (void)device.unlock(Device::right_passphrase, killed_at(Step::recorded));
        device.start("draft", "yes");
        (void)device.finalise("draft", 1);
    });
    REQUIRE(WIFSIGNALED(status));
    const auto log = device.profile.file("vault.db-wal");
    CHECK(std::filesystem::file_size(log) > 0);
    REQUIRE(device.unlock().has_value());
    CHECK(device.sealed_times(1) == 1);
    CHECK(std::filesystem::file_size(log) == 0);
}

TEST_CASE("after a finalise the answers stand readable nowhere in the profile, and the log is empty") {
    FieldDevice device;
    const std::string marker = "Marker-90417";
    device.start("draft", marker);
    REQUIRE(device.finalise("draft", 1, "{\"q\":\"" + marker + "\"}").has_value());
    CHECK(std::filesystem::file_size(device.profile.file("vault.db-wal")) == 0);
    for (const auto& bytes : {marker, utf16(marker)}) CHECK(files_with(device.profile.path(), bytes).empty());
    device.lock();
    for (const auto& bytes : {marker, utf16(marker)}) CHECK(files_with(device.profile.path(), bytes).empty());
}

TEST_CASE("no content, chain or record key of an open batch stands in any file of the profile") {
    FieldDevice device;
    for (std::uint8_t i = 1; i <= 3; ++i) device.interview(i);
    const auto open = store::outbox_folder(device.profile.path()) / "open";
    const auto file = bytes_of_file(std::filesystem::directory_iterator(open)->path());
    const auto outline = crypto::outline_of(crypto::bytes_of(file));
    const auto header = device.researcher.open_header(file);
    REQUIRE(files_with(device.profile.path(), text_of(crypto::batch::KeyBytes(outline->header_tag))).size() ==
            1);

    std::vector<std::string> keys = {text_of(header.content_key.expose())};
    auto chain = crypto::batch::first_chain_key(header.content_key.expose(), outline->header_tag);
    auto record_key = crypto::batch::RecordKey::zeroed();
    for (int record = 0; record < 5; ++record) {  // OPEN, three interviews, and the one to come
        keys.push_back(text_of(chain->expose()));
        crypto::batch::derive_record_key(*record_key, *chain);
        keys.push_back(text_of(record_key->expose()));
        crypto::batch::advance(*chain);
    }
    for (const auto& key : keys) CHECK(files_with(device.profile.path(), key).empty());
}

// --- crashes ----------------------------------------------------------------------------------------
