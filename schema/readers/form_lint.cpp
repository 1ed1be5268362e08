#include "schema/readers/form_lint.h"

#include <algorithm>
#include <set>
#include <string>

#include "schema/readers/cell_text.h"
#include "schema/readers/faults.h"

namespace fieldfare::schema::readers {
namespace {

class Lint {
  public:
    Lint(const Form& form, std::string_view file) : form_(form), faults_(std::string(file)) {
        for (std::size_t i = 0; i < form.languages.size(); ++i)
            if (form.languages[i].name == form.settings.default_language) default_language_ = i;
        translated_.resize(form.languages.size());
    }

    std::vector<Problem> run() {
        for (const Item& item : form_.items) look_at(item);
        check_name(form_.settings.instance_name, "settings", 2, "instance_name");
        for (const ChoiceList& list : form_.lists) look_at(list);
        for (std::size_t i = 0; i < translated_.size(); ++i) {
            if (translated_[i] == texts_) continue;
            faults_.warning("", 0, "",
                            "The language " + shown(form_.languages[i].name) + " has " +
                                std::to_string(translated_[i]) + " of " + std::to_string(texts_) +
                                " texts (" + std::to_string(100 * translated_[i] / texts_) +
                                " %); for the others the default language is shown.");
        }
        return faults_.take().warnings;
    }

  private:
    void count(const Text& text) {
        if (text.empty()) return;
        ++texts_;
        for (std::size_t i = 0; i < translated_.size(); ++i) translated_[i] += text[i].empty() ? 0 : 1;
    }

    void check_default(const Text& label, std::string_view sheet, int row) {
        if (label.empty() || !label[default_language_].empty()) return;
        faults_.warning(sheet, row, "label",
                        "There is no label in the default language, " +
                            shown(form_.settings.default_language) +
                            "; another language's is shown instead.");
    }

    // instance('list') names a list as well.
    void use_instances_in(std::string_view expression) {
        constexpr std::string_view call = "instance(";
        for (std::size_t at = expression.find(call); at != expression.npos; at = expression.find(call, at)) {
            at += call.size();
            if (at >= expression.size()) return;
            const std::size_t end = expression.find(expression[at], at + 1);  // the other quote
            if (end != expression.npos) used_.emplace(expression.substr(at + 1, end - at - 1));
        }
    }

    // A name alone is a path to a child, which a question does not have.
    static bool is_name(std::string_view text) {
        return !text.empty() && !(text.front() >= '0' && text.front() <= '9') && text.front() != '-' &&
               text.front() != '.' && std::ranges::all_of(text, [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '_' || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
               });
    }

    void check_name(std::string_view expression, std::string_view sheet, int row, std::string_view column) {
        if (!is_name(expression)) return;
        faults_.warning(sheet, row, column,
                        shown(expression) + " alone is always empty. Write ${" + std::string(expression) +
                            "} for a row, or quotes around a text.");
    }

    void look_at(const Item& item) {
        if (item.kind == ItemKind::question) {
            check_name(item.relevant, "survey", item.row, "relevant");
            check_name(item.constraint, "survey", item.row, "constraint");
            check_name(item.calculation, "survey", item.row, "calculation");
        }
        if (!item.extension.empty())
            faults_.warning("survey", item.row, "x_extension",
                            "The row waits for the extension " + shown(item.extension) +
                                " and is not shown until that is built.");
        for (const Text* text : {&item.label, &item.hint, &item.constraint_message, &item.required_message})
            count(*text);
        check_default(item.label, "survey", item.row);
        if (!item.list.empty()) used_.insert(item.list);
        for (const std::string* expression : {&item.itemset.nodeset, &item.calculation, &item.relevant,
                                              &item.constraint, &item.choice_filter, &item.default_value})
            use_instances_in(*expression);
        for (const Item& each : item.children) look_at(each);
    }

    void look_at(const ChoiceList& list) {
        if (!used_.contains(list.name))
            faults_.warning("choices", list.choices.empty() ? 0 : list.choices.front().row, "list_name",
                            "No question uses the list " + shown(list.name) + ".");
        const auto coded = std::count_if(list.choices.begin(), list.choices.end(),
                                         [](const Choice& choice) { return choice.code.has_value(); });
        const bool partly = coded > 0 && static_cast<std::size_t>(coded) < list.choices.size();
        for (const Choice& choice : list.choices) {
            count(choice.label);
            check_default(choice.label, "choices", choice.row);
            if (partly && !choice.code)
                faults_.warning("choices", choice.row, "code",
                                "Other choices of the list " + shown(list.name) +
                                    " have codes and this one has none: exports have no number for it.");
        }
    }

    const Form& form_;
    Faults faults_;
    std::size_t default_language_ = 0;
    std::size_t texts_ = 0;
    std::vector<std::size_t> translated_;  // texts, by language
    std::set<std::string> used_;           // lists
};

}  // namespace

std::vector<Problem> lint(const Form& form, std::string_view file) {
    return Lint(form, file).run();
}

}  // namespace fieldfare::schema::readers
