#include <algorithm>

#include "client/researcher/store_examination.h"
#include "sync/open_store.h"

namespace fieldfare::researcher {
namespace {

using Meaning = sync::ProbeAnswer::Meaning;

/// What is needed to come to a store of the web, and nothing that lets in.
sync::Store without_credentials(const sync::Store& store) {
    sync::Store bare{store.address, {}};
    for (const char* name : {"pin", "certificate", "proxy"})
        if (const auto found = store.settings.find(name); found != store.settings.end())
            bare.settings.insert(*found);
    return bare;
}

}  // namespace

void StoreExamination::try_strangers() {
    const auto stranger = sync::open_probe(sides_.device, sync::ProbeAs::stranger, sides_.proxy);
    if (!stranger)
        return cannot_tell("strangers", "coming without credentials", "not known for this kind of store");
    const auto bad = [&](const char* what) {
        add("strangers", Verdict::bad, std::string("Anybody who knows the address can ") + what + ".",
            "Let in by a password, a token or keys.");
    };
    std::optional<std::string> unclear;  // why
    const auto heed = [&](const sync::ProbeAnswer& answer) {
        if (answer.meaning != Meaning::refused && answer.meaning != Meaning::not_there)
            unclear = answer.meaning == Meaning::done ? "it says that it did it" : answer.why.detail;
    };
    const auto read = heard(stranger->get(first_.name));
    if (read.meaning == Meaning::done && read.content == first_.content)
        return bad("read what devices have put");
    heed(read);

    const auto page = heard(stranger->page(sides_.study_tag + "/"));
    const std::string last = first_.name.substr(first_.name.rfind('/') + 1);
    if (page.meaning == Meaning::done && !std::ranges::search(page.content, last).empty())
        return bad("list what devices have put");
    heed(page);
    if (kind_ == Kind::web) {
        const auto store = sync::open_store(without_credentials(sides_.device), sides_.proxy);
        if (!store) return cannot_tell("strangers", "a list without credentials", "");
        const auto listed = (*store)->list(sides_.study_tag + "/", "", 1000, {});
        if (listed && !listed->files.empty()) return bad("list what devices have put");
        if (!listed && !is_a_no(listed.error())) unclear = listed.error().detail;
    }

    const File file = new_file(), victim = new_file();
    const auto put_it = heard(stranger->put_over(file.name, file.content));
    if (put_it.meaning == Meaning::done && stands(file.name) == There::something)
        return bad("put files there");
    heed(put_it);

    if (const auto stored = put(*device_, victim.name, victim.content); !stored)
        return cannot_tell("strangers", "deleting without credentials", stored.error().detail);
    const auto removed = heard(stranger->remove(victim.name));
    if (removed.meaning == Meaning::done && stands(victim.name) == There::nothing)
        return bad("delete what devices have put");
    heed(removed);

    if (unclear) return cannot_tell("strangers", "coming without credentials", *unclear);
    add("strangers", Verdict::good, "Who has no credentials can neither put, read, list nor delete.");
}

}  // namespace fieldfare::researcher
