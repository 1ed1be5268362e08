#include "tests/support/files_below.h"

#include "tests/support/memory_search.h"
#include "tests/support/whole_file.h"

namespace fieldfare::tests {

std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) files[entry.path().string()] = test::whole_file(entry.path());
    }
    return files;
}

std::vector<std::string> files_with_any(const std::filesystem::path& folder,
                                        const std::vector<std::string>& texts) {
    std::vector<std::string> found;
    for (const auto& [path, content] : contents_of(folder)) {
        for (const auto& text : texts) {
            for (const auto& [spelling, bytes] : spellings_of(text)) {
                if (content.find(bytes) != std::string::npos)
                    found.push_back(path + ": " + text + " in " + spelling);
            }
        }
    }
    return found;
}

}  // namespace fieldfare::tests
