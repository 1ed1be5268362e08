#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>

#include "tests/support/doctor.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/web_drop.h"

using namespace fieldfare::tests;
namespace test = fieldfare::test;

TEST_CASE("figures: how long store doctor takes at one store of each kind" * doctest::skip()) {
    test::WebDrop* web = test::web_drop();
    test::SshDrop* ssh = test::ssh_drop();
    test::S3Drop& s3 = test::S3Drop::shared();
    if (!web || !ssh) return;
    StoreDesk desk;
    const auto timed = [&](const char* where) {
        const auto begin = std::chrono::steady_clock::now();
        desk.doctor();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        std::printf("store doctor at %s: %.1f s\n", where, took.count());
    };
    for (int run = 1; run <= 3; ++run) {
        web->clear("/drop", desk.tag);
        desk.use(web->laptops(), web->researcher());
        timed("a hardened Apache");

        const std::string bucket = s3.fresh("drop");
        desk.use(s3.laptops(bucket), s3.researcher(bucket));
        timed("a bucket");

        const std::string place = ssh->fresh_place();
        ssh->make_study(place, desk.tag);
        desk.use(ssh->laptops(place), ssh->researcher(place));
        timed("a hardened OpenSSH");
    }
}
