#include "schema/base64_text.h"
#include "schema/digest.h"
#include "schema/evaluator.h"
#include "schema/function_tables.h"
#include "schema/unicode_text.h"

namespace fieldfare::schema {
namespace {

// digest(text, algorithm, encoding): base64 unless hex is asked for (XForms 1.1, 7.8.2).
Value digest_of(Call& call) {
    std::string storage, encoding = call.size() > 2 ? call.text(2) : "base64";
    for (char& c : encoding)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto bytes = digest(call.text(0, storage), call.text(1));
    if (!bytes) {
        call.world().complain("“digest” knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512.");
        return std::string{};
    }
    if (encoding == "hex") return to_hexadecimal(*bytes);
    if (encoding == "base64") return to_base64(*bytes);
    call.world().complain("“digest” gives base64 or hex.");
    return std::string{};
}

Value base64_decode(Call& call) {
    std::string storage;
    return repaired_utf8(from_base64(call.text(0, storage)));
}

constexpr FunctionInfo table[]{
    {"digest", 2, 3, digest_of},
    {"base64-decode", 1, 1, base64_decode},
};

}  // namespace

std::span<const FunctionInfo> encoding_functions() {
    return table;
}

}  // namespace fieldfare::schema
