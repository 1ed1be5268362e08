// Figures of the form engine on the forms of the speed comparison: loading (reading, compiling, starting an
// interview), answers, choice lists, repeats. Each case runs in a process of its own, so that its memory is
// its own. Prints a table; judges nothing.
//   build/release/bin/bench_engine [runs [WORDS]]  only the cases with these words in their name
//   build/release/bin/bench_engine --write DIR     the same forms as files, for the peers (tests/bench/peers)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schema/compiled_form.h"
#include "schema/interview.h"
#include "schema/readers/xform.h"
#include "schema/readers/xlsform.h"
#include "tests/support/bench_forms.h"

namespace {

using namespace fieldfare::schema;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Loaded {
    Interview interview;
    double milliseconds;
};

Surroundings surroundings() {
    Surroundings given;
    given.random = [state = std::uint64_t{1}]() mutable { return state = state * 6364136223846793005U + 1; };
    given.today = "2026-11-23";
    given.now = "2026-11-23T21:05:00.000+00:00";
    return given;
}

Loaded load(const std::function<Form()>& read) {
    const auto start = Clock::now();
    auto form = CompiledForm::compile(std::make_shared<const Form>(read()));
    if (!form) throw std::runtime_error(to_string(form.error().errors.front()));
    Interview interview = Interview::start(*form, surroundings());
    const double milliseconds = milliseconds_since(start);
    return {std::move(interview), milliseconds};
}

Loaded load_xform(const std::string& xml) {
    return load([&] {
        auto read = read_xform(xml, "bench.xml", {});
        if (!read) throw std::runtime_error(to_string(read.error().errors.front()));
        return std::move(read->form);
    });
}

/// Gives a question other values in turn; the median of one answer.
double answer_milliseconds(Interview& interview, const std::string& path,
                           const std::vector<std::string>& values, int times,
                           const std::function<void()>& after = {}) {
    const NodeId node = interview.find(path);
    std::vector<double> all;
    for (int i = 0; i < times; ++i) {
        const std::string& value = values[static_cast<std::size_t>(i) % values.size()];
        const auto start = Clock::now();
        if (!interview.answer(node, value)) throw std::runtime_error("the answer was not taken: " + path);
        if (after) after();
        all.push_back(milliseconds_since(start));
    }
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end());
    return all[all.size() / 2];
}

/// One case: figures by name, in milliseconds, and "MB".
using Figures = std::vector<std::pair<std::string, double>>;
struct Case {
    std::string name;
    std::function<Figures()> run;
};

/// Runs in a child, which sends its figures through a pipe; its memory counts from before the case began.
Figures in_a_process(const Case& one) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        FILE* out = fdopen(ends[1], "w");
        try {
            const double before = peak_megabytes();
            Figures figures = one.run();
            figures.emplace_back("MB", peak_megabytes() - before);
            for (const auto& [name, value] : figures) std::fprintf(out, "%s\t%.6f\n", name.c_str(), value);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s: %s\n", one.name.c_str(), error.what());
        }
        std::fclose(out);
        _exit(0);
    }
    close(ends[1]);
    Figures figures;
    FILE* in = fdopen(ends[0], "r");
    char name[128];
    double value = 0;
    while (std::fscanf(in, "%127[^\t]\t%lf\n", name, &value) == 2) figures.emplace_back(name, value);
    std::fclose(in);
    waitpid(child, nullptr, 0);
    return figures;
}

