#include "crypto/passphrase_text.h"

#include <utf8proc.h>

#include <span>
#include <vector>

namespace fieldfare::crypto {

Result<SecretText> passphrase_from(std::string_view typed) {
    if (typed.empty()) return tl::unexpected(Error::bad_argument);
    if (typed.size() > SecretText::max_size) return tl::unexpected(Error::too_large);
    constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                                            UTF8PROC_COMPAT | UTF8PROC_REJECTNA);
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(typed.data());
    const auto length = static_cast<utf8proc_ssize_t>(typed.size());
    const utf8proc_ssize_t characters = utf8proc_decompose(bytes, length, nullptr, 0, options);
    if (characters == UTF8PROC_ERROR_NOTASSIGNED) return tl::unexpected(Error::unsupported);
    if (characters < 0) return tl::unexpected(Error::bad_argument);
    // Not utf8proc_map, which shrinks its block and leaves the passphrase readable in what it gives back. One
    // character more, for the zero that is written behind the last.
    std::vector<utf8proc_int32_t> text(static_cast<std::size_t>(characters) + 1);
    utf8proc_ssize_t size = utf8proc_decompose(bytes, length, text.data(), characters, options);
    if (size >= 0) size = utf8proc_reencode(text.data(), size, options);
    const std::span<char> whole(reinterpret_cast<char*>(text.data()), text.size() * sizeof(text.front()));
    auto secret = size < 0 ? Result<SecretText>(tl::unexpected(Error::bad_argument))
                           : SecretText::take(whole.first(static_cast<std::size_t>(size)));
    wipe(whole);  // take() wipes what it takes
    return secret;
}

}  // namespace fieldfare::crypto
