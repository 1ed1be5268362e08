#include "schema/functions.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "schema/evaluator.h"
#include "schema/function_tables.h"

namespace fieldfare::schema {
namespace {

Value faulty(Call& call) {
    call.world().complain(call.text(0));
    return std::string{};
}

constexpr std::pair<std::string_view, std::string_view> refused[]{
    {"extract-signed", "signed texts cannot be verified here"},
    {"property", "it tells who answered, and on which device"},
};
constexpr auto refused_names = [] {
    std::array<std::string_view, std::size(refused)> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = refused[i].first;
    return names;
}();

const std::vector<FunctionInfo>& all_functions() {
    static const std::vector<FunctionInfo> all = [] {
        std::vector<FunctionInfo> joined;
        joined.push_back({"", 1, 1, faulty});
        for (const auto table :
             {text_functions(), encoding_functions(), number_functions(), logic_functions(), date_functions(),
              node_functions(), lookup_functions(), select_functions(), geometry_functions()})
            joined.insert(joined.end(), table.begin(), table.end());
        std::sort(joined.begin(), joined.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        return joined;
    }();
    return all;
}

}  // namespace

std::optional<std::uint16_t> find_function(std::string_view name) {
    const auto& all = all_functions();
    const auto found = std::lower_bound(
        all.begin(), all.end(), name,
        [](const FunctionInfo& info, std::string_view wanted) { return info.name < wanted; });
    if (found == all.end() || found->name != name) return std::nullopt;
    return static_cast<std::uint16_t>(found - all.begin());
}

const FunctionInfo& function_info(std::uint16_t index) {
    return all_functions()[index];
}

std::size_t function_count() {
    return all_functions().size();
}

std::optional<std::string_view> why_refused(std::string_view name) {
    for (const auto& [refused_name, why] : refused)
        if (refused_name == name) return why;
    return std::nullopt;
}

std::span<const std::string_view> refused_functions() {
    return refused_names;
}

}  // namespace fieldfare::schema
