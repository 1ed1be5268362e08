#include "schema/submission.h"

#include <algorithm>

namespace fieldfare::schema {
namespace {

std::string bucket(int minutes) {
    if (minutes < 5) return "<5";
    if (minutes < 10) return "5-10";
    if (minutes < 20) return "10-20";
    if (minutes <= 40) return "20-40";
    return ">40";
}

class Finaliser {
  public:
    Finaliser(const Interview& interview, const Finalising& how) : interview_(interview), how_(how) {}

    std::vector<MediaFile> take_media() {
        std::ranges::sort(media_, {}, &Numbered::number);
        std::vector<MediaFile> files;
        for (Numbered& each : media_) files.push_back(std::move(each.file));
        return files;
    }

    std::vector<SubmissionNode> children(NodeId node) {
        std::vector<SubmissionNode> result;
        for (const NodeId child : interview_.children(node)) {
            const Item& item = interview_.item(child);
            if (!item.extension.empty()) continue;
            switch (interview_.kind(child)) {
                case NodeKind::question:
                    if (item.type != QuestionType::note) result.push_back({item.name, answer(child)});
                    break;
                case NodeKind::group:
                    result.push_back({item.name, children(child)});
                    break;
                case NodeKind::repeat:
                    result.push_back({item.name, instances(child)});
                    break;
                case NodeKind::root:
                case NodeKind::instance:
                    break;
            }
        }
        return result;
    }

  private:
    // Instances that are not relevant are left out: nobody was asked about them.
    std::vector<std::vector<SubmissionNode>> instances(NodeId repeat) {
        std::vector<std::vector<SubmissionNode>> result;
        for (const NodeId instance : interview_.children(repeat))
            if (interview_.relevant(instance)) result.push_back(children(instance));
        return result;
    }

    Answer answer(NodeId node) {
        const Item& item = interview_.item(node);
        if (!interview_.relevant(node)) {
            // By design only where the arm alone decides: the questions around it were asked.
            const bool by_design = item.arm && interview_.relevant(interview_.parent(node));
            return {"", by_design ? Missing::by_design : Missing::not_asked};
        }
        std::string value(interview_.value(node));
        if (item.fill == Fill::language) {
            const auto& languages = interview_.form().form().languages;
            if (how_.language < languages.size()) value = language_word(languages[how_.language]);
        }
        if (item.fill == Fill::duration_bucket) value = bucket(how_.minutes);
        if (is_media(item.type) && !value.empty() && !attach(value, item.name)) value.clear();
        if (!value.empty()) return {std::move(value), {}};
        if (const auto said = interview_.missing(node)) return {"", said};
        if (item.type == QuestionType::calculate) return {"", Missing::not_asked};
        return {"", interview_.seen(node) ? Missing::skipped : Missing::not_reached};
    }

    /// False where nothing is attached under this name, or it is the answer to another question already.
    bool attach(const std::string& name, const std::string& question) {
        const auto file = std::ranges::find(how_.media, name, &MediaFile::name);
        const auto number = media_number(name, question);
        if (file == how_.media.end() || !number ||
            std::ranges::find(media_, *number, &Numbered::number) != media_.end())
            return false;
        media_.push_back({*number, *file});
        return true;
    }

    static std::string language_word(const Language& language) {
        return language.code.empty() ? language.name : language.code;
    }

    const Interview& interview_;
    const Finalising& how_;
    struct Numbered {
        std::uint32_t number;
        MediaFile file;
    };
    std::vector<Numbered> media_;
};

}  // namespace

Submission finalise(const Interview& interview, const Finalising& how) {
    const Form& form = interview.form().form();
    Submission submission;
    submission.id = how.id;
    submission.form_id = form.settings.form_id;
    submission.version = form.settings.version;
    if (how.language < form.languages.size()) {
        const Language& language = form.languages[how.language];
        submission.language = language.code.empty() ? language.name : language.code;
    }
    submission.day = how.day;
    Finaliser finaliser(interview, how);
    submission.answers = finaliser.children(root_node);
    submission.media = finaliser.take_media();
    return submission;
}

NodeId first_violation(const Interview& interview) {
    std::vector<NodeId> waiting{root_node};
    while (!waiting.empty()) {
        const NodeId node = waiting.back();
        waiting.pop_back();
        if (interview.kind(node) == NodeKind::question && interview.violation(node) != Violation::none)
            return node;
        const auto children = interview.children(node);
        waiting.insert(waiting.end(), children.rbegin(), children.rend());
    }
    return no_node;
}

}  // namespace fieldfare::schema
