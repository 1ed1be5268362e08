#include "tests/support/certificates.h"

#include <array>
#include <cstdio>

namespace fieldfare::test {
namespace {

std::string without_line_ends(std::string text) {
    std::erase(text, '\n');
    return text;
}

std::string pin_of(const fs::path& file) {
    const std::string text = output_of("openssl x509 -noout -pubkey -in " + file.string() +
                                       " | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | "
                                       "openssl base64");
    return "sha256//" + without_line_ends(text);
}

}  // namespace

std::string output_of(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    std::string text;
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
        text.append(buffer.data(), n);
    REQUIRE_MESSAGE(::pclose(pipe) == 0, command);
    return text;
}

std::string der_of(const std::string& openssl_words) {
    return without_line_ends(output_of("openssl " + openssl_words + " -outform der | openssl base64"));
}

Certificate make_certificate(const fs::path& folder, const std::string& name, const std::string& subject,
                             const std::string& names) {
    const fs::path file = folder / (name + ".pem"), key = folder / (name + ".key");
    output_of("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj '" +
              subject + "' -addext subjectAltName=" + names + " -keyout " + key.string() + " -out " +
              file.string() + " 2>/dev/null");
    return {file, key, der_of("x509 -in " + file.string()), pin_of(file)};
}

}  // namespace fieldfare::test
