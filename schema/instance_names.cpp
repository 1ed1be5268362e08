#include "schema/instance_names.h"

#include "schema/form_meta.h"
#include "schema/interview.h"

namespace fieldfare::schema {
namespace {

// A submission's values as a draft of the interview that it was. Submissions are as deep as their forms.
void add_entries(const std::vector<SubmissionNode>& nodes, const std::string& above,
                 std::vector<DraftEntry>& entries) {
    for (const SubmissionNode& node : nodes) {
        const std::string path = above + "/" + node.name;
        if (const auto* answer = std::get_if<Answer>(&node.content)) {
            if (!answer->value.empty()) entries.push_back({path, answer->value, {}, true});
        } else if (const auto* group = std::get_if<std::vector<SubmissionNode>>(&node.content)) {
            add_entries(*group, path, entries);
        } else {
            std::size_t place = 0;
            for (const auto& instance : std::get<std::vector<std::vector<SubmissionNode>>>(node.content)) {
                const std::string here = path + "[" + std::to_string(++place) + "]";
                entries.push_back({here, "", {}, false});
                add_entries(instance, here, entries);
            }
        }
    }
}

}  // namespace

InstanceNames::InstanceNames(const Form& form) {
    if (form.settings.instance_name.empty()) return;
    Form named = with_meta(form);
    if (named.items.size() == form.items.size()) return;
    if (auto compiled = CompiledForm::compile(std::make_shared<const Form>(std::move(named))))
        form_ = *compiled;
}

std::string InstanceNames::name_of(const Submission& submission) const {
    if (form_ == nullptr) return {};
    Surroundings then;
    then.random = [] { return std::uint64_t{1}; };
    then.today = submission.day;
    then.now = submission.day + "T12:00:00.000Z";
    std::vector<DraftEntry> entries;
    add_entries(submission.answers, "", entries);
    const Interview interview = Interview::resume(form_, then, entries, nullptr);
    const NodeId name = interview.find("/meta/instanceName");
    return name == no_node ? std::string{} : std::string(interview.value(name));
}

}  // namespace fieldfare::schema
