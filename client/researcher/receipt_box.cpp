#include "client/researcher/receipt_box.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>

#include "client/researcher/output_file.h"
#include "client/researcher/store_sentences.h"
#include "sync/object_name.h"
#include "sync/open_store.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t told_limit = 1024 * 1024 * 1024;
constexpr std::size_t numbers_limit = 64 * 1024 * 1024;
constexpr std::uint32_t most_numbers_tried = 4096;  // for one receipt

std::string word_of(sync::Verdict verdict) {
    return verdict == sync::Verdict::accepted ? "accepted" : "quarantined";
}

/// What this signer has told, as it stands in "told".
struct Told {
    std::string text;
    std::map<std::string, std::string> verdicts;        ///< of this signer on each file, the newest
    std::map<std::string, std::uint64_t> last_counter;  ///< by device
};

Result<Told> read_told(const fs::path& file, const std::string& signer) {
    Told told;
    std::error_code error;
    if (!fs::exists(file, error)) return told;
    auto text = read_file(file, told_limit);
    if (!text) return tl::unexpected(text.error());
    told.text = std::move(*text);
    std::istringstream lines(told.text);
    std::string who, device, hash, verdict;
    std::uint64_t counter = 0;
    while (lines >> who >> device >> counter >> hash >> verdict) {
        if (who != signer) continue;
        told.verdicts[hash] = verdict;
        auto& last = told.last_counter[device];
        last = std::max(last, counter);
    }
    return told;
}

std::uint64_t clock_counter() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count(), 1));
}

/// A receipt by its name. The order is that in which they are sent: a device refuses a lower counter behind a
/// higher one, and as text a longer number may come first.
struct WaitingReceipt {
    std::string device;  ///< the device tag
    std::uint64_t counter = 0;
    std::string name;

    auto operator<=>(const WaitingReceipt&) const = default;
};

/// Of "<device tag>-<counter>.receipt"; nothing for any other file.
std::optional<WaitingReceipt> waiting_receipt(const std::string& name) {
    constexpr std::string_view end = ".receipt";
    const std::size_t dash = name.rfind('-');
    if (dash == std::string::npos || dash == 0 || !name.ends_with(end) || name.front() == '.')
        return std::nullopt;
    WaitingReceipt receipt{name.substr(0, dash), 0, name};
    const char* const first = name.data() + dash + 1;
    const char* const last = name.data() + name.size() - end.size();
    const auto read = std::from_chars(first, last, receipt.counter);
    if (read.ec != std::errc() || read.ptr != last) return std::nullopt;
    return receipt;
}

/// Those in a folder, in the order in which they are sent.
std::vector<WaitingReceipt> waiting_receipts(const fs::path& folder) {
    std::vector<WaitingReceipt> receipts;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (auto receipt = waiting_receipt(entry->path().filename().string()))
            receipts.push_back(std::move(*receipt));
    std::ranges::sort(receipts);
    return receipts;
}

/// The number of the last receipt that every store has taken, by device and store: those that wait stand
/// behind it, as far as they stand there. Where it is lost all numbers are tried from the first one.
using Numbers = std::map<std::pair<std::string, std::string>, std::uint32_t>;

Numbers read_numbers(const fs::path& file) {
    Numbers numbers;
    std::istringstream lines(read_file(file, numbers_limit).value_or(""));
    std::string device, store;
    std::uint32_t number = 0;
    while (lines >> device >> number && std::getline(lines >> std::ws, store))
        numbers[{device, store}] = number;
    return numbers;
}

void write_numbers(const fs::path& file, const Numbers& numbers) {
    std::string text;
    for (const auto& [place, number] : numbers)
        text += place.first + " " + std::to_string(number) + " " + place.second + "\n";
    (void)write_file(file, text, Overwrite::yes);
}

/// A store to which receipts are put.
struct Shelf {
    sync::Transport* store;
    std::map<std::string, std::uint32_t> next{};  ///< by device: the number to try
    /// Of which one could not be put: a device believes no receipt that comes after a later one.
    std::set<std::string> left_out{};
    bool failed = false;  ///< the next receipt would meet the same trouble
};

/// Whether no device has been at a store. A folder without the study's own may be the place of a stick that
/// is not plugged in: what is put there stays on this machine's disk, and is never sent again. One that can't
/// be looked at has its fault told by what is put there.
bool awaits_devices(const sync::Transport& store, const std::string& study_tag) {
    const auto folder = sync::folder_of(store.address());
    std::error_code error;
    return folder && fs::status(*folder / study_tag, error).type() == fs::file_type::not_found;
}

