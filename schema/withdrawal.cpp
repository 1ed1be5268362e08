#include "schema/withdrawal.h"

namespace fieldfare::schema {

bool offers_withdrawal(const Form& form) {
    const auto said = form.settings.extra.find("x_withdrawal");
    return said != form.settings.extra.end() && said->second == "yes";
}

}  // namespace fieldfare::schema
