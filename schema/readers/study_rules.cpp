#include "schema/readers/study_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"
#include "schema/readers/faults.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

/// What the form app asks, or fills in itself.
bool is_asked(QuestionType type) {
    switch (type) {
        case QuestionType::text:
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::date:
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::note:
        case QuestionType::calculate:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::rank:
        case QuestionType::range:
        case QuestionType::acknowledge:
        case QuestionType::geopoint:
        case QuestionType::barcode:
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return true;
        case QuestionType::geotrace:
        case QuestionType::geoshape:
            return false;
    }
    return false;
}

// Appearances that ask for something else than another look.
struct Refusal {
    std::string_view word;
    std::string_view sentence;
};
constexpr std::array<Refusal, 9> refused_appearances = {{
    {"month-year",
     "Incomplete dates (month-year) are not supported yet. Ask for month and year as two questions."},
    {"year", "Incomplete dates (year) are not supported yet. Ask for the year as an integer."},
    {"search",
     "search() takes choices from a file, which is not supported yet. Put them on the choices sheet, and use "
     "choice_filter."},
    {"ex", "Other apps are not called (ex:). Ask the question here."},
    {"printer", "Printers are not called. Remove the appearance."},
    {"signature", "Nobody can sign on the screen yet (signature). Ask for a picture, or remove the row."},
    {"draw", "Nobody can draw on the screen yet (draw). Ask for a picture, or remove the row."},
    {"annotate", "Nobody can draw on a picture yet (annotate). Ask for the picture as it is."},
    {"query", "query is not supported. Use a select with choice_filter."},
}};

class StudyRules {
  public:
    StudyRules(const Form& form, std::string_view file) : form_(form), faults_(std::string(file)) {
        if (const auto words = form.settings.extra.find("x_forbid_metadata");
            words != form.settings.extra.end())
            for (const std::string& word : words_of(lower(words->second))) forbidden_.insert(word);
    }

    std::vector<Problem> run() {
        if (form_.items.empty())
            fault("survey", 0, "", "The sheet holds no questions. Write them below the header row.");
        for (const Item& item : form_.items) look_at(item);
        for (const ChoiceList& list : form_.lists)
            for (const Choice& choice : list.choices)
                if (!choice.media.empty())
                    fault("choices", choice.row, "media::" + choice.media.begin()->first, no_media);
        for (const SecondaryInstance& instance : form_.instances) look_at(instance);
        if (const auto entities = form_.settings.odk.find("entities"); entities != form_.settings.odk.end())
            fault("entities", 0, "", "Entities are neither created nor updated here. Remove the sheet.");
        return faults_.take_not_for_studies();
    }

  private:
    static constexpr const char* no_media =
        "Pictures, sound and video in a form are not shown yet. Say it in the label, and remove the column.";

    void fault(std::string_view sheet, int row, std::string_view column, std::string message) {
        faults_.not_for_studies(sheet, row, column, std::move(message));
    }
    void fault(const Item& item, std::string_view column, std::string message) {
        fault("survey", item.row, column, std::move(message));
    }

    void look_at(const Item& item) {
        if (item.kind == ItemKind::question) look_at_question(item);
        if (!item.media.empty()) fault(item, "media::" + item.media.begin()->first, no_media);
        if (!item.guidance_hint.empty() && item.kind != ItemKind::question)
            fault(item, "guidance_hint",
                  "Guidance of a group or repeat is not shown. Put it on one of its questions, or into a "
                  "note.");
        if (item.bind_attributes.contains("entities:saveto"))
            fault(item, "save_to", "Entities are not supported. Remove the column.");
        if (item.body_attributes.contains("intent"))
            fault(item, "appearance", "Other apps are not called. Ask the question here.");
        for (const Item& child : item.children) look_at(child);
    }

    void look_at_question(const Item& item) {
        if (const std::string word = metadata_word(item); !word.empty()) {
            const bool by_settings = forbidden_.contains(word);
            fault(item, "type",
                  by_settings
                      ? "The settings forbid " + shown(word) +
                            " (x_forbid_metadata): it could tell who answered, when or where. Remove the row."
                      : "Fieldfare never records " + shown(word) +
                            ": it could tell who answered, when or where. Remove the row.");
            return;
        }
        if (!is_asked(item.type))
            fault(item, "type",
                  "Questions of the type " + std::string(word_of(item.type)) +
                      " are not asked yet. Ask in another way, or remove the row.");
        if (item.body_attributes.contains("query"))
            fault(item, "type",
                  "Choices of the sheet external_choices are not shown. Put them on the choices sheet, "
                  "and use select_one with choice_filter.");
        look_at_appearance(item);
    }

    // What a row collects without being asked, in XLSForm's word for it.
    static std::string metadata_word(const Item& item) {
        if (item.type != QuestionType::calculate) return "";
        if (item.name == "audit" && item.data_type == DataType::binary) return "audit";
        if (!item.preload.empty() && item.preload != "uid")
            return item.preload_parameters.empty() ? item.preload : item.preload_parameters;
        if (item.parameters.contains("odk:recordaudio")) return "background-audio";
        const auto place = item.parameters.find("odk:setgeopoint");
        if (place == item.parameters.end()) return "";
        return place->second == "xforms-value-changed" ? "background-geopoint" : "start-geopoint";
    }

    void look_at_appearance(const Item& item) {
        const bool date = item.type == QuestionType::date || item.type == QuestionType::date_time;
        const bool picture = item.type == QuestionType::image;
        for (const std::string& word : words_of(item.appearance)) {
            const std::string head = lower(word.substr(0, word.find_first_of("(:")));
            for (const Refusal& refusal : refused_appearances) {
                if (head != refusal.word) continue;
                // "search" alone only filters what is shown; "year" belongs to dates.
                if (head == "search" && word.find('(') == word.npos) continue;
                if ((head == "ex" || head == "printer") && word.find(':') == word.npos) continue;
                if ((head == "year" || head == "month-year") && !date) continue;
                if ((head == "signature" || head == "draw" || head == "annotate") && !picture) continue;
                fault(item, "appearance", std::string(refusal.sentence));
            }
        }
    }

    void look_at(const SecondaryInstance& instance) {
        if (instance.source == "jr://instance/last-saved")
            fault("survey", 0, "",
                  "Nothing is kept of the interview before (last-saved). Remove what refers to it.");
        else if (!instance.source.empty() && instance.nodes.empty())
            fault("", 0, "",
                  "The file " + shown(instance.source.substr(instance.source.rfind('/') + 1)) +
                      " is not beside the form, or it can't be read. Put it there.");
    }

    const Form& form_;
    Faults faults_;
    std::set<std::string> forbidden_;
};

}  // namespace

std::vector<Problem> study_faults(const Form& form, std::string_view file) {
    return StudyRules(form, file).run();
}

}  // namespace fieldfare::schema::readers
