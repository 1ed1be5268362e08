#include "sync/http_store.h"

#include <sys/mount.h>

#include "sync/wordings.h"
#include "tests/support/loopback.h"
#include "tests/support/other_drops.h"
#include "tests/support/skip.h"
#include "tests/support/sync_contract.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;
using sync::PutOutcome;

namespace {

const std::string name = first_name;

sync::TransportError error_of_put(const sync::Store& store) {
    const auto result = put(*opened(store), name, "sealed");
    REQUIRE_FALSE(result);
    return result.error();
}

}  // namespace

TEST_CASE("a web server keeps to the contract of transport") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const auto store = opened(drop->researcher(drop->fresh_place()));
    keeps_to_the_contract(*store);
}

TEST_CASE("a large file goes to a web server whole, and a name that is taken costs nothing") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const auto store = opened(drop->researcher(place));
    const std::string large(3'000'000, 'x');
    CHECK(put(*store, name, large) == PutOutcome::stored);
    CHECK(content_of(drop->files(place) / name) == large);

    std::uint64_t sent = 0;
    const auto laptop = opened(drop->laptops("/drop"));
    drop->clear("/drop");
    CHECK(put(*laptop, name, large) == PutOutcome::stored);
    const sync::Watch watch{[&](auto done, auto) { sent = done; }, {}};
    CHECK(laptop->put(name, crypto::bytes_of(large), watch) == PutOutcome::taken);
    CHECK(sent == 0);
}

TEST_CASE("whoever takes a laptop can put into the hardened drop, and not read, list, or replace") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    drop->clear("/drop");
    const auto laptop = opened(drop->laptops());
    const auto researcher = opened(drop->researcher());
    CHECK(put(*laptop, name, "sealed") == PutOutcome::stored);
    CHECK(put(*laptop, name, "other!") == PutOutcome::taken);
    CHECK(get(*researcher, name) == "sealed");
    CHECK(fault_of(sync::get_bytes(*laptop, name, 100)) == Fault::not_permitted);
    CHECK(fault_of(laptop->list(study_tag + "/", "", 10, {})) == Fault::not_permitted);
    const std::string receipt = sync::receipt_name(study_tag, std::string(32, 'd'), 1);
    CHECK(fault_of(put(*laptop, receipt, "made up")) == Fault::not_permitted);
    CHECK(put(*researcher, receipt, "signed") == PutOutcome::stored);
    CHECK(get(*laptop, receipt) == "signed");
    CHECK(fault_of(put(*laptop, study_tag + "/page.html", "x")) == Fault::not_permitted);
}

TEST_CASE("a web server lets in by each of the ways, and an error repeats no credential") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const auto in = [&](const std::string& path, const std::map<std::string, std::string>& settings,
                        std::uint16_t port = 0) {
        drop->clear(path);
        return with({drop->address(path, port), drop->trust()}, settings);
    };
    const auto lets_in = [&](const sync::Store& store) {
        CHECK(put(*opened(store), name, "sealed") == PutOutcome::stored);
    };
    const auto refuses = [&](const sync::Store& store) {
        const auto error = error_of_put(store);
        CHECK(error.fault == Fault::not_permitted);
        for (const auto& [key, value] : store.settings) {
            CHECK(error.detail.find(value) == std::string::npos);
            CHECK(error.store.find(value) == std::string::npos);
        }
    };
    SUBCASE("a name and a password") {
        lets_in(drop->researcher(drop->fresh_place()));
        refuses(with(drop->researcher(drop->fresh_place()), {{"password", "wrong"}}));
    }
    SUBCASE("a token") {
        lets_in(in("/token", {{"token", "t0ken"}}));
        refuses(in("/token", {{"token", "wr0ng"}}));
    }
    SUBCASE("a token in a header of its own") {
        lets_in(in("/header", {{"token", "t0ken"}, {"token_header", "X-Auth-Token"}}));
        refuses(in("/header", {{"token", "wr0ng"}, {"token_header", "X-Auth-Token"}}));
    }
    SUBCASE("a signed address") {
        lets_in(in("/signed", {{"query", "sig=s1gned&se=2026"}}));
        refuses(in("/signed", {{"query", "sig=wr0ng&se=2026"}}));
    }
    SUBCASE("a client certificate") {
        const std::uint16_t port = drop->client_certificate_port();
        lets_in(in("/anyone",
                   {{"client_certificate", drop->client_certificate()}, {"client_key", drop->client_key()}},
                   port));
        const auto without = error_of_put(in("/anyone", {}, port));
        CHECK(without.fault == Fault::not_permitted);
        CHECK(without.detail == "it wants another client certificate");
    }
}

