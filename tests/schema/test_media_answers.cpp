#include "schema/media_file.h"

#include "schema/submission.h"
#include "tests/support/scenario_random.h"

// Photos, recordings and files: the answers name them, and bind them by their hashes.

using namespace fieldfare::schema;

namespace {

const char* const survey = R"(
    | type         | name  | relevant     | repeat_count |
    | integer      | n     |              |              |
    | image        | photo | ${n} < 3     |              |
    | audio        | voice |              |              |
    | begin_repeat | r     |              | ${n}         |
    | file         | paper |              |              |
    | end_repeat   |       |              |              |
)";

const std::string hash(64, 'a');

/// An interview with files attached as the form app would: the name is the answer.
struct Attached {
    Scenario scenario{survey};
    std::vector<MediaFile> media;

    Attached& attach(std::string_view node, std::string name, std::uint64_t size = 10) {
        scenario.answer(node, name);
        media.push_back({std::move(name), size, hash});
        return *this;
    }
    Submission finalised() const {
        return finalise(scenario.interview(),
                        {"11111111-2222-4333-8444-555555555555", 0, "2026-11-23", 12, media});
    }
    std::string json() const { return to_json(finalised(), scenario.form()->form()); }
};

tl::expected<Submission, SubmissionError> read(const std::string& json) {
    return submission_from_json(json, form_of(survey));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

Attached with_two() {
    Attached interview;
    interview.scenario.answer("n", "1");
    interview.attach("/r[1]/paper", "paper-12.pdf", 268435456).attach("photo", "photo-3.jpg");
    return interview;
}

}  // namespace

TEST_CASE("a submission names its media files with hash and size, by their numbers") {
    CHECK(with_two().json() ==
          R"({"answers":{"n":1,"photo":"photo-3.jpg","r":[{"paper":"paper-12.pdf"}]},"day":"2026-11-23",)"
          R"("form":"test","id":"11111111-2222-4333-8444-555555555555","lang":"","media":[)"
          R"({"hash":")" +
              hash +
              R"(","name":"photo-3.jpg","size":10},)"
              R"({"hash":")" +
              hash +
              R"(","name":"paper-12.pdf","size":268435456}],)"
              R"("missing":{"voice":-94},"version":"1"})");
}

TEST_CASE("a submission with media files that is read back is the one that was written") {
    const auto again = read(with_two().json());
    REQUIRE(again.has_value());
    CHECK(*again == with_two().finalised());
    REQUIRE(again->media.size() == 2);
    CHECK(again->media[1] == MediaFile{"paper-12.pdf", 268435456, hash});
}

TEST_CASE("a submission without media files has no such member") {
    Attached interview;
    interview.scenario.answer("n", "0");
    CHECK(interview.json().find("media") == std::string::npos);
}

TEST_CASE("the media file of a question that is not relevant is left out with its answer") {
    Attached interview;
    interview.attach("photo", "photo-1.jpg").attach("voice", "voice-2.m4a");
    interview.scenario.answer("n", "3");
    const Submission submission = interview.finalised();
    REQUIRE(submission.media.size() == 1);
    CHECK(submission.media.front().name == "voice-2.m4a");
    CHECK(interview.json().find("photo-1") == std::string::npos);
}

TEST_CASE("an answer without its file is no answer") {
    Attached interview;
    interview.scenario.answer("n", "1").answer("photo", "photo-1.jpg").answer("voice", "IMG_0042.jpg");
    CHECK(interview.json().find("photo-1") == std::string::npos);
    CHECK(interview.json().find("IMG") == std::string::npos);
    CHECK(read(interview.json()).has_value());
}

TEST_CASE("one file is not the answer to two questions") {
    Attached interview;
    interview.scenario.answer("n", "2");
    interview.attach("/r[1]/paper", "paper-1.pdf");
    interview.scenario.answer("/r[2]/paper", "paper-1.pdf");
    CHECK(interview.finalised().media.size() == 1);
    CHECK(read(interview.json()).has_value());
}

