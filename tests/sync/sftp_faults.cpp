#include <functional>
#include <thread>

#include "sync/sftp_store.h"
#include "tests/support/loopback.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using Does = ChaosProxy::Does;
using sync::Fault;
using sync::PutOutcome;

namespace {

constexpr sync::HttpPatience short_patience{std::chrono::seconds(2), std::chrono::seconds(1), {}};

// A device whose way to OpenSSH is a line on which anything can happen.
struct BadLine {
    SshDrop& drop;
    std::string place = drop.fresh_place();
    ChaosProxy line{drop.port()};
    OutboxDevice device{{drop.researcher(place, line.port())}};
    bool patient = true;

    explicit BadLine(SshDrop& at_the_end) : drop(at_the_end) {
        device.options.open = [this](const sync::Store& given) { return open(given); };
    }
    sync::TransportResult<std::unique_ptr<sync::Transport>> open(const sync::Store& given) const {
        const auto address = sync::parse_sftp_address(given.address);
        return std::make_unique<sync::SftpStore>(*address,
                                                 *sync::parse_sftp_settings(*address, given.settings),
                                                 patient ? sync::HttpPatience() : short_patience);
    }
    std::string content(const std::string& name) const { return content_of(drop.files(place) / name); }
    // As a reader sees it.
    std::vector<std::string> names() const {
        auto names = names_in(drop.files(place));
        std::erase_if(names, [](const std::string& name) { return name.find("/.") != std::string::npos; });
        return names;
    }
};

struct Trouble {
    const char* what;
    Does does;
    std::size_t after;
    Fault fault;
};

void comes_through(SshDrop& drop, const Trouble& trouble) {
    CAPTURE(trouble.what);
    BadLine bad(drop);
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
    CHECK(bad.names().empty());

    bad.line.does(Does::pass);
    bad.patient = true;
    CHECK(bad.device.sync().handed_over == 1);
    CHECK(bad.content(there) == content);
    CHECK(bad.names() == std::vector<std::string>{there});
}

}  // namespace

