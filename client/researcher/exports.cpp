#include "client/researcher/exports.h"

#include <unistd.h>

namespace fieldfare::researcher {

Result<Exports> Exports::create(std::shared_ptr<const schema::Form> form, const std::filesystem::path& folder,
                                Overwrite overwrite) {
    Exports exports(CsvTables(std::move(form)), overwrite);
    for (const CsvTables::Table& table : exports.tables_.tables()) {
        auto file = OutputFile::create(folder / table.file, overwrite);
        if (!file) return tl::unexpected(file.error());
        if (auto written = file->write(table.header); !written) return tl::unexpected(written.error());
        exports.files_.push_back(std::move(*file));
    }
    auto jsonl = OutputFile::create(folder / "survey.jsonl", overwrite);
    if (!jsonl) return tl::unexpected(jsonl.error());
    exports.files_.push_back(std::move(*jsonl));
    exports.rows_.resize(exports.tables_.tables().size());
    return exports;
}

Result<void> Exports::add(const schema::Submission& submission, const Provenance& provenance,
                          std::string_view payload) {
    for (std::string& rows : rows_) rows.clear();
    tables_.append(submission, provenance, rows_);
    for (std::size_t i = 0; i < rows_.size(); ++i)
        if (auto written = files_[i].write(rows_[i]); !written) return written;
    if (auto written = files_.back().write(payload); !written) return written;
    return files_.back().write("\n");
}

Result<void> Exports::commit() {
    for (OutputFile& file : files_) {
        if (auto done = file.commit(); !done) {
            take_back();
            return done;
        }
        ++committed_;
    }
    return {};
}

void Exports::take_back() {
    for (std::size_t i = 0; i < committed_ && overwrite_ == Overwrite::no; ++i)
        ::unlink(files_[i].path().c_str());
}

std::vector<std::filesystem::path> Exports::paths() const {
    std::vector<std::filesystem::path> paths;
    for (const OutputFile& file : files_) paths.push_back(file.path());
    return paths;
}

}  // namespace fieldfare::researcher