TEST_CASE("a submission that names media files in another way than ours is refused") {
    const std::string good = with_two().json();
    const std::vector<std::pair<std::string, std::string>> faults = {
        {R"("photo":"photo-3.jpg")", R"("photo":"photo-4.jpg")"},   // not listed
        {R"("photo":"photo-3.jpg")", R"("photo":"paper-12.pdf")"},  // another question's
        {R"("photo":"photo-3.jpg",)", ""},                          // listed, and nobody's answer
        {R"("missing":{"voice":-94})", R"("missing":{"photo":-95,"voice":-94})"},
        {R"("name":"photo-3.jpg")", R"("name":"IMG_0042.jpg")"},
        {R"("name":"photo-3.jpg")", R"("name":"../photo-3.jpg")"},
        {R"("name":"photo-3.jpg")", R"("name":"photo-03.jpg")"},
        {R"("name":"photo-3.jpg")", R"("name":"photo-3.exe")"},
        {R"("name":"photo-3.jpg","size":10)", R"("name":"photo-3.jpg","size":0)"},
        {R"("size":268435456)", R"("size":268435457)"},
        {R"("size":10)", R"("size":-10)"},
        {R"("size":10)", R"("size":10.0)"},
        {R"("size":10)", R"("size":"10")"},
        {R"("size":10)", R"("size":10,"who":"me")"},
        {R"("hash":"a)", R"("hash":"A)"},
        {R"("hash":"a)", R"("hash":")"},
        {"photo-3.jpg", "photo-13.jpg"},  // not in their order
    };
    REQUIRE(read(good).has_value());
    for (const auto& [from, to] : faults) {
        CAPTURE(to);
        std::string bad = replaced(good, from, to);
        if (from == "photo-3.jpg") bad = replaced(bad, "photo-3.jpg", to);
        CHECK_FALSE(read(bad).has_value());
    }
    const auto begin = good.find(R"("media":)"), end = good.find(R"("missing":)");
    CHECK_FALSE(read(good.substr(0, begin) + good.substr(end)).has_value());
    CHECK_FALSE(read(good.substr(0, begin) + R"("media":[],)" + good.substr(end)).has_value());
    CHECK_FALSE(read(good.substr(0, begin) + R"("media":{},)" + good.substr(end)).has_value());
}

TEST_CASE("the name of a media file is neutral, and a file name on every system") {
    CHECK(media_name("photo", 7, "jpg") == "photo-7.jpg");
    CHECK(media_name("ваш.файл", 1, "pdf") == "_______________-1.pdf");
    CHECK(media_name(std::string(100, 'q'), 1, "bin") == std::string(32, 'q') + "-1.bin");
    CHECK(media_number("photo-7.jpg", "photo") == 7u);
    CHECK(media_number("photo-9999.jpg", "photo") == 9999u);
    CHECK(media_number("photo-9999.jpg") == 9999u);
    CHECK_FALSE(media_number("pho.to-1.jpg").has_value());
    CHECK_FALSE(media_number("-1.jpg").has_value());
    for (const char* name :
         {"photo-0.jpg", "photo-10000.jpg", "photo-+1.jpg", "photo-1.jpeg", "photo-1.JPG", "photo-1",
          "photo-1.", "photo.jpg", "Photo-1.jpg", "photo-1.jpg ", "photo--1.jpg", "", ".", "-.jpg"}) {
        CAPTURE(name);
        CHECK_FALSE(media_number(name, "photo").has_value());
    }
}

TEST_CASE("of a person's file name no more is kept than what kind of file it is") {
    CHECK(media_extension("/home/maria/Юрьев 2026-11-23.JPEG") == "jpg");
    CHECK(media_extension("Aufnahme.m4a") == "m4a");
    CHECK(media_extension("letter to maria.docx") == "bin");
    CHECK(media_extension("maria") == "bin");
    CHECK(media_extension("") == "bin");
    CHECK(media_extension("archive.tar.maria") == "bin");
}
