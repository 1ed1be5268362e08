#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/output_file.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "crypto/batch.h"
#include "crypto/custody.h"
#include "crypto/hash.h"
#include "crypto/media.h"

namespace fieldfare::researcher {
namespace {

/// A batch of the inbox, as far as its custodian can know it.
struct Found {
    std::string file;
    std::string word;      ///< released (with --list: would_release), or why not
    std::string sentence;  ///< where something needs a look
    // Of a share that is released: how many custodians of how many open the batch.
    std::uint8_t quorum = 0, of = 0;
};

struct Extraction {
    crypto::GuardedPages pages;
    std::vector<crypto::ReleasedShare> shares;  ///< in `pages`: there may be one for each of many batches
    std::vector<Found> found;
    std::size_t of_others = 0;  ///< sealed to none of the custodian's keys
    bool needs_a_look = false;
};

bool of_study(const crypto::ReleasedShare& share, crypto::ByteView file, const study::StudyPackage& study) {
    const crypto::Id& id = study.policy().study_id;
    return crypto::belongs_to(share, file, id, study.policy_digest()) ||
           std::ranges::any_of(study.policy().predecessors, [&](const study::Predecessor& before) {
               return crypto::belongs_to(share, file, id, before.policy_digest);
           });
}

/// Whether this can't be the file that a device sealed, going by its length and by what its name promises.
bool altered(const std::string& name, crypto::ByteView file) {
    const std::string promised = promised_hash(name);
    if (!promised.empty() && promised != crypto::to_hex(crypto::sha256(file))) return true;
    return !crypto::says_media(file) && !crypto::outline_of(file);
}

Found refusal(const std::string& file, crypto::ByteView bytes, crypto::Error error) {
    switch (error) {
        case crypto::Error::wrong_kind:
            return {file, "whole_key",
                    "Each recipient opens this batch alone; there is no share to release."};
        case crypto::Error::damaged:
            if (altered(file, bytes))
                return {
                    file, "damaged",
                    "This was damaged or altered after it was sealed. Move it aside, run \"fetch --sweep\", "
                    "and extract again if a whole copy came; otherwise put it back."};
            return {
                file, "share_does_not_fit",
                "The share in this batch is not the one that the device says it put there. Fetch it again; "
                "when it stays so, the device's program was altered."};
        case crypto::Error::wrong_format:
            return {file, "not_a_batch", "This is no sealed batch; leave it."};
        case crypto::Error::unsupported:
            return {file, "unsupported",
                    "This was sealed by a newer Fieldfare than this one; install the newer version and "
                    "extract again."};
        case crypto::Error::out_of_memory:
            return {file, "out_of_memory",
                    "There was not enough free memory to read this; close other programs and extract again."};
        default:
            return {file, "not_read", "This could not be read; fetch it again, and extract again."};
    }
}

Result<Extraction> extract(const CustodyExtractOptions& options, const study::StudyPackage& study,
                           const crypto::Identity& custodian, Console& console) {
    const auto names = sealed_files(options.inbox);
    if (!names) return tl::unexpected(names.error());
    const auto others = no_files(options.inbox);
    if (!others) return tl::unexpected(others.error());
    Extraction result;
    for (const NoFile& other : *others) {
        Reason reason = not_a_file(other.what);
        result.found.push_back({other.name, std::move(reason.word), std::move(reason.sentence)});
        result.needs_a_look = true;
    }
    std::set<crypto::Digest> released;
    Progress progress(console, "Extracting", names->size());
    for (std::size_t i = 0; i < names->size(); ++i) {
        progress.at(i);
        const std::string& name = (*names)[i];
        const auto bytes = read_file(options.inbox / name, crypto::max_batch_file);
        if (!bytes) {
            result.found.push_back({name, "unreadable", bytes.error().sentence});
            result.needs_a_look = true;
            continue;
        }
        const crypto::ByteView file = crypto::bytes_of(*bytes);
        auto share = crypto::extract_share(file, custodian);
        if (!share && share.error() == crypto::Error::not_openable) {
            ++result.of_others;
            continue;
        }
        if (!share) {
            result.found.push_back(refusal(name, file, share.error()));
            result.needs_a_look = true;
            continue;
        }
        if (!of_study(*share, file, study)) {
            result.found.push_back(
                {name, "other_study",
                 "This is of another study, or was sealed under rules that this study file "
                 "does not know; its share was not released."});
            result.needs_a_look = true;
            continue;
        }
        // Longer and shorter versions of one batch have one header, and one share.
        if (!released.contains(share->header_tag)) {
            auto kept = crypto::copy_of(*share, result.pages);
            if (!kept) {
                result.found.push_back(refusal(name, file, kept.error()));
                result.needs_a_look = true;
                continue;
            }
            released.insert(share->header_tag);
            result.shares.push_back(std::move(*kept));
        }
        result.found.push_back(
            {name, options.list ? "would_release" : "released", "", share->quorum, share->of});
    }
    return result;
}

std::string count_of(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

void print(const CustodyExtractOptions& options, const Extraction& result, const study::StudyPackage& study,
           const crypto::Recipient& analyst, Console& console) {
    console.out << "Study \"" << study.policy().title << "\"\n"
                << "  fingerprint  " << crypto::to_string(study.fingerprint()) << "\n"
                << (options.list ? "Would release" : "Released") << " the shares of "
                << count_of(result.shares.size(), "batch", "batches") << " to "
                << (analyst.label.empty() ? "a key without a label" : "\"" + analyst.label + "\"") << "\n"
                << "  fingerprint  " << fingerprint_text(analyst) << "\n";
    std::map<std::pair<int, int>, std::size_t> rules;  // each study file has its own
    for (const crypto::ReleasedShare& share : result.shares) ++rules[{share.quorum, share.of}];
    for (const auto& [rule, batches] : rules)
        console.out << "Any " << rule.first << " of the " << rule.second << " custodians open "
                    << (rules.size() == 1 ? "them" : std::to_string(batches) + " of the batches")
                    << " together.\n";
    for (const Found& each : result.found)
        console.out << "  " << shown(each.file) << (each.sentence.empty() ? "" : ": " + each.sentence)
                    << "\n";
    if (result.of_others > 0)
        console.out << count_of(result.of_others, "file is", "files are") << " sealed to others.\n";
    if (!options.list && !result.shares.empty())
        console.out << "Written to " << shown(options.out)
                    << ". Only this analyst can read it; it opens these "
                    << "batches and no others.\n";
}

}  // namespace

ExitCode run_custody_extract(const CustodyExtractOptions& options, Console& console) {
    if (!options.list && options.out.empty())
        return console.complain(
            {"Say where the shares go: --out NAME.ffshare, or --list to look only.", ExitCode::usage});
    std::optional<OutputFile> file;
    if (!options.list) {
        auto created = OutputFile::create(options.out, options.overwrite);
        if (!created) return console.complain(created.error());
        file.emplace(std::move(*created));
    }
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto analyst = read_public_key(options.analyst);
    if (!analyst) return console.complain(analyst.error());
    if (analyst->kind == crypto::IdentityKind::root)
        return console.complain(
            {shown(options.analyst) + " is a study root, which opens nothing; give the analyst's .ffpub."});
    const auto custodian = read_key(options.key, console);
    if (!custodian) return console.complain(custodian.error());

    const auto result = extract(options, *study, *custodian, console);
    if (!result) return console.complain(result.error());
    if (result->shares.size() > crypto::max_shares_in_file)
        return console.complain({"The inbox has " + std::to_string(result->shares.size()) +
                                 " batches, and a file of shares holds at most " +
                                 std::to_string(crypto::max_shares_in_file) +
                                 ". Put some of them into a folder of their own, and extract from each."});
    if (file && !result->shares.empty()) {
        const auto bytes = crypto::seal_shares(result->shares, *custodian, *analyst);
        if (!bytes) return console.complain({"The shares could not be sealed to this key."});
        if (auto written = file->write({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
            !written)
            return console.complain(written.error());
        if (auto done = file->commit(); !done) return console.complain(done.error());
    }
    const bool fine = !result->needs_a_look && !result->shares.empty();
    if (options.output == Output::json) {
        std::vector<std::string> files;
        for (const Found& each : result->found) {
            JsonObject object;
            object.put("file", each.file).put("verdict", each.word);
            if (!each.sentence.empty()) object.put("sentence", each.sentence);
            if (each.quorum > 0) object.put("quorum", int(each.quorum)).put("of", int(each.of));
            files.push_back(object.text());
        }
        console.out << JsonObject()
                           .put("study", study->policy().title)
                           .put("study_fingerprint", crypto::to_string(study->fingerprint()))
                           .put("analyst", analyst->label)
                           .put("analyst_fingerprint", fingerprint_text(*analyst))
                           .put("released", options.list ? std::size_t{0} : result->shares.size())
                           .put("of_others", result->of_others)
                           .put_json("files", json_array(files))
                           .text()
                    << "\n";
    } else {
        print(options, *result, *study, *analyst, console);
    }
    return fine ? ExitCode::fine : ExitCode::findings;
}

}  // namespace fieldfare::researcher
