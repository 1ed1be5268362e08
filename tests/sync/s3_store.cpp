#include "sync/s3_store.h"

#include "sync/wordings.h"
#include "tests/support/loopback.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

const std::string name = first_name;

template <typename T>
sync::TransportError error_of(const sync::TransportResult<T>& result) {
    REQUIRE_FALSE(result);
    return result.error();
}

std::string numbered(int number) {
    return sync::batch_name(study_tag, day(1), sha256_of(std::to_string(number)));
}

std::vector<std::string> all_listed(sync::Transport& store, std::size_t limit) {
    std::vector<std::string> seen;
    for (bool more = true; more;) {
        const auto page = store.list(study_tag + "/", seen.empty() ? "" : seen.back(), limit, {});
        REQUIRE(page);
        CHECK(page->files.size() <= limit);
        for (const auto& file : page->files) seen.push_back(file.name);
        more = page->more;
    }
    return seen;
}

}  // namespace

TEST_CASE("S3 keeps to the contract of transport") {
    S3Drop& drop = S3Drop::shared();
    const auto store = opened(drop.researcher(drop.fresh("open")));
    keeps_to_the_contract(*store);
}

TEST_CASE("S3 keeps to it in a folder of a bucket, on a host of its own, and by lent keys") {
    S3Drop& drop = S3Drop::shared();
    SUBCASE("in a folder") {
        const auto store = opened(drop.researcher(drop.fresh("open") + "/field.work/2026"));
        keeps_to_the_contract(*store);
    }
    SUBCASE("on a host of its own") {
        SocksDouble proxy(drop.port());
        sync::Store store = with(drop.researcher(), {{"style", "virtual"}});
        store.address = "s3+https://s3.test/" + drop.fresh("open");
        const auto transport = opened(store, proxy.address());
        keeps_to_the_contract(*transport);
        for (const auto& call : proxy.calls()) CHECK(call.host.ends_with(".s3.test"));
    }
    SUBCASE("by lent keys") {
        const auto store =
            opened(with(drop.researcher(drop.fresh("open")), {{"access_key", "LENT"},
                                                              {"secret_key", "lent-secret"},
                                                              {"session_token", "FwoGZXIvYXdzEXAMPLE=="}}));
        keeps_to_the_contract(*store);
    }
}

TEST_CASE("a large file goes to S3 whole, and a name that is taken costs nothing") {
    S3Drop& drop = S3Drop::shared();
    const std::string bucket = drop.fresh("drop");
    const std::string large(3'000'000, 'x');
    const auto laptop = opened(drop.laptops(bucket));
    CHECK(put(*laptop, name, large) == PutOutcome::stored);
    std::uint64_t sent = 0;
    const sync::Watch watch{[&](auto done, auto) { sent = done; }, {}};
    CHECK(laptop->put(name, crypto::bytes_of(large), watch) == PutOutcome::taken);
    CHECK(sent == 0);
    const auto got = sync::get_bytes(*opened(drop.researcher(bucket)), name, 5'000'000);
    REQUIRE(got);
    CHECK(text(*got) == large);
}

TEST_CASE("whoever takes a laptop can put into a bucket, and not read, list, or replace") {
    S3Drop& drop = S3Drop::shared();
    const std::string bucket = drop.fresh("drop");
    const auto laptop = opened(drop.laptops(bucket));
    const auto researcher = opened(drop.researcher(bucket));
    CHECK(put(*laptop, name, "sealed") == PutOutcome::stored);
    CHECK(put(*laptop, name, "other!") == PutOutcome::taken);
    CHECK(get(*researcher, name) == "sealed");
    CHECK(fault_of(sync::get_bytes(*laptop, name, 100)) == Fault::not_permitted);
    CHECK(fault_of(laptop->list(study_tag + "/", "", 10, {})) == Fault::not_permitted);
    const std::string receipt = sync::receipt_name(study_tag, std::string(32, 'd'), 1);
    CHECK(fault_of(put(*laptop, receipt, "made up")) == Fault::not_permitted);
    CHECK(put(*researcher, receipt, "signed") == PutOutcome::stored);
    CHECK(get(*laptop, receipt) == "signed");
}

