#include "client/store/vault.h"

#include <sys/stat.h>

#include <algorithm>

#include "client/store/attachments.h"
#include "client/store/database.h"
#include "client/store/destruction.h"
#include "client/store/failed_tries.h"
#include "client/store/faults.h"
#include "client/store/migrations.h"
#include "client/store/profile.h"
#include "client/store/vault_database.h"
#include "client/store/vault_kind.h"
#include "crypto/hash.h"
#include "crypto/keyslots.h"
#include "crypto/random.h"

namespace fieldfare::store {

namespace {

/// Whether a key that came from outside is this profile's.
Result<void> opens(const std::filesystem::path& folder, const crypto::MasterKey& master) {
    const auto database = open_database(folder, master);
    if (database) return {};
    const bool foreign = database.error() == Error::foreign_database;
    return tl::unexpected(foreign ? Error::wrong_answer : database.error());
}

/// Whether the database is one that a rescue is for.
bool is_damaged(const std::filesystem::path& folder, const crypto::MasterKeys& keys) {
    auto database = open_database(folder, keys.current);
    if (!database && database.error() == Error::foreign_database && keys.previous)
        database = open_database(folder, *keys.previous);
    return !database &&
           (database.error() == Error::database_damaged || database.error() == Error::disk_failed ||
            database.error() == Error::foreign_database);
}

/// The profile, held by this program, with no rescue half done.
Result<ProfileLock> take_profile(const std::filesystem::path& folder) {
    auto lock = ProfileLock::take(folder);
    if (!lock) return lock;
    if (auto done = finish_rescue(folder); !done) return tl::unexpected(done.error());
    return lock;
}

/// Why a change of the keyslots did not come about; `perhaps`, where nobody can tell whether it did.
Error not_changed(const crypto::KeyslotsFile& keyslots, crypto::Error why, Error perhaps) {
    return keyslots.undecided() ? perhaps : from_keyslots(why);
}

/// Counted before it is tried: who pulls the plug while a wrong one is at work has tried it all the same.
Result<crypto::Unlocked> counted_try(const std::filesystem::path& folder, crypto::KeyslotsFile& keyslots,
                                     const crypto::Credentials& credentials,
                                     const Surroundings& surroundings) {
    const int failed = failed_tries(folder);
    set_failed_tries(folder, failed + 1);
    surroundings.reached(Step::try_counted);
    auto unlocked = keyslots.unlock(credentials);
    if (unlocked || unlocked.error() != crypto::Error::wrong_passphrase)
        set_failed_tries(folder, unlocked ? 0 : failed);
    if (!unlocked) return tl::unexpected(from_keyslots(unlocked.error()));
    return std::move(*unlocked);
}

/// What a passphrase that destroys is there for. The master key goes first; until begin_anew the passphrase
/// leads here again, so that whatever was cut short is done over.
Result<crypto::MasterKeys> destroy(const std::filesystem::path& folder, crypto::KeyslotsFile& keyslots,
                                   const crypto::DestroyOrder& order, const Surroundings& surroundings) {
    surroundings.reached(Step::destroy_ordered);
    if (const auto gone = keyslots.destroy_master_key(); !gone)
        return tl::unexpected(from_keyslots(gone.error()));
    surroundings.reached(Step::master_key_destroyed);
    // What can't be overwritten is without its key all the same, and must not stop the rest.
    (void)overwrite_database(folder);
    surroundings.reached(Step::database_overwritten);
    (void)overwrite_residue(folder, order.sealed);
    surroundings.reached(Step::residue_overwritten);

    auto master = crypto::MasterKey::random();
    if (!master) return tl::unexpected(from_keyslots(master.error()));
    if (auto made = create_database(folder, *master, nullptr); !made) return tl::unexpected(made.error());
    surroundings.reached(Step::emptied);
    if (const auto begun = keyslots.begin_anew(*master); !begun)
        return tl::unexpected(from_keyslots(begun.error()));
    surroundings.reached(Step::begun_anew);
    return crypto::MasterKeys{std::move(*master), std::nullopt};
}

/// What is needed to open a profile's database, by a passphrase that was right.
struct Entered {
    ProfileLock lock;
    crypto::KeyslotsFile keyslots;
    crypto::MasterKeys keys;
    std::size_t adopted = 0;  ///< batches
};

/// After a passphrase that destroys, the keys of the empty profile.
Result<Entered> enter(const std::filesystem::path& folder, const crypto::Credentials& credentials,
                      const Surroundings& surroundings) {
    const auto there = profile_state(folder);
    if (there.kind == ProfileState::Kind::no_vault) return tl::unexpected(Error::no_vault);
    if (there.kind == ProfileState::Kind::damaged) return tl::unexpected(*there.fault);
    if (auto closed = make_private_folder(folder); !closed) return tl::unexpected(closed.error());
    auto lock = ProfileLock::take(folder);
    if (!lock) return tl::unexpected(lock.error());

    // Before the passphrase: what is sealed is sendable whoever sits there. What can't be moved now stays,
    // complete, and is tried again.
    std::size_t adopted = 0;
    if (auto outbox = sync::Outbox::open_existing(outbox_folder(folder))) {
        if (const auto leftovers = outbox->adopt_leftovers())
            adopted = static_cast<std::size_t>(std::ranges::count_if(
                *leftovers, [](const auto& leftover) { return leftover.moved.has_value(); }));
    }

    auto keyslots = crypto::KeyslotsFile::open(keyslots_file(folder));
    if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
    auto unlocked = counted_try(folder, *keyslots, credentials, surroundings);
    if (!unlocked) return tl::unexpected(unlocked.error());
    if (const auto* order = std::get_if<crypto::DestroyOrder>(&*unlocked)) {
        auto emptied = destroy(folder, *keyslots, *order, surroundings);
        if (!emptied) return tl::unexpected(emptied.error());
        *unlocked = std::move(*emptied);
    } else if (auto done = finish_rescue(folder); !done) {
        return tl::unexpected(done.error());
    }
    return Entered{std::move(*lock), std::move(*keyslots), std::get<crypto::MasterKeys>(std::move(*unlocked)),
                   adopted};
}

}  // namespace

struct Vault::State {
    State(std::filesystem::path profile, ProfileLock held, Database opened, sync::Outbox files,
          const Surroundings& around, const crypto::Id& incarnation)
        : folder(std::move(profile)),
          lock(std::move(held)),
          database(std::move(opened)),
          outbox(std::move(files)),
          surroundings(around),
          studies(database),
          drafts(database),
          attachments(database, outbox),
          sealing(database, outbox, surroundings, incarnation) {}

