#include <array>
#include <ostream>

#include "client/researcher/batch_sentences.h"
#include "client/researcher/batch_wraps.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/salvaged_batch.h"
#include "client/researcher/sealed_file.h"
#include "client/researcher/share_files.h"
#include "client/researcher/simulated_device.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "crypto/batch_reader.h"
#include "crypto/hash.h"

namespace fieldfare::researcher {
namespace {

void put_opened(JsonObject& object, const crypto::OpenedBatch& batch) {
    object.put("batch_id", crypto::to_hex(batch.id))
        .put("study_id", crypto::to_hex(batch.close.study))
        .put("device", crypto::to_hex(batch.close.device))
        .put("incarnation", crypto::to_hex(batch.open.incarnation))
        .put("batch", batch.close.batch_sequence)
        .put("previous", crypto::to_hex(batch.close.previous_batch))
        .put("first_record", batch.close.first_record_sequence)
        .put("records", batch.close.count)
        .put("last", batch.close.last)
        .put("provisional", batch.close.provisional)
        .put("form_hash", crypto::to_hex(batch.open.form_hash))
        .put("policy_digest", crypto::to_hex(batch.close.policy_digest))
        .put("policy_version", batch.open.policy_version)
        .put("recipients", batch.open.recipients.size())
        .put("program", batch.open.program_version);
}

void print_opened(const crypto::OpenedBatch& batch, std::ostream& out) {
    const crypto::BatchClose& close = batch.close;
    out << "With the key (verified, signed by the device):\n"
        << "  batch        " << close.batch_sequence << " of device " << crypto::to_hex(close.device) << "\n"
        << "  batch id     " << crypto::to_hex(batch.id) << "\n"
        << "  previous     "
        << (close.batch_sequence == 0 ? "none: the first" : crypto::to_hex(close.previous_batch)) << "\n"
        << "  records      " << close.count << ", from number " << close.first_record_sequence << "\n"
        << "  closed       "
        << (close.provisional ? "provisionally: a longer version may follow" : "for good")
        << (close.last ? "; the device will send no more" : "") << "\n"
        << "  study        " << crypto::to_hex(close.study) << ", rules version " << batch.open.policy_version
        << "\n"
        << "  form         " << crypto::to_hex(batch.open.form_hash) << "\n"
        << "  recipients   " << batch.open.recipients.size() << "\n"
        << "  program      " << batch.open.program_version << "\n";
}

void put_opened(JsonObject& object, const crypto::OpenedMedia& opened) {
    const crypto::MediaHead& head = opened.head;
    object.put("media_id", crypto::to_hex(opened.id))
        .put("study_id", crypto::to_hex(head.study))
        .put("device", crypto::to_hex(crypto::device_id(head.device_key)))
        .put("submission", uuid_text(head.submission))
        .put("part", head.part + 1)
        .put("parts", crypto::media_parts(head.size))
        .put("size", head.size)
        .put("media_hash", crypto::to_hex(head.media_hash))
        .put("policy_digest", crypto::to_hex(head.policy_digest))
        .put("policy_version", head.policy_version)
        .put("recipients", head.recipients.size());
}

void print_opened(const crypto::OpenedMedia& opened, std::ostream& out) {
    const crypto::MediaHead& head = opened.head;
    out << "With the key (verified, signed by the device):\n"
        << "  media        part " << head.part + 1 << " of " << crypto::media_parts(head.size)
        << " of a file of " << head.size << " bytes\n"
        << "  submission   " << uuid_text(head.submission) << "\n"
        << "  device       " << crypto::to_hex(crypto::device_id(head.device_key)) << "\n"
        << "  media hash   " << crypto::to_hex(head.media_hash) << ", as the submission names it\n"
        << "  media id     " << crypto::to_hex(opened.id) << "\n"
        << "  study        " << crypto::to_hex(head.study) << ", rules version " << head.policy_version
        << "\n"
        << "  recipients   " << head.recipients.size() << "\n";
}

/// A sealed file, though not one that can be taken apart.
bool is_sealed(crypto::Error error) {
    return error == crypto::Error::damaged || error == crypto::Error::unsupported ||
           error == crypto::Error::too_large;
}

struct Openers {
    std::vector<crypto::Identity> identities;
    crypto::StudyMaterial material;
    Shares shares;
};

Result<Openers> read_openers(const InspectOptions& options, Console& console) {
    auto identities = read_keys(options.keys, console);
    if (!identities) return tl::unexpected(identities.error());
    auto material = material_of(options.study);
    if (!material) return tl::unexpected(material.error());
    Openers openers{std::move(*identities), std::move(*material), {}};
    if (options.shares.empty()) return openers;
    const auto study = read_study(options.study);
    if (!study) return tl::unexpected(study.error());
    auto shares = read_shares(options.shares, openers.identities, *study, console);
    if (!shares) return tl::unexpected(shares.error());
    openers.shares = std::move(*shares);
    return openers;
}

/// `kind`: "batch" or "media".
ExitCode refuse(const InspectOptions& options, const std::string& kind, std::uint64_t bytes,
                const crypto::Digest& sha256, const Reason& reason, Console& console) {
    console.note("fieldfare-cli: " + shown(options.file) + ": " + reason.sentence);
    if (options.output == Output::json)
        console.out << JsonObject()
                           .put("file", options.file.string())
                           .put("kind", kind)
                           .put("bytes", bytes)
                           .put("sha256", crypto::to_hex(sha256))
                           .put("refused", reason.word)
                           .text()
                    << "\n";
    return ExitCode::findings;
}

ExitCode inspect_media_file(const InspectOptions& options, const SealedFile& sealed, Console& console) {
    const crypto::ByteSource& file = sealed.source();
    const auto openers = read_openers(options, console);
    if (!openers) return console.complain(openers.error());
    const auto& [identities, material, all_shares] = *openers;
    const auto outline = crypto::media_outline_of(file);
    const auto sha256 = sealed.sha256();
    const auto shares =
        outline ? all_shares.of(outline->header_tag) : std::span<const crypto::ReleasedShare>();
    if (!outline && redacted_media_here(options.file, file, identities, material, shares)) {
        if (options.output == Output::json)
            console.out << JsonObject().put("file", options.file.string()).put("redacted", true).text()
                        << "\n";
        else
            console.out << "Part of a media file that was cut out here (\"archive redact\"); nothing of it "
                           "is left.\n";
        return ExitCode::fine;
    }
    if (!outline && sha256 && is_sealed(outline.error()))
        return refuse(
            options, "media", file.size, *sha256,
            outline.error() == crypto::Error::damaged ? damaged_media() : reason_for(outline.error()),
            console);
    if (!outline || !sha256)
        return console.complain(
            {shown(options.file) + ": " + reason_for(outline ? sha256.error() : outline.error()).sentence});

    JsonObject object;
    object.put("file", options.file.string())
        .put("kind", "media")
        .put("bytes", file.size)
        .put("sha256", crypto::to_hex(*sha256))
        .put("slots", outline->slots)
        .put("cells", outline->cells)
        .put("header_tag", crypto::to_hex(outline->header_tag));
    if (options.output == Output::text)
        console.out << "What anyone can see (nothing of it is proven):\n"
                    << "  sealed file  " << file.size << " bytes, " << outline->cells
                    << " cells of 64 KiB, padding included: part of a photo or another file\n"
                    << "  sha-256      " << crypto::to_hex(*sha256) << "\n"
                    << "  slots        " << outline->slots << ", how many of them are real can't be told\n"
                    << "  header tag   " << crypto::to_hex(outline->header_tag) << "\n";
    ExitCode code = ExitCode::fine;
    if (!identities.empty()) {
        const auto opened = open_media_here(options.file, file, identities, material, shares);
        if (!opened) {
            const Reason reason = reason_for(opened.error());
            object.put("refused", reason.word);
            console.note("fieldfare-cli: " + shown(options.file) + ": " + reason.sentence);
            code = ExitCode::findings;
        } else if (options.output == Output::json) {
            put_opened(object, *opened);
        } else {
            print_opened(*opened, console.out);
        }
    }
    if (options.output == Output::json) console.out << object.text() << "\n";
    return code;
}

}  // namespace

ExitCode run_inspect(const InspectOptions& options, Console& console) {
    if (const auto sealed = SealedFile::open(options.file)) {
        std::array<std::uint8_t, crypto::bytes_that_say_media> first{};
        if (sealed->source().size >= first.size() && sealed->source().read(0, first) &&
            crypto::says_media(first))
            return inspect_media_file(options, *sealed, console);
    }
    const auto bytes = read_file(options.file, crypto::max_batch_file);
    if (!bytes) return console.complain(bytes.error());
    const crypto::ByteView file = crypto::bytes_of(*bytes);
    const auto outline = crypto::outline_of(file);
    if (!outline && is_sealed(outline.error()))
        return refuse(options, "batch", file.size(), crypto::sha256(file), reason_for(outline.error()),
                      console);
    if (!outline)
        return console.complain({shown(options.file) + ": " + reason_for(outline.error()).sentence});
    const auto openers = read_openers(options, console);
    if (!openers) return console.complain(openers.error());
    const auto& [identities, material, all_shares] = *openers;

    JsonObject object;
    object.put("file", options.file.string())
        .put("kind", "batch")
        .put("bytes", bytes->size())
        .put("sha256", crypto::to_hex(crypto::sha256(file)))
        .put("slots", outline->slots)
        .put("cells", outline->cells)
        .put("header_tag", crypto::to_hex(outline->header_tag));
    if (options.output == Output::text)
        console.out << "What anyone can see (nothing of it is proven):\n"
                    << "  sealed file  " << bytes->size() << " bytes, " << outline->cells
                    << " cells, padding included\n"
                    << "  sha-256      " << crypto::to_hex(crypto::sha256(file)) << "\n"
                    << "  slots        " << outline->slots << ", how many of them are real can't be told\n"
                    << "  header tag   " << crypto::to_hex(outline->header_tag) << "\n";

    ExitCode code = ExitCode::fine;
    if (!identities.empty()) {
        const auto shares = all_shares.of_file(file);
        const auto batch = inspect_here(options.file, file, identities, material, shares);
        if (!batch) {
            const auto rest = batch.error() == crypto::Error::damaged
                                  ? inspect_damaged_here(options.file, file, identities, material, shares)
                                  : tl::unexpected(batch.error());
            const Reason reason = rest && only_redacted(*rest) ? redacted_here() : reason_for(batch.error());
            object.put("refused", reason.word);
            console.note("fieldfare-cli: " + shown(options.file) + ": " + reason.sentence);
            code = ExitCode::findings;
        } else if (options.output == Output::json) {
            put_opened(object, *batch);
        } else {
            print_opened(*batch, console.out);
        }
    }
    if (options.output == Output::json) console.out << object.text() << "\n";
    return code;
}

}  // namespace fieldfare::researcher
