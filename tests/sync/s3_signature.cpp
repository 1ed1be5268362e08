#include "sync/s3_signature.h"

#include "tests/support/certificates.h"
#include "tests/support/loopback.h"
#include "tests/support/skip.h"
#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

const std::string nothing = sha256_of("");

sync::SigningScope at(int year, int month, int day, int hour, int minute, const char* service) {
    using namespace std::chrono;
    const sys_days date = std::chrono::year(year) / month / day;
    return {sys_seconds(date) + hours(hour) + minutes(minute), "us-east-1", service};
}

std::string signature_in(const std::string& authorization) {
    return authorization.substr(authorization.rfind('=') + 1);
}

// The keys of AWS's own documents.
const sync::S3Keys suite_keys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const sync::S3Keys s3_keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};

// "Signature Version 4 signing test suite": requests without a body.
std::string in_suite(std::string_view method, std::string_view path,
                     const std::map<std::string, std::string>& query) {
    const std::string text = sync::s3_query(query);
    return signature_in(
        sync::s3_authorization({method,
                                path,
                                text,
                                {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}},
                                nothing},
                               suite_keys, at(2015, 8, 30, 12, 36, "service")));
}

// "Authenticating Requests: Using the Authorization Header" of Amazon S3.
std::string in_s3(std::string_view method, std::string_view path,
                  const std::map<std::string, std::string>& query, std::map<std::string, std::string> headers,
                  const std::string& payload = "") {
    const std::string text = sync::s3_query(query), hash = sha256_of(payload);
    headers.insert({{"host", "examplebucket.s3.amazonaws.com"},
                    {"x-amz-content-sha256", hash},
                    {"x-amz-date", "20130524T000000Z"}});
    return signature_in(
        sync::s3_authorization({method, path, text, headers, hash}, s3_keys, at(2013, 5, 24, 0, 0, "s3")));
}

}  // namespace

TEST_CASE("requests of AWS's test suite get the signatures that it has for them") {
    CHECK(in_suite("GET", "/", {}) == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    CHECK(in_suite("POST", "/", {}) == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    CHECK(in_suite("GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}) ==
          "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST_CASE("the requests in the documents of Amazon S3 get the signatures that stand there") {
    CHECK(in_s3("GET", "/test.txt", {}, {{"range", "bytes=0-9"}}) ==
          "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    CHECK(in_s3("PUT", "/test%24file.text", {},
                {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                "Welcome to Amazon S3.") ==
          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    CHECK(in_s3("GET", "/", {{"lifecycle", ""}}, {}) ==
          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    CHECK(in_s3("GET", "/", {{"max-keys", "2"}, {"prefix", "J"}}, {}) ==
          "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("what a signature covers can't be changed without it") {
    const std::map<std::string, std::string> headers{{"if-none-match", "*"}};
    const std::string signature = in_s3("PUT", "/a", {{"x", "1"}}, headers, "sealed");
    CHECK(in_s3("GET", "/a", {{"x", "1"}}, headers, "sealed") != signature);
    CHECK(in_s3("PUT", "/b", {{"x", "1"}}, headers, "sealed") != signature);
    CHECK(in_s3("PUT", "/a", {{"x", "2"}}, headers, "sealed") != signature);
    CHECK(in_s3("PUT", "/a", {{"x", "1"}}, {}, "sealed") != signature);
    CHECK(in_s3("PUT", "/a", {{"x", "1"}}, headers, "other!") != signature);
}

TEST_CASE("a query is signed in the one way to write it, whatever stands in it") {
    CHECK(sync::s3_query({}) == "");
    CHECK(sync::s3_query({{"prefix", "a/b c+d=e&f~\xc3\xa9"}, {"delimiter", "/"}}) ==
          "delimiter=%2F&prefix=a%2Fb%20c%2Bd%3De%26f~%C3%A9");
    // By name, not by the joined text: "-" is less than "=".
    CHECK(sync::s3_query({{"list", "1"}, {"list-type", "2"}}) == "list=1&list-type=2");
    CHECK(sync::s3_query({{"a%", "x"}, {"aa", "y"}}) == "a%25=x&aa=y");
}

TEST_CASE("times are UTC and have one form") {
    using namespace std::chrono;
    CHECK(sync::s3_time(sys_seconds(seconds(0))) == "19700101T000000Z");
    CHECK(sync::s3_time(sys_days(year(2026) / 11 / 28) + hours(22) + minutes(5) + seconds(9)) ==
          "20261128T220509Z");
}

TEST_CASE("curl signs as we do") {
    if (std::system("curl --help auth 2>/dev/null | grep -q aws-sigv4") != 0) {
        skipped("no curl here that signs");
        return;
    }
    std::string seen;
    ScriptedServer server([&](const std::string& request) {
        seen = request;
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    const std::string host = "127.0.0.1:" + std::to_string(server.port());
    const std::string hash = sha256_of("sealed"), query = "list-type=2&prefix=a%2Fb%20c";
    output_of(
        "curl -q -sS --noproxy '*' --aws-sigv4 aws:amz:test-1:s3 -u 'KEY:se/cr+et=' -X PUT -H 'Accept: */*' "
        "-H 'x-amz-content-sha256: " +
        hash + "' -H 'if-none-match: *' --data-binary sealed 'http://" + host + "/b/t/a.batch?" + query +
        "'");
    std::map<std::string, std::string> headers;
    std::istringstream lines(seen);
    for (std::string line; std::getline(lines, line);)
        if (const auto colon = line.find(": "); colon != std::string::npos) {
            std::string name = line.substr(0, colon);
            for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            headers[name] = line.substr(colon + 2, line.size() - colon - 3);
        }
    const std::string theirs = headers["authorization"];
    const std::string start = "SignedHeaders=";
    const std::string names = theirs.substr(theirs.find(start) + start.size());
    sync::SignedRequest request{"PUT", "/b/t/a.batch", query, {}, hash};
    std::istringstream list(names.substr(0, names.find(',')));
    for (std::string name; std::getline(list, name, ';');) request.headers[name] = headers[name];
    REQUIRE(request.headers.contains("host"));
    REQUIRE(request.headers.contains("if-none-match"));
    std::istringstream time(headers["x-amz-date"]);
    int year = 0, month = 0, day_of_month = 0, hour = 0, minute = 0, second = 0;
    REQUIRE(std::sscanf(headers["x-amz-date"].c_str(), "%4d%2d%2dT%2d%2d%2dZ", &year, &month, &day_of_month,
                        &hour, &minute, &second) == 6);
    sync::SigningScope scope = at(year, month, day_of_month, hour, minute, "s3");
    scope.time += std::chrono::seconds(second);
    scope.region = "test-1";
    const std::string ours = sync::s3_authorization(request, {"KEY", "se/cr+et=", ""}, scope);
    CHECK(signature_in(ours) == signature_in(theirs));
    CHECK(ours.find("Credential=KEY/" + headers["x-amz-date"].substr(0, 8) + "/test-1/s3/aws4_request") !=
          std::string::npos);
}
