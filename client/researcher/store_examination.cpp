#include "client/researcher/store_examination.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <latch>
#include <thread>

#include "client/researcher/store_sentences.h"
#include "crypto/batch.h"
#include "crypto/media.h"
#include "sync/http_address.h"
#include "sync/open_store.h"
#include "sync/probe_name.h"
#include "sync/s3_address.h"

namespace fieldfare::researcher {
namespace {

using sync::Fault;
using sync::PutOutcome;

constexpr std::size_t racing = 4;
constexpr std::uint64_t cut_after = 64 * 1024;               // bytes of an upload that breaks off
constexpr auto to_settle = std::chrono::milliseconds(1500);  // for a store that clears away what was cut
constexpr auto same_clock = std::chrono::minutes(5);
constexpr auto clock_of_s3 = std::chrono::minutes(15);  // a server of S3 refuses what is further off

bool is_onion(const std::string& address) {
    if (const auto web = sync::parse_http_address(address)) return web->is_onion();
    const auto bucket = sync::parse_s3_address(address);
    return bucket && bucket->server.is_onion();
}

std::string part_of_film(std::uint64_t size) {
    return "a file of " + std::to_string(size) + " bytes, the largest part of a film";
}

}  // namespace

bool StoreExamination::takes_a_batch() {
    first_ = new_file();
    const auto put_first = put(*device_, first_.name, first_.content);
    if (put_first) {
        unguarded_ = *put_first == PutOutcome::stored_unguarded;
        if (*put_first == PutOutcome::stored || unguarded_) {
            if (researcher_)
                if (auto names = first_names(*researcher_)) {
                    older_ = std::move(names->all);
                    std::erase_if(older_, [&](const std::string& name) {
                        return !sync::is_probe_name(name) || made_.contains(name);
                    });
                }
            add("folder", Verdict::good, "The study's place is there, and takes a file as a device puts it.");
            return true;
        }
        add("folder", Verdict::bad, "It says of a new name that it has it already, and so takes no file.",
            "This is no store for files; use another.");
        return false;
    }
    const Fault fault = put_first.error().fault;
    // Something else that answers is not the store; a certificate of another day may be anybody's. Of a
    // folder that is not there its medium is not plugged in: the study's place in it would have been made.
    report_.reached = fault != Fault::unreachable && fault != Fault::not_a_store &&
                      fault != Fault::cancelled && fault != Fault::unreadable &&
                      (fault != Fault::no_store || kind_ != Kind::folder) &&
                      (fault != Fault::wrong_clock || put_first.error().detail.starts_with("HTTP "));
    std::string to_do = "Put that right, and try again.";
    if (fault == Fault::no_store && (kind_ == Kind::web || kind_ == Kind::sftp))
        to_do = "Make the folders " + sides_.study_tag + "/ and " + sides_.study_tag + "/receipts/ there.";
    add(report_.reached ? "folder" : "reached", fault == Fault::busy ? Verdict::unknown : Verdict::bad,
        sentence_for(put_first.error()), to_do);
    return false;
}

void StoreExamination::keeps_the_first() {
    const File second = new_file();
    const Seen before = look(first_.name);
    const auto result = put(*device_, first_.name, second.content);
    const Seen seen = look(first_.name);
    const auto replaced = [&] {
        unguarded_ = true;
        first_.content = seen.there == There::something ? seen.content : second.content;
        add("create-only", Verdict::bad,
            "A second file under the same name replaced the first, though it was put only for the case that "
            "there is none: whoever has what lets a device in can replace what others have delivered.",
            another_server());
    };
    if (!result)
        return cannot_tell("create-only", "a second file under the same name", result.error().detail);
    const bool said_replaced = *result == PutOutcome::stored_unguarded && !unguarded_;  // 201, and 204 now
    if (*result == PutOutcome::stored || said_replaced) return replaced();
    if (before.there == There::something && seen.there == There::something && seen.content != before.content)
        return replaced();
    if (unguarded_ || *result == PutOutcome::stored_unguarded) {
        unguarded_ = true;
        const char* why =
            kind_ == Kind::sftp
                ? "Its rename replaces what has the name, or may, and so can't keep a file from "
                  "being replaced."
                : "It does not know If-None-Match (501), or calls a new file a replaced one (204 "
                  "in place of 201): devices can't tell that it keeps a file from being replaced.";
        return add("create-only", Verdict::bad, why, another_server());
    }
    add("create-only", Verdict::good, "A second file under the same name was refused.");
}

void StoreExamination::race() {
    std::array<File, racing> files;
    std::array<bool, racing> stored{};
    for (File& file : files) file = new_file();
    const std::string& name = files[0].name;
    {
        std::latch start(racing);
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < racing; ++i)
            threads.emplace_back([&, i] {
                const auto store = sync::open_store(sides_.device, sides_.proxy);
                start.arrive_and_wait();
                if (!store) return;
                const auto result = (*store)->put(name, files[i].content, {});
                stored[i] =
                    result && (*result == PutOutcome::stored || *result == PutOutcome::stored_unguarded);
            });
    }
    made_[name] = true;
    const auto count = std::ranges::count(stored, true);
    const std::string so_many =
        "Of " + std::to_string(racing) + " uploads to one name at once, " + std::to_string(count);
    const Seen seen = look(name);
    const bool whole =
        std::ranges::any_of(files, [&](const File& file) { return file.content == seen.content; });
    if (seen.there == There::something && !whole)
        return add("race", Verdict::bad,
                   so_many + " were said to be stored, and what stands there is none of them.",
                   "Use another server: this one mixes files.");
    if (count == 0 || (seen.there == There::nothing && count > 0))
        return add("race", count == 0 ? Verdict::unknown : Verdict::bad,
                   so_many + " were said to be stored, and nothing stands there.",
                   count == 0 ? "" : "Use another server: this one loses files.");
    if (count == 1)
        return add("race", Verdict::good, so_many + " was said to be stored, and the others were told.");
    if (seen.there == There::unknown)
        return add("race", Verdict::unknown,
                   so_many + " were said to be stored; which one stands can't be seen.",
                   "Try again with --as-researcher.");
    add("race", unguarded_ ? Verdict::look : Verdict::good,
        so_many +
            " were said to be stored, and one whole file stands there; no two files of devices have one "
            "name, and readers believe the hash alone.",
        unguarded_ ? "See create-only." : "");
}

