#include "client/researcher/media_output.h"

#include <algorithm>
#include <optional>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/sealed_file.h"
#include "client/researcher/simulated_device.h"
#include "schema/media_file.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

/// A folder of ours, and no link to somewhere else.
Result<void> make_own_folder(const fs::path& path) {
    std::error_code error;
    const auto type = fs::symlink_status(path, error).type();
    if (type != fs::file_type::not_found && type != fs::file_type::directory)
        return could_not(shown(path) + " is no folder of ours; move it away, and open again.");
    return make_folder(path);
}

}  // namespace

Result<void> MediaOutput::write(MediaFindings& findings, const std::function<void(std::size_t)>& on_file) {
    std::vector<WholeMedia> written;
    for (std::size_t i = 0; i < findings.whole.size(); ++i) {
        on_file(i);
        WholeMedia& media = findings.whole[i];
        const auto why = write_one(media);
        if (!why) return tl::unexpected(why.error());
        if (why->empty()) {
            written.push_back(std::move(media));
            continue;
        }
        const auto parts = static_cast<std::uint32_t>(media.files.size());
        findings.lacking.push_back({media.named.submission, media.named.name, parts, parts, *why});
    }
    findings.whole = std::move(written);
    findings.written = findings.whole.size();
    return {};
}

Result<std::string> MediaOutput::write_one(const WholeMedia& media) {
    const NamedMedia& named = media.named;
    const fs::path all = named.folder / "media", folder = all / named.submission;
    for (const fs::path& each : {all, folder})
        if (auto made = make_own_folder(each); !made) return tl::unexpected(made.error());
    auto output = OutputFile::create(folder / named.name, overwrite_);
    if (!output) return tl::unexpected(output.error());

    Result<void> written;
    std::optional<crypto::MediaHash> whole;
    for (std::size_t part = 0; part < media.files.size(); ++part) {
        const fs::path path = inbox_ / media.files[part];
        const auto file = SealedFile::open(path);
        if (!file) return std::string("unreadable");
        const auto outline = crypto::media_outline_of(file->source());
        if (!outline) return std::string("unreadable");
        const crypto::Result<crypto::OpenedMedia> inspected =
            whole ? crypto::Result<crypto::OpenedMedia>(tl::unexpected(crypto::Error::wrong_state))
                  : open_media_here(path, file->source(), identities_, material_,
                                    shares_->of(outline->header_tag));
        if (!whole && !inspected) return std::string("unreadable");
        if (!whole) whole.emplace(inspected->media_key);
        const crypto::ByteSink sink = [&](crypto::ByteView bytes) -> crypto::Result<void> {
            whole->update(bytes);
            written = output->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            if (!written) return tl::unexpected(crypto::Error::not_writable);
            return {};
        };
        const auto opened = open_media_here(path, file->source(), identities_, material_,
                                            shares_->of(outline->header_tag), &sink);
        if (!written) return tl::unexpected(written.error());
        if (!opened) return std::string("unreadable");
        const crypto::MediaHead& head = opened->head;
        if (crypto::device_id(head.device_key) != named.key.device ||
            head.submission != named.key.submission || head.media_hash != named.key.hash ||
            head.size != named.key.size || head.part != part)
            return std::string("unreadable");  // another file than a moment ago
    }
    if (!whole || !crypto::equal(whole->finish(), named.key.hash)) return std::string("wrong");
    if (auto done = output->commit(); !done) return tl::unexpected(done.error());
    paths_.push_back(output->path());
    return std::string();
}

void MediaOutput::remove_earlier(std::span<const fs::path> folders) const {
    if (overwrite_ == Overwrite::no) return;
    const std::set<fs::path> kept(paths_.begin(), paths_.end());
    for (const fs::path& results : folders) {
        std::error_code error;
        const fs::path all = results / "media";
        if (fs::symlink_status(all, error).type() != fs::file_type::directory) continue;
        std::vector<fs::path> emptied;
        for (const auto& folder : fs::directory_iterator(all, error)) {
            const bool ours = uuid_bytes(folder.path().filename().string()).has_value() &&
                              folder.symlink_status(error).type() == fs::file_type::directory;
            if (!ours) continue;
            std::error_code ignored;
            for (const auto& file : fs::directory_iterator(folder.path(), ignored))
                if (schema::media_number(file.path().filename().string()) && !kept.contains(file.path()))
                    fs::remove(file.path(), ignored);
            emptied.push_back(folder.path());
        }
        for (const fs::path& folder : emptied) {
            std::error_code ignored;
            if (fs::is_empty(folder, ignored) && !ignored) fs::remove(folder, ignored);
        }
    }
}

void MediaOutput::take_back() {
    if (overwrite_ == Overwrite::yes) return;
    for (const fs::path& path : paths_) {
        std::error_code ignored;
        fs::remove(path, ignored);
        fs::remove(path.parent_path(), ignored);                // when it is empty now
        fs::remove(path.parent_path().parent_path(), ignored);  // the same
    }
}

}  // namespace fieldfare::researcher
