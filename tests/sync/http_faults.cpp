#include <functional>
#include <thread>

#include "sync/http_store.h"
#include "sync/s3_store.h"
#include "tests/support/loopback.h"
#include "tests/support/other_drops.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sync_contract.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;
using Does = ChaosProxy::Does;
using sync::Fault;
using sync::PutOutcome;

namespace {

constexpr sync::HttpPatience short_patience{std::chrono::seconds(2), std::chrono::seconds(1),
                                            std::chrono::milliseconds(500)};

// What is at the other end of a line, and how the test itself sees what it has.
struct Server {
    const char* what;
    std::uint16_t port;
    std::function<sync::Store(std::uint16_t through)> store;
    std::function<std::string(const std::string& name)> content;  // empty when it has none
    std::function<std::vector<std::string>()> names;
    bool keeps_what_was_cut = false;
};

Server apache(WebDrop& drop) {
    const std::string place = drop.fresh_place();
    return {"WebDAV", drop.port(),
            [&drop, place](std::uint16_t port) { return drop.researcher(place, port); },
            [&drop, place](const std::string& name) { return content_of(drop.files(place) / name); },
            [&drop, place] {
                // As a reader sees it: Apache cleans its own temporary files away when it notices a broken
                // upload.
                auto names = names_in(drop.files(place));
                std::erase_if(names,
                              [](const std::string& name) { return name.find("/.") != std::string::npos; });
                return names;
            }};
}

Server s3(S3Drop& drop) {
    const sync::Store store = drop.researcher(drop.fresh("open"));
    return {"S3", drop.port(),
            [&drop, bucket = store.address.substr(store.address.rfind('/') + 1)](std::uint16_t port) {
                return drop.researcher(bucket, port);
            },
            [store](const std::string& name) { return get(**sync::open_store(store), name); },
            [store] {
                std::vector<std::string> names;
                const auto listing = (*sync::open_store(store))->list(study_tag + "/", "", 1000, {});
                for (const auto& file : listing->files) names.push_back(file.name);
                return names;
            }};
}

// nginx replaces what it has, and rclone keeps what was cut.
Server other(OtherDrop& drop, const char* what, const char* kind) {
    const std::string place = drop.fresh_place(kind);
    return {what, drop.port(), [&drop, place](std::uint16_t port) { return drop.laptops(place, port); },
            [&drop, place](const std::string& name) { return content_of(drop.files(place) / name); },
            [&drop, place] { return names_in(drop.files(place)); }};
}

// Those that are here.
std::vector<Server> servers() {
    std::vector<Server> all{s3(S3Drop::shared())};
    if (WebDrop* drop = web_drop()) all.push_back(apache(*drop));
    if (OtherDrop* drop = OtherDrop::nginx()) all.push_back(other(*drop, "nginx", "trap"));
    if (OtherDrop* drop = OtherDrop::rclone()) {
        all.push_back(other(*drop, "rclone", "any"));
        all.back().keeps_what_was_cut = true;
    }
    return all;
}

// A device whose way to a server is a line on which anything can happen.
struct BadLine {
    Server server;
    ChaosProxy line{server.port};
    sync::Store store = server.store(line.port());
    OutboxDevice device{{store}};

    bool patient = true;

    explicit BadLine(Server at_the_end) : server(std::move(at_the_end)) {
        device.options.open = [this](const sync::Store& given) { return open(given); };
    }
    sync::TransportResult<std::unique_ptr<sync::Transport>> open(const sync::Store& given) const {
        const sync::HttpPatience patience = patient ? sync::HttpPatience() : short_patience;
        if (const auto address = sync::parse_s3_address(given.address))
            return std::make_unique<sync::S3Store>(
                *address, *sync::parse_s3_settings(*address, given.settings), patience);
        const auto address = sync::parse_http_address(given.address);
        return std::make_unique<sync::HttpStore>(
            *address, *sync::parse_http_settings(*address, given.settings), patience);
    }

    // The server may still be at work when its answer is lost.
    bool comes_to_have(const std::string& name, const std::string& content) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (server.content(name) != content) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }
};

}  // namespace

