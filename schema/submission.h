#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schema/interview.h"
#include "schema/media_file.h"

namespace fieldfare::schema {

/// What one question ended with. Exactly one of the two is set, except in notes, which are not recorded.
struct Answer {
    std::string value;               ///< serialised as in XForms; choice names, not codes
    std::optional<Missing> missing;  ///< set when value is empty

    bool operator==(const Answer&) const = default;
};

struct SubmissionGroup;

/// A node of a submission: an answer, a group, or a repeat's instances.
struct SubmissionNode {
    std::string name;
    std::variant<Answer, std::vector<SubmissionNode>, std::vector<std::vector<SubmissionNode>>> content;

    bool operator==(const SubmissionNode&) const = default;
};

/// A finalised interview; never changes again. Holds no clock time and nothing of the device.
struct Submission {
    std::string id;                       ///< random UUID, version 4
    std::string form_id, version;         ///< settings: form_id, version
    std::string language;                 ///< Language::code (or name) in use at the end
    std::string day;                      ///< UTC day of finalising, YYYY-MM-DD
    std::vector<SubmissionNode> answers;  ///< in the form's order
    /// The hash under which its respondent can withdraw it: 64 hexadecimal digits. Empty: by nobody.
    std::string withdrawal{};
    std::vector<MediaFile> media{};  ///< one for each answer to a media question, by their numbers

    bool operator==(const Submission&) const = default;
};

/// What finalising needs beside the interview.
struct Finalising {
    std::string id;                  ///< random UUID
    std::size_t language;            ///< index into Form::languages
    std::string day;                 ///< UTC day
    int minutes = 0;                 ///< length of the interview, for duration_bucket
    std::vector<MediaFile> media{};  ///< attached in the interview, by the values of their answers
};

/// Makes the submission: values of relevant questions; otherwise the state that the engine gives (not_asked,
/// by_design, skipped, not_reached; not_asked for an empty calculation) or that the respondent said.
/// Instances that are not relevant, notes and rows of later extensions are left out. Choice codes -91 … -99
/// are not touched here: the choice's name is the answer, exports turn it into its state. A media question's
/// answer counts when its file is among `how.media`; files that are the answer to no relevant question are
/// left out. Violations do not stop it: the caller decides (first_violation).
Submission finalise(const Interview& interview, const Finalising& how);

/// The first relevant question in document order that does not stand, or no_node.
NodeId first_violation(const Interview& interview);

/// The payload of a sealed record: canonical JSON {answers, day, form, id, lang, missing, version}, where
/// there are media files {media}, and where it can be withdrawn {withdrawal}.
/// `answers` mirrors the form's groups (objects) and repeats (arrays of objects); select_multiple and rank
/// are arrays of names, integer a JSON integer, everything else a string. `missing` is the same tree with
/// codes, sparse. `media` is an array of {hash, name, size}, the numbers in the names rising.
std::string to_json(const Submission& submission, const Form& form);

/// The `withdrawal` of a payload in canonical JSON, without its form: it stands last. Empty where there is
/// none; says nothing of whether the rest is in order.
std::string_view withdrawal_in(std::string_view payload);

enum class SubmissionError {
    not_json,     ///< or not canonical, too deep, too large
    other_form,   ///< form id or version differ from the form given
    wrong_shape,  ///< keys, types or choices that the form does not know
};

/// Reads a record's payload against its form. Hostile bytes are expected: at most 1 MiB, depth 512.
tl::expected<Submission, SubmissionError> submission_from_json(std::string_view bytes, const Form& form);

}  // namespace fieldfare::schema
