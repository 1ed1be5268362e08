#include "sync/dav_listing.h"

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

const std::string hash_a(64, 'a');
const std::string one = sync::batch_name(study_tag, day(1), hash_a);

std::string response(const std::string& href, const std::string& properties) {
    return "<D:response><D:href>" + href + "</D:href><D:propstat><D:prop>" + properties +
           "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";
}
std::string file(const std::string& href, const std::string& size = "5") {
    return response(href, "<D:resourcetype/><D:getcontentlength>" + size + "</D:getcontentlength>");
}
std::string answer(const std::string& responses) {
    return "<?xml version=\"1.0\"?><D:multistatus xmlns:D=\"DAV:\">" + responses + "</D:multistatus>";
}

std::vector<sync::ListedFile> listed(const std::string& xml, const std::string& base = "/drop") {
    const auto files = sync::parse_dav_listing(xml, base, study_tag + "/");
    REQUIRE(files);
    return *files;
}

}  // namespace

TEST_CASE("a listing is read however a server writes it") {
    const std::vector<sync::ListedFile> expected{{one, 5}};
    CHECK(listed(answer(
              response("/drop/" + study_tag + "/", "<D:resourcetype><D:collection/></D:resourcetype>") +
              file("/drop/" + one))) == expected);
    CHECK(listed(answer(file("https://drop.example.org:8443/drop/" + one))) == expected);
    CHECK(
        listed("<multistatus xmlns='DAV:'><response><href>\n /drop/" + one +
               "\n</href><propstat><prop><getcontentlength>5</getcontentlength></prop></propstat></response>"
               "</multistatus>") == expected);
    CHECK(listed(answer("<D:response><D:href>/drop/" + one +
                        "</D:href><D:propstat><D:prop><lp1:getcontentlength xmlns:lp1=\"DAV:\">5"
                        "</lp1:getcontentlength></D:prop></D:propstat><D:propstat><D:prop><D:resourcetype/>"
                        "</D:prop></D:propstat></D:response>")) == expected);
    CHECK(listed(answer(file("/my%20drop/" + study_tag + "%2F" + one.substr(study_tag.size() + 1))),
                 "/my%20drop") == expected);
    CHECK(listed(answer(file("/" + one)), "") == expected);
    CHECK(listed(answer("")).empty());
}

TEST_CASE("of what a store lists only our names count") {
    for (const std::string& bad :
         {"/drop/" + study_tag + "/../../etc/passwd", "/drop/" + study_tag + "/.hidden",
          "/drop/" + study_tag + "/receipts/x", "/drop/" + study_tag + "/UPPER", "/drop/other/" + hash_a,
          "/drop/" + study_tag + "/a%00b", "/drop/" + study_tag + "/a%2F..%2Fb", std::string("/drop/"),
          "/elsewhere/" + one, "file:///drop/" + one + "/x", "drop/" + one, std::string(),
          "/drop/" + study_tag + "/" + std::string(300, 'a')}) {
        CAPTURE(bad);
        CHECK(listed(answer(file(bad))).empty());
    }
    CHECK(listed(answer(response("/drop/" + study_tag + "/receipts",
                                 "<D:resourcetype><D:collection/>"
                                 "</D:resourcetype>")))
              .empty());
}

TEST_CASE("names come in order and once, and a size that is none is not told") {
    const std::string two = sync::batch_name(study_tag, day(2), hash_a);
    CHECK(listed(answer(file("/drop/" + two, "7") + file("/drop/" + one) + file("/drop/" + two, "7"))) ==
          std::vector<sync::ListedFile>{{one, 5}, {two, 7}});
    for (const char* size : {"", "-1", "x", "99999999999999999999999", "5 5"})
        CHECK(listed(answer(file("/drop/" + one, size))) == std::vector<sync::ListedFile>{{one, 0, false}});
    CHECK(listed(answer(response("/drop/" + one, "<D:resourcetype/>"))) ==
          std::vector<sync::ListedFile>{{one, 0, false}});
}

TEST_CASE("what is no listing is told from an empty one") {
    for (const std::string& bad :
         {std::string(), std::string("<html><body>Log in</body></html>"),
          std::string("<D:multistatus xmlns:D='DAV:'><D:response>"), std::string("{}")}) {
        CHECK_FALSE(sync::parse_dav_listing(bad, "/drop", study_tag + "/"));
    }
}

TEST_CASE("a listing with entities that grow stays small, and deep nesting ends") {
    std::string bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    CHECK(listed(bomb + answer(file("/drop/" + study_tag + "/&b;&b;&b;"))).empty());
    std::string deep;
    for (int i = 0; i < 200'000; ++i) deep += "<D:response                    >";
    CHECK_FALSE(sync::parse_dav_listing("<D:multistatus>" + deep, "/drop", study_tag + "/"));
    for (int i = 0; i < 200'000; ++i) deep += "</D:response>";
    CHECK(listed(answer(deep)).empty());
}

TEST_CASE("a listing that is crowded with elements is none, before it is taken apart") {
    std::string many, attributes;
    for (int i = 0; i < 200'000; ++i) many += "<a/>";
    for (int i = 0; i < 200'000; ++i) attributes += " a=''";
    CHECK_FALSE(sync::parse_dav_listing(answer(many), "/drop", study_tag + "/"));
    CHECK_FALSE(sync::parse_dav_listing(answer("<a" + attributes + "/>"), "/drop", study_tag + "/"));
}

TEST_CASE("a listing of 20,000 files is read, though its server writes as little of each as it can") {
    std::string all;
    for (int i = 0; i < 20'000; ++i)
        all += "<response><href>/" + sync::batch_name(study_tag, day(1), sha256_of(std::to_string(i))) +
               "</href><propstat><prop><resourcetype/><getcontentlength>5</getcontentlength></prop>"
               "<status>HTTP/1.1 200 OK</status></propstat></response>";
    CHECK(listed("<multistatus xmlns='DAV:'>" + all + "</multistatus>", "").size() == 20'000);
}
