#include "client/researcher/serve_rules.h"

#include <doctest/doctest.h>

#include "crypto/batch.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;
using researcher::rule_on;
using researcher::ServedStudy;
using researcher::ServeRequest;
using researcher::ServeRuling;
using Does = ServeRuling::Does;

namespace {

const std::string tag_b = "bbbbbbbb2222", token = std::string(64, 'a'), token_b = std::string(64, 'b');
const std::vector<ServedStudy> studies{{study_tag, crypto::sha256(crypto::bytes_of(token))},
                                       {tag_b, crypto::sha256(crypto::bytes_of(token_b))}};
const std::string batch = "/" + sync::batch_name(study_tag, day(3), std::string(64, 'a'));
const std::string receipt = "/" + sync::receipt_name(study_tag, std::string(32, 'd'), 7);
constexpr std::uint64_t largest = 1000;

/// A put as a device makes it, and what a test changes in it.
struct Asked {
    std::string method = "PUT", path = batch, authorization = "Bearer " + token;
    std::optional<std::string> if_none_match = "*", length = "1000", range{}, encoding{};
    bool doubtful = false;

    ServeRuling ruling() const {
        ServeRequest request{.method = method, .path = path, .authorization = authorization};
        if (if_none_match) request.if_none_match = *if_none_match;
        if (length) request.content_length = *length;
        if (range) request.content_range = *range;
        if (encoding) request.transfer_encoding = *encoding;
        request.doubtful = doubtful;
        return rule_on(request, studies, largest);
    }
    int status() const {
        const auto ruling_ = ruling();
        return ruling_.does == Does::refuse ? ruling_.status : 0;
    }
};

}  // namespace

TEST_CASE("a device puts batches of its study and gets its receipts by name") {
    CHECK(Asked{}.ruling() == ServeRuling{Does::take, 201, batch.substr(1), 1000});
    CHECK(Asked{.if_none_match = {}, .length = "1"}.ruling() ==
          ServeRuling{Does::take, 201, batch.substr(1), 1});
    CHECK(Asked{.method = "GET", .path = receipt}.ruling() ==
          ServeRuling{Does::give, 200, receipt.substr(1), 0});
}

TEST_CASE("a device gets no batch and no list, and replaces, deletes and moves nothing") {
    for (const char* method :
         {"GET", "HEAD", "DELETE", "POST", "PROPFIND", "MOVE", "COPY", "MKCOL", "PATCH", "OPTIONS", "put"}) {
        CAPTURE(method);
        CHECK(Asked{.method = method}.status() == 403);
    }
    for (const std::string& path : {"/" + study_tag + "/", "/" + study_tag + "/receipts/", std::string("/"),
                                    std::string("*"), std::string()}) {
        CAPTURE(path);
        CHECK(Asked{.method = "GET", .path = path}.status() == 403);
    }
    CHECK(Asked{.path = receipt}.status() == 403);  // a receipt that is none
    CHECK(Asked{.method = "HEAD", .path = receipt}.status() == 403);
}

TEST_CASE("nobody gets anything without a token that is known, whatever is asked") {
    for (const std::string& authorization :
         std::vector<std::string>{std::string(), "Bearer", std::string("Bearer "),
                                  "Bearer " + token.substr(1), "Bearer " + token + "a", "bearer " + token,
                                  "Basic " + token, token, "Bearer " + std::string(64, 'c')}) {
        CAPTURE(authorization);
        CHECK(Asked{.authorization = authorization}.status() == 401);
        CHECK(Asked{.method = "GET", .path = receipt, .authorization = authorization}.status() == 401);
        CHECK(Asked{.method = "DELETE", .path = "/", .authorization = authorization}.status() == 401);
        CHECK(Asked{.authorization = authorization, .doubtful = true}.status() == 401);
    }
    CHECK(rule_on({.method = "PUT", .path = batch}, studies, largest).status == 401);
    CHECK(rule_on({.method = "PUT", .path = batch, .authorization = "Bearer "}, {}, largest).status == 401);
}

