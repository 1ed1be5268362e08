#include <algorithm>

#include "client/researcher/store_examination.h"
#include "client/researcher/store_sentences.h"
#include "sync/http_address.h"
#include "sync/open_store.h"
#include "sync/probe_name.h"
#include "sync/s3_address.h"
#include "sync/sftp_address.h"

namespace fieldfare::researcher {
namespace {

using sync::Fault;
using Meaning = sync::ProbeAnswer::Meaning;

constexpr std::uint64_t largest_looked_at = 16 * 1024 * 1024;
constexpr std::size_t page = 1000;          // as fetch asks for
constexpr std::size_t names_that_stay = 3;  // where nobody may delete them

constexpr std::size_t small_page = 10;  // names, of a store that gives pages
constexpr std::size_t more_pages = 5;   // than this trial fills, for files of others

const char* const give_researcher = "Give --as-researcher with the store file of whoever fetches.";

std::unique_ptr<sync::Transport> opened(const sync::Store& store, const std::string& proxy) {
    auto transport = sync::open_store(store, proxy);
    return transport ? std::move(*transport) : nullptr;
}

}  // namespace

StoreExamination::Kind StoreExamination::kind_of(const std::string& address) {
    if (sync::looks_like_http(address)) return Kind::web;
    if (sync::looks_like_s3(address)) return Kind::bucket;
    return sync::looks_like_sftp(address) ? Kind::sftp : Kind::folder;
}

const char* StoreExamination::another_server() const {
    switch (kind_) {
        case Kind::sftp:
            return "Use a server whose rename refuses a name that is taken, such as OpenSSH.";
        case Kind::bucket:
            return "Switch versions off in the bucket, or use a newer S3 that knows If-None-Match.";
        case Kind::web:
        case Kind::folder:
            break;
    }
    return "Use a server that heeds If-None-Match (Apache does; nginx does not).";
}

const char* StoreExamination::set_it_up() const {
    return kind_ == Kind::sftp ? "Set it up as sync/SYNC.md writes it for OpenSSH."
                               : "Set it up as \"store init\" writes it.";
}

StoreExamination::StoreExamination(const StoreSides& sides)
    : sides_(sides),
      kind_(kind_of(sides.device.address)),
      device_(opened(sides.device, sides.proxy)),
      device_probe_(sync::open_probe(sides.device, sync::ProbeAs::given, sides.proxy)) {
    report_.store = device_->address();
    if (const auto folder = sync::folder_of(sides.device.address)) {
        std::error_code error;
        if (!std::filesystem::exists(*folder / sides.study_tag, error))
            made_folder_ = *folder / sides.study_tag;
    }
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
    if (!result && result.error().fault == Fault::unreachable) silent_ = true;
    return result;
}

bool StoreExamination::is_a_no(const sync::TransportError& error) {
    return error.fault == Fault::not_permitted || error.detail == "HTTP 405";
}

bool StoreExamination::is_of_the_store(const sync::TransportError& error) {
    switch (error.fault) {
        case Fault::no_store:
        case Fault::not_found:
        case Fault::read_only:
        case Fault::no_space:
        case Fault::too_large:
            return true;
        default:
            return is_a_no(error);
    }
}

sync::ProbeAnswer StoreExamination::heard(sync::ProbeAnswer answer) {
    if (answer.meaning == Meaning::no_word && answer.why.fault == Fault::unreachable) silent_ = true;
    return answer;
}

bool StoreExamination::answers() {
    if (!silent_) return true;
    const auto got = sync::get_bytes(*device_, first_.name, largest_looked_at);
    silent_ = !got && got.error().fault == Fault::unreachable;
    return !silent_;
}

StoreExamination::Seen StoreExamination::look(const std::string& name) {
    for (sync::Transport* as : {researcher_.get(), device_.get()}) {
        if (as == nullptr) continue;
        auto got = sync::get_bytes(*as, name, largest_looked_at);
        // Of what is not there an S3 tells so only those who may list; another hides all that is there. Of
        // receipts a device's store makes "nothing" of a no.
        const bool batch = name.find("/receipts/") == std::string::npos;
        if (got) {
            device_sees_ = device_sees_ || (as == device_.get() && batch);
            return {There::something, std::move(*got)};
        }
        if (got.error().fault == Fault::unreachable) silent_ = true;
        if (got.error().fault == Fault::not_found && (as == researcher_.get() || (device_sees_ && batch)))
            return {There::nothing, {}};
    }
    return {};
}

StoreExamination::There StoreExamination::stands(const std::string& name) {
    const There seen = look(name).there;
    if (seen != There::unknown) return seen;
    const auto again = put(*device_, name, new_file().content);
    if (!again || *again == sync::PutOutcome::stored_unguarded) return There::unknown;
    if (*again != sync::PutOutcome::stored) return There::something;
    return unguarded_ ? There::unknown : There::nothing;
}

sync::TransportResult<StoreExamination::Names> StoreExamination::first_names(sync::Transport& as) {
    Names names{.ended = !endless_};
    std::string after;
    if (endless_) return names;
    for (bool more = true; more;) {
        const auto listing = as.list(sides_.study_tag + "/", after, page, {});
        if (!listing) {
            if (listing.error().fault == Fault::unreachable) silent_ = true;
            return tl::unexpected(listing.error());
        }
        ++names.pages;
        for (const auto& file : listing->files) names.all.insert(file.name);
        // Those of trials stand before all that a device makes.
        more = listing->more && !listing->files.empty() && sync::is_probe_name(listing->files.back().name) &&
               listing->files.back().name > after;
        if (!listing->files.empty()) after = listing->files.back().name;
        if (more && names.pages == made_.size() / page + more_pages) {
            endless_ = true;
            names.ended = false;
            break;
        }
    }
    return names;
}

void StoreExamination::fetch_as_researcher() {
    if (!researcher_)
        return add("fetch", Verdict::unknown,
                   "Whether researchers can fetch what devices have put was not tried.", give_researcher);
    const auto listed = first_names(*researcher_);
    if (!listed && !is_of_the_store(listed.error()))
        return cannot_tell("fetch", "a list for researchers", listed.error().detail);
    if (!listed)
        return add("fetch", Verdict::bad, "Researchers get no list. " + sentence_for(listed.error()),
                   "Let the researchers' credentials list and read the study's place.");
    const auto got = sync::get_bytes(*researcher_, first_.name, largest_looked_at);
    if (!got && !is_of_the_store(got.error()))
        return cannot_tell("fetch", "reading as a researcher", got.error().detail);
    if (!got)
        return add("fetch", Verdict::bad,
                   "Researchers can't read what a device has just put. " + sentence_for(got.error()),
                   "Let the researchers' credentials list and read the study's place.");
    if (*got != first_.content)
        return add("fetch", Verdict::bad, "What researchers read is not what the device has put.",
                   "Use another server: this one changes files.");
    if (!listed->all.contains(first_.name) && !listed->ended)
        return cannot_tell("fetch", "a list for researchers", "it goes on and on");
    if (!listed->all.contains(first_.name))
        return add("fetch", Verdict::bad, "The list that researchers get lacks a file that was just put.",
                   "Use another server: this one hides files.");
    add("fetch", Verdict::good, "Researchers find and read what a device has put, whole.");
}

bool StoreExamination::may_delete() {
    const File file = new_file();
    if (!put(*device_, file.name, file.content)) return false;
    for (sync::StoreProbe* as : {researcher_probe_.get(), device_probe_.get()})
        if (as != nullptr && heard(as->remove(file.name)).meaning == Meaning::done &&
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
    const std::set<std::string> all = missing;
    const auto listed = first_names(*researcher_);
    if (!listed) return cannot_tell("listing", "a list of many files", listed.error().detail);
    for (const std::string& name : listed->all) missing.erase(name);
    if (!missing.empty() && !listed->ended)
        return cannot_tell("listing", "a list of many files", "it goes on and on");
    const std::string so_many = std::to_string(count) + " files";
    if (!missing.empty())
        return add(
            "listing", Verdict::bad,
            "Of " + so_many + " that were just put, the list lacks " + std::to_string(missing.size()) + ".",
            "Use another server: this one hides files.");
    if (kind_ == Kind::bucket) return list_in_pages(all);
    add("listing", Verdict::good,
        "A list has all of " + so_many + " that were just put; it comes as a whole, without pages.");
}

void StoreExamination::list_in_pages(const std::set<std::string>& put) {
    const std::string folder = sides_.study_tag + "/";
    std::optional<std::string> trouble;
    const auto page_of = [&](std::size_t most, const std::string& next) {
        auto answer = researcher_probe_->list_page(folder, most, next);
        if (!answer) trouble = heard(answer.error()).why.detail;
        return answer.value_or(sync::ProbePage{});
    };
    const sync::ProbePage whole = page_of(0, "");
    report_.page_size = whole.next.empty() || whole.names.empty() ? whole.most : whole.names.size();
    const std::string by_itself =
        report_.page_size
            ? "; by itself it gave a page of " + std::to_string(*report_.page_size) + " names."
            : "; how many names a page has by itself it does not say.";

    const std::size_t most = std::min(std::clamp<std::size_t>(put.size() / 3, 1, small_page),
                                      std::max<std::size_t>(report_.page_size.value_or(small_page), 1));
    const std::size_t enough = (made_.size() + older_.size()) / most + more_pages;
    std::set<std::string> missing = put;
    std::size_t pages = 0;
    sync::ProbePage page;
    do {
        page = page_of(most, page.next);
        ++pages;
        for (const std::string& name : page.names) missing.erase(name);
    } while (!page.next.empty() && !missing.empty() && pages < enough);
    const std::string so_many = std::to_string(put.size()) + " files that were just put",
                      in_pages = "in pages of " + std::to_string(most) + " names";
    if (!trouble && !missing.empty() && !page.next.empty()) trouble = "it goes on and on";
    if (trouble) return cannot_tell("listing", "a list " + in_pages, *trouble);
    if (!missing.empty())
        return add("listing", Verdict::bad,
                   "A list has all of " + so_many + ", but " + in_pages + " it lacks " +
                       std::to_string(missing.size()) + " of them" + by_itself,
                   "Use another server: this one hides files that stand behind a page.");
    if (pages == 1 && put.size() > most)
        return add("listing", Verdict::unknown,
                   "A list has all of " + so_many +
                       "; it gives no smaller pages when it is asked to, so that no second one was seen" +
                       by_itself,
                   "Try again with --names and more files than a page has.");
    add("listing", Verdict::good,
        "A list has all of " + so_many + ", also " + in_pages + ", of which " + std::to_string(pages) +
            " were read" + by_itself);
}

void StoreExamination::clean_up() {
    // Of trials that were ended before they could.
    for (const std::string& name : older_) made_.emplace(name, true);
    for (const auto& [name, stands] : made_) {
        if (!answers()) {
            if (stands) report_.left.push_back(name);
            continue;
        }
        bool gone = false;
        for (sync::StoreProbe* as : {researcher_probe_.get(), device_probe_.get()}) {
            if (as == nullptr || gone) continue;
            const Meaning meaning = heard(as->remove(name)).meaning;
            gone = meaning == Meaning::done || (meaning == Meaning::not_there && !stands);
        }
        const There there = look(name).there;
        if (there == There::something || (there == There::unknown && stands && !gone))
            report_.left.push_back(name);
    }
    // A stick that devices have not been at is to look so: nobody puts receipts at the place of one that is
    // not plugged in.
    if (made_folder_.empty()) return;
    std::error_code ignored;  // something else may lie there
    std::filesystem::remove(made_folder_ / "receipts", ignored);
    std::filesystem::remove(made_folder_, ignored);
}

}  // namespace fieldfare::researcher
