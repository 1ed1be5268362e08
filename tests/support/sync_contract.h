#pragma once

// What every store promises, whatever it is made of (sync/transport.h), and the few words to say it in.

#include "tests/support/sync.h"

namespace fieldfare::test {

/// Of a batch, as a store has it.
inline const std::string first_name = sync::batch_name(study_tag, day(3), std::string(64, 'a'));

inline sync::TransportResult<sync::PutOutcome> put(sync::Transport& store, std::string_view object,
                                                   std::string_view content) {
    return store.put(object, crypto::bytes_of(content), {});
}

inline std::string get(sync::Transport& store, std::string_view object) {
    const auto got = sync::get_bytes(store, object, 1024 * 1024);
    return got ? text(*got) : "";
}

template <typename T>
sync::Fault fault_of(const sync::TransportResult<T>& result) {
    REQUIRE_FALSE(result);
    return result.error().fault;
}

/// The transport of a store that can be used.
inline std::unique_ptr<sync::Transport> opened(const sync::Store& store, std::string_view proxy = {}) {
    auto transport = sync::open_store(store, proxy);
    if (!transport) FAIL(transport.error().detail);
    return std::move(*transport);
}

/// The same store with some settings set otherwise; an empty value takes one out.
inline sync::Store with(sync::Store store, const std::map<std::string, std::string>& settings) {
    for (const auto& [key, value] : settings) {
        store.settings.erase(key);
        if (!value.empty()) store.settings[key] = value;
    }
    return store;
}

/// One contract for the fake and for the real ones. The store is empty.
inline void keeps_to_the_contract(sync::Transport& to) {
    using sync::Fault;
    using sync::PutOutcome;
    sync::Transport* store = &to;
    TemporaryFolder folder;
    const std::string name = first_name;
    const std::string second = sync::batch_name(study_tag, day(4), std::string(64, 'b'));

    SUBCASE("what was put is there, whole") {
        CHECK(put(*store, name, "sealed") == PutOutcome::stored);
        CHECK(get(*store, name) == "sealed");
    }
    SUBCASE("an empty file can be put too") {
        CHECK(put(*store, name, "") == PutOutcome::stored);
        CHECK(put(*store, name, "") == PutOutcome::same_content);
    }
    SUBCASE("the same again is no fault, and nothing is replaced") {
        CHECK(put(*store, name, "sealed") == PutOutcome::stored);
        CHECK(put(*store, name, "sealed") == PutOutcome::same_content);
        CHECK(put(*store, name, "other!") == PutOutcome::other_content);
        CHECK(put(*store, name, "longer than before") == PutOutcome::other_content);
        CHECK(put(*store, name, "sealed and more") == PutOutcome::other_content);
        CHECK(put(*store, name, "seal") == PutOutcome::other_content);
        CHECK(get(*store, name) == "sealed");
    }
    SUBCASE("a file is put from the disk") {
        TemporaryFolder outbox;
        write(outbox / "x", std::string(300'000, 'x'));
        CHECK(store->put(name, outbox / "x", {}) == PutOutcome::stored);
        CHECK(get(*store, name) == std::string(300'000, 'x'));
        CHECK(store->put(name, outbox / "x", {}) == PutOutcome::same_content);
    }
    SUBCASE("a file of ours that is not there is our fault") {
        CHECK(fault_of(store->put(name, folder / "nothing", {})) == Fault::unreadable);
        CHECK(store->list(study_tag + "/", "", 10, {})->files.empty());
    }
    SUBCASE("names are listed in order, page by page") {
        REQUIRE(put(*store, second, "22"));
        REQUIRE(put(*store, name, "1"));
        REQUIRE(put(*store, sync::receipt_name(study_tag, "d", 1), "not listed here"));
        auto page = store->list(study_tag + "/", "", 1, {});
        REQUIRE(page);
        CHECK(page->files == std::vector<sync::ListedFile>{{name, 1}});
        CHECK(page->more);
        page = store->list(study_tag + "/", name, 1, {});
        CHECK(page->files == std::vector<sync::ListedFile>{{second, 2}});
        CHECK_FALSE(page->more);
    }
    SUBCASE("a list that is at its end is kept no longer") {
        REQUIRE(put(*store, name, "1"));
        CHECK_FALSE(store->list(study_tag + "/", "", 10, {})->more);
        REQUIRE(put(*store, second, "22"));
        CHECK(store->list(study_tag + "/", name, 10, {})->files ==
              std::vector<sync::ListedFile>{{second, 2}});
    }
    SUBCASE("what is not there is not found, and a folder that is not there is empty") {
        CHECK(sync::get_bytes(*store, name, 10).error().fault == Fault::not_found);
        CHECK(store->list(study_tag + "/", "", 10, {})->files.empty());
    }
    SUBCASE("a file above the cap is not read into memory") {
        REQUIRE(put(*store, name, "12345"));
        CHECK(sync::get_bytes(*store, name, 4).error().fault == Fault::too_large);
        CHECK(sync::get_bytes(*store, name, 5));
    }
    SUBCASE("names that lead elsewhere are refused") {
        for (const char* bad :
             {"", "a", "/a/b", "a/../b", "a//b", "a/.b", "A/b", "a/b/c/d", "a/b\n", "a/b/"}) {
            CHECK(fault_of(put(*store, bad, "x")) == Fault::bad_name);
            CHECK(sync::get_bytes(*store, bad, 10).error().fault == Fault::bad_name);
        }
    }
    SUBCASE("a cancelled upload leaves nothing") {
        std::stop_source source;
        source.request_stop();
        const auto result = store->put(name, crypto::bytes_of("sealed"), {{}, source.get_token()});
        CHECK(fault_of(result) == Fault::cancelled);
        CHECK(store->list(study_tag + "/", "", 10, {})->files.empty());
    }
    SUBCASE("a cancelled listing ends") {
        std::stop_source source;
        source.request_stop();
        CHECK(fault_of(store->list(study_tag + "/", "", 10, source.get_token())) == Fault::cancelled);
        CHECK(store->list(study_tag + "/", "", 10, {}));
    }
    SUBCASE("progress ends at the size of the file") {
        std::uint64_t last = 0;
        REQUIRE(store->put(name, crypto::bytes_of("sealed"), {[&](auto done, auto) { last = done; }, {}}));
        CHECK(last == 6);
    }
}

}  // namespace fieldfare::test