TEST_CASE("only the machine that the study names is the store") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const auto store = drop->researcher(drop->fresh_place());
    const std::uint16_t elsewhere = drop->wrong_certificate_port();
    const auto refused = [](const sync::Store& wrong, const char* why) {
        const auto error = error_of_put(wrong);
        CHECK(error.fault == Fault::not_a_store);
        CHECK(error.detail == why);
    };
    SUBCASE("by its certificate and its key") {
        CHECK(put(*opened(store), name, "x") == PutOutcome::stored);
    }
    SUBCASE("by its spare key, too") {
        const auto both = with(store, {{"pin", drop->other_pin() + ";" + drop->pin()}});
        CHECK(put(*opened(both), name, "x") == PutOutcome::stored);
    }
    SUBCASE("not with another key, though the certificate is believed") {
        refused(with(store, {{"pin", drop->other_pin()}}), "its key is not the one that the study names");
    }
    SUBCASE("not with the right key alone: the certificate must be believed besides") {
        refused(with(store, {{"certificate", ""}}), "its certificate is not to be trusted");
    }
    SUBCASE("not with somebody else's certificate") {
        refused(with(drop->researcher("/open/1", elsewhere), {{"pin", ""}}),
                "its certificate is not to be trusted");
    }
    SUBCASE("not on another date than the certificate's, and then the clock may be wrong") {
        const auto error = error_of_put(with(drop->researcher("/open/1", drop->expired_certificate_port()),
                                             {{"pin", ""}, {"certificate", drop->expired_certificate()}}));
        CHECK(error.fault == Fault::wrong_clock);
        CHECK(error.detail == "its certificate has run out");
    }
    SUBCASE("not under another name than the certificate's") {
        SocksDouble proxy(drop->port());
        const auto result =
            put(*opened({"https://drop.example.org/open/1", store.settings}, proxy.address()), name, "x");
        REQUIRE_FALSE(result);
        CHECK(result.error().fault == Fault::not_a_store);
    }
}

TEST_CASE("a web server that takes files and gives none says no to whoever reads, in whatever words") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    for (const char* place : {"/says/401", "/says/403", "/says/405"}) {
        CAPTURE(place);
        const auto got = sync::get_bytes(*opened(drop->researcher(place)), name, 100);
        REQUIRE_FALSE(got);
        CHECK(got.error().fault == Fault::not_permitted);
    }
}

TEST_CASE("each answer of a web server is told from the others") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::vector<std::pair<int, Fault>> table{
        {400, Fault::failed},      {401, Fault::not_permitted}, {403, Fault::not_permitted},
        {404, Fault::no_store},    {405, Fault::not_a_store},   {408, Fault::unreachable},
        {409, Fault::no_store},    {413, Fault::too_large},     {429, Fault::busy},
        {500, Fault::busy},        {502, Fault::unreachable},   {503, Fault::busy},
        {504, Fault::unreachable}, {507, Fault::no_space},      {511, Fault::not_a_store}};
    for (const auto& [answer, meaning] : table) {
        const int status = answer;
        const Fault fault = meaning;
        const std::string number = std::to_string(status);
        const auto error = error_of_put(drop->researcher("/says/" + number));
        CAPTURE(status);
        CHECK(error.fault == fault);
        CHECK(error.detail == "HTTP " + number);
        CHECK(error.store == drop->address("/says/" + number));
        const bool waits = status == 429 || status == 503;
        CHECK(error.retry_after == (waits ? std::optional(std::chrono::seconds(120)) : std::nullopt));
        // A large body is refused before it is sent, or while it is.
        const auto store = opened(drop->researcher("/says/" + number));
        CHECK(fault_of(put(*store, name, std::string(2'000'000, 'x'))) == fault);
    }
}

