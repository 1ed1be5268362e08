#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"
#include "client/app/update.h"

namespace fieldfare::app {

// How an interview comes onto the screen. Used by update only.

/// The index of the form's default language; 0 where it names none that it has.
std::size_t default_language(const schema::Form& form);

/// A new interview, on its first page; nothing of it is saved yet.
OpenInterview begin_interview(const StudySummary& study, std::shared_ptr<const schema::CompiledForm> form,
                              std::size_t language, const Environment& environment);
/// Its first save.
CreateDraft first_save(OpenInterview& open, std::uint64_t& next_ticket);

/// A draft as it was left, on the page where it goes on. `dropped`: answers whose question the form no longer
/// has.
OpenInterview resume_interview(const StudySummary& study, DraftLoaded& draft, const Environment& environment,
                               std::vector<schema::DraftEntry>& dropped);

}  // namespace fieldfare::app
