#pragma once

#include <string>

#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

/// A key of its own for a receiver: ECDSA on P-256, as PKCS #8 in PEM.
Result<std::string> make_key();

/// A certificate of that key for a host (a name, an IPv4 address, or an IPv6 address in brackets), signed by
/// itself, in PEM. It is good from 2020 to the end of 2049: which day it was made, and whether a device's
/// clock is a year off, is nobody's business. Devices believe it because the store file has it, and look for
/// the host in it as they do with any other.
Result<std::string> make_certificate(const std::string& key_pem, const std::string& host);

/// "sha256//…" of the key, as a store file has it.
Result<std::string> pin_of(const std::string& key_pem);

enum class CertificateFault {
    none,
    unreadable,   ///< no certificate, or no key
    other_key,    ///< the certificate is of another key
    other_host,   ///< it does not name the host
    out_of_date,  ///< not valid today, by this machine's clock
};
CertificateFault check_certificate(const std::string& certificate_pem, const std::string& key_pem,
                                   const std::string& host);

}  // namespace fieldfare::researcher