/// Whether a receipt of that number is there, as far as the store lets us see.
sync::TransportResult<bool> has_receipt(sync::Transport& store, const std::string& name,
                                        const std::stop_token& stop) {
    bool begun = false;
    const auto read = store.get(name, sync::max_receipt_file,
                                [&](crypto::ByteView) {
                                    begun = true;
                                    return false;
                                },
                                {{}, stop});
    if (read || begun) return true;
    if (read.error().fault == sync::Fault::not_found) return false;
    if (!sync::is_about_the_store(read.error().fault) || read.error().fault == sync::Fault::not_permitted)
        return true;
    return tl::unexpected(read.error());
}

/// Of the receipts that stand there for this device; 0 where there are none, or where they can't be listed.
std::uint32_t highest_number(sync::Transport& store, const std::string& study_tag, const std::string& device,
                             const std::stop_token& stop) {
    const std::string folder = study_tag + "/receipts/", begin = folder + device + "-";
    constexpr std::string_view end = ".receipt";
    std::uint32_t highest = 0;
    for (std::string after;;) {
        const auto page = store.list(folder, after, 1000, stop);
        if (!page) return 0;
        for (const sync::ListedFile& file : page->files) {
            if (!file.name.starts_with(begin) || !file.name.ends_with(end)) continue;
            std::uint32_t number = 0;
            const char* const first = file.name.data() + begin.size();
            const char* const last = file.name.data() + file.name.size() - end.size();
            if (std::from_chars(first, last, number).ptr == last && number < UINT32_MAX)
                highest = std::max(highest, number);
        }
        if (!page->more || page->files.empty() || page->files.back().name <= after) return highest;
        after = page->files.back().name;
    }
}

/// Puts it under the first number that is free or already holds these bytes, behind the last that is known,
/// or where that is gone, behind the highest that stands: devices may have read further. From 1 on where a
/// store was emptied since, or is another one at that place, as devices read it then. Answers the number.
sync::TransportResult<std::uint32_t> put_receipt(Shelf& shelf, const std::string& study_tag,
                                                 const std::string& device, const crypto::Bytes& bytes,
                                                 const Numbers& numbers, const std::stop_token& stop) {
    sync::Transport& store = *shelf.store;
    if (awaits_devices(store, study_tag))
        return tl::unexpected(sync::TransportError{
            sync::Fault::no_store, store.address(), "it has no folder " + study_tag, {}});
    if (!shelf.next.contains(device)) {
        std::uint32_t first = 1;
        if (const auto last = numbers.find({device, store.address()}); last != numbers.end()) {
            const auto there = has_receipt(store, sync::receipt_name(study_tag, device, last->second), stop);
            if (!there) return tl::unexpected(there.error());
            first = *there ? last->second + 1 : highest_number(store, study_tag, device, stop) + 1;
        }
        shelf.next[device] = first;
    }
    std::uint32_t& n = shelf.next[device];
    for (std::uint32_t tried = 0; tried < most_numbers_tried; ++tried, ++n) {
        const auto put = store.put(sync::receipt_name(study_tag, device, n),
                                   sync::Content(crypto::ByteView(bytes)), {{}, stop});
        if (!put) return tl::unexpected(put.error());
        if (*put == sync::PutOutcome::stored || *put == sync::PutOutcome::stored_unguarded ||
            *put == sync::PutOutcome::same_content)
            return n++;
    }
    return tl::unexpected(
        sync::TransportError{sync::Fault::failed, store.address(), "no free name for a receipt", {}});
}

}  // namespace

