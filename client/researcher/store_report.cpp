#include "client/researcher/store_report.h"

#include <algorithm>
#include <sstream>

#include "client/researcher/json_text.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t page_width = 110, verdict_width = 9;

const char* word(Verdict verdict) {
    switch (verdict) {
        case Verdict::good:
            return "good";
        case Verdict::look:
            return "look";
        case Verdict::bad:
            return "bad";
        case Verdict::unknown:
            return "unknown";
    }
    return "?";
}

std::string number_or_null(std::optional<std::uint64_t> number) {
    return number ? std::to_string(*number) : "null";
}

std::size_t count(const StoreReport& report, Verdict verdict) {
    return static_cast<std::size_t>(std::ranges::count(report.findings, verdict, &StoreFinding::verdict));
}

/// "1 point", "2 points".
std::string points(std::size_t number) {
    return std::to_string(number) + (number == 1 ? " point" : " points");
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

/// Folds at blanks; the lines behind the first are indented.
std::string folded(const std::string& first, const std::string& text, std::size_t indent) {
    std::string out = first;
    std::size_t column = first.size();
    bool begun = false;
    std::istringstream words(text);
    for (std::string one; words >> one; begun = true) {
        if (begun && column + 1 + one.size() > page_width) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (begun) {
            out += ' ';
            ++column;
        }
        out += one;
        column += one.size();
    }
    return out + '\n';
}

}  // namespace

Verdict StoreReport::verdict() const {
    if (!reached) return Verdict::unknown;
    for (const Verdict each : {Verdict::bad, Verdict::look, Verdict::unknown})
        if (count(*this, each) > 0) return each;
    return findings.empty() ? Verdict::unknown : Verdict::good;
}

std::string StoreReport::sentence() const {
    if (!reached) return "Nothing is known of this store, since it could not be reached.";
    switch (verdict()) {
        case Verdict::bad:
            return "Do not send devices out with this store as it is: " + points(count(*this, Verdict::bad)) +
                   " must be put right.";
        case Verdict::look:
            return "It can be used if somebody who knows the study has decided on " +
                   points(count(*this, Verdict::look)) + ".";
        case Verdict::unknown:
            return "Nothing was found wrong with it, but " + points(count(*this, Verdict::unknown)) +
                   " could not be told from here.";
        case Verdict::good:
            break;
    }
    return "It does all that a store of a study should.";
}

std::string as_text(const StoreReport& report) {
    std::size_t width = 0;
    for (const auto& finding : report.findings) width = std::max(width, finding.about.size());
    const std::size_t indent = verdict_width + width + 2;
    std::string text = "The store " + report.store + ":\n\n";
    for (const auto& finding : report.findings) {
        text += folded(padded(word(finding.verdict), verdict_width) + padded(finding.about, width + 2),
                       finding.what, indent);
        if (!finding.to_do.empty())
            text += folded(std::string(indent, ' ') + "-> ", finding.to_do, indent + 3);
    }
    text += '\n' + folded("", report.sentence(), 0);
    if (!report.left.empty()) {
        text +=
            folded("",
                   "These files of the trial could not be deleted; readers pass over them, and anybody who "
                   "may can delete them:",
                   0);
        for (const std::string& name : report.left) text += "  " + name + "\n";
    }
    return text;
}

std::string as_json(const std::vector<StoreReport>& reports) {
    std::vector<std::string> stores;
    for (const StoreReport& report : reports) {
        std::vector<std::string> findings;
        for (const auto& finding : report.findings)
            findings.push_back(JsonObject()
                                   .put("about", finding.about)
                                   .put("verdict", word(finding.verdict))
                                   .put("what", finding.what)
                                   .put("to_do", finding.to_do)
                                   .text());
        stores.push_back(JsonObject()
                             .put("store", report.store)
                             .put("verdict", word(report.verdict()))
                             .put("sentence", report.sentence())
                             .put("reached", report.reached)
                             .put_json("page_size", number_or_null(report.page_size))
                             .put_json("takes", number_or_null(report.takes))
                             .put_json("refuses", number_or_null(report.refuses))
                             .put_json("findings", json_array(findings))
                             .put_json("left", json_strings(report.left))
                             .text());
    }
    return JsonObject().put_json("stores", json_array(stores)).text() + "\n";
}

}  // namespace fieldfare::researcher
