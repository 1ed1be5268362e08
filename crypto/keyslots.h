#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/passphrase_cost.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

/// The key over everything in a vault; keys for single purposes come out of it by `derive`.
using MasterKey = Secret<32, struct MasterKeyTag>;

/// What a passphrase leads to. `previous` is there only when a change of passphrase was cut short: the vault
/// opens with one of the two; when it is the previous one, it is rekeyed to `current`; then
/// `forget_previous`.
struct MasterKeys {
    MasterKey current;
    std::optional<MasterKey> previous;
};

/// The file beside a vault that wraps its master key under passphrases: 8192 bytes, always. Two copies with
/// generation numbers are written one after the other in place, each followed by fsync, so that one of them
/// is whole at every instant; nothing is renamed, so that no old copy stays behind in the folder. The byte
/// format is in KEYS.md. One object, one thread and one process at a time.
class KeyslotsFile {
  public:
    static constexpr std::size_t file_size = 8192;

    /// Makes the file (mode 0600) with one passphrase and a new random master key, which `unlock` hands out:
    /// so nothing is encrypted under it before the passphrase has opened the file once. `already_there`,
    /// `not_writable`, `cost_refused`, `out_of_memory`. After a crash in it there is the whole file or none
    /// (a leftover `<path>.new` is overwritten by the next try).
    static Result<KeyslotsFile> create(const std::filesystem::path& path, const SecretText& passphrase,
                                       const PassphraseCost& cost);

    /// Reads it and repairs the copy that a crash left older or torn, before anyone is asked for a
    /// passphrase. `not_found`, `not_readable`, `wrong_format`, `unsupported`, `damaged` (no whole copy),
    /// `cost_refused`, `not_writable` (the repair failed; nothing was lost).
    static Result<KeyslotsFile> open(const std::filesystem::path& path);

    /// One Argon2id, then every slot is tried. `wrong_passphrase`, or `out_of_memory` when this machine can't
    /// spare what the file asks for. The work runs for `cost()`: not on the thread that draws.
    Result<MasterKeys> unlock(const SecretText& passphrase);

    /// A new passphrase and a new master key; other passphrases are gone with the old key. Both keys come
    /// back: the caller rekeys the vault from `previous` to `current` and then calls `forget_previous`. From
    /// this return on only the new passphrase counts, and until `forget_previous` it leads to both keys, so
    /// that a crash at any instant leaves a vault that opens. `wrong_passphrase` for the old one;
    /// `wrong_state` when an earlier change has not been brought to its end; otherwise as `create`.
    Result<MasterKeys> change_passphrase(const SecretText& old_passphrase, const SecretText& new_passphrase,
                                         const PassphraseCost& cost);

    /// After the vault is rekeyed: overwrites the slot of the previous key. Does nothing when there is none.
    /// `wrong_state` before `unlock` or `change_passphrase` on this object; `not_writable`.
    Result<void> forget_previous();

    /// Overwrites everything in both copies. The file stays and looks like any other, but no passphrase opens
    /// it any more. On flash the old bytes may survive somewhere: KEYS.md says what that means.
    /// `not_writable`.
    Result<void> destroy();

    PassphraseCost cost() const;

    /// The whole copy with the highest generation out of a file's bytes (4096 bytes), or why there is none:
    /// `wrong_format`, `unsupported`, `damaged`, `cost_refused`. What `open` decides by; here for tests.
    static Result<Bytes> newest_copy(ByteView file);

  private:
    KeyslotsFile(std::filesystem::path path, Bytes copy, bool newest_is_first)
        : path_(std::move(path)), copy_(std::move(copy)), newest_is_first_(newest_is_first) {}
    enum class Copies { one, both };   ///< how many a write brought to the disk
    Result<Copies> write(Bytes copy);  ///< an error means none, and the newest copy still stands

    std::filesystem::path path_;
    Bytes copy_;            ///< the newest copy as it stands in the file
    bool newest_is_first_;  ///< which of the two is written last
    bool unlocked_ = false;
    std::optional<std::size_t> previous_slot_;
};

}  // namespace fieldfare::crypto
