#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

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
    std::size_t names = 0;  ///< how many files are listed to see whether all come, 1 or more
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
    enum class Kind { folder, web, bucket, other };
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
    void read_as_device();
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
    void list_as_researcher();
    void clean_up();

    static Kind kind_of(const std::string& address);
    void add(const char* about, Verdict verdict, std::string what, std::string to_do = "");
    /// Unknown, with the store's words.
    void cannot_tell(const char* about, const std::string& what, const std::string& detail);
    /// A new file of a trial, with a name that readers pass over.
    File new_file() const;
    sync::TransportResult<sync::PutOutcome> put(sync::Transport& as, const std::string& name,
                                                crypto::ByteView content, const sync::Watch& watch = {});
    /// As whoever of the two may look.
    Seen look(const std::string& name);
    bool may_delete();

    const StoreSides& sides_;
    Kind kind_;
    std::unique_ptr<sync::Transport> device_, researcher_;
    std::unique_ptr<sync::StoreProbe> device_probe_, researcher_probe_;
    StoreReport report_;
    std::map<std::string, bool> made_;  // name, and whether it is known to stand there
    File first_;                        // as the store should have it
    bool unguarded_ = false;            // a file can be replaced
};

}  // namespace fieldfare::researcher
