#include <utility>

#include "client/collector/backend.h"
#include "client/collector/credentials.h"
#include "client/collector/messages.h"

namespace fieldfare::collector {

void Backend::run(app::WriteRequest&) {
    if (vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::RecoveryRefused{std::move(why)}); };
    app::DropRequest earlier;
    run(earlier);
    auto request = store::begin_recovery(options_.profile);
    if (!request) return refuse(message_of(request.error()));
    auto file = RequestFile::write(options_.profile, request->file());
    if (!file) return refuse(message_of(file.error()));
    request_file_.emplace(std::move(*file));
    request_.emplace(std::move(*request));
    post_(app::RequestWritten{request_file_->path().string(), request_->digits().digits});
}

void Backend::run(app::ReadAnswer& effect) {
    if (vault_ || !request_) return;
    const auto refuse = [this](app::Message why) { post_(app::RecoveryRefused{std::move(why)}); };
    const auto answer = read_answer(effect.path);
    app::wipe(effect.path);
    if (!answer) return refuse(answer.error());
    auto master = request_->open(*answer);
    if (!master) return refuse(message_of_answer(master.error()));
    // At once, so that nobody thinks of a new passphrase in vain.
    if (const auto opens = store::try_recovered(options_.profile, *master); !opens)
        return refuse(message_of(opens.error()));
    given_back_.emplace(std::move(*master));
    post_(app::AnswerFits{});
}

void Backend::run(app::Recover& effect) {
    if (vault_ || !given_back_) return;
    const auto refuse = [this](app::Message why) { post_(app::RecoveryRefused{std::move(why)}); };
    const auto passphrase = secret_of(effect.passphrase);
    if (!passphrase) return refuse(message_of(passphrase.error()));
    const auto cost = cost_of_new_passphrases();
    if (!cost) return refuse(cost.error());
    auto recovered =
        store::Vault::recover(options_.profile, *given_back_, *passphrase, *cost, surroundings());
    const bool unfinished = !recovered && recovered.error() == store::Error::change_unfinished;
    if (!recovered && !unfinished) return refuse(message_of(recovered.error()));
    failed_ = 0;
    app::DropRequest done;
    run(done);
    if (unfinished) return refuse_unlock({"changing.cut_short", {}});
    vault_.emplace(std::move(*recovered));
    auto opened = open_study();
    if (opened) return post_(app::Unlocked{std::move(*opened)});
    close_vault();
    refuse_unlock(opened.error());  // the new passphrase counts all the same
}

void Backend::run(app::DropRequest&) {
    request_.reset();
    given_back_.reset();
    request_file_.reset();
}

}  // namespace fieldfare::collector