    /// The rest of create and unlock, once the keys are known.
    static Result<std::unique_ptr<State>> open(const std::filesystem::path& folder, ProfileLock lock,
                                               crypto::KeyslotsFile& keyslots, const crypto::MasterKeys& keys,
                                               const Surroundings& surroundings);

    /// Brings the open batches to their time limit, and what a fault has left undecided to its decision.
    Result<void> tidy() {
        if (auto done = sealing.finish_old(); !done) return done;
        return sealing.settle();
    }

    /// Seals the master key to whom the newest package names, or to nobody, unless that stands in the
    /// keyslots already. The note of it is made with the master key, so that a change of that is noticed,
    /// too.
    Result<void> keep_recovery(crypto::KeyslotsFile& keyslots, const crypto::MasterKey& master) {
        const auto wanted = studies.supervision();
        if (!wanted) return tl::unexpected(wanted.error());
        const crypto::BoxKey key = wanted->supervisor.value_or(crypto::BoxKey{});
        const auto note_of = [&](crypto::ByteView slot) {
            return crypto::to_hex(
                crypto::keyed_hash(master.expose(), "FFV1 recovery at",
                                   {slot, key.bytes, wanted->vault.study, wanted->vault.device}));
        };
        constexpr std::string_view name = "vault.recovery";
        Statement found = database.prepare("SELECT value FROM setting WHERE name = ?");
        const auto row = found.bind(1, name).step();
        if (!row) return tl::unexpected(row.error());
        if (*row && found.text(0) == note_of(keyslots.recovery_slot())) return {};
        const auto slot = crypto::seal_recovery_slot(master, wanted->vault, wanted->supervisor);
        if (!slot) return tl::unexpected(from_crypto(slot.error()));
        if (const auto set = keyslots.set_recovery_slot(*slot); !set)
            return tl::unexpected(from_keyslots(set.error()));
        return database.run(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = "
            "excluded.value",
            name, note_of(*slot));
    }

