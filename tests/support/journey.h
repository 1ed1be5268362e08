#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fieldfare::tests {

/// A researcher's side in a folder of its own, through the real `fieldfare-cli`: keys, a study of the given
/// form with a folder as its store (or other stores), and what comes back. Throw-away keys at the cheapest
/// legal cost. Removed at the end.
class Researcher {
  public:
    explicit Researcher(const std::filesystem::path& form);
    /// With a store as `study build --store` takes it, and another by which `fetch` goes there.
    Researcher(const std::filesystem::path& form, std::string devices_store, std::string own_store);
    ~Researcher();
    Researcher(const Researcher&) = delete;
    Researcher& operator=(const Researcher&) = delete;

    std::filesystem::path folder() const { return folder_; }
    std::filesystem::path study() const { return studies_.back(); }  ///< the newest file
    std::filesystem::path store() const { return folder_ / "store"; }
    std::filesystem::path results() const { return folder_ / "results"; }

    std::filesystem::path key_of(const std::string& who) const { return folder_ / (who + ".ffkey"); }
    std::string words_of(const std::string& who) const { return who + " and the ferry"; }  ///< passphrase

    std::string study_tag() const;

    int fetch();
    /// Takes every device that waits into the roster, by the numbers that `open` reports.
    void enrol_all();
    /// With the newest study file, and the ones before it as --earlier. Exit code; fills results().
    int open(const std::string& who = "anna");

    /// Builds the next version of the study, from this form: from now on a new key of `who` opens what is
    /// sealed, and no other does.
    void hand_on_to(const std::string& who, const std::filesystem::path& form);

    /// Builds another study, from this form, whose devices keep nothing that enough receipts are there for.
    void holds_nothing(const std::filesystem::path& form);

    /// Builds another study, from this form, whose devices remove sealed files, too, when they are destroyed.
    void removes_when_destroyed(const std::filesystem::path& form);

    /// Builds another study, from this form, for machines on which respondents answer alone.
    void serves_alone(const std::filesystem::path& form);

    /// Builds the next version of the study, in which this person, with a new key, can give devices their
    /// keys back.
    void supervised_by(const std::string& who, const std::filesystem::path& form);
    /// What the supervisor does with a device's request, whose digits somebody has read out; exit code.
    int answer(const std::string& who, const std::filesystem::path& request, const std::string& digits,
               const std::filesystem::path& answer) const;

    /// `withdraw` by these codes, one a line; exit code.
    int withdraw(const std::string& codes);

    /// The lines of survey.jsonl; of an earlier version of the form where it is named.
    std::vector<std::string> submissions(const std::string& version = {}) const;

    /// Runs fieldfare-cli; passphrases go through a descriptor, one a line. What it prints goes to `output`.
    int cli(const std::string& words, const std::string& passphrases, std::string* output = nullptr) const;

  private:
    void make_key(const std::string& who) const;
    void build_next(const std::filesystem::path& form, const std::string& recipient, const std::string& more);
    void build(const std::filesystem::path& form, const std::string& recipient, const std::string& more);

    std::filesystem::path folder_;
    std::vector<std::filesystem::path> studies_;
    std::string devices_store_, own_store_;  // own: empty where it is the study's
};

/// The names of files below `folder` that hold the text, as UTF-8 or UTF-16 of either byte order. Six bytes
/// and more, or it throws: sealed files of 50 MB hold a given word of four letters once in a hundred runs.
std::vector<std::string> files_holding(const std::filesystem::path& folder, const std::string& text);

std::vector<std::string> sorted(std::vector<std::string> lines);

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace fieldfare::tests
