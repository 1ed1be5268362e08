#include "sync/sftp_listing.h"

#include "sync/list_bounds.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

const std::string a = "k7m2q9x4b8n3/20261103-" + std::string(64, 'a') + ".batch";
const std::string b = "k7m2q9x4b8n3/20261104-" + std::string(64, 'b') + ".batch";

std::string file_of(const std::string& name) {
    return name.substr(name.find('/') + 1);
}

std::vector<sync::ListedFile> read(const std::string& lines) {
    return sync::parse_sftp_listing(lines, "k7m2q9x4b8n3/");
}

}  // namespace

TEST_CASE("what servers of SFTP write of their files is read, each in its own way") {
    const std::vector<sync::ListedFile> both{{a, 6}, {b, 20480}};
    // OpenSSH; one that has groups with spaces and no size there; one that ends its lines as Windows does.
    CHECK(read("-rw-r--r--    1 nobody   nogroup     20480 Nov 29 03:35 " + file_of(b) +
               "\n-rw-r--r--    1 nobody   nogroup         6 Nov 29  2025 " + file_of(a) + "\n") == both);
    CHECK(read("-rw-r--r-- 1 anna Domain Users 6 Nov 29 03:35 " + file_of(a)) ==
          std::vector<sync::ListedFile>{{a, 0, false}});
    CHECK(read("-rw-rw-rw- 1 user group 6 Nov 29 03:35 " + file_of(a) + "\r\n") ==
          std::vector<sync::ListedFile>{{a, 6}});
    CHECK(read("?--------- 1 0 0 6 - - " + file_of(a)) == std::vector<sync::ListedFile>{{a, 6}});
    CHECK(read(file_of(a) + "\n") == std::vector<sync::ListedFile>{{a, 0, false}});
    CHECK(read("dora 6 " + file_of(a) + "\n") == std::vector<sync::ListedFile>{{a, 0, false}});
    CHECK(read("").empty());
}

TEST_CASE("of what a server of SFTP lists only our names count, each once") {
    for (const std::string& line :
         {"drwxr-xr-x 2 a b 4096 Nov 29 03:35 " + file_of(a),
          "lrwxrwxrwx 1 a b 11 Nov 29 03:35 " + file_of(a), "prw-r--r-- 1 a b 0 Nov 29 03:35 " + file_of(a),
          "lrwxrwxrwx 1 a b 11 Nov 29 03:35 x -> " + file_of(a),
          std::string("-rw-r--r-- 1 a b 6 Nov 29 03:35 .") + file_of(a),
          std::string("-rw-r--r-- 1 a b 6 Nov 29 03:35 .."), std::string("-rw-r--r-- 1 a b 6 Nov 29 03:35 "),
          std::string("-rw-r--r-- 1 a b 6 Nov 29 03:35 ../../x"), std::string("\n\n \n"),
          std::string("-rw-r--r-- 1 a b 6 Nov 29 03:35 a/b/c"), std::string("-rw 1 a b 6 UPPER")}) {
        CAPTURE(line);
        CHECK(read(line).empty());
    }
    const std::string line = "-rw-r--r-- 1 a b 6 Nov 29 03:35 " + file_of(a) + "\n";
    CHECK(read(line + line) == std::vector<sync::ListedFile>{{a, 6}});
    CHECK(read("-rw-r--r-- 1 a b 99999999999999999999999 Nov 29 03:35 " + file_of(a)) ==
          std::vector<sync::ListedFile>{{a, 0, false}});
}

TEST_CASE("a list that is crowded with lines is told from one that names our files and nothing else") {
    std::string crowded, honest;
    for (int i = 0; i < 200'000; ++i) crowded += "ab\n";
    for (int i = 0; i < 200'000; ++i) honest += file_of(a) + "\n";
    CHECK(sync::has_crowded_lines(crowded));
    CHECK_FALSE(sync::has_crowded_lines(honest));
}
