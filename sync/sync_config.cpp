#include "sync/sync_config.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>

#include "sync/folder_files.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

using nlohmann::json;
constexpr std::size_t max_config = 4 * 1024 * 1024;

json json_of(const StudySync& study) {
    json policies = json::array(), signers = json::array(), stores = json::array();
    for (const auto& digest : study.policies) policies.push_back(crypto::to_hex(digest));
    for (const auto& key : study.receipt_signers) signers.push_back(crypto::to_hex(key.bytes));
    for (const auto& store : study.stores) {
        stores.push_back({{"address", store.address}, {"settings", json(store.settings)}});
    }
    return {{"copies", study.copies},
            {"device", crypto::to_hex(study.device_id)},
            {"hold_days", study.hold_days},
            {"policies", std::move(policies)},
            {"quorum", study.quorum},
            // In clear by decision: a locked sync must open receipts. It opens no answer.
            {"receipt_key", crypto::to_hex(study.receipt_key.expose())},
            {"receipt_signers", std::move(signers)},
            {"stores", std::move(stores)},
            {"study", crypto::to_hex(study.study_id)},
            {"tag", study.study_tag}};
}

// Reads values off a JSON object; after the first that is missing or of another type, `good` stays false.
// Extra keys are found by writing the whole anew.
class Fields {
  public:
    explicit Fields(const json& object) : object_(object), good_(object.is_object()) {}

    bool good() const { return good_; }
    void refuse() { good_ = false; }

    std::string text(const char* key) {
        const json* value = at(key);
        if (value == nullptr || !value->is_string()) return good_ = false, "";
        return value->get<std::string>();
    }
    const json& list(const char* key) {
        static const json none = json::array();
        const json* value = at(key);
        if (value == nullptr || !value->is_array()) return good_ = false, none;
        return *value;
    }
    template <typename Number>
    Number number(const char* key, std::uint64_t least, std::uint64_t most) {
        const json* value = at(key);
        if (value == nullptr || !value->is_number_unsigned()) return good_ = false, Number{};
        const auto given = value->get<std::uint64_t>();
        if (given < least || given > most) return good_ = false, Number{};
        return static_cast<Number>(given);
    }
    template <std::size_t N>
    std::array<std::uint8_t, N> bytes(const char* key) {
        return hex<N>(text(key));
    }
    template <std::size_t N>
    std::array<std::uint8_t, N> hex(const std::string& text) {
        std::array<std::uint8_t, N> result{};
        const auto read = crypto::from_hex(text);
        if (!read || read->size() != N) return good_ = false, result;
        std::copy(read->begin(), read->end(), result.begin());
        return result;
    }

  private:
    const json* at(const char* key) const {
        if (!object_.is_object()) return nullptr;
        const auto found = object_.find(key);
        return found == object_.end() ? nullptr : &*found;
    }

    const json& object_;
    bool good_;
};

SyncConfigResult<StudySync> study_from(const json& object) {
    Fields fields(object);
    auto key = fields.bytes<32>("receipt_key");
    auto receipt_key = crypto::ReceiptKey::take(key);
    if (!receipt_key) return tl::unexpected(SyncConfigError::out_of_memory);
    StudySync study{.receipt_key = std::move(*receipt_key)};
    study.study_tag = fields.text("tag");
    study.study_id = fields.bytes<16>("study");
    study.device_id = fields.bytes<16>("device");
    study.quorum = fields.number<std::uint8_t>("quorum", 1, 255);
    study.hold_days = fields.number<std::uint16_t>("hold_days", 0, 3650);
    study.copies = fields.number<std::uint8_t>("copies", 1, 255);
    for (const json& digest : fields.list("policies")) {
        study.policies.push_back(fields.hex<32>(digest.is_string() ? digest.get<std::string>() : ""));
    }
    for (const json& signer : fields.list("receipt_signers")) {
        study.receipt_signers.push_back(
            {fields.hex<32>(signer.is_string() ? signer.get<std::string>() : "")});
    }
    for (const json& one : fields.list("stores")) {
        Fields parts(one);
        Store store{parts.text("address"), {}};
        const auto settings = one.is_object() ? one.find("settings") : one.end();
        if (!parts.good() || settings == one.end() || !settings->is_object())
            return tl::unexpected(SyncConfigError::damaged);
        for (const auto& [name, value] : settings->items()) {
            if (!value.is_string()) return tl::unexpected(SyncConfigError::damaged);
            store.settings[name] = value.get<std::string>();
        }
        study.stores.push_back(std::move(store));
    }
    // One signer listed twice must not count as two.
    const auto& signers = study.receipt_signers;
    if (!std::is_sorted(signers.begin(), signers.end()) ||
        std::adjacent_find(signers.begin(), signers.end()) != signers.end() || study.policies.empty() ||
        !is_study_tag(study.study_tag)) {
        fields.refuse();
    }
    if (!fields.good()) return tl::unexpected(SyncConfigError::damaged);
    return study;
}

}  // namespace

