#include "client/app/update.h"

#include <algorithm>
#include <utility>

#include "client/app/after_crash.h"
#include "client/app/attaching.h"
#include "client/app/changing.h"
#include "client/app/closing.h"
#include "client/app/destroying.h"
#include "client/app/drafts.h"
#include "client/app/finalising.h"
#include "client/app/first_run.h"
#include "client/app/half_typed.h"
#include "client/app/handing_over.h"
#include "client/app/interviewing.h"
#include "client/app/kiosk.h"
#include "client/app/recovering.h"
#include "client/app/rescuing.h"
#include "client/app/review.h"
#include "client/app/study_update.h"
#include "client/app/taking_back.h"
#include "client/app/token_choice.h"

namespace fieldfare::app {

using schema::NodeId;

namespace {

constexpr std::int64_t minute_ms = 60'000;
// Longer without a key or click is no interviewing: the machine slept, or somebody made tea.
constexpr std::int64_t longest_pause_ms = 5 * minute_ms;

template <typename T>
void push(Effects& effects, T effect) {
    effects.emplace_back(std::move(effect));
}

/// In how many milliseconds the program locks itself, or what the screen counts down has changed.
std::optional<std::int64_t> locks_in(const AppState& state, std::int64_t tick_ms) {
    if (const auto* locked = std::get_if<Locked>(&state.stage)) {
        if (const auto ends = recovery_ends_in(*locked, state.last_input_ms, tick_ms)) return ends;
        // At each second of a wait, which the screen counts down.
        const std::int64_t left = locked->waits_until_ms - state.now_ms;
        if (left <= 0) return std::nullopt;
        return state.now_ms + (left - 1) % 1000 + 1 - tick_ms;
    }
    const auto* session = std::get_if<Session>(&state.stage);
    if (session && unattended(session->study)) return kiosk_wakes_in(state, *session, tick_ms);
    if (!session || session->study.auto_lock_minutes <= 0) {
        return std::nullopt;
    }
    std::int64_t due = state.last_input_ms + session->study.auto_lock_minutes * minute_ms - tick_ms;
    if (session->open) due = std::min(due, look_again_ms);
    // An interview under seal is let through first; it takes a moment.
    const bool sealing = session->open && session->open->sealing;
    return std::max<std::int64_t>(due, sealing || is_changing(*session) ? 1000 : 0);
}

// Applies one action; a member for each. Returns by filling effects_.
class Updater {
  public:
    Updater(AppState& state, const Environment& environment) : state_(state), environment_(environment) {}

    Effects take_effects() { return std::move(effects_); }

    // --- anywhere ---
    void operator()(const SetInterfaceLanguage& action) {
        state_.preferences.language = action.language;
        push(effects_, SavePreferences{state_.preferences});
    }
    void operator()(const SetTextSize& action) {
        state_.preferences.text_size = action.size;
        push(effects_, SavePreferences{state_.preferences});
    }
    void operator()(const ShowSettings&) { state_.settings_shown = true; }
    void operator()(const HideSettings&) {
        Session* session = this->session();
        // Their answers come at once.
        if (session && session->destroying && session->destroying->busy) return;
        if (session && session->changing && session->changing->busy) return;
        if (session) session->destroying.reset();
        if (session) session->changing.reset();
        state_.settings_shown = false;
    }
    void operator()(const ShowDestroyPassphrase& action) {
        Session* session = this->session();
        if (session && state_.settings_shown) take(*session, action);
    }
    void operator()(const ShowNewPassphrase& action) {
        Session* session = this->session();
        if (session && state_.settings_shown) take(*session, action);
    }
    void operator()(const PassphraseChanged& action) { take(state_, action); }
    void operator()(PassphraseRefused& action) {
        if (action.counts) {
            Locked locked;
            locked.why = std::move(action.why);
            stand(std::move(locked));
            push(effects_, LockVault{});  // what else was open with it
            keep_choice(state_, *action.counts);
        } else if (NewPassphrase* change = changing()) {
            take(*change, action);
        }
    }
    void operator()(const RemoveDestroyPassphrase& action) {
        if (Session* session = this->session()) take(*session, action, effects_);
    }
    void operator()(const DestroyPassphraseSet& action) {
        if (Session* session = this->session()) take(*session, action);
    }
    void operator()(DestroyPassphraseRefused& action) {
        if (Session* session = this->session()) take(*session, action);
    }
    void operator()(const DismissNotice&) { state_.notice = {}; }
    void operator()(const PersonActive&) {}
    void operator()(const PassphraseTyped& action) { take(state_, action); }
    void operator()(const Tick&) {
        if (half_typed_ends_in(state_, environment_.tick_ms) == 0) forget_half_typed(state_);
        hand_over_by_itself(state_, environment_, effects_);
        if (Locked* locked = this->locked()) {
            if (recovery_ends_in(*locked, state_.last_input_ms, environment_.tick_ms) == 0) {
                take(*locked, LeaveRecovery{}, effects_);
                locked->why = {"recovery.given_up", {}};
            }
            return;
        }
        if (Session* session = this->session(); session && unattended(session->study))
            return pass_time(state_, *session);
        if (locks_in(state_, environment_.tick_ms) == 0) {
            lock(Cause::idle);
        }
    }
    void operator()(const CloseWindow&) {
        Session* session = this->session();
        if (session && (ask_before_closing(*session) || !may_close(state_, *session, effects_))) return;
        lock(Cause::person);
        push(effects_, Quit{});
    }
    void operator()(const StayOpen& action) {
        if (Session* session = this->session()) take(*session, action);
    }

