#include "sync/receipt_book.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crypto/hash.h"
#include "sync/folder_files.h"

namespace fieldfare::sync {

namespace {

using nlohmann::json;

tl::unexpected<OutboxError> fail(Errno number, std::string path) {
    return tl::unexpected(outbox_error(number, std::move(path)));
}

std::string next_file(const StudySync& study) {
    return "next-" + device_tag(study.receipt_key) + ".json";
}

// Whom the device believes, and under which policies: with others, receipts may count that did not before.
std::string rules_of(const StudySync& study) {
    crypto::Bytes all;
    for (const crypto::VerifyKey& signer : study.receipt_signers)
        all.insert(all.end(), signer.bytes.begin(), signer.bytes.end());
    for (const crypto::Digest& policy : study.policies) all.insert(all.end(), policy.begin(), policy.end());
    return crypto::to_hex(crypto::sha256(all));
}

struct Remembered {
    std::map<std::string, ReceiptPlace> places;
    std::optional<std::chrono::sys_days> confirmed_of;
};

// Where it is lost, damaged or of other rules, we ask for the receipts from the first one again.
Remembered read_remembered(const Descriptor& folder, const StudySync& study) {
    Remembered all;
    const auto bytes = read_file(folder, next_file(study), 1024 * 1024);
    if (!bytes) return all;
    const json whole = json::parse(*bytes, nullptr, false);
    if (!whole.is_object()) return all;
    if (whole.value("rules", json()) != rules_of(study)) return all;
    if (const json day = whole.value("confirmed_of", json()); day.is_string())
        all.confirmed_of = parse_day(day.get<std::string>());
    const json numbers = whole.value("next", json()), files = whole.value("last", json());
    if (!numbers.is_object()) return all;
    for (const auto& [store, number] : numbers.items()) {
        if (!number.is_number_unsigned() || number == 0 || number >= UINT32_MAX) continue;
        all.places[store].next = number;
        if (const auto file = files.find(store); file != files.end() && file->is_string())
            all.places[store].last = *file;
    }
    return all;
}

std::optional<crypto::Digest> digest_of(const FileHash& hash) {
    const auto bytes = crypto::from_hex(hash);
    crypto::Digest digest{};
    if (!bytes || bytes->size() != digest.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

}  // namespace

ReceiptBook ReceiptBook::empty(const Outbox& outbox, const StudySync& study) {
    return ReceiptBook(outbox.folder() / "receipts", study);
}

OutboxResult<ReceiptBook> ReceiptBook::load(const Outbox& outbox, const StudySync& study) {
    ReceiptBook book = empty(outbox, study);
    auto folder = open_folder(book.folder_);
    if (!folder) return fail(folder.error(), "receipts");
    const auto names = files_in(*folder);
    if (!names) return fail(names.error(), "receipts");
    for (const std::string& name : *names) {
        if (!name.ends_with(".receipt")) continue;
        const auto bytes = read_file(*folder, name, max_receipt_file);
        if (!bytes) continue;
        const auto receipt = open_receipt(*bytes, study);
        auto file = open_file(*folder, name);
        const auto day = file ? day_of(*file) : tl::unexpected(file.error());
        if (!receipt || !day) continue;  // of another study of this device, or no certified word at all
        book.kept_.insert(crypto::to_hex(crypto::sha256(*bytes)));
        book.count(*receipt, *day);
    }
    auto remembered = read_remembered(*folder, study);
    book.places_ = std::move(remembered.places);
    book.confirmed_of_ = remembered.confirmed_of;
    return book;
}

void ReceiptBook::count(const Receipt& receipt, std::chrono::sys_days first_seen) {
    auto& highest = highest_counter_[receipt.signer];
    highest = std::max(highest, receipt.counter);
    for (const ReceiptEntry& entry : receipt.entries) {
        auto& words = words_[entry.file_sha256][receipt.signer];
        words.push_back({receipt.counter, first_seen, entry.batch_id, entry.verdict});
        std::sort(words.begin(), words.end(),
                  [](const Word& left, const Word& right) { return left.counter < right.counter; });
    }
}

tl::expected<Receipt, ReceiptRefusal> ReceiptBook::take(crypto::ByteView file, std::chrono::sys_days today) {
    const auto receipt = open_receipt(file, *study_);
    if (!receipt) return tl::unexpected(ReceiptRefusal{Refusal::not_ours, receipt.error()});
    const FileHash hash = crypto::to_hex(crypto::sha256(file));
    if (kept_.contains(hash)) return tl::unexpected(ReceiptRefusal{Refusal::known, std::nullopt});
    const auto highest = highest_counter_.find(receipt->signer);
    if (highest != highest_counter_.end() && receipt->counter <= highest->second) {
        return tl::unexpected(ReceiptRefusal{Refusal::replayed, std::nullopt});
    }
    auto folder = open_folder(folder_);
    if (!folder || !replace_file(*folder, hash + ".receipt", file, today)) {
        return tl::unexpected(ReceiptRefusal{Refusal::not_stored, std::nullopt});
    }
    kept_.insert(hash);
    count(*receipt, today);
    return *receipt;
}

Confirmation ReceiptBook::confirmation(const FileHash& hash,
                                       const std::optional<crypto::Digest>& meant) const {
    Confirmation result;
    const auto digest = digest_of(hash);
    if (!digest) return result;
    const auto found = words_.find(*digest);
    if (found == words_.end()) return result;
    std::vector<std::chrono::sys_days> since;
    for (const auto& [signer, words] : found->second) {
        // The latest word holds, and from the first of its unbroken "accepted" on.
        std::optional<std::chrono::sys_days> accepted;
        for (const Word& word : words) {
            if (word.verdict != Verdict::accepted || (meant && word.batch_id != *meant))
                accepted.reset();
            else if (!accepted)
                accepted = word.first_seen;
        }
        if (accepted) since.push_back(*accepted);
    }
    std::sort(since.begin(), since.end());
    result.signers = since.size();
    const std::size_t quorum = std::max<std::size_t>(study_->quorum, 1);
    if (since.size() >= quorum) result.enough_since = since[quorum - 1];
    return result;
}

bool ReceiptBook::may_forget(const SealedFile& file, std::chrono::sys_days today) const {
    const auto enough_since = confirmation(file.hash).enough_since;
    if (!enough_since) return false;
    auto since = std::max(*enough_since, file.day);
    // What a clock said that was ahead is worth nothing.
    if (const auto first = first_handed_over(file); first && *first <= today) since = std::max(since, *first);
    return today >= since + std::chrono::days(study_->hold_days);
}

bool ReceiptBook::knows(const FileHash& hash) const {
    const auto digest = digest_of(hash);
    return digest && words_.contains(*digest);
}

std::optional<std::chrono::sys_days> ReceiptBook::confirmed_of(std::chrono::sys_days today) const {
    return confirmed_of_ && *confirmed_of_ <= today ? confirmed_of_ : std::nullopt;
}

OutboxResult<void> ReceiptBook::note_confirmed(const SealedFile& file, std::chrono::sys_days today) {
    if (confirmation(file.hash).signers == 0) return {};
    // From which store it was fetched nobody says, nor after which time of several: so the first of them.
    std::optional<std::chrono::sys_days> first;
    for (const HandOver& one : file.handed_over) {
        if (!one.day || *one.day > today || one.times > 1) return {};
        first = first ? std::min(*first, *one.day) : one.day;
    }
    if (!first || confirmed_of(today) >= first) return {};
    confirmed_of_ = first;
    return remember();
}

ReceiptPlace ReceiptBook::place_in(const std::string& store_address) const {
    const auto found = places_.find(store_address);
    return found == places_.end() ? ReceiptPlace{} : found->second;
}

OutboxResult<void> ReceiptBook::set_place(const std::string& store_address, ReceiptPlace place) {
    places_[store_address] = std::move(place);
    return remember();
}

OutboxResult<void> ReceiptBook::remember() {
    auto folder = open_folder(folder_);
    if (!folder) return fail(folder.error(), "receipts");
    json next = json::object(), last = json::object();
    for (const auto& [store, place] : places_) {
        next[store] = place.next;
        last[store] = place.last;
    }
    json whole = {{"next", next}, {"last", last}, {"rules", rules_of(*study_)}};
    if (confirmed_of_) whole["confirmed_of"] = day_text(*confirmed_of_);
    const std::string text = whole.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    const auto done = replace_file(*folder, next_file(*study_), crypto::bytes_of(text), {});
    if (!done) return fail(done.error(), next_file(*study_));
    return {};
}

}  // namespace fieldfare::sync
