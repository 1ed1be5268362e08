#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/researcher/serve_rules.h"
#include "client/researcher/served_folder.h"

namespace fieldfare::researcher {

/// What is answered to a request.
struct ServeAnswer {
    int status = 500;
    crypto::Bytes body{};
    int retry_after = 0;  ///< seconds; 0: not said
};

/// The rules and the folder of a receiver together, without a network: requests in, answers out. Used by one
/// thread.
class Receiver {
  public:
    /// `taken` is called for each batch when it is durable: the first digits of its hash, its size, and which
    /// it is since the start. `trouble` is called with a sentence on what a person must put right at the
    /// receiver, once for each kind of fault until a file is taken again, and on what was moved aside.
    struct Tells {
        std::function<void(const std::string& hash, std::uint64_t size, std::uint64_t count)> taken;
        std::function<void(const std::string& sentence)> trouble;
    };

    Receiver(std::vector<ServedStudy> studies, ServedFolder folder, Tells tells);

    enum class More { taken, too_many };
    /// More::too_many: as many uploads are under way as there may be, so that another gets 429, and the
    /// folder is not looked at.
    std::variant<Arrival, ServeAnswer> begin(const ServeRequest& request, More more = More::taken);
    /// Nothing when all is well; after an answer only destroying the arrival is left.
    std::optional<ServeAnswer> write(Arrival& arrival, crypto::ByteView piece);
    ServeAnswer finish(Arrival& arrival);

    std::uint64_t taken() const { return taken_; }
    const ServedFolder& folder() const { return folder_; }

  private:
    ServeAnswer answer(const FolderWord& word);
    std::variant<Arrival, ServeAnswer> take(const ServeRuling& ruling);

    std::vector<ServedStudy> studies_;
    ServedFolder folder_;
    Tells tells_;
    std::uint64_t taken_ = 0;
    std::vector<sync::Fault> told_;
};

}  // namespace fieldfare::researcher