TEST_CASE("a receipt that is not there yet is none, though S3 tells those who may not list only no") {
    S3Drop& drop = S3Drop::shared();
    const auto laptop = opened(drop.laptops(drop.fresh("drop")));
    const std::string receipt = sync::receipt_name(study_tag, std::string(32, 'd'), 1);
    CHECK(fault_of(sync::get_bytes(*laptop, receipt, 100)) == Fault::not_found);
    const auto stranger = opened(with(drop.laptops(), {{"secret_key", "wrong"}}));
    CHECK(fault_of(sync::get_bytes(*stranger, receipt, 100)) == Fault::not_permitted);
}

TEST_CASE("a wrong key is told from a wrong secret, region or token, and an error repeats none of them") {
    S3Drop& drop = S3Drop::shared();
    const sync::Store right = drop.researcher(drop.fresh("open"));
    struct Wrong {
        std::map<std::string, std::string> settings;
        Fault fault;
        const char* detail;
    };
    for (const Wrong& wrong :
         {Wrong{{{"access_key", "NOBODY"}},
                Fault::not_permitted,
                "HTTP 403, InvalidAccessKeyId: it does not know the access key"},
          Wrong{{{"secret_key", "wr0ng"}},
                Fault::not_permitted,
                "HTTP 403, SignatureDoesNotMatch: the secret key does not fit the access key, or something "
                "on the way changes requests"},
          Wrong{{{"session_token", "wr0ng"}},
                Fault::not_permitted,
                "HTTP 400, InvalidToken: it does not take the session token"},
          Wrong{{{"region", "elsewhere-1"}},
                Fault::bad_name,
                "HTTP 400, AuthorizationHeaderMalformed: it does not take the region, or the access key, of "
                "the settings"}}) {
        const sync::Store store = with(right, wrong.settings);
        const auto error = error_of(put(*opened(store), name, "sealed"));
        CHECK(error == sync::TransportError{wrong.fault, right.address, wrong.detail, std::nullopt});
        for (const auto& [key, value] : store.settings) CHECK(error.detail.find(value) == std::string::npos);
    }
}

