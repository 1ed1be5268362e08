#include "sync/sync_run.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "sync/deadline.h"
#include "sync/folder_files.h"
#include "sync/open_store.h"
#include "sync/receipt_book.h"

namespace fieldfare::sync {

namespace {

constexpr std::uint32_t most_receipts = 64;        // of one store in one pass
constexpr std::ptrdiff_t most_cut = 2;             // names of one file in one store
constexpr int most_junk = 4;                       // among them; each may be as long as a receipt can be
constexpr std::uint64_t short_file = 1024 * 1024;  // answers; photos and films are longer
constexpr std::size_t routing_tag_offset = 16;
constexpr const char* unread = "too large";  // in the place of the hash of such a receipt

std::size_t system_pick(std::size_t below) {
    std::array<std::uint8_t, 8> random{};
    if (!crypto::fill_random(random)) return 0;  // the order of stores is worth no failure
    std::uint64_t number = 0;
    for (const auto byte : random) number = number << 8 | byte;
    return static_cast<std::size_t>(number % below);
}

// The study of a file whose note is lost, by the routing tag in the header.
const StudySync* study_by_header(const Outbox& outbox, const FileHash& hash, const SyncConfig& config) {
    auto folder = open_folder(outbox.folder());
    auto file = folder ? open_file(*folder, hash + ".batch") : tl::unexpected(folder.error());
    if (!file) return nullptr;
    std::array<std::uint8_t, 32> head{};
    for (std::size_t have = 0; have < head.size();) {
        const auto n = read_some(*file, std::span(head).subspan(have));
        if (!n || *n == 0) return nullptr;
        have += *n;
    }
    for (const StudySync& study : config.studies) {
        const auto tag = routing_tag(study.study_tag);
        if (std::equal(tag.begin(), tag.end(), head.begin() + routing_tag_offset)) return &study;
    }
    return nullptr;
}

// A store that is full or write-protected, or lets nobody put, may give receipts all the same.
bool stops_puts_only(Fault fault) {
    return fault == Fault::no_space || fault == Fault::read_only || fault == Fault::not_permitted;
}

// Not even sealed to this device: anybody could have put it there.
bool is_junk(const ReceiptResult<Receipt>& receipt) {
    return !receipt &&
           (receipt.error() == ReceiptError::not_a_receipt || receipt.error() == ReceiptError::not_for_us);
}

// What ReceiptPlace notes of a receipt: the file, whatever stands in it.
std::string file_of(const TransportResult<crypto::Bytes>& bytes) {
    return bytes ? crypto::to_hex(crypto::sha256(*bytes)) : unread;
}

// What has two names in one store has one copy there.
std::size_t copies_in(const std::vector<HandOver>& handed_over) {
    std::set<std::string_view> stores;
    for (const HandOver& one : handed_over) stores.insert(one.store);
    return stores.size();
}

// A study's files and what the receipts say of them.
struct StudyFiles {
    const StudySync* study;
    ReceiptBook book;
};

SyncCounts counts_of(const std::vector<SealedFile>& files, const std::vector<StudyFiles>& studies) {
    SyncCounts counts;
    for (const SealedFile& file : files) {
        const auto one = std::find_if(studies.begin(), studies.end(), [&](const StudyFiles& each) {
            return each.study->study_tag == file.study_tag;
        });
        if (one != studies.end() && one->book.confirmation(file.hash).enough_since)
            ++counts.confirmed;
        else if (!file.handed_over.empty())
            ++counts.handed_over;
        else
            ++counts.sealed;
    }
    return counts;
}

class Pass {
  public:
    Pass(Outbox& outbox, const SyncConfig& config, const SyncOptions& options)
        : outbox_(outbox), config_(config), options_(options) {}

