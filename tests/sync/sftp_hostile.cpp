// A server of SFTP that means harm: what it says has no end.
#include "tests/support/peak_memory.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/sync_contract.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::Fault;

TEST_CASE("a server of SFTP that says more than it was asked is hung up on, before it fills the memory") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    for (const char* kind : {"strays", "ignores", "channels"}) {
        CAPTURE(kind);
        const std::string place = odd->fresh(kind);
        write(odd->files(place) / first_name, "sealed");
        const auto store = opened(odd->store(place));
        const std::string other = sync::batch_name(study_tag, day(1), sha256_of("x"));
        tests::forget_peak();
        [[maybe_unused]] const double before = tests::peak_megabytes();
        const auto got = sync::get_bytes(*store, first_name, 100);
        const auto listed = store->list(study_tag + "/", "", 10, {});
        const auto was_put = put(*store, other, "x");
        REQUIRE_FALSE(got);
        REQUIRE_FALSE(listed);
        REQUIRE_FALSE(was_put);
        for (const auto& error : {got.error(), listed.error(), was_put.error()}) {
            CHECK(error.fault == Fault::not_a_store);
            CHECK(error.detail == "it says more than it was asked");
        }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        CHECK(tests::peak_megabytes() - before < 60);
#endif
    }
}

TEST_CASE("nor does one fill it that says a little more in each step than it was asked") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    const std::string place = odd->fresh("drips");
    write(odd->files(place) / first_name, "sealed");
    const auto store = opened(odd->store(place));
    const auto logins = [&] {
        const std::string log = odd->log();
        int count = 0;
        for (std::size_t at = 0; (at = log.find("password good", at)) != std::string::npos; ++at) ++count;
        return count;
    };
    const int before = logins();
    tests::forget_peak();
    [[maybe_unused]] const double peak = tests::peak_megabytes();
    constexpr int steps = 10;
    for (int i = 0; i < steps; ++i) CHECK(get(*store, first_name) == "sealed");
    CHECK(logins() - before >= steps / 2);  // what has come is let go of with the connection
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(tests::peak_megabytes() - peak < 40);
#endif
}

TEST_CASE("a list of SFTP that does not end ends") {
    OddSftp* odd = odd_sftp();
    if (!odd) return;
    const auto listed = opened(odd->store(odd->fresh("endless")))->list(study_tag + "/", "", 10, {});
    REQUIRE_FALSE(listed);
    CHECK(listed.error().fault == Fault::failed);
    CHECK(listed.error().detail == "its list of files is too long");
}