TEST_CASE("only the machine that the study names is S3's") {
    S3Drop& drop = S3Drop::shared();
    const sync::Store store = drop.researcher(drop.fresh("open"));
    CHECK(
        error_of(put(*opened(with(store, {{"pin", "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}})),
                     name, "x"))
            .detail == "its key is not the one that the study names");
    CHECK(error_of(put(*opened(with(store, {{"certificate", ""}})), name, "x")).fault == Fault::not_a_store);
}

TEST_CASE("a request says what it must, signed, and nothing of the program or the machine") {
    S3Drop& drop = S3Drop::shared();
    const std::string bucket = drop.fresh("open");
    const auto store = opened(drop.researcher(bucket));
    REQUIRE(put(*store, name, "sealed"));
    REQUIRE(store->list(study_tag + "/", "", 10, {}));
    const std::string log = drop.log();
    const auto line = log.find("/" + bucket + "/" + name);
    REQUIRE(line != std::string::npos);
    const std::string put_line = log.substr(line, log.find('\n', line) - line);
    for (const char* header : {"\"host\"", "\"authorization\"", "\"if-none-match\": \"*\"",
                               "\"content-type\": \"application/octet-stream\"", "\"content-length\": \"6\"",
                               "\"x-amz-date\"", "\"x-amz-content-sha256\""})
        CHECK(put_line.find(header) != std::string::npos);
    CHECK(put_line.find("SignedHeaders=content-type;host;if-none-match;x-amz-content-sha256;x-amz-date,") !=
          std::string::npos);
    CHECK(put_line.find(sha256_of("sealed")) != std::string::npos);
    // No more of this machine's clock than it must.
    CHECK(put_line.substr(put_line.find("\"x-amz-date\": \"") + 15).substr(13, 3) == "00Z");
    for (const char* header : {"user-agent", "\"accept", "cookie", "\"expect\""})
        CHECK(put_line.find(header) == std::string::npos);
    CHECK(log.find("reader/secret") == std::string::npos);
}

TEST_CASE("each answer of S3 is told from the others") {
    S3Drop& drop = S3Drop::shared();
    struct Answer {
        const char* bucket;
        Fault fault;
        const char* detail;
    };
    for (const Answer& answer :
         {Answer{"says-403-accessdenied", Fault::not_permitted, "HTTP 403, AccessDenied"},
          Answer{"says-403-none", Fault::not_permitted, "HTTP 403"},
          Answer{"says-403-quotaexceeded", Fault::no_space, "HTTP 403, QuotaExceeded"},
          Answer{"says-400-entitytoolarge", Fault::too_large, "HTTP 400, EntityTooLarge"},
          Answer{"says-400-baddigest", Fault::unreachable,
                 "HTTP 400, BadDigest: something else came there than was sent"},
          Answer{"says-400-expiredtoken", Fault::not_permitted,
                 "HTTP 400, ExpiredToken: the session token has run out"},
          Answer{"says-400-words-of-its-own", Fault::failed, "HTTP 400"},
          Answer{"says-409-operationaborted", Fault::busy, "HTTP 409, OperationAborted"},
          Answer{"says-409-none", Fault::busy, "HTTP 409"},
          Answer{"says-500-internalerror", Fault::busy, "HTTP 500, InternalError"},
          Answer{"says-503-slowdown", Fault::busy, "HTTP 503, SlowDown"},
          Answer{"says-507-none", Fault::no_space, "HTTP 507"},
          Answer{"says-301-permanentredirect", Fault::bad_name,
                 "HTTP 301, PermanentRedirect: the bucket is in another region or at another address"},
          Answer{"says-307-temporaryredirect", Fault::busy,
                 "HTTP 307, TemporaryRedirect: the way to the bucket is not known everywhere yet"},
          Answer{"says-400-invalidrequest", Fault::bad_name,
                 "HTTP 400, InvalidRequest: it does not take what is asked of it in this way; a bucket that "
                 "keeps its files for a set time does so"},
          Answer{"says-404-nosuchkey", Fault::no_store, "HTTP 404, NoSuchKey"},
          Answer{"says-405-methodnotallowed", Fault::not_a_store, "HTTP 405"},
          Answer{"says-404-nosuchbucket", Fault::no_store, "HTTP 404, NoSuchBucket: it has no such bucket"},
          Answer{"moved", Fault::not_a_store, "HTTP 307"}}) {
        CAPTURE(answer.bucket);
        const sync::Store store = drop.researcher(answer.bucket);
        const auto transport = opened(store);
        const auto error = error_of(put(*transport, name, "sealed"));
        CHECK(error.fault == answer.fault);
        CHECK(error.detail == answer.detail);
        CHECK(error.store == store.address);
        const bool waits = std::string_view(answer.bucket).starts_with("says-503");
        CHECK(error.retry_after == (waits ? std::optional(std::chrono::seconds(120)) : std::nullopt));
        CHECK(error_of(transport->list(study_tag + "/", "", 10, {})).detail == answer.detail);
        // A large body is refused before it is sent.
        CHECK(fault_of(put(*transport, name, std::string(2'000'000, 'x'))) == answer.fault);
    }
}

TEST_CASE("an upload that meets another one to its name is for later, and no other file waits for it") {
    S3Drop& drop = S3Drop::shared();
    OutboxDevice device{{drop.researcher(drop.fresh("busy"))}};
    device.options.open = [](const sync::Store& store) { return sync::open_store(store); };
    device.seal("one");
    device.seal("another");
    for (int pass = 0; pass < 2; ++pass) {
        const auto summary = device.sync();
        CHECK(summary.handed_over == 1 - static_cast<std::size_t>(pass));
        CHECK(summary.still_waiting == 1);
        REQUIRE(summary.findings.size() == 1);
        CHECK(summary.findings[0].kind == sync::SyncFinding::Kind::file);
        CHECK(std::get<sync::TransportError>(summary.findings[0].problem).detail ==
              "HTTP 409, ConditionalRequestConflict: another upload to this name is on its way");
    }
}

TEST_CASE("a setting that the store does not take is found out once a pass, whatever waits") {
    OutboxDevice device{{with(S3Drop::shared().researcher("open-any"), {{"region", "elsewhere-1"}})}};
    device.options.open = [](const sync::Store& store) { return sync::open_store(store); };
    device.seal("one");
    device.seal("another");
    const auto summary = device.sync();
    CHECK(summary.still_waiting == 2);
    REQUIRE(summary.findings.size() == 1);
    CHECK(std::get<sync::TransportError>(summary.findings[0].problem).fault == Fault::bad_name);
}

TEST_CASE("a bucket that is not there is no store, also to who reads") {
    S3Drop& drop = S3Drop::shared();
    const auto store = opened(drop.researcher("nowhere"));
    CHECK(fault_of(put(*store, name, "sealed")) == Fault::no_store);
    CHECK(fault_of(store->list(study_tag + "/", "", 10, {})) == Fault::no_store);
    CHECK(fault_of(sync::get_bytes(*store, name, 10)) == Fault::no_store);
}

TEST_CASE("a yes that a login page could say is none") {
    S3Drop& drop = S3Drop::shared();
    for (const char* bucket : {"portal", "bare", "bare-empty", "bare-quotes"}) {
        CAPTURE(bucket);
        const auto store = opened(drop.researcher(bucket));
        CHECK(fault_of(put(*store, name, "sealed")) == Fault::not_a_store);
    }
    CHECK(fault_of(opened(drop.researcher("portal"))->list(study_tag + "/", "", 10, {})) ==
          Fault::not_a_store);
}

TEST_CASE("S3 that says that it has a file, and does not show it, has not got it") {
    const auto store = opened(S3Drop::shared().researcher("lost"));
    CHECK(fault_of(put(*store, name, "sealed")) == Fault::failed);
}

TEST_CASE("S3 that does not know how to keep the first file gets it all the same, and that is told") {
    S3Drop& drop = S3Drop::shared();
    const sync::Store where = drop.researcher(drop.fresh("old"));
    const auto store = opened(where);
    CHECK(put(*store, name, "sealed") == PutOutcome::stored_unguarded);
    CHECK(get(*store, name) == "sealed");
    SUBCASE("what it has is looked at before, so that nothing is replaced") {
        CHECK(put(*store, name, "sealed") == PutOutcome::same_content);
        CHECK(put(*store, name, "other!") == PutOutcome::other_content);
        CHECK(get(*store, name) == "sealed");
    }
    SUBCASE("a pass says so in words") {
        OutboxDevice device{{where}};
        device.options.open = [](const sync::Store& store) { return sync::open_store(store); };
        device.seal("one");
        const auto summary = device.sync();
        REQUIRE(summary.findings.size() == 1);
        CHECK(summary.findings[0].kind == sync::SyncFinding::Kind::unguarded);
        CHECK(
            sync::sentence(summary.findings[0]).find("does not promise that nobody replaces a file in it") !=
            std::string::npos);
    }
}

TEST_CASE("what was changed on this disk while it was sent is not stored under its name") {
    S3Drop& drop = S3Drop::shared();
    TemporaryFolder folder;
    write(folder / "x", std::string(200'000, 'x'));
    const auto store = opened(drop.researcher(drop.fresh("open")));
    const sync::Watch watch{[&](auto, auto) { write(folder / "x", std::string(200'000, 'y')); }, {}};
    const auto result = store->put(name, folder / "x", watch);
    // What had gone out before may have been all: then it is what was signed.
    if (result) {
        CHECK(get(*store, name) == std::string(200'000, 'x'));
    } else {
        CHECK(fault_of(sync::get_bytes(*store, name, 1'000'000)) == Fault::not_found);
    }
}

TEST_CASE("more files than a page are listed in order, page by page, whatever the size of the pages") {
    S3Drop& drop = S3Drop::shared();
    for (const char* kind : {"small", "first", "open"}) {
        CAPTURE(kind);
        const std::string bucket = drop.fresh(kind) + "/f";
        const auto store = opened(drop.researcher(bucket));
        std::vector<std::string> names;
        for (int i = 0; i < 20; ++i) {
            names.push_back(numbered(i));
            REQUIRE(put(*store, names.back(), "x"));
            REQUIRE(put(*store, sync::receipt_name(study_tag, "d", static_cast<std::uint32_t>(i + 1)), "x"));
        }
        std::sort(names.begin(), names.end());
        for (const std::size_t limit : std::initializer_list<std::size_t>{1, 2, 3, 7, 20, 21, 1000}) {
            CAPTURE(limit);
            CHECK(all_listed(*opened(drop.researcher(bucket)), limit) == names);
        }
        // Where another object went on.
        const auto rest = opened(drop.researcher(bucket))->list(study_tag + "/", names[9], 5, {});
        REQUIRE(rest);
        CHECK(rest->files.front().name == names[10]);
        CHECK(rest->more);
    }
}

TEST_CASE("a listing that nobody should believe ends, and is none") {
    S3Drop& drop = S3Drop::shared();
    struct Lie {
        const char* bucket;
        Fault fault;
        const char* detail;
    };
    for (const Lie& lie : {Lie{"list-endless", Fault::failed, "its list of files does not end"},
                           Lie{"list-rising", Fault::failed, "its list of files does not end"},
                           Lie{"list-rising-wide", Fault::failed, "its list of files does not end"},
                           Lie{"list-circle", Fault::failed, "its list of files has no order"},
                           Lie{"list-backwards", Fault::not_a_store, "its list of files is none"},
                           Lie{"list-broken", Fault::not_a_store, "its list of files is none"},
                           Lie{"list-html", Fault::not_a_store, "its list of files is none"},
                           Lie{"list-long", Fault::failed, "its list of files is too long"}}) {
        CAPTURE(lie.bucket);
        const auto error =
            error_of(opened(drop.researcher(lie.bucket))->list(study_tag + "/", "", 100'000, {}));
        CHECK(error.fault == lie.fault);
        CHECK(error.detail == lie.detail);
    }
}

TEST_CASE("a listing that never ends is given up also by who reads it page by page") {
    const auto store = opened(S3Drop::shared().researcher("list-rising"));
    std::string after;
    sync::TransportError error;
    for (int pages = 0; error.detail.empty() && pages < 1000; ++pages) {
        const auto page = store->list(study_tag + "/", after, 10, {});
        if (page)
            after = page->files.back().name;
        else
            error = page.error();
    }
    CHECK(error.detail == "its list of files does not end");
}

TEST_CASE("pages of S3 without a file of ours are passed over, as long as there are files now and then") {
    const auto store = opened(S3Drop::shared().researcher("list-sparse"));
    CHECK(all_listed(*store, 1000).size() == 3);
}

// --- the clock

namespace {

/// A device whose clock is so far from the right one.
struct Clocked {
    S3Drop& drop = S3Drop::shared();
    std::chrono::seconds wrong;
    int asked = 0;

    std::unique_ptr<sync::S3Store> store(const sync::Store& store) {
        const auto address = sync::parse_s3_address(store.address);
        const auto settings = sync::parse_s3_settings(*address, store.settings);
        REQUIRE(settings);
        return std::make_unique<sync::S3Store>(*address, *settings, sync::HttpPatience(), [this] {
            return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + wrong;
        });
    }
    std::string now() const {
        return sync::s3_time(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    }
    int requests_for(const std::string& bucket) const {
        const std::string log = drop.log(), wanted = "\"/" + bucket + "/";
        int count = 0;
        for (auto at = log.find(wanted); at != std::string::npos; at = log.find(wanted, at + 1)) ++count;
        return count;
    }
};

}  // namespace

TEST_CASE("a clock that is hours off signs by the store's, where a pin tells that it is the store") {
    for (const int hours_off : {-9, 2, 24 * 400}) {
        CAPTURE(hours_off);
        Clocked clocked{.wrong = std::chrono::hours(hours_off)};
        const std::string bucket = clocked.drop.fresh("open");
        const auto store = clocked.store(clocked.drop.researcher(bucket));
        CHECK(put(*store, name, std::string(300'000, 'x')) == PutOutcome::stored);
        CHECK(clocked.requests_for(bucket) == 2);  // refused once, then by its clock
        CHECK(put(*store, numbered(1), "x") == PutOutcome::stored);
        CHECK(store->list(study_tag + "/", "", 10, {})->files.size() == 2);
        CHECK(clocked.requests_for(bucket) == 3);  // which it goes on with
    }
}

TEST_CASE("without a pin no clock but this machine's is believed") {
    Clocked clocked{.wrong = std::chrono::hours(2)};
    const std::string bucket = clocked.drop.fresh("open");
    SUBCASE("over TLS") {
        const auto store = clocked.store(with(clocked.drop.researcher(bucket), {{"pin", ""}}));
        const auto error = error_of(put(*store, name, "sealed"));
        CHECK(error.fault == Fault::wrong_clock);
        CHECK(error.detail ==
              "HTTP 403, RequestTimeTooSkewed: its clock and this machine's differ by more than it allows");
        CHECK(sync::sentence(error).find("Set the clock and sync again") != std::string::npos);
    }
    SUBCASE("as an onion service") {
        SocksDouble proxy(clocked.drop.plain_port());
        sync::Store onion =
            with(clocked.drop.researcher(), {{"pin", ""}, {"certificate", ""}, {"proxy", proxy.address()}});
        onion.address = "s3+http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/" + bucket;
        CHECK(fault_of(put(*clocked.store(onion), name, "sealed")) == Fault::wrong_clock);
        clocked.wrong = {};
        CHECK(put(*clocked.store(onion), name, "sealed") == PutOutcome::stored);
    }
    CHECK(clocked.requests_for(bucket) <= 2);
}

TEST_CASE("no clock is believed unasked") {
    // The store's clock is five hours ahead, and it says so with each answer.
    Clocked clocked{.wrong = std::chrono::hours(5)};
    const std::string bucket = clocked.drop.fresh("late");
    const auto store = clocked.store(clocked.drop.researcher(bucket));
    CHECK(put(*store, name, "sealed") == PutOutcome::stored);
    CHECK(clocked.requests_for(bucket) == 1);
    // A refusal for another reason says such a time, too.
    Clocked right{.wrong = {}};
    const auto denied = right.store(right.drop.laptops("says-403-accessdenied"));
    const int before = right.requests_for("says-403-accessdenied");
    const std::string earliest = right.now().substr(0, 11);
    CHECK(fault_of(put(*denied, name, "sealed")) == Fault::not_permitted);
    CHECK(fault_of(put(*denied, name, "sealed")) == Fault::not_permitted);
    CHECK(right.requests_for("says-403-accessdenied") == before + 2);
    const std::string log = right.drop.log(), latest = right.now().substr(0, 11);
    const std::string hour = log.substr(log.rfind("\"x-amz-date\": \"") + 15, 11);
    CHECK((hour == earliest || hour == latest));
}

TEST_CASE("a store that refuses every clock is asked twice and no more") {
    Clocked clocked{.wrong = {}};
    const auto store = clocked.store(clocked.drop.researcher("stuck-1"));
    CHECK(fault_of(put(*store, name, "sealed")) == Fault::wrong_clock);
    CHECK(clocked.requests_for("stuck-1") == 2);
}
