#include "client/researcher/exports.h"

#include <unistd.h>

#include <algorithm>

#include "client/researcher/odk_xml_files.h"

namespace fieldfare::researcher {

Result<Exports> Exports::create(std::shared_ptr<const schema::Form> form, const std::filesystem::path& folder,
                                std::span<const Format> formats, Overwrite overwrite, Salvage salvaged) {
    Exports exports(std::move(form), overwrite, salvaged);
    const auto wanted = [&](Format format) { return std::ranges::find(formats, format) != formats.end(); };
    exports.as_odk_xml_ = wanted(Format::odk_xml);
    const auto tables = wanted(Format::csv) ? exports.tables_.tables() : std::span<const CsvTables::Table>();
    for (const CsvTables::Table& table : tables) {
        auto file = OutputFile::create(folder / table.file, overwrite);
        if (!file) return tl::unexpected(file.error());
        if (auto written = file->write(table.header); !written) return tl::unexpected(written.error());
        exports.files_.push_back(std::move(*file));
    }
    auto jsonl = OutputFile::create(folder / "survey.jsonl", overwrite);
    if (!jsonl) return tl::unexpected(jsonl.error());
    exports.files_.push_back(std::move(*jsonl));
    exports.rows_.resize(tables.size());
    return exports;
}

Result<void> Exports::add(const schema::Submission& submission, const Provenance& provenance,
                          std::string_view payload) {
    for (std::string& rows : rows_) rows.clear();
    if (!rows_.empty()) tables_.append(submission, provenance, rows_);
    for (std::size_t i = 0; i < rows_.size(); ++i)
        if (auto written = files_[i].write(rows_[i]); !written) return written;
    if (auto written = files_.back().write(payload); !written) return written;
    return files_.back().write("\n");
}

Result<void> Exports::make_durable() {
    for (OutputFile& file : files_)
        if (auto done = file.make_durable(); !done) return done;
    return {};
}

Result<void> Exports::commit() {
    for (OutputFile& file : files_) {
        if (auto done = file.commit(); !done) return done;
        ++committed_;
    }
    return {};
}

Result<void> Exports::write_instances() {
    if (!as_odk_xml_) return {};
    const std::filesystem::path& jsonl = files_.back().path();
    auto written = write_odk_xml(jsonl, *form_, jsonl.parent_path(), overwrite_);
    if (!written) return tl::unexpected(written.error());
    instances_ = std::move(*written);
    return {};
}

void Exports::take_back() {
    for (std::size_t i = 0; i < committed_ && overwrite_ == Overwrite::no; ++i)
        ::unlink(files_[i].path().c_str());
    if (overwrite_ == Overwrite::no) remove_files(instances_);
}

std::set<std::string> Exports::table_names() const {
    std::set<std::string> names;
    for (const CsvTables::Table& table : tables_.tables()) names.insert(table.file);
    return names;
}

std::vector<std::filesystem::path> Exports::paths() const {
    std::vector<std::filesystem::path> paths;
    for (const OutputFile& file : files_) paths.push_back(file.path());
    return paths;
}

}  // namespace fieldfare::researcher