    // --- first run and unlocking ---
    void operator()(ProfileMissing) {
        if (std::holds_alternative<Starting>(state_.stage)) state_.stage = FirstRun{};
    }
    void operator()(const ProfileFound& action) {
        if (!std::holds_alternative<Starting>(state_.stage)) return;
        Locked locked;
        wait(locked, action.wait_seconds);
        state_.stage = std::move(locked);
    }
    void operator()(ChoosePackage& action) {
        if (Session* session = this->session()) return choose_update(*session, action, effects_);
        if (Locked* locked = this->locked()) return take(*locked, action, effects_);
        if (FirstRun* run = first_run()) take(*run, action, effects_);
    }
    void operator()(PackageRead& action) {
        if (Locked* locked = this->locked()) return take(*locked, action);
        if (FirstRun* run = first_run()) take(*run, action);
    }
    void operator()(PackageRefused& action) {
        if (Locked* locked = this->locked()) return take(*locked, action);
        if (FirstRun* run = first_run()) take(*run, action);
    }
    void operator()(const RejectPackage& action) {
        if (Locked* locked = this->locked()) return take(*locked, action);
        if (FirstRun* run = first_run()) take(*run, action);
    }
    void operator()(const ConfirmPackage& action) {
        if (Locked* locked = this->locked()) return take(*locked, action);
        if (FirstRun* run = first_run()) return take(*run, action, effects_);
        if (Session* session = this->session()) confirm_update(*session, effects_);
    }
    template <StudyUpdateAction Taken>
    void operator()(Taken& action) {
        if (Session* session = this->session()) take(*session, action, effects_);
    }
    void operator()(ChoosePassphrase& action) {
        if (NewPassphrase* change = changing()) return take(*change, action);
        if (Session* session = this->session()) return take(*session, action);
        if (Locked* locked = this->locked()) return take(*locked, action);
        if (FirstRun* run = first_run()) take(*run, action);
    }
    void operator()(RepeatPassphrase& action) {
        if (NewPassphrase* change = changing()) return take(*change, action, effects_);
        if (Session* session = this->session()) return take(*session, action, effects_);
        if (Locked* locked = this->locked()) return take(*locked, action, effects_);
        if (FirstRun* run = first_run()) take(*run, action, effects_);
    }
    void operator()(const BackToPassphrase& action) {
        if (NewPassphrase* change = changing()) return take(*change, action);
        if (Session* session = this->session()) return take(*session, action);
        if (Locked* locked = this->locked()) return take(*locked, action);
        if (FirstRun* run = first_run()) take(*run, action);
    }
    void operator()(ProfileRefused& action) {
        if (FirstRun* run = first_run()) take(*run, action);
    }
    void operator()(ProfileCreated& action) {
        if (std::holds_alternative<FirstRun>(state_.stage)) open(std::move(action.opened), Place::enrolled);
    }
    void operator()(const FinishFirstRun&) {
        auto* session = this->session();
        if (session && session->place == Place::enrolled) session->place = Place::home;
    }
    void operator()(TryPassphrase& action) {
        if (NewPassphrase* change = changing()) return take(*change, action);
        if (Session* session = this->session())
            return session->kiosk ? try_door(state_, *session, action, effects_) : take(*session, action);
        Locked* locked = this->locked();
        if (!locked || locked->busy || locked->recovering ||
            seconds_to_wait(*locked, environment_.tick_ms) > 0)
            return;
        if (locked->rescuing) return take(*locked, action, state_.token_path, effects_);
        if (action.passphrase.empty()) {
            locked->why = {"unlock.empty", {}};
            return;
        }
        locked->why = {};
        locked->busy = true;
        push(effects_, Unlock{std::move(action.passphrase), state_.token_path});
    }
    void operator()(Unlocked& action) {
        const Locked* locked = this->locked();
        if (!locked) return;
        const bool recovered = locked->recovering.has_value();
        Message found = news_of(action.opened.found, action.opened.study);
        open(std::move(action.opened), Place::home);
        if (recovered)
            session()->news = {"recovery.done", {}};
        else
            take(state_, *session(), OpenToRespondents{});
        session()->found = std::move(found);  // on an unattended machine it waits for staff
    }
    template <KioskAction Taken>
    void operator()(const Taken& action) {
        if (Session* session = this->session()) take(state_, *session, action);
    }
    void operator()(const PassphraseFits&) {
        Session* session = this->session();
        if (!session || pass_door(*session) != Passed::to_close) return;
        (*this)(CloseWindow{});
    }
    template <RecoveryAction Taken>
    requires(!FileAction<Taken>) void operator()(Taken& action) {
        if (Locked* locked = this->locked()) take(*locked, action, effects_);
    }
    template <TokenAction Taken>
    void operator()(const Taken& action) {
        if (Locked* locked = this->locked()) return take(state_, *locked, action, effects_);
        if (NewPassphrase* change = changing()) take(*change, action, effects_);
    }
    template <RescueAction Taken>
    void operator()(Taken& action) {
        Locked* locked = this->locked();
        if (!locked) return;
        take(*locked, action, effects_);
        if constexpr (std::same_as<Taken, RescueRefused>) wait(*locked, action.wait_seconds);
    }
    void operator()(Rescued& action) {
        if (!this->locked()) return;
        Message news = news_of(action), found = news_of(action.opened.found, action.opened.study);
        open(std::move(action.opened), Place::home);
        session()->news = std::move(news);
        session()->found = std::move(found);
    }
    void operator()(UnlockFailed& action) {
        // Where the passphrase that destroys was typed and could not be carried out, nothing is open any
        // more.
        if (session() && action.closed) stand(Locked{});
        if (Locked* locked = this->locked()) {
            locked->busy = false;
            locked->recovering.reset();
            locked->why = std::move(action.why);
            locked->damaged_in = std::move(action.damaged_in);
            wait(*locked, action.wait_seconds);
        } else if (Session* session = this->session()) {
            door_refused(state_, *session, action);
        }
    }
    void operator()(const UnlockedEmpty&) {
        const Session* session = this->session();
        if (!locked() && !(session && tried_at_door(*session))) return;
        forget_token(state_);  // it is no half of anything any more
        FirstRun run;
        run.unlocked = true;
        state_.stage = std::move(run);
        state_.notice = {};  // it was of what was there before
        forget_handing_over(state_, effects_);
    }
    void operator()(const Lock&) {
        if (Session* session = this->session(); !session || !is_changing(*session)) lock(Cause::person);
    }

