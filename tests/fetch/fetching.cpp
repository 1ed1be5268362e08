#include "client/researcher/fetching.h"

#include <doctest/doctest.h>

#include <utility>

#include "client/researcher/receipt_box.h"
#include "tests/support/fetch.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

std::string told(const Inbox& inbox) {
    return joined(inbox.troubles());
}
bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what a store has comes whole, each file once, over however many connections") {
    for (const unsigned connections : {1u, 3u, 16u}) {
        CAPTURE(connections);
        FakeStore store;
        store.put_many(250);
        Inbox inbox;
        inbox.fetch(store, connections, {.page = 40});
        CHECK(inbox.has_all_of(store));
        CHECK(inbox.fetched.got == 250);
        CHECK(inbox.all_here);
        CHECK(store.gets == 250);
        CHECK(store.lists == 7);
        CHECK(inbox.troubles().empty());
    }
}

TEST_CASE("on a terminal a fetch tells how many files and bytes have come, and clears that away") {
    FakeStore store;
    store.put_many(300);
    store.put(std::string(2'000'000, 'x'), 28);
    const std::string all = "/301, 2.0 MB\x1b[K";
    Inbox inbox;
    inbox.on_terminal = true;
    SUBCASE("listed as a whole") {
        inbox.fetch(store);
        CHECK(contains(inbox.err.str(), "\rFetching from memory: ["));
        CHECK(contains(inbox.err.str(), "] 301" + all));
        CHECK(inbox.err.str().ends_with("\r\x1b[K"));
    }
    SUBCASE("how many there are shows page by page") {
        inbox.fetch(store, 4, {.page = 100});
        CHECK(contains(inbox.err.str(), "] 100/100, 0.0 MB"));
        CHECK(contains(inbox.err.str(), "] 301" + all));
    }
    SUBCASE("what was there is counted, and its bytes did not come") {
        write(inbox.path / last_part(store.name(300)), store.files.at(store.name(300)));
        inbox.fetch(store);
        CHECK(contains(inbox.err.str(), "] 301/301, "));
        CHECK_FALSE(contains(inbox.err.str(), ", 2.0 MB"));
    }
    SUBCASE("in a pipe stands nothing of it") {
        inbox.on_terminal = false;
        inbox.fetch(store);
        CHECK(inbox.err.str() == "");
        CHECK(inbox.out.str() == "");
    }
    CHECK(inbox.has_all_of(store));
}

TEST_CASE("as many files come at once as there are connections, and no more") {
    FakeStore store;
    store.put_many(40);
    store.waits_for = 5;
    Inbox inbox;
    inbox.fetch(store, 5);
    CHECK(store.most_at_once == 5);
    CHECK(inbox.has_all_of(store));
}

TEST_CASE("what the inbox has is not fetched again, under whatever name it has it") {
    FakeStore store;
    store.put_many(20);
    Inbox inbox;
    inbox.fetch(store);
    fs::rename(inbox.path / last_part(store.name(0)),
               inbox.path / ("20260101-" + last_part(store.name(0)).substr(9)));
    // What archive redact leaves keeps its name, and nothing brings the original back.
    write(inbox.path / last_part(store.name(1)), "redacted");
    inbox.fetch(store);
    CHECK(store.gets == 20);
    CHECK(inbox.fetched.had == 20);
    CHECK(inbox.all_here);
    CHECK(content(inbox.path / last_part(store.name(1))) == "redacted");
}

TEST_CASE(
    "a link in the inbox stands for what it leads to, on another disk: nothing is put there or beside it") {
    FakeStore store;
    TemporaryFolder media;
    const fs::path disk = media / "disk";
    fs::create_directory(disk);
    write(disk / "whole", "moved there");
    Inbox inbox;
    const std::vector<fs::path> leads_to{disk / "whole", disk / "gone", disk / "no folder/file", disk,
                                         "/dev/null"};
    std::map<fs::path, fs::path> links;
    for (const fs::path& place : leads_to) links[inbox.path / last_part(store.put(place.string()))] = place;
    const auto put_links = [&] {
        for (const auto& [link, place] : links) fs::create_symlink(place, link);
    };
    store.put("new", 1);  // is asked for first
    SUBCASE("that was there before") {
        put_links();
    }
    SUBCASE("that is put there while files come") {
        store.on_get = [&](const std::string&) { put_links(); };
    }
    inbox.fetch(store, 1);
    CHECK_FALSE(inbox.failure);
    CHECK(store.gets == 1);
    CHECK(inbox.fetched.got == 1);
    CHECK(inbox.fetched.had == links.size());
    CHECK(inbox.all_here);
    CHECK(inbox.troubles().empty());
    CHECK(content(disk / "whole") == "moved there");
    CHECK(files_in(disk).size() == 1);
    for (const auto& [link, place] : links) CHECK(fs::read_symlink(link) == place);
}

