#include "tests/support/journey.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "tests/support/whole_file.h"
#include "tests/support/window.h"

namespace fieldfare::tests {
namespace {

constexpr const char* root_words = "root of all rowans";

std::string quoted(const std::filesystem::path& path) {
    return "'" + path.string() + "'";
}

/// Every run of 30 digits, with blanks between them or not: enrolment numbers, as people and programs write
/// them.
std::vector<std::string> thirty_digits(const std::string& text) {
    std::vector<std::string> found;
    std::string digits;
    for (const char c : text + "\n") {
        if (c >= '0' && c <= '9') {
            digits += c;
        } else if (c != ' ') {
            if (digits.size() == 30) found.push_back(digits);
            digits.clear();
        }
    }
    return found;
}

void must(int code, const char* what) {
    if (code != 0) throw std::runtime_error(std::string(what) + " ended with " + std::to_string(code));
}

std::filesystem::path fresh_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fieldfare-journey-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    return name;
}

}  // namespace

std::vector<std::string> sorted(std::vector<std::string> lines) {
    std::ranges::sort(lines);
    return lines;
}

std::string read_text(const std::filesystem::path& file) {
    return test::whole_file(file);
}

void write_text(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

Researcher::Researcher(const std::filesystem::path& form) : Researcher(form, "", "") {}

Researcher::Researcher(const std::filesystem::path& form, std::string devices_store, std::string own_store)
    : folder_(fresh_folder()), devices_store_(std::move(devices_store)), own_store_(std::move(own_store)) {
    std::filesystem::create_directory(store());
    if (devices_store_.empty()) devices_store_ = "folder:" + store().string();
    std::string out;
    must(cli("key new " + quoted(folder_ / "root") + " --root --cost low", root_words, &out),
         "key new --root");
    make_key("anna");
    studies_ = {folder_ / "study.ffstudy"};
    build(form, "anna", "");
}

void Researcher::build(const std::filesystem::path& form, const std::string& recipient,
                       const std::string& more) {
    std::string out;
    must(cli("study build " + quoted(form) + " --recipient " + quoted(folder_ / (recipient + ".ffpub")) +
                 " --store '" + devices_store_ + "' --root " + quoted(folder_ / "root.ffkey") + " --out " +
                 quoted(study()) + more,
             root_words, &out),
         "study build");
}

void Researcher::make_key(const std::string& who) const {
    std::string out;
    must(cli("key new " + quoted(folder_ / who) + " --cost low", words_of(who), &out), "key new");
}

void Researcher::build_next(const std::filesystem::path& form, const std::string& recipient,
                            const std::string& more) {
    const std::filesystem::path before = study();
    studies_.push_back(folder_ / ("study-" + std::to_string(studies_.size() + 1) + ".ffstudy"));
    build(form, recipient, " --after " + quoted(before) + more);
}

void Researcher::hand_on_to(const std::string& who, const std::filesystem::path& form) {
    make_key(who);
    build_next(form, who, "");
}

void Researcher::serves_alone(const std::filesystem::path& form) {
    studies_ = {folder_ / "unattended.ffstudy"};
    build(form, "anna", " --mode kiosk");
}

void Researcher::holds_nothing(const std::filesystem::path& form) {
    studies_ = {folder_ / "without-hold.ffstudy"};
    build(form, "anna", " --hold-days 0");
}

void Researcher::removes_when_destroyed(const std::filesystem::path& form) {
    studies_ = {folder_ / "removing.ffstudy"};
    build(form, "anna", " --when-destroyed remove");
}

void Researcher::supervised_by(const std::string& who, const std::filesystem::path& form) {
    make_key(who);
    build_next(form, "anna", " --recovery " + quoted(folder_ / (who + ".ffpub")));
}

int Researcher::answer(const std::string& who, const std::filesystem::path& request,
                       const std::string& digits, const std::filesystem::path& answer) const {
    std::string out;
    return cli("recover " + quoted(request) + " '" + digits + "' --study " + quoted(study()) + " --key " +
                   quoted(folder_ / (who + ".ffkey")) + " --out " + quoted(answer),
               words_of(who), &out);
}

Researcher::~Researcher() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

int Researcher::cli(const std::string& words, const std::string& passphrases, std::string* output) const {
    const std::string fd = passphrases.empty() ? "" : " --passphrase-fd 9 9<<< \"$1\"";
    const std::string line =
        quoted(std::filesystem::path(FIELDFARE_BINARY_DIR) / "bin" / "fieldfare-cli") + " " + words + fd;
    return run_program({"bash", "-c", line, "bash", passphrases}, output);
}

int Researcher::fetch() {
    std::string out;
    const std::string store = own_store_.empty() ? "" : " --store '" + own_store_ + "'";
    return cli("fetch --study " + quoted(study()) + " --inbox " + quoted(folder_ / "inbox") + store, "",
               &out);
}

std::string Researcher::study_tag() const {
    std::string shown;
    must(cli("study show --json " + quoted(study()), "", &shown), "study show");
    const std::string key = "\"study_tag\":\"";
    const auto at = shown.find(key) + key.size();
    return shown.substr(at, shown.find('"', at) - at);
}

int Researcher::open(const std::string& who) {
    std::string out, earlier;
    for (std::size_t i = 0; i + 1 < studies_.size(); ++i) earlier += " --earlier " + quoted(studies_[i]);
    return cli("open --force --study " + quoted(study()) + earlier + " --key " +
                   quoted(folder_ / (who + ".ffkey")) + " --roster " + quoted(folder_ / "roster") +
                   " --inbox " + quoted(folder_ / "inbox") + " --out " + quoted(results()),
               words_of(who), &out);
}

int Researcher::withdraw(const std::string& codes) {
    const std::filesystem::path file = folder_.parent_path() / (folder_.filename().string() + "-codes");
    std::ofstream(file) << codes << "\n";
    std::string out;
    const int code = cli("withdraw --study " + quoted(study()) + " --key " + quoted(folder_ / "anna.ffkey") +
                             " --inbox " + quoted(folder_ / "inbox") + " --codes " + quoted(file),
                         words_of("anna"), &out);
    std::filesystem::remove(file);
    return code;
}

void Researcher::enrol_all() {
    std::string report;
    cli("open --json --force --study " + quoted(study()) + " --key " + quoted(folder_ / "anna.ffkey") +
            " --roster " + quoted(folder_ / "roster") + " --inbox " + quoted(folder_ / "inbox") + " --out " +
            quoted(folder_ / "before"),
        words_of("anna"), &report);
    std::string numbers;
    for (const std::string& digits : thirty_digits(report)) numbers += " " + digits;
    if (numbers.empty()) throw std::runtime_error("no device waits for enrolment: " + report);
    std::string out;
    const int code =
        cli("roster add --study " + quoted(study()) + " --root " + quoted(folder_ / "root.ffkey") +
                " --roster " + quoted(folder_ / "roster") + " --inbox " + quoted(folder_ / "inbox") +
                " --key " + quoted(folder_ / "anna.ffkey") + numbers,
            std::string(root_words) + "\n" + words_of("anna"), &out);
    if (code != 0) throw std::runtime_error("roster add ended with " + std::to_string(code) + ": " + out);
}

std::vector<std::string> Researcher::submissions(const std::string& version) const {
    std::ifstream in((version.empty() ? results() : results() / ("version-" + version)) / "survey.jsonl");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> files_holding(const std::filesystem::path& folder, const std::string& text) {
    if (text.size() < 6) throw std::logic_error("too short to be looked for among random bytes: " + text);
    std::string little, big;
    const std::u16string wide = [&] {
        std::u16string made;
        for (std::size_t i = 0; i < text.size();) {
            const auto c = static_cast<unsigned char>(text[i]);
            if (c < 0x80) {
                made += static_cast<char16_t>(c);
                i += 1;
            } else {  // two bytes: all that tests write beyond ASCII
                made +=
                    static_cast<char16_t>((c & 0x1F) << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3F));
                i += 2;
            }
        }
        return made;
    }();
    for (const char16_t unit : wide) {
        little += {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
        big += {static_cast<char>(unit >> 8), static_cast<char>(unit & 0xFF)};
    }
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        const std::string content = read_text(entry.path());
        for (const std::string& form : {text, little, big}) {
            if (content.find(form) != std::string::npos) {
                found.push_back(entry.path().string());
                break;
            }
        }
    }
    return found;
}

}  // namespace fieldfare::tests
