#include "client/app/attaching.h"

#include <algorithm>
#include <array>

#include "client/app/interviewing.h"
#include "client/app/passphrase.h"
#include "client/app/picking.h"

namespace fieldfare::app {

using schema::NodeId;
using schema::QuestionType;

namespace {

constexpr std::array<std::string_view, 5> pictures = {"jpg", "png", "webp", "heic", "gif"};
constexpr std::array<std::string_view, 10> recordings = {"m4a", "mp3",  "ogg", "opus", "wav",
                                                         "amr", "flac", "3gp", "webm", "mp4"};
constexpr std::array<std::string_view, 4> films = {"mp4", "webm", "3gp", "mov"};

std::string wrong_kind(QuestionType type) {
    switch (type) {
        case QuestionType::image:
            return "attach.wrong_kind_image";
        case QuestionType::audio:
            return "attach.wrong_kind_audio";
        default:
            return "attach.wrong_kind_video";
    }
}

bool takes_files(const OpenInterview& open, NodeId node) {
    return node != schema::no_node && open.interview.kind(node) == schema::NodeKind::question &&
           schema::is_media(open.interview.item(node).type) && !open.interview.read_only(node);
}

/// Of the questions on the page, those that take files.
std::vector<NodeId> on_the_page(const OpenInterview& open) {
    const auto step = std::ranges::find(open.steps, open.step, &Step::key);
    if (step == open.steps.end()) return {};
    auto questions = questions_of(open.interview, *step);
    std::erase_if(questions, [&](NodeId node) { return !takes_files(open, node); });
    return questions;
}

/// The smallest that neither an answer has nor a file had since the interview was opened.
std::uint32_t next_number(OpenInterview& open) {
    std::uint32_t number = 1;
    while (open.file_numbers.contains(number)) ++number;
    open.file_numbers.insert(number);
    return number;
}

void attach(OpenInterview& open, NodeId node, const std::string& path, Effects& effects) {
    open.file_refused.erase(node);
    if (open.copying) return;
    const schema::Item& item = open.interview.item(node);
    const std::string extension = schema::media_extension(path);
    if (!takes(item.type, extension)) {
        open.file_refused[node] = {wrong_kind(item.type), {}};
        return;
    }
    if (!open.save_failed.empty()) {  // there may be no draft to which it could belong
        open.file_refused[node] = open.save_failed;
        return;
    }
    FileCopying copying;
    copying.node = node;
    copying.name = schema::media_name(item.name, next_number(open), extension);
    effects.emplace_back(AttachFile{open.draft, copying.name, path});
    open.copying = std::move(copying);
}

void leave_picker(OpenInterview& open) {
    if (!open.picker) return;
    const NodeId node = open.picker->node;
    open.picker.reset();
    request_focus(open, node);
}

void all_questions(const schema::Interview& interview, NodeId node, std::vector<NodeId>& found) {
    if (interview.kind(node) == schema::NodeKind::question) found.push_back(node);
    for (const NodeId child : interview.children(node)) all_questions(interview, child, found);
}

}  // namespace

std::vector<std::string_view> kinds_taken(QuestionType type) {
    switch (type) {
        case QuestionType::image:
            return {pictures.begin(), pictures.end()};
        case QuestionType::audio:
            return {recordings.begin(), recordings.end()};
        case QuestionType::video:
            return {films.begin(), films.end()};
        default:
            return {};
    }
}

bool takes(QuestionType type, std::string_view extension) {
    const auto kinds = kinds_taken(type);
    return kinds.empty() || std::ranges::find(kinds, extension) != kinds.end();
}

FileKind kind_of(std::string_view extension) {
    if (std::ranges::find(pictures, extension) != pictures.end()) return FileKind::picture;
    if (std::ranges::find(films, extension) != films.end()) return FileKind::film;
    if (std::ranges::find(recordings, extension) != recordings.end()) return FileKind::recording;
    return FileKind::other;
}

bool drops_metadata(std::string_view extension) {
    return extension == "jpg";
}

void take(OpenInterview& open, const ChooseFile& action, Effects& effects) {
    if (open.copying || !takes_files(open, action.node)) return;
    open.file_refused.erase(action.node);
    open.picker.emplace();
    open.picker->node = action.node;
    take(open, OpenFolder{open.last_folder}, effects);
}

void take(OpenInterview& open, const OpenFolder& action, Effects& effects) {
    if (!open.picker) return;
    std::vector<std::string> kinds;
    for (const auto kind : kinds_taken(open.interview.item(open.picker->node).type)) kinds.emplace_back(kind);
    read_folder(*open.picker, action.path, std::move(kinds), effects);
}

void take(OpenInterview& open, const LeavePicker&, Effects&) {
    leave_picker(open);
}

void take(OpenInterview& open, const PickFile& action, Effects& effects) {
    std::string path = open.picker ? path_of(*open.picker, action) : std::string();
    if (path.empty()) return;
    const NodeId node = open.picker->node;
    leave_picker(open);
    attach(open, node, path, effects);
    wipe(path);
}

void drop_file(OpenInterview& open, const std::string& path, Effects& effects) {
    if (open.picker) {
        const NodeId node = open.picker->node;
        leave_picker(open);
        return attach(open, node, path, effects);
    }
    const auto questions = on_the_page(open);
    if (questions.empty()) return;
    const auto extension = schema::media_extension(path);
    const auto better = [&](NodeId node) {
        const QuestionType type = open.interview.item(node).type;
        return (takes(type, extension) ? 8 : 0) + (open.interview.value(node).empty() ? 4 : 0) +
               (node == open.focused ? 2 : 0) + (type != QuestionType::file ? 1 : 0);
    };
    const NodeId node = *std::ranges::max_element(questions, {}, better);
    request_focus(open, node);
    attach(open, node, path, effects);
}

void take(OpenInterview& open, const CancelCopying&, Effects& effects) {
    if (!open.copying || open.copying->stopping) return;
    open.copying->stopping = true;
    effects.emplace_back(StopAttaching{});
}

void take(OpenInterview& open, FolderListed& action, Effects&) {
    if (open.picker && take(*open.picker, action)) open.last_folder = open.picker->shown.path;
}

void take(OpenInterview& open, FolderRefused& action, Effects&) {
    if (open.picker && take(*open.picker, action)) open.last_folder.clear();
}

void take(OpenInterview& open, const FileProgress& action, Effects&) {
    if (!open.copying || open.draft != action.draft || open.copying->name != action.name) return;
    open.copying->done = action.done;
    open.copying->size = action.size;
}

void take(OpenInterview& open, const FileAttached& action, Effects&) {
    if (!open.copying || open.draft != action.draft || open.copying->name != action.name) return;
    const NodeId node = open.copying->node;
    open.copying.reset();
    if (!takes_files(open, node)) return;  // what no answer names the vault throws away
    open.files[action.name] = action.size;
    if (!open.interview.answer(node, action.name)) return;
    open.missing_shown.erase(node);
    open.blocked = false;
    refresh(open);
}

void take(OpenInterview& open, FileRefused& action, Effects&) {
    if (!open.copying || open.draft != action.draft || open.copying->name != action.name) return;
    const NodeId node = open.copying->node;
    open.copying.reset();
    if (node != schema::no_node && !action.why.empty()) open.file_refused[node] = std::move(action.why);
}

void know_files(OpenInterview& open, const std::vector<AttachedFile>& files) {
    for (const AttachedFile& file : files) {
        open.files[file.name] = file.size;
        if (const auto number = schema::media_number(file.name)) open.file_numbers.insert(*number);
    }
    std::vector<NodeId> questions;
    all_questions(open.interview, schema::root_node, questions);
    for (const NodeId node : questions) {
        if (!schema::is_media(open.interview.item(node).type)) continue;
        const std::string name(open.interview.value(node));
        if (!name.empty() && !open.files.contains(name)) (void)open.interview.answer(node, "");
    }
}

std::vector<schema::MediaFile> media_of(const OpenInterview& open) {
    std::vector<schema::MediaFile> media;
    for (const auto& [name, size] : open.files) media.push_back({name, size, ""});
    return media;
}

}  // namespace fieldfare::app