TEST_CASE("a file that the inbox has lost comes again") {
    FakeStore store;
    store.put_many(20);
    Inbox inbox;
    inbox.fetch(store);
    fs::remove(inbox.path / last_part(store.name(7)));
    inbox.fetch(store);
    CHECK(inbox.fetched.got == 1);
    CHECK(inbox.has_all_of(store));
}

TEST_CASE("a damaged, a vanished, a refused and a broken file stop no other, and each is told in its place") {
    std::string before;
    for (const unsigned connections : {1u, 8u}) {
        CAPTURE(connections);
        FakeStore store;
        store.put_many(60);
        store.files[store.name(5)] = "altered";
        store.faults = {{store.name(11), Fault::not_found},
                        {store.name(12), Fault::not_permitted},
                        {store.name(13), Fault::failed},
                        {store.name(14), Fault::too_large},
                        {store.name(30), Fault::unreachable}};  // the line breaks each time
        Inbox inbox;
        inbox.fetch(store, connections, {.page = 25});
        CHECK(inbox.fetched.got == 54);
        CHECK(inbox.fetched.damaged == 1);
        CHECK(inbox.whole());
        CHECK_FALSE(inbox.all_here);
        const auto troubles = inbox.troubles();
        REQUIRE(troubles.size() == 6);
        CHECK(contains(troubles[0], last_part(store.name(5)) + " with other content than its name promises"));
        CHECK(
            contains(troubles[1], last_part(store.name(11)) + " did not come. The store memory: no longer"));
        CHECK(contains(troubles[2], last_part(store.name(12)) + " did not come. The store memory: does not"));
        CHECK(contains(troubles[3], last_part(store.name(13)) + " did not come. The store memory: failed"));
        CHECK(contains(troubles[4], last_part(store.name(14)) +
                                        " did not come. The store memory: has it, and it is larger than any "
                                        "sealed file can be; no device of ours made it."));
        CHECK(contains(troubles[5], last_part(store.name(30)) + " did not come. The store memory: can't be"));
        if (!before.empty()) CHECK(told(inbox) == before);
        before = told(inbox);
    }
}

TEST_CASE("a store that breaks off is left soon, is told of once, and what came stays") {
    for (const unsigned connections : {1u, 8u}) {
        CAPTURE(connections);
        FakeStore store;
        store.put_many(500);
        store.fault_of_get = [](std::size_t get) -> std::optional<Fault> {
            if (get > 100) return Fault::unreachable;
            return std::nullopt;
        };
        Inbox inbox;
        inbox.fetch(store, connections);
        CHECK(inbox.fetched.got == 100);
        CHECK(files_in(inbox.path).size() == 100);
        CHECK(inbox.whole());
        CHECK(store.gets <= 100 + connections + 3);
        CHECK(
            told(inbox) ==
            "The store memory: can't be reached; plug the medium in or check the network, and try again.\n");
        CHECK_FALSE(inbox.all_here);

        store.fault_of_get = {};
        inbox.fetch(store, connections);
        CHECK(inbox.fetched.got == 400);
        CHECK(inbox.has_all_of(store));
    }
}

TEST_CASE("files that break never end a store's fetch, however many they are and wherever they lie") {
    auto fault = Fault::unreachable;
    SUBCASE("a rotten sector") {}
    SUBCASE("a server that fails") {
        fault = Fault::busy;
    }
    SUBCASE("permissions") {
        fault = Fault::not_permitted;
    }
    SUBCASE("a redirect") {
        fault = Fault::not_a_store;
    }
    for (const unsigned connections : {1u, 2u, 8u}) {
        CAPTURE(connections);
        FakeStore store;
        store.put_many(200);
        std::size_t rotten = 0;
        for (std::size_t i = 20; i < 200; i += i < 120 ? 1 : 7, ++rotten) store.faults[store.name(i)] = fault;
        Inbox inbox;
        inbox.fetch(store, connections, {.page = 50});
        CHECK(inbox.fetched.got == 200 - rotten);
        CHECK(inbox.looked.to_the_end);
        CHECK_FALSE(inbox.all_here);
        CHECK(inbox.troubles().size() == rotten);
        // Now nothing that is tried comes, but for what is new and listed behind.
        for (int i = 0; i < 10; ++i) store.put("new " + std::to_string(i), 28);
        inbox.fetch(store, connections, {.page = 50});
        CHECK(inbox.fetched.got == 10);
        CHECK(inbox.troubles().size() == rotten);
    }
}

