#include "sync/s3_answers.h"

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;

namespace {

const std::string hash_a(64, 'a');
const std::string one = sync::batch_name(study_tag, day(1), hash_a);
const std::string two = sync::batch_name(study_tag, day(2), hash_a);

std::string file(const std::string& key, const std::string& size = "5") {
    return "<Contents><Key>" + key + "</Key><LastModified>2026-11-28T00:00:00.000Z</LastModified><Size>" +
           size + "</Size></Contents>";
}
std::string answer(const std::string& inside, const std::string& truncated = "false") {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult "
           "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>drop</Name><IsTruncated>" +
           truncated + "</IsTruncated>" + inside + "</ListBucketResult>";
}
std::string token(const std::string& text) {
    return "<NextContinuationToken>" + text + "</NextContinuationToken>";
}

std::vector<sync::ListedFile> listed(const std::string& xml, const std::string& folder = "") {
    const auto page = sync::parse_s3_listing(xml, folder, study_tag + "/");
    REQUIRE(page);
    return page->files;
}
bool is_listing(const std::string& xml) {
    return sync::parse_s3_listing(xml, "", study_tag + "/").has_value();
}

}  // namespace

TEST_CASE("a page of S3 says its files, and where the next begins") {
    CHECK(listed(answer("")).empty());
    CHECK(listed(answer(file(one) + file(two, "7"))) == std::vector<sync::ListedFile>{{one, 5}, {two, 7}});
    CHECK(listed(answer(file("a/b/" + one)), "a/b/") == std::vector<sync::ListedFile>{{one, 5}});
    const auto page =
        sync::parse_s3_listing(answer(file(one) + token("1&amp;+/="), "true"), "", study_tag + "/");
    REQUIRE(page);
    CHECK(page->next == "1&+/=");
    for (const char* size : {"", "-1", "x", "99999999999999999999999", "5 5"})
        CHECK(listed(answer(file(one, size))) == std::vector<sync::ListedFile>{{one, 0, false}});
}

TEST_CASE("of what S3 lists only our names count") {
    for (const std::string& bad :
         {study_tag + "/../../etc/passwd", study_tag + "/.hidden", study_tag + "/receipts/x",
          study_tag + "/UPPER", "other/" + hash_a, study_tag + "/", study_tag, std::string("/"), "/" + one,
          "elsewhere/" + one, study_tag + "/a%2Fb", std::string(), study_tag + "/" + std::string(300, 'a')}) {
        CAPTURE(bad);
        CHECK(listed(answer(file(bad))).empty());
    }
    CHECK(listed(answer(file(one)), "a/").empty());
    CHECK(listed(answer("<CommonPrefixes><Prefix>" + study_tag + "/receipts/</Prefix></CommonPrefixes>"))
              .empty());
    CHECK(listed(answer("<Contents><Size>5</Size></Contents>")).empty());
}

TEST_CASE("what is no listing of S3 is told from an empty one") {
    for (const std::string& bad :
         {std::string(), std::string("{}"), std::string("<html><body>Log in</body></html>"),
          std::string("<ListBucketResult>"), std::string("<ListBucketResult/>"), answer("", "perhaps"),
          answer(file(one), "true"),  // more, and nothing says where
          answer(file(one) + token(""), "true"), answer(file(one) + token(std::string(5000, 't')), "true"),
          answer(file(two) + file(one)), answer(file(one) + file(one))}) {  // names that do not rise
        CAPTURE(bad.substr(0, 200));
        CHECK_FALSE(is_listing(bad));
    }
}

TEST_CASE("a listing of S3 with entities that grow stays small, and deep nesting ends") {
    const std::string bomb =
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    CHECK(listed(bomb + answer(file(study_tag + "/&b;&b;&b;"))).empty());
    std::string deep;
    for (int i = 0; i < 200'000; ++i) deep += "<Contents                    >";
    CHECK_FALSE(is_listing("<ListBucketResult>" + deep));
    for (int i = 0; i < 200'000; ++i) deep += "</Contents>";
    CHECK(listed(answer(deep)).empty());
}

TEST_CASE("a listing of S3 that is crowded with elements is none, before it is taken apart") {
    std::string many;
    for (int i = 0; i < 200'000; ++i) many += "<a/>";
    CHECK_FALSE(is_listing(answer(many)));
}

TEST_CASE("of what S3 says in a refusal only codes that we know come through") {
    const auto code = [](const std::string& inside) {
        return std::string(sync::s3_error_code("<?xml version=\"1.0\"?><Error>" + inside + "</Error>"));
    };
    CHECK(code("<Code>NoSuchBucket</Code><Message>words</Message>") == "NoSuchBucket");
    for (const char* other : {"<Code>KEY:secret</Code>", "<Code> NoSuchBucket</Code>", "<Code/>", "",
                              "NoSuchBucket", "<Other><Code>NoSuchBucket</Code></Other>"})
        CHECK(code(other) == "");
    CHECK(sync::s3_error_code("<html>") == "");
    CHECK(sync::s3_error_code("") == "");
}

TEST_CASE("a code says more than a status, and without one the status counts") {
    CHECK(sync::s3_failure(404, "NoSuchBucket", Fault::not_found).fault == Fault::no_store);
    CHECK(sync::s3_failure(404, "NoSuchKey", Fault::not_found).fault == Fault::not_found);
    CHECK(sync::s3_failure(404, "NoSuchKey", Fault::no_store).fault == Fault::no_store);  // of a put
    CHECK(sync::s3_failure(404, "", Fault::not_found).fault == Fault::not_found);
    CHECK(sync::s3_failure(409, "", Fault::no_store).fault == Fault::busy);
    CHECK(sync::s3_failure(403, "", Fault::no_store).fault == Fault::not_permitted);
    CHECK(sync::s3_failure(403, "RequestTimeTooSkewed", Fault::no_store).fault == Fault::wrong_clock);
    CHECK(sync::s3_failure(200, "", Fault::no_store).fault == Fault::not_a_store);
    CHECK(sync::s3_failure(503, "SlowDown", Fault::no_store).detail == "HTTP 503, SlowDown");
}
