#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/form.h"

namespace fieldfare::schema {

/// A photo, a recording or another file that is the answer to a question. The submission names it and binds
/// it by its hash; its bytes travel beside the submission (crypto/BATCH_FORMAT.md, Media).
struct MediaFile {
    std::string name;        ///< neutral, the answer's value: see media_name
    std::uint64_t size = 0;  ///< bytes, 1…max_media_bytes
    std::string hash;        ///< 64 hexadecimal digits

    bool operator==(const MediaFile&) const = default;
};

inline constexpr std::uint64_t max_media_bytes = std::uint64_t{256} * 1024 * 1024;

/// Whether the answer to such a question is a media file: image, audio, video, file.
bool is_media(QuestionType type);

/// The form's first question of that kind, wherever it stands; nullptr: it has none.
const Item* first_media_question(const Form& form);

/// "photo-3.jpg": the question's name, a number that no other media file of the submission has, and a kind
/// from a short list. Nothing in it is the person's own: a file's name tells who, where and when. Of the
/// question's name stand the first 32 bytes, with "_" for all that is no ASCII letter, digit or "_", so that
/// the whole is a file name on every system.
std::string media_name(std::string_view question, std::uint32_t number, std::string_view extension);

/// The extension by which a file of this name may be known: one of the list in lower case, "jpg" for "jpeg";
/// "bin" for all others and for none.
std::string media_extension(std::string_view file_name);

/// The number (1…9999) in the name of a question's media file; nothing when media_name does not give this
/// name. Without a question: of any question's.
std::optional<std::uint32_t> media_number(std::string_view name, std::string_view question);
std::optional<std::uint32_t> media_number(std::string_view name);

}  // namespace fieldfare::schema
