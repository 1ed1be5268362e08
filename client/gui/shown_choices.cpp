#include "client/gui/shown_choices.h"

#include <algorithm>
#include <set>

#include "client/gui/ui.h"

namespace fieldfare::gui {

const ShownChoices& ChoiceCache::of(const app::OpenInterview& open, schema::NodeId node) {
    if (open.revision != revision_ || open.language != language_) {
        wipe();
        revision_ = open.revision;
        language_ = open.language;
    }
    const auto [at, fresh] = shown_.try_emplace(node);
    ShownChoices& shown = at->second;
    if (!fresh) return shown;
    ++made_;
    shown.all = app::pickables(open.interview, node, open.language);
    shown.keys = app::digit_keys(shown.all);
    shown.missing = app::missing_offered(open.interview, node);
    shown.ticks = app::tick_labels(open.interview, node, open.language);
    const std::vector<std::string> names = app::names_in(open.interview.value(node));
    const std::set<std::string_view> answer(names.begin(), names.end());
    for (const app::Pickable& each : shown.all) shown.picked.push_back(answer.contains(each.name));
    shown.first_picked =
        static_cast<std::size_t>(std::ranges::find(shown.picked, true) - shown.picked.begin());
    return shown;
}

const std::vector<std::size_t>& ChoiceCache::matching(schema::NodeId node, const std::string& typed) {
    ShownChoices& shown = shown_.at(node);
    const bool first = shown.folded.empty();
    if (first)
        for (const app::Pickable& each : shown.all) shown.folded.push_back(folded(each.label));
    if (!first && shown.searched == typed) return shown.matching;
    shown.searched = typed;
    shown.matching.clear();
    const std::string wanted = folded(typed);
    for (std::size_t i = 0; i < shown.folded.size(); ++i)
        if (shown.folded[i].find(wanted) != std::string::npos) shown.matching.push_back(i);
    return shown.matching;
}

void ChoiceCache::wipe() {
    for (auto& [node, shown] : shown_) {
        for (app::Pickable& each : shown.all) app::wipe(each.label);
        for (std::string& each : shown.folded) app::wipe(each);
        for (app::TickLabel& each : shown.ticks) app::wipe(each.words);
        app::wipe(shown.searched);
    }
    shown_.clear();
}

}  // namespace fieldfare::gui