StoreExamination::Begun StoreExamination::begin_to_put(std::uint64_t size) {
    File file = new_file();
    file.content.resize(size);
    file.name = sync::probe_name(sides_.study_tag, file.content);
    std::stop_source stop;
    std::uint64_t sent = 0;
    auto result = put(*device_, file.name, file.content,
                      {[&](std::uint64_t done, std::uint64_t) {
                           sent = done;
                           if (done >= cut_after) stop.request_stop();
                       },
                       stop.get_token()});
    return {std::move(file.name), std::move(result), sent};
}

void StoreExamination::break_off() {
    std::optional<std::uint64_t> refused;
    for (const std::uint64_t size : {crypto::max_media_part_file, std::uint64_t{1024 * 1024}}) {
        const auto [name, result, sent] = begin_to_put(size);
        if (!result && result.error().fault == Fault::too_large) {
            report_.refuses = refused = size;
            continue;
        }
        if (refused)
            add("size", Verdict::bad,
                "It takes no file of " + std::to_string(*refused) +
                    " bytes, which a part of a photo or film has.",
                "Let it take files of " + largest_file() + ".");
        if (!result && result.error().fault != Fault::cancelled) {
            if (!refused) not_taken(size, result.error());
            return cannot_tell("cut", "an upload that breaks off", result.error().detail);
        }
        report_.takes = size;
        if (!refused) begun_ = size;
        if (result) return cannot_tell("cut", "an upload that breaks off", "it was whole too soon");
        const bool far = !sides_.proxy.empty() || sides_.device.settings.contains("proxy");
        std::this_thread::sleep_for(far ? 4 * to_settle : to_settle);
        const There looked = look(name).there;
        const There there = looked == There::unknown ? stands(name) : looked;
        if (looked == There::nothing) cut_ = name;
        keeps_cut_ = there == There::something;
        made_[name] = made_[name] || keeps_cut_;
        if (there == There::unknown)
            return cannot_tell("cut", "an upload that breaks off", "nobody may look; give --as-researcher");
        if (there == There::something)
            return add("cut", Verdict::bad,
                       "An upload that broke off after " + std::to_string(sent) +
                           " bytes stands under its name as if it were whole: the device must send the file "
                           "again under another, and readers meet damaged files.",
                       "Use another server: this one keeps what was cut.");
        return add("cut", Verdict::good,
                   kind_ == Kind::sftp
                       ? "An upload that broke off left nothing under its name. Its hidden half, and that of "
                         "others of this trial, may stay for the job that clears the folder (sync/SYNC.md)."
                       : "An upload that broke off left nothing under its name.");
    }
    add("size", Verdict::bad, "It does not even take a file of a megabyte.",
        "Let it take files of " + largest_file() + ".");
}