TEST_CASE(
    "a web server whose disk is full says so, nothing of the file stays, and there is room for a smaller "
    "one") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const fs::path folder = drop->files(place) / study_tag;
    if (::mount("none", folder.c_str(), "tmpfs", 0, "size=128k,mode=0777") != 0) {
        skipped_on_this_machine("this user may not mount a small disk");
        return;
    }
    const auto store = opened(drop->researcher(place));
    // What fills the disk by the megabyte, and what exceeds it with its last bytes.
    for (const std::size_t size : {500'000u, 131'073u, 132'000u}) {
        CAPTURE(size);
        CHECK(fault_of(put(*store, name, std::string(size, 'x'))) == Fault::no_space);
        CHECK(names_in(folder).empty());
    }
    write(folder / "filler", std::string(131'072, 'x'));
    const auto without_room = put(*store, name, "sealed");
    fs::remove(folder / "filler");
    const auto small = put(*store, name, "sealed");
    const std::string kept = content_of(drop->files(place) / name);
    ::umount2(folder.c_str(), MNT_DETACH);
    CHECK(fault_of(without_room) == Fault::no_space);
    CHECK(small == PutOutcome::stored);
    CHECK(kept == "sealed");
}

TEST_CASE("a server that sends us elsewhere is not followed, and is no store") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const auto store = opened(drop->researcher("/moved"));
    const auto result = put(*store, name, "sealed");
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::not_a_store);
    CHECK(result.error().detail == "HTTP 307");
    CHECK(fault_of(store->list(study_tag + "/", "", 10, {})) == Fault::not_a_store);
    CHECK(fault_of(sync::get_bytes(*store, name, 10)) == Fault::not_a_store);
}

TEST_CASE("a study whose folder nobody has made has no store, and an empty one has no files") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    fs::remove_all(drop->files(place) / study_tag);
    const auto store = opened(drop->researcher(place));
    const auto result = put(*store, name, "sealed");
    REQUIRE_FALSE(result);
    CHECK(result.error().fault == Fault::no_store);
    CHECK(result.error().detail == "HTTP 409");
    CHECK(store->list(study_tag + "/", "", 10, {})->files.empty());
    CHECK(fault_of(opened(drop->researcher("/open/nowhere"))->list(study_tag + "/", "", 10, {})) ==
          Fault::no_store);
}

TEST_CASE("a server that does not know how to keep the first file gets it all the same, and that is told") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    drop->clear("/old");
    const auto store = opened(drop->researcher("/old"));
    CHECK(put(*store, name, "sealed") == PutOutcome::stored_unguarded);
    CHECK(content_of(drop->files("/old") / name) == "sealed");
    SUBCASE("what it has is looked at before, so that nothing is replaced") {
        CHECK(put(*store, name, "sealed") == PutOutcome::same_content);
        CHECK(put(*store, name, "other!") == PutOutcome::other_content);
        CHECK(content_of(drop->files("/old") / name) == "sealed");
    }
}

TEST_CASE("nginx, which replaces what it has, tells of it, and so do we") {
    OtherDrop* nginx = OtherDrop::nginx();
    if (!nginx) return;
    const std::string place = nginx->fresh_place("trap");
    const auto store = opened(nginx->laptops(place));
    CHECK(put(*store, name, "sealed") == PutOutcome::stored);
    CHECK(put(*store, name, "other!") == PutOutcome::stored_unguarded);
    CHECK(content_of(nginx->files(place) / name) == "other!");
}