    SyncSummary run() {
        let_rest();
        load_books();
        hand_over_all();
        for (StudyFiles& one : studies_) {
            if (!stopped()) read_receipts(one);
        }
        // With 100,000 files each look at all their notes takes seconds, so those are read again that this
        // pass has worked on, and no others.
        if (auto files = outbox_.sealed(std::move(settled_))) {
            if (!stopped()) forget_all(*files);
            summary_.counts = counts_of(*files, studies_);
            tell_of_silence(*files);
        }
        summary_.counts.forgotten = outbox_.forgotten();
        summary_.cancelled = options_.stop.stop_requested();
        tell_of_stores();
        return std::move(summary_);
    }

  private:
    using Kind = SyncFinding::Kind;

    /// A file that lacks copies.
    struct Waiting {
        SealedFile file;  ///< with the copies that it has
        StudyFiles* one;
        std::set<std::pair<std::string, std::string>> lost{};     ///< of those that it had: store and name
        std::set<std::pair<std::string, std::string>> doubted{};  ///< of those, what is given up
        std::set<std::pair<std::string, std::string>> cut{};  ///< of those, what is listed in another size
    };

    bool stopped() const { return options_.stop.stop_requested(); }

    template <typename Problem>
    void report(Kind kind, const FileHash& file, const std::string& store, Problem problem) {
        summary_.findings.push_back({kind, file, store, std::move(problem)});
    }

    void let_rest() {
        for (const StudySync& study : config_.studies)
            for (const Store& store : study.stores)
                if (options_.resting.contains({study.study_tag, store.address})) resting_.insert(store);
    }

    void tell_of_stores() {
        for (const StudySync& study : config_.studies) {
            for (const Store& store : study.stores) {
                StoreNews news{{study.study_tag, store.address}, answered_.contains(store), std::nullopt};
                if (const auto problem = problems_.find(store); problem != problems_.end())
                    news.problem = problem->second;
                summary_.stores.push_back(std::move(news));
            }
        }
        std::ranges::sort(summary_.stores, {}, &StoreNews::store);
    }

    void load_books() {
        for (const StudySync& study : config_.studies) {
            auto book = ReceiptBook::load(outbox_, study);
            if (book)
                studies_.push_back({&study, std::move(*book)});
            else
                report(Kind::own_file, "", "", book.error());
        }
    }

    StudyFiles* files_of(const SealedFile& file) {
        const StudySync* study = file.study_tag.empty() ? study_by_header(outbox_, file.hash, config_)
                                                        : config_.find(file.study_tag);
        const auto found = std::find_if(studies_.begin(), studies_.end(),
                                        [&](const StudyFiles& one) { return one.study == study; });
        return found == studies_.end() ? nullptr : &*found;
    }

    // Null when the store can't be used, for a reason that is reported once, or rests.
    Transport* transport_of(const Store& store) {
        if (resting_.contains(store)) return nullptr;
        if (broken_.contains(store)) return nullptr;
        const auto found = transports_.find(store);
        if (found != transports_.end()) return found->second.get();
        auto opened = options_.open ? options_.open(store) : open_store(store, options_.proxy);
        if (!opened) {
            give_up(store, opened.error());
            return nullptr;
        }
        return (transports_[store] = std::move(*opened)).get();
    }

    Transport* transport_for_files(const Store& store) {
        return takes_nothing_.contains(store) ? nullptr : transport_of(store);
    }

    void tell(const Store& store, const TransportError& error) {
        if (problems_.emplace(store, error).second) report(Kind::store, "", store.address, error);
    }

    // That a store is full matters more than that its list was slow.
    void tell_instead(const Store& store, const TransportError& error) {
        problems_.erase(store);
        std::erase_if(summary_.findings, [&](const SyncFinding& finding) {
            return finding.kind == Kind::store && finding.store == store.address;
        });
        tell(store, error);
    }

    void give_up(const Store& store, const TransportError& error) {
        broken_.insert(store);
        tell(store, error);
    }

    // What a store gives that takes no file is no sign that it is well again.
    void has_answered(const Store& store) {
        if (!takes_nothing_.contains(store)) answered_.insert(store);
    }