    /// After a passphrase that destroys, or a rescue that found no keys: what has stood in the outbox until
    /// then is of keys that are gone. Without the note people are told of a silence of researchers that may
    /// be none.
    void mark_earlier() {
        const auto anew = studies.begun_anew();
        if (!anew) return;
        for (const std::string& tag : *anew)
            if (outbox.record_earlier(tag)) (void)studies.forget_begun_anew(tag);
    }

    /// Whether the names of the profile and its folders are on the disk: a run that was killed may have made
    /// them, and not waited for it.
    Result<void> sync_names() {
        if (names_synced) return {};
        for (const auto& named : {folder, outbox_folder(folder)})
            if (auto synced = sync_folder(named); !synced) return synced;
        names_synced = true;
        return {};
    }

    Result<void> write_sync_file() {
        const auto config = studies.sync_config();
        if (!config) return tl::unexpected(config.error());
        const auto there = sync::SyncConfig::read(sync_file(folder));
        if (there && there->to_json() == config->to_json()) return {};
        if (const auto written = config->write(sync_file(folder)); !written) {
            return tl::unexpected(from_sync_config(written.error()));
        }
        return {};
    }

    std::filesystem::path folder;
    ProfileLock lock;
    Database database;
    sync::Outbox outbox;
    Surroundings surroundings;
    Studies studies;
    Drafts drafts;
    Attachments attachments;
    Sealing sealing;
    Found found;
    bool token_needed = false;  ///< Vault::needs_token
    bool names_synced = false;
};

Vault::Vault(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

Result<std::unique_ptr<Vault::State>> Vault::State::open(const std::filesystem::path& folder,
                                                         ProfileLock lock, crypto::KeyslotsFile& keyslots,
                                                         const crypto::MasterKeys& keys,
                                                         const Surroundings& surroundings) {
    auto opened = open_and_rekey(folder, keyslots, keys, surroundings);
    if (!opened) return tl::unexpected(opened.error());
    (void)keyslots.repair();  // or at the next unlock
    if (auto done = migrate(opened->database); !done) return tl::unexpected(done.error());
    auto outbox = sync::Outbox::open(outbox_folder(folder));
    if (!outbox) return tl::unexpected(from_outbox(outbox.error()));
    const auto incarnation = crypto::random_id();
    if (!incarnation) return tl::unexpected(from_crypto(incarnation.error()));
    auto state = std::make_unique<State>(folder, std::move(lock), std::move(opened->database),
                                         std::move(*outbox), surroundings, *incarnation);
    // A full disk must not keep anyone out: what can't be settled or written now is tried again by what
    // follows.
    (void)state->sync_names();
    state->mark_earlier();
    state->sealing.look_again();
    (void)state->sealing.clear_way();
    state->found.interrupted = state->sealing.decided();
    (void)state->sealing.release_parts();
    (void)state->attachments.leave_unfinished();
    (void)state->attachments.sweep();
    (void)overwrite_unfinished(folder);
    (void)state->write_sync_file();
    (void)state->keep_recovery(keyslots, *opened->under);
    state->token_needed = keys.token_needed;
    (void)note_confirmations(state->database, state->outbox,
                             std::chrono::floor<std::chrono::days>(surroundings.now()));
    (void)state->database.checkpoint();  // a crash may have left older pages of sealed interviews in the log
    return state;
}

Result<Vault> Vault::create(const std::filesystem::path& folder, const crypto::Credentials& credentials,
                            const crypto::PassphraseCost& cost, const Surroundings& surroundings,
                            const StudyRecord* first) {
    if (auto made = make_private_folder(folder); !made) return tl::unexpected(made.error());
    // Whoever has made them, a run that was killed among them.
    if (auto synced = sync_names_above(folder); !synced) return tl::unexpected(synced.error());
    auto lock = ProfileLock::take(folder);
    if (!lock) return tl::unexpected(lock.error());
    const auto there = profile_state(folder);
    if (there.kind == ProfileState::Kind::damaged) return tl::unexpected(*there.fault);
    if (there.kind == ProfileState::Kind::locked) return tl::unexpected(Error::already_a_vault);
    if (auto cleared = clear_for_creation(folder); !cleared) return tl::unexpected(cleared.error());

    auto state = [&]() -> Result<std::unique_ptr<State>> {
        auto keyslots = crypto::KeyslotsFile::create(keyslots_file(folder), credentials, cost);
        if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
        const auto unlocked = keyslots->unlock(credentials);
        if (!unlocked) return tl::unexpected(from_keyslots(unlocked.error()));
        const auto& keys = std::get<crypto::MasterKeys>(*unlocked);
        surroundings.reached(Step::keyslots_made);
        if (auto made = create_database(folder, keys.current, first); !made)
            return tl::unexpected(made.error());
        surroundings.reached(Step::database_made);
        return State::open(folder, std::move(*lock), *keyslots, keys, surroundings);
    }();
    if (!state) {
        take_back_creation(folder);
        return tl::unexpected(state.error());
    }
    return Vault(std::move(*state));
}

Result<Vault> Vault::unlock(const std::filesystem::path& folder, const crypto::Credentials& credentials,
                            const Surroundings& surroundings) {
    auto entered = enter(folder, credentials, surroundings);
    if (!entered) return tl::unexpected(entered.error());
    auto state =
        State::open(folder, std::move(entered->lock), entered->keyslots, entered->keys, surroundings);
    if (!state) return tl::unexpected(state.error());
    (*state)->found.batches = entered->adopted;
    return Vault(std::move(*state));
}

Result<RescuedVault> Vault::rescue(const std::filesystem::path& folder,
                                   const crypto::Credentials& credentials, const Surroundings& surroundings,
                                   const StudyFiles& studies) {
    auto entered = enter(folder, credentials, surroundings);
    if (!entered) return tl::unexpected(entered.error());
    Rescued rescued;
    // A passphrase that destroys has left a new one, and a disk may read today what it did not yesterday.
    if (is_damaged(folder, entered->keys)) {
        const auto done = rescue_database(folder, entered->keys, studies, surroundings);
        if (!done) return tl::unexpected(done.error());
        rescued = *done;
    }
    auto state =
        State::open(folder, std::move(entered->lock), entered->keyslots, entered->keys, surroundings);
    if (!state) return tl::unexpected(state.error());
    return RescuedVault{Vault(std::move(*state)), rescued};
}

Result<Vault::Opens> Vault::try_passphrase(const crypto::Credentials& credentials) {
    if (!state_) return tl::unexpected(Error::locked);
    auto keyslots = crypto::KeyslotsFile::open(keyslots_file(state_->folder));
    if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
    const auto tried = counted_try(state_->folder, *keyslots, credentials, state_->surroundings);
    if (!tried) return tl::unexpected(tried.error());
    return std::holds_alternative<crypto::DestroyOrder>(*tried) ? Opens::nothing_but_destroys
                                                                : Opens::this_vault;
}

Result<void> Vault::lock() {
    if (!state_) return {};
    state_->attachments.drop();
    auto outcome = state_->sealing.finish_all();
    auto emptied = state_->database.checkpoint();
    state_.reset();
    return outcome ? emptied : outcome;
}

Found Vault::found() const {
    return state_ ? state_->found : Found();
}

bool Vault::needs_token() const {
    return state_ && state_->token_needed;
}

Result<void> Vault::change_passphrase(const crypto::Credentials& old_ones,
                                      const crypto::Credentials& new_ones,
                                      const crypto::PassphraseCost& cost) {
    if (!state_) return tl::unexpected(Error::locked);
    if (auto finished = state_->sealing.finish_all(); !finished) return finished;
    if (auto room = check_room_to_rekey(state_->folder); !room) return room;
    auto keyslots = crypto::KeyslotsFile::open(keyslots_file(state_->folder));
    if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
    const auto keys = keyslots->change_passphrase(old_ones, new_ones, cost);
    if (!keys) return tl::unexpected(not_changed(*keyslots, keys.error(), Error::change_undecided));
    // From here on the new ones count, whatever fails: locked, so that nobody goes on with the old ones.
    state_->surroundings.reached(Step::new_passphrase);

    const auto fail = [this](Error why) {
        state_.reset();
        return tl::unexpected(why);
    };
    if (const auto done =
            rekey_database(state_->folder, std::move(state_->database), keys->current, state_->surroundings);
        !done)
        return fail(done.error());
    auto database = open_database(state_->folder, keys->current);
    if (!database) return fail(database.error());
    state_->database = std::move(*database);
    if (const auto done = keyslots->forget_previous(); !done) return fail(from_keyslots(done.error()));
    state_->token_needed = keys->token_needed;
    (void)state_->keep_recovery(*keyslots, keys->current);  // or at the next unlock
    (void)overwrite_damaged_database(state_->folder);
    return {};
}

Result<crypto::RecoveryRequest> begin_recovery(const std::filesystem::path& folder) {
    const auto lock = ProfileLock::take(folder);
    if (!lock) return tl::unexpected(lock.error());
    const auto keyslots = crypto::KeyslotsFile::open(keyslots_file(folder));
    if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
    auto request = crypto::RecoveryRequest::begin(keyslots->recovery_slot());
    if (!request) return tl::unexpected(from_crypto(request.error()));
    return std::move(*request);
}

Result<void> try_recovered(const std::filesystem::path& folder, const crypto::MasterKey& master) {
    const auto lock = take_profile(folder);
    if (!lock) return tl::unexpected(lock.error());
    return opens(folder, master);
}

Result<Vault> Vault::recover(const std::filesystem::path& folder, const crypto::MasterKey& master,
                             const crypto::Credentials& new_ones, const crypto::PassphraseCost& cost,
                             const Surroundings& surroundings) {
    const auto there = profile_state(folder);
    if (there.kind == ProfileState::Kind::no_vault) return tl::unexpected(Error::no_vault);
    if (there.kind == ProfileState::Kind::damaged) return tl::unexpected(*there.fault);
    auto lock = take_profile(folder);
    if (!lock) return tl::unexpected(lock.error());
    if (auto outbox = sync::Outbox::open_existing(outbox_folder(folder))) (void)outbox->adopt_leftovers();
    // Before the keyslots change: a key that opens nothing must not shut out the passphrase that does.
    if (const auto opened = opens(folder, master); !opened) return tl::unexpected(opened.error());
    auto keyslots = crypto::KeyslotsFile::open(keyslots_file(folder));
    if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
    const auto keys = keyslots->change_passphrase(master, new_ones, cost);
    if (!keys) return tl::unexpected(not_changed(*keyslots, keys.error(), Error::change_undecided));
    // From here on the new ones count, whatever fails.
    surroundings.reached(Step::new_passphrase);
    set_failed_tries(folder, 0);
    auto state = State::open(folder, std::move(*lock), *keyslots, *keys, surroundings);
    if (!state) return tl::unexpected(Error::change_unfinished);
    return Vault(std::move(*state));
}

Result<void> Vault::set_destroy_passphrase(const crypto::Credentials& users,
                                           const crypto::SecretText& destroying, crypto::SealedFiles sealed) {
    if (!state_) return tl::unexpected(Error::locked);
    auto keyslots = crypto::KeyslotsFile::open(keyslots_file(state_->folder));
    if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
    const auto set = keyslots->set_destroy_passphrase(users, destroying, sealed);
    if (!set) return tl::unexpected(not_changed(*keyslots, set.error(), Error::destroying_undecided));
    return {};
}

Result<void> Vault::remove_destroy_passphrase(const crypto::Credentials& users) {
    if (!state_) return tl::unexpected(Error::locked);
    auto keyslots = crypto::KeyslotsFile::open(keyslots_file(state_->folder));
    if (!keyslots) return tl::unexpected(from_keyslots(keyslots.error()));
    const auto removed = keyslots->remove_destroy_passphrase(users);
    if (!removed) return tl::unexpected(not_changed(*keyslots, removed.error(), Error::destroying_undecided));
    return {};
}

// --- studies ----------------------------------------------------------------------------------------

Result<ImportOutcome> Vault::import_study(const StudyRecord& record) {
    if (!state_) return tl::unexpected(Error::locked);
    const auto outcome = state_->studies.add(record);
    if (!outcome) return outcome;
    // The version counts from here on. All of these are done again at each unlock, the first and the last
    // before each sync, too.
    if (*outcome == ImportOutcome::new_version) (void)state_->sealing.finish_all();
    if (*outcome == ImportOutcome::new_study) state_->mark_earlier();
    (void)state_->write_sync_file();
    return outcome;
}

Result<std::vector<StudySummary>> Vault::studies() {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->studies.list();
}

Result<crypto::Bytes> Vault::package(const StudyId& study, std::uint32_t version) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->studies.package(study, version);
}

// --- drafts -----------------------------------------------------------------------------------------

Result<void> Vault::start_draft(const DraftId& id, const StudyId& study, std::uint32_t package_version,
                                const DraftChange& first) {
    if (!state_) return tl::unexpected(Error::locked);
    (void)state_->tidy();  // a draft can be written although a batch can't
    if (state_->sealing.has_sealed(id)) return tl::unexpected(Error::unknown_draft);
    return state_->drafts.start(id, study, package_version, first);
}

Result<void> Vault::save_draft(const DraftId& id, const DraftChange& change) {
    if (!state_) return tl::unexpected(Error::locked);
    // A draft that may already be sealed must not change.
    if (auto tidied = state_->sealing.settle(id); !tidied) return tidied;
    (void)state_->sealing.finish_old();
    auto saved = state_->drafts.save(id, change);
    (void)state_->attachments.sweep();  // what can't be overwritten now is at the next occasion
    return saved;
}

Result<LoadedDraft> Vault::load_draft(const DraftId& id) {
    if (!state_) return tl::unexpected(Error::locked);
    auto draft = state_->drafts.load(id);
    if (!draft) return draft;
    (void)state_->attachments.leave_unnamed(id);
    (void)state_->attachments.sweep();
    auto files = state_->attachments.list(id);
    if (!files) return tl::unexpected(files.error());
    draft->attachments = std::move(*files);
    return draft;
}

Result<std::vector<DraftSummary>> Vault::drafts(const StudyId& study) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->drafts.list(study);
}

