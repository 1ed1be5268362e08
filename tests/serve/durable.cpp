// What a device is told to be stored is on the disk.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "client/researcher/served_folder.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using researcher::Arrival;
using researcher::ServedFolder;

namespace {

/// Asked at each fsync, before it is done; false: the disk fails.
std::function<bool(int descriptor)> on_fsync;

bool is_folder(int descriptor) {
    struct stat status {};
    REQUIRE(::fstat(descriptor, &status) == 0);
    return S_ISDIR(status.st_mode);
}

/// A folder that a device hands one file to; how the disk is asked meanwhile.
struct OneUpload {
    TemporaryFolder folder;
    std::string content = std::string(20'000, 's');
    std::string name = sync::batch_name(study_tag, day(3), sha256_of(content));
    bool file_fails = false, folder_fails = false;
    std::vector<std::string> asked{};

    bool stands() const { return fs::exists(folder / name); }
    /// What the device is told.
    int put() {
        auto served = ServedFolder::open(folder.path(), {study_tag}, 1'000'000);
        REQUIRE(served);
        auto begun = served->begin(name, content.size());
        if (const auto* word = std::get_if<researcher::FolderWord>(&begun)) return word->status;
        auto& arrival = std::get<Arrival>(begun);
        REQUIRE_FALSE(arrival.write(crypto::bytes_of(content)));
        on_fsync = [&](int descriptor) {
            const bool of_folder = is_folder(descriptor);
            asked.push_back(std::string(of_folder ? "folder" : "file") +
                            (stands() ? ", named" : ", no name"));
            return !(of_folder ? folder_fails : file_fails);
        };
        const int status = arrival.finish().status;
        on_fsync = {};
        return status;
    }
};

}  // namespace

extern "C" {
int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor) {
    if (!on_fsync || on_fsync(descriptor)) return __real_fsync(descriptor);
    errno = EIO;
    return -1;
}
}

TEST_CASE("a file is on the disk before it has its name, and its name before the device hears of it") {
    OneUpload upload;
    CHECK(upload.put() == 201);
    CHECK(upload.asked == std::vector<std::string>{"file, no name", "folder, named"});
}

TEST_CASE("a disk that does not keep a file gives it no name, and the device comes again") {
    OneUpload upload;
    upload.file_fails = true;
    CHECK(upload.put() == 503);
    CHECK(names_in(upload.folder.path()).empty());
    upload.file_fails = false;
    CHECK(upload.put() == 201);
}

TEST_CASE("of a name that the disk may not keep no device is told that it is stored") {
    OneUpload upload;
    upload.folder_fails = true;
    CHECK(upload.put() == 503);
    upload.folder_fails = false;
    CHECK(upload.put() == (upload.stands() ? 412 : 201));
    CHECK(content_of(upload.folder / upload.name) == upload.content);
}
