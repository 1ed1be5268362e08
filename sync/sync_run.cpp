#include "sync/sync_run.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "sync/copy_check.h"
#include "sync/file_copies.h"
#include "sync/file_study.h"
#include "sync/pass_stores.h"
#include "sync/receipt_book.h"
#include "sync/receipt_fetch.h"

namespace fieldfare::sync {

namespace {

constexpr std::uint64_t short_file = 1024 * 1024;  // answers; photos and films are longer

// A study's files and what the receipts say of them.
struct StudyFiles {
    const StudySync* study;
    ReceiptBook book;
    bool readable = true;  // the book; else it says nothing of any file
};

// A receipt names the file itself, so it needs no note of the study to find it.
bool is_confirmed(const FileHash& file, const std::vector<StudyFiles>& studies) {
    return std::ranges::any_of(
        studies, [&](const StudyFiles& one) { return one.book.confirmation(file).enough_since.has_value(); });
}

SyncCounts counts_of(const std::vector<SealedFile>& files, const std::vector<StudyFiles>& studies,
                     const SyncConfig& config) {
    SyncCounts counts;
    for (const SealedFile& file : files) {
        if (file.held) continue;
        if (file.earlier) ++counts.earlier;
        if (is_confirmed(file.hash, studies))
            ++counts.confirmed;
        else if (is_handed_over(file, config))
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
        if (auto sealed = outbox_.sealed()) {
            load_books();
            hand_over_all(std::move(*sealed));
            read_receipts();
            look_at_the_end();
        } else {
            report(Kind::own_file, "", "", sealed.error());
        }
        summary_.studies = config_.studies.size();
        summary_.cancelled = options_.stop.stop_requested();
        summary_.stores = stores_.news();
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

    /// What this pass knows of a file, and the disk took no note of.
    struct Unnoted {
        std::string study_tag = {};  ///< empty: its note says it
        std::vector<HandOver> handed_over = {};
    };

    bool stopped() const { return options_.stop.stop_requested(); }

    template <typename Problem>
    void report(Kind kind, const FileHash& file, const std::string& store, Problem problem) {
        summary_.findings.push_back({kind, file, store, std::move(problem)});
    }

    void load_books() {
        for (const StudySync& study : config_.studies) {
            auto book = ReceiptBook::load(outbox_, study);
            if (!book) report(Kind::own_file, "", "", book.error());
            const bool readable = book.has_value();
            studies_.push_back(
                {&study, readable ? std::move(*book) : ReceiptBook::empty(outbox_, study), readable});
        }
    }

    // Once a pass.
    void read_receipts() {
        for (StudyFiles& one : studies_) {
            if (stopped() || receipts_read_) break;
            if (one.readable)
                summary_.receipts +=
                    fetch_receipts(*one.study, one.book, stores_, options_, summary_.findings);
        }
        receipts_read_ = true;
    }

    // Null: of no study here.
    OutboxResult<StudyFiles*> study_files(const SealedFile& file) {
        const auto study = study_of(file, outbox_, config_);
        if (!study) return tl::unexpected(study.error());
        const auto found = std::find_if(studies_.begin(), studies_.end(),
                                        [&](const StudyFiles& one) { return one.study == *study; });
        return found == studies_.end() ? nullptr : &*found;
    }
    // The same where nobody knows.
    StudyFiles* files_of(const SealedFile& file) { return study_files(file).value_or(nullptr); }

    static bool has(const SealedFile& file, const Store& store) {
        return std::any_of(file.handed_over.begin(), file.handed_over.end(),
                           [&](const HandOver& one) { return one.store == store.address; });
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

    // What no store has taken yet needs no list: a store that is slow to list holds up nothing of it. Only
    // what is long waits for the lists, since on a line that breaks under it nothing would come after it; and
    // what stores have lost, since their lists say so.
    void hand_over_all(std::vector<SealedFile> sealed) {
        note_confirmed(sealed);
        std::vector<Waiting> short_ones, others;
        std::vector<std::pair<SealedFile, StudyFiles*>> noted;  // to be somewhere
        for (SealedFile& file : sealed) {
            OutboxResult<StudyFiles*> of = nullptr;
            if (!file.held) of = study_files(file);
            StudyFiles* one = of.value_or(nullptr);
            if (one == nullptr) {
                if (!of)
                    report_own(file, of.error());
                else if (!file.held)
                    report(Kind::unknown_study, file.hash, "", std::monostate{});
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
        // A researcher may have put away what has been confirmed since.
        if (!noted.empty()) read_receipts();
        std::vector<Waiting> again = lacking_copies(std::move(noted));
        count(again, progress);
        std::ranges::move(again, std::back_inserter(others));
        hand_over(std::move(others), progress);
    }

    // What is not in as many stores as it should be, as far as they tell.
    std::vector<Waiting> lacking_copies(std::vector<std::pair<SealedFile, StudyFiles*>> noted) {
        std::vector<Waiting> waiting;
        for (const auto& [file, one] : noted) copies_.expect(file);
        for (auto& [file, one] : noted) {
            if (one->book.confirmation(file.hash).enough_since) {
                settled_.push_back(std::move(file));
                continue;
            }
            Waiting lacks{.file = {}, .one = one};
            std::vector<HandOver> good;
            for (HandOver& had : file.handed_over) {
                const bool unlisted = had.unlisted;
                const Copy copy = copies_.look(had, file, *one->study, one->book);
                if (had.unlisted != unlisted) note_listing(file, had);
                if (copy == Copy::missing && !unlisted) tell_of_loss(had.store);
                if (copy == Copy::doubtful && had.times > 1) lacks.doubted.insert({had.store, had.name});
                if (copy == Copy::cut) lacks.cut.insert({had.store, had.name});
                if (copy == Copy::there)
                    good.push_back(had);
                else
                    lacks.lost.insert({had.store, had.name});
            }
            if (copies_in(good) >= one->study->copies) {
                settled_.push_back(std::move(file));
                continue;
            }
            lacks.file = std::move(file);
            lacks.file.handed_over = std::move(good);
            waiting.push_back(std::move(lacks));
        }
        return waiting;
    }

    // Once a pass.
    void tell_of_loss(const std::string& store) {
        if (lost_.insert(store).second) report(Kind::lost, "", store, std::monostate{});
    }

    void note_listing(const SealedFile& file, const HandOver& had) {
        if (auto done = outbox_.record_listing(file.hash, had); !done && !is_gone(file, done.error()))
            report(Kind::own_file, file.hash, "", done.error());
    }

    // Another pass beside this one has forgotten it.
    bool is_gone(const SealedFile& file, const OutboxError& error) const {
        return error.kind == OutboxError::Kind::missing &&
               error.path == outbox_.path_of(file.hash).filename();
    }

    // Each file of a medium that was pulled out would say the same.
    void report_own(const SealedFile& file, const OutboxError& error) {
        if (is_gone(file, error)) return;
        const bool was_there = outbox_there_;
        if (error.path == outbox_.folder().filename()) outbox_there_ = false;
        if (outbox_there_)
            report(Kind::own_file, file.hash, "", error);
        else if (was_there)
            report(Kind::own_file, "", "", error);
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
            if (stopped() || !outbox_there_) return;
            const std::size_t before = summary_.handed_over;
            if (hand_over(std::move(each), progress)) --summary_.still_waiting;
            ++progress.file;
            if (summary_.handed_over > before) ++progress.taken;
            progress.bytes_done = progress.bytes_total = 0;
            if (options_.on_progress) options_.on_progress(progress);
        }
    }

    // True when the file has all its copies.
    bool hand_over(Waiting waiting, SyncProgress& progress) {
        SealedFile& file = waiting.file;
        const StudyFiles& one = *waiting.one;
        if (file.study_tag.empty()) {
            if (auto done = outbox_.record_study(file.hash, one.study->study_tag);
                !done && !is_gone(file, done.error())) {
                report(Kind::own_file, file.hash, "", done.error());
                unnoted_[file.hash].study_tag = one.study->study_tag;
            }
        }
        progress.hash = file.hash;
        bool checked = false;
        for (const Store* store : stores_.in_random_order(*one.study)) {
            if (copies_in(file.handed_over) >= one.study->copies || stopped()) break;
            if (has(file, *store)) continue;
            Transport* transport = stores_.transport_for_files(*store);
            if (transport == nullptr) continue;
            if (!checked) {
                if (const auto whole = check(file); !whole) {
                    report_own(file, whole.error());
                    return is_gone(file, whole.error());
                }
            }
            checked = true;
            progress.hash = file.hash;
            if (!put(waiting, *store, *transport, progress)) return true;
        }
        return copies_in(file.handed_over) >= one.study->copies;
    }

    // Brings the file's name to what the disk holds now.
    OutboxResult<void> check(SealedFile& file) {
        auto now = outbox_.check(file.hash);
        if (!now) return tl::unexpected(now.error());
        if (*now != file.hash) {
            report(Kind::rotten, file.hash, "", std::monostate{});
            file.hash = *now;
            file.handed_over.clear();
        }
        return {};
    }

    // False when another pass beside this one has forgotten the file meanwhile.
    bool put(Waiting& waiting, const Store& store, Transport& transport, SyncProgress& progress) {
        SealedFile& file = waiting.file;
        const std::uint64_t sent_before = progress.bytes_sent;
        const Watch watch{[&](std::uint64_t done, std::uint64_t total) {
                              progress.bytes_done = done;
                              // What begins anew over a line that broke has been sent all the same.
                              progress.bytes_sent = std::max(progress.bytes_sent, sent_before + done);
                              progress.bytes_total = total;
                              if (options_.on_progress) options_.on_progress(progress);
                          },
                          options_.stop};
        bool other_content = false;
        for (int resend = 0; resend <= most_resends; ++resend) {
            const std::string name = batch_name(waiting.one->study->study_tag, file.day, file.hash, resend);
            // Said to be taken twice, and of no use to anybody: something else may stand there.
            if (resend < most_resends && waiting.doubted.contains({store.address, name})) continue;
            const auto begun = now();
            const auto outcome = transport.put(name, outbox_.path_of(file.hash), watch);
            if (!outcome) return was_not_taken(file, store, outcome.error(), now() - begun);
            // What it lists in another size, and shows to nobody, is not the file.
            const bool is_cut = *outcome == PutOutcome::taken && waiting.cut.contains({store.address, name});
            if (*outcome == PutOutcome::other_content || is_cut) {
                other_content = true;
                if (!stores_.may_go_on(store, now() - begun)) return true;
                continue;
            }
            stores_.has_taken(store);
            if (other_content) report(Kind::other_content, file.hash, store.address, std::monostate{});
            const bool was_not_there =
                *outcome == PutOutcome::stored || *outcome == PutOutcome::stored_unguarded;
            if (was_not_there && waiting.lost.contains({store.address, name})) tell_of_loss(store.address);
            if (*outcome == PutOutcome::stored_unguarded && unguarded_.insert(store.address).second)
                report(Kind::unguarded, "", store.address, std::monostate{});
            file.handed_over.push_back({store.address, name, options_.today});
            ++summary_.handed_over;
            if (auto done = outbox_.record_hand_over(file.hash, file.handed_over.back());
                !done && !is_gone(file, done.error())) {
                report(Kind::own_file, file.hash, "", done.error());
                unnoted_[file.hash].handed_over.push_back(file.handed_over.back());
            }
            return true;
        }
        stores_.put_failed(file.hash, store,
                           {Fault::failed, store.address, "it has something else under each name of the file",
                            std::nullopt});
        return true;
    }

    // The answer is put()'s.
    bool was_not_taken(const SealedFile& file, const Store& store, const TransportError& error,
                       std::chrono::nanoseconds took) {
        if (error.fault == Fault::unreadable) {
            const auto still = outbox_.find(file.hash);
            if (!still && is_gone(file, still.error())) return false;
        }
        stores_.put_failed(file.hash, store, error);
        const bool refused = error.fault == Fault::too_large || error.fault == Fault::failed;
        if (refused) stores_.may_go_on(store, took);
        return true;
    }

    std::chrono::steady_clock::time_point now() const {
        return options_.clock ? options_.clock() : std::chrono::steady_clock::now();
    }

    // With 100,000 files each look at all their notes takes seconds, so those are read again that this pass
    // has worked on, and no others.
    void look_at_the_end() {
        auto files = outbox_.sealed(std::move(settled_));
        if (!files) {
            if (outbox_there_) report(Kind::own_file, "", "", files.error());
            return;
        }
        // What this pass has seen counts, whether or not the disk takes a note of it.
        for (SealedFile& file : *files) {
            const auto seen = unnoted_.find(file.hash);
            if (seen == unnoted_.end()) continue;
            if (file.study_tag.empty()) file.study_tag = seen->second.study_tag;
            std::ranges::copy(seen->second.handed_over, std::back_inserter(file.handed_over));
        }
        if (!stopped()) forget_all(*files);
        tell_of_silence(*files);
        // What is confirmed would be told as handed over.
        if (!std::ranges::all_of(studies_, &StudyFiles::readable)) return;
        summary_.counted = true;
        summary_.counts = counts_of(*files, studies_, config_);
        summary_.counts.forgotten = outbox_.forgotten();
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
            if (one == nullptr || !one->readable || file.earlier) continue;
            if (one->study->receipt_signers.empty() || one->book.knows(file.hash)) continue;
            const auto first = first_handed_over(file);
            if (!first || *first > options_.today) continue;
            // By a clock that was behind then it was handed over before it was there.
            const auto since = std::max(*first, file.day);
            summary_.silent_days =
                std::max(summary_.silent_days, static_cast<int>((options_.today - since).count()));
        }
    }

    Outbox& outbox_;
    const SyncConfig& config_;
    const SyncOptions& options_;
    SyncSummary summary_;
    std::vector<StudyFiles> studies_;
    std::map<FileHash, Unnoted> unnoted_;
    std::vector<SealedFile> settled_;  // with notes that this pass does not change
    bool outbox_there_ = true, receipts_read_ = false;
    std::set<std::string> unguarded_, lost_;  // by address
    PassStores stores_{outbox_, config_, options_, summary_.findings};
    CopyCheck copies_{stores_, options_};
};

}  // namespace

SyncSummary sync_once(Outbox& outbox, const SyncConfig& config, const SyncOptions& options) {
    return Pass(outbox, config, options).run();
}

}  // namespace fieldfare::sync
