#include <utility>

#include "client/collector/backend.h"
#include "client/collector/credentials.h"
#include "client/collector/messages.h"

namespace fieldfare::collector {

void Backend::run(app::ChangePassphrase& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::PassphraseRefused{std::move(why)}); };
    const auto current = secret_of(effect.current);
    const auto chosen = secret_of(effect.chosen);
    if (!current) return refuse(message_of(current.error()));
    if (!chosen) return refuse(message_of(chosen.error()));
    using Token = app::ChangePassphrase::Token;
    ChosenToken other;
    if (effect.token == Token::of_file) {
        other = token_of(effect.token_path);
        if (!other.key) return refuse(other.why);
    }
    const crypto::TokenKey* const wanted = effect.token == Token::same ? kept_token() : other.pointer();
    const auto cost = cost_of_new_passphrases();
    if (!cost) return refuse(cost.error());
    const auto changed = vault_->change_passphrase({*current, kept_token()}, {*chosen, wanted}, *cost);
    if (vault_->is_locked()) {
        close_vault();
        return post_(app::PassphraseRefused{{"changing.cut_short", {}},
                                            app::PassphraseChanged{wanted != nullptr, effect.token_path}});
    }
    if (!changed) return refuse(message_of(changed.error()));
    if (effect.token != Token::same) keep_token(std::move(other));
    post_(app::PassphraseChanged{vault_->needs_token(), effect.token_path});
}

void Backend::run(app::SetDestroyPassphrase& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::DestroyPassphraseRefused{std::move(why)}); };
    const auto current = secret_of(effect.current);
    const auto destroying = secret_of(effect.destroying);
    if (!current) return refuse(message_of(current.error()));
    if (!destroying) return refuse(message_of(destroying.error()));
    const auto sealed = study_.summary.destroys_sealed ? crypto::SealedFiles::go : crypto::SealedFiles::stay;
    const auto set = vault_->set_destroy_passphrase({*current, kept_token()}, *destroying, sealed);
    if (!set) return refuse(message_of(set.error()));
    post_(app::DestroyPassphraseSet{});
}

void Backend::run(app::DropDestroyPassphrase& effect) {
    if (!vault_) return;
    const auto refuse = [this](app::Message why) { post_(app::DestroyPassphraseRefused{std::move(why)}); };
    const auto current = secret_of(effect.current);
    if (!current) return refuse(message_of(current.error()));
    const auto removed = vault_->remove_destroy_passphrase({*current, kept_token()});
    if (!removed) return refuse(message_of(removed.error()));
    post_(app::DestroyPassphraseSet{});
}

void Backend::keep_token(ChosenToken chosen) {
    token_.reset();
    if (vault_ && vault_->needs_token()) token_ = std::move(chosen.key);
}

const crypto::TokenKey* Backend::kept_token() const {
    return token_ ? &*token_ : nullptr;
}

void Backend::close_vault() {
    if (vault_) (void)vault_->lock();  // whatever it leaves undone is done at the next unlock
    vault_.reset();
    token_.reset();
}

}  // namespace fieldfare::collector
