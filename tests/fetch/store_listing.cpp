#include "client/researcher/store_listing.h"

#include <doctest/doctest.h>

#include "sync/probe_name.h"
#include "tests/support/fetch.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::sync::Listing;
using fieldfare::sync::TransportResult;

namespace {

const std::string what_came =
    "; what it listed before was fetched, and the rest was not looked at. Have "
    "whoever runs it look into the study's folder.";

/// Fetches from a store that has `real` batches, and lists by `list`.
Inbox& fetched(Inbox& inbox, FakeStore& store,
               std::function<TransportResult<Listing>(const std::string&)> list) {
    store.list = std::move(list);
    return inbox.fetch(store, 2, {.page = 10, .files = 50, .strangers = 30});
}

std::string stranger(std::size_t number) {
    const std::string digits = std::to_string(number);
    return tag + "/0" + std::string(8 - digits.size(), '0') + digits + ".txt";
}

}  // namespace

TEST_CASE("a store that lists in circles is left, with what it listed before") {
    FakeStore store;
    store.put_many(4);
    Inbox inbox;
    SUBCASE("the same page again and again") {
        fetched(inbox, store, [&](const std::string&) {
            return Listing{{{store.name(0), 1}, {store.name(1), 1}}, true};
        });
        CHECK(inbox.fetched.got == 2);
    }
    SUBCASE("a name that falls back within a page") {
        fetched(inbox, store, [&](const std::string&) {
            return Listing{{{store.name(1), 1}, {store.name(2), 1}, {store.name(0), 1}, {store.name(3), 1}},
                           true};
        });
        CHECK(inbox.fetched.got == 2);
    }
    SUBCASE("on the last page") {
        fetched(inbox, store, [&](const std::string&) {
            return Listing{{{store.name(1), 1}, {store.name(1), 1}}, false};
        });
        CHECK(inbox.fetched.got == 1);
    }
    CHECK(store.lists <= 2);
    CHECK(joined(inbox.troubles()) == "The store memory: lists its files in circles" + what_came + "\n");
    CHECK_FALSE(inbox.all_here);
}

TEST_CASE("a store that lists junk without end is left") {
    FakeStore store;
    Inbox inbox;
    std::size_t next = 0;
    SUBCASE("names of anything") {
        fetched(inbox, store, [&](const std::string&) {
            Listing page{{}, true};
            for (int i = 0; i < 10; ++i) page.files.push_back({stranger(++next), 1});
            return page;
        });
    }
    SUBCASE("what store doctor would put") {
        std::map<std::string, std::string> probes;
        for (int i = 0; i < 100; ++i)
            probes[fieldfare::sync::probe_name(tag, fieldfare::crypto::bytes_of(std::to_string(i)))] = "";
        store.files = probes;
        inbox.fetch(store, 2, {.page = 10, .files = 50, .strangers = 30});
    }
    CHECK(store.lists <= 4);
    CHECK(store.gets == 0);
    CHECK(joined(inbox.troubles()) ==
          "The store memory: lists more than 30 names that are no batches of the study" + what_came + "\n");
}

TEST_CASE("a store that lists batches without end is left, with as many as a study can have") {
    FakeStore store;
    store.put_many(200);
    Inbox inbox;
    inbox.fetch(store, 2, {.page = 10, .files = 50, .strangers = 30});
    CHECK(inbox.fetched.got == 50);
    CHECK(store.lists == 6);
    CHECK(joined(inbox.troubles()) == "The store memory: lists more than 50 batches" + what_came + "\n");
}

TEST_CASE("a store that promises more and names nothing is left") {
    FakeStore store;
    Inbox inbox;
    fetched(inbox, store, [](const std::string&) { return Listing{{}, true}; });
    CHECK(store.lists == 1);
    CHECK(joined(inbox.troubles()) ==
          "The store memory: says that it has more files and does not name them" + what_came + "\n");
}

TEST_CASE("pages without a batch of ours do not end a listing") {
    FakeStore store;
    store.put_many(3);
    for (std::size_t i = 0; i < 25; ++i) store.files[stranger(i)] = "notes";
    Inbox inbox;
    inbox.fetch(store, 2, {.page = 10, .files = 50, .strangers = 30});
    CHECK(inbox.fetched.got == 3);
    CHECK(inbox.all_here);
    CHECK(inbox.troubles().empty());
}

TEST_CASE("a listing that fails in the middle keeps what came before") {
    FakeStore store;
    store.put_many(4);
    Inbox inbox;
    fetched(inbox, store, [&](const std::string& after) -> TransportResult<Listing> {
        if (after.empty()) return Listing{{{store.name(0), 1}}, true};
        return tl::unexpected(fieldfare::sync::TransportError{Fault::busy, "memory:", "", {}});
    });
    CHECK(inbox.fetched.got == 1);
    CHECK(joined(inbox.troubles()) == "The store memory: is busy; try again later.\n");
    CHECK_FALSE(inbox.all_here);
}

TEST_CASE("names of another study are not fetched") {
    FakeStore store;
    const std::string other = "othertag12/" + last_part(name_of("theirs"));
    store.put("ours");
    Inbox inbox;
    fetched(inbox, store, [&](const std::string&) {
        return Listing{{{store.name(0), 1}, {other, 1}}, false};
    });
    CHECK(store.gets == 1);
}