void StoreExamination::not_taken(std::uint64_t size, const sync::TransportError& error) {
    if (!is_of_the_store(error)) return cannot_tell("size", part_of_film(size), error.detail);
    if (error.fault == Fault::too_large) report_.refuses = size;
    add("size", Verdict::bad, "It does not take " + part_of_film(size) + ". " + sentence_for(error),
        to_do_about(error.fault, "Let it take files of " + largest_file() + "."));
}

void StoreExamination::take_whole() {
    if (begun_ == 0) return;  // told already
    const std::string so_large = part_of_film(begun_);
    if (!researcher_)
        return add("size", Verdict::unknown,
                   "It begins to take " + so_large +
                       "; whether it takes all of it was not tried, since nobody here can delete it.",
                   "Give --as-researcher with the store file of whoever fetches.");
    File file = new_file();
    file.content.resize(begun_);
    file.name = sync::probe_name(sides_.study_tag, file.content);
    const auto result = put(*device_, file.name, file.content);
    if (!result) {
        not_taken(begun_, result.error());
        if (is_of_the_store(result.error())) begun_ = 0;  // and so nothing is said of a larger one
        return;
    }
    add("size", Verdict::good, "It takes " + so_large + ".");
}

void StoreExamination::find_limit() {
    if (begun_ == 0) return;  // told already
    bool told = true;
    const auto takes = [&](std::uint64_t size) {
        const Begun begun = begin_to_put(size);
        if (begun.result || begun.result.error().fault == Fault::cancelled) {
            report_.takes = std::max(report_.takes.value_or(0), size);
            made_[begun.name] = made_[begun.name] || keeps_cut_;
            return true;
        }
        told = begun.result.error().fault == Fault::too_large;
        if (!told)
            cannot_tell("limit", "a file of " + std::to_string(size) + " bytes", begun.result.error().detail);
        return false;
    };
    std::uint64_t taken = begun_, refused = crypto::max_batch_file;
    if (takes(refused))
        return add("limit", Verdict::good,
                   "It begins to take a file of " + std::to_string(refused) +
                       " bytes, and no sealed file is larger.");
    while (told && refused - taken > taken / 16) {
        const std::uint64_t between = taken + (refused - taken) / 2;
        (takes(between) ? taken : refused) = between;
    }
    if (!told) return;
    report_.refuses = refused;
    add("limit", Verdict::look,
        "It begins to take a file of " + std::to_string(taken) + " bytes, and refuses one of " +
            std::to_string(refused) + "; a sealed file can have " + std::to_string(crypto::max_batch_file) +
            ".",
        "Let it take files of " + largest_file() + ".");
}

void StoreExamination::look_again_at_cut() {
    if (cut_.empty() || look(cut_).there != There::something) return;
    made_[cut_] = true;
    for (StoreFinding& finding : report_.findings)
        if (finding.about == "cut")
            finding = {"cut", Verdict::bad,
                       "An upload that broke off stood under its name some time later, as if it were whole.",
                       "Use another server: this one keeps what was cut."};
}

