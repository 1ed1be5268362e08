#include "schema/missing.h"

namespace fieldfare::schema {

std::optional<Missing> missing_from_code(int code) {
    if (code < static_cast<int>(Missing::refused) || code > static_cast<int>(Missing::suppressed)) return {};
    return static_cast<Missing>(code);
}

std::string_view name_of(Missing missing) {
    switch (missing) {
        case Missing::refused:
            return "refused";
        case Missing::dont_know:
            return "dont_know";
        case Missing::not_applicable:
            return "not_applicable";
        case Missing::not_asked:
            return "not_asked";
        case Missing::skipped:
            return "skipped";
        case Missing::not_reached:
            return "not_reached";
        case Missing::by_design:
            return "by_design";
        case Missing::corrected:
            return "corrected";
        case Missing::suppressed:
            return "suppressed";
    }
    return "";
}

}  // namespace fieldfare::schema
