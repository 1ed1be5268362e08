#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/app/message.h"
#include "schema/interview.h"

namespace fieldfare::app {

// Choosing a file: the answer to a question, or a supervisor's to a request (recovering.h). The names are the
// person's own: they are shown while a file is chosen, are kept nowhere, and go with the picker.

struct FolderEntry {
    enum class Kind { folder, file };
    Kind kind = Kind::file;
    std::string name;
    std::uint64_t size = 0;  ///< bytes, of a file

    bool operator==(const FolderEntry&) const = default;
};

/// Where files are likely to be: the home folder, a stick, the card of a camera.
struct FilePlace {
    enum class Kind { home, medium };
    Kind kind = Kind::home;
    std::string name;  ///< of the medium
    std::string path;

    bool operator==(const FilePlace&) const = default;
};

struct FolderContents {
    std::string path;                  ///< absolute
    std::string parent;                ///< empty: there is none
    std::vector<FolderEntry> entries;  ///< folders first, each kind by name; nothing hidden
    bool cut_short = false;            ///< there are more than are listed
    std::vector<FilePlace> places;

    bool operator==(const FolderContents&) const = default;
};

/// The picker while it is on the screen, in place of what it is for.
struct FilePicker {
    FilePicker() = default;
    FilePicker(FilePicker&&) = default;
    FilePicker& operator=(FilePicker&&) = default;
    ~FilePicker();  ///< wipes

    schema::NodeId node = schema::no_node;  ///< the question, if it is for one
    FolderContents shown;                   ///< no path: nothing was read yet
    bool busy = false;                      ///< a folder is being read
    Message why;                            ///< it could not be
};

/// A file on its way into the vault.
struct FileCopying {
    schema::NodeId node = schema::no_node;  ///< the question; no_node once it has gone
    std::string name;                       ///< what the answer will be
    std::uint64_t done = 0, size = 0;
    bool stopping = false;
};

}  // namespace fieldfare::app
