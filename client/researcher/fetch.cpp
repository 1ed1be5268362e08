#include <ostream>
#include <set>

#include "client/researcher/inbox.h"
#include "client/researcher/json_text.h"
#include "client/researcher/receipt_box.h"
#include "client/researcher/store_access.h"
#include "client/researcher/store_sentences.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "crypto/batch.h"
#include "crypto/hash.h"
#include "sync/object_name.h"
#include "sync/probe_name.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t page = 1000;

struct Fetched {
    std::size_t got = 0, had = 0, damaged = 0;
    std::vector<std::string> troubles;  ///< a sentence each
};

/// Streams one file into the inbox; it appears under its name only when its SHA-256 is the promised one.
Result<bool> get_file(sync::Transport& store, const sync::ListedFile& listed, const sync::BatchName& name,
                      const std::filesystem::path& inbox, Fetched& fetched) {
    const std::string file_name = listed.name.substr(name.study_tag.size() + 1);
    auto file = OutputFile::create(inbox / file_name, Overwrite::no);
    if (!file) return tl::unexpected(file.error());
    crypto::Sha256 sha;
    Result<void> written;
    const auto got =
        store.get(listed.name, crypto::max_batch_file,
                  [&](crypto::ByteView bytes) {
                      sha.update(bytes);
                      written = file->write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
                      return written.has_value();
                  },
                  {});
    if (!written) return tl::unexpected(written.error());
    if (!got) {
        fetched.troubles.push_back(sentence_for(got.error()));
        return !sync::is_about_the_store(got.error().fault);
    }
    if (crypto::to_hex(sha.finish()) != name.hash) {
        ++fetched.damaged;
        fetched.troubles.push_back("The store " + store.address() + " gave " + file_name +
                                   " with other content than its name promises (damaged, or altered there); "
                                   "it was not kept. The device "
                                   "still has it: delete this file in the store, and sync the device again.");
        return true;
    }
    if (auto done = file->commit(); !done) return tl::unexpected(done.error());
    ++fetched.got;
    return true;
}

Result<void> fetch_from(sync::Transport& store, const std::string& study_tag,
                        const std::filesystem::path& inbox, std::set<std::string>& have, Fetched& fetched,
                        Console& console) {
    std::string after;
    std::size_t seen = 0;
    for (bool more = true; more;) {
        const auto listing = store.list(study_tag + "/", after, page, {});
        if (!listing) {
            fetched.troubles.push_back(sentence_for(listing.error()));
            return {};
        }
        more = listing->more && !listing->files.empty();
        seen += listing->files.size();
        Progress progress(console, "Fetching from " + store.address(), seen);
        std::size_t at = seen - listing->files.size();
        for (const sync::ListedFile& listed : listing->files) {
            progress.at(at++);
            if (listed.name <= after) more = false;  // a store that lists in circles
            const auto name = sync::parse_batch_name(listed.name);
            if (!name || name->study_tag != study_tag || sync::is_probe_name(listed.name)) continue;
            if (have.contains(name->hash)) {
                ++fetched.had;
                continue;
            }
            const std::size_t before = fetched.got;
            const auto go_on = get_file(store, listed, *name, inbox, fetched);
            if (!go_on) return tl::unexpected(go_on.error());
            if (fetched.got > before) have.insert(name->hash);
            if (!*go_on) return {};
        }
        if (!listing->files.empty()) after = listing->files.back().name;
    }
    return {};
}

}  // namespace

ExitCode run_fetch(const FetchOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto stores = stores_of(*study, options.stores, options.proxy);
    if (!stores) return console.complain(stores.error());
    if (stores->empty())
        return console.complain({"The study names no store; give one with --store.", ExitCode::usage});
    console.keep_to(reach_of(pointers(*stores)));
    if (auto folder = make_folder(options.inbox); !folder) return console.complain(folder.error());
    const auto names = sealed_files(options.inbox);
    if (!names) return console.complain(names.error());

    std::set<std::string> have;
    for (const std::string& name : *names)
        if (std::string hash = promised_hash(name); !hash.empty()) have.insert(std::move(hash));
    Fetched fetched;
    for (const auto& store : *stores)
        if (auto done = fetch_from(*store, study->policy().study_tag, options.inbox, have, fetched, console);
            !done)
            return console.complain(done.error());
    const auto receipts = send_receipts(options.inbox, study->policy().study_tag, pointers(*stores));
    if (!receipts) return console.complain(receipts.error());
    fetched.troubles.insert(fetched.troubles.end(), receipts->troubles.begin(), receipts->troubles.end());

    for (const std::string& trouble : fetched.troubles) console.note("fieldfare-cli: " + trouble);
    if (options.output == Output::json) {
        console.out << JsonObject()
                           .put("fetched", fetched.got)
                           .put("had", fetched.had)
                           .put("damaged", fetched.damaged)
                           .put("receipts_sent", receipts->sent)
                           .put("receipts_waiting", receipts->waiting)
                           .put_json("troubles", json_strings(fetched.troubles))
                           .text()
                    << "\n";
    } else {
        console.out << fetched.got << " new in " << shown(options.inbox) << ", " << fetched.had
                    << " were there already, " << receipts->sent << " receipts sent";
        if (receipts->waiting > 0) console.out << ", " << receipts->waiting << " receipts wait";
        console.out << "\n";
    }
    if (fetched.troubles.empty()) return ExitCode::fine;
    return fetched.got + fetched.had == 0 && fetched.damaged == 0 ? ExitCode::could_not : ExitCode::findings;
}

}  // namespace fieldfare::researcher
