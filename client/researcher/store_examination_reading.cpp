#include <algorithm>
#include <set>

#include "client/researcher/store_examination.h"
#include "client/researcher/store_sentences.h"
#include "crypto/hash.h"
#include "sync/http_address.h"
#include "sync/object_name.h"
#include "sync/open_store.h"
#include "sync/probe_name.h"
#include "sync/s3_address.h"

namespace fieldfare::researcher {
namespace {

using Meaning = sync::ProbeAnswer::Meaning;

constexpr std::uint64_t largest_looked_at = 16 * 1024 * 1024;
constexpr std::size_t page = 1000;          // as fetch asks for
constexpr std::size_t names_that_stay = 3;  // where nobody may delete them

const char* const give_researcher = "Give --as-researcher with the store file of whoever fetches.";

std::unique_ptr<sync::Transport> opened(const sync::Store& store, const std::string& proxy) {
    auto transport = sync::open_store(store, proxy);
    return transport ? std::move(*transport) : nullptr;
}

}  // namespace

StoreExamination::Kind StoreExamination::kind_of(const std::string& address) {
    if (sync::looks_like_http(address)) return Kind::web;
    if (sync::looks_like_s3(address)) return Kind::bucket;
    return sync::folder_of(address) ? Kind::folder : Kind::other;
}

StoreExamination::StoreExamination(const StoreSides& sides)
    : sides_(sides),
      kind_(kind_of(sides.device.address)),
      device_(opened(sides.device, sides.proxy)),
      device_probe_(sync::open_probe(sides.device, sync::ProbeAs::given, sides.proxy)) {
    report_.store = device_->address();
    if (!sides.researcher) return;
    researcher_ = opened(*sides.researcher, sides.proxy);
    researcher_probe_ = sync::open_probe(*sides.researcher, sync::ProbeAs::given, sides.proxy);
}

void StoreExamination::add(const char* about, Verdict verdict, std::string what, std::string to_do) {
    report_.findings.push_back({about, verdict, std::move(what), std::move(to_do)});
}

void StoreExamination::cannot_tell(const char* about, const std::string& what, const std::string& detail) {
    add(about, Verdict::unknown,
        "What becomes of " + what + " can't be told" + (detail.empty() ? "." : " (" + detail + ")."),
        researcher_ ? "Try again, or ask whoever runs the store." : give_researcher);
}

StoreExamination::File StoreExamination::new_file() const {
    crypto::Bytes content = sync::probe_content();
    std::string name = sync::probe_name(sides_.study_tag, content);
    return {std::move(name), std::move(content)};
}

sync::TransportResult<sync::PutOutcome> StoreExamination::put(sync::Transport& as, const std::string& name,
                                                              crypto::ByteView content,
                                                              const sync::Watch& watch) {
    auto result = as.put(name, content, watch);
    // What failed may stand there all the same.
    made_[name] = made_[name] || result.has_value();
    return result;
}

StoreExamination::Seen StoreExamination::look(const std::string& name) {
    for (sync::Transport* as : {researcher_.get(), device_.get()}) {
        if (as == nullptr) continue;
        auto got = sync::get_bytes(*as, name, largest_looked_at);
        if (got) return {There::something, std::move(*got)};
        // Of what is not there an S3 tells so only those who may list.
        if (got.error().fault == sync::Fault::not_found) return {There::nothing, {}};
    }
    return {};
}

void StoreExamination::fetch_as_researcher() {
    if (!researcher_)
        return add("fetch", Verdict::unknown,
                   "Whether researchers can fetch what devices have put was not tried.", give_researcher);
    const auto listed = researcher_->list(sides_.study_tag + "/", "", page, {});
    if (!listed)
        return add("fetch", Verdict::bad, "Researchers get no list. " + sentence_for(listed.error()),
                   "Let the researchers' credentials list and read the study's place.");
    const auto got = sync::get_bytes(*researcher_, first_.name, largest_looked_at);
    if (!got)
        return add("fetch", Verdict::bad,
                   "Researchers can't read what a device has just put. " + sentence_for(got.error()),
                   "Let the researchers' credentials list and read the study's place.");
    if (*got != first_.content)
        return add("fetch", Verdict::bad, "What researchers read is not what the device has put.",
                   "Use another server: this one changes files.");
    if (std::ranges::find(listed->files, first_.name, &sync::ListedFile::name) == listed->files.end())
        return add("fetch", Verdict::bad, "The list that researchers get lacks a file that was just put.",
                   "Use another server: this one hides files.");
    add("fetch", Verdict::good, "Researchers find and read what a device has put, whole.");
}

void StoreExamination::confirm_as_researcher() {
    if (!researcher_)
        return add("receipts", Verdict::unknown,
                   "Whether researchers can put receipts, and devices read them, was not tried.",
                   give_researcher);
    const File receipt = new_file();
    const std::string name = sync::receipt_name(
        sides_.study_tag, crypto::to_hex(crypto::sha256(receipt.content)).substr(0, 32), 1);
    const auto result = put(*researcher_, name, receipt.content);
    if (!result)
        return add("receipts", Verdict::bad,
                   "Researchers can't put receipts. " + sentence_for(result.error()),
                   result.error().fault == sync::Fault::no_store
                       ? "Make the folder " + sides_.study_tag + "/receipts/ there."
                       : "Let the researchers' credentials put files there.");
    const auto got = sync::get_bytes(*device_, name, largest_looked_at);
    if (!got || *got != receipt.content)
        return add("receipts", Verdict::bad,
                   "Devices can't read their receipts, so that they keep every file for ever.",
                   "Let the devices' credentials read (GET) in " + sides_.study_tag + "/receipts/.");
    add("receipts", Verdict::good, "Researchers can put receipts, and devices read them.");
}

bool StoreExamination::may_delete() {
    const File file = new_file();
    if (!put(*device_, file.name, file.content)) return false;
    for (sync::StoreProbe* as : {researcher_probe_.get(), device_probe_.get()})
        if (as != nullptr && as->remove(file.name).meaning == Meaning::done &&
            look(file.name).there != There::something) {
            made_.erase(file.name);
            return true;
        }
    return false;
}

void StoreExamination::list_as_researcher() {
    if (!researcher_)
        return add("listing", Verdict::unknown, "Whether a list of many files is complete was not tried.",
                   give_researcher);
    const std::size_t count = may_delete() ? sides_.names : std::min(sides_.names, names_that_stay);
    std::set<std::string> missing;
    for (std::size_t i = 0; i < count; ++i) {
        const File file = new_file();
        if (const auto stored = put(*device_, file.name, file.content); !stored)
            return cannot_tell("listing", "many files", stored.error().detail);
        missing.insert(file.name);
    }
    std::string after;
    std::size_t pages = 0;
    for (bool more = true; more;) {
        const auto listing = researcher_->list(sides_.study_tag + "/", after, page, {});
        if (!listing) return cannot_tell("listing", "a list of many files", listing.error().detail);
        ++pages;
        for (const auto& file : listing->files) missing.erase(file.name);
        // Ours stand before all that a device makes.
        more = listing->more && !listing->files.empty() && sync::is_probe_name(listing->files.back().name) &&
               listing->files.back().name > after;
        if (!listing->files.empty()) after = listing->files.back().name;
    }
    const std::string so_many = std::to_string(count) + " files";
    if (!missing.empty())
        return add(
            "listing", Verdict::bad,
            "Of " + so_many + " that were just put, the list lacks " + std::to_string(missing.size()) + ".",
            "Use another server: this one hides files.");
    add("listing", Verdict::good,
        "A list has all of " + so_many + " that were just put" +
            (pages > 1 ? ", in " + std::to_string(pages) + " pages." : "."));
}

void StoreExamination::clean_up() {
    for (const auto& [name, stands] : made_) {
        bool gone = false;
        for (sync::StoreProbe* as : {researcher_probe_.get(), device_probe_.get()}) {
            if (as == nullptr || gone) continue;
            const Meaning meaning = as->remove(name).meaning;
            gone = meaning == Meaning::done || (meaning == Meaning::not_there && !stands);
        }
        const There there = look(name).there;
        if (there == There::something || (there == There::unknown && stands && !gone))
            report_.left.push_back(name);
    }
}

}  // namespace fieldfare::researcher
