#include "schema/digest.h"

#include <openssl/evp.h>

#include <memory>

namespace fieldfare::schema {
namespace {

const EVP_MD* algorithm_named(std::string_view name) {
    std::string plain;
    for (const char c : name)
        if (c != '-') plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (plain == "MD5") return EVP_md5();
    if (plain == "SHA1") return EVP_sha1();
    if (plain == "SHA256") return EVP_sha256();
    if (plain == "SHA384") return EVP_sha384();
    if (plain == "SHA512") return EVP_sha512();
    return nullptr;
}

struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

std::optional<std::string> digest(std::string_view text, std::string_view algorithm) {
    const EVP_MD* kind = algorithm_named(algorithm);
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    if (kind == nullptr || !context) return std::nullopt;
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_DigestInit_ex(context.get(), kind, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), bytes, &size) != 1)
        return std::nullopt;  // a machine may forbid MD5
    return std::string(bytes, bytes + size);
}

}  // namespace fieldfare::schema