Result<bool> Vault::is_draft(const DraftId& id) {
    if (!state_) return tl::unexpected(Error::locked);
    if (auto cleared = state_->sealing.clear_way(); !cleared) return tl::unexpected(cleared.error());
    const auto kind = vault_kind(state_->database);
    if (!kind) return tl::unexpected(kind.error());
    if (state_->sealing.has_sealed(id)) return false;
    if (*kind == VaultKind::unattended) return true;
    Statement found = state_->database.prepare("SELECT 1 FROM draft WHERE id = ?");
    const auto row = found.bind(1, std::string_view(id)).step();
    if (row && !*row) return tl::unexpected(Error::unknown_draft);
    return row;
}

Result<std::optional<SealedAs>> Vault::sealed_as(const DraftId& draft) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->sealing.sealed_as(draft);
}

Result<void> Vault::delete_draft(const DraftId& id) {
    if (!state_) return tl::unexpected(Error::locked);
    if (auto tidied = state_->sealing.settle(id); !tidied) return tidied;
    if (auto can = state_->drafts.can_change(id); !can) return can;
    // What a rescue set aside has the interview in it as well. Before, since nothing comes back to it later.
    (void)overwrite_damaged_database(state_->folder);
    auto removed = state_->drafts.remove(id);
    (void)state_->attachments.sweep();
    return removed;
}

