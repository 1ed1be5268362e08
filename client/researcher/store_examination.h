#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/researcher/store_report.h"
#include "sync/store_probe.h"
#include "sync/transport.h"

namespace fieldfare::researcher {

/// A store as its two sides have it.
struct StoreSides {
    sync::Store device;  ///< as the study file says: what a seized laptop has
    std::optional<sync::Store>
        researcher;     ///< with credentials of their own; nothing: that side is not tried
    std::string proxy;  ///< empty: the study's
    std::string study_tag;
    std::size_t names = 0;            ///< how many files are listed to see whether all come, 1 or more
    std::function<bool()> stopped{};  ///< asked between checks: true leaves the rest out, and cleans up
};

/// Tries a store out from both sides, on files of its own (sync/probe_name.h, and one receipt of a device
/// that is none), and deletes them where it may. Takes some seconds, and longer on slow lines. Both stores
/// must be such as sync::open_store() takes. What each check finds is in sync/SYNC.md ("What a store is tried
/// for").
StoreReport examine(const StoreSides& sides);

/// The course of one examination: checks, each of which adds what it finds. Those of the device's side stand
/// in store_examination.cpp, what who has seized one would try in store_examination_seized.cpp, the
/// researcher's in store_examination_reading.cpp.
class StoreExamination {
  public:
    explicit StoreExamination(const StoreSides& sides);
    StoreReport run();

  private:
    enum class Kind { folder, web, bucket, sftp };
    enum class There { nothing, something, unknown };
    struct Seen {
        There there = There::unknown;
        crypto::Bytes content;
    };
    struct File {
        std::string name;
        crypto::Bytes content;
    };

    bool takes_a_batch();
    void keeps_the_first();
    void race();
    void break_off();
    void take_whole();
    void not_taken(std::uint64_t size, const sync::TransportError& error);
    void find_limit();
    void look_again_at_cut();
    void read_as_device();
    void read_with_more_rights();
    void list_as_device();
    void replace_as_device();
    void remove_as_device();
    void put_range();
    void put_other_name();
    void forge_receipt();
    void try_strangers();
    void compare_clocks();
    void see_pin();
    void say_of_holders();

    void fetch_as_researcher();
    void confirm_as_researcher();
    void keeps_receipts();
    void list_as_researcher();
    /// Of a bucket: whether a list in pages that are far smaller than it gives by itself has all that was
    /// `put`, too.
    void list_in_pages(const std::set<std::string>& put);
    void clean_up();

    static Kind kind_of(const std::string& address);
    /// What to do about a store that lets a device do too much.
    const char* set_it_up() const;
    /// About one that does not keep the first of two files.
    const char* another_server() const;
    void add(const char* about, Verdict verdict, std::string what, std::string to_do = "");
    /// Unknown, with the store's words.
    void cannot_tell(const char* about, const std::string& what, const std::string& detail);
    /// It knows who asks and says no, or does not offer what is asked; a login page in between is neither.
    static bool is_a_no(const sync::TransportError& error);
    /// Something to be put right there; not a line that broke, nor a server that is busy.
    static bool is_of_the_store(const sync::TransportError& error);
    /// Whether the store still answers; after a silence it is asked once more.
    bool answers();
    sync::ProbeAnswer heard(sync::ProbeAnswer answer);
    /// Whether the store's place shows a file in a page of its folder; adds what it finds, unless that is a
    /// no.
    bool shows_page(const char* about, const std::string& folder, const std::string& name);
    /// What became of the first file when `other` was to come in its place; false: it stands.
    bool replaced(const sync::ProbeAnswer& answer, const File& other);
    /// A new file of a trial, with a name that readers pass over.
    File new_file() const;
    sync::TransportResult<sync::PutOutcome> put(sync::Transport& as, const std::string& name,
                                                crypto::ByteView content, const sync::Watch& watch = {});
    struct Begun {
        std::string name;
        sync::TransportResult<sync::PutOutcome> result;  // Fault::cancelled when it broke off as it was to
        std::uint64_t sent = 0;
    };
    /// Puts a file of that many bytes, and breaks off behind its beginning.
    Begun begin_to_put(std::uint64_t size);
    /// As whoever of the two may look. "Nothing" is said by researchers, or by a device that is known to see
    /// what stands there.
    Seen look(const std::string& name);
    /// The same, and where nobody may look, by whether the name is still free.
    There stands(const std::string& name);
    struct Names {
        std::set<std::string> all{};
        std::size_t pages = 0;
        bool ended = true;  ///< all names of trials are there
    };
    /// What the list of the study's place begins with: names of trials, and what the last of its pages has
    /// behind them.
    sync::TransportResult<Names> first_names(sync::Transport& as);
    bool may_delete();

    const StoreSides& sides_;
    Kind kind_;
    std::unique_ptr<sync::Transport> device_, researcher_;
    std::unique_ptr<sync::StoreProbe> device_probe_, researcher_probe_;
    StoreReport report_;
    std::map<std::string, bool> made_;   // name, and whether it is known to stand there
    File first_;                         // as the store should have it
    File receipt_;                       // that the researcher has put
    std::filesystem::path made_folder_;  // of the study, which was not there before; empty: it was
    std::string cut_;                    // left nothing when it was looked at
    bool keeps_cut_ = false;             // an upload that breaks off stands there
    std::uint64_t begun_ = 0;            // bytes of a part of a film, when it began to take one
    std::set<std::string> older_;        // of trials before this one
    bool unguarded_ = false;             // a file can be replaced
    bool device_sees_ = false;           // a device has read a file
    bool endless_ = false;               // the list of the study's place goes on and on
    bool silent_ = false;                // the last that was asked had no answer
};

}  // namespace fieldfare::researcher
