#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "client/app/choices.h"
#include "client/app/state.h"
#include "client/app/tick_labels.h"

namespace fieldfare::gui {

/// What can be picked at a question, or said instead. Labels quote answers: wiped when it goes.
struct ShownChoices {
    std::vector<app::Pickable> all;
    std::vector<char> keys;                ///< app::digit_keys
    std::vector<bool> picked;              ///< whether each is part of the answer
    std::size_t first_picked = 0;          ///< all.size(): none
    std::vector<std::string> folded;       ///< labels as they are searched in; empty before the first search
    std::string searched;                  ///< what `matching` was made for
    std::vector<std::size_t> matching;     ///< those that contain it, in order
    std::vector<schema::Missing> missing;  ///< app::missing_offered
    std::vector<app::TickLabel> ticks;     ///< app::tick_labels
};

/// Keeps the labels of lists from frame to frame: making ten thousand of them takes longer than a frame may.
/// Everything is made anew after any change of the interview or its language.
class ChoiceCache {
  public:
    ChoiceCache() = default;
    ChoiceCache(const ChoiceCache&) = delete;
    ChoiceCache& operator=(const ChoiceCache&) = delete;
    ~ChoiceCache() { wipe(); }

    /// Of a question of this interview; stands until the next call with another state of it.
    const ShownChoices& of(const app::OpenInterview& open, schema::NodeId node);

    /// Which of them hold what is typed, both folded (ui.h); of must have been called for the node.
    const std::vector<std::size_t>& matching(schema::NodeId node, const std::string& typed);

    /// How many questions' choices have been made so far: dear, so not in every frame.
    std::uint64_t made() const { return made_; }
    bool empty() const { return shown_.empty(); }
    /// When another interview may come, and when the vault is locked.
    void wipe();

  private:
    std::uint64_t revision_ = 0, made_ = 0;
    std::size_t language_ = 0;
    std::map<schema::NodeId, ShownChoices> shown_;
};

}  // namespace fieldfare::gui
