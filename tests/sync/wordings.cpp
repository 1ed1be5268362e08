#include "sync/wordings.h"

#include <set>

#include "tests/support/sync.h"

using namespace fieldfare;
using namespace fieldfare::test;

TEST_CASE("every fault of a store has a sentence of its own that names the store and never its content") {
    std::set<std::string> sentences;
    constexpr int last = static_cast<int>(sync::Fault::failed);
    for (int fault = 0; fault <= last; ++fault) {
        const sync::TransportError error{static_cast<sync::Fault>(fault), "folder:/media/stick", "",
                                         std::nullopt};
        const auto text = sync::sentence(error);
        CHECK(text.ends_with("."));
        sentences.insert(text);
    }
    CHECK(sentences.size() == static_cast<std::size_t>(last + 1));
    CHECK(sync::sentence(sync::TransportError{sync::Fault::no_space, "folder:/media/stick",
                                              "No space left on device", std::nullopt}) ==
          "folder:/media/stick is full (No space left on device). Make room there or use another medium, and "
          "sync "
          "again.");
}

TEST_CASE("every finding of a pass says what it is about") {
    const sync::FileHash hash(64, 'a');
    for (int kind = 0; kind <= static_cast<int>(sync::SyncFinding::Kind::too_many); ++kind) {
        const sync::SyncFinding finding{static_cast<sync::SyncFinding::Kind>(kind), hash, "folder:/x", {}};
        CHECK(sync::sentence(finding).ends_with("."));
    }
    CHECK(sync::sentence(
              {sync::SyncFinding::Kind::receipt, "", "folder:/x", sync::ReceiptError::unknown_signer}) ==
          "A receipt in folder:/x does not count. It is signed by a key that the study has not certified.");
}
