#include <algorithm>
#include <ostream>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/batch_wraps.h"
#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/output_file.h"
#include "client/researcher/salvaged_batch.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"

namespace fieldfare::researcher {
namespace {

struct Rewrapped {
    std::size_t wrapped = 0;          ///< now
    std::size_t had = 0;              ///< opened with the archive key before
    std::size_t replaced = 0;         ///< of those wrapped: another wrap stood there, which is gone
    std::size_t redacted = 0;         ///< of both: with records that were cut out
    std::vector<std::string> rotten;  ///< of both: files with records that have rotted
    struct Left {
        std::string file, word, sentence;
    };
    std::vector<Left> left;  ///< that open with the archive key neither now nor before
};

Rewrapped::Left left_over(const std::string& file, crypto::Error error) {
    if (error == crypto::Error::wrong_kind || error == crypto::Error::too_few_shares)
        return {file, "takes_several",
                "Several custodians open this together, and an archive key would open it alone; it was not "
                "wrapped. Keep the custodians' keys."};
    const Reason reason = reason_for(error);
    return {file, reason.word, reason.sentence};
}

enum class Opens {
    not_at_all,
    rotten,    ///< of some records, or of the padding, something else stands there
    redacted,  ///< records were cut out, and every other one holds
    whole,
};

Opens media_opens_with(crypto::ByteView part, const crypto::ArchivedKey& key) {
    return crypto::inspect_media(crypto::source_of(part), key) ? Opens::whole : Opens::not_at_all;
}

Opens media_opens_with(crypto::ByteView part, std::span<const crypto::Identity> keys,
                       const crypto::StudyMaterial& material) {
    return crypto::inspect_media(crypto::source_of(part), keys, {}, material) ? Opens::whole
                                                                              : Opens::not_at_all;
}

/// The file's bytes with a key, which may be an Identity's or an ArchivedKey.
Opens opens_with(crypto::ByteView file, const auto& key, const auto&... material) {
    if (crypto::says_media(file)) return media_opens_with(file, key, material...);
    const auto whole = crypto::inspect_batch(file, key, material...);
    if (whole) return Opens::whole;
    if (whole.error() != crypto::Error::damaged) return Opens::not_at_all;
    const auto rest = crypto::inspect_damaged_batch(file, key, material...);
    if (!rest) return Opens::not_at_all;
    return only_redacted(*rest) ? Opens::redacted : Opens::rotten;
}

/// With its slots, or with the wrap that lies beside it.
Opens opens_here(const std::filesystem::path& batch, crypto::ByteView file,
                 std::span<const crypto::Identity> keys, const crypto::StudyMaterial& material) {
    const auto archived = archived_key(batch, keys);
    return std::max(archived ? opens_with(file, *archived) : Opens::not_at_all,
                    opens_with(file, keys, material));
}

/// From the disk, and with the archive key alone: what will have to do when the other key is gone.
Opens opens_from_disk(const std::filesystem::path& batch, const crypto::Identity& archive) {
    const auto bytes = read_file(batch, crypto::max_batch_file);
    if (!bytes) return Opens::not_at_all;
    return opens_here(batch, crypto::bytes_of(*bytes), {&archive, 1}, {});
}

/// With this wrap, as it stands on the disk, and the archive key alone: what is known before it takes the
/// place of another one, which may be the last that opens the batch.
Result<Opens> opens_with_wrap(OutputFile& wrap, crypto::ByteView file, const crypto::Identity& archive) {
    const auto bytes = wrap.read_back();
    if (!bytes) return tl::unexpected(bytes.error());
    const auto key = crypto::open_wrap(crypto::bytes_of(*bytes), {&archive, 1});
    return key ? opens_with(file, *key) : Opens::not_at_all;
}

bool something_at(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::symlink_status(path, error).type() != std::filesystem::file_type::not_found;
}

void note(Rewrapped& result, const std::string& file, Opens opens) {
    if (opens == Opens::redacted) ++result.redacted;
    if (opens == Opens::rotten) result.rotten.push_back(file);
}

Result<Rewrapped> rewrap(const ArchiveRewrapOptions& options, Console& console) {
    const auto names = sealed_files(options.inbox);
    if (!names) return tl::unexpected(names.error());
    const auto others = no_files(options.inbox);
    if (!others) return tl::unexpected(others.error());
    // "All of them open" would be true of none, and would let somebody destroy a key.
    if (names->empty())
        return could_not("There is no batch in " + shown(options.inbox) +
                         ", so nothing was wrapped; is it the right folder?");
    const auto keys = read_keys(options.keys, console);
    if (!keys) return tl::unexpected(keys.error());
    const std::filesystem::path archive_file[] = {options.archive};
    const auto archive = read_keys(archive_file, console);
    if (!archive) return tl::unexpected(archive.error());
    const crypto::Identity& to = archive->front();
    if (std::ranges::any_of(*keys, [&](const crypto::Identity& key) {
            return key.recipient().box_key == to.recipient().box_key;
        }))
        return wrong_usage("--to and --key are the same key; the archive's must be another one.");

    const auto material = material_of(options.study);
    if (!material) return tl::unexpected(material.error());
    Rewrapped result;
    for (const NoFile& other : *others) {  // a link may lead to a batch
        Reason reason = not_a_file(other.what);
        result.left.push_back({other.name, std::move(reason.word), std::move(reason.sentence)});
    }
    Progress progress(console, "Wrapping", names->size());
    for (std::size_t i = 0; i < names->size(); ++i) {
        progress.at(i);
        const std::filesystem::path batch = options.inbox / (*names)[i];
        if (const Opens opens = opens_from_disk(batch, to); opens != Opens::not_at_all) {
            ++result.had;
            note(result, (*names)[i], opens);
            continue;
        }
        const auto bytes = read_file(batch, crypto::max_batch_file);
        if (!bytes) {
            result.left.push_back({(*names)[i], "unreadable", bytes.error().sentence});
            continue;
        }
        const crypto::ByteView file = crypto::bytes_of(*bytes);
        if (redacted_media_here(batch, crypto::source_of(file), *keys, *material, {}))
            continue;  // there is nothing left to open
        const Opens before = opens_here(batch, file, *keys, *material);
        const auto wrap = wrap_here(batch, file, *keys, to.recipient(), *material);
        if (!wrap) {
            result.left.push_back(left_over((*names)[i], wrap.error()));
            continue;
        }
        const bool replaces = something_at(wrap_of(batch));
        if (replaces && options.overwrite == Overwrite::no) {
            result.left.push_back(
                {(*names)[i], "other_wrap",
                 "The .ffwrap beside it is of another archive key, or damaged. --force puts "
                 "the new one in its place; then that other key opens this no more."});
            continue;
        }
        const std::string_view view(reinterpret_cast<const char*>(wrap->data()), wrap->size());
        auto beside = OutputFile::create(wrap_of(batch), options.overwrite);
        if (!beside) {  // a folder lies there
            result.left.push_back({(*names)[i], "not_written", beside.error().sentence});
            continue;
        }
        if (auto written = beside->write(view); !written) return tl::unexpected(written.error());
        const auto opens = opens_with_wrap(*beside, file, to);
        if (!opens) return tl::unexpected(opens.error());
        if (*opens == Opens::not_at_all || *opens < before) {
            result.left.push_back({(*names)[i], "not_proven",
                                   "What was written does not open this with the archive key, so it was not "
                                   "put there, and what was there stays; the disk may be failing."});
            continue;
        }
        if (auto named = beside->commit(); !named) return tl::unexpected(named.error());
        ++result.wrapped;
        result.replaced += replaces;
        note(result, (*names)[i], *opens);
    }
    return result;
}

void print(const ArchiveRewrapOptions& options, const Rewrapped& result, Console& console) {
    const std::string archive = shown(options.archive.filename());
    console.out << result.wrapped << (result.wrapped == 1 ? " batch" : " batches") << " wrapped, "
                << result.had << " opened with " << archive
                << " before; each was opened with that key alone, to be sure.\n";
    if (result.replaced > 0)
        console.out << result.replaced << (result.replaced == 1 ? " of them had" : " of them had each")
                    << " another .ffwrap, which was replaced; an archive key before this one opens "
                    << (result.replaced == 1 ? "that batch" : "those batches") << " no more.\n";
    if (result.redacted > 0)
        console.out << result.redacted << (result.redacted == 1 ? " of them has" : " of them have")
                    << " records that were redacted; the others open with \"open --salvage\".\n";
    for (const std::string& file : result.rotten)
        console.out
            << "  " << shown(file)
            << ": Part of it has rotted on the disk; what is left was wrapped. Look for another copy while a "
               "store or the device may still have one.\n";
    for (const Rewrapped::Left& file : result.left)
        console.out << "  " << shown(file.file) << ": " << file.sentence << "\n";
    if (result.left.empty())
        console.out << (result.rotten.empty() ? "Every batch of " : "As far as it is there, every batch of ")
                    << shown(options.inbox) << " opens with " << archive
                    << " now. Batches that come later do not: as long as a device may still seal to the old "
                       "key, keep it, and run this again.\n";
    else
        console.out << "DO NOT DESTROY the old key yet: " << result.left.size()
                    << (result.left.size() == 1 ? " file does" : " files do") << " not open with " << archive
                    << ".\n";
}

}  // namespace

ExitCode run_archive_rewrap(const ArchiveRewrapOptions& options, Console& console) {
    const auto result = rewrap(options, console);
    if (!result) return console.complain(result.error());
    if (options.output == Output::text) {
        print(options, *result, console);
    } else {
        std::vector<std::string> left;
        for (const Rewrapped::Left& file : result->left)
            left.push_back(JsonObject()
                               .put("file", file.file)
                               .put("reason", file.word)
                               .put("sentence", file.sentence)
                               .text());
        console.out << JsonObject()
                           .put("wrapped", result->wrapped)
                           .put("had", result->had)
                           .put("replaced", result->replaced)
                           .put("redacted", result->redacted)
                           .put_json("rotten", json_strings(result->rotten))
                           .put_json("left", json_array(left))
                           .text()
                    << "\n";
    }
    return result->left.empty() && result->rotten.empty() ? ExitCode::fine : ExitCode::findings;
}

}  // namespace fieldfare::researcher
