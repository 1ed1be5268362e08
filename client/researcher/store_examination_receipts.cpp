#include <algorithm>

#include "client/researcher/store_examination.h"
#include "client/researcher/store_sentences.h"
#include "crypto/hash.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {
namespace {

using Meaning = sync::ProbeAnswer::Meaning;

constexpr std::uint64_t largest_receipt = 1024 * 1024;

}  // namespace

void StoreExamination::confirm_as_researcher() {
    if (!researcher_)
        return add("receipts", Verdict::unknown,
                   "Whether researchers can put receipts, and devices read them, was not tried.",
                   "Give --as-researcher with the store file of whoever fetches.");
    const auto new_receipt = [&] {
        File receipt = new_file();
        receipt.name = sync::receipt_name(sides_.study_tag,
                                          crypto::to_hex(crypto::sha256(receipt.content)).substr(0, 32), 1);
        return receipt;
    };
    File receipt = new_receipt();
    const auto result = put(*researcher_, receipt.name, receipt.content);
    if (!result && !is_of_the_store(result.error()))
        return cannot_tell("receipts", "a receipt", result.error().detail);
    if (!result)
        return add(
            "receipts", Verdict::bad, "Researchers can't put receipts. " + sentence_for(result.error()),
            result.error().fault == sync::Fault::no_store
                ? "Make the folder " + sides_.study_tag + "/receipts/ there."
                : to_do_about(result.error().fault, "Let the researchers' credentials put files there."));
    const auto got = sync::get_bytes(*device_, receipt.name, largest_receipt);
    if (!got && !is_of_the_store(got.error()))
        return cannot_tell("receipts", "a receipt that a device reads", got.error().detail);
    if (!got || *got != receipt.content)
        return add("receipts", Verdict::bad,
                   "Devices can't read their receipts, so that they keep every file for ever.",
                   "Let the devices' credentials read (GET) in " + sides_.study_tag + "/receipts/.");
    receipt_ = std::move(receipt);
    const auto none = sync::get_bytes(*device_, new_receipt().name, largest_receipt);
    if (!none && is_a_no(none.error()))
        return add("receipts", Verdict::look,
                   "Researchers can put receipts, and devices read them; but of one that is not there yet a "
                   "device is told that it may not read it, and says so after each pass until there is one.",
                   "Let the store say to devices that what is not there is not there (404), in " +
                       sides_.study_tag + "/receipts/.");
    if (none || none.error().fault != sync::Fault::not_found)
        return cannot_tell("receipts", "a device that asks for a receipt that is not there yet",
                           none ? "there is one" : none.error().detail);
    add("receipts", Verdict::good, "Researchers can put receipts, and devices read them.");
}

bool StoreExamination::shows_page(const char* about, const std::string& folder, const std::string& name) {
    if (kind_ != Kind::web || !device_probe_) return false;
    const auto shown = heard(device_probe_->page(folder));
    if (shown.meaning == Meaning::refused || shown.meaning == Meaning::not_there) return false;
    const std::string last = name.substr(name.rfind('/') + 1);
    if (shown.meaning != Meaning::done)
        cannot_tell(about, "a page of the folder", shown.why.detail);
    else if (std::ranges::search(shown.content, last).empty())
        cannot_tell(about, "a page of the folder", "there is one, without the file");
    else
        add(about, Verdict::bad, "Whoever takes a device gets a page with the names of all that lies there.",
            "Switch pages of folders off (\"Options -Indexes\" in Apache).");
    return true;
}

void StoreExamination::keeps_receipts() {
    const char* const about = "receipts-kept";
    if (!device_probe_ || receipt_.name.empty())
        return cannot_tell(about, "receipts in the hands of whoever takes a device", "there is none to try");
    const std::string folder = sides_.study_tag + "/receipts/";
    const auto bad = [&](const char* how) {
        add(about, Verdict::bad, std::string("Whoever takes a device can ") + how + ".", set_it_up());
    };
    const auto listed = device_->list(folder, "", 1000, {});
    if (listed && std::ranges::count(listed->files, receipt_.name, &sync::ListedFile::name) > 0)
        return bad("list the receipts of all devices");
    if (!listed && !is_a_no(listed.error()))
        return cannot_tell(about, "a list of receipts", listed.error().detail);
    if (shows_page(about, folder, receipt_.name)) return;

    // Devices may read it.
    const auto stands = [&] {
        const auto got = sync::get_bytes(*device_, receipt_.name, largest_receipt);
        return got && *got == receipt_.content;
    };
    const auto no = [](const sync::ProbeAnswer& answer) {
        return answer.meaning == Meaning::refused || answer.meaning == Meaning::has_it ||
               answer.meaning == Meaning::not_there;
    };
    File elsewhere = new_file();
    const auto over = heard(device_probe_->put_over(receipt_.name, elsewhere.content));
    if (over.meaning == Meaning::done && !stands()) return bad("replace receipts");
    const auto removed = heard(device_probe_->remove(receipt_.name));
    if (removed.meaning == Meaning::done && !stands()) return bad("delete receipts");
    const auto moved = heard(device_probe_->move(receipt_.name, elsewhere.name));
    if (moved.meaning == Meaning::done) made_[elsewhere.name] = true;
    if (moved.meaning == Meaning::done && !stands()) return bad("rename receipts, and so hide them");
    if (!stands()) return cannot_tell(about, "a receipt", "it can no longer be read");
    for (const auto* answer : {&over, &removed, &moved})
        if (!no(*answer)) return cannot_tell(about, "a receipt", answer->why.detail);
    if (kind_ == Kind::sftp)
        return add(
            about, Verdict::look,
            "Whoever takes a device can't list, replace, delete nor rename receipts, but may be able to "
            "rename the folder in which they lie, which was not tried.",
            "Let a job on the server see that receipts/ is there.");
    add(about, Verdict::good, "Whoever takes a device can't list, replace, delete nor rename receipts.");
}

}  // namespace fieldfare::researcher
