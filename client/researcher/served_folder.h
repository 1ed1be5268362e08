#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "client/researcher/exit_code.h"
#include "client/researcher/true_names.h"
#include "crypto/bytes.h"
#include "crypto/hash.h"
#include "sync/folder_store.h"

namespace fieldfare::researcher {

/// What the folder says to a request, as a status of HTTP, and what is wrong with it if a person must know.
struct FolderWord {
    int status = 500;
    std::optional<sync::TransportError> trouble{};
};

/// As sync/http_status.h has it: 507 and 413 are about room, 503 asks the device to come again.
int status_of_folder(sync::Fault fault);

/// Bytes in the studies' folders. Each file counts as at least `least_counted`: empty ones without end would
/// fill a disk all the same.
struct RoomTaken {
    std::uint64_t stored = 0;  ///< when it was last counted, and what came since
    std::uint64_t coming = 0;  ///< kept for what is coming in
};

inline constexpr std::uint64_t least_counted = 64 * 1024;

/// A batch that is coming in. Room is kept for all of it; when it goes before finish(), nothing is left.
class Arrival {
  public:
    Arrival(Arrival&&) noexcept;
    Arrival& operator=(Arrival&&) = delete;
    ~Arrival();

    /// Nothing when all is well; after a word only destroying it is left.
    std::optional<FolderWord> write(crypto::ByteView piece);
    /// 201: it is whole, on the disk and stands under its name. 412: another was first. 422: it is not what
    /// its name says, by the SHA-256 in it. 400: fewer bytes came than were announced. 503: something else
    /// has got its name since; the next begin() moves that aside.
    FolderWord finish();

    const std::string& name() const { return name_; }
    std::uint64_t size() const { return size_; }

  private:
    friend class ServedFolder;
    Arrival(sync::FolderUpload upload, std::string name, std::uint64_t size, std::shared_ptr<RoomTaken> room,
            const sync::FolderStore& store, TrueNames& true_names);

    sync::FolderUpload upload_;
    std::string name_;
    std::uint64_t size_, came_ = 0;
    crypto::Sha256 hash_{};
    std::shared_ptr<RoomTaken> room_;  // null: moved from, or stored
    const sync::FolderStore* store_;   // both outlive it
    TrueNames* true_names_;
};

/// The folder store that a receiver fills: `fetch --store folder:…` reads it. Used by one thread; outlives
/// what comes in.
class ServedFolder {
  public:
    /// Makes the folders of the studies, removes what a receiver that was killed has left, and counts what
    /// is there. `quota`: bytes in these studies' folders, as RoomTaken counts them. `count_again`: after how
    /// long at the soonest it looks whether somebody has made room.
    static Result<ServedFolder> open(const std::filesystem::path& folder,
                                     const std::vector<std::string>& tags, std::uint64_t quota,
                                     std::chrono::milliseconds count_again = std::chrono::seconds(10));

    /// 412: the name is there with what it says, and stays; something else under it is moved aside. 507: what
    /// is there leaves no room within the quota, or on the disk. 429: with what is coming in there is none,
    /// for now. Nothing is made on the disk for what is refused.
    std::variant<Arrival, FolderWord> begin(std::string_view name, std::uint64_t size);
    /// A receipt. 404: there is none.
    std::variant<crypto::Bytes, FolderWord> receipt(std::string_view name);

    std::size_t files() const { return files_; }  ///< batches that were there when it was last counted
    const RoomTaken& room() const { return *room_; }
    std::size_t set_aside() const { return set_aside_; }  ///< files that were not what their names said

  private:
    ServedFolder(const std::filesystem::path& folder, std::vector<std::string> tags, std::uint64_t quota,
                 std::chrono::milliseconds count_again);
    sync::TransportResult<void> count();
    /// Why there is no room for it.
    std::optional<FolderWord> no_room_for(std::uint64_t size);

    std::unique_ptr<sync::FolderStore> store_;  // their addresses stay where arrivals know them
    std::unique_ptr<TrueNames> true_names_;
    std::vector<std::string> tags_;
    std::uint64_t quota_;
    std::shared_ptr<RoomTaken> room_ = std::make_shared<RoomTaken>();
    std::size_t files_ = 0, set_aside_ = 0;
    std::chrono::milliseconds count_again_;
    std::chrono::steady_clock::time_point counted_{};
};

}  // namespace fieldfare::researcher