std::vector<Case> cases(const std::filesystem::path& folder) {
    std::vector<Case> all;
    for (const int count : {1'000, 10'000, 100'000})
        all.push_back({"questions " + std::to_string(count), [count] {
                           Loaded at = load_xform(bench::questions(count, false));
                           Figures result{{"load", at.milliseconds}};
                           result.emplace_back("answer with 9 dependants",
                                               answer_milliseconds(at.interview, "/q0", {"7", "3"}, 101));
                           // q11 is asked when q10 is.
                           answer_milliseconds(at.interview, "/q10", {"7"}, 1);
                           result.emplace_back("answer that feeds nothing",
                                               answer_milliseconds(at.interview, "/q11", {"a", "b"}, 1001));
                           return result;
                       }});
    for (const int count : {10'000, 100'000})
        all.push_back({"questions " + std::to_string(count) + " from .xlsx", [count, folder] {
                           const auto file = bench::questions_workbook(folder, count);
                           Loaded at = load([&] {
                               auto read = read_xlsform(file);
                               if (!read) throw std::runtime_error(to_string(read.error().errors.front()));
                               return std::move(read->form);
                           });
                           return Figures{{"load", at.milliseconds}};
                       }});
    for (const int count : {1'000, 8'000, 64'000})
        all.push_back({"chain of " + std::to_string(count) + " calculates", [count] {
                           Loaded at = load_xform(bench::chain(count));
                           return Figures{{"load", at.milliseconds},
                                          {"answer at its head",
                                           answer_milliseconds(at.interview, "/x", {"1", "2"}, 31)}};
                       }});
    for (const int count : {10'000, 100'000})
        all.push_back({"relevance nested " + std::to_string(count) + " deep", [count] {
                           Loaded at = load_xform(bench::questions(count, true));
                           // Answered all the way down, each number keeps what comes behind it relevant.
                           for (int i = 0; i < count; i += 2)
                               if (!at.interview.answer(at.interview.find("/q" + std::to_string(i)), "7"))
                                   throw std::runtime_error("an answer was not taken");
                           return Figures{{"load", at.milliseconds},
                                          {"answer at its head",
                                           answer_milliseconds(at.interview, "/q0", {"7", "3"}, 11)}};
                       }});
    for (const int count : {10'000, 100'000})
        all.push_back({std::to_string(count) + " choices filtered to 100", [count] {
                           Loaded at = load_xform(bench::choices(count));
                           Interview& interview = at.interview;
                           const NodeId place = interview.find("/place");
                           const auto look = [&] {
                               if (interview.choices(place).size() != 100)
                                   throw std::runtime_error("not 100");
                           };
                           Figures result{{"load", at.milliseconds}};
                           result.emplace_back("first list",
                                               answer_milliseconds(interview, "/region", {"r1"}, 1, look));
                           result.emplace_back(
                               "answer and list",
                               answer_milliseconds(interview, "/region", {"r2", "r3", "r4"}, 101, look));
                           return result;
                       }});
    all.push_back(
        {"1000 instances and their sum", [] {
             Loaded at = load_xform(bench::repeats(1'000));
             Interview& interview = at.interview;
             Figures result{{"load", at.milliseconds}};
             result.emplace_back("answer", answer_milliseconds(interview, "/p[500]/age", {"30", "31"}, 101));
             const NodeId repeat = interview.find("/p");
             std::vector<double> added, removed;
             for (int i = 0; i < 51; ++i) {
                 auto start = Clock::now();
                 interview.add_instance(repeat);
                 added.push_back(milliseconds_since(start));
                 start = Clock::now();
                 interview.remove_instance(interview.children(repeat)[10]);
                 removed.push_back(milliseconds_since(start));
             }
             std::sort(added.begin(), added.end());
             std::sort(removed.begin(), removed.end());
             result.emplace_back("add an instance", added[25]);
             result.emplace_back("remove an instance", removed[25]);
             return result;
         }});
    all.push_back({"groups nested 199 deep", [] {
                       Loaded at = load_xform(bench::nested_groups(199));
                       return Figures{{"load", at.milliseconds}};
                   }});
    return all;
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string first = argc > 1 ? argv[1] : "";
    if (first == "--write" && argc == 3) {
        bench::write_forms(argv[2]);
        return 0;
    }
    const int runs = first.empty() ? 3 : std::max(1, std::atoi(first.c_str()));
    const std::string only = argc > 2 ? argv[2] : "";
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("fieldfare-bench-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::printf("%-36s %-28s %10s %10s %10s\n", "form", "figure (ms, MB)", "min", "median", "max");
    for (const Case& one : cases(folder)) {
        if (one.name.find(only) == std::string::npos) continue;
        std::vector<Figures> all;
        for (int i = 0; i < runs; ++i) all.push_back(in_a_process(one));
        for (std::size_t i = 0; i < all.front().size(); ++i) {
            std::vector<double> values;
            for (const Figures& figures : all)
                if (i < figures.size()) values.push_back(figures[i].second);
            std::sort(values.begin(), values.end());
            std::printf("%-36s %-28s %10.4f %10.4f %10.4f\n", one.name.c_str(), all.front()[i].first.c_str(),
                        values.front(), values[values.size() / 2], values.back());
        }
        std::fflush(stdout);
    }
    std::filesystem::remove_all(folder);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
