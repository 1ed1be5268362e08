#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "client/researcher/dice.h"
#include "client/researcher/form_run_form.h"
#include "client/researcher/form_run_nodes.h"
#include "client/researcher/form_run_steps.h"
#include "client/researcher/json_text.h"
#include "client/researcher/verbs.h"
#include "schema/local_clock.h"
#include "schema/submission_xml.h"

namespace fieldfare::researcher {
namespace {

using nlohmann::json;
using Compiled = std::shared_ptr<const schema::CompiledForm>;

schema::Surroundings surroundings_of(const FormRunOptions& options) {
    schema::Surroundings given;
    std::random_device device;
    given.random = [dice = Dice((std::uint64_t{device()} << 32) ^ device())]() mutable {
        return dice.next();
    };
    given.now = options.now;
    if (given.now.empty()) {
        given.now = schema::local_time_now();
        given.offset_minutes = schema::local_offset_minutes;
        if (!options.today.empty()) given.now.replace(0, 10, options.today);
    }
    given.today = options.today.empty() ? given.now.substr(0, 10) : options.today;
    return given;
}

std::size_t first_language(const schema::Form& form) {
    for (std::size_t i = 0; i < form.languages.size(); ++i)
        if (form.languages[i].name == form.settings.default_language) return i;
    return 0;
}

/// A run with the nodes as they were printed last.
class PrintedRun {
  public:
    PrintedRun(const Compiled& form, const FormRunOptions& options)
        : run_{schema::Interview::start(form, surroundings_of(options)), first_language(form->form())},
          nodes_(print()) {}

    std::string all_nodes() const { return json_of(nodes_); }
    std::span<const std::string> complaints() const { return run_.interview.complaints(); }
    std::string xml() const { return json_string(schema::instance_xml(run_.interview)); }

    /// What the step did.
    StepResult<std::string> change(const StepResult<Step>& step) {
        if (!step) return tl::unexpected(step.error());
        if (const auto taken = take(run_, *step); !taken) return tl::unexpected(taken.error());
        std::vector<PrintedNode> after = print();
        std::string change = json_of_change(nodes_, after);
        nodes_ = std::move(after);
        return change;
    }

  private:
    std::vector<PrintedNode> print() const { return printed_nodes(run_.interview, run_.language); }

    Run run_;
    std::vector<PrintedNode> nodes_;
};

std::string error_line(const std::string& sentence) {
    return "{\"error\":" + json_string(sentence) + "}";
}

ExitCode run_steps(const FormRunOptions& options, std::istream& steps, Console& console) {
    const auto form = form_to_run(options.form, {options.media, {}});
    if (!form) return console.complain(form.error());
    PrintedRun run(*form, options);
    const auto tell_complaints = [&] {
        for (const std::string& sentence : run.complaints()) console.err << sentence << "\n";
    };
    console.out << "{\"initial\":" << run.all_nodes() << "}" << std::endl;
    tell_complaints();
    for (std::string line; std::getline(steps, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const auto change = run.change(step_from_json(line));
        // Whoever writes the steps one by one reads the answers one by one.
        console.out << (change ? "{\"after\":" + *change + "}" : error_line(change.error())) << std::endl;
        if (change) tell_complaints();
    }
    console.out << "{\"final\":" << run.all_nodes() << ",\"final_xml\":" << run.xml() << "}\n";
    return ExitCode::fine;
}

// --- batch ---

Files files_of(const json& one, const FormRunOptions& options) {
    Files files{options.media, {}};
    const auto attachments = one.find("attachments");
    if (attachments == one.end() || !attachments->is_object()) return files;
    for (const auto& [name, file] : attachments->items()) {
        if (file.is_string()) files.inlined[name] = file.get<std::string>();
        const auto text = file.is_object() ? file.find("text") : file.end();
        if (file.is_object() && text != file.end() && text->is_string())
            files.inlined[name] = text->get<std::string>();
    }
    return files;
}

// A case names its form from where the program runs, or from beside the list.
std::filesystem::path form_of(const std::string& name, const FormRunOptions& options) {
    const std::filesystem::path path = name;
    std::error_code error;
    if (path.is_absolute() || std::filesystem::exists(path, error)) return path;
    return options.batch.parent_path() / path;
}

std::string outcome(const json& one, const FormRunOptions& options) {
    const auto id = one.is_object() ? one.find("id") : one.end();
    const std::string head = "{\"id\":" + (one.is_object() && id != one.end()
                                               ? id->dump(-1, ' ', false, json::error_handler_t::replace)
                                               : std::string("null"));
    const auto failed = [&](const std::string& sentence) {
        return head + ",\"error\":" + json_string(sentence) + "}";
    };
    if (!one.is_object()) return failed("A case is a JSON object on one line.");
    const auto name = one.find("form"), steps = one.find("steps");
    if (name == one.end() || !name->is_string()) return failed("A case has a key \"form\" with a path.");
    const auto form = form_to_run(form_of(name->get<std::string>(), options), files_of(one, options));
    if (!form) return failed(form.error().sentence);
    PrintedRun run(*form, options);
    std::string line = head + ",\"initial\":" + run.all_nodes() + ",\"after\":[";
    if (steps != one.end() && steps->is_array()) {
        for (std::size_t i = 0; i < steps->size(); ++i) {
            const auto change =
                run.change(step_from_json((*steps)[i].dump(-1, ' ', false, json::error_handler_t::replace)));
            if (i > 0) line += ',';
            // Whoever compares the lists finds what the step did: nothing.
            line += change ? *change
                           : "{\"error\":" + json_string(change.error()) + ",\"changed\":[],\"gone\":[]}";
        }
    }
    return line + "],\"final\":" + run.all_nodes() + ",\"final_xml\":" + run.xml() + "}";
}

ExitCode run_batch(const FormRunOptions& options, std::istream& cases, Console& console) {
    for (std::string line; std::getline(cases, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const json one = nests_too_deep(line) ? json() : json::parse(line, nullptr, false);
        console.out << outcome(one, options) << "\n";
    }
    console.out.flush();
    return ExitCode::fine;
}

}  // namespace

ExitCode run_form_run(const FormRunOptions& options, Console& console) {
    const bool batch = !options.batch.empty();
    if (!batch && (options.form.empty() || options.steps.empty()))
        return console.complain(
            {"Give a form and its steps (FORM --steps FILE), or a list of cases (--batch LIST).",
             ExitCode::usage});
    const std::filesystem::path& source = batch ? options.batch : options.steps;
    std::ifstream file;
    std::istream* in = options.in != nullptr ? options.in : &std::cin;
    if (source != "-") {
        file.open(source, std::ios::binary);
        if (!file) return console.complain({"The file " + shown(source) + " can't be read."});
        in = &file;
    }
    return batch ? run_batch(options, *in, console) : run_steps(options, *in, console);
}

}  // namespace fieldfare::researcher