namespace {

struct Trouble {
    const char* what;
    Does does;
    std::size_t after;
    Fault fault;
};

void comes_through(Server server, const Trouble& trouble) {
    CAPTURE(server.what);
    CAPTURE(trouble.what);
    BadLine bad(std::move(server));
    const std::string content(200'000, 'x');
    const auto hash = bad.device.seal(content);
    const std::string there = sync::batch_name(study_tag, day(1), hash);

    bad.line.does(trouble.does, trouble.after);
    bad.patient = trouble.does != Does::go_silent;
    const auto summary = bad.device.sync();
    CHECK(summary.handed_over == 0);
    CHECK(summary.still_waiting == 1);
    REQUIRE(summary.findings.size() == 1);
    const auto* error = std::get_if<sync::TransportError>(&summary.findings[0].problem);
    REQUIRE(error != nullptr);
    CHECK(error->fault == trouble.fault);
    CHECK(sync::is_about_the_store(error->fault));
    CHECK(bad.device.has(hash));
    // Its answer alone was lost: the file is there, whole. Else there is none.
    if (trouble.does == Does::swallow_reply)
        CHECK(bad.comes_to_have(there, content));
    else if (!bad.server.keeps_what_was_cut)
        CHECK(bad.server.content(there).empty());
    else
        CHECK(bad.server.content(there) != content);

    CHECK(bad.line.rests());
    bad.line.does(Does::pass);
    bad.patient = true;
    auto later = bad.device.sync();
    // What keeps cut files may still be at one of them.
    for (int tries = 0; bad.server.keeps_what_was_cut && later.handed_over == 0 && tries < 50; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        later = bad.device.sync();
    }
    CHECK(later.handed_over == 1);
    CHECK(bad.server.content(there) == content);
    CHECK(bad.server.names() == std::vector<std::string>{there});
}

}  // namespace

TEST_CASE("whatever the line does to an upload, nothing half-written counts and a later pass succeeds") {
    // The content has 200,000 bytes; its connection is secured with the first thousand.
    for (const Trouble& trouble :
         {Trouble{"closed at once", Does::cut, 0, Fault::unreachable},
          Trouble{"closed while it is secured", Does::cut, 400, Fault::unreachable},
          Trouble{"closed in the middle", Does::cut, 60'000, Fault::unreachable},
          Trouble{"closed near the end", Does::cut, 199'999, Fault::unreachable},
          Trouble{"reset at once", Does::reset, 0, Fault::unreachable},
          Trouble{"reset in the middle", Does::reset, 60'000, Fault::unreachable},
          Trouble{"the answer lost", Does::swallow_reply, 200'000, Fault::unreachable},
          Trouble{"silent from the start", Does::go_silent, 0, Fault::unreachable},
          Trouble{"silent in the middle", Does::go_silent, 60'000, Fault::unreachable},
          Trouble{"a page in the clear", Does::say_hello, 0, Fault::not_a_store}})
        for (Server& server : servers()) comes_through(std::move(server), trouble);
}

TEST_CASE("a slow line is only slow") {
    for (Server& server : servers()) {
        BadLine bad(std::move(server));
        bad.device.seal(std::string(200'000, 'x'));
        bad.line.does(Does::delay);
        CHECK(bad.device.sync().handed_over == 1);
    }
}

TEST_CASE("an upload may take as long as it takes, while it goes on") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    BadLine bad(apache(*drop));
    bad.device.seal(std::string(1'500'000, 'x'));
    bad.line.does(Does::trickle);  // so for nearly four seconds
    CHECK(bad.device.sync().handed_over == 1);
}

TEST_CASE("a line that is dead is found out once a pass, whatever waits") {
    for (Server& server : servers()) {
        BadLine bad(std::move(server));
        for (int i = 0; i < 20; ++i) bad.device.seal(std::to_string(i));
        bad.line.does(Does::reset, 0);
        CHECK(bad.device.sync().still_waiting == 20);
        CHECK(bad.line.connections() == 1);
    }
}

TEST_CASE("a person who stops an upload does not wait for the line") {
    for (Server& server : servers()) {
        BadLine bad(std::move(server));
        bad.line.does(Does::go_silent, 60'000);
        const auto store = bad.open(bad.store);  // patient
        std::stop_source stop;
        std::thread person([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            stop.request_stop();
        });
        const auto begin = std::chrono::steady_clock::now();
        const auto result =
            (*store)->put(first_name, crypto::bytes_of(std::string(200'000, 'x')), {{}, stop.get_token()});
        person.join();
        CHECK(fault_of(result) == Fault::cancelled);
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
        if (!bad.server.keeps_what_was_cut) CHECK(bad.server.names().empty());
    }
}

TEST_CASE("a server that is not there is unreachable, and says so without a credential") {
    const std::string there = "https://127.0.0.1:" + std::to_string(unused_port()) + "/drop";
    for (const sync::Store& store :
         {sync::Store{there, {{"user", "laptops"}, {"password", "laptops-secret"}}},
          sync::Store{"s3+" + there, {{"access_key", "LAPTOPS"}, {"secret_key", "laptops-secret"}}}}) {
        const auto result = put(**sync::open_store(store), first_name, "sealed");
        REQUIRE_FALSE(result);
        CHECK(result.error() ==
              sync::TransportError{Fault::unreachable, store.address, "nothing answers there", std::nullopt});
    }
}
