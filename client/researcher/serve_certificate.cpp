#include "client/researcher/serve_certificate.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "crypto/hash.h"

namespace fieldfare::researcher {
namespace {

template <auto free>
struct Freed {
    template <typename Thing>
    void operator()(Thing* thing) const {
        free(thing);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

constexpr long version_3 = 2;
constexpr int serial_bits = 126;  // RFC 5280, 4.1.2.2: positive, 20 bytes at most

Memory reading(const std::string& text) {
    return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_in(const Memory& memory) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

Key key_in(const std::string& pem) {
    const Memory memory = reading(pem);
    // No question for a passphrase: an encrypted key is none here.
    return Key(memory ? PEM_read_bio_PrivateKey(
                            memory.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr)
                      : nullptr);
}

Certificate certificate_in(const std::string& pem) {
    const Memory memory = reading(pem);
    return Certificate(memory ? PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr) : nullptr);
}

std::string without_brackets(const std::string& host) {
    return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, 16> bytes{};
    return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

bool add(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool name(X509* certificate, const std::string& host) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(host.data()),
                                      static_cast<int>(host.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1;
}

bool number(X509* certificate) {
    const Number serial(BN_new());
    return serial && BN_rand(serial.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

tl::unexpected<Failure> refused() {
    return could_not("The system's library for certificates (OpenSSL) refused to make a key or certificate.");
}

}  // namespace

Result<std::string> make_key() {
    const Key key(EVP_EC_gen("P-256"));
    const Memory memory(BIO_new(BIO_s_secmem()));
    if (!key || !memory ||
        PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return refused();
    return text_in(memory);
}

Result<std::string> make_certificate(const std::string& key_pem, const std::string& host) {
    const Key key = key_in(key_pem);
    const Certificate made(X509_new());
    const Memory memory(BIO_new(BIO_s_mem()));
    const std::string bare = without_brackets(host);
    const bool done = key && made && memory && X509_set_version(made.get(), version_3) == 1 &&
                      number(made.get()) &&
                      // A common name has 64 characters at most; which host it is for stands below.
                      name(made.get(), "receiver") &&
                      ASN1_TIME_set_string_X509(X509_getm_notBefore(made.get()), "20200101000000Z") == 1 &&
                      ASN1_TIME_set_string_X509(X509_getm_notAfter(made.get()), "20491231235959Z") == 1 &&
                      X509_set_pubkey(made.get(), key.get()) == 1 &&
                      add(made.get(), NID_subject_alt_name, (is_address(bare) ? "IP:" : "DNS:") + bare) &&
                      add(made.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                      add(made.get(), NID_key_usage, "critical,digitalSignature") &&
                      add(made.get(), NID_ext_key_usage, "serverAuth") &&
                      X509_sign(made.get(), key.get(), EVP_sha256()) > 0 &&
                      PEM_write_bio_X509(memory.get(), made.get()) == 1;
    if (!done) return refused();
    return text_in(memory);
}

Result<std::string> pin_of(const std::string& key_pem) {
    const Key key = key_in(key_pem);
    unsigned char* der = nullptr;
    const int size = key ? i2d_PUBKEY(key.get(), &der) : 0;
    if (size <= 0) return could_not("This is no key.");
    const crypto::Digest digest = crypto::sha256({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    std::array<unsigned char, 45> base64{};  // 44 digits, and what EVP_EncodeBlock ends with
    EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
    return "sha256//" + std::string(reinterpret_cast<const char*>(base64.data()));
}

CertificateFault check_certificate(const std::string& certificate_pem, const std::string& key_pem,
                                   const std::string& host) {
    const Certificate certificate = certificate_in(certificate_pem);
    const Key key = key_in(key_pem);
    if (!certificate || !key) return CertificateFault::unreadable;
    if (X509_check_private_key(certificate.get(), key.get()) != 1) return CertificateFault::other_key;
    const std::string bare = without_brackets(host);
    const int named = is_address(bare)
                          ? X509_check_ip_asc(certificate.get(), bare.c_str(), 0)
                          : X509_check_host(certificate.get(), bare.data(), bare.size(), 0, nullptr);
    if (named != 1) return CertificateFault::other_host;
    if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) >= 0 ||
        X509_cmp_current_time(X509_get0_notAfter(certificate.get())) <= 0)
        return CertificateFault::out_of_date;
    return CertificateFault::none;
}

}  // namespace fieldfare::researcher