    // --- home ---
    template <DraftAction Taken>
    void operator()(Taken& action) {
        if (Session* session = this->session()) take(state_, *session, action, environment_, effects_);
    }
    void operator()(const ShowHome&) {
        if (Locked* locked = this->locked()) {
            locked->sync_shown = false;
            return;
        }
        if (auto* fatal = std::get_if<Fatal>(&state_.stage)) fatal->sync_shown = false;
        Session* session = this->session();
        if (!session || session->place == Place::enrolled || (session->open && session->open->sealing))
            return;
        if (session->open) {
            session->open->picker.reset();
            focus(*session->open, schema::no_node);
            commit_typed(*session->open);
            save();
            list_open_draft(*session);
        }
        // Who goes before it was noted gets another one next time.
        if (session->open && session->place == Place::withdrawal) forget_code(*session->open);
        if (session->place == Place::study_file) {
            if (session->update && session->update->busy) return;  // its answer comes in a moment
            session->update.reset();
        }
        if (session->taking_back && session->taking_back->busy) return;  // so does its
        session->taking_back.reset();
        session->place = Place::home;
    }
    template <TakingBackAction Taken>
    void operator()(Taken& action) {
        if (Session* session = this->session()) take(*session, action, effects_);
        if constexpr (std::same_as<Taken, TakenBack>) sealed_waits(state_, environment_);
    }
    template <HandingOverAction Taken>
    void operator()(Taken& action) {
        take(state_, action, environment_, effects_);
    }

