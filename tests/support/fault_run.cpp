#include "tests/support/fault_run.h"

#include <algorithm>
#include <sstream>

namespace fieldfare::test {
namespace {

// What a request may need beside a body: its headers, TLS, and of an upload the look at a name that is taken.
constexpr std::uint64_t around_a_put = 16 * 1024, around_another = 8 * 1024;

std::uint64_t with_tls(std::uint64_t body) {
    return body + body / 100;
}

std::string drawn_tag(Dice& dice) {
    std::string tag;
    for (int i = 0; i < 12; ++i) tag += "abcdefghijkmnpqrstuvwxyz23456789"[dice.below(32)];
    return tag;
}

std::string text_of(const std::vector<sync::SyncFinding>& findings) {
    std::ostringstream out;
    for (const sync::SyncFinding& finding : findings) {
        out << "\n  finding " << static_cast<int>(finding.kind) << " " << finding.file.substr(0, 8) << " "
            << finding.store;
        if (const auto* error = std::get_if<sync::TransportError>(&finding.problem))
            out << ": fault " << static_cast<int>(error->fault) << " " << error->detail;
    }
    return out.str();
}

std::string drawn_content(Dice& dice) {
    const std::size_t kind = dice.below(10);
    const std::size_t most = kind < 6 ? 20'000 : kind < 9 ? 120'000 : 400'000;
    std::string content(1 + dice.below(most), '\0');
    for (std::size_t i = 0; i < content.size(); i += 64) content[i] = static_cast<char>(dice.below(256));
    // No two are the same, however short they are.
    return content + std::to_string(dice.below(1'000'000'000)) + std::to_string(dice.below(1'000'000'000));
}

}  // namespace

const std::set<std::string> all_faults{"another certificate",
                                       "busy",
                                       "clock hours off",
                                       "cut",
                                       "delay",
                                       "disk full",
                                       "file lost",
                                       "file lost unseen",
                                       "half-close",
                                       "jitter",
                                       "medium pulled out",
                                       "name poisoned",
                                       "name taken unseen",
                                       "portal page",
                                       "rate",
                                       "redirect",
                                       "reply swallowed",
                                       "reset",
                                       "server killed",
                                       "silence",
                                       "something else in its place",
                                       "stopped by the person"};

std::string FaultFigures::text() const {
    std::ostringstream out;
    out << runs << " runs, " << passes << " passes, " << files << " files, " << puts << " puts, "
        << acknowledged << " taken, " << forgotten << " forgotten; over lines " << bytes_sent << " bytes for "
        << bytes_taken << " that were taken there;";
    for (const auto& [fault, times] : faults) out << " " << fault << " " << times << ",";
    std::string text = out.str();
    text.back() = '.';
    return text;
}

FaultRun::FaultRun(std::uint64_t seed, WebDrop& web, S3Drop& s3, SshDrop* ssh)
    : seed_(seed), dice_(seed), order_(seed + 1'000'000'000), tag_(drawn_tag(dice_)) {
    make_places(web, s3, ssh);
    std::vector<sync::Store> stores;
    for (const auto& place : places_) stores.push_back(place->store());
    device_ = std::make_unique<OutboxDevice>(stores);
    sync::StudySync& study = device_->study();
    study.study_tag = tag_;
    study.copies = static_cast<std::uint8_t>(1 + dice_.below(places_.size()));
    study.quorum = static_cast<std::uint8_t>(1 + dice_.below(2));
    study.hold_days = static_cast<std::uint16_t>(dice_.below(8));
    device_->options.pick = [this](std::size_t below) { return order_.below(below); };
    device_->options.open = [this](const sync::Store& store) {
        const auto place =
            std::ranges::find_if(places_, [&](const auto& each) { return each->store() == store; });
        return (*place)->open();
    };
    // One run in five has fewer researchers at work than a device waits for.
    const std::size_t at_work = dice_.one_in(5) ? study.quorum - 1U : study.quorum + dice_.below(2);
    for (std::size_t who = 1; who <= at_work; ++who) signers_.insert(static_cast<std::uint8_t>(who));
    for (std::size_t i = 1 + dice_.below(5); i > 0; --i) {
        File file;
        file.content = drawn_content(dice_);
        const std::string hash = sha256_of(file.content);
        if (dice_.one_in(6)) poison(file, hash);
        CHECK(device_->seal(file.content) == hash);
        files_.emplace(hash, std::move(file));
    }
}

void FaultRun::make_places(WebDrop& web, S3Drop& s3, SshDrop* ssh) {
    std::vector<int> kinds{0, 1, 2, 5};
    if (ssh != nullptr) kinds = {0, 1, 2, 3, 4, 5};
    for (std::size_t i = 1 + dice_.below(3); i > 0; --i) {
        const auto picked = kinds.begin() + static_cast<std::ptrdiff_t>(dice_.below(kinds.size()));
        switch (*picked) {
            case 0:
                places_.push_back(hardened_place(web, tag_));
                break;
            case 1:
                places_.push_back(open_place(web, tag_));
                break;
            case 2:
                places_.push_back(folder_place(tag_));
                break;
            case 3:
                places_.push_back(sftp_place(*ssh, tag_));
                break;
            case 4:
                places_.push_back(hardened_sftp_place(*ssh, tag_));
                break;
            default:
                clock_is_off_ = dice_.one_in(2);
                places_.push_back(bucket_place(s3, tag_, clock_is_off_));
        }
        kinds.erase(picked);
    }
}

void FaultRun::poison(File& file, const std::string& hash) {
    FaultPlace& place = *places_[dice_.below(places_.size())];
    place.put_by_another(sync::batch_name(tag_, day(1), hash), "another's, under " + hash);
    file.poisoned.insert(&place);
}

// One of the files that it has, as they should be.
bool FaultRun::loses_one(FaultPlace& place, Dice& dice) {
    std::vector<std::pair<std::string, std::string>> whole;  // name and hash
    for (const auto& [name, content] : place.objects())
        if (const std::string hash = sha256_of(content); files_.contains(hash))
            whole.emplace_back(name, hash);
    if (whole.empty()) return false;
    const auto& [name, hash] = dice.of(whole);
    place.lose(name);
    files_.at(hash).lost = true;
    for (Errands::Put& put : place.errands.puts)
        if (put.hash == hash) put.lost = true;
    return true;
}

void FaultRun::go(FaultFigures& figures) {
    for (std::size_t i = 1 + dice_.below(4); i > 0; --i) {
        pass(true, figures);
        if (dice_.one_in(2)) sign_receipts();
    }
    // As soon as nothing goes wrong any more, one pass is enough.
    pass(false, figures);
    CHECK_MESSAGE(waiting_ == 0, told_);
    check_stores();
    sign_receipts();
    day_ += static_cast<int>(dice_.below(4));
    for (std::size_t i = dice_.below(3); i > 0; --i) pass(true, figures);
    pass(false, figures);
    day_ += device_->study().hold_days;
    pass(false, figures);
    CHECK_MESSAGE(waiting_ == 0, told_);
    for (const auto& [hash, file] : files_) {
        CAPTURE(hash);
        CHECK(file.gone == (file.enough_since != 0));
    }
    check_stores();
    check_errands();
    check_lines();
    count(figures);
    check_what_is_nowhere(figures);
}

void FaultRun::pass(bool faulty, FaultFigures& figures) {
    ++passes_;
    Dice dice(seed_ * 1000 + static_cast<std::uint64_t>(passes_));
    std::stop_source stop;
    int left = -1;
    for (const auto& place : places_) {
        place->errands.pass = passes_;
        if (faulty && dice.one_in(5) && loses_one(*place, dice)) ++figures.faults["file lost"];
        if (faulty && !dice.one_in(4)) ++figures.faults[place->goes_wrong(dice)];
    }
    if (faulty && dice.one_in(8)) {
        left = static_cast<int>(dice.below(6));
        ++figures.faults["stopped by the person"];
    }
    device_->options.stop = stop.get_token();
    device_->options.on_progress = [&](const sync::SyncProgress&) {
        if (left >= 0 && left-- == 0) stop.request_stop();
    };
    const auto summary = device_->sync(day(day_));
    device_->options.on_progress = {};
    for (const auto& place : places_) place->goes_well();
    waiting_ = summary.still_waiting;
    told_ = text_of(summary.findings);
    figures.forgotten += summary.forgotten;
    see_what_is_gone();
}

std::set<std::string> FaultRun::arrived() {
    std::set<std::string> hashes;
    for (const auto& place : places_)
        for (const auto& [name, content] : place->objects()) hashes.insert(sha256_of(content));
    return hashes;
}

// Each who is at work confirms what has arrived, once; sometimes not yet all of it, sometimes with a refusal
// first.
void FaultRun::sign_receipts() {
    const auto there = arrived();
    for (const std::uint8_t who : signers_) {
        for (auto& [hash, file] : files_) {
            const bool waits = dice_.one_in(4), refuses = dice_.one_in(8);
            if (waits || !there.contains(hash) || file.accepted_by.contains(who)) continue;
            const auto verdict = refuses ? sync::Verdict::quarantined : sync::Verdict::accepted;
            const auto receipt = device_->receipt_for(hash, ++counter_, verdict);
            put_receipt(*sync::make_receipt(receipt, researcher(who), device_->study().receipt_key));
            if (!refuses) file.accepted_by.insert(who);
            if (file.enough_since == 0 && file.accepted_by.size() >= device_->study().quorum)
                file.enough_since = day_;
        }
    }
    for (const auto& [hash, file] : files_) {
        if (!dice_.one_in(10)) continue;  // whom nobody has certified
        const auto receipt = device_->receipt_for(hash, ++counter_);
        put_receipt(*sync::make_receipt(receipt, researcher(9), device_->study().receipt_key));
    }
}

// As "fetch" does: into every store, in the order in which they were made.
void FaultRun::put_receipt(const crypto::Bytes& receipt) {
    const std::string device = sync::device_tag(device_->study().receipt_key);
    ++receipts_;
    for (const auto& place : places_)
        place->put_by_another(sync::receipt_name(tag_, device, receipts_), text(receipt));
}

void FaultRun::see_what_is_gone() {
    for (auto& [hash, file] : files_) {
        if (file.gone || device_->has(hash)) continue;
        CAPTURE(hash);
        file.gone = true;
        CHECK(file.accepted_by.size() >= device_->study().quorum);
        CHECK(file.enough_since != 0);
        CHECK(day_ >= file.enough_since + device_->study().hold_days);
    }
}

// Every file whole, once, in each store that took it; and nothing else.
void FaultRun::check_stores() {
    for (const auto& place : places_) {
        CAPTURE(place->store().address);
        std::map<std::string, int> times;
        for (const auto& [name, content] : place->objects()) {
            if (name.ends_with(".receipt")) continue;
            CAPTURE(name);
            const std::string hash = sha256_of(content);
            ++times[hash];
            const auto parsed = sync::parse_batch_name(name);
            REQUIRE(parsed);
            const auto promised = files_.find(parsed->hash);
            REQUIRE(promised != files_.end());
            if (!promised->second.poisoned.contains(place.get()) || content == promised->second.content)
                CHECK(parsed->hash == hash);
        }
        for (const auto& [hash, file] : files_) {
            CAPTURE(hash);
            const auto& puts = place->errands.puts;
            const bool took = std::ranges::any_of(
                puts, [&](const auto& put) { return put.hash == hash && put.acknowledged && !put.lost; });
            // A store that shows nothing says that it has a name, and not what: the device keeps the file.
            if (file.poisoned.contains(place.get()) && !place->shows_files()) continue;
            CHECK(times[hash] <= 1);
            if (took) CHECK(times[hash] == 1);
        }
    }
    const auto there = arrived();
    for (const auto& [hash, file] : files_) {
        CAPTURE(hash);
        const bool researchers_have_it = file.lost && file.enough_since != 0;
        CHECK((there.contains(hash) || device_->has(hash) || researchers_have_it));
    }
}

// Nothing is sent again that a store has acknowledged and has, nothing goes to more stores than it must, no
// store is asked again in a pass in which it has failed, and none gets a file twice in a pass.
void FaultRun::check_errands() {
    std::map<std::string, std::size_t> copies;
    for (const auto& place : places_) {
        CAPTURE(place->store().address);
        CHECK(place->errands.after_a_fault == 0);
        std::set<std::string> taken;
        std::set<std::pair<std::string, int>> offered;
        for (const Errands::Put& put : place->errands.puts) {
            CAPTURE(put.hash);
            CHECK_FALSE(taken.contains(put.hash));
            if (!put.other_content) CHECK(offered.insert({put.hash, put.pass}).second);
            if (!put.acknowledged || put.lost) continue;
            taken.insert(put.hash);
            ++copies[put.hash];
        }
    }
    for (const auto& [hash, file] : files_) {
        CAPTURE(hash);
        CHECK(copies[hash] <= device_->study().copies);
        CHECK((copies[hash] == device_->study().copies || file.enough_since != 0 || file.lost));
    }
}

// A line carries each file that is put once, and once more only where it broke under it, or for the first
// file of a pass at a store that refuses this machine's clock: that is signed anew.
void FaultRun::check_lines() {
    std::uint64_t longest = 0;
    for (const auto& [hash, file] : files_) longest = std::max<std::uint64_t>(longest, file.content.size());
    for (const auto& place : places_) {
        if (place->line() == nullptr) continue;
        CAPTURE(place->store().address);
        std::uint64_t most = place->errands.others * around_another;
        for (const Errands::Put& put : place->errands.puts) most += with_tls(put.size) + around_a_put;
        std::set<int> passes;
        if (place->refuses_the_clock())
            for (const Errands::Put& put : place->errands.puts) passes.insert(put.pass);
        const auto again = static_cast<std::uint64_t>(place->line()->broken()) + passes.size();
        most += again * (with_tls(longest) + around_a_put);
        CHECK(place->line()->bytes_up() <= most);
    }
}

// Whether a store said that it has it, without showing that it is another's.
bool FaultRun::has_one_hidden(const std::string& hash) const {
    return std::ranges::any_of(places_, [&](const auto& place) {
        return files_.at(hash).poisoned.contains(place.get()) && !place->shows_files() &&
               std::ranges::any_of(place->errands.puts,
                                   [&](const auto& put) { return put.hash == hash && put.acknowledged; });
    });
}

// Researchers go on and say nothing of a file whose name is taken where nobody may look: it is offered under
// that name once more, and then comes to be there under the next one, or in another store. What a store has
// lost where nobody may look comes to be there again as well.
void FaultRun::check_what_is_nowhere(FaultFigures& figures) {
    std::vector<std::string> hidden, lost;
    const auto before = arrived();
    for (const auto& [hash, file] : files_) {
        if (before.contains(hash) || file.gone) continue;
        // What a signer has who is not enough is offered again after a longer while.
        if (file.lost && file.accepted_by.empty())
            lost.push_back(hash);
        else if (!file.lost && has_one_hidden(hash))
            hidden.push_back(hash);
    }
    if (!hidden.empty()) ++figures.faults["name taken unseen"];
    if (!lost.empty()) ++figures.faults["file lost unseen"];
    if (hidden.empty() && lost.empty()) return;
    // Nobody confirms them here: where a device may not list, what has come would be doubted again in its
    // turn.
    for (int month = 0; month < 2; ++month) {
        const auto there = arrived();
        const auto has_come = [&](const std::string& hash) { return there.contains(hash); };
        if (std::ranges::all_of(hidden, has_come) && std::ranges::all_of(lost, has_come)) break;
        day_ += 32;
        const std::string later =
            device_->seal("of month " + std::to_string(month) + " of " + tag_, day(day_));
        pass(false, figures);
        const auto receipt = device_->receipt_for(later, ++counter_);
        put_receipt(*sync::make_receipt(receipt, researcher(1), device_->study().receipt_key));
        pass(false, figures);  // hears of it,
        pass(false, figures);  // and hands over again
    }
    const auto after = arrived();
    for (const std::string& hash : lost) {
        CAPTURE(hash);
        CHECK(after.contains(hash));
    }
    for (const std::string& hash : hidden) {
        CAPTURE(hash);
        int times = 0;
        for (const auto& place : places_)
            for (const auto& [name, content] : place->objects()) {
                if (sha256_of(content) != hash) continue;
                ++times;
                const bool taken = files_.at(hash).poisoned.contains(place.get());
                CHECK(name == sync::batch_name(tag_, day(1), hash, taken ? 1 : 0));
            }
        CHECK(times >= 1);
        CHECK(times <= device_->study().copies);
    }
}

void FaultRun::count(FaultFigures& figures) const {
    ++figures.runs;
    figures.passes += static_cast<std::size_t>(passes_);
    figures.files += files_.size();
    if (clock_is_off_) ++figures.faults["clock hours off"];
    for (const auto& [hash, file] : files_)
        if (!file.poisoned.empty()) ++figures.faults["name poisoned"];
    for (const auto& place : places_) {
        figures.puts += place->errands.puts.size();
        const bool by_line = place->line() != nullptr;
        if (by_line) figures.bytes_sent += place->line()->bytes_up();
        for (const Errands::Put& put : place->errands.puts) {
            if (!put.acknowledged) continue;
            ++figures.acknowledged;
            if (by_line) figures.bytes_taken += put.size;
        }
    }
}

}  // namespace fieldfare::test
