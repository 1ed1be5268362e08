#include "tests/support/app_driver.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

const std::string newer = "/media/usb/newer.ffstudy";

const StudyUpdate& update_of(App& app) {
    REQUIRE(app.session().place == Place::study_file);
    REQUIRE(app.session().update);
    return *app.session().update;
}

/// At home of a study whose researchers have another form by now.
struct Updating : App {
    Updating() : App(visit_form()) {
        worker.newer_form = form_of("type | name | label\ntext | q | New?");
        unlock();
    }
    void looks_at(const std::string& path) {
        act(ShowStudyFile{});
        act(ChoosePackage{path});
    }
    void starts_with(const std::string& path) { act(ChoosePackage{path, ChoosePackage::From::command_line}); }
    const std::string& last_asked() { return worker.log.back(); }
};

}  // namespace

TEST_CASE("a newer study file is shown, and taken in only when the person says so") {
    Updating app;
    const auto before = app.session().form;
    app.looks_at(newer);
    CHECK(update_of(app).step == StudyUpdate::Step::check);
    CHECK(update_of(app).changes.version == Change<int>{1, 2});
    CHECK(app.last_asked() == "read update");
    SUBCASE("left as it is") {
        app.act(ShowHome{});
        CHECK(app.session().place == Place::home);
        CHECK(app.session().form == before);
        CHECK(app.last_asked() == "read update");
    }
    SUBCASE("taken in") {
        app.act(ConfirmPackage{});
        CHECK(app.session().place == Place::home);
        CHECK(app.session().study.package_version == 2);
        CHECK(app.session().form == app.worker.newer_form);
        CHECK(app.session().news.key == "home.study_updated");
        app.act(StartInterview{});
        CHECK(app.open().form == app.worker.newer_form);
        CHECK(app.session().news.empty());
    }
}

TEST_CASE("a study file that is refused says why, and its path stays to be mended") {
    Updating app;
    app.worker.refuses_update = Message{"package.other_study", {}};
    app.looks_at(newer);
    CHECK(update_of(app).step == StudyUpdate::Step::choose);
    CHECK(update_of(app).why.key == "package.other_study");
    CHECK(update_of(app).path == newer);
    CHECK_FALSE(update_of(app).busy);
}

TEST_CASE("a study file that is refused only when it is taken in says so, too") {
    Updating app;
    app.looks_at(newer);
    app.worker.refuses_update = Message{"package.changed_since", {}};
    app.act(ConfirmPackage{});
    CHECK(update_of(app).step == StudyUpdate::Step::choose);
    CHECK(update_of(app).why.key == "package.changed_since");
    CHECK(app.session().study.package_version == 1);
}

TEST_CASE("the file that the machine has already is no newer one") {
    Updating app;
    app.looks_at("/media/usb/same.ffstudy");
    CHECK(update_of(app).step == StudyUpdate::Step::choose);
    CHECK(update_of(app).told.key == "package.same");
    CHECK(update_of(app).why.empty());
}

TEST_CASE("without a path nothing is asked of the worker") {
    Updating app;
    app.looks_at("");
    CHECK(update_of(app).why.key == "first_run.no_path");
    CHECK(app.last_asked() == "unlock");
}

TEST_CASE("a file dropped on the list of interviews is looked at, one dropped on an interview is not") {
    Updating app;
    SUBCASE("on the list") {
        app.act(ChoosePackage{newer});
        CHECK(update_of(app).step == StudyUpdate::Step::check);
    }
    SUBCASE("on an interview") {
        app.act(StartInterview{});
        app.act(ChoosePackage{newer});
        CHECK(app.interviewing());
        CHECK(app.last_asked() != "read update");
    }
}

TEST_CASE("a program that is started with a study file shows it when it is newer, and is silent otherwise") {
    Updating app;
    SUBCASE("newer") {
        app.starts_with(newer);
        CHECK(update_of(app).step == StudyUpdate::Step::check);
    }
    SUBCASE("the one that the machine has") {
        app.starts_with("/home/me/same.ffstudy");
        CHECK(app.session().place == Place::home);
    }
    SUBCASE("the one of the first day") {
        app.worker.refuses_update = Message{"package.older_version", {}};
        app.starts_with("/home/me/first.ffstudy");
        CHECK(app.session().place == Place::home);
    }
    SUBCASE("one that can't be used") {
        app.worker.refuses_update = Message{"package.bad_signature", {}};
        app.starts_with("/home/me/damaged.ffstudy");
        CHECK(update_of(app).why.key == "package.bad_signature");
    }
    SUBCASE("while an interview has begun") {
        app.worker.holds_answers = true;
        app.starts_with(newer);
        app.act(StartInterview{});
        app.catch_up();
        CHECK(app.interviewing());
    }
}

TEST_CASE("while a study file is taken in nobody goes anywhere else, so that its answer is seen") {
    Updating app;
    app.looks_at(newer);
    app.worker.holds_answers = true;
    app.act(ConfirmPackage{});
    app.act(ShowHome{});
    app.act(StartInterview{});
    CHECK(update_of(app).busy);
    app.catch_up();
    CHECK(app.session().place == Place::home);
    CHECK(app.session().study.package_version == 2);
}

TEST_CASE("an interview that was begun before goes on with the form with which it began") {
    Updating app;
    app.act(StartInterview{});
    const auto began_with = app.open().form;
    app.act(ShowHome{});
    app.looks_at(newer);
    app.act(ConfirmPackage{});
    app.act(ResumeDraft{app.open().draft});
    CHECK(app.interviewing());
    CHECK(app.open().form == began_with);
}

TEST_CASE("locking while a study file is looked at forgets it") {
    Updating app;
    app.looks_at(newer);
    app.act(Lock{});
    app.unlock();
    CHECK(app.session().place == Place::home);
    CHECK_FALSE(app.session().update);
}

TEST_CASE(
    "what is shown of a newer study file is of the one that was chosen last, however late the other is "
    "read") {
    Updating app;
    app.worker.holds_answers = true;
    app.starts_with("/media/slow/same.ffstudy");
    app.looks_at(newer);
    app.catch_up();
    CHECK(update_of(app).path == newer);
    CHECK(update_of(app).step == StudyUpdate::Step::check);
    CHECK_FALSE(update_of(app).changes.same);
}