    // --- interview ---
    void operator()(const SetFormLanguage& action) {
        if (Session* session = this->session()) choose_language(*session, action.language);
        OpenInterview* open = editable();
        if (!open) open = editable(Place::review);  // which shows the languages, too
        if (!open || action.language >= open->interview.form().form().languages.size()) return;
        open->language = action.language;
        open->interview.set_language(action.language);
        refresh(*open);
        save(Forced::yes);
    }
    void operator()(TypeText& action) {
        if (OpenInterview* open = editable()) type_text(*open, action.node, std::move(action.text));
        save();
    }
    void operator()(const PickChoice& action) {
        if (OpenInterview* open = editable()) pick(*open, action.node, action.choice);
        save();
    }
    void operator()(const PickDigit& action) {
        if (OpenInterview* open = editable()) pick_digit(*open, action.node, action.digit);
        save();
    }
    void operator()(const MoveRanked& action) {
        if (OpenInterview* open = editable()) move_ranked(*open, action.node, action.choice, action.place);
        save();
    }
    void operator()(const ConfirmRanking& action) {
        if (OpenInterview* open = editable()) confirm_ranking(*open, action.node);
        save();
    }
    void operator()(const ClearAnswer& action) {
        if (OpenInterview* open = editable()) clear_answer(*open, action.node);
        save();
    }
    void operator()(const SayMissing& action) {
        if (OpenInterview* open = editable()) say_missing(*open, action.node, action.missing);
        save();
    }
    void operator()(const ToggleMissing& action) {
        OpenInterview* open = editable();
        if (open && open->missing_shown.erase(action.node) == 0) open->missing_shown.insert(action.node);
    }
    void operator()(const ToggleGuidance& action) {
        OpenInterview* open = editable();
        if (open && open->guidance_shown.erase(action.node) == 0) open->guidance_shown.insert(action.node);
    }
    void operator()(FilterChoices& action) {
        if (OpenInterview* open = editable()) open->filter[action.node] = std::move(action.text);
    }
    void operator()(const AddInstance& action) {
        if (OpenInterview* open = editable()) add_instance(*open, action.repeat);
        save();
    }
    void operator()(const RemoveInstance& action) {
        OpenInterview* open = editable();
        if (open && open->interview.remove_instance(action.instance)) refresh(*open);
        save();
    }
    void operator()(const FocusQuestion& action) {
        if (OpenInterview* open = editable()) focus(*open, action.node);
        save();
    }
    void operator()(const LeaveField& action) {
        if (OpenInterview* open = editable()) leave_field(*open, action.node);
        save();
    }
    void operator()(const GoOn& action) {
        if (OpenInterview* open = editable()) went(go_on_from(*open, action.node));
    }
    void operator()(const NextStep&) {
        if (OpenInterview* open = editable()) went(go_to_next(*open));
    }
    void operator()(const SkipAnyway&) {
        if (OpenInterview* open = editable()) went(skip_anyway(*open));
    }
    void operator()(const ShowUnanswered&) {
        OpenInterview* open = editable();
        if (!open) return;
        commit_typed(*open);
        open->prompt.reset();
        const auto step = std::ranges::find(open->steps, open->step, &Step::key);
        const auto questions =
            step == open->steps.end() ? std::vector<NodeId>() : questions_of(open->interview, *step);
        const auto found = std::ranges::find_if(
            questions, [&](NodeId question) { return standing_of(*open, question) != Standing::answered; });
        if (found != questions.end()) request_focus(*open, *found);
        save();
    }
    void operator()(const PreviousStep&) {
        if (Session* session = this->session(); session && back_from_code(*session)) return;
        if (OpenInterview* open = editable()) go_to_previous(*open);
        save();
    }
    void operator()(const JumpTo& action) {
        OpenInterview* open = editable(Place::review);
        if (!open) return;
        if (const Step* step = step_with(open->interview, open->steps, action.node)) {
            if (enter_by_its_door(*open, *step)) request_focus(*open, action.node);
            session()->place = Place::interview;
        }
        save();
    }
    void operator()(const ShowReview&) {
        if (OpenInterview* open = editable()) {
            focus(*open, schema::no_node);
            commit_typed(*open);
            session()->place = Place::review;
        }
        save();
    }
    void operator()(const ShowQuestions&) {
        OpenInterview* open = editable(Place::review);
        if (!open || open->steps.empty()) return;
        const auto step = std::ranges::find(open->steps, open->step, &Step::key);
        enter_by_its_door(*open, step == open->steps.end() ? open->steps.back() : *step);
        session()->place = Place::interview;
        save();
    }
    void operator()(const SaveAgain&) {
        OpenInterview* open = current();
        if (!open || open->sealing || open->save_failed.empty()) return;
        open->whole_ticket = 0;
        save(Forced::yes);
    }
    void operator()(AnswerSaved& action) {
        if (Locked* locked = this->locked()) return take(*locked, action);
        OpenInterview* open = current();
        if (!open || open->draft != action.draft) return;
        open->saved_ticket = std::max(open->saved_ticket, action.ticket);
        if (open->whole_ticket != 0 && action.ticket >= open->whole_ticket) {
            open->whole_ticket = 0;
            open->save_failed = {};
        }
        if (closes_after_save(*open)) return (*this)(CloseWindow{});
        take_next(state_, *session(), environment_, effects_);
    }
    void operator()(SaveFailed& action) {
        if (Locked* locked = this->locked(); locked && !take(*locked, action)) return;
        OpenInterview* open = current();
        if (!open || open->draft != action.draft) {
            state_.notice = std::move(action.why);
            return;
        }
        // A whole save under way repeats what an older one failed with.
        if (action.ticket >= open->whole_ticket) {
            open->whole_ticket = 0;
            open->save_failed = std::move(action.why);
        }
        (void)closes_after_save(*open);
        take_next(state_, *session(), environment_, effects_);
    }
    template <FinalisingAction Taken>
    void operator()(Taken& action) {
        if (Session* session = this->session()) return take(state_, *session, action, environment_, effects_);
        if constexpr (std::same_as<Taken, CodeDrawn>) wipe(action.code);
    }
    void operator()(Finalised& action) {
        if (Locked* locked = this->locked()) take(*locked, action);
        Session* session = this->session();
        if (!session) return;
        const bool closes = closes_after_seal(*session, action);
        take(state_, *session, action, environment_, effects_);
        if (closes) (*this)(CloseWindow{});
    }
    void operator()(FinaliseFailed& action) {
        if (Locked* locked = this->locked()) take(*locked, action);
        if (Session* session = this->session()) take(state_, *session, action, environment_, effects_);
    }