    static TransportError too_slow(const Store& store, std::string what) {
        return {Fault::unreachable, store.address, std::move(what), std::nullopt};
    }

    // True when the store is to be left alone from here on.
    bool report_transport(const FileHash& file, const Store& store, const TransportError& error) {
        if (error.fault == Fault::cancelled) return true;
        if (is_about_the_store(error.fault)) {
            give_up(store, error);
            return true;
        }
        report(Kind::file, file, store.address, error);
        return false;
    }

    static bool has(const SealedFile& file, const Store& store) {
        return std::any_of(file.handed_over.begin(), file.handed_over.end(),
                           [&](const HandOver& one) { return one.store == store.address; });
    }

    using Names = std::map<std::string, std::optional<std::uint64_t>>;  // and their sizes, if told

    // What a store has of a study now; null where it can't or won't tell (a device may be let in to put
    // only).
    const Names* listed(const Store& store, const std::string& study_tag) {
        const auto [place, fresh] = listed_.try_emplace({store.address, study_tag});
        if (!fresh) return place->second ? &*place->second : nullptr;
        Transport* transport = transport_of(store);
        if (transport == nullptr) return nullptr;
        Names names;
        const Deadline deadline(options_.longest_reading, options_.stop);
        for (std::string after;;) {
            if (stopped()) return nullptr;
            auto listing = transport->list(study_tag + "/", after, 1000, deadline.token());
            if (!listing) {
                // A long list on a slow line is no reason to keep files and receipts back for ever.
                if (deadline.is_over())
                    tell(store, too_slow(store, "its list of files takes too long"));
                else if (listing.error().fault == Fault::unreachable)
                    give_up(store, listing.error());
                return nullptr;
            }
            has_answered(store);
            for (const ListedFile& file : listing->files)
                names[file.name] = file.has_size ? std::optional(file.size) : std::nullopt;
            if (!listing->more || listing->files.empty() || listing->files.back().name <= after) break;
            after = listing->files.back().name;
        }
        place->second = std::move(names);
        return &*place->second;
    }

    enum class Copy {
        there,     // as far as anybody can tell
        missing,   // the store does not list it
        cut,       // the store lists it in another size
        doubtful,  // researchers, who have looked since, say nothing of it
    };

    // Until it is confirmed. A store may let no device look, list what it does not have, or be gone.
    Copy copy_of(const HandOver& had, const SealedFile& file, const StudyFiles& one) {
        if (stopped()) return Copy::there;
        const auto& stores = one.study->stores;
        const auto store = std::find_if(stores.begin(), stores.end(),
                                        [&](const Store& known) { return known.address == had.store; });
        const Names* names = store == stores.end() ? nullptr : listed(*store, one.study->study_tag);
        if (names != nullptr) {
            const auto there = names->find(had.name);
            if (there == names->end()) return Copy::missing;
            if (there->second && *there->second != file.size) return Copy::cut;
        }
        return is_doubtful(had, file, one.book) ? Copy::doubtful : Copy::there;
    }

    // Somebody has accepted what was handed over more than a week later, and of this nobody says anything. A
    // week, since a bucket is looked through as a whole once a week. Whoever looks into some stores only, or
    // has to refuse a file without a word, makes us wrong: then it goes there once more for nothing. So we
    // wait twice as long after each time, and longer where a signer has it who is not enough.
    bool is_doubtful(const HandOver& had, const SealedFile& file, const ReceiptBook& book) const {
        const auto confirmed_of = book.confirmed_of(options_.today);
        if (!confirmed_of) return false;
        std::uint64_t times = book.knows(file.hash) ? 2 : 0;
        for (const HandOver& each : file.handed_over)
            if (each.store == had.store) times += each.times;
        const std::chrono::days patience(8 << (std::clamp<std::uint64_t>(times, 1, 5) - 1));
        // What a clock said that was ahead is worth nothing.
        auto since = had.day.value_or(file.day);
        if (since > options_.today) since = {};
        return *confirmed_of >= since + patience;
    }

