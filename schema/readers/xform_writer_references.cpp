#include "schema/readers/xform_writer_references.h"

namespace fieldfare::schema::readers {
namespace {

bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// Goes through an expression once, remembering only which brackets are open.
class Replacer {
  public:
    Replacer(std::string_view source, const FormPaths& paths, int from, SeenFrom seen_from)
        : source_(source),
          paths_(paths),
          from_(from),
          attribute_(seen_from == SeenFrom::attribute),
          predicates_(seen_from == SeenFrom::predicate ? 1 : 0) {}

    Xpath run() {
        for (std::size_t at = 0; at < source_.size();) at = step(at);
        return std::move(result_);
    }

  private:
    struct Bracket {
        bool indexed_repeat = false, predicate = false;
        int argument = 0;
    };

    std::size_t step(std::size_t at) {
        const char c = source_[at];
        if (c == '\'' || c == '"') {
            const std::size_t end = std::min(source_.find(c, at + 1), source_.size() - 1);
            result_.text += source_.substr(at, end + 1 - at);
            return end + 1;
        }
        if (source_.substr(at, 2) == "${") {
            const std::size_t end = source_.find('}', at);
            if (end != std::string_view::npos) {
                reference(without_blanks(source_.substr(at + 2, end - at - 2)));
                return end + 1;
            }
        }
        if (c == '(')
            open_.push_back({function_before(at) == "indexed-repeat"});
        else if (c == '[')
            open_.push_back({false, true}), ++predicates_;
        else if ((c == ')' || c == ']') && !open_.empty())
            predicates_ -= open_.back().predicate ? 1 : 0, open_.pop_back();
        else if (c == ',' && !open_.empty())
            ++open_.back().argument;
        result_.text += c;
        return at + 1;
    }

    std::string_view function_before(std::size_t at) const {
        std::size_t end = at;
        while (end > 0 && is_blank(source_[end - 1])) --end;
        std::size_t begin = end;
        while (begin > 0 && in_name(source_[begin - 1])) --begin;
        return source_.substr(begin, end - begin);
    }

    void reference(std::string_view name) {
        const bool last_saved = name.starts_with(last_saved_mark);
        if (last_saved) name.remove_prefix(last_saved_mark.size());
        const int node = paths_.find(name);
        if (node == FormPaths::none) return result_.unknown.emplace_back(name), void();
        if (node == FormPaths::several) return result_.ambiguous.emplace_back(name), void();
        result_.text += ' ';
        if (last_saved)
            result_.text += "instance('" + std::string(last_saved_instance) + "')" + paths_[node].path;
        else
            result_.text += path_to(node);
        result_.text += ' ';
    }

    std::string path_to(int node) const {
        if (!open_.empty() && open_.back().indexed_repeat) {
            // Arguments: the node, then pairs of a repeat and a position in it.
            const int argument = open_.back().argument;
            if (argument == 0 || argument % 2 == 1) return paths_[node].path;
        }
        std::string path = paths_.between(from_, node);
        if (!path.starts_with("..")) return path;
        if (attribute_) path.insert(0, "../");
        return predicates_ > 0 ? "current()/" + path : path;
    }

    std::string_view source_;
    const FormPaths& paths_;
    int from_;
    bool attribute_;
    int predicates_;
    std::vector<Bracket> open_;
    Xpath result_;
};

}  // namespace

Xpath to_xpath(std::string_view expression, const FormPaths& paths, int from, SeenFrom seen_from) {
    return Replacer(expression, paths, from, seen_from).run();
}

std::vector<TextPiece> text_pieces(std::string_view text) {
    const auto closing = [](std::string_view from, std::size_t at) {
        std::size_t deeper = 0;
        for (char quote = 0; at < from.size(); ++at) {
            const char c = from[at];
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '{') {
                ++deeper;
            } else if (c == '}' && deeper-- == 0) {
                return at;
            }
        }
        return std::string_view::npos;
    };
    std::vector<TextPiece> pieces;
    while (!text.empty()) {
        const std::size_t open = text.find("${");
        const std::size_t close = open == std::string_view::npos ? open : closing(text, open + 2);
        if (close == std::string_view::npos) break;
        if (open > 0) pieces.push_back({text.substr(0, open), false});
        pieces.push_back({without_blanks(text.substr(open + 2, close - open - 2)), true});
        text.remove_prefix(close + 1);
    }
    if (!text.empty()) pieces.push_back({text, false});
    return pieces;
}

std::string quoted(std::string_view text) {
    const char quote = text.find('\'') == std::string_view::npos ? '\'' : '"';
    return quote + std::string(text) + quote;
}

}  // namespace fieldfare::schema::readers
