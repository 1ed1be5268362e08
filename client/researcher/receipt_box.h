#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "client/researcher/exit_code.h"
#include "client/study/study_package.h"
#include "crypto/batch.h"
#include "crypto/identity.h"
#include "sync/receipt.h"
#include "sync/transport.h"

namespace fieldfare::researcher {

// The receipts of an inbox. `open` makes them where the keys are, which may be a machine without a network;
// whatever command has a store at hand sends them.
//
//     INBOX/receipts/waiting/<study tag>/<device tag>-<counter>.receipt   made, not yet in all stores
//     INBOX/receipts/sent/<study tag>/…      the same, when every store has taken it
//     INBOX/receipts/sent/<study tag>/numbers   a line a device and store: under which number the last of
//                                            these stands there, so that the next one is tried behind it
//     INBOX/receipts/told                    what was told already, a line a file: signer, device, counter,
//                                            file's SHA-256, verdict
//
// An inbox may hold batches of several studies: each sends its own, to its own place.

/// What a device is to be told.
struct DeviceVerdicts {
    crypto::Id device{};
    crypto::ReceiptKey receipt_key;
    std::vector<sync::ReceiptEntry> entries;
};

/// Signs and seals one receipt for each device, about what this signer has not told it last, and puts it to
/// wait. Returns how many were made; none when there is nothing new to tell. Counters rise with each
/// receipt of a signer, also after "told" was lost, since they follow the clock.
Result<std::size_t> make_receipts(const std::filesystem::path& inbox, const study::StudyPackage& study,
                                  const crypto::Identity& signer, std::vector<DeviceVerdicts> verdicts);

struct Sending {
    std::size_t sent = 0;               ///< taken by every store
    std::size_t waiting = 0;            ///< still to be sent
    std::vector<std::string> troubles;  ///< a sentence for each store that failed, or is not there
    bool failed = false;                ///< one that is there did
};

/// Puts each waiting receipt into every store, under the first free number of its device, and those of a
/// device in the order of their counters. One that a store does not take waits, with the later ones of its
/// device, and the others go on; a store with a fault of its own is left: as one that is not there
/// (Fault::no_store) a folder without the study's own, which devices make. Safe to repeat.
/// `stop` ends it between two receipts or in the middle of one: what is left waits, and is no trouble.
Result<Sending> send_receipts(const std::filesystem::path& inbox, const std::string& study_tag,
                              const std::vector<sync::Transport*>& stores, const std::stop_token& stop = {});

}  // namespace fieldfare::researcher