    void note_confirmed(const std::vector<SealedFile>& sealed) {
        for (const SealedFile& file : sealed) {
            StudyFiles* one = file.handed_over.empty() ? nullptr : files_of(file);
            if (one != nullptr) note_confirmed(file, *one);
        }
    }

    void note_confirmed(const SealedFile& file, StudyFiles& one) {
        if (auto done = one.book.note_confirmed(file, options_.today); !done)
            report(Kind::own_file, file.hash, "", done.error());
    }

    // What no store has needs no list: a store that is slow to list holds up nothing of it. Only what is long
    // waits for the lists, since on a line that breaks under it nothing would come after it.
    void hand_over_all() {
        auto sealed = outbox_.sealed();
        if (!sealed) return report(Kind::own_file, "", "", sealed.error());
        note_confirmed(*sealed);
        std::vector<Waiting> short_ones, others;
        std::vector<std::pair<SealedFile, StudyFiles*>> noted;  // to be somewhere
        for (SealedFile& file : *sealed) {
            StudyFiles* one = file.held ? nullptr : files_of(file);
            if (one == nullptr) {
                if (!file.held) report(Kind::unknown_study, file.hash, "", std::monostate{});
                settled_.push_back(std::move(file));
            } else if (one->book.confirmation(file.hash).enough_since) {
                settled_.push_back(std::move(file));
            } else if (!file.handed_over.empty()) {
                noted.emplace_back(std::move(file), one);
            } else {
                auto& queue = file.size <= short_file ? short_ones : others;
                queue.push_back({.file = std::move(file), .one = one});
            }
        }
        SyncProgress progress;
        count(short_ones, progress);
        count(others, progress);
        hand_over(std::move(short_ones), progress);
        std::vector<Waiting> again = lacking_copies(std::move(noted));
        count(again, progress);
        std::ranges::move(again, std::back_inserter(others));
        hand_over(std::move(others), progress);
    }

    // What is not in as many stores as it should be, as far as they tell.
    std::vector<Waiting> lacking_copies(std::vector<std::pair<SealedFile, StudyFiles*>> noted) {
        std::vector<Waiting> waiting;
        for (auto& [file, one] : noted) {
            Waiting now{.file = {}, .one = one};
            std::vector<HandOver> good;
            for (const HandOver& had : file.handed_over) {
                const Copy copy = copy_of(had, file, *one);
                if (copy == Copy::doubtful && had.times > 1) now.doubted.insert({had.store, had.name});
                if (copy == Copy::cut) now.cut.insert({had.store, had.name});
                if (copy == Copy::there)
                    good.push_back(had);
                else
                    now.lost.insert({had.store, had.name});
            }
            if (copies_in(good) >= one->study->copies) {
                settled_.push_back(std::move(file));
                continue;
            }
            now.file = std::move(file);
            now.file.handed_over = std::move(good);
            waiting.push_back(std::move(now));
        }
        return waiting;
    }

    void count(const std::vector<Waiting>& waiting, SyncProgress& progress) {
        summary_.still_waiting += waiting.size();
        progress.files += waiting.size();
        for (const Waiting& each : waiting)
            progress.bytes_waiting +=
                each.file.size * (each.one->study->copies - copies_in(each.file.handed_over));
    }

    void hand_over(std::vector<Waiting> waiting, SyncProgress& progress) {
        // Answers before photos and films, over a link that breaks: nothing here knows them but by their
        // size.
        std::ranges::stable_sort(waiting, {}, [](const Waiting& each) { return each.file.size; });
        for (Waiting& each : waiting) {
            if (stopped()) return;
            const std::size_t before = summary_.handed_over;
            if (hand_over(std::move(each), progress)) --summary_.still_waiting;
            ++progress.file;
            if (summary_.handed_over > before) ++progress.taken;
            progress.bytes_done = progress.bytes_total = 0;
            if (options_.on_progress) options_.on_progress(progress);
        }
    }

