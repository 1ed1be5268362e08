#include "client/study/wordings.h"

#include <set>

#include "tests/support/study.h"

using namespace fieldfare;

TEST_CASE("every refusal of a study file has a sentence that says whose fault and what to do") {
    std::set<std::string> sentences;
    constexpr int last = static_cast<int>(study::PackageError::not_a_successor);
    for (int error = 0; error <= last; ++error) {
        const auto text = study::sentence(static_cast<study::PackageError>(error));
        CHECK(text.ends_with("."));
        CHECK(text.size() > 40);
        sentences.insert(text);
    }
    // trailing_bytes and malformed_package are the same to a person.
    CHECK(sentences.size() == static_cast<std::size_t>(last));
    CHECK(study::sentence(study::PackageError::older_version) ==
          "This study file is older than the one on this machine, which stays in use. Ask the researchers "
          "for their "
          "newest file.");
}

TEST_CASE("every refusal of a roster has a sentence of its own") {
    std::set<std::string> sentences;
    constexpr int last = static_cast<int>(study::RosterError::lost_devices);
    for (int error = 0; error <= last; ++error)
        sentences.insert(study::sentence(static_cast<study::RosterError>(error)));
    CHECK(sentences.size() == static_cast<std::size_t>(last + 1));
}
