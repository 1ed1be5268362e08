#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <variant>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/passphrase_cost.h"
#include "crypto/secret.h"
#include "crypto/token.h"

namespace fieldfare::crypto {

/// The key over everything in a vault; keys for single purposes come out of it by `derive`.
using MasterKey = Secret<32, struct MasterKeyTag>;

/// What a passphrase leads to. `previous` is there only when a change of passphrase was cut short: the vault
/// opens with one of the two; when it is the previous one, it is rekeyed to `current`; then
/// `forget_previous`.
struct MasterKeys {
    MasterKey current;
    std::optional<MasterKey> previous;
    bool token_needed = false;  ///< the passphrase alone would not have led here
};

/// What becomes of the sealed files beside the vault when a passphrase that destroys is typed. Sealed under
/// that passphrase, since it must be known when everything else is gone already.
enum class SealedFiles : std::uint8_t { stay = 0, go = 1 };

/// Somebody has typed the passphrase that destroys. No key comes with it.
struct DestroyOrder {
    SealedFiles sealed;
};

/// What a passphrase leads to: two types, so that nobody takes the one for the other.
using Unlocked = std::variant<MasterKeys, DestroyOrder>;

struct PassphraseKeyTag;

/// The file beside a vault that wraps its master key under passphrases, and with a token under both together:
/// 8192 bytes, always, and nobody can tell which. Two copies with generation numbers are written one after
/// the other in place, each followed by fsync, and none before the disk has the one that stays, so that one
/// of them is whole at every instant; nothing is renamed, so that no old copy stays behind in the folder. The
/// byte format is in KEYS.md. One object, one thread and one process at a time.
class KeyslotsFile {
  public:
    static constexpr std::size_t file_size = 8192;

    /// Makes the file (mode 0600) with one passphrase and a new random master key, which `unlock` hands out:
    /// so nothing is encrypted under it before the passphrase has opened the file once. `already_there`,
    /// `not_writable`, `cost_refused`, `out_of_memory`. After a crash in it there is the whole file or none
    /// (a leftover `<path>.new` is overwritten by the next try).
    static Result<KeyslotsFile> create(const std::filesystem::path& path, const Credentials& credentials,
                                       const PassphraseCost& cost);

    /// Reads it and repairs the copy that a crash left older or torn, before anyone is asked for a
    /// passphrase. One that the disk does not give back, or does not take, stays for `repair`. `not_found`,
    /// `not_readable` (neither copy), `wrong_format`, `unsupported`, `damaged` (no whole copy),
    /// `cost_refused`, `not_canonical`, `not_writable` (the permissions, or the copies differ and the disk
    /// does not say that it has the newest; nothing was lost).
    static Result<KeyslotsFile> open(const std::filesystem::path& path);

    /// Writes the copy anew that the disk did not give back to `open`, or did not take from it; nothing where
    /// it did. For when the master key has opened what it is for: only then it is sure that the copy which
    /// was read is the newest. `not_writable`.
    Result<void> repair();

    /// Whether `open` would find a whole copy, with its errors. Changes nothing.
    static Result<void> look(const std::filesystem::path& path);

    /// One Argon2id, then every slot is tried, with the token and without: a token too many hurts nobody, and
    /// the passphrase that destroys needs none. `wrong_passphrase`, which a token that is missing or another
    /// is, too; or `out_of_memory` when this machine can't spare what the file asks for. The work runs for
    /// `cost()`: not on the thread that draws. Nothing is destroyed by it: whoever gets a DestroyOrder calls
    /// `destroy_master_key`.
    Result<Unlocked> unlock(const Credentials& credentials);

    /// A new passphrase, from now on with this token or with none, and a new master key; other passphrases,
    /// one that destroys among them, are gone with the old key. Both keys come back: the caller rekeys the
    /// vault from `previous` to `current` and then calls `forget_previous`. From this return on only the new
    /// passphrase counts, in no copy the old one, and until `forget_previous` it leads to both keys, so that
    /// a crash at any instant leaves a vault that opens. After `not_writable` see `undecided`.
    /// `wrong_passphrase` for the old one, also when it is the one that destroys; `wrong_state` when an
    /// earlier change has not been brought to its end; otherwise as `create`.
    Result<MasterKeys> change_passphrase(const Credentials& old_ones, const Credentials& new_ones,
                                         const PassphraseCost& cost);

    /// The same with the master key instead of the old passphrase: it came from a supervisor (recovery.h).
    /// Whether it is the vault's the caller has tried. Not `wrong_state`: an earlier change that was not
    /// brought to its end is given up.
    Result<MasterKeys> change_passphrase(const MasterKey& master, const Credentials& new_ones,
                                         const PassphraseCost& cost);

