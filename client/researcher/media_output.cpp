#include "client/researcher/media_output.h"

#include <algorithm>
#include <optional>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/earlier_results.h"
#include "client/researcher/sealed_file.h"
#include "client/researcher/simulated_device.h"
#include "schema/media_file.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

fs::path folder_of(const NamedMedia& named) {
    return named.folder / "media" / named.submission;
}

void remove_empty_folders(const NamedMedia& named) {
    std::error_code not_empty;
    if (fs::remove(folder_of(named), not_empty)) fs::remove(folder_of(named).parent_path(), not_empty);
}

/// What stands in a folder; nothing when it can't be read.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        entries.push_back(*entry);
    return entries;
}

}  // namespace

Result<void> MediaOutput::write(MediaFindings& findings, const std::function<void(std::size_t)>& on_file) {
    std::vector<WholeMedia> written;
    for (std::size_t i = 0; i < findings.whole.size(); ++i) {
        on_file(i);
        WholeMedia& media = findings.whole[i];
        const auto why = write_one(media);
        if (!why || !why->empty()) remove_empty_folders(media.named);
        if (!why) return tl::unexpected(why.error());
        if (why->empty()) {
            written.push_back(std::move(media));
            continue;
        }
        const auto parts = static_cast<std::uint32_t>(media.files.size());
        findings.lacking.push_back({media.named.submission, media.named.name, parts, parts, *why});
        (*why == "wrong" ? findings.wrong : findings.unreadable).push_back(std::move(media));
    }
    findings.whole = std::move(written);
    findings.written = findings.whole.size();
    return {};
}

Result<std::string> MediaOutput::write_one(const WholeMedia& media) {
    const NamedMedia& named = media.named;
    const fs::path folder = folder_of(named);
    for (const fs::path& each : {folder.parent_path(), folder})
        if (auto made = make_own_folder(each); !made) return tl::unexpected(made.error());
    auto output = OutputFile::create(folder / named.name, overwrite_);
    if (!output) return tl::unexpected(output.error());

    Result<void> written;
    std::optional<crypto::MediaKey> key;
    std::optional<crypto::MediaHash> whole;
    for (std::size_t part = 0; part < media.files.size(); ++part) {
        const fs::path path = inbox_ / media.files[part];
        const auto file = SealedFile::open(path);
        if (!file) return std::string("unreadable");
        const auto outline = crypto::media_outline_of(file->source());
        if (!outline) return std::string("unreadable");
        const auto shares = shares_->of(outline->header_tag);
        if (!whole) {  // the key of the hash, before the first byte is hashed
            auto first = open_media_here(path, file->source(), identities_, material_, shares);
            if (!first) return std::string("unreadable");
            key.emplace(std::move(first->media_key));
            whole.emplace(*key);
        }
        const crypto::ByteSink sink = [&](crypto::ByteView bytes) -> crypto::Result<void> {
            whole->update(bytes);
            written = output->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            if (!written) return tl::unexpected(crypto::Error::not_writable);
            return {};
        };
        const auto opened = open_media_here(path, file->source(), identities_, material_, shares, &sink);
        if (!written) return tl::unexpected(written.error());
        if (!opened) return std::string("unreadable");
        const crypto::MediaHead& head = opened->head;
        if (crypto::device_id(head.device_key) != named.key.device ||
            head.submission != named.key.submission || head.media_hash != named.key.hash ||
            head.size != named.key.size || head.part != part)
            return std::string("unreadable");  // another file than a moment ago
        if (!crypto::equal(opened->media_key.expose(), key->expose())) return std::string("wrong");
    }
    if (!whole || !crypto::equal(whole->finish(), named.key.hash)) return std::string("wrong");
    if (auto done = output->commit(); !done) return tl::unexpected(done.error());
    paths_.push_back(output->path());
    return std::string();
}

std::vector<fs::path> MediaOutput::remove_earlier(std::span<const fs::path> folders) const {
    std::vector<fs::path> stayed;
    if (overwrite_ == Overwrite::no) return stayed;
    const std::set<fs::path> kept(paths_.begin(), paths_.end());
    for (const fs::path& results : folders) {
        const fs::path all = results / "media";
        if (!is_own_folder(all)) continue;
        for (const fs::directory_entry& folder : entries_of(all)) {
            if (!uuid_bytes(folder.path().filename().string()) || !is_own_folder(folder.path())) continue;
            for (const fs::directory_entry& file : entries_of(folder.path())) {
                const fs::path& path = file.path();
                if (!schema::media_number(path.filename().string()) || kept.contains(path)) continue;
                std::error_code error;
                fs::remove(path, error);
                if (error) stayed.push_back(path);
            }
            std::error_code not_empty;
            fs::remove(folder.path(), not_empty);
        }
    }
    return stayed;
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
