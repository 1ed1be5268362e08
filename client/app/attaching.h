#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Photos, recordings and files as answers: the part of update() that is about them. The answer is the neutral
// name of a copy in the vault; the person's own file is only read.

/// Extensions, as schema::media_extension gives them, of files that such a question takes; empty: any file.
std::vector<std::string_view> kinds_taken(schema::QuestionType type);
bool takes(schema::QuestionType type, std::string_view extension);

/// What such a file is called for people.
enum class FileKind { picture, recording, film, other };
FileKind kind_of(std::string_view extension);

/// Of a copy of this kind what a photo tells beside its picture was dropped; of no other kind is anything.
bool drops_metadata(std::string_view extension);

// What update() leaves to take(): of the person, while the page is on the screen, and of the worker.
template <typename Action>
concept ByPerson =
    std::same_as<Action, ChooseFile> || std::same_as<Action, OpenFolder> || std::same_as<Action, PickFile> ||
    std::same_as<Action, LeavePicker> || std::same_as<Action, CancelCopying>;
template <typename Action>
concept ByWorker = std::same_as<Action, FolderListed> || std::same_as<Action, FolderRefused> ||
    std::same_as<Action, FileProgress> || std::same_as<Action, FileAttached> ||
    std::same_as<Action, FileRefused>;
template <typename Action>
concept FileAction = ByPerson<Action> || ByWorker<Action>;

void take(OpenInterview& open, const ChooseFile& action, Effects& effects);
void take(OpenInterview& open, const OpenFolder& action, Effects& effects);
void take(OpenInterview& open, const PickFile& action, Effects& effects);
void take(OpenInterview& open, const LeavePicker& action, Effects& effects);
void take(OpenInterview& open, const CancelCopying& action, Effects& effects);
void take(OpenInterview& open, FolderListed& action, Effects& effects);
void take(OpenInterview& open, FolderRefused& action, Effects& effects);
void take(OpenInterview& open, const FileProgress& action, Effects& effects);
/// The file's name becomes the answer, unless its question has gone meanwhile.
void take(OpenInterview& open, const FileAttached& action, Effects& effects);
void take(OpenInterview& open, FileRefused& action, Effects& effects);

/// A file dropped on the page: for the question whose picker is open, else for one that takes such a file. Of
/// several one without an answer, so that no file is replaced that need not be; then the one with the
/// keyboard; then one that takes only such. Where none does, a question says so.
void drop_file(OpenInterview& open, const std::string& path, Effects& effects);

/// What the draft's files are; answers that name no file of the draft (defaults of the form) are cleared.
void know_files(OpenInterview& open, const std::vector<AttachedFile>& files);

/// For schema::Finalising: the files without their hashes, which the worker adds as it seals them.
std::vector<schema::MediaFile> media_of(const OpenInterview& open);

}  // namespace fieldfare::app