TEST_CASE("a store that lists and gives nothing is left, and one that lists no longer is too") {
    FakeStore store;
    store.put_many(1000);
    store.fault_of_get = [](std::size_t) { return Fault::unreachable; };
    Inbox inbox;
    std::size_t most = 3 * 11 + 8;
    SUBCASE("it lists") {}
    SUBCASE("it does not") {
        most = 3 + 8;
        store.list =
            [&, first = true](
                const std::string&) mutable -> fieldfare::sync::TransportResult<fieldfare::sync::Listing> {
            if (!std::exchange(first, false))
                return tl::unexpected(
                    fieldfare::sync::TransportError{Fault::unreachable, "memory:", "", std::nullopt});
            fieldfare::sync::Listing listing;
            for (const auto& [name, body] : store.files) listing.files.push_back({name, body.size()});
            return listing;
        };
    }
    inbox.fetch(store, 8);
    CHECK(store.gets <= most);
    CHECK(inbox.troubles().size() == 1);
    CHECK_FALSE(inbox.looked.to_the_end);
    CHECK(inbox.looked.begun);
}

TEST_CASE("a list that breaks off hides no new files: what was sealed of late is listed as well") {
    FakeStore store;
    for (int i = 0; i < 30; ++i)
        store.files[tag + "/19700101-" + std::to_string(i) + ".batch"] = "a stranger";
    const std::string fresh = store.put("new", 20), old = store.put("old", 3);
    Inbox inbox;
    inbox.newest = tag + "/20261115";
    inbox.fetch(store, 2, {.page = 10, .strangers = 12});
    CHECK(fs::exists(inbox.path / last_part(fresh)));
    CHECK_FALSE(fs::exists(inbox.path / last_part(old)));
    CHECK_FALSE(inbox.looked.to_the_end);
    CHECK_FALSE(inbox.all_here);
    CHECK(inbox.troubles().size() == 1);
}

TEST_CASE("what another fetch brings into the inbox meanwhile is there, and no failure") {
    FakeStore store;
    store.put_many(40);
    Inbox inbox;
    store.on_get = [&](const std::string&) {  // the other one is always ahead
        for (const auto& [name, body] : store.files)
            if (!fs::exists(inbox.path / last_part(name))) write(inbox.path / last_part(name), body);
    };
    for (const unsigned connections : {1u, 4u}) {
        inbox.fetch(store, connections);
        CHECK_FALSE(inbox.failure);
        CHECK(inbox.fetched.got + inbox.fetched.had == 40);
        CHECK(inbox.fetched.got <= connections);
        CHECK(inbox.all_here);
        CHECK(inbox.has_all_of(store));
        for (const fs::path& file : files_in(inbox.path)) fs::remove(file);
    }
}

TEST_CASE("receipts that another fetch sends meanwhile are sent") {
    FakeStore store;
    FakeConnection connection(store);
    TemporaryFolder inbox;
    const fs::path waiting = inbox / "receipts/waiting" / tag, sent = inbox / "receipts/sent" / tag;
    fs::create_directories(waiting);
    fs::create_directories(sent);
    for (const char* name : {"abcd-1.receipt", "abcd-2.receipt"}) write(waiting / name, "receipt");
    store.on_put = [&] {
        for (const fs::path& file : files_in(waiting)) fs::rename(file, sent / file.filename());
    };
    const auto sending = send_receipts(inbox / "", tag, {&connection});
    REQUIRE(sending);
    CHECK(sending->waiting == 0);
    CHECK(sending->troubles.empty());
}

TEST_CASE("what is said of a store itself is never among what is left out") {
    FakeStore lying;
    lying.put_many(300);
    for (auto& [name, body] : lying.files) body = "altered";
    lying.list = [&](const std::string&) -> fieldfare::sync::TransportResult<fieldfare::sync::Listing> {
        fieldfare::sync::Listing listing{{}, true};
        for (const auto& [name, body] : lying.files) listing.files.push_back({name, body.size()});
        return listing;
    };
    Inbox inbox;
    inbox.fetch(lying);
    const std::string all = told(inbox);
    CHECK(contains(all, "There is more of the kind, 100 times"));
    CHECK(contains(all, "lists its files in circles"));

    Troubles troubles;
    for (int i = 0; i < 300; ++i) troubles.add("a file");
    troubles.next_store();
    troubles.add("a file of the second store");
    CHECK(troubles.sentences().back() == "a file of the second store");
}

