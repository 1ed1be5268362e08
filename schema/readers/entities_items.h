#pragma once

#include "schema/form.h"
#include "schema/readers/entities_sheet.h"

namespace fieldfare::schema::readers {

/// Gives each container that holds an entity its meta group with the entity's nodes, as ODK's XForms have
/// them: the element entity with its attributes, and its label. The expressions of its attributes stand in
/// the parameters of the group "entity".
void add_entities(const std::vector<PlacedEntity>& entities, Form& form);

}  // namespace fieldfare::schema::readers
