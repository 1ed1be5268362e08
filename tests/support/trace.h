#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace fieldfare::tests {

/// What strace has written of the calls by which fieldfare_probe, and the courier that it has started, have
/// made files and carried bytes.
class Trace {
  public:
    explicit Trace(std::filesystem::path file) : file_(std::move(file)) {}

    /// What starts a program so that a trace of it stands in the file.
    static std::vector<std::string> words(const std::filesystem::path& file);

    /// The paths that were opened to be written, made, or given a name; by all processes.
    std::vector<std::string> written() const;
    /// The processes (or threads) that did so below this folder.
    std::set<std::string> writers(const std::filesystem::path& folder) const;
    /// The calls that carried one of the texts elsewhere than through the probe's own pipe, which is the
    /// first process's alone: another may have any file under that number.
    std::vector<std::string> carried(const std::vector<std::string>& texts) const;
    /// Whether the probe's pipe carried it: what shows that the search would find it.
    bool shown(const std::string& text) const;

  private:
    using See = std::function<void(const std::string& call, const std::string& line)>;
    void for_each(const See& see) const;
    void for_each_written(
        const std::function<void(const std::string& path, const std::string& process)>& see) const;
    bool is_probes_pipe(const std::string& call, const std::string& line) const;

    std::filesystem::path file_;
    mutable std::string first_;
};

}  // namespace fieldfare::tests
