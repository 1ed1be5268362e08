#pragma once

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "client/researcher/command_line.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "crypto/passphrase_text.h"
#include "tests/support/whole_file.h"

namespace fieldfare::tests {

namespace fs = std::filesystem;
using researcher::ExitCode;

/// Gone with everything in it when the test ends.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "fieldfare-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    fs::path operator/(const fs::path& name) const { return path_ / name; }

  private:
    fs::path path_;
};

inline std::string content(const fs::path& file) {
    return test::whole_file(file);
}
inline void write(const fs::path& file, const std::string& bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
}
inline void flip_byte(const fs::path& file, std::size_t at) {
    std::string bytes = content(file);
    bytes.at(at) = static_cast<char>(bytes[at] ^ 1);
    std::ofstream(file, std::ios::binary) << bytes;
}
inline std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> found;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) found.push_back(line);
    return found;
}
inline std::vector<std::string> sorted(std::vector<std::string> texts) {
    std::ranges::sort(texts);
    return texts;
}
inline std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    if (fs::exists(folder))
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}
inline std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += text + "\n";
    return all;
}

/// No file grows beyond this while it lives: writes come back short, as on a full disk.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileSizeLimit(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
};

/// Says the same passphrase whoever asks, and remembers for what it was asked.
struct FixedPassphrases final : researcher::PassphraseSource {
    std::string passphrase = "one two three four five six";
    std::vector<std::string> asked;

    researcher::Result<crypto::SecretText> passphrase_for(const std::string& what, researcher::Ask) override {
        asked.push_back(what);
        return std::move(*crypto::passphrase_from(passphrase));
    }
};

/// A form with one of everything that exports treat in their own way, as its three sheets.
inline void write_small_form(const fs::path& folder) {
    write(folder / "survey.csv",
          "type,name,label,relevant,constraint,required,parameters,repeat_count,x_max_length\n"
          "select_one yn,agree,Agree?,,,yes,,,\n"
          "begin_group,about,About,${agree}='yes',,,,,\n"
          "integer,age,Age,,. >= 18 and . <= 99,,,,\n"
          "decimal,weight,Weight,,,,,,\n"
          "date,born,Born,,,,,,\n"
          "select_multiple why,why,Why?,,,,randomize=true,,\n"
          "text,say,Say,,,,,,500\n"
          "end_group,,,,,,,,\n"
          "integer,trips,Trips,,. >= 0 and . <= 3,,,,\n"
          "begin_repeat,trip,Trip,,,,,${trips},\n"
          "select_one yn,good,Good?,,,,,,\n"
          "text,where,Where,,,,,,40\n"
          "end_repeat,,,,,,,,\n");
    write(folder / "choices.csv",
          "list_name,name,label,code,exclusive\n"
          "yn,yes,Yes,1,\nyn,no,No,2,\nyn,ref,Rather not say,-99,\n"
          "why,a,Apples,1,\nwhy,b,Berries,2,\nwhy,none,None,0,yes\nwhy,ref,Rather not say,-99,yes\n");
    write(folder / "settings.csv", "form_title,form_id,version\nSmall form,small,1\n");
}

/// A researcher's desk: a folder of their own, keys, a study, a store, an inbox, and what the program said.
/// Each verb clears what was said before.
class Desk {
  public:
    TemporaryFolder folder;
    std::ostringstream out, err;
    FixedPassphrases passphrases;

    fs::path key = folder / "anna.ffkey", root = folder / "root.ffkey", form = folder / "form",
             store = folder / "store", study = folder / "small.ffstudy", roster = folder / "small.ffroster",
             inbox = folder / "inbox", results = folder / "results", truth = folder / "truth.jsonl";

