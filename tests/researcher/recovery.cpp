#include "crypto/recovery.h"

#include <doctest/doctest.h>

#include "client/researcher/recover.h"
#include "client/study/rules.h"
#include "tests/support/researcher_laptop.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using namespace fieldfare::researcher;

namespace {

/// A supervisor with a key, a study that names it, and a request of a device that was enrolled.
struct SupervisorsDesk : Desk {
    std::optional<Laptop> laptop;
    crypto::MasterKey master = std::move(*crypto::MasterKey::random());
    std::optional<crypto::RecoveryRequest> request;
    fs::path file = folder / "laptop.ffrecover", answer = folder / "laptop.ffanswer";

    SupervisorsDesk() {
        with_keys();
        REQUIRE(key_new("supervisor") == ExitCode::fine);
        write_small_form(form);
        fs::create_directories(store);
        REQUIRE_MESSAGE(said(run_study_build, supervised()) == ExitCode::fine, err.str());
        laptop.emplace(*this);
        laptop->seals(1).hands_over();
        REQUIRE_MESSAGE(laptop->is_enrolled() == ExitCode::fine, err.str());
        asks(laptop->study.policy().study_id, crypto::device_id(laptop->key.verify_key()));
    }
    StudyBuildOptions supervised() {
        auto build = build_options();
        build.recovery = folder / "supervisor.ffpub";
        return build;
    }
    void asks(const crypto::Id& of_study, const crypto::Id& of_device) {
        const auto supervisor = study::supervisor(read_study(study)->policy());
        REQUIRE(supervisor.has_value());
        const auto slot = crypto::seal_recovery_slot(master, {of_study, of_device}, supervisor->box_key);
        request.emplace(std::move(*crypto::RecoveryRequest::begin(*slot)));
        write(file, {request->file().begin(), request->file().end()});
    }
    RecoverOptions options(std::string digits = {}) {
        RecoverOptions options;
        options.request = file;
        options.digits = std::move(digits);
        options.key = folder / "supervisor.ffkey";
        options.study = study;
        options.roster = roster;
        if (!options.digits.empty()) options.out = answer;
        return options;
    }
    ExitCode recovers(const RecoverOptions& options) { return said(run_recover, options); }
    std::string digits() const { return crypto::to_string(request->digits()); }
};

bool contains(const std::string& text, const std::string& piece) {
    return text.find(piece) != std::string::npos;
}

/// Nothing was answered, and it is said why.
void refuses(SupervisorsDesk& desk, const RecoverOptions& options, const std::string& piece) {
    CHECK(desk.recovers(options) == ExitCode::could_not);
    CHECK_MESSAGE(contains(desk.err.str(), piece), desk.err.str());
    CHECK(desk.out.str().empty());
    CHECK_FALSE(fs::exists(desk.answer));
}

}  // namespace

TEST_CASE("with the digits that the device shows the supervisor's answer gives it its key back") {
    SupervisorsDesk desk;
    REQUIRE_MESSAGE(desk.recovers(desk.options(desk.digits())) == ExitCode::fine, desk.err.str());
    CHECK(contains(desk.out.str(), "\"Small form\""));
    CHECK(contains(desk.out.str(), desk.laptop->enrolment_number()));
    CHECK_FALSE(contains(desk.err.str(), "revoked"));
    const auto bytes = content(desk.answer);
    const auto master = desk.request->open(crypto::bytes_of(bytes));
    REQUIRE(master.has_value());
    CHECK(std::ranges::equal(master->expose(), desk.master.expose()));
}

TEST_CASE("without digits it only says which study and device ask, and never the digits themselves") {
    SupervisorsDesk desk;
    auto options = desk.options();
    CHECK(desk.recovers(options) == ExitCode::findings);
    CHECK(contains(desk.out.str(), "\"Small form\""));
    CHECK(contains(desk.out.str(), desk.laptop->enrolment_number()));
    CHECK(contains(desk.err.str(), "Nothing was answered"));
    CHECK_FALSE(contains(desk.out.str() + desk.err.str(), desk.digits().substr(0, 11)));
    options.output = Output::json;
    CHECK(desk.recovers(options) == ExitCode::findings);
    auto said = nlohmann::json::parse(desk.out.str());
    CHECK(said["enrolment_number"] == desk.laptop->enrolment_number());
    options.study = options.roster = "";
    CHECK(desk.recovers(options) == ExitCode::findings);
    said = nlohmann::json::parse(desk.out.str());
    CHECK(said["answered"] == false);
    CHECK(said["device"] == desk.laptop->device());
    CHECK_FALSE(said.contains("enrolment_number"));
    CHECK_FALSE(fs::exists(desk.answer));
}

TEST_CASE("other digits, and digits of an earlier request of the same device, are not answered") {
    SupervisorsDesk desk;
    refuses(desk, desk.options("00000 00000 00000 00000 00000 00000"), "not the digits");
    const auto earlier = desk.digits();
    desk.asks(desk.laptop->study.policy().study_id, crypto::device_id(desk.laptop->key.verify_key()));
    refuses(desk, desk.options(earlier), "not the digits");
}

TEST_CASE("with another's key nothing is answered") {
    SupervisorsDesk desk;
    auto options = desk.options(desk.digits());
    options.key = desk.key;
    refuses(desk, options, "not sealed to this key");
}

