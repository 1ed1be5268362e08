#include <algorithm>
#include <optional>
#include <ostream>
#include <set>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/media_inbox.h"
#include "client/researcher/output_file.h"
#include "client/researcher/redactions.h"
#include "client/researcher/share_files.h"
#include "client/researcher/simulated_device.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/researcher/withdrawals.h"
#include "schema/submission.h"

namespace fieldfare::researcher {
namespace {

struct Redacting {
    std::set<crypto::Id> found;          ///< submissions that were redacted
    std::size_t records = 0, files = 0;  ///< records overwritten, files that were changed
    std::size_t media = 0;               ///< sealed parts of media files that were cut down to a mark
    std::vector<std::string> unread;     ///< files that do not open, or with records that can't be read
};

class Redactor {
  public:
    Redactor(const ArchiveRedactOptions& options, const study::StudyPackage& study,
             const crypto::StudyMaterial& material, std::span<const crypto::Identity> identities,
             const Shares& shares, const Withdrawals& withdrawals, Redactions noted)
        : options_(options),
          study_(study),
          material_(material),
          identities_(identities),
          shares_(shares),
          withdrawals_(withdrawals),
          noted_(std::move(noted)) {
        for (const std::string& submission : options.submissions) wanted_.insert(*uuid_bytes(submission));
    }

    Result<Redacting> run() {
        const auto names = batch_files(options_.inbox);
        if (!names) return tl::unexpected(names.error());
        for (const std::string& name : *names)
            if (auto done = redact(name); !done) return tl::unexpected(done.error());
        const auto media = media_files(options_.inbox);
        if (!media) return tl::unexpected(media.error());
        for (const std::string& name : *media)
            if (auto done = redact_media(name); !done) return tl::unexpected(done.error());
        const auto others = no_files(options_.inbox);  // a link may lead to a batch
        if (!others) return tl::unexpected(others.error());
        for (const NoFile& other : *others) result_.unread.push_back(other.name);
        return std::move(result_);
    }

  private:
    Result<void> redact(const std::string& name) {
        const auto bytes = read_file(options_.inbox / name, crypto::max_batch_file);
        if (!bytes) {
            result_.unread.push_back(name);
            return {};
        }
        const crypto::ByteView file = crypto::bytes_of(*bytes);
        const auto shares = shares_.of_file(file);
        const auto before = salvage_here(options_.inbox / name, file, identities_, material_, shares);
        if (!before) {
            result_.unread.push_back(name);
            return {};
        }
        if (before->batch.close.study != study_.policy().study_id) return {};
        const bool all_read = std::ranges::all_of(
            before->lost, [](const crypto::LostRecord& lost) { return lost.why == crypto::Loss::redacted; });
        if (!all_read) result_.unread.push_back(name);

        std::vector<std::uint32_t> indexes;
        bool fresh = false;
        for (const crypto::BatchRecord& record : before->batch.records)
            if (is_wanted(record)) {
                indexes.push_back(static_cast<std::uint32_t>(record.sequence -
                                                             before->batch.close.first_record_sequence + 1));
                result_.found.insert(record.uuid);
                fresh |= noted_.add(before->batch.close.device, record.uuid, withdrawal_of(record));
            }
        if (indexes.empty()) return {};
        const auto redacted =
            redact_here(options_.inbox / name, file, indexes, identities_, material_, shares);
        if (!redacted || !only_these_went(name, *before, *redacted, indexes, shares))
            return could_not("Records of " + shown(options_.inbox / name) +
                             " could not be redacted (a fault of this program); that file is as it was.");
        // First: what is cut out and not noted could come back unnoticed.
        if (fresh)
            if (auto noted = noted_.add_to(options_.inbox); !noted) return noted;
        const std::string_view text(reinterpret_cast<const char*>(redacted->data()), redacted->size());
        if (auto written = write_file(options_.inbox / name, text, Overwrite::yes); !written) return written;
        result_.records += indexes.size();
        ++result_.files;
        return {};
    }

    /// By what the part says of itself: what comes late is known when the answers are gone long since. Not by
    /// the uuids of answers that were withdrawn: a device could give its own the uuid of somebody else's.
    Result<void> redact_media(const std::string& name) {
        const std::filesystem::path path = options_.inbox / name;
        const auto verified = media_part(options_.inbox, name, identities_, material_, shares_);
        if (!verified) {
            if (!verified.error().redacted) result_.unread.push_back(name);
            return {};
        }
        const crypto::MediaHead& head = verified->part.head;
        if (head.study != study_.policy().study_id) return {};
        const std::string hash =
            head.withdrawal == crypto::Digest{} ? std::string() : crypto::to_hex(head.withdrawal);
        const bool withdrawn = options_.withdrawn && withdrawals_.covers(hash);
        if (!withdrawn && !wanted_.contains(head.submission)) return {};
        const auto bytes = read_file(path, crypto::max_media_part_file);
        if (!bytes) return tl::unexpected(bytes.error());
        const crypto::ByteView file = crypto::bytes_of(*bytes);
        const auto shares = shares_.of_file(file);
        const auto left = redact_media_here(path, crypto::source_of(file), identities_, material_, shares);
        if (!left || !redacted_media_here(path, crypto::source_of(*left), identities_, material_, shares))
            return could_not(shown(path) +
                             " could not be redacted (a fault of this program); that file is as it was.");
        if (noted_.add(crypto::device_id(head.device_key), head.submission, hash))
            if (auto noted = noted_.add_to(options_.inbox); !noted) return noted;
        const std::string_view text(reinterpret_cast<const char*>(left->data()), left->size());
        if (auto written = write_file(path, text, Overwrite::yes); !written) return written;
        result_.found.insert(head.submission);
        ++result_.media;
        return {};
    }

