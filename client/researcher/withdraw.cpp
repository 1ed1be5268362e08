#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/redactions.h"
#include "client/researcher/share_files.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/researcher/withdrawals.h"
#include "crypto/batch_salvage.h"
#include "schema/submission.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t longest_list = 1 << 20;

struct Search {
    std::set<crypto::Id> submissions;
    std::set<std::string, std::less<>> hashes;  ///< of codes that some submission carries
};

Result<Search> search(const WithdrawOptions& options, const Withdrawals& wanted,
                      const study::StudyPackage& study, const crypto::StudyMaterial& material,
                      std::span<const crypto::Identity> identities, const Shares& shares) {
    const auto names = batch_files(options.inbox);
    if (!names) return tl::unexpected(names.error());
    Search found;
    for (const std::string& name : *names) {
        const auto bytes = read_file(options.inbox / name, crypto::max_batch_file);
        if (!bytes) continue;
        const crypto::ByteView view = crypto::bytes_of(*bytes);
        // What is damaged says nothing that is not signed, and here only whether a code is known.
        const auto batch =
            salvage_here(options.inbox / name, view, identities, material, shares.of_file(view));
        if (!batch || batch->batch.close.study != study.policy().study_id) continue;
        for (const crypto::BatchRecord& record : batch->batch.records) {
            const std::string_view hash = schema::withdrawal_in(
                {reinterpret_cast<const char*>(record.payload.data()), record.payload.size()});
            if (record.type != crypto::RecordType::data || !wanted.covers(hash)) continue;
            found.submissions.insert(record.uuid);
            found.hashes.emplace(hash);
        }
    }
    return found;
}

/// The lines that are not blank, with their numbers. Codes come this way and not as arguments, which everyone
/// on the machine can see.
Result<std::vector<std::pair<std::size_t, std::string>>> typed(const WithdrawOptions& options,
                                                               Console& console) {
    std::istringstream file;
    std::istream* in = options.in ? options.in : &std::cin;
    const bool from_file = !options.codes.empty() && options.codes != "-";
    if (from_file) {
        auto text = read_file(options.codes, longest_list);
        if (!text) return tl::unexpected(text.error());
        file.str(std::move(*text));
        in = &file;
    }
    const bool asks = !from_file && options.codes.empty() && console.interactive;
    if (asks) console.note("Type the code, or several, a line each; an empty line ends.");
    std::vector<std::pair<std::size_t, std::string>> lines;
    std::size_t number = 0, size = 0;
    for (std::string line; std::getline(*in, line);) {
        size += line.size() + (in->eof() ? 0 : 1);
        if (size > longest_list)
            return could_not("The list of codes is longer than such a list can be (" +
                             std::to_string(longest_list) +
                             " bytes); give it in parts. Nothing was withdrawn.");
        ++number;
        const bool blank = line.find_first_not_of(" \t\r") == std::string::npos;
        if (blank && asks) break;
        if (!blank) lines.emplace_back(number, line);
    }
    return lines;
}

std::vector<std::string> texts_of(const std::vector<std::size_t>& numbers) {
    std::vector<std::string> texts;
    for (const std::size_t number : numbers) texts.push_back(std::to_string(number));
    return texts;
}

}  // namespace

ExitCode run_withdraw(const WithdrawOptions& options, Console& console) {
    const auto lines = typed(options, console);
    if (!lines) return console.complain(lines.error());
    Withdrawals asked;
    std::map<std::string, std::size_t, std::less<>>
        line_of;  // by hash: the codes themselves are not repeated
    for (const auto& [number, line] : *lines) {
        const auto code = crypto::parse_withdrawal_code(line);
        if (!code)
            return console.complain(
                {"Line " + std::to_string(number) +
                     (code.error() == crypto::Error::damaged
                          ? ": a character of this code is mistyped. Compare it with what the respondent has"
                          : " is no withdrawal code, which has 20 letters and digits") +
                     "; nothing was withdrawn.",
                 ExitCode::usage});
        asked.add(*code);
        line_of.emplace(crypto::to_hex(crypto::withdrawal_hash(*code)), number);
    }
    if (line_of.empty()) return console.complain({"No code was given; write one a line.", ExitCode::usage});
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto material = material_of(*study, options.earlier);
    if (!material) return console.complain(material.error());
    // Before a passphrase is typed for what could not be noted.
    if (const auto noted = Withdrawals::read(options.inbox); !noted) return console.complain(noted.error());
    const auto redactions = Redactions::read(options.inbox);
    if (!redactions) return console.complain(redactions.error());
    const auto identities = read_keys(options.keys, console);
    if (!identities) return console.complain(identities.error());
    const auto shares = read_shares(options.shares, *identities, *study, console);
    if (!shares) return console.complain(shares.error());
    const auto found = search(options, asked, *study, *material, *identities, *shares);
    if (!found) return console.complain(found.error());
    if (auto written = asked.add_to(options.inbox); !written) return console.complain(written.error());

    std::vector<std::size_t> unknown, redacted;
    for (const auto& [hash, number] : line_of)
        if (!found->hashes.contains(hash))
            (redactions->covers_code(hash) ? redacted : unknown).push_back(number);
    std::ranges::sort(unknown);
    std::ranges::sort(redacted);
    if (options.output == Output::json) {
        console.out << JsonObject()
                           .put("codes", asked.by_hash().size())
                           .put("submissions", found->submissions.size())
                           .put_json("redacted_lines", json_array(texts_of(redacted)))
                           .put_json("unknown_lines", json_array(texts_of(unknown)))
                           .text()
                    << "\n";
    } else {
        const std::size_t count = found->submissions.size();
        if (count > 0)
            console.out
                << count << (count == 1 ? " submission was" : " submissions were")
                << " withdrawn. \"open\" leaves " << (count == 1 ? "it" : "them")
                << " out from now on: open again, and delete the results made before. The sealed file "
                   "keeps it until \"archive redact\".\n";
        for (const std::size_t number : redacted)
            console.out
                << "Line " << number
                << ": the submission that has this code was redacted here before. The code was noted, "
                   "and keeps what may come of it again out of the results.\n";
        for (const std::size_t number : unknown)
            console.out << "Line " << number
                        << ": no submission that opens here has this code. It was noted, and acts as soon as "
                           "its submission arrives; ask whether it is the code of this study.\n";
    }
    return unknown.empty() ? ExitCode::fine : ExitCode::unknown_code;
}

}  // namespace fieldfare::researcher
