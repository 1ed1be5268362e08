#include "client/researcher/store_examination.h"

#include "crypto/hash.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {
namespace {

using sync::Fault;
using Meaning = sync::ProbeAnswer::Meaning;

}  // namespace

void StoreExamination::read_as_device() {
    const auto got = sync::get_bytes(*device_, first_.name, 1024 * 1024);
    if (got && *got != first_.content)
        return cannot_tell("read", "reading as a device", "it gives something else");
    if (got && kind_ == Kind::bucket)
        return add(
            "read", Verdict::look,
            "Whoever takes a device can read what was put with its keys, which is sealed; in Ceph a file "
            "belongs to whoever put it.",
            "Give devices keys of their own where they must not have each other's sealed files.");
    if (got)
        return add("read", Verdict::bad,
                   "Whoever takes a device can read what all devices have put, sealed as it is, and keep it.",
                   set_it_up());
    if (is_a_no(got.error()) && kind_ == Kind::sftp) return read_with_more_rights();
    if (is_a_no(got.error()))
        return add("read", Verdict::good, "Whoever takes a device can't read what devices have put.");
    if (got.error().fault == Fault::not_found && look(first_.name).there == There::something)
        return add("read", Verdict::good, "It tells a device that there is no such file.");
    cannot_tell("read", "reading as a device", got.error().detail);
}

void StoreExamination::read_with_more_rights() {
    if (!device_probe_) return cannot_tell("read", "other rights for a file", "");
    const auto opened = heard(device_probe_->open_to_all(first_.name));
    const auto got = sync::get_bytes(*device_, first_.name, 1024 * 1024);
    if (got)
        return add("read", Verdict::bad,
                   "Whoever takes a device can give files the rights by which all of them may be read.",
                   set_it_up());
    if (opened.meaning != Meaning::refused)
        return cannot_tell("read", "other rights for a file",
                           opened.meaning == Meaning::done ? "it says that it gave them" : opened.why.detail);
    add("read", Verdict::good,
        "Whoever takes a device can't read what devices have put, nor give files other rights.");
}

void StoreExamination::list_as_device() {
    const auto listed = device_->list(sides_.study_tag + "/", "", 1000, {});
    if (!listed && is_a_no(listed.error()))
        return shows_page("list", sides_.study_tag + "/", first_.name)
                   ? void()
                   : add("list", Verdict::good, "Whoever takes a device gets no list of what was put.");
    if (!listed) return cannot_tell("list", "a list as a device", listed.error().detail);
    if (listed->files.empty()) return cannot_tell("list", "a list as a device", "it gave an empty one");
    add("list", Verdict::bad,
        "Whoever takes a device gets a list of all that was put, and so sees on which days how much was "
        "sent.",
        set_it_up());
}

bool StoreExamination::replaced(const sync::ProbeAnswer& answer, const File& other) {
    const Seen seen = look(first_.name);
    const bool kept = seen.there == There::something && seen.content == first_.content;
    const bool done = answer.meaning == Meaning::done;
    if (kept) return false;
    // Where nobody may look: a no is believed, and a yes of a server that was seen to replace.
    if (seen.there == There::unknown && !(done && unguarded_)) {
        if (!done && answer.meaning != Meaning::no_word) return false;
        cannot_tell("overwrite", "replacing a file", done ? "nobody may look" : answer.why.detail);
        return true;
    }
    if (seen.there != There::nothing)
        first_.content = seen.there == There::something ? seen.content : other.content;
    if (!done)
        add("overwrite", Verdict::bad, "It said no, and yet the file is another one now, or gone.",
            "Use another server.");
    else if (kind_ == Kind::bucket && seen.there != There::nothing)
        add("overwrite", Verdict::look,
            "Whoever takes a device can replace files that are not fetched yet; devices keep theirs until "
            "researchers confirm them, and send them again.",
            "At Amazon let the policy demand If-None-Match, as \"store init\" writes it; Ceph can't: fetch "
            "often.");
    else
        add("overwrite", Verdict::bad,
            "Whoever takes a device can replace what was put, simply by not asking whether it is there.",
            set_it_up());
    return true;
}

void StoreExamination::replace_as_device() {
    if (!device_probe_)
        return cannot_tell("overwrite", "replacing a file", "not known for this kind of store");
    const File other = new_file(), end = new_file(), moved = new_file();
    if (replaced(heard(device_probe_->put_over(first_.name, other.content)), other)) return;
    if (kind_ != Kind::folder && replaced(heard(device_probe_->put_end(first_.name, end.content, 9)), end))
        return;
    if (const auto stored = put(*device_, moved.name, moved.content); !stored)
        return cannot_tell("overwrite", "renaming a file onto another", stored.error().detail);
    if (replaced(heard(device_probe_->move_over(moved.name, first_.name)), moved)) return;
    if (kind_ == Kind::sftp)
        return add("overwrite", Verdict::look,
                   "Whoever takes a device can't replace what was put by writing to it, nor by SFTP's own "
                   "rename. OpenSSH's posix-rename, which replaces, and what else a server may be asked for "
                   "were not tried.",
                   "Permit the requests that sync/SYNC.md lists for OpenSSH, and no others.");
    add("overwrite", Verdict::good,
        "Whoever takes a device can't replace what was put: not by a file, a part of one or another's name.");
}

void StoreExamination::remove_as_device() {
    if (!device_probe_) return cannot_tell("delete", "deleting a file", "not known for this kind of store");
    const File victim = new_file(), elsewhere = new_file();
    if (const auto stored = put(*device_, victim.name, victim.content); !stored)
        return cannot_tell("delete", "deleting a file", stored.error().detail);
    const auto bad = [&](const char* how) {
        add("delete", Verdict::bad, std::string("Whoever takes a device can ") + how + " what was put.",
            set_it_up());
    };
    const auto removed = heard(device_probe_->remove(victim.name));
    There after = There::something;
    if (removed.meaning == Meaning::done) after = stands(victim.name);
    if (after == There::nothing) return bad("delete");
    const auto moved = heard(device_probe_->move(victim.name, elsewhere.name));
    if (moved.meaning == Meaning::done) {
        made_[elsewhere.name] = true;
        after = stands(victim.name);
        if (after == There::nothing && kind_ == Kind::sftp && removed.meaning != Meaning::no_word)
            return add("delete", Verdict::look,
                       "Whoever takes a device can't delete what was put, but can rename, and so hide it: a "
                       "device's own uploads need a rename.",
                       "Let a job on the server move what has come to a folder that devices can't write.");
        if (after == There::nothing) return bad("rename, and so hide,");
    }
    if (look(victim.name).there == There::nothing) return bad("delete");
    if (after == There::unknown)
        return cannot_tell("delete", "deleting a file", "it says that it did it, and nobody may look");
    if (removed.meaning == Meaning::no_word || moved.meaning == Meaning::no_word)
        return cannot_tell("delete", "deleting a file",
                           removed.meaning == Meaning::no_word ? removed.why.detail : moved.why.detail);
    add("delete", Verdict::good, "Whoever takes a device can't delete what was put, nor rename it.");
}

void StoreExamination::put_range() {
    if (!device_probe_) return cannot_tell("ranges", "a part of a file", "not known for this kind of store");
    const File file = new_file();
    const auto answer = heard(device_probe_->put_end(file.name, file.content, 1000));
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
                   set_it_up());
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
            set_it_up());
    if (is_a_no(result.error()))
        return add("forgery", Verdict::good, "Whoever takes a device can't put anything where receipts lie.");
    cannot_tell("forgery", "a file among the receipts", result.error().detail);
}

}  // namespace fieldfare::researcher