    // --- photos, recordings and files ---
    template <FileAction Taken>
    void operator()(Taken& action) {
        if constexpr (PickerAction<Taken>) {
            if (Locked* locked = this->locked(); locked && locked->token_picker)
                take(state_, *locked, action, effects_);
            else if (locked)
                take(*locked, action, effects_);
            if (NewPassphrase* change = changing(); change && change->picker)
                return take(*change, action, effects_);
        }
        OpenInterview* open = ByWorker<Taken> ? current() : editable();
        if (open) take(*open, action, effects_);
        save();
    }
    void operator()(DropFile& action) {
        if (state_.settings_shown && session()) {  // what is behind them is no place for it
            if (NewPassphrase* change = changing()) take(*change, action);
        } else if (OpenInterview* open = editable()) {
            drop_file(*open, action.path, effects_);
        } else if (Locked* locked = this->locked(); locked && drop_token(state_, *locked, action.path)) {
            return;
        } else if (locked && !locked->rescuing) {
            drop_answer(*locked, action.path, effects_);
        } else {
            ChoosePackage package{std::move(action.path)};
            (*this)(package);
        }
        save();
    }

    // --- the worker, in general ---
    void operator()(Failed& action) {
        if (Session* session = this->session()) session->loading.reset();
        state_.notice = std::move(action.why);
    }
    void operator()(FailedForGood& action) { state_.stage = Fatal{std::move(action.why), action.hands_over}; }

  private:
    enum class Cause { person, idle };