    std::vector<const Store*> in_random_order(const StudySync& study) {
        std::vector<const Store*> stores;
        for (const Store& store : study.stores) stores.push_back(&store);
        for (std::size_t i = stores.size(); i > 1; --i) {
            const std::size_t picked = options_.pick ? options_.pick(i) : system_pick(i);
            std::swap(stores[i - 1], stores[std::min(picked, i - 1)]);
        }
        return stores;
    }

    // True when the file has all its copies.
    bool hand_over(Waiting waiting, SyncProgress& progress) {
        SealedFile& file = waiting.file;
        const StudyFiles& one = *waiting.one;
        if (file.study_tag.empty()) {
            if (auto done = outbox_.record_study(file.hash, one.study->study_tag); !done) {
                report(Kind::own_file, file.hash, "", done.error());
            }
        }
        progress.hash = file.hash;
        bool checked = false;
        for (const Store* store : in_random_order(*one.study)) {
            if (copies_in(file.handed_over) >= one.study->copies || stopped()) break;
            if (has(file, *store)) continue;
            Transport* transport = transport_for_files(*store);
            if (transport == nullptr) continue;
            if (!checked && !check(file)) return false;
            checked = true;
            progress.hash = file.hash;
            put(waiting, *store, *transport, progress);
        }
        return copies_in(file.handed_over) >= one.study->copies;
    }

    // Brings the file's name to what the disk holds now; false when it can't be read.
    bool check(SealedFile& file) {
        auto now = outbox_.check(file.hash);
        if (!now) {
            report(Kind::own_file, file.hash, "", now.error());
            return false;
        }
        if (*now != file.hash) {
            report(Kind::rotten, file.hash, "", std::monostate{});
            file.hash = *now;
            file.handed_over.clear();
        }
        return true;
    }

    void put(Waiting& waiting, const Store& store, Transport& transport, SyncProgress& progress) {
        SealedFile& file = waiting.file;
        const std::uint64_t sent_before = progress.bytes_sent;
        const Watch watch{[&](std::uint64_t done, std::uint64_t total) {
                              progress.bytes_done = done;
                              progress.bytes_sent = sent_before + done;
                              progress.bytes_total = total;
                              if (options_.on_progress) options_.on_progress(progress);
                          },
                          options_.stop};
        for (int resend = 0; resend <= most_resends; ++resend) {
            const std::string name = batch_name(waiting.one->study->study_tag, file.day, file.hash, resend);
            // Said to be taken twice, and of no use to anybody: something else may stand there.
            if (resend < most_resends && waiting.doubted.contains({store.address, name})) continue;
            const auto outcome = transport.put(name, outbox_.path_of(file.hash), watch);
            if (!outcome) {
                if (stops_puts_only(outcome.error().fault)) {
                    takes_nothing_.insert(store);
                    if (!took_.contains(store)) answered_.erase(store);
                    tell_instead(store, outcome.error());
                } else {
                    report_transport(file.hash, store, outcome.error());
                }
                return;
            }
            has_answered(store);
            took_.insert(store);
            // What it lists in another size, and shows to nobody, is not the file.
            // Where even a second name is listed so, it is the store that counts otherwise.
            const auto cut_here =
                std::ranges::count(waiting.cut, store.address, &std::pair<std::string, std::string>::first);
            const bool is_cut = *outcome == PutOutcome::taken && cut_here < most_cut &&
                                waiting.cut.contains({store.address, name});
            if (*outcome == PutOutcome::other_content || is_cut) {
                report(Kind::other_content, file.hash, store.address, std::monostate{});
                continue;
            }
            const bool was_not_there =
                *outcome == PutOutcome::stored || *outcome == PutOutcome::stored_unguarded;
            if (was_not_there && waiting.lost.contains({store.address, name}) &&
                lost_.insert(store.address).second)
                report(Kind::lost, "", store.address, std::monostate{});
            if (*outcome == PutOutcome::stored_unguarded && unguarded_.insert(store.address).second)
                report(Kind::unguarded, "", store.address, std::monostate{});
            file.handed_over.push_back({store.address, name, options_.today});
            ++summary_.handed_over;
            if (auto done = outbox_.record_hand_over(file.hash, file.handed_over.back()); !done) {
                report(Kind::own_file, file.hash, "", done.error());
            }
            return;
        }
    }

