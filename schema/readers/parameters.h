#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "schema/form.h"

namespace fieldfare::schema::readers {

using Parameters = std::map<std::string, std::string>;

/// "randomize=true, seed=${x}": separators are spaces, commas and semicolons; keys in lower case, values
/// too, but those that name something. Refused, with the sentence: words that are not key=value.
tl::expected<Parameters, std::string> parse_parameters(std::string_view cell);

/// What pyxform's rules say of a row's parameters.
struct ParameterFaults {
    std::vector<std::string> sentences;

    void add(std::string sentence) { sentences.push_back(std::move(sentence)); }
};

/// Only these keys are known on a row of that type.
void check_keys(const Parameters& parameters, const std::vector<std::string_view>& accepted,
                ParameterFaults& faults);

/// Parameters of a type that stands alone, put into the item as the XForm has them. `choices` is the list
/// that tick_labelset names, nullptr for none.
void take_text_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults);
void take_image_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults);
void take_audio_parameters(const Parameters& parameters, Item& item, bool background,
                           ParameterFaults& faults);
void take_geo_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults);
void take_audit_parameters(const Parameters& parameters, Item& item, ParameterFaults& faults);

/// Parameters of a range; `labels` is the list that tick_labelset names, nullptr when there is none.
void take_range_parameters(const Parameters& parameters, Item& item, const ChoiceList* labels,
                           ParameterFaults& faults);

}  // namespace fieldfare::schema::readers
