#include "sync/probe_name.h"

#include <array>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

constexpr std::chrono::sys_days probe_day = std::chrono::year(1910) / 1 / 1;

}  // namespace

std::string probe_name(std::string_view study_tag, crypto::ByteView content) {
    return batch_name(study_tag, probe_day, crypto::to_hex(crypto::sha256(content)));
}

bool is_probe_name(std::string_view name) {
    const auto slash = name.rfind('/');
    const std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
    const auto parsed = parse_batch_name("00000000/" + std::string(last));
    return parsed && parsed->day == probe_day;
}

crypto::Bytes probe_content() {
    std::array<std::uint8_t, 16> random{};
    if (!crypto::fill_random(random)) return {};
    const std::string text =
        "A store was tried out with this file (fieldfare-cli store doctor). It may be deleted.\n" +
        crypto::to_hex(random) + "\n";
    return {text.begin(), text.end()};
}

}  // namespace fieldfare::sync
