#include "client/researcher/study_file.h"

#include "client/researcher/output_file.h"
#include "client/study/rules.h"
#include "client/study/wordings.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t study_limit = 256 * 1024 * 1024;

}  // namespace

Result<study::StudyPackage> read_study(const std::filesystem::path& file) {
    const auto bytes = read_file(file, study_limit);
    if (!bytes) return tl::unexpected(bytes.error());
    auto package = study::StudyPackage::open(crypto::bytes_of(*bytes));
    if (!package) return could_not(shown(file) + ": " + study::sentence(package.error()));
    return std::move(*package);
}

std::optional<std::chrono::sys_days> parse_iso_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    return sync::parse_day(std::string(text.substr(0, 4)) + std::string(text.substr(5, 2)) +
                           std::string(text.substr(8, 2)));
}

std::string iso_day(std::chrono::sys_days day) {
    const std::string text = sync::day_text(day);
    return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2);
}

std::chrono::sys_days today_utc() {
    return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

std::string when_destroyed(const study::Policy& policy) {
    return study::sealed_when_destroyed(policy) == crypto::SealedFiles::go ? "remove" : "keep";
}

std::string network_word(const study::Policy& policy) {
    return study::network_way(policy) == study::NetworkWay::proxy_alone ? "proxy" : "any";
}

std::string supervisor_fingerprint(const study::Policy& policy) {
    const auto supervisor = study::supervisor(policy);
    return supervisor ? crypto::to_string(crypto::fingerprint_of(*supervisor)) : std::string();
}

void add_material(crypto::StudyMaterial& to, const study::StudyPackage& study) {
    to.add(study.dictionary());
    for (const crypto::SharedPreSharedKey& key : study.policy().pre_shared_keys) to.add(key);
}

crypto::StudyMaterial material_of(const study::StudyPackage& study) {
    crypto::StudyMaterial material;
    add_material(material, study);
    return material;
}

Result<crypto::StudyMaterial> material_of(const std::filesystem::path& study) {
    if (study.empty()) return crypto::StudyMaterial();
    const auto package = read_study(study);
    if (!package) return tl::unexpected(package.error());
    return material_of(*package);
}

Result<crypto::StudyMaterial> material_of(const study::StudyPackage& study,
                                          std::span<const std::filesystem::path> earlier) {
    crypto::StudyMaterial material = material_of(study);
    for (const std::filesystem::path& file : earlier) {
        const auto other = read_study(file);
        if (!other) return tl::unexpected(other.error());
        add_material(material, *other);
    }
    return material;
}

}  // namespace fieldfare::researcher