Result<std::size_t> make_receipts(const fs::path& inbox, const study::StudyPackage& study,
                                  const crypto::Identity& signer, std::vector<DeviceVerdicts> verdicts) {
    const fs::path folder = inbox / "receipts", waiting = folder / "waiting" / study.policy().study_tag,
                   told_file = folder / "told";
    const std::string signer_name = crypto::to_hex(signer.recipient().signing_key.bytes);
    auto told = read_told(told_file, signer_name);
    if (!told) return tl::unexpected(told.error());

    std::size_t made = 0;
    for (DeviceVerdicts& device : verdicts) {
        std::erase_if(device.entries, [&](const sync::ReceiptEntry& entry) {
            const auto last = told->verdicts.find(crypto::to_hex(entry.file_sha256));
            return last != told->verdicts.end() && last->second == word_of(entry.verdict);
        });
        // A file copied in the inbox under two names is one file to its device.
        const auto& file = &sync::ReceiptEntry::file_sha256;
        std::ranges::sort(device.entries, {}, file);
        const auto copies = std::ranges::unique(device.entries, {}, file);
        device.entries.erase(copies.begin(), copies.end());
        const std::string device_name = crypto::to_hex(device.device);
        for (std::size_t first = 0; first < device.entries.size(); first += sync::max_receipt_entries) {
            if (auto folders = make_folder(waiting); !folders) return tl::unexpected(folders.error());
            sync::Receipt receipt;
            receipt.study_id = study.policy().study_id;
            receipt.policy_digest = study.policy_digest();
            receipt.device_id = device.device;
            auto& last = told->last_counter[device_name];
            receipt.counter = last = std::max(last + 1, clock_counter());
            const std::size_t count = std::min(sync::max_receipt_entries, device.entries.size() - first);
            const auto begin = device.entries.begin() + static_cast<std::ptrdiff_t>(first);
            receipt.entries.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
            const auto bytes = sync::make_receipt(receipt, signer.signing_key(), device.receipt_key);
            if (!bytes)
                return could_not(
                    "A receipt could not be made; the answers are exported, the devices keep their files.");
            const fs::path file = waiting / (sync::device_tag(device.receipt_key) + "-" +
                                             std::to_string(receipt.counter) + ".receipt");
            const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
            if (auto written = write_file(file, text, Overwrite::no); !written)
                return tl::unexpected(written.error());
            for (const sync::ReceiptEntry& entry : receipt.entries)
                told->text += signer_name + " " + device_name + " " + std::to_string(receipt.counter) + " " +
                              crypto::to_hex(entry.file_sha256) + " " + word_of(entry.verdict) + "\n";
            ++made;
        }
    }
    if (made > 0)
        if (auto written = write_file(told_file, told->text, Overwrite::yes); !written)
            return tl::unexpected(written.error());
    return made;
}

Result<Sending> send_receipts(const fs::path& inbox, const std::string& study_tag,
                              const std::vector<sync::Transport*>& stores, const std::stop_token& stop) {
    const fs::path waiting = inbox / "receipts" / "waiting" / study_tag,
                   done = inbox / "receipts" / "sent" / study_tag;
    Sending sending;
    const std::vector<WaitingReceipt> receipts = waiting_receipts(waiting);
    if (stores.empty()) {
        sending.waiting = receipts.size();
        return sending;
    }
    std::error_code error;
    Numbers numbers = read_numbers(done / "numbers");
    std::vector<Shelf> shelves;
    for (sync::Transport* store : stores) shelves.push_back({.store = store});
    for (const WaitingReceipt& receipt : receipts) {
        const std::string &device = receipt.device, &name = receipt.name;
        const auto bytes = read_file(waiting / name, sync::max_receipt_file);
        if (!bytes && fs::exists(done / name, error)) continue;  // another fetch has sent it meanwhile
        if (!bytes) return tl::unexpected(bytes.error());
        const crypto::ByteView view = crypto::bytes_of(*bytes);
        Numbers put_under;
        for (Shelf& shelf : shelves) {
            if (shelf.failed || shelf.left_out.contains(device)) continue;
            const auto number =
                put_receipt(shelf, study_tag, device, crypto::Bytes(view.begin(), view.end()), numbers, stop);
            if (number) {
                put_under[{device, shelf.store->address()}] = *number;
                continue;
            }
            shelf.left_out.insert(device);
            shelf.failed = sync::is_about_the_store(number.error().fault) || stop.stop_requested();
            if (stop.stop_requested()) continue;
            sending.failed = sending.failed || number.error().fault != sync::Fault::no_store;
            const std::string trouble =
                "Receipts wait: " + (awaits_devices(*shelf.store, study_tag)
                                         ? shelf.store->address() +
                                               " is not plugged in, or no device has handed over there yet; "
                                               "the first one makes the study's folder, " +
                                               study_tag + "."
                                         : sentence_for(number.error()));
            if (std::ranges::find(sending.troubles, trouble) == sending.troubles.end())
                sending.troubles.push_back(trouble);
        }
        const bool everywhere = std::ranges::none_of(
            shelves, [&](const Shelf& shelf) { return shelf.failed || shelf.left_out.contains(device); });
        if (!everywhere) {
            ++sending.waiting;
            continue;
        }
        for (const auto& [place, number] : put_under) numbers[place] = number;
        if (auto folder = make_folder(done); !folder) return tl::unexpected(folder.error());
        fs::rename(waiting / name, done / name, error);
        std::error_code ignored;
        if (error && !fs::exists(done / name, ignored))
            return could_not("The receipt " + shown(waiting / name) +
                             " was sent but can't be moved: " + error.message() + ".");
        ++sending.sent;
    }
    if (sending.sent > 0) write_numbers(done / "numbers", numbers);
    return sending;
}

}  // namespace fieldfare::researcher