    struct Fetched {
        crypto::Bytes bytes;
        std::uint64_t counter = 0;  // 0 when it does not open: those are only reported
        std::string store;
    };

    // Receipts of all stores are taken together and by counter: two stores may offer them in another order,
    // and a lower counter after a higher one counts as replayed.
    void read_receipts(StudyFiles& one) {
        std::vector<Fetched> fetched;
        std::map<std::string, ReceiptPlace> places;
        for (const Store& store : one.study->stores) {
            Transport* transport = transport_of(store);
            if (transport == nullptr) continue;
            if (auto place = fetch(one, store, *transport, fetched))
                places[store.address] = std::move(*place);
        }
        std::stable_sort(fetched.begin(), fetched.end(), [](const Fetched& left, const Fetched& right) {
            return left.counter < right.counter;
        });
        for (const Fetched& file : fetched) {
            const auto taken = one.book.take(file.bytes, options_.today);
            if (taken) {
                ++summary_.receipts;
            } else if (taken.error().why == Refusal::not_stored) {
                report(Kind::own_file, "", "",
                       OutboxError{OutboxError::Kind::failed, "receipts", "a receipt could not be written"});
                return;  // asked for again in the next pass
            } else if (taken.error().why == Refusal::replayed) {
                report(Kind::replayed, "", file.store, std::monostate{});
            } else if (taken.error().why == Refusal::not_ours) {
                report(Kind::receipt, "", file.store, taken.error().error.value_or(ReceiptError::malformed));
            }
        }
        for (const auto& [store, place] : places) {
            if (place == one.book.place_in(store)) continue;
            if (auto done = one.book.set_place(store, place); !done) {
                report(Kind::own_file, "", "", done.error());
            }
        }
    }

    // Adds what is new, and answers how far the store has been read; nothing when it gave nothing to go by.
    std::optional<ReceiptPlace> fetch(const StudyFiles& one, const Store& store, Transport& transport,
                                      std::vector<Fetched>& fetched) {
        const std::string tag = device_tag(one.study->receipt_key);
        const auto read = [&](std::uint32_t number, const Deadline& deadline) {
            auto bytes = get_bytes(transport, receipt_name(one.study->study_tag, tag, number),
                                   max_receipt_file, {{}, deadline.token()});
            if (bytes || bytes.error().fault == Fault::not_found) has_answered(store);
            return bytes;
        };
        const auto tell_of = [&](const TransportError& error, const Deadline& deadline) {
            if (deadline.is_over())
                give_up(store, too_slow(store, "its receipts take too long"));
            else
                report_transport("", store, error);
        };
        // A store that was emptied, or another stick at the same place, begins with the first one again. Some
        // deny what is not there, and some what they have put away: then what follows it says which.
        ReceiptPlace place = one.book.place_in(store.address);
        const bool was_read = place.next > 1;
        if (was_read) {
            const Deadline deadline(options_.longest_reading, options_.stop);
            const auto last = read(place.next - 1, deadline);
            const bool is_there = last || last.error().fault == Fault::too_large;
            const bool denied = !is_there && (last.error().fault == Fault::not_permitted ||
                                              last.error().fault == Fault::failed);
            if (!is_there && !denied && last.error().fault != Fault::not_found) {
                tell_of(last.error(), deadline);
                return std::nullopt;
            }
            const bool as_it_was =
                is_there ? file_of(last) == place.last : denied && read(place.next, deadline).has_value();
            if (!as_it_was) place = {};
        }
        const Deadline deadline(options_.longest_reading, options_.stop);
        const std::uint32_t first = place.next;
        for (int junk = 0; place.next < first + most_receipts && junk < most_junk && !stopped();
             ++place.next) {
            auto bytes = read(place.next, deadline);
            if (!bytes && bytes.error().fault == Fault::not_found) break;
            if (!bytes && bytes.error().fault != Fault::too_large) {
                const bool put_away = was_read && bytes.error().fault == Fault::not_permitted;
                if (!put_away) tell_of(bytes.error(), deadline);
                if (place.next == first) return std::nullopt;
                break;
            }
            place.last = file_of(bytes);
            if (!bytes) {
                report(Kind::receipt, "", store.address, ReceiptError::too_large);
                ++junk;
                continue;
            }
            const auto receipt = open_receipt(*bytes, *one.study);
            if (is_junk(receipt)) ++junk;
            fetched.push_back({std::move(*bytes), receipt ? receipt->counter : 0, store.address});
        }
        return place;
    }

