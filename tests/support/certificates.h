#pragma once

// Certificates for the servers of tests, made for the day by openssl's command.

#include "tests/support/sync.h"

namespace fieldfare::test {

struct Certificate {
    fs::path file, key;  ///< PEM, as servers have them
    std::string der;     ///< in base64, as settings have it
    std::string pin;
};

/// Self-signed, for two days. `names` as subjectAltName has them.
Certificate make_certificate(const fs::path& folder, const std::string& name, const std::string& subject,
                             const std::string& names = "IP:127.0.0.1,DNS:localhost");

/// What openssl makes of a file, as DER in base64: "x509 -in drop.pem".
std::string der_of(const std::string& openssl_words);
/// What a shell command prints; the test ends when it fails.
std::string output_of(const std::string& command);

}  // namespace fieldfare::test
