#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/app/update.h"
#include "schema/compiled_form.h"

namespace fieldfare::app::test {

/// Does what the real worker does, in memory, and remembers what it was asked.
struct FakeWorker {
    struct Draft {
        std::string day;
        std::map<std::string, schema::DraftEntry> entries;
        int minutes = 0;
        std::size_t language = 0;
    };

    std::string passphrase = "gravel lantern otter wick";
    StudySummary study{"Visit diary", "1",    "482910374655120938847566019283", "visit",
                       "1",           "capi", "111112222233333444445555566666", 5};
    std::shared_ptr<const schema::CompiledForm> form;
    std::map<DraftId, Draft> drafts;
    std::vector<schema::Submission> sealed;
    Preferences preferences;

    std::shared_ptr<const schema::CompiledForm> newer_form;  ///< of the newer study file
    std::optional<Message> refuses_update;
    std::optional<NamedKey> newer_supervisor;  ///< of the newer study file

    std::map<std::string, FolderContents> folders;   ///< of the person's; "" is where the picker begins
    std::map<std::string, std::uint64_t> own_files;  ///< of the person, by path; others are not there
    std::map<std::string, std::uint64_t> attached;   ///< copies in the vault, by name
    std::optional<FileAttached> copy;                ///< under way
    bool holds_copies = false;                       ///< a copy stands at its half until it is let go on

    Found found;             ///< by the next unlock
    std::string token;       ///< path of the token file that goes with the passphrase; empty: none
    std::string destroying;  ///< the passphrase that destroys; empty: none
    bool refuses_destroying = false;
    bool empty = false;    ///< the vault has no study
    int wait_seconds = 0;  ///< after a wrong passphrase

    bool damaged = false;            ///< the vault; what can be read of it can be rescued
    std::size_t studies_wanted = 0;  ///< study files that can't be read
    bool new_keys = false;
    std::size_t files_lost = 0;
    bool rescued_whole = false;

    std::string right_answer = "/media/usb/laptop3.ffanswer";  ///< to the request
    bool given_back = false;                                   ///< the key, by an answer
    bool refuses_request = false, refuses_recovery = false;

    NewestFile newest;                  ///< sealed file
    PassNews pass{.carried = true};     ///< what a pass finds
    std::vector<StoreName> left_alone;  ///< by the last one
    bool holds_passes = false;          ///< a pass goes on until finish_pass() or a stop
    bool passing = false;

    bool open = false, quit = false;
    bool refuses_saves = false, refuses_sealing = false, refuses_codes = false;
    bool code_stands = false;  ///< from a try before this start
    int codes_drawn = 0;
    std::vector<std::string> withdrawn;  ///< codes that were sealed
    bool holds_answers = false;          ///< the worker is busy: effects wait
    std::vector<std::string> log;        ///< names of effects, in order

    std::deque<Effect> waiting;

    Opened opened() const;
    Counts counts() const;
    std::vector<DraftSummary> list() const;

    Actions run(Effects effects);

    void on(ReadPackage& effect, Actions& answers);
    void on(ReadUpdate& effect, Actions& answers);
    void on(TakeUpdate& effect, Actions& answers);
    void on(CreateProfile& effect, Actions& answers);
    void on(Unlock& effect, Actions& answers);
    void on(CheckPassphrase& effect, Actions& answers);
    void on(TakeFirstStudy&, Actions& answers);
    void on(ChangePassphrase& effect, Actions& answers);
    void on(SetDestroyPassphrase& effect, Actions& answers);
    void on(DropDestroyPassphrase& effect, Actions& answers);
    void on(WriteRequest&, Actions& answers);
    void on(ReadAnswer& effect, Actions& answers);
    void on(Recover& effect, Actions& answers);
    void on(RescueVault& effect, Actions& answers);
    void on(DropRequest&, Actions&);
    void on(LockVault&, Actions&);
    void on(CreateDraft& effect, Actions& answers);
    void on(SaveAnswers& effect, Actions& answers);
    void saved(const DraftId& draft, std::uint64_t ticket, Actions& answers) const;
    void on(LoadDraft& effect, Actions& answers);
    void on(DeleteDraft& effect, Actions& answers);
    void on(ListFolder& effect, Actions& answers);
    void on(AttachFile& effect, Actions& answers);
    void finish_copy(Actions& answers);
    void on(StopAttaching&, Actions& answers);
    void on(DrawCode& effect, Actions& answers);
    void on(SealInterview& effect, Actions& answers);
    void on(SealWithdrawal& effect, Actions& answers);
    void on(StartSync&, Actions& answers);
    void on(StopSync&, Actions& answers);
    void finish_pass(Actions& answers);
    void on(SavePreferences& effect, Actions&);
    void on(Quit&, Actions&);
};

}  // namespace fieldfare::app::test