    /// The slot that is sealed to a supervisor, or to a key that nobody has: 128 bytes, as they stand. A
    /// change of passphrase leaves it as it is; whoever has changed it seals the new master key anew.
    Bytes recovery_slot() const;
    /// Writes another (seal_recovery_slot). `bad_argument` for another size, `not_writable`.
    Result<void> set_recovery_slot(ByteView slot);

    /// After the vault is rekeyed: overwrites the slot of the previous key. Does nothing when there is none.
    /// `wrong_state` before `unlock` or `change_passphrase` on this object; `not_writable`.
    Result<void> forget_previous();

    /// Sets a second passphrase, at which `unlock` answers a DestroyOrder; one that was set before is
    /// replaced. It never needs a token: who is coerced may not have it at hand. All slots are written anew,
    /// so that a later file next to an earlier one does not say whether one was set, replaced or removed. Two
    /// runs of Argon2id. `wrong_passphrase` for the user's (also when it is the one that destroys),
    /// `same_passphrase`, `wrong_state` as for a change; `out_of_memory`, `not_writable`: as before.
    Result<void> set_destroy_passphrase(const Credentials& users, const SecretText& destroying,
                                        SealedFiles sealed);
    /// After it no second passphrase is set, whether or not one was. Errors as above.
    Result<void> remove_destroy_passphrase(const Credentials& users);

    /// After `unlock` has answered a DestroyOrder: overwrites every slot in both copies, at once, without
    /// another Argon2id. From this return on nothing here leads to the master key; the passphrase that was
    /// typed still leads to the same DestroyOrder, so that whoever was interrupted is told to begin again.
    /// `wrong_state` without an order; `not_writable`: the old state still stands. Where a disk took one copy
    /// and refused the other twice, the old slots stand in that one until the next `open`, or `begin_anew`,
    /// writes over it, before anything else.
    Result<void> destroy_master_key();

    /// After destroy_master_key, when an empty vault stands under `master`: the passphrase that destroyed
    /// becomes the user's. `wrong_state`, `not_writable`.
    Result<void> begin_anew(const MasterKey& master);

    /// Overwrites everything in both copies. The file stays and looks like any other, but no passphrase opens
    /// it any more. On flash the old bytes may survive somewhere: KEYS.md says what that means.
    /// `not_writable`.
    Result<void> destroy();

    /// After `not_writable`: the disk took a part of what was written, such as one of the two copies, and
    /// then not what stood before. Until the next `open` nobody can tell which of the two it will find.
    bool undecided() const { return undecided_; }

    PassphraseCost cost() const;

    /// The whole copy with the highest generation out of a file's bytes (4096 bytes), or why there is none:
    /// `wrong_format`, `unsupported`, `damaged`, `cost_refused`. What `open` decides by; here for tests.
    static Result<Bytes> newest_copy(ByteView file);

  private:
    KeyslotsFile(std::filesystem::path path, Bytes copy, bool newest_is_first)
        : path_(std::move(path)), copy_(std::move(copy)), newest_is_first_(newest_is_first) {}
    enum class Copies { one, both };          ///< how many a write brought to the disk
    Result<Copies> write(Bytes copy);         ///< an error means none, and the newest copy still stands
    Result<void> write_both(Bytes copy);      ///< an error means none, unless undecided()
    Result<void> bring_to_disk();             ///< the newest copy, before the other is overwritten
    Bytes copy_at(std::size_t offset) const;  ///< as the file has it now; empty when that can't be read
    struct Opened;
    Result<MasterKeys> change_from(const MasterKey& old, const Credentials& new_ones,
                                   const PassphraseCost& cost);
    Result<Opened> try_slots(const Credentials& credentials) const;
    Result<void> try_slots(const Secret<32, PassphraseKeyTag>& key, bool token, Opened& opened) const;
    Result<Opened> open_users(const Credentials& users) const;
    Result<void> rewrite(const Opened& user, const Secret<32, PassphraseKeyTag>* destroying,
                         SealedFiles sealed);

    std::filesystem::path path_;
    Bytes copy_;            ///< the newest copy as it stands in the file
    bool newest_is_first_;  ///< which of the two is written last
    bool unlocked_ = false;
    bool on_disk_ = false;  ///< the newest copy; a run that was killed may have got it no further than memory
    bool sync_failed_ = false;  ///< the last one that was to bring it there
    bool undecided_ = false;
    bool to_repair_ = false;  ///< the other copy
    std::optional<std::size_t> previous_slot_;
    struct Ordered {
        Secret<32, PassphraseKeyTag> key;  ///< of the passphrase that destroys
        SealedFiles sealed;
        bool done = false;  ///< the master key is gone
    };
    std::optional<Ordered> ordered_;
};

}  // namespace fieldfare::crypto
