#include <doctest/doctest.h>

#include "client/researcher/local_disk.h"
#include "client/researcher/served_folder.h"
#include "sync/folder_files.h"
#include "tests/support/skip.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using researcher::Arrival;
using researcher::FolderWord;
using researcher::least_counted;
using researcher::ServedFolder;

namespace {

constexpr std::uint64_t unit = least_counted, quota = 10 * unit;

std::string of_units(std::uint64_t count, char what) {
    return std::string(count * unit, what);
}

/// A folder of a study, and what devices send into it.
struct Taken {
    TemporaryFolder folder;
    std::optional<ServedFolder> served{};

    Taken() { open(); }
    void open(std::uint64_t room = quota, std::chrono::milliseconds count_again = {}) {
        auto opened = ServedFolder::open(folder.path(), {study_tag}, room, count_again);
        REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().sentence));
        served.emplace(std::move(*opened));
    }
    static std::string name_for(std::string_view content) {
        return sync::batch_name(study_tag, day(3), sha256_of(content));
    }
    std::variant<Arrival, FolderWord> begin(const std::string& content) {
        return served->begin(name_for(content), content.size());
    }
    int put(const std::string& content) {
        auto begun = begin(content);
        if (const auto* word = std::get_if<FolderWord>(&begun)) return word->status;
        return finish(std::get<Arrival>(begun), content);
    }
    static int finish(Arrival& arrival, const std::string& content) {
        if (const auto word = arrival.write(crypto::bytes_of(content))) return word->status;
        return arrival.finish().status;
    }
    std::vector<std::string> names() const { return names_in(folder.path()); }
    std::uint64_t used() const { return served->room().stored + served->room().coming; }
};

}  // namespace

TEST_CASE("what has come is in the folder as in any folder store, and stays") {
    Taken taken;
    CHECK(taken.put("sealed") == 201);
    sync::FolderStore store(taken.folder.path());
    CHECK(get(store, Taken::name_for("sealed")) == "sealed");
    CHECK(taken.put("sealed") == 412);
    CHECK(taken.names().size() == 1);
    CHECK(fs::is_directory(taken.folder / study_tag / "receipts"));
}

TEST_CASE("of an upload that ends early nothing is left, and its room is free again") {
    Taken taken;
    {
        auto begun = taken.begin("sealed");
        auto& arrival = std::get<Arrival>(begun);
        CHECK_FALSE(arrival.write(crypto::bytes_of("seal")));
        CHECK(taken.used() == unit);
        sync::FolderStore store(taken.folder.path());
        CHECK(store.list(study_tag + "/", "", 10, {})->files.empty());  // hidden while it comes
        CHECK(arrival.finish().status == 400);
    }
    CHECK(taken.names().empty());
    CHECK(taken.used() == 0);
    auto begun = taken.begin("sealed");
    CHECK(std::get<Arrival>(begun).write(crypto::bytes_of("sealed and more"))->status == 400);
}

TEST_CASE("what is not what its name says is not kept") {
    Taken taken;
    auto begun = taken.begin("sealed");
    CHECK(Taken::finish(std::get<Arrival>(begun), "forged") == 422);
    begun = FolderWord{};
    CHECK(taken.names().empty());
    CHECK(taken.put("sealed") == 201);
}

TEST_CASE("of two that come under one name at once, the first to be whole stands") {
    Taken taken;
    auto slow = taken.begin("sealed"), quick = taken.begin("sealed");
    CHECK(Taken::finish(std::get<Arrival>(quick), "sealed") == 201);
    CHECK(Taken::finish(std::get<Arrival>(slow), "sealed") == 412);
    slow = FolderWord{};
    CHECK(taken.names().size() == 1);
    CHECK(taken.used() == unit);
}

