#include "sync/store_probe.h"

#include "sync/probe_name.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sync_contract.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::test;
using sync::ProbeAs;
using Meaning = sync::ProbeAnswer::Meaning;

namespace {

const crypto::Bytes content = sync::probe_content();
const std::string name = sync::probe_name(study_tag, content);

}  // namespace

TEST_CASE("a probe's file has a name that stores take, of a day on which no device can stand") {
    CHECK(name == study_tag + "/19100101-" + sha256_of(text(content)) + ".batch");
    CHECK(sync::parse_batch_name(name));
    CHECK(sync::probe_content() != content);
    CHECK(sync::is_probe_name(name));
    CHECK(sync::is_probe_name(name.substr(name.find('/') + 1)));
    for (const std::string& other :
         {sync::batch_name(study_tag, std::chrono::sys_days(), sha256_of("x")), first_name,
          study_tag + "/19100101", std::string("19100101-x.batch"), name + "x", std::string()}) {
        CAPTURE(other);
        CHECK_FALSE(sync::is_probe_name(other));
    }
}

TEST_CASE("a probe does on a web server what no store of ours does, and says what came of it") {
    WebDrop* drop = web_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place(), other = sync::probe_name(study_tag, bytes("other"));
    const auto probe = sync::open_probe(drop->researcher(place), ProbeAs::given);
    CHECK(probe->remove(name).meaning == Meaning::not_there);
    CHECK(probe->put_over(name, content).meaning == Meaning::done);
    CHECK(probe->put_over(name, bytes("replaced")).meaning == Meaning::done);
    CHECK(content_of(drop->files(place) / name) == "replaced");
    CHECK(probe->put_end(name, bytes("end"), 5).meaning == Meaning::done);
    CHECK(content_of(drop->files(place) / name) == "replaend");
    CHECK(probe->move(name, other).meaning == Meaning::done);
    CHECK(probe->get(name).meaning == Meaning::not_there);
    CHECK(text(probe->get(other).content) == "replaend");
    CHECK(text(probe->page(study_tag + "/").content).find(other.substr(other.find('/') + 1)) ==
          std::string::npos);  // Apache gives no page of a folder here
    CHECK(probe->put_over(name, content).meaning == Meaning::done);
    CHECK(probe->move(name, other).meaning != Meaning::done);
    CHECK(probe->move_over(name, other).meaning == Meaning::done);
    CHECK(probe->get(other).content == content);
    CHECK(probe->remove(other).meaning == Meaning::done);
    CHECK(names_in(drop->files(place)).empty());
    CHECK(probe->clock_ahead());
    for (const char* bad : {"", "a/../b", "/a/b", "a/b/c/d"}) {
        CHECK(probe->remove(bad).why.fault == sync::Fault::bad_name);
        CHECK(probe->move(name, bad).why.fault == sync::Fault::bad_name);
    }
}

TEST_CASE("a stranger comes with nothing that lets in, and the server's no is one") {
    S3Drop& s3 = S3Drop::shared();
    const auto bucket = sync::open_probe(s3.researcher(s3.fresh("open")), ProbeAs::stranger);
    CHECK(bucket->put_over(name, content).meaning == Meaning::refused);
    const std::string log = s3.log();
    const std::string last = log.substr(log.rfind('\n', log.size() - 2) + 1);
    CHECK(last.find("PUT") != std::string::npos);
    CHECK(last.find("authorization") == std::string::npos);
    CHECK(bucket->page(study_tag + "/").meaning == Meaning::refused);
    WebDrop* drop = web_drop();
    if (!drop) return;
    for (sync::Store store :
         {drop->researcher(drop->fresh_place()),
          with({drop->address("/token"), drop->trust()}, {{"token", "t0ken"}}),
          with({drop->address("/header"), drop->trust()},
               {{"token", "t0ken"}, {"token_header", "X-Auth-Token"}}),
          with({drop->address("/signed"), drop->trust()}, {{"query", "sig=s1gned&se=2026"}}),
          with({drop->address("/anyone", drop->client_certificate_port()), drop->trust()},
               {{"client_certificate", drop->client_certificate()}, {"client_key", drop->client_key()}})}) {
        CAPTURE(store.address);
        CHECK(sync::open_probe(store, ProbeAs::given)->get(name).meaning == Meaning::not_there);
        CHECK(sync::open_probe(store, ProbeAs::stranger)->get(name).meaning == Meaning::refused);
    }
}

TEST_CASE("what is no answer to the question is neither a yes nor a no") {
    S3Drop& drop = S3Drop::shared();
    const auto asked = [&](const sync::Store& store) {
        return sync::open_probe(store, ProbeAs::given)->put_over(name, content).meaning;
    };
    CHECK(asked(drop.researcher(drop.fresh("open"))) == Meaning::done);
    CHECK(asked(drop.researcher("stuck-1")) == Meaning::no_word);   // a clock that it does not take
    CHECK(asked(drop.researcher("portal-1")) == Meaning::no_word);  // a login page
    CHECK(asked(drop.researcher("bare")) == Meaning::no_word);
    CHECK(asked(drop.researcher("moved-1")) == Meaning::no_word);
    CHECK(asked(with(drop.researcher("open-1"), {{"secret_key", "wrong"}})) == Meaning::no_word);
    CHECK(asked(drop.researcher("says-503-none")) == Meaning::no_word);
    CHECK(asked(drop.researcher("late-1")) == Meaning::done);  // by its own clock, since its key is known
    CHECK(asked(with(drop.researcher("late-1"), {{"pin", ""}})) == Meaning::no_word);
}

TEST_CASE("a folder is probed as whoever holds it has it") {
    TemporaryFolder folder;
    fs::create_directory(folder / study_tag);
    const auto probe = sync::open_probe({sync::folder_address(folder.path()), {}}, ProbeAs::given);
    CHECK(probe->put_over(name, content).meaning == Meaning::done);
    CHECK(probe->put_over(name, bytes("x")).meaning == Meaning::done);
    CHECK(content_of(folder / name) == "x");
    CHECK(probe->put_end(name, content, 1).meaning == Meaning::refused);
    CHECK(probe->remove(name).meaning == Meaning::done);
    CHECK(probe->remove(name).meaning == Meaning::not_there);
    CHECK_FALSE(sync::open_probe({sync::folder_address(folder.path()), {}}, ProbeAs::stranger));
}
