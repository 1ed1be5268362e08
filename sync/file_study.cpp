#include "sync/file_study.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "sync/folder_files.h"

namespace fieldfare::sync {

namespace {

constexpr std::size_t routing_tag_offset = 16;

const StudySync* study_by_header(const Outbox& outbox, const FileHash& hash, const SyncConfig& config) {
    auto folder = open_folder(outbox.folder());
    auto file = folder ? open_file(*folder, hash + ".batch") : tl::unexpected(folder.error());
    if (!file) return nullptr;
    std::array<std::uint8_t, 32> head{};
    for (std::size_t have = 0; have < head.size();) {
        const auto n = read_some(*file, std::span(head).subspan(have));
        if (!n || *n == 0) return nullptr;
        have += *n;
    }
    for (const StudySync& study : config.studies) {
        const auto tag = routing_tag(study.study_tag);
        if (std::equal(tag.begin(), tag.end(), head.begin() + routing_tag_offset)) return &study;
    }
    return nullptr;
}

}  // namespace

const StudySync* study_of(const SealedFile& file, const Outbox& outbox, const SyncConfig& config) {
    return file.study_tag.empty() ? study_by_header(outbox, file.hash, config) : config.find(file.study_tag);
}

}  // namespace fieldfare::sync