TEST_CASE("the quota counts what was there and what has come, and room that was made") {
    Taken taken;
    CHECK(taken.put(of_units(6, 'a')) == 201);
    CHECK(taken.put(of_units(4, 'b') + "b") == 507);
    CHECK(taken.put(of_units(1, 'c')) == 201);
    CHECK(taken.put(of_units(3, 'd') + "d") == 507);
    taken.open();
    CHECK(taken.used() == 7 * unit);
    CHECK(taken.served->files() == 2);
    CHECK(taken.put(of_units(3, 'd') + "d") == 507);
    fs::remove(taken.folder / Taken::name_for(of_units(6, 'a')));
    CHECK(taken.put(of_units(3, 'd') + "d") == 201);
    auto word = taken.begin(of_units(10, 'e') + "e");
    CHECK(std::get<FolderWord>(word).status == 507);
    CHECK(std::get<FolderWord>(word).trouble->fault == sync::Fault::no_space);
}

TEST_CASE("room that is only kept for what is coming in is no full folder: devices come again") {
    Taken taken;
    CHECK(taken.put(of_units(6, 'a')) == 201);
    {
        auto coming = taken.begin(of_units(3, 'b'));
        auto word = taken.begin(of_units(1, 'c') + "c");
        CHECK(std::get<FolderWord>(word).status == 429);
        CHECK_FALSE(std::get<FolderWord>(word).trouble);
        CHECK(taken.put(of_units(1, 'c')) == 201);
    }
    CHECK(taken.put(of_units(3, 'd')) == 201);
}

TEST_CASE("small files count, so that a quota bounds how many there are") {
    Taken taken;
    for (int i = 0; i < 10; ++i) CHECK(taken.put(std::to_string(i)) == 201);
    CHECK(taken.put("one more") == 507);
    taken.open();
    CHECK(taken.used() == quota);
    CHECK(taken.put("one more") == 507);
    CHECK(taken.put("3") == 412);  // what is there is there, full or not
}

TEST_CASE("a full folder is not counted at each request, and nothing is made for what is refused") {
    Taken taken;
    taken.open(quota, std::chrono::hours(1));
    CHECK(taken.put(of_units(10, 'a')) == 201);
    fs::remove(taken.folder / Taken::name_for(of_units(10, 'a')));
    const auto changed = fs::last_write_time(taken.folder / study_tag);
    CHECK(taken.put("b") == 507);
    CHECK(fs::last_write_time(taken.folder / study_tag) == changed);
    CHECK(taken.used() == quota);
    taken.open();
    CHECK(taken.put("b") == 201);
}

TEST_CASE("what lies under a name and is something else is moved aside, and the file is taken") {
    Taken taken;
    const std::string name = Taken::name_for("sealed"), last = name.substr(study_tag.size() + 1);
    for (const std::string& other : {std::string(), std::string("seal"), std::string("forged")}) {
        CAPTURE(other);
        fs::remove(taken.folder / name);
        write(taken.folder / name, other);
        taken.open();
        const std::size_t before = taken.names().size();
        CHECK(taken.put("sealed") == 201);
        CHECK(content_of(taken.folder / name) == "sealed");
        CHECK(taken.names().size() == before + 1);  // nothing is deleted
        CHECK(taken.served->set_aside() == 1);
        CHECK(taken.put("sealed") == 412);
    }
    CHECK(content_of(taken.folder / study_tag / (".other-3-" + last)) == "forged");
    sync::FolderStore store(taken.folder.path());
    CHECK(store.list(study_tag + "/", "", 10, {})->files.size() == 1);
    // Whoever asks does not say what is right: the name does.
    auto longer = taken.served->begin(name, 1000);
    CHECK(std::get<FolderWord>(longer).status == 412);
    fs::remove(taken.folder / name);
    fs::create_directory(taken.folder / name);
    taken.open();
    CHECK(taken.put("sealed") == 201);
}

TEST_CASE("what gets a name while its file comes in is looked at, too") {
    Taken taken;
    auto coming = taken.begin("sealed");
    write(taken.folder / Taken::name_for("sealed"), "");
    CHECK(Taken::finish(std::get<Arrival>(coming), "sealed") == 503);
    coming = FolderWord{};
    CHECK(taken.put("sealed") == 201);
}