TEST_CASE("rclone, which says 201 also of a file that it has replaced, has what counts as handed over") {
    OtherDrop* rclone = OtherDrop::rclone();
    if (!rclone) return;
    const std::string place = rclone->fresh_place("any");
    OutboxDevice device{{rclone->laptops(place)}};
    device.options.open = [](const sync::Store& store) { return sync::open_store(store); };
    const std::string there = sync::batch_name(study_tag, day(1), device.seal("sealed"));
    const auto somebody_puts = [&](const char* content) {
        const auto other = opened(rclone->laptops(place));
        for (int times = 0; times < 2; ++times) CHECK(put(*other, there, content) == PutOutcome::stored);
        CHECK(content_of(rclone->files(place) / there) == content);
    };
    somebody_puts("forged");  // as long as ours, so that no list tells them apart
    CHECK(device.sync().handed_over == 1);
    CHECK(content_of(rclone->files(place) / there) == "sealed");
    somebody_puts("sea");  // as a cut upload of ours would be
    CHECK(device.sync().handed_over == 1);
    CHECK(content_of(rclone->files(place) / there) == "sealed");
    CHECK(device.sync().handed_over == 0);
}

TEST_CASE("where a login page of the network answers, nothing counts, with a pin or without one") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    // A page in the clear, one behind a certificate that nobody believes, and one behind a certificate that
    // this machine was told to believe, as that of an employer's proxy.
    ChaosProxy in_the_clear(drop->port());
    in_the_clear.does(ChaosProxy::Does::say_hello);
    for (const char* pin : {"", drop->pin().c_str()}) {
        CAPTURE(pin);
        const auto through = [&](std::uint16_t port, const std::string& path) {
            return with(drop->researcher(path, port), {{"pin", pin}});
        };
        for (const sync::Store& store :
             {through(in_the_clear.port(), "/open/1"), through(drop->wrong_certificate_port(), "/open/1"),
              through(drop->port_that_says(307), "/open/1"), through(0, "/says/511"),
              through(0, "/says/200")}) {
            CAPTURE(store.address);
            const auto error = error_of_put(store);
            CHECK(error.fault == Fault::not_a_store);
            CHECK(sync::sentence(error).find("whether the network asks for a login first") !=
                  std::string::npos);
            CHECK(fault_of(opened(store)->list(study_tag + "/", "", 10, {})) == Fault::not_a_store);
        }
        // A pass keeps what it has, and tells it once.
        OutboxDevice device{{through(0, "/says/200")}};
        device.options.open = [](const sync::Store& store) { return sync::open_store(store); };
        const auto one = device.seal("one"), other = device.seal("another");
        const auto summary = device.sync();
        CHECK(summary.handed_over == 0);
        CHECK(summary.still_waiting == 2);
        CHECK(summary.findings.size() == 1);
        CHECK(device.has(one));
        CHECK(device.has(other));
    }
}

TEST_CASE("a thousand files and more are listed page by page") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    std::vector<std::string> names;
    for (int i = 0; i < 1200; ++i) {
        names.push_back(sync::batch_name(study_tag, day(1), sha256_of(std::to_string(i))));
        write(drop->files(place) / names.back(), "x");
    }
    write(drop->files(place) / study_tag / ".davfs.tmp123", "an upload on its way");
    std::sort(names.begin(), names.end());
    const auto store = opened(drop->researcher(place));
    std::vector<std::string> seen;
    for (bool more = true; more;) {
        const auto page = store->list(study_tag + "/", seen.empty() ? "" : seen.back(), 500, {});
        REQUIRE(page);
        for (const auto& file : page->files) seen.push_back(file.name);
        more = page->more;
    }
    CHECK(seen == names);
}