    // Takes what is forgotten out of `files`.
    void forget_all(std::vector<SealedFile>& files) {
        if (!options_.vault_agrees) return;
        std::set<FileHash> gone;
        for (const SealedFile& file : files) {
            StudyFiles* one = files_of(file);
            if (one == nullptr || !one->book.may_forget(file, options_.today)) continue;
            if (!options_.vault_agrees(file)) continue;
            note_confirmed(file, *one);
            if (summary_.forgotten == options_.most_forgotten) {
                report(Kind::too_many, "", "", std::monostate{});
                break;
            }
            if (auto done = outbox_.forget(file.hash); !done) {
                report(Kind::own_file, file.hash, "", done.error());
            } else {
                ++summary_.forgotten;
                gone.insert(file.hash);
            }
        }
        std::erase_if(files, [&](const SealedFile& file) { return gone.contains(file.hash); });
    }

    // A store that drops everything from the first day, and lists nothing, is noticed by nothing else.
    void tell_of_silence(const std::vector<SealedFile>& files) {
        for (const SealedFile& file : files) {
            const StudyFiles* one = file.handed_over.empty() ? nullptr : files_of(file);
            if (one == nullptr || one->study->receipt_signers.empty() || one->book.knows(file.hash)) continue;
            for (const HandOver& had : file.handed_over) {
                if (!had.day || *had.day > options_.today) continue;
                const auto days = static_cast<int>((options_.today - *had.day).count());
                summary_.silent_days = std::max(summary_.silent_days, days);
            }
        }
    }

    Outbox& outbox_;
    const SyncConfig& config_;
    const SyncOptions& options_;
    std::vector<StudyFiles> studies_;
    // Two studies may have one address and credentials of their own.
    std::map<Store, std::unique_ptr<Transport>> transports_;
    std::map<Store, TransportError> problems_;
    std::set<Store> broken_;           // not asked any more
    std::set<Store> takes_nothing_;    // not asked to take a file
    std::vector<SealedFile> settled_;  // with notes that this pass does not change
    std::set<Store> resting_, answered_, took_;
    std::set<std::string> unguarded_, lost_;                                      // by address
    std::map<std::pair<std::string, std::string>, std::optional<Names>> listed_;  // by address and study tag
    SyncSummary summary_;
};

}  // namespace

SyncSummary sync_once(Outbox& outbox, const SyncConfig& config, const SyncOptions& options) {
    return Pass(outbox, config, options).run();
}

OutboxResult<SyncCounts> count_files(const Outbox& outbox, const SyncConfig& config) {
    const auto sealed = outbox.sealed();
    if (!sealed) return tl::unexpected(sealed.error());
    std::vector<StudyFiles> studies;
    for (const StudySync& study : config.studies) {
        auto book = ReceiptBook::load(outbox, study);
        if (!book) return tl::unexpected(book.error());
        studies.push_back({&study, std::move(*book)});
    }
    SyncCounts counts = counts_of(*sealed, studies);
    counts.forgotten = outbox.forgotten();
    return counts;
}

}  // namespace fieldfare::sync
