#include "tests/support/app_driver.h"

#include "tests/support/reader_forms.h"

namespace fieldfare::app::test {

std::shared_ptr<const schema::CompiledForm> compiled(schema::Result<schema::ReadForm> read) {
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : schema::to_string(read.error().errors.front())));
    auto form = schema::CompiledForm::compile(std::make_shared<const schema::Form>(std::move(read->form)));
    REQUIRE_MESSAGE(form.has_value(), (form ? "" : schema::to_string(form.error().errors.front())));
    return *form;
}

std::shared_ptr<const schema::CompiledForm> form_of(std::string_view survey, std::string_view choices) {
    return compiled(schema::test::read({.survey = std::string(survey), .choices = std::string(choices)}));
}

std::shared_ptr<const schema::CompiledForm> bundled_form() {
    return compiled(schema::read_xlsform(FIELDFARE_SOURCE_DIR "/assets/questionnaire"));
}

std::shared_ptr<const schema::CompiledForm> visit_form() {
    return compiled(schema::read_xlsform(FIELDFARE_SOURCE_DIR "/assets/forms/visit"));
}

App::App(std::shared_ptr<const schema::CompiledForm> form) {
    worker.form = std::move(form);
    environment.random = [this] { return random_ = random_ * 6364136223846793005U + 1442695040888963407U; };
    environment.utc_day = environment.today = "2026-11-23";
    environment.now = "2026-11-23T12:00:00.000+04:00";
    environment.tick_ms = 1'000;
}

App::~App() = default;

void App::act(Action action) {
    Actions waiting = worker.run(update(state, std::move(action), environment));
    settle(std::move(waiting));
}

void App::settle(Actions answers) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
        Actions more = worker.run(update(state, std::move(answers[i]), environment));
        for (Action& action : more) answers.push_back(std::move(action));
    }
}

void App::catch_up() {
    worker.holds_answers = false;
    settle(worker.run({}));
}

void App::finish_copy() {
    Actions answers;
    worker.finish_copy(answers);
    settle(std::move(answers));
}

void App::pass(std::int64_t milliseconds) {
    environment.tick_ms += milliseconds;
    act(Tick{});
}

void App::unlock() {
    act(ProfileFound{});
    act(TryPassphrase{Passphrase(worker.passphrase)});
}

void App::begin() {
    unlock();
    act(StartInterview{});
    REQUIRE(interviewing());
}

Session& App::session() {
    REQUIRE(std::holds_alternative<Session>(state.stage));
    return std::get<Session>(state.stage);
}

OpenInterview& App::open() {
    REQUIRE(session().open);
    return *session().open;
}

schema::NodeId App::node(std::string_view name) {
    const schema::NodeId found = open().interview.find(name);
    REQUIRE_MESSAGE(found != schema::no_node, std::string(name));
    return found;
}

void App::pick(std::string_view question, std::string choice) {
    act(PickChoice{node(question), std::move(choice)});
}

bool App::saved(std::string_view path, std::string_view value) {
    const auto& entries = worker.drafts.begin()->second.entries;
    const auto found = entries.find(std::string(path));
    return found != entries.end() && found->second.value == value;
}

}  // namespace fieldfare::app::test