TEST_CASE("a token of one study is none of another; two studies may share one") {
    CHECK(Asked{.authorization = "Bearer " + token_b}.status() == 403);
    CHECK(Asked{.method = "GET", .path = receipt, .authorization = "Bearer " + token_b}.status() == 403);
    CHECK(Asked{.path = "/" + sync::batch_name("cccccccc3333", day(3), std::string(64, 'a'))}.status() ==
          403);
    const std::vector<ServedStudy> sharing{studies[0], {tag_b, studies[0].token}};
    const std::string other = "/" + sync::batch_name(tag_b, day(3), std::string(64, 'a'));
    for (const std::string& path : {batch, other}) {
        const ServeRequest request{
            .method = "PUT",
            .path = path,
            .authorization = "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            .content_length = "1"};
        CHECK(rule_on(request, sharing, largest).does == Does::take);
    }
}

TEST_CASE("a name that is not written as a device writes it leads nowhere") {
    const std::string end = batch.substr(study_tag.size() + 2);
    for (const std::string& path : std::vector<std::string>{
             "/../" + study_tag + "/" + end, "/" + study_tag + "/../" + study_tag + "/" + end,
             "/" + study_tag + "%2f" + end, "/" + study_tag + "%2F" + end, "/" + study_tag + "/.%2e/" + end,
             "//" + study_tag + "/" + end, "/" + study_tag + "//" + end, "/" + study_tag + "/." + end,
             "/" + study_tag + "/.fieldfare-0011223344556677.part", batch + "/", batch + "%00", batch + "\\",
             batch + ".html", "/" + study_tag + "/receipts/" + end,
             "/" + study_tag + "/" + std::string(5000, 'a'), "https://room" + batch, batch.substr(1),
             "/" + study_tag + "/20261303-" + std::string(64, 'a') + ".batch",
             "/" + study_tag + "/20261103-" + std::string(64, 'A') + ".batch"}) {
        CAPTURE(path);
        CHECK(Asked{.path = path}.status() == 403);
    }
    const std::string start = "/" + study_tag + "/receipts/" + std::string(32, 'd');
    for (const std::string& path :
         std::vector<std::string>{start + "-0.receipt", start + "-01.receipt", start + "-4294967296.receipt",
                                  start + "-1.receipt.receipt", start + "-1.batch", start + "x-1.receipt",
                                  start + "/-1.receipt", "/" + study_tag + "/receipts/../-1.receipt",
                                  "/" + study_tag + "/" + std::string(32, 'd') + "-1.receipt",
                                  std::string("/-1.receipt"), std::string("-.receipt")}) {
        CAPTURE(path);
        CHECK(Asked{.method = "GET", .path = path}.status() == 403);
    }
}

TEST_CASE("a file goes under as many further names as a device tries, and is never empty") {
    const auto under = [](int resend) {
        return Asked{.path = "/" + sync::batch_name(study_tag, day(3), std::string(64, 'a'), resend)}
            .status();
    };
    CHECK(under(9) == 0);
    CHECK(under(10) == 403);
    CHECK(under(2'000'000'000) == 403);
    CHECK(Asked{.length = "0"}.status() == 400);
}

TEST_CASE("what could be meant in two ways, and a part of a file, is refused") {
    CHECK(Asked{.doubtful = true}.status() == 400);
    CHECK(Asked{.if_none_match = "\"an-etag\""}.status() == 400);
    CHECK(Asked{.range = "bytes 9-19/20"}.status() == 400);
    for (const char* length : {"", "1x", "-1", "+1", " 1", "0x10", "1,1"}) {
        CAPTURE(length);
        CHECK(Asked{.length = length}.status() == 400);
    }
}

TEST_CASE(
    "a body whose length nobody tells is not taken, nor one that is longer than a sealed batch can be") {
    CHECK(Asked{.length = {}}.status() == 411);
    CHECK(Asked{.encoding = "chunked"}.status() == 411);
    CHECK(Asked{.length = {}, .encoding = "chunked"}.status() == 411);
    CHECK(Asked{.length = "1001"}.status() == 413);
    CHECK(Asked{.length = "18446744073709551615"}.status() == 413);
    CHECK(Asked{.length = "99999999999999999999999999"}.status() == 413);
}