    bool is_wanted(const crypto::BatchRecord& record) const {
        if (record.type != crypto::RecordType::data) return false;
        if (wanted_.contains(record.uuid)) return true;
        return options_.withdrawn && withdrawals_.covers(withdrawal_of(record));
    }

    static std::string_view withdrawal_of(const crypto::BatchRecord& record) {
        return schema::withdrawal_in(
            {reinterpret_cast<const char*>(record.payload.data()), record.payload.size()});
    }

    /// Before the file that was is replaced: the other records still verify, and all of them.
    bool only_these_went(const std::string& name, const crypto::SalvagedBatch& before,
                         crypto::ByteView redacted, std::span<const std::uint32_t> indexes,
                         std::span<const crypto::ReleasedShare> shares) const {
        const auto after = salvage_here(options_.inbox / name, redacted, identities_, material_, shares);
        if (!after || after->batch.id != before.batch.id ||
            after->lost.size() != before.lost.size() + indexes.size() ||
            after->batch.records.size() + indexes.size() != before.batch.records.size())
            return false;
        return std::ranges::all_of(after->batch.records, [&](const crypto::BatchRecord& record) {
            return !is_wanted(record) && std::ranges::binary_search(before.batch.records, record.sequence, {},
                                                                    &crypto::BatchRecord::sequence);
        });
    }

    const ArchiveRedactOptions& options_;
    const study::StudyPackage& study_;
    const crypto::StudyMaterial& material_;
    std::span<const crypto::Identity> identities_;
    const Shares& shares_;
    const Withdrawals& withdrawals_;
    Redactions noted_;
    std::set<crypto::Id> wanted_;
    Redacting result_;
};

void print(const Redacting& done, std::span<const std::string> unknown, std::ostream& out) {
    out << done.records << (done.records == 1 ? " record" : " records") << " of " << done.found.size()
        << (done.found.size() == 1 ? " submission" : " submissions") << " redacted in " << done.files
        << (done.files == 1 ? " file" : " files") << ".\n";
    if (done.media > 0)
        out << done.media
            << (done.media == 1 ? " sealed media file of theirs was" : " sealed media files of theirs were")
            << " cut out whole.\n";
    if (done.files > 0) out << "What is left of these files opens with \"open --salvage\".\n";
    if (done.files + done.media > 0)
        out << "Stores, devices, backups and results made before may still have what was redacted here.\n";
    for (const std::string& id : unknown) out << "No readable batch here has submission " << id << ".\n";
    if (!done.unread.empty())
        out << "Not all of these could be read, so they may still hold what was to go:\n";
    for (const std::string& name : done.unread) out << "  " << shown(name) << "\n";
}

}  // namespace

ExitCode run_archive_redact(const ArchiveRedactOptions& options, Console& console) {
    if (options.submissions.empty() && !options.withdrawn)
        return console.complain(
            {"Say what is to go: --submission ID, or --withdrawn for all who have withdrawn.",
             ExitCode::usage});
    for (const std::string& submission : options.submissions)
        if (!uuid_bytes(submission))
            return console.complain({"This is no submission's id: " + shown(submission) +
                                         ". Take it from KEY in survey.csv; nothing was redacted.",
                                     ExitCode::usage});
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto material = material_of(*study, options.earlier);
    if (!material) return console.complain(material.error());
    const auto withdrawals = Withdrawals::read(options.inbox);
    if (!withdrawals) return console.complain(withdrawals.error());
    auto noted = Redactions::read(options.inbox);
    if (!noted) return console.complain(noted.error());
    const auto identities = read_keys(options.keys, console);
    if (!identities) return console.complain(identities.error());
    const auto shares = read_shares(options.shares, *identities, *study, console);
    if (!shares) return console.complain(shares.error());
    const auto done =
        Redactor(options, *study, *material, *identities, *shares, *withdrawals, std::move(*noted)).run();
    if (!done) return console.complain(done.error());

    std::vector<std::string> unknown;
    for (const std::string& submission : options.submissions)
        if (!done->found.contains(*uuid_bytes(submission))) unknown.push_back(submission);
    if (options.output == Output::json)
        console.out << JsonObject()
                           .put("records", done->records)
                           .put("submissions", done->found.size())
                           .put("files", done->files)
                           .put("media", done->media)
                           .put_json("unknown", json_strings(unknown))
                           .put_json("unread", json_strings(done->unread))
                           .text()
                    << "\n";
    else
        print(*done, unknown, console.out);
    return unknown.empty() && done->unread.empty() ? ExitCode::fine : ExitCode::findings;
}

}  // namespace fieldfare::researcher