Result<void> Vault::begin_attachment(const DraftId& draft, std::string_view name) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->attachments.begin(draft, name);
}

Result<void> Vault::add_to_attachment(crypto::ByteView bytes) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->attachments.add(bytes);
}

Result<std::uint64_t> Vault::end_attachment() {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->attachments.end();
}

void Vault::drop_attachment() {
    if (state_) state_->attachments.drop();
}

// --- sealing ----------------------------------------------------------------------------------------

Result<void> Vault::finalise(const DraftId& draft, const crypto::Id& uuid, const SubmissionMedia& media,
                             const Payload& payload) {
    if (!state_) return tl::unexpected(Error::locked);
    if (auto named = state_->sync_names(); !named) return named;
    (void)overwrite_damaged_database(state_->folder);  // as in delete_draft
    return state_->sealing.finalise(draft, uuid, media, payload);
}

Result<void> Vault::seal_at_once(const StudyId& study, std::uint32_t package_version,
                                 const DraftId& interview, const crypto::Id& uuid, const Payload& payload) {
    if (!state_) return tl::unexpected(Error::locked);
    if (auto named = state_->sync_names(); !named) return named;
    return state_->sealing.seal_at_once(study, package_version, interview, uuid, payload);
}

Result<void> Vault::withdraw(const StudyId& study, const crypto::WithdrawalCode& code) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->sealing.withdraw(study, code);
}

