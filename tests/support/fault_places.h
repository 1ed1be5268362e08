#pragma once

// Stores at which what a seed draws goes wrong, for one run of a device each; and what the device did there.

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/loopback.h"
#include "tests/support/s3_drop.h"
#include "tests/support/sftp_drop.h"
#include "tests/support/sync.h"
#include "tests/support/web_drop.h"

namespace fieldfare::test {

/// The same numbers for a seed on every machine.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    /// 0 to `below` - 1.
    std::size_t below(std::size_t below) { return static_cast<std::size_t>(engine_() % below); }
    bool one_in(std::size_t times) { return below(times) == 0; }
    template <typename T>
    const T& of(const std::vector<T>& all) {
        return all[below(all.size())];
    }

  private:
    std::mt19937_64 engine_;
};

/// What a device asked of a store, pass by pass.
struct Errands {
    struct Put {
        std::string hash;  ///< that its name promises
        int pass = 0;
        std::uint64_t size = 0;
        bool acknowledged = false;
        bool other_content = false;
        bool lost = false;  ///< the store has lost it since
    };
    std::vector<Put> puts;
    std::size_t others = 0;             ///< lists and gets
    std::size_t after_a_fault = 0;      ///< errands in a pass in which the store itself had failed before
    int pass = 0, failed_in_pass = -1;  ///< the current one
    int took_nothing_in_pass = -1;      ///< full, or nobody may put: it is asked for receipts all the same
};

/// A store of one run.
class FaultPlace {
  public:
    virtual ~FaultPlace() = default;

    virtual sync::Store store() const = 0;
    /// What goes wrong in the next pass; says what.
    virtual std::string goes_wrong(Dice& dice) = 0;
    virtual void goes_well() = 0;

    /// All that stands in the study's folder and in receipts/, as whoever fetches sees it: by name.
    virtual std::map<std::string, std::string> objects() = 0;
    /// Somebody else puts this there.
    virtual void put_by_another(const std::string& name, const std::string& content) = 0;
    /// It has lost what stood under this name.
    virtual void lose(const std::string& name) = 0;

    /// Whether the device is let in to read.
    virtual bool shows_files() const { return true; }
    /// Whether its clock is hours ahead.
    virtual bool refuses_the_clock() const { return false; }
    /// Over its line; nothing where there is none.
    virtual const ChaosProxy* line() const { return nullptr; }

    /// The transport that goes there and notes it.
    sync::TransportResult<std::unique_ptr<sync::Transport>> open();
    Errands errands;

  protected:
    virtual std::unique_ptr<sync::Transport> transport() = 0;
};

/// The hardened drop, in which a device reads nothing but receipts; WebDAV where it may do all; a bucket,
/// whose clock may be hours ahead; a folder on a small disk; SFTP on one, where a device may do all or, as in
/// the hardened drop, reads nothing but receipts. Each with a new study of that tag.
std::unique_ptr<FaultPlace> hardened_place(WebDrop& drop, const std::string& tag);
std::unique_ptr<FaultPlace> open_place(WebDrop& drop, const std::string& tag);
std::unique_ptr<FaultPlace> bucket_place(S3Drop& drop, const std::string& tag, bool clock_is_off);
std::unique_ptr<FaultPlace> folder_place(const std::string& tag);
std::unique_ptr<FaultPlace> sftp_place(SshDrop& drop, const std::string& tag);
std::unique_ptr<FaultPlace> hardened_sftp_place(SshDrop& drop, const std::string& tag);

}  // namespace fieldfare::test