    /// Two keys, at the cost for throw-away tests.
    Desk& with_keys() {
        REQUIRE(key_new("anna") == ExitCode::fine);
        REQUIRE(key_new("root", true) == ExitCode::fine);
        return *this;
    }
    Desk& with_study() {
        with_keys();
        write_small_form(form);
        REQUIRE_MESSAGE(build() == ExitCode::fine, err.str());
        return with_used_store();
    }
    /// The store as a device leaves it: with the study's folder.
    Desk& with_used_store() {
        fs::create_directories(store / researcher::read_study(study)->policy().study_tag);
        return *this;
    }
    /// Simulated batches in the inbox, and a roster that knows their devices.
    Desk& with_interviews(std::uint64_t interviews, std::uint64_t devices, const std::string& where = {}) {
        researcher::SimulateOptions options;
        options.study = study;
        options.interviews = interviews;
        options.devices = devices;
        options.day = "2026-11-23";
        options.out = where.empty() ? inbox.string() : where;
        options.truth = truth;
        options.root = root;
        options.roster = roster;
        REQUIRE_MESSAGE(said(researcher::run_simulate, options) == ExitCode::fine, err.str());
        return *this;
    }

    template <typename Options>
    ExitCode said(ExitCode (*run)(const Options&, researcher::Console&), const Options& options) {
        out.str("");
        err.str("");
        researcher::Console console{out, err, false, passphrases};
        return run(options, console);
    }

    ExitCode key_new(const std::string& name, bool is_root = false) {
        researcher::KeyNewOptions options;
        options.name = folder / name;
        options.root = is_root;
        options.low_cost = true;
        return said(researcher::run_key_new, options);
    }
    researcher::StudyBuildOptions build_options() {
        researcher::StudyBuildOptions options;
        options.form = form;
        options.recipients = {folder / "anna.ffpub"};
        options.stores = {"folder:" + store.string()};
        options.root = root;
        options.out = study;
        return options;
    }
    ExitCode build() { return said(researcher::run_study_build, build_options()); }

    researcher::OpenOptions open_options() {
        researcher::OpenOptions options;
        options.study = study;
        options.roster = roster;
        options.inbox = inbox;
        options.keys = {key};
        options.out = results;
        return options;
    }
    ExitCode open() { return said(researcher::run_open, open_options()); }
    /// The object that --json prints.
    nlohmann::json opened() {
        auto options = open_options();
        options.output = researcher::Output::json;
        options.overwrite = researcher::Overwrite::yes;
        said(researcher::run_open, options);
        INFO(err.str());
        return nlohmann::json::parse(out.str());
    }
    ExitCode fetch(std::vector<std::string> stores = {}) {
        researcher::FetchOptions options;
        options.study = study;
        options.inbox = inbox;
        options.stores = std::move(stores);
        return said(researcher::run_fetch, options);
    }

    /// The sealed files of the inbox, by the device and the number that `inspect` tells.
    fs::path batch(const std::string& device, std::uint64_t number) {
        for (const fs::path& file : files_in(inbox)) {
            if (file.extension() != ".batch") continue;
            const auto seen = inspected(file);
            if (seen["device"] == device && seen["batch"] == number) return file;
        }
        FAIL("no batch ", number, " of ", device);
        return {};
    }
    nlohmann::json inspected(const fs::path& file) {
        researcher::InspectOptions options;
        options.file = file;
        options.keys = {key};
        options.output = researcher::Output::json;
        said(researcher::run_inspect, options);
        return nlohmann::json::parse(out.str());
    }

    std::vector<std::string> true_lines() { return sorted(lines(content(truth))); }
    std::vector<std::string> opened_lines() { return sorted(lines(content(results / "survey.jsonl"))); }
};

/// The program's own words, as a process would print them.
struct Said {
    ExitCode code;
    std::string out, err;
};
inline Said say(const std::vector<std::string>& words) {
    std::ostringstream out, err;
    const ExitCode code = researcher::run_command_line(words, out, err, false);
    return {code, out.str(), err.str()};
}

/// A descriptor from which `text` can be read.
inline int descriptor_with(const std::string& text) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    return ends[0];
}

/// The same words with the desk's passphrase for each key that is asked for.
inline Said say_with_passphrases(std::vector<std::string> words, const Desk& desk) {
    std::string all;
    for (int i = 0; i < 16; ++i) all += desk.passphrases.passphrase + "\n";
    const int descriptor = descriptor_with(all);
    words.insert(words.end(), {"--passphrase-fd", std::to_string(descriptor)});
    const Said said = say(words);
    ::close(descriptor);
    return said;
}

}  // namespace fieldfare::tests
