#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/app/update.h"
#include "schema/compiled_form.h"
#include "schema/readers/xlsform.h"
#include "tests/support/fake_worker.h"

// Words of the tests of the form app without a window: an app with a scripted worker behind it.
namespace fieldfare::app::test {

std::shared_ptr<const schema::CompiledForm> compiled(schema::Result<schema::ReadForm> read);

/// A form from sheets written as lines of cells with "|" between them.
std::shared_ptr<const schema::CompiledForm> form_of(std::string_view survey, std::string_view choices = {});
std::shared_ptr<const schema::CompiledForm> bundled_form();
std::shared_ptr<const schema::CompiledForm> visit_form();

/// The app's state, its worker, and a clock that stands until it is moved.
class App {
  public:
    explicit App(std::shared_ptr<const schema::CompiledForm> form = nullptr);
    App(const App&) = delete;
    ~App();

    /// Applies the action and everything that the worker answers.
    void act(Action action);
    void settle(Actions answers);
    /// The worker catches up with what it was holding.
    void catch_up();
    /// The copy under way comes to its end.
    void finish_copy();
    void pass(std::int64_t milliseconds);

    /// To the list of interviews of an existing profile.
    void unlock();
    /// To the first page of a new interview.
    void begin();

    Session& session();
    bool interviewing() { return session().open && session().place == Place::interview; }
    OpenInterview& open();
    schema::NodeId node(std::string_view name);
    std::string value(std::string_view name) { return std::string(open().interview.value(node(name))); }
    void pick(std::string_view question, std::string choice);
    void type(std::string_view question, std::string text) { act(TypeText{node(question), std::move(text)}); }
    bool saved(std::string_view path, std::string_view value);

    AppState state;
    FakeWorker worker;
    Environment environment;

  private:
    std::uint64_t random_ = 42;
};

}  // namespace fieldfare::app::test
