#include "sync/receipt_fetch.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "crypto/hash.h"
#include "sync/deadline.h"

namespace fieldfare::sync {

namespace {

constexpr std::uint32_t most_receipts = 64;  // of one store in one pass
constexpr int most_junk = 4;                 // among them; each may be as long as a receipt can be
constexpr const char* unread = "too large";  // in the place of the hash of such a receipt

// Not even sealed to this device: anybody could have put it there, with whatever version.
bool is_junk(ReceiptError error) {
    return error == ReceiptError::not_a_receipt || error == ReceiptError::unknown_version ||
           error == ReceiptError::not_for_us;
}

// What ReceiptPlace notes of a receipt: the file, whatever stands in it.
std::string file_of(const TransportResult<crypto::Bytes>& bytes) {
    return bytes ? crypto::to_hex(crypto::sha256(*bytes)) : unread;
}

bool stands(const TransportResult<crypto::Bytes>& bytes) {
    return bytes || bytes.error().fault == Fault::too_large;
}

struct Fetched {
    crypto::Bytes bytes;
    std::uint64_t counter = 0;
    std::string store;
};

class ReceiptFetch {
  public:
    ReceiptFetch(const StudySync& study, ReceiptBook& book, PassStores& stores, const SyncOptions& options,
                 std::vector<SyncFinding>& findings)
        : study_(study), book_(book), stores_(stores), options_(options), findings_(findings) {}

    // Receipts of all stores are taken together and by counter: two stores may offer them in another order,
    // and a lower counter after a higher one counts as replayed.
    std::size_t run() {
        std::map<std::string, ReceiptPlace> places;
        for (const Store& store : study_.stores) {
            Transport* transport = stores_.transport_of(store);
            if (transport == nullptr) continue;
            if (auto place = fetch(store, *transport)) places[store.address] = std::move(*place);
        }
        std::ranges::stable_sort(fetched_, {}, &Fetched::counter);
        std::size_t taken = 0;
        for (const Fetched& file : fetched_) {
            const auto receipt = book_.take(file.bytes, options_.today);
            if (receipt) {
                ++taken;
            } else if (receipt.error().why == Refusal::not_stored) {
                report(Kind::own_file, "",
                       OutboxError{OutboxError::Kind::failed, "receipts", "a receipt could not be written"});
                return taken;  // asked for again in the next pass
            } else if (receipt.error().why == Refusal::replayed) {
                report(Kind::replayed, file.store, std::monostate{});
            } else if (receipt.error().why == Refusal::not_ours) {
                report(Kind::receipt, file.store, receipt.error().error.value_or(ReceiptError::malformed));
            }
        }
        for (const auto& [store, place] : places) {
            if (place == book_.place_in(store)) continue;
            if (auto done = book_.set_place(store, place); !done) report(Kind::own_file, "", done.error());
        }
        return taken;
    }

  private:
    using Kind = SyncFinding::Kind;

    template <typename Problem>
    void report(Kind kind, const std::string& store, Problem problem) {
        findings_.push_back({kind, "", store, std::move(problem)});
    }

    // Adds what is new, and answers how far the store has been read; nothing when it gave nothing to go by.
    std::optional<ReceiptPlace> fetch(const Store& store, Transport& transport) {
        const std::string tag = device_tag(study_.receipt_key);
        const auto read = [&](std::uint32_t number, const Deadline& deadline) {
            auto bytes = get_bytes(transport, receipt_name(study_.study_tag, tag, number), max_receipt_file,
                                   {{}, deadline.token()});
            if (bytes || bytes.error().fault == Fault::not_found) stores_.has_answered(store);
            return bytes;
        };
        const auto tell_of = [&](const TransportError& error, const Deadline& deadline) {
            if (deadline.is_over())
                stores_.tell(store,
                             {Fault::unreachable, store.address, "its receipts take too long", std::nullopt});
            else
                stores_.get_failed(store, error);
        };
        // A store that was emptied, or another stick at the same place, begins with the first one again. Some
        // have no more what is old, and some deny what they have put away, or what is not there: then what
        // follows it says which.
        ReceiptPlace place = book_.place_in(store.address);
        const bool was_read = place.next > 1;
        if (was_read) {
            const Deadline deadline(options_.longest_reading, options_.stop);
            const auto last = read(place.next - 1, deadline);
            const bool denied =
                !last && (last.error().fault == Fault::not_permitted || last.error().fault == Fault::failed);
            if (!stands(last) && !denied && last.error().fault != Fault::not_found) {
                tell_of(last.error(), deadline);
                return std::nullopt;
            }
            const bool as_it_was =
                stands(last) ? file_of(last) == place.last : stands(read(place.next, deadline));
            if (!as_it_was) place = {};
        }
        const Deadline deadline(options_.longest_reading, options_.stop);
        const std::uint32_t first = place.next;
        for (int junk = 0;
             place.next < first + most_receipts && junk < most_junk && !options_.stop.stop_requested();
             ++place.next) {
            auto bytes = read(place.next, deadline);
            if (!stands(bytes)) {
                const bool put_away = was_read && bytes.error().fault == Fault::not_permitted;
                if (!put_away && bytes.error().fault != Fault::not_found) tell_of(bytes.error(), deadline);
                break;
            }
            place.last = file_of(bytes);
            if (!bytes) {
                report(Kind::receipt, store.address, ReceiptError::too_large);
                ++junk;
                continue;
            }
            const auto receipt = open_receipt(*bytes, study_);
            if (receipt) {
                fetched_.push_back({std::move(*bytes), receipt->counter, store.address});
                continue;
            }
            report(Kind::receipt, store.address, receipt.error());
            if (is_junk(receipt.error())) ++junk;
        }
        // Where nothing new stands, not even the first one, the next may come yet.
        if (place.next == first) return std::nullopt;
        return place;
    }

    const StudySync& study_;
    ReceiptBook& book_;
    PassStores& stores_;
    const SyncOptions& options_;
    std::vector<SyncFinding>& findings_;
    std::vector<Fetched> fetched_;
};

}  // namespace

std::size_t fetch_receipts(const StudySync& study, ReceiptBook& book, PassStores& stores,
                           const SyncOptions& options, std::vector<SyncFinding>& findings) {
    return ReceiptFetch(study, book, stores, options, findings).run();
}

}  // namespace fieldfare::sync