TEST_CASE("a fault that is surely the store's own ends it soon") {
    for (const Fault fault : {Fault::no_store, Fault::not_a_store, Fault::wrong_clock, Fault::bad_name}) {
        FakeStore store;
        store.put_many(100);
        store.fault_of_get = [&](std::size_t) { return fault; };
        Inbox inbox;
        inbox.fetch(store, 4);
        CHECK(store.gets <= 4 + 11);  // its list says otherwise
        CHECK(inbox.troubles().size() == 1);
    }
}

TEST_CASE(
    "files that a store refuses one after the other are passed over, and a store that refuses all is left") {
    FakeStore store;
    store.put_many(200);
    for (std::size_t i = 20; i < 60; ++i) store.faults[store.name(i)] = Fault::not_permitted;
    Inbox inbox;
    inbox.fetch(store, 1);
    CHECK(inbox.fetched.got == 160);
    CHECK(inbox.troubles().size() == 40);

    store.fault_of_get = [](std::size_t) { return Fault::not_permitted; };
    store.gets = 0;
    store.put_many(2000);
    inbox.fetch(store, 1);
    CHECK(store.gets <= 11 * 51);
    CHECK(contains("\n" + told(inbox), "\nThe store memory: does not"));
    CHECK_FALSE(inbox.looked.to_the_end);
}

TEST_CASE("a store that lets in fewer at once than were asked for serves with those") {
    FakeStore store;
    store.put_many(120);
    store.lets_in = 2;
    store.waits_for = 3;
    Inbox inbox;
    inbox.fetch(store, 8);
    CHECK(inbox.has_all_of(store));
    CHECK(inbox.troubles().empty());
}

TEST_CASE(
    "of two names for one content the second is asked for when the first is damaged, and not beside it") {
    FakeStore store;
    store.put("whole", 3);
    store.put("whole", 3, 1);  // sent again, since a store had cut the other
    const std::string first = store.name(0), second = store.name(1);
    Inbox inbox;
    SUBCASE("the first is whole") {
        inbox.fetch(store, 8);
        CHECK(store.gets == 1);
        CHECK(inbox.fetched.had == 1);
        CHECK(inbox.troubles().empty());
        CHECK(inbox.all_here);
    }
    SUBCASE("the first is damaged") {
        store.files[first] = "who";
        inbox.fetch(store, 8);
        CHECK(content(inbox.path / last_part(second)) == "whole");
        CHECK(files_in(inbox.path).size() == 1);
        CHECK(inbox.troubles().size() == 1);
    }
}

TEST_CASE("a stop in the middle keeps what came, whole, and the next time brings the rest") {
    for (const unsigned connections : {1u, 6u}) {
        CAPTURE(connections);
        FakeStore store;
        store.put_many(300);
        Inbox inbox;
        std::atomic<int> gets = 0;
        store.on_get = [&](const std::string&) {
            if (++gets == 40) inbox.stop.request_stop();
        };
        inbox.fetch(store, connections);
        CHECK(inbox.fetched.stopped);
        CHECK(inbox.fetched.got == files_in(inbox.path).size());
        CHECK(inbox.fetched.got >= 40 - connections);
        CHECK(inbox.fetched.got < 40 + connections);
        CHECK(store.gets < 40 + connections);
        CHECK(inbox.whole());
        CHECK(inbox.troubles().empty());  // who stopped it knows
        CHECK_FALSE(inbox.all_here);

        const std::size_t first = inbox.fetched.got;
        inbox.stop = {};
        store.on_get = {};
        inbox.fetch(store, connections);
        CHECK(inbox.fetched.had == first);
        CHECK(inbox.has_all_of(store));
    }
}

TEST_CASE("an inbox that can't take a file ends the fetch, and nothing stands there half-written") {
    FakeStore store;
    store.put_many(10);
    for (int i = 0; i < 10; ++i) store.put(std::string(1024 * 1024, static_cast<char>('a' + i)));
    Inbox inbox;
    {
        const FileSizeLimit full(100 * 1024);
        inbox.fetch(store, 4);
    }
    REQUIRE(inbox.failure);
    CHECK(contains(inbox.failure->sentence, "can't be written"));
    CHECK(inbox.whole());
}

TEST_CASE("of faults without number only the first are told, and how many there are") {
    FakeStore store;
    store.put_many(1000);
    for (const auto& [name, body] : store.files) store.faults[name] = Fault::not_found;
    Inbox inbox;
    inbox.fetch(store, 4);
    const auto troubles = inbox.troubles();
    CHECK(troubles.size() == 201);
    CHECK(troubles.back() == "There is more of the kind, 800 times; see to what is told above first.");
}