TEST_CASE(
    "whatever the line does to an upload over SFTP, nothing half-written counts and a later pass succeeds") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    // The content has 200,000 bytes; its connection is secured and let in with the first three thousand.
    for (const Trouble& trouble :
         {Trouble{"closed at once", Does::cut, 0, Fault::unreachable},
          Trouble{"closed while it is secured", Does::cut, 400, Fault::unreachable},
          Trouble{"closed while it lets in", Does::cut, 2'500, Fault::unreachable},
          Trouble{"closed in the middle", Does::cut, 60'000, Fault::unreachable},
          Trouble{"closed near the end", Does::cut, 199'999, Fault::unreachable},
          Trouble{"reset at once", Does::reset, 0, Fault::unreachable},
          Trouble{"reset in the middle", Does::reset, 60'000, Fault::unreachable},
          Trouble{"the answers lost", Does::swallow_reply, 60'000, Fault::unreachable},
          Trouble{"silent from the start", Does::go_silent, 0, Fault::unreachable},
          Trouble{"silent while it lets in", Does::go_silent, 2'500, Fault::unreachable},
          Trouble{"silent in the middle", Does::go_silent, 60'000, Fault::unreachable},
          Trouble{"a page in the clear", Does::say_hello, 0, Fault::not_a_store}})
        comes_through(*drop, trouble);
}

TEST_CASE("wherever the line breaks while a file gets its name, the file is there whole, once, or waits") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    const std::string content(200'000, 'x');
    int broke = 0, came = 0;
    for (std::size_t after = 202'000; after < 207'000; after += 250) {
        CAPTURE(after);
        BadLine bad(*drop);
        const std::string there = sync::batch_name(study_tag, day(1), bad.device.seal(content));
        bad.line.does(Does::cut, after);
        const bool handed_over = bad.device.sync().handed_over == 1;
        ++(handed_over ? came : broke);
        if (handed_over) CHECK(bad.content(there) == content);
        bad.line.does(Does::pass);
        CHECK(bad.device.sync().still_waiting == 0);
        CHECK(bad.content(there) == content);
        CHECK(bad.names() == std::vector<std::string>{there});
    }
    CHECK(broke > 0);
    CHECK(came > 0);
}

TEST_CASE("a list over SFTP that breaks off is no empty store, though a receipt before it was not there") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    BadLine bad(*drop);
    const std::string there = sync::batch_name(study_tag, day(1), bad.device.seal("sealed"));
    REQUIRE(bad.device.sync().handed_over == 1);
    int broken = 0;
    for (std::size_t after = 1'400; after < 2'700; after += 50) {
        CAPTURE(after);
        bad.line.does(Does::half_close, after);
        const auto store = bad.open(bad.device.study().stores.front());
        REQUIRE(store);
        (void)sync::get_bytes(**store, sync::receipt_name(study_tag, std::string(32, 'a'), 1), 100);
        const auto listed = (*store)->list(study_tag + "/", "", 10, {});
        broken += listed ? 0 : 1;
        if (listed) CHECK(listed->files.size() == 1);
    }
    CHECK(broken > 0);
}

TEST_CASE("a server that says nothing more while a file gets its name is given up") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    // Somewhere among them the silence begins with each of the last commands, and with the goodbye.
    for (std::size_t after = 203'500; after < 206'500; after += 300) {
        CAPTURE(after);
        BadLine bad(*drop);
        bad.device.seal(std::string(200'000, 'x'));
        bad.line.does(Does::go_silent, after);
        bad.patient = false;
        bad.device.sync();
        bad.line.does(Does::pass);
        bad.patient = true;
        CHECK(bad.device.sync().still_waiting == 0);
        CHECK(bad.names().size() == 1);
    }
}

TEST_CASE("nobody waits for a server of SFTP to answer to a goodbye") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    auto store = opened(drop->researcher(drop->fresh_place()));
    CHECK(put(*store, first_name, "sealed") == PutOutcome::stored);
    drop->freeze_sessions();
    store.reset();
    drop->kill_sessions();
}

TEST_CASE("a slow line to SFTP is only slow") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    BadLine bad(*drop);
    bad.device.seal(std::string(200'000, 'x'));
    bad.line.does(Does::delay);
    CHECK(bad.device.sync().handed_over == 1);
}

TEST_CASE("an upload over SFTP may take as long as it takes, while it goes on") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    BadLine bad(*drop);
    bad.device.seal(std::string(1'500'000, 'x'));
    bad.line.does(Does::trickle);  // so for nearly four seconds
    CHECK(bad.device.sync().handed_over == 1);
}

TEST_CASE("a line to SFTP that is dead is found out once a pass, whatever waits") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    BadLine bad(*drop);
    for (int i = 0; i < 20; ++i) bad.device.seal(std::to_string(i));
    bad.line.does(Does::reset, 0);
    CHECK(bad.device.sync().still_waiting == 20);
    CHECK(bad.line.connections() == 1);
}

TEST_CASE("many files share a connection where nobody hides who sends them") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    BadLine bad(*drop);
    for (int i = 0; i < 20; ++i) bad.device.seal(std::to_string(i));
    CHECK(bad.device.sync().handed_over == 20);
    CHECK(bad.line.connections() == 1);
}

TEST_CASE("a person who stops an upload over SFTP does not wait for the line") {
    SshDrop* drop = ssh_drop();
    if (!drop) return;
    for (const std::size_t after : {0, 2'500, 60'000}) {
        CAPTURE(after);
        BadLine bad(*drop);
        bad.line.does(Does::go_silent, after);
        const auto store = bad.open(bad.device.study().stores[0]);  // patient
        std::stop_source stop;
        std::thread person([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            stop.request_stop();
        });
        const auto result =
            (*store)->put(first_name, crypto::bytes_of(std::string(200'000, 'x')), {{}, stop.get_token()});
        person.join();
        CHECK(fault_of(result) == Fault::cancelled);
        CHECK(bad.names().empty());
    }
}

TEST_CASE("a server of SFTP that is not there is unreachable, and says so without a credential") {
    const std::string there = "sftp://127.0.0.1:" + std::to_string(unused_port()) + "/drop";
    const sync::Store store{there,
                            {{"user", "laptops"},
                             {"password", "laptops-secret"},
                             {"host_key", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}};
    const auto result = put(*opened(store), first_name, "sealed");
    REQUIRE_FALSE(result);
    CHECK(result.error() ==
          sync::TransportError{Fault::unreachable, there, "nothing answers there", std::nullopt});
}

TEST_CASE("something else than SSH at the address of a store of SFTP is no store") {
    Listener mail([](int socket) {
        const std::string hello =
            "220 mail.example.org ESMTP, what may be done for you today, and for whom?\r\n";
        (void)!::write(socket, hello.data(), hello.size());
    });
    {
        const sync::Store store{"sftp://127.0.0.1:" + std::to_string(mail.port()) + "/drop",
                                {{"user", "a"},
                                 {"password", "b"},
                                 {"host_key", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}};
        const auto result = put(*opened(store), first_name, "sealed");
        CHECK(fault_of(result) == Fault::not_a_store);
        CHECK(result.error().detail == "it does not speak SSH");
    }
}
