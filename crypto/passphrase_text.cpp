#include "crypto/passphrase_text.h"

#include <utf8proc.h>

#include <cstdlib>

namespace fieldfare::crypto {

Result<SecretText> passphrase_from(std::string_view typed) {
    if (typed.empty()) return tl::unexpected(Error::bad_argument);
    if (typed.size() > SecretText::max_size) return tl::unexpected(Error::too_large);
    utf8proc_uint8_t* normalised = nullptr;
    const utf8proc_ssize_t size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(typed.data()),
                     static_cast<utf8proc_ssize_t>(typed.size()), &normalised,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                                    UTF8PROC_REJECTNA));
    if (size == UTF8PROC_ERROR_NOMEM) return tl::unexpected(Error::out_of_memory);
    if (size == UTF8PROC_ERROR_NOTASSIGNED) return tl::unexpected(Error::unsupported);
    if (size < 0) return tl::unexpected(Error::bad_argument);
    auto secret = SecretText::take({reinterpret_cast<char*>(normalised), static_cast<std::size_t>(size)});
    std::free(normalised);  // wiped by take
    return secret;
}

}  // namespace fieldfare::crypto