Result<void> Vault::finish_batches() {
    if (!state_) return tl::unexpected(Error::locked);
    const auto written = state_->write_sync_file();  // where an import or an unlock could not
    auto finished = state_->sealing.finish_all();
    return finished ? written : finished;
}

Result<void> Vault::say_here() {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->sealing.say_here();
}

Result<std::optional<Head>> Vault::head(const StudyId& study) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->sealing.head(study);
}

Result<Counts> Vault::counts(const StudyId& study) {
    if (!state_) return tl::unexpected(Error::locked);
    return count_interviews(state_->database, state_->outbox, study);
}

Result<void> Vault::note_receipts() {
    if (!state_) return tl::unexpected(Error::locked);
    const auto today = std::chrono::floor<std::chrono::days>(state_->surroundings.now());
    return note_confirmations(state_->database, state_->outbox, today);
}

Result<bool> Vault::may_forget(const sync::SealedFile& file) {
    if (!state_) return tl::unexpected(Error::locked);
    const auto today = std::chrono::floor<std::chrono::days>(state_->surroundings.now());
    return store::may_forget(state_->database, state_->outbox, file, today);
}

// --- settings ---------------------------------------------------------------------------------------

Result<std::optional<std::string>> Vault::setting(std::string_view name) {
    if (!state_) return tl::unexpected(Error::locked);
    Statement found = state_->database.prepare("SELECT value FROM setting WHERE name = ?");
    const auto row = found.bind(1, name).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return std::nullopt;
    return std::string(found.text(0));
}

Result<void> Vault::set_setting(std::string_view name, std::string_view value) {
    if (!state_) return tl::unexpected(Error::locked);
    return state_->database.run(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = "
        "excluded.value",
        name, value);
}

Result<sync::Outbox*> Vault::outbox() {
    if (!state_) return tl::unexpected(Error::locked);
    return &state_->outbox;
}

}  // namespace fieldfare::store
