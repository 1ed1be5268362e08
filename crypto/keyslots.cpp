#include "crypto/keyslots.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/keyslots_file.h"
#include "crypto/keyslots_layout.h"

namespace fieldfare::crypto {

using keyslots::copy_size;
using keyslots::SlotType;

static_assert(KeyslotsFile::file_size == 2 * copy_size);

namespace {

struct Chosen {
    Bytes copy;
    bool first = true;  ///< whether it is the first of the two
};

Result<Chosen> choose(ByteView file) {
    if (file.size() != KeyslotsFile::file_size) {
        return tl::unexpected(keyslots::begins_as_keyslots(file) ? Error::damaged : Error::wrong_format);
    }
    const ByteView first = file.first(copy_size);
    const ByteView second = file.last(copy_size);
    const auto first_checked = keyslots::check_copy(first);
    const auto second_checked = keyslots::check_copy(second);
    // A whole copy of a later version is not to be overwritten by the repair of an older program.
    for (const auto& checked : {first_checked, second_checked})
        if (!checked && checked.error() == Error::unsupported) return tl::unexpected(Error::unsupported);
    if (!first_checked && !second_checked) {
        const bool foreign = first_checked.error() == Error::wrong_format;
        return tl::unexpected(foreign ? second_checked.error() : first_checked.error());
    }
    const bool first_wins = first_checked && (!second_checked || keyslots::generation_of(first) >=
                                                                     keyslots::generation_of(second));
    const ByteView copy = first_wins ? first : second;
    return Chosen{Bytes(copy.begin(), copy.end()), first_wins};
}

/// Under which the user's slots stand.
Result<PassphraseKey> users_key(ByteView copy, const Credentials& credentials) {
    auto key = keyslots::key_for(copy, credentials.passphrase);
    if (!key || !credentials.token) return key;
    return keyslots::with_token(*key, *credentials.token);
}

}  // namespace

Result<Bytes> KeyslotsFile::newest_copy(ByteView file) {
    return choose(file).map([](Chosen&& chosen) { return std::move(chosen.copy); });
}

PassphraseCost KeyslotsFile::cost() const {
    return keyslots::cost_of(copy_);
}

Result<KeyslotsFile> KeyslotsFile::create(const std::filesystem::path& path, const Credentials& credentials,
                                          const PassphraseCost& cost) {
    auto copy = keyslots::empty_copy(cost, 1);
    if (!copy) return tl::unexpected(copy.error());
    const auto key = users_key(*copy, credentials);
    if (!key) return tl::unexpected(key.error());
    auto master = MasterKey::random();
    if (!master) return tl::unexpected(master.error());
    if (auto sealed = keyslots::seal_slot(*copy, 0, *key, SlotType::user, *master); !sealed)
        return tl::unexpected(sealed.error());
    *copy = keyslots::finished(std::move(*copy), 1);
    Bytes file = *copy;
    file.insert(file.end(), copy->begin(), copy->end());
    if (auto created = keyslots::create_file(path, file); !created) return tl::unexpected(created.error());
    KeyslotsFile slots(path, std::move(*copy), true);
    slots.on_disk_ = true;
    return slots;
}

Result<KeyslotsFile> KeyslotsFile::open(const std::filesystem::path& path) {
    const auto file = keyslots::read_file(path, file_size, copy_size);
    if (!file) return tl::unexpected(file.error());
    auto chosen = choose(file->bytes);
    if (!chosen) return tl::unexpected(chosen.error());
    const std::size_t other = chosen->first ? copy_size : 0;
    // What could not be read may be the newer one, of which the disk gives more another day.
    const bool unread = std::ranges::find(file->lost, other) != file->lost.end();
    const bool differ = !equal(ByteView(file->bytes).subspan(other, copy_size), chosen->copy);
    KeyslotsFile slots(path, std::move(chosen->copy), chosen->first);
    slots.to_repair_ = unread || differ;
    if (differ && !unread) {
        if (auto kept = slots.bring_to_disk(); !kept) return tl::unexpected(kept.error());
        (void)slots.repair();  // where the disk does not take it, the other copy is whole all the same
    }
    return slots;
}

Result<void> KeyslotsFile::repair() {
    if (!to_repair_) return {};
    if (auto kept = bring_to_disk(); !kept) return kept;
    auto written = keyslots::overwrite(path_, newest_is_first_ ? copy_size : 0, copy_);
    to_repair_ = !written;
    return written;
}

Result<void> KeyslotsFile::look(const std::filesystem::path& path) {
    const auto file = keyslots::read_file(path, file_size, copy_size);
    if (!file) return tl::unexpected(file.error());
    if (const auto chosen = choose(file->bytes); !chosen) return tl::unexpected(chosen.error());
    return {};
}

struct KeyslotsFile::Opened {
    PassphraseKey passphrase;                   ///< of the passphrase alone
    std::optional<PassphraseKey> with_token{};  ///< where a token was given
    bool token_needed = false;                  ///< the user's slots stand under with_token
    std::optional<MasterKey> current{}, previous{};
    std::optional<std::size_t> previous_slot{};
    std::optional<SealedFiles> destroys{};