std::string SyncConfig::to_json() const {
    json list = json::array();
    for (const StudySync& study : studies) list.push_back(json_of(study));
    return json{{"studies", std::move(list)}, {"version", 0}}.dump(-1, ' ', false,
                                                                   json::error_handler_t::replace) +
           "\n";
}

SyncConfigResult<SyncConfig> SyncConfig::from_json(std::string_view text) {
    if (text.size() > max_config) return tl::unexpected(SyncConfigError::damaged);
    int depth_limit_hit = 0;
    const json::parser_callback_t limit = [&](int depth, json::parse_event_t, json&) {
        if (depth > 8) depth_limit_hit = 1;
        return depth <= 8;
    };
    const json whole = json::parse(text, limit, false);
    if (depth_limit_hit != 0 || !whole.is_object()) return tl::unexpected(SyncConfigError::damaged);
    const auto version = whole.find("version");
    if (version == whole.end() || !version->is_number_unsigned())
        return tl::unexpected(SyncConfigError::damaged);
    if (version->get<std::uint64_t>() != 0) return tl::unexpected(SyncConfigError::unknown_version);
    Fields fields(whole);
    SyncConfig config;
    for (const json& object : fields.list("studies")) {
        auto study = study_from(object);
        if (!study) return tl::unexpected(study.error());
        if (!config.studies.empty() && config.studies.back().study_tag >= study->study_tag) fields.refuse();
        config.studies.push_back(std::move(*study));
    }
    if (!fields.good() || config.to_json() != text) return tl::unexpected(SyncConfigError::damaged);
    return config;
}

SyncConfigResult<SyncConfig> SyncConfig::read(const std::filesystem::path& file) {
    auto folder = open_folder(file.parent_path());
    auto bytes = folder ? read_file(*folder, file.filename(), max_config) : tl::unexpected(folder.error());
    if (!bytes && bytes.error() == ENOENT) return tl::unexpected(SyncConfigError::missing);
    if (!bytes && bytes.error() == EFBIG) return tl::unexpected(SyncConfigError::damaged);
    if (!bytes) return tl::unexpected(SyncConfigError::not_readable);
    return from_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

SyncConfigResult<void> SyncConfig::write(const std::filesystem::path& file) const {
    auto folder = open_folder(file.parent_path());
    if (!folder) return tl::unexpected(SyncConfigError::not_writable);
    const std::string text = to_json();
    const auto done = replace_file(*folder, file.filename(), crypto::bytes_of(text), {}, Access::owner);
    if (!done) return tl::unexpected(SyncConfigError::not_writable);
    return {};
}

const StudySync* SyncConfig::find(std::string_view study_tag) const {
    const auto found = std::find_if(studies.begin(), studies.end(),
                                    [&](const StudySync& study) { return study.study_tag == study_tag; });
    return found == studies.end() ? nullptr : &*found;
}

}  // namespace fieldfare::sync
