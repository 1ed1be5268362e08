#include <ostream>
#include <set>

#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/share_files.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "client/researcher/withdrawals.h"
#include "crypto/batch_salvage.h"
#include "schema/submission.h"

namespace fieldfare::researcher {
namespace {

struct Search {
    std::set<crypto::Id> submissions;
    std::set<std::string, std::less<>> hashes;  ///< of codes that some submission carries
};

Result<Search> search(const WithdrawOptions& options, const Withdrawals& wanted,
                      const study::StudyPackage& study, std::span<const crypto::Bytes> dictionaries,
                      std::span<const crypto::Identity> identities, const Shares& shares) {
    const auto names = batch_files(options.inbox);
    if (!names) return tl::unexpected(names.error());
    Search found;
    for (const std::string& name : *names) {
        const auto bytes = read_file(options.inbox / name, crypto::max_batch_file);
        if (!bytes) continue;
        const crypto::ByteView view = crypto::bytes_of(*bytes);
        // What is damaged says nothing that is not signed, and here only whether a code is known.
        const auto batch = crypto::salvage_batch(view, identities, dictionaries, shares.of_file(view));
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

}  // namespace

ExitCode run_withdraw(const WithdrawOptions& options, Console& console) {
    Withdrawals asked;
    for (const std::string& typed : options.codes) {
        const auto code = crypto::parse_withdrawal_code(typed);
        if (!code)
            return console.complain(
                {code.error() == crypto::Error::damaged
                     ? "A character of this code is mistyped: " + shown(typed) +
                           ". Compare it with what the respondent has; nothing was withdrawn."
                     : "This is no withdrawal code: " + shown(typed) +
                           ". It has 20 letters and digits; nothing was withdrawn.",
                 ExitCode::usage});
        asked.add(*code);
    }
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto dictionaries = dictionaries_of(*study, options.earlier);
    if (!dictionaries) return console.complain(dictionaries.error());
    auto noted = Withdrawals::read(options.inbox);
    if (!noted) return console.complain(noted.error());
    const auto identities = read_keys(options.keys, console);
    if (!identities) return console.complain(identities.error());
    const auto shares = read_shares(options.shares, *identities, *study, console);
    if (!shares) return console.complain(shares.error());
    const auto found = search(options, asked, *study, *dictionaries, *identities, *shares);
    if (!found) return console.complain(found.error());
    for (const auto& [hash, code] : asked.by_hash()) noted->add(code);
    if (auto written = noted->write(options.inbox); !written) return console.complain(written.error());

    std::vector<std::string> unknown;
    for (const auto& [hash, code] : asked.by_hash())
        if (!found->hashes.contains(hash)) unknown.push_back(crypto::to_string(code));
    if (options.output == Output::json) {
        console.out << JsonObject()
                           .put("codes", asked.by_hash().size())
                           .put("submissions", found->submissions.size())
                           .put_json("unknown", json_strings(unknown))
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
        for (const std::string& code : unknown)
            console.out << code
                        << ": no submission that opens here has this code. It was noted, and acts as soon as "
                           "its submission arrives; ask whether it is the code of this study.\n";
    }
    return unknown.empty() ? ExitCode::fine : ExitCode::unknown_code;
}

}  // namespace fieldfare::researcher