    Session* session() { return std::get_if<Session>(&state_.stage); }
    Locked* locked() { return std::get_if<Locked>(&state_.stage); }
    // While it is on the screen.
    NewPassphrase* changing() {
        Session* session = this->session();
        return session && state_.settings_shown && session->changing ? &*session->changing : nullptr;
    }
    OpenInterview* current() {
        Session* session = this->session();
        return session && session->open ? &*session->open : nullptr;
    }
    OpenInterview* editable(Place place = Place::interview) {
        Session* session = this->session();
        return session ? app::editable(*session, place) : nullptr;
    }
    FirstRun* first_run() { return std::get_if<FirstRun>(&state_.stage); }

    void save(Forced forced = Forced::no) {
        if (Session* session = this->session()) app::save(state_, *session, effects_, forced);
    }

    void went(Going going) {
        if (going == Going::ends) session()->place = Place::review;
        save();
    }

    void open(Opened opened, Place place) {
        Session session;
        session.study = std::move(opened.study);
        session.form = std::move(opened.form);
        session.drafts = std::move(opened.drafts);
        session.counts = opened.counts;
        session.newest = std::move(opened.newest);
        session.needs_token = opened.needs_token;
        if (!opened.needs_token) forget_token(state_);
        session.place = place;
        const bool waits = session.counts.sealed > 0;
        state_.stage = std::move(session);
        state_.last_input_ms = environment_.tick_ms;
        keep_plan(state_, environment_);
        if (waits) sealed_waits(state_, environment_);
    }

    void wait(Locked& locked, int seconds) {
        if (seconds > 0) locked.waits_until_ms = environment_.tick_ms + seconds * std::int64_t{1000};
    }

    void lock(Cause cause) {
        if (const auto* run = std::get_if<FirstRun>(&state_.stage); run && run->unlocked && !run->busy) {
            state_.stage = Locked{};
            state_.settings_shown = false;
            push(effects_, LockVault{});
            return;
        }
        if (Locked* locked = this->locked()) take(*locked, LeaveRecovery{}, effects_);
        Session* session = this->session();
        if (!session) return;
        if (OpenInterview* open = current(); open && !open->sealing) {
            commit_typed(*open);
            save();
        }
        Locked locked;
        locked.by_itself = cause == Cause::idle;
        if (session->open) remember_last_save(locked, *session->open);
        stand(std::move(locked));
        push(effects_, LockVault{});
    }

    /// Nothing of what was open is shown any more.
    void stand(Locked locked) {
        state_.stage = std::move(locked);
        if (!state_.sync.running) state_.sync = {};  // it says more than a locked machine may
        state_.settings_shown = false;
        state_.notice = {};
    }

    AppState& state_;
    const Environment& environment_;
    Effects effects_;
};

void count_time(AppState& state) {
    auto* session = std::get_if<Session>(&state.stage);
    if (!session || !session->open) return;
    OpenInterview& open = *session->open;
    if (session->place == Place::interview || session->place == Place::review) {
        open.milliseconds +=
            std::clamp<std::int64_t>(state.now_ms - open.counted_until_ms, 0, longest_pause_ms);
    }
    open.counted_until_ms = state.now_ms;
}

// A form that asks for more than it may is the researchers' to mend, but whoever interviews must know.
void tell_of_complaints(AppState& state) {
    auto* session = std::get_if<Session>(&state.stage);
    if (!session || !session->open || session->open->complained) return;
    if (session->open->interview.complaints().empty()) return;
    session->open->complained = true;
    if (!session->kiosk)
        state.notice = {"interview.complaint", {}};
    else if (state.notice.empty())
        state.notice = {std::string(respondents_notice), {}};
}

}  // namespace

Effects update(AppState& state, Action action, const Environment& environment) {
    state.now_ms = environment.tick_ms;
    state.utc_day = environment.utc_day;
    count_time(state);
    Updater updater(state, environment);
    if (source_of(action) == Source::person) {
        updater(
            Tick{});  // a machine that slept sends none: the first touch must not renew a time that is over
        state.last_input_ms = environment.tick_ms;
    }
    if (let_through(state, action)) std::visit(updater, action);
    tell_of_complaints(state);
    keep_plan(state, environment);
    return updater.take_effects();
}

std::optional<std::int64_t> wake_up_in(const AppState& state, std::int64_t tick_ms) {
    std::optional<std::int64_t> first;
    for (const auto due : {locks_in(state, tick_ms), handing_over_wakes_in(state, tick_ms),
                           half_typed_ends_in(state, tick_ms)}) {
        if (due && (!first || *due < *first)) first = due;
    }
    return first;
}

}  // namespace fieldfare::app
