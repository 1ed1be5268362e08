#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "schema/form.h"
#include "schema/readers/faults.h"
#include "schema/readers/xml_tree.h"

namespace fieldfare::schema::readers {

using InstanceNodes = std::vector<InstanceNode>;

inline constexpr std::size_t most_instance_nodes = 5'000'000;

// The kinds of external instances (instance_file.h). Each adds its faults; the nodes count only without.
InstanceNodes nodes_of_csv(std::string_view bytes, Faults& faults);
InstanceNodes nodes_of_geojson(std::string_view bytes, Faults& faults);

/// An element with what it holds, as an instance; also for instances that stand in the form itself.
InstanceNodes nodes_of_xml(XmlNode root);

}  // namespace fieldfare::schema::readers