TEST_CASE("a request of another study, or of a device that was never enrolled, is not answered") {
    SupervisorsDesk desk;
    desk.asks(desk.laptop->study.policy().study_id, crypto::Id{7});
    refuses(desk, desk.options(desk.digits()), "is not in");
    desk.asks(crypto::Id{7}, crypto::device_id(desk.laptop->key.verify_key()));
    refuses(desk, desk.options(desk.digits()), "another study");
}

TEST_CASE("a device that was revoked is not given its key back") {
    SupervisorsDesk desk;
    REQUIRE(desk.laptop->is_revoked_after({}) == ExitCode::fine);
    refuses(desk, desk.options(desk.digits()), "was revoked");
}

TEST_CASE("without the roster it is said that nobody has looked whether the device was revoked") {
    SupervisorsDesk desk;
    REQUIRE(desk.laptop->is_revoked_after({}) == ExitCode::fine);
    const auto unchecked = [](RecoverOptions options) {
        options.roster.clear();
        return options;
    };
    constexpr const char* warning = "Whether this device was revoked was not looked up";
    CHECK(desk.recovers(unchecked(desk.options())) == ExitCode::findings);
    CHECK(contains(desk.err.str(), warning));
    CHECK(desk.recovers(unchecked(desk.options(desk.digits()))) == ExitCode::fine);
    CHECK(contains(desk.err.str(), warning));
    auto json = unchecked(desk.options());
    json.output = Output::json;
    CHECK(desk.recovers(json) == ExitCode::findings);
    CHECK(nlohmann::json::parse(desk.out.str())["roster_looked_up"] == false);
}

TEST_CASE("a file that is no request, is cut short or was changed on its way is told apart") {
    SupervisorsDesk desk;
    const auto options = desk.options(desk.digits());
    const auto whole = content(desk.file);
    write(desk.file, whole.substr(0, whole.size() - 1));
    refuses(desk, options, "damaged or changed");
    write(desk.file, whole);
    flip_byte(desk.file, 100);
    refuses(desk, options, "damaged or changed");
    write(desk.file, std::string(5000, 'x'));
    refuses(desk, options, "");
    write(desk.file, "a letter");
    refuses(desk, options, "no request");
    write(desk.file, "");
    refuses(desk, options, "no request");
    auto later = whole;
    later[8] = 2;
    write(desk.file, later);
    refuses(desk, options, "newer Fieldfare");
}

TEST_CASE("digits and the answer's name go together, a roster wants its study, and no file is replaced") {
    SupervisorsDesk desk;
    const auto wrong = [&](auto change) {
        auto options = desk.options(desk.digits());
        change(options);
        CHECK(desk.recovers(options) == ExitCode::usage);
        CHECK_FALSE(fs::exists(desk.answer));
    };
    wrong([](auto& options) { options.digits = "12345"; });
    wrong([](auto& options) { options.digits.clear(); });
    wrong([](auto& options) { options.out.clear(); });
    wrong([](auto& options) { options.study.clear(); });
    write(desk.answer, "mine");
    CHECK(desk.recovers(desk.options(desk.digits())) == ExitCode::could_not);
    CHECK(content(desk.answer) == "mine");
}

TEST_CASE("the words of the command line come to the same, and its help says what it does") {
    SupervisorsDesk desk;
    const auto said = say_with_passphrases(
        {"recover", desk.file.string(), desk.digits(), "--key", (desk.folder / "supervisor.ffkey").string(),
         "--out", desk.answer.string(), "--json"},
        desk);
    CHECK_MESSAGE(said.code == ExitCode::fine, said.err);
    CHECK(nlohmann::json::parse(said.out)["answered"] == true);
    CHECK(content(desk.answer).size() == 140);
    const auto help = say({"recover", "--help"}).out;
    CHECK(contains(help, "Give a device back the key of its vault"));
    CHECK(help.find("--roster survey.ffroster") != help.rfind("--roster survey.ffroster"));  // in both
}

TEST_CASE("a study says who its supervisor is, and a root key can't be one") {
    SupervisorsDesk desk;
    StudyShowOptions show;
    show.file = desk.study;
    REQUIRE(desk.said(run_study_show, show) == ExitCode::fine);
    CHECK(contains(desk.out.str(), "recovery     by supervisor"));
    show.output = Output::json;
    REQUIRE(desk.said(run_study_show, show) == ExitCode::fine);
    CHECK(nlohmann::json::parse(desk.out.str())["recovery"].get<std::string>().size() == 35);
    auto build = desk.supervised();
    build.recovery = desk.folder / "root.ffpub";
    build.out = desk.folder / "other.ffstudy";
    CHECK(desk.said(run_study_build, build) == ExitCode::could_not);
    CHECK(contains(desk.err.str(), "is a study root"));
    CHECK_FALSE(fs::exists(build.out));
}

TEST_CASE("a newer study file that names no supervisor any more is built with a word about it") {
    SupervisorsDesk desk;
    auto build = desk.build_options();
    build.predecessor = desk.study;
    build.out = desk.folder / "second.ffstudy";
    CHECK(desk.said(run_study_build, build) == ExitCode::fine);
    CHECK(contains(desk.err.str(), "named a supervisor and this one names nobody"));
    CHECK_FALSE(study::supervisor(read_study(build.out)->policy()));
    build = desk.supervised();
    build.predecessor = desk.study;
    build.out = desk.folder / "third.ffstudy";
    CHECK(desk.said(run_study_build, build) == ExitCode::fine);
    CHECK_FALSE(contains(desk.err.str(), "names nobody"));
}
