#include "client/researcher/odk_xml_files.h"

#include <fstream>

#include "schema/instance_names.h"
#include "schema/submission_xml.h"

namespace fieldfare::researcher {
namespace {

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

Result<void> write_one(const std::string& line, const schema::Form& form, const schema::InstanceNames& names,
                       const std::filesystem::path& jsonl, const std::filesystem::path& folder,
                       Overwrite overwrite, std::vector<std::filesystem::path>& written) {
    const auto submission = schema::submission_from_json(line, form);
    if (!submission)
        return could_not(shown(jsonl) + " was changed while it was being read; run the command again.");
    // The id is a UUID: the reader of submissions has checked it.
    const std::filesystem::path path = folder / (submission->id + ".xml");
    auto done = write_file(
        path,
        std::string(declaration) + schema::instance_xml(*submission, form, names.name_of(*submission)) + "\n",
        overwrite);
    if (done) written.push_back(path);
    return done;
}

}  // namespace

Result<std::vector<std::filesystem::path>> write_odk_xml(const std::filesystem::path& jsonl,
                                                         const schema::Form& form,
                                                         const std::filesystem::path& folder,
                                                         Overwrite overwrite) {
    std::ifstream lines(jsonl, std::ios::binary);
    if (!lines) return could_not(shown(jsonl) + " can't be read again.");
    const schema::InstanceNames names(form);
    std::vector<std::filesystem::path> written;
    for (std::string line; std::getline(lines, line);) {
        if (auto done = write_one(line, form, names, jsonl, folder, overwrite, written); !done) {
            if (overwrite == Overwrite::no) remove_files(written);
            return tl::unexpected(done.error());
        }
    }
    return written;
}

void remove_files(const std::vector<std::filesystem::path>& files) {
    std::error_code ignored;
    for (const std::filesystem::path& file : files) std::filesystem::remove(file, ignored);
}

}  // namespace fieldfare::researcher
