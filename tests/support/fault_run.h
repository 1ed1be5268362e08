#pragma once

// One run of the fault campaign: a device with an outbox, one to three stores at which things go wrong, and
// researchers who sign receipts; all drawn from a seed.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/fault_places.h"

namespace fieldfare::test {

/// Of many runs.
struct FaultFigures {
    std::size_t runs = 0, passes = 0, files = 0, puts = 0, acknowledged = 0, forgotten = 0;
    std::uint64_t bytes_sent = 0;   ///< over lines, with all that TLS and HTTP add
    std::uint64_t bytes_taken = 0;  ///< at their ends: each file once for every store that took it there
    std::map<std::string, std::size_t> faults;  ///< of all_faults

    std::string text() const;
};

/// What can go wrong, each by its word in FaultFigures.
extern const std::set<std::string> all_faults;

class FaultRun {
  public:
    /// `ssh`: null where there is none.
    FaultRun(std::uint64_t seed, WebDrop& web, S3Drop& s3, SshDrop* ssh);

    /// Passes with faults and without, until all is done. What does not hold of the promises is CHECKed.
    void go(FaultFigures& figures);

  private:
    struct File {
        std::string content;
        std::set<const FaultPlace*> poisoned;  ///< where another's content has its name
        std::set<std::uint8_t> accepted_by;    ///< signers, in a receipt that lies in a store
        int enough_since = 0;                  ///< day on which enough of them lay there; 0: not yet
        bool gone = false;
        bool lost = false;  ///< by a store that had it
    };

    void make_places(WebDrop& web, S3Drop& s3, SshDrop* ssh);
    void poison(File& file, const std::string& hash);
    bool loses_one(FaultPlace& place, Dice& dice);
    void pass(bool faulty, FaultFigures& figures);
    void sign_receipts();
    void put_receipt(const crypto::Bytes& receipt);
    void see_what_is_gone();
    void check_stores();
    void check_errands();
    void check_lines();
    void check_what_is_nowhere(FaultFigures& figures);
    bool has_one_hidden(const std::string& hash) const;
    void count(FaultFigures& figures) const;
    std::set<std::string> arrived();

    std::uint64_t seed_;
    Dice dice_;   ///< for what is settled at the beginning
    Dice order_;  ///< of stores: how often it is asked for depends on what a line does when
    std::string tag_;
    std::vector<std::unique_ptr<FaultPlace>> places_;
    std::unique_ptr<OutboxDevice> device_;
    std::map<std::string, File> files_;  ///< by hash
    std::set<std::uint8_t> signers_;     ///< those who are at work
    std::uint32_t receipts_ = 0;
    std::uint64_t counter_ = 0;
    bool clock_is_off_ = false;
    int day_ = 1, passes_ = 0;
    std::size_t waiting_ = 0;
    std::string told_;  ///< what went wrong in the last pass, as the device knows it
};

}  // namespace fieldfare::test