    const PassphraseKey& users() const { return token_needed ? *with_token : passphrase; }
};

Result<KeyslotsFile::Opened> KeyslotsFile::try_slots(const Credentials& credentials) const {
    auto passphrase = keyslots::key_for(copy_, credentials.passphrase);
    if (!passphrase) return tl::unexpected(passphrase.error());
    Opened opened{.passphrase = std::move(*passphrase)};
    if (credentials.token) {
        auto both = keyslots::with_token(opened.passphrase, *credentials.token);
        if (!both) return tl::unexpected(both.error());
        opened.with_token.emplace(std::move(*both));
    }
    for (const bool token : {true, false}) {
        if (token && !opened.with_token) continue;
        if (auto tried = try_slots(token ? *opened.with_token : opened.passphrase, token, opened); !tried)
            return tl::unexpected(tried.error());
    }
    if (!opened.current && !opened.destroys) return tl::unexpected(Error::wrong_passphrase);
    // One passphrase for both is never written; who made it means harm, and neither may be guessed.
    if (opened.current && opened.destroys) return tl::unexpected(Error::not_canonical);
    return opened;
}

Result<void> KeyslotsFile::try_slots(const PassphraseKey& key, bool token, Opened& opened) const {
    for (std::size_t i = 0; i < keyslots::slot_count; ++i) {
        auto slot = keyslots::open_slot(copy_, i, key);
        if (!slot && slot.error() == Error::wrong_passphrase) continue;
        if (!slot) return tl::unexpected(slot.error());
        // Slots of the user's with the token and without, side by side, are never written, nor one that
        // destroys with it.
        const bool users = slot->type != SlotType::destroy;
        if (token ? !users : users && opened.token_needed) return tl::unexpected(Error::not_canonical);
        opened.token_needed = token;
        switch (slot->type) {
            case SlotType::user:
                opened.current = std::move(slot->master);
                break;
            case SlotType::previous:
                opened.previous = std::move(slot->master);
                opened.previous_slot = i;
                break;
            case SlotType::destroy:
                opened.destroys = slot->sealed;
                break;
            case SlotType::recovery:  // no passphrase opens one
                return tl::unexpected(Error::unsupported);
        }
    }
    return {};
}

Result<Unlocked> KeyslotsFile::unlock(const Credentials& credentials) {
    auto opened = try_slots(credentials);
    if (!opened) return tl::unexpected(opened.error());
    if (opened->destroys) {
        ordered_.emplace(Ordered{std::move(opened->passphrase), *opened->destroys});
        return DestroyOrder{*opened->destroys};
    }
    unlocked_ = true;
    previous_slot_ = opened->previous_slot;
    return MasterKeys{std::move(*opened->current), std::move(opened->previous), opened->token_needed};
}

/// The user's slots, of a vault that no change is under way in.
Result<KeyslotsFile::Opened> KeyslotsFile::open_users(const Credentials& users) const {
    auto opened = try_slots(users);
    if (!opened) return opened;
    if (opened->destroys) return tl::unexpected(Error::wrong_passphrase);
    if (opened->previous) return tl::unexpected(Error::wrong_state);
    return opened;
}

Result<MasterKeys> KeyslotsFile::change_passphrase(const Credentials& old_ones, const Credentials& new_ones,
                                                   const PassphraseCost& cost) {
    const auto old = open_users(old_ones);
    if (!old) return tl::unexpected(old.error());
    return change_from(*old->current, new_ones, cost);
}

Result<MasterKeys> KeyslotsFile::change_passphrase(const MasterKey& master, const Credentials& new_ones,
                                                   const PassphraseCost& cost) {
    return change_from(master, new_ones, cost);
}

Result<MasterKeys> KeyslotsFile::change_from(const MasterKey& old, const Credentials& new_ones,
                                             const PassphraseCost& cost) {
    auto kept = MasterKey::zeroed();
    if (!kept) return tl::unexpected(kept.error());
    std::ranges::copy(old.expose(), kept->storage().begin());
    const std::uint64_t generation = keyslots::generation_of(copy_) + 1;
    auto copy = keyslots::empty_copy(cost, generation);
    if (!copy) return tl::unexpected(copy.error());
    const auto key = users_key(*copy, new_ones);
    if (!key) return tl::unexpected(key.error());
    auto master = MasterKey::random();
    if (!master) return tl::unexpected(master.error());
    auto sealed = keyslots::seal_slot(*copy, 0, *key, SlotType::user, *master);
    if (sealed) sealed = keyslots::seal_slot(*copy, 1, *key, SlotType::previous, old);
    if (!sealed) return tl::unexpected(sealed.error());
    keyslots::put_recovery_slot(*copy, recovery_slot());  // still leads to the key that the vault still has
    if (auto written = write_both(keyslots::finished(std::move(*copy), generation)); !written)
        return tl::unexpected(written.error());
    unlocked_ = true;
    previous_slot_ = 1;
    return MasterKeys{std::move(*master), std::move(*kept), new_ones.token != nullptr};
}

Result<void> KeyslotsFile::forget_previous() {
    if (!unlocked_) return tl::unexpected(Error::wrong_state);
    if (!previous_slot_) return {};
    Bytes copy = copy_;
    if (auto emptied = keyslots::empty_slot(copy, *previous_slot_); !emptied) return emptied;
    const auto written = write(keyslots::finished(std::move(copy), keyslots::generation_of(copy_) + 1));
    if (!written) return tl::unexpected(written.error());
    previous_slot_.reset();
    if (*written == Copies::one) return tl::unexpected(Error::not_writable);
    return {};
}

Result<void> KeyslotsFile::rewrite(const Opened& user, const PassphraseKey* destroying, SealedFiles sealed) {
    auto copy = keyslots::emptied(copy_);
    if (!copy) return tl::unexpected(copy.error());
    keyslots::put_recovery_slot(*copy, recovery_slot());
    if (auto done = keyslots::seal_slot(*copy, 0, user.users(), SlotType::user, *user.current); !done)
        return done;
    if (destroying != nullptr) {
        const auto place = keyslots::free_place();
        if (!place) return tl::unexpected(place.error());
        if (auto done = keyslots::seal_destroy_slot(*copy, *place, *destroying, sealed); !done) return done;
    }
    return write_both(keyslots::finished(std::move(*copy), keyslots::generation_of(copy_) + 1));
}

Result<void> KeyslotsFile::set_destroy_passphrase(const Credentials& users, const SecretText& destroying,
                                                  SealedFiles sealed) {
    const auto user = open_users(users);
    if (!user) return tl::unexpected(user.error());
    const auto key = keyslots::key_for(copy_, destroying);
    if (!key) return tl::unexpected(key.error());
    // The passphrases are compared, not what a token makes of one: who forgets the token must not destroy.
    if (equal(key->expose(), user->passphrase.expose())) return tl::unexpected(Error::same_passphrase);
    return rewrite(*user, &*key, sealed);
}

Result<void> KeyslotsFile::remove_destroy_passphrase(const Credentials& users) {
    const auto user = open_users(users);
    if (!user) return tl::unexpected(user.error());
    return rewrite(*user, nullptr, SealedFiles::stay);
}

Bytes KeyslotsFile::recovery_slot() const {
    return keyslots::recovery_slot_of(copy_);
}

Result<void> KeyslotsFile::set_recovery_slot(ByteView slot) {
    if (slot.size() != keyslots::slot_size) return tl::unexpected(Error::bad_argument);
    Bytes copy = copy_;
    keyslots::put_recovery_slot(copy, slot);
    const auto written = write(keyslots::finished(std::move(copy), keyslots::generation_of(copy_) + 1));
    if (!written) return tl::unexpected(written.error());
    return {};
}

Result<void> KeyslotsFile::destroy_master_key() {
    if (!ordered_) return tl::unexpected(Error::wrong_state);
    auto copy = keyslots::emptied(copy_);
    if (!copy) return tl::unexpected(copy.error());
    const auto place = keyslots::free_place();
    if (!place) return tl::unexpected(place.error());
    if (auto done = keyslots::seal_destroy_slot(*copy, *place, ordered_->key, ordered_->sealed); !done)
        return done;
    const auto written = write(keyslots::finished(std::move(*copy), keyslots::generation_of(copy_) + 1));
    if (!written) return tl::unexpected(written.error());
    ordered_->done = true;
    return {};
}

Result<void> KeyslotsFile::begin_anew(const MasterKey& master) {
    if (!ordered_ || !ordered_->done) return tl::unexpected(Error::wrong_state);
    auto copy = keyslots::emptied(copy_);
    if (!copy) return tl::unexpected(copy.error());
    if (auto done = keyslots::seal_slot(*copy, 0, ordered_->key, SlotType::user, master); !done) return done;
    const auto written = write(keyslots::finished(std::move(*copy), keyslots::generation_of(copy_) + 1));
    if (!written) return tl::unexpected(written.error());
    ordered_.reset();
    unlocked_ = true;
    previous_slot_.reset();
    return {};
}

Result<void> KeyslotsFile::destroy() {
    auto copy = keyslots::empty_copy(cost(), keyslots::generation_of(copy_) + 1);
    if (!copy) return tl::unexpected(copy.error());
    const auto written = write(std::move(*copy));
    if (!written) return tl::unexpected(written.error());
    unlocked_ = false;
    previous_slot_.reset();
    if (*written == Copies::one) return tl::unexpected(Error::not_writable);
    return {};
}

Bytes KeyslotsFile::copy_at(std::size_t offset) const {
    const auto file = keyslots::read_file(path_, file_size, copy_size);
    if (!file || file->bytes.size() != file_size) return {};
    const ByteView copy = ByteView(file->bytes).subspan(offset, copy_size);
    return {copy.begin(), copy.end()};
}

/// After a sync that failed the system may call the bytes written that it has let go of: they are written
/// once more.
Result<void> KeyslotsFile::bring_to_disk() {
    if (on_disk_) return {};
    auto synced = sync_failed_ ? keyslots::overwrite(path_, newest_is_first_ ? 0 : copy_size, copy_)
                               : keyslots::sync_file(path_);
    on_disk_ = synced.has_value();
    sync_failed_ = !on_disk_;
    return synced;
}

Result<KeyslotsFile::Copies> KeyslotsFile::write(Bytes copy) {
    if (auto kept = bring_to_disk(); !kept) return tl::unexpected(kept.error());
    const std::size_t newest = newest_is_first_ ? 0 : copy_size;
    const std::size_t other = copy_size - newest;
    const Bytes before = copy_at(other);  // not always the newest: to_repair_
    if (auto written = keyslots::overwrite(path_, other, copy); !written) {
        // What the disk has now is unknown; the newest copy is untouched. Bring the other back to it.
        const Bytes now = copy_at(other);
        const bool touched = now.empty() || now != before;
        const bool taken_back = keyslots::overwrite(path_, other, copy_).has_value();
        undecided_ = touched && !taken_back;
        return tl::unexpected(written.error());
    }
    undecided_ = to_repair_ = false;
    copy_ = std::move(copy);
    newest_is_first_ = other == 0;
    // A disk that fails once is asked again: the old slots are still there.
    const bool both = keyslots::overwrite(path_, newest, copy_) || keyslots::overwrite(path_, newest, copy_);
    return both ? Copies::both : Copies::one;
}

Result<void> KeyslotsFile::write_both(Bytes copy) {
    Bytes before = copy_;
    const auto written = write(std::move(copy));
    if (!written) return tl::unexpected(written.error());
    if (*written == Copies::both) return {};
    // The other copy may still be the old one, which counts where the disk loses this one. Taken back, but
    // only with the old one whole: while this one is overwritten, nothing else stands.
    const std::size_t taken = newest_is_first_ ? 0 : copy_size, refused = copy_size - taken;
    const bool taken_back =
        copy_at(refused) == before && keyslots::overwrite(path_, taken, before).has_value();
    undecided_ = !taken_back;
    if (taken_back) {
        copy_ = std::move(before);
        newest_is_first_ = !newest_is_first_;
    }
    return tl::unexpected(Error::not_writable);
}

}  // namespace fieldfare::crypto
