#include <doctest/doctest.h>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

/// Store files, for the laptops and for the researcher.
struct StoreFiles {
    test::TemporaryFolder folder;
    std::string laptops = (folder / "laptops.ffstore").string(),
                reader = (folder / "reader.ffstore").string();

    /// `named` is the file of the setting that stands in one: a certificate, or a key.
    StoreFiles(const sync::Store& laptops_store, const sync::Store& reader_store, const fs::path& named) {
        write(laptops, laptops_store, named);
        write(reader, reader_store, named);
    }
    static void write(const std::string& file, const sync::Store& store, const fs::path& named) {
        std::string lines = "address = " + store.address + "\n";
        for (const auto& [name, value] : store.settings)
            lines += name + " = " + (name == "certificate" || name == "key" ? named.string() : value) + "\n";
        test::write(file, lines);
    }
};

/// An interviewer with two interviews finalised, and the researcher whose study it is.
struct Fieldwork {
    Researcher researcher;
    Person person{researcher.folder() / "profile"};

    explicit Fieldwork(const StoreFiles& files)
        : researcher(fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit", files.laptops, files.reader) {
        person.first_run(researcher.study());
        for (const std::uint64_t seed : {21, 22}) {
            person.begin();
            person.set_language("en");
            person.fill({.seed = seed, .says = "By the late ferry"});
            person.finalise();
        }
    }
    void hand_over() {
        person.hand_over();
        CHECK(person.session().counts == app::Counts{0, 0, 2, 0});
    }
    void fetch_and_open() {
        REQUIRE(researcher.fetch() == 0);
        researcher.enrol_all();
        REQUIRE(researcher.open() == 0);
        CHECK(sorted(researcher.submissions()) == sorted(person.sealed));
    }
    void confirm() {
        REQUIRE(researcher.fetch() == 0);  // takes the receipts there
        person.hand_over();
        CHECK(person.session().counts == app::Counts{0, 0, 0, 2});
    }
};

}  // namespace

TEST_CASE("interviews go from the form app through a web server to the researcher, and receipts back") {
    test::WebDrop* drop = test::web_drop();
    if (!drop) return;
    const StoreFiles files(drop->laptops(), drop->researcher(), drop->certificate_file());
    Fieldwork work(files);
    work.person.hand_over();  // before anybody has made the study's folder
    CHECK_MESSAGE(work.person.sees("the study's folder or bucket is missing"), work.person.contents());
    CHECK(work.person.session().counts == app::Counts{0, 2, 0, 0});
    drop->clear("/drop", work.researcher.study_tag());
    work.hand_over();
    work.fetch_and_open();
    CHECK(test::names_in(drop->files("/drop") / work.researcher.study_tag() / "receipts").empty());
    work.confirm();
    CHECK(files_holding(drop->files("/drop"), "By the late ferry").empty());
}

TEST_CASE("interviews go from the form app through a bucket of S3 to the researcher, and receipts back") {
    test::S3Drop& drop = test::S3Drop::shared();
    const std::string bucket = drop.fresh("drop");
    const StoreFiles files(drop.laptops(bucket), drop.researcher(bucket), drop.certificate().file);
    Fieldwork work(files);
    work.hand_over();
    work.fetch_and_open();
    work.confirm();
    const auto store = sync::open_store(drop.researcher(bucket));
    const auto listing = (*store)->list(work.researcher.study_tag() + "/", "", 100, {});
    REQUIRE(listing);
    CHECK(listing->files.size() >= 1);
    for (const auto& file : listing->files) {
        const auto bytes = sync::get_bytes(**store, file.name, 10'000'000);
        REQUIRE(bytes);
        CHECK(test::text(*bytes).find("By the late ferry") == std::string::npos);
    }
}

TEST_CASE("interviews go from the form app over SFTP to the researcher, and receipts back") {
    test::SshDrop* drop = test::ssh_drop();
    if (!drop) return;
    const std::string place = drop->fresh_place();
    const StoreFiles files(drop->laptops(place), drop->researcher(place), drop->key_file());
    Fieldwork work(files);
    work.person.hand_over();  // before anybody has made the study's folder
    CHECK_MESSAGE(work.person.sees("the study's folder or bucket is missing"), work.person.contents());
    CHECK(work.person.session().counts == app::Counts{0, 2, 0, 0});
    const fs::path folder = drop->make_study(place, work.researcher.study_tag());
    work.hand_over();
    for (const auto& entry : fs::directory_iterator(folder))  // the researcher is another user there
        if (entry.is_regular_file())
            fs::permissions(entry.path(), fs::perms::owner_read, fs::perm_options::add);
    work.fetch_and_open();
    CHECK(test::names_in(folder / "receipts").empty());
    work.confirm();
    CHECK(files_holding(drop->files(place), "By the late ferry").empty());
}
