#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "client/app/message.h"
#include "client/app/passphrase.h"
#include "client/store/error.h"
#include "crypto/secret.h"
#include "crypto/token.h"

namespace fieldfare::collector {

// What a person opens a vault with, on its way from the screen to the store.

/// passphrase_too_long, passphrase_unknown_character, out_of_memory.
tl::expected<crypto::SecretText, store::Error> secret_of(const app::Passphrase& passphrase);

/// The key of a token file, or why it can't be had; neither where none was chosen.
struct ChosenToken {
    std::optional<crypto::TokenKey> key;
    app::Message why;

    const crypto::TokenKey* pointer() const { return key ? &*key : nullptr; }
};
/// token.no_file, token.unreadable, token.no_token, token.damaged, token.newer_program, store.out_of_memory.
ChosenToken token_of(const std::string& path);

/// Why a vault did not open: the token's fault, where it could not be had; a hint at it, where it may be.
app::Message not_opened(store::Error why, const ChosenToken& token);

}  // namespace fieldfare::collector
