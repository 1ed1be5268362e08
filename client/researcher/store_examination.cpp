#include "client/researcher/store_examination.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <latch>
#include <thread>

#include "client/researcher/store_sentences.h"
#include "crypto/hash.h"
#include "crypto/media.h"
#include "sync/object_name.h"
#include "sync/open_store.h"
#include "sync/probe_name.h"

namespace fieldfare::researcher {
namespace {

using sync::Fault;
using sync::PutOutcome;
using Meaning = sync::ProbeAnswer::Meaning;

constexpr std::size_t racing = 4;
constexpr std::uint64_t cut_after = 64 * 1024;               // bytes of an upload that breaks off
constexpr auto to_settle = std::chrono::milliseconds(1500);  // for a store that clears away what was cut
constexpr auto same_clock = std::chrono::minutes(5);
constexpr auto clock_of_s3 = std::chrono::minutes(15);  // a server of S3 refuses what is further off

const char* const by_init = "Set it up as \"store init\" writes it.";

// It knows the device and says no, or does not offer what is asked; a login page in between is neither.
bool is_a_no(const sync::TransportError& error) {
    return error.fault == Fault::not_permitted || error.detail == "HTTP 405";
}

}  // namespace

bool StoreExamination::takes_a_batch() {
    first_ = new_file();
    const auto put_first = put(*device_, first_.name, first_.content);
    if (put_first) {
        unguarded_ = *put_first == PutOutcome::stored_unguarded;
        if (*put_first == PutOutcome::stored || unguarded_) {
            add("folder", Verdict::good, "The study's place is there, and takes a file as a device puts it.");
            return true;
        }
        add("folder", Verdict::bad, "It says of a new name that it has it already, and so takes no file.",
            "This is no store for files; use another.");
        return false;
    }
    const Fault fault = put_first.error().fault;
    report_.reached = fault == Fault::no_store || fault == Fault::not_permitted ||
                      fault == Fault::read_only || fault == Fault::no_space || fault == Fault::too_large ||
                      fault == Fault::failed;
    std::string to_do = "Put that right, and try again.";
    if (fault == Fault::no_store && kind_ == Kind::web)
        to_do = "Make the folders " + sides_.study_tag + "/ and " + sides_.study_tag + "/receipts/ there.";
    add(report_.reached ? "folder" : "reached", Verdict::bad, sentence_for(put_first.error()), to_do);
    return false;
}

void StoreExamination::keeps_the_first() {
    const File second = new_file();
    const auto result = put(*device_, first_.name, second.content);
    const auto replaced = [&] {
        unguarded_ = true;
        first_.content = second.content;
        add("create-only", Verdict::bad,
            "A second file under the same name replaced the first, though it was put only for the case that "
            "there is none: whoever has what lets a device in can replace what others have delivered.",
            "Use a server that heeds If-None-Match (Apache does; nginx does not), or switch versions off in "
            "the "
            "bucket.");
    };
    if (!result)
        return cannot_tell("create-only", "a second file under the same name", result.error().detail);
    if (*result == PutOutcome::stored) return replaced();
    if (look(first_.name).content == second.content) return replaced();
    if (unguarded_ || *result == PutOutcome::stored_unguarded) {
        unguarded_ = true;
        return add("create-only", Verdict::bad,
                   "It does not know If-None-Match (501), and so can't keep a file from being replaced.",
                   "Use a server that knows it, such as Apache or a newer S3.");
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

void StoreExamination::break_off() {
    std::optional<std::uint64_t> refused;
    for (const std::uint64_t size : {crypto::max_media_part_file, std::uint64_t{1024 * 1024}}) {
        File file = new_file();
        file.content.resize(size);
        file.name = sync::probe_name(sides_.study_tag, file.content);
        std::stop_source stop;
        std::uint64_t sent = 0;
        const auto result = put(*device_, file.name, file.content,
                                {[&](std::uint64_t done, std::uint64_t) {
                                     sent = done;
                                     if (done >= cut_after) stop.request_stop();
                                 },
                                 stop.get_token()});
        if (!result && result.error().fault == Fault::too_large) {
            refused = size;
            continue;
        }
        if (refused)
            add("size", Verdict::bad,
                "It takes no file of " + std::to_string(*refused) +
                    " bytes, which a part of a photo or film has.",
                "Let it take files of 64 MiB.");
        else
            add("size", Verdict::good,
                "It begins to take a file of " + std::to_string(size) +
                    " bytes, the largest part of a film.");
        if (result || result.error().fault != Fault::cancelled)
            return cannot_tell("cut", "an upload that breaks off",
                               result ? "it was whole too soon" : result.error().detail);
        std::this_thread::sleep_for(to_settle);
        Seen seen = look(file.name);
        made_[file.name] = seen.there == There::something;
        if (seen.there == There::unknown) {  // then by whether the name is still free
            const auto again = put(*device_, file.name, first_.content);
            if (again && *again == PutOutcome::stored && !unguarded_) seen.there = There::nothing;
            if (again && (*again == PutOutcome::taken || *again == PutOutcome::other_content))
                seen.there = There::something;
        }
        if (seen.there == There::unknown)
            return cannot_tell("cut", "an upload that breaks off", "nobody may look; give --as-researcher");
        if (seen.there == There::something)
            return add("cut", Verdict::bad,
                       "An upload that broke off after " + std::to_string(sent) +
                           " bytes stands under its name as if it were whole: the device must send the file "
                           "again under another, and readers meet damaged files.",
                       "Use another server: this one keeps what was cut.");
        return add("cut", Verdict::good, "An upload that broke off left nothing under its name.");
    }
    add("size", Verdict::bad, "It does not even take a file of a megabyte.", "Let it take files of 64 MiB.");
}

void StoreExamination::read_as_device() {
    const auto got = sync::get_bytes(*device_, first_.name, 1024 * 1024);
    if (got && kind_ == Kind::bucket)
        return add(
            "read", Verdict::look,
            "Whoever takes a device can read what was put with its keys, which is sealed; in Ceph a file "
            "belongs to whoever put it.",
            "Give devices keys of their own where they must not have each other's sealed files.");
    if (got)
        return add("read", Verdict::bad,
                   "Whoever takes a device can read what all devices have put, sealed as it is, and keep it.",
                   by_init);
    if (is_a_no(got.error()))
        return add("read", Verdict::good, "Whoever takes a device can't read what devices have put.");
    if (got.error().fault == Fault::not_found && look(first_.name).there == There::something)
        return add("read", Verdict::good, "It tells a device that there is no such file.");
    cannot_tell("read", "reading as a device", got.error().detail);
}

void StoreExamination::list_as_device() {
    const auto listed = device_->list(sides_.study_tag + "/", "", 1000, {});
    if (!listed && is_a_no(listed.error()))
        return add("list", Verdict::good, "Whoever takes a device gets no list of what was put.");
    if (!listed) return cannot_tell("list", "a list as a device", listed.error().detail);
    if (listed->files.empty()) return cannot_tell("list", "a list as a device", "it gave an empty one");
    add("list", Verdict::bad,
        "Whoever takes a device gets a list of all that was put, and so sees on which days how much was "
        "sent.",
        by_init);
}

void StoreExamination::replace_as_device() {
    if (!device_probe_)
        return cannot_tell("overwrite", "replacing a file", "not known for this kind of store");
    const File other = new_file();
    const auto answer = device_probe_->put_over(first_.name, other.content);
    const Seen seen = look(first_.name);
    const bool kept = seen.there == There::something && seen.content == first_.content;
    if (answer.meaning == Meaning::done && !kept) {
        first_.content = other.content;
        if (kind_ == Kind::bucket)
            return add(
                "overwrite", Verdict::look,
                "Whoever takes a device can replace files that are not fetched yet; devices keep theirs "
                "until researchers confirm them, and send them again.",
                "At Amazon let the policy demand If-None-Match, as \"store init\" writes it; Ceph can't: "
                "fetch often.");
        return add(
            "overwrite", Verdict::bad,
            "Whoever takes a device can replace what was put, simply by not asking whether it is there.",
            by_init);
    }
    if (seen.there == There::something && !kept)
        return add("overwrite", Verdict::bad, "It said no, and yet the file is another one now.",
                   "Use another server.");
    if (kept || answer.meaning == Meaning::refused || answer.meaning == Meaning::has_it)
        return add("overwrite", Verdict::good,
                   "Whoever takes a device can't replace what was put, whatever they send.");
    cannot_tell("overwrite", "replacing a file", answer.why.detail);
}

void StoreExamination::remove_as_device() {
    if (!device_probe_) return cannot_tell("delete", "deleting a file", "not known for this kind of store");
    const File victim = new_file(), elsewhere = new_file();
    if (const auto stored = put(*device_, victim.name, victim.content); !stored)
        return cannot_tell("delete", "deleting a file", stored.error().detail);
    const auto bad = [&](const char* how) {
        add("delete", Verdict::bad, std::string("Whoever takes a device can ") + how + " what was put.",
            by_init);
    };
    const auto removed = device_probe_->remove(victim.name);
    if (removed.meaning == Meaning::done) {
        made_[victim.name] = look(victim.name).there == There::something;
        return bad("delete");
    }
    const auto moved = device_probe_->move(victim.name, elsewhere.name);
    if (moved.meaning == Meaning::done) {
        made_[victim.name] = false;
        made_[elsewhere.name] = true;
        return bad("rename, and so hide,");
    }
    if (look(victim.name).there == There::nothing) return bad("delete");
    if (removed.meaning == Meaning::no_word || moved.meaning == Meaning::no_word)
        return cannot_tell("delete", "deleting a file",
                           removed.meaning == Meaning::no_word ? removed.why.detail : moved.why.detail);
    add("delete", Verdict::good, "Whoever takes a device can't delete what was put, nor rename it.");
}

void StoreExamination::put_range() {
    if (!device_probe_) return cannot_tell("ranges", "a part of a file", "not known for this kind of store");
    const File file = new_file();
    const auto answer = device_probe_->put_end(file.name, file.content, 1000);
    if (answer.meaning == Meaning::refused)
        return add("ranges", Verdict::good, "A part of a file (Content-Range) is refused.");
    if (answer.meaning != Meaning::done) return cannot_tell("ranges", "a part of a file", answer.why.detail);
    made_[file.name] = true;
    const Seen seen = look(file.name);
    if (seen.there != There::something)
        return cannot_tell("ranges", "a part of a file", "nobody may look what became of it");
    if (seen.content == file.content)
        return add("ranges", Verdict::good, "A part of a file (Content-Range) is taken as a whole one.");
    add("ranges", Verdict::bad,
        "A part of a file (Content-Range) is written into it in its place: whoever takes a device can make "
        "files with holes.",
        "Have the server drop the header: \"RequestHeader unset Content-Range\" in Apache.");
}

void StoreExamination::put_other_name() {
    std::string name = new_file().name;
    name.replace(name.rfind('.'), std::string::npos, ".html");
    const auto result = put(*device_, name, first_.content);
    if (result)
        return add("names", Verdict::look,
                   "It takes files with names that no device uses, such as pages that a browser would show.",
                   by_init);
    if (is_a_no(result.error()) || result.error().detail == "HTTP 400")
        return add("names", Verdict::good, "It takes names of batches alone.");
    cannot_tell("names", "another name", result.error().detail);
}

void StoreExamination::forge_receipt() {
    const std::string name = sync::receipt_name(
        sides_.study_tag, crypto::to_hex(crypto::sha256(new_file().content)).substr(0, 32), 1);
    const auto result = put(*device_, name, first_.content);
    if (result)
        return add(
            "forgery", Verdict::bad,
            "Whoever takes a device can put files where receipts lie: nobody believes them, but they stand "
            "in the way of true ones, and files are never confirmed.",
            by_init);
    if (is_a_no(result.error()))
        return add("forgery", Verdict::good, "Whoever takes a device can't put anything where receipts lie.");
    cannot_tell("forgery", "a file among the receipts", result.error().detail);
}

void StoreExamination::try_strangers() {
    const auto stranger = sync::open_probe(sides_.device, sync::ProbeAs::stranger, sides_.proxy);
    if (!stranger)
        return cannot_tell("strangers", "coming without credentials", "not known for this kind of store");
    const File file = new_file();
    const auto put_it = stranger->put_over(file.name, file.content);
    if (put_it.meaning == Meaning::done) made_[file.name] = true;
    const auto read = stranger->get(first_.name);
    if (put_it.meaning == Meaning::done || read.meaning == Meaning::done)
        return add("strangers", Verdict::bad,
                   std::string("Anybody who knows the address can ") +
                       (put_it.meaning == Meaning::done ? "put files there" : "read what devices have put") +
                       ".",
                   "Let in by a password, a token or keys.");
    const auto no = [](Meaning meaning) {
        return meaning == Meaning::refused || meaning == Meaning::not_there;
    };
    if (no(put_it.meaning) && no(read.meaning))
        return add("strangers", Verdict::good, "Who has no credentials can neither put nor read.");
    cannot_tell("strangers", "coming without credentials",
                no(put_it.meaning) ? read.why.detail : put_it.why.detail);
}

void StoreExamination::compare_clocks() {
    const auto theirs = device_probe_ ? device_probe_->clock() : std::nullopt;
    if (!theirs) return cannot_tell("clock", "its clock", "it does not tell the time");
    const auto off = std::chrono::abs(
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - *theirs);
    const std::string by = std::to_string(off.count()) + " seconds";
    if (off <= same_clock)
        return add("clock", Verdict::good, "Its clock and this machine's differ by " + by + ".");
    const bool refuses = kind_ == Kind::bucket && off > clock_of_s3;
    add("clock", refuses ? Verdict::bad : Verdict::look,
        "Its clock and this machine's differ by " + by +
            (kind_ == Kind::bucket ? ", and S3 refuses what is a quarter of an hour off." : "."),
        "Set whichever is wrong.");
}

void StoreExamination::see_pin() {
    if (sides_.device.settings.contains("pin"))
        return add("pin", Verdict::good,
                   "The study names the store's key, so that no other machine is taken for it.");
    if (sides_.device.address.find("://") != std::string::npos &&
        sides_.device.address.find(".onion") != std::string::npos)
        return add("pin", Verdict::good, "Its .onion address is its key.");
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
    if (!takes_a_batch()) return std::move(report_);
    const bool web = kind_ == Kind::web || kind_ == Kind::bucket;
    keeps_the_first();
    race();
    break_off();
    fetch_as_researcher();  // before anybody replaces what is to be fetched
    if (kind_ == Kind::folder) {
        say_of_holders();
    } else {
        read_as_device();
        list_as_device();
        replace_as_device();
        remove_as_device();
    }
    if (web) put_range();
    if (kind_ != Kind::folder) {
        put_other_name();
        forge_receipt();
    }
    if (web) {
        try_strangers();
        see_pin();
        compare_clocks();
    }
    confirm_as_researcher();
    list_as_researcher();
    clean_up();
    return std::move(report_);
}

StoreReport examine(const StoreSides& sides) {
    return StoreExamination(sides).run();
}

}  // namespace fieldfare::researcher