TEST_CASE(
    "what others leave on a share is left alone for an hour; locks are believed on this machine's disks") {
    CHECK(researcher::is_local_disk(0xEF53));            // ext4
    CHECK(researcher::is_local_disk(0x4D44));            // FAT
    CHECK(researcher::is_local_disk(0x01021994));        // tmpfs
    CHECK_FALSE(researcher::is_local_disk(0x6969));      // NFS
    CHECK_FALSE(researcher::is_local_disk(0xFF534D42));  // CIFS
    CHECK_FALSE(researcher::is_local_disk(0xFE534D42));  // SMB 2
    CHECK_FALSE(researcher::is_local_disk(0x65735546));  // FUSE
    CHECK_FALSE(researcher::is_local_disk(0));
    CHECK_FALSE(researcher::is_on_local_disk(-1));
}

TEST_CASE("devices hear of a full folder, of a file that is not there, and else to come again") {
    using sync::Fault;
    CHECK(researcher::status_of_folder(Fault::no_space) == 507);
    CHECK(researcher::status_of_folder(Fault::too_large) == 413);
    CHECK(researcher::status_of_folder(Fault::not_found) == 404);
    for (const Fault fault : {Fault::no_store, Fault::not_permitted, Fault::read_only, Fault::unreachable,
                              Fault::not_a_store, Fault::failed})
        CHECK(researcher::status_of_folder(fault) == 503);
}

TEST_CASE("what a receiver that was killed has left goes at the next start; what others write stays") {
    Taken taken;
    write(taken.folder / study_tag / ".fieldfare-0011223344556677.part", "cut");
    const auto folder = sync::open_folder(taken.folder / study_tag / "receipts");
    const auto fetching = sync::TemporaryFile::create(*folder, sync::Access::everyone);
    REQUIRE(fetching);
    taken.open();
    CHECK(taken.names().size() == 1);
    CHECK(taken.names()[0].find("/receipts/.fieldfare-") != std::string::npos);
}

TEST_CASE("a receipt that researchers have put is given, and one that is not there is not found") {
    Taken taken;
    const std::string name = sync::receipt_name(study_tag, std::string(32, 'd'), 1);
    CHECK(std::get<FolderWord>(taken.served->receipt(name)).status == 404);
    CHECK_FALSE(std::get<FolderWord>(taken.served->receipt(name)).trouble);
    write(taken.folder / name, "a receipt");
    CHECK(text(std::get<crypto::Bytes>(taken.served->receipt(name))) == "a receipt");
}

TEST_CASE("a full disk is 507, and the person at the receiver is told") {
    const SmallDisk disk("size=64k");
    if (!disk.mounted()) {
        skipped_on_this_machine("no disk can be mounted here");
        return;
    }
    auto served = ServedFolder::open(disk.path(), {study_tag}, 1'000'000);
    REQUIRE(served);
    const std::string large(200'000, 'x');
    {
        auto begun = served->begin(Taken::name_for(large), large.size());
        const auto word = std::get<Arrival>(begun).write(crypto::bytes_of(large));
        REQUIRE(word);
        CHECK(word->status == 507);
        CHECK(word->trouble->fault == sync::Fault::no_space);
    }
    CHECK(names_in(disk.path()).empty());
    auto small = served->begin(Taken::name_for("small"), 5);
    CHECK(Taken::finish(std::get<Arrival>(small), "small") == 201);
}

TEST_CASE("a folder that is pulled out is told, and devices are asked to come again") {
    Taken taken;
    fs::remove_all(taken.folder.path());
    auto word = taken.begin("sealed");
    CHECK(std::get<FolderWord>(word).status == 503);
    CHECK(std::get<FolderWord>(word).trouble->fault == sync::Fault::no_store);
}

TEST_CASE("a folder that is none is said before anybody comes") {
    TemporaryFolder folder;
    const auto sentence = [&](const fs::path& path) {
        const auto opened = ServedFolder::open(path, {study_tag}, quota);
        REQUIRE_FALSE(opened);
        return opened.error().sentence;
    };
    CHECK(
        sentence(folder / "none")
            .ends_with(
                " can't be opened: No such file or directory; make the folder first, or correct the path."));
    write(folder / "file", "");
    CHECK(sentence(folder / "file").find("Not a directory") != std::string::npos);
    fs::create_symlink(folder.path(), folder / study_tag);  // a link in a store leads nowhere
    CHECK(sentence(folder.path()).find(" can't be made or opened: Not a directory;") != std::string::npos);
}