void StoreExamination::compare_clocks() {
    const auto ahead = device_probe_ ? device_probe_->clock_ahead() : std::nullopt;
    if (!ahead) return cannot_tell("clock", "its clock", "it does not tell the time");
    const auto off = std::chrono::abs(*ahead);
    const std::string by = std::to_string(off.count()) + " seconds";
    if (off <= same_clock)
        return add("clock", Verdict::good, "Its clock and this machine's differ by " + by + ".");
    // Of a store whose key is named, devices take the time.
    const bool refuses =
        kind_ == Kind::bucket && off > clock_of_s3 && !sides_.device.settings.contains("pin");
    add("clock", refuses ? Verdict::bad : Verdict::look,
        "Its clock and this machine's differ by " + by +
            (refuses ? ", and S3 refuses what is a quarter of an hour off." : "."),
        "Set whichever is wrong.");
}

void StoreExamination::see_pin() {
    if (sides_.device.settings.contains("pin"))
        return add("pin", Verdict::good,
                   "The study names the store's key, so that no other machine is taken for it.");
    if (kind_ == Kind::sftp)
        return add("pin", Verdict::good,
                   "The study names the server's host key, as it must, so that no other machine is taken for "
                   "it.");
    if (is_onion(sides_.device.address)) return add("pin", Verdict::good, "Its .onion address is its key.");
    add("pin", Verdict::look,
        "The study does not name the store's key: whoever can have a certificate made for its name is taken "
        "for "
        "the store.",
        "Add pin = sha256//… to the store file (sync/SYNC.md has the command), except for a service that "
        "changes "
        "its key without notice.");
}

void StoreExamination::say_of_holders() {
    add("holders", Verdict::look,
        "Whoever holds the medium can read, list, replace and delete what lies in it; all of it is sealed, "
        "and "
        "devices keep theirs until researchers confirm.",
        "Let it go through few hands, and hold more than one copy (\"study build --copies\").");
}

StoreReport StoreExamination::run() {
    struct Check {
        bool of_this_kind;
        const char* about;
        void (StoreExamination::*run)();
    };
    using Self = StoreExamination;
    const bool folder = kind_ == Kind::folder, web = kind_ == Kind::web || kind_ == Kind::bucket;
    const Check checks[] = {
        {true, "create-only", &Self::keeps_the_first},
        {true, "race", &Self::race},
        {true, "cut", &Self::break_off},
        {true, "size", &Self::take_whole},
        {web, "limit", &Self::find_limit},
        {true, "fetch", &Self::fetch_as_researcher},  // before anybody replaces what is to be fetched
        {folder, "holders", &Self::say_of_holders},
        {!folder, "read", &Self::read_as_device},
        {!folder, "list", &Self::list_as_device},
        {!folder, "overwrite", &Self::replace_as_device},
        {!folder, "delete", &Self::remove_as_device},
        {web, "ranges", &Self::put_range},
        {web, "names", &Self::put_other_name},
        {!folder, "forgery", &Self::forge_receipt},
        {web, "strangers", &Self::try_strangers},
        {!folder, "pin", &Self::see_pin},
        {web, "clock", &Self::compare_clocks},
        {true, "receipts", &Self::confirm_as_researcher},
        {!folder, "receipts-kept", &Self::keeps_receipts},
        {true, "listing", &Self::list_as_researcher},
    };
    if (takes_a_batch()) {
        for (const Check& check : checks) {
            if (!check.of_this_kind) continue;
            const bool stopped = sides_.stopped && sides_.stopped();
            if (!stopped && answers())
                (this->*check.run)();
            else
                add(check.about, Verdict::unknown,
                    stopped ? "This was not tried, since somebody stopped it."
                            : "This was not tried, since the store no longer answers.",
                    "Try again.");
        }
        if (answers()) look_again_at_cut();
    }
    clean_up();
    return std::move(report_);
}

StoreReport examine(const StoreSides& sides) {
    return StoreExamination(sides).run();
}

}  // namespace fieldfare::researcher
