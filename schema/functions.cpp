#include "schema/functions.h"

#include <algorithm>
#include <vector>

#include "schema/function_tables.h"

namespace fieldfare::schema {
namespace {

const std::vector<FunctionInfo>& all_functions() {
    static const std::vector<FunctionInfo> all = [] {
        std::vector<FunctionInfo> joined;
        for (const auto table : {text_functions(), number_functions(), logic_functions(), date_functions(),
                                 node_functions(), select_functions()})
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

}  // namespace fieldfare::schema
