#include "sync/file_study.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "sync/folder_files.h"

namespace fieldfare::sync {

namespace {

constexpr std::size_t routing_tag_offset = 16;

// Of a file that is too short to have one: zeros, which are nobody's.
OutboxResult<crypto::Id> tag_in_header(const Outbox& outbox, const FileHash& hash) {
    const std::string name = hash + ".batch";
    auto folder = open_folder(outbox.folder());
    if (!folder) return tl::unexpected(outbox_error(folder.error(), outbox.folder().filename().string()));
    auto file = open_file(*folder, name);
    if (!file) return tl::unexpected(outbox_error(file.error(), name));
    std::array<std::uint8_t, 32> head{};
    for (std::size_t have = 0; have < head.size();) {
        const auto n = read_some(*file, std::span(head).subspan(have));
        if (!n) return tl::unexpected(outbox_error(n.error(), name));
        if (*n == 0) return crypto::Id{};
        have += *n;
    }
    crypto::Id tag{};
    std::copy_n(head.begin() + routing_tag_offset, tag.size(), tag.begin());
    return tag;
}

}  // namespace

OutboxResult<const StudySync*> study_of(const SealedFile& file, const Outbox& outbox,
                                        const SyncConfig& config) {
    if (!file.study_tag.empty()) return config.find(file.study_tag);
    const auto tag = tag_in_header(outbox, file.hash);
    if (!tag) return tl::unexpected(tag.error());
    for (const StudySync& study : config.studies)
        if (routing_tag(study.study_tag) == *tag) return &study;
    return nullptr;
}

OutboxResult<bool> is_of_study(const SealedFile& file, const Outbox& outbox, std::string_view study_tag) {
    if (!file.study_tag.empty()) return file.study_tag == study_tag;
    const auto tag = tag_in_header(outbox, file.hash);
    if (!tag) return tl::unexpected(tag.error());
    return *tag == routing_tag(study_tag);
}

}  // namespace fieldfare::sync
