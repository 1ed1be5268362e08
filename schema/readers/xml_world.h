#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "schema/evaluator.h"
#include "schema/readers/xml_document.h"

namespace fieldfare::schema::readers {

/// The clock and the dice that expressions see.
struct XmlSurroundings {
    std::string now;  ///< ISO 8601 with offset
    std::function<int(std::int64_t)>
        offset_minutes;                     ///< at so many seconds after 1970; nothing: what now has
    std::function<std::uint64_t()> random;  ///< uniform 64 bits
};

/// An XML document as the world of expressions: for trying them out, without a form.
class XmlWorld final : public World {
  public:
    /// The document and the surroundings must outlive it.
    XmlWorld(const XmlDocument& document, const XmlSurroundings& surroundings)
        : document_(document), surroundings_(surroundings) {}

    std::map<std::string, std::string, std::less<>> name_spaces;  ///< by prefix
    std::uint32_t start_node = 0;                                 ///< what "/" means
    std::optional<std::string> complaint;                         ///< the first that was heard

    const Document& document(std::uint32_t) const override { return document_.tree(); }
    NodeRef start() const override { return {0, start_node}; }
    std::optional<NodeRef> instance(std::string_view id) const override;
    void reference(std::uint32_t, NodeRef, NodeSet&) const override {}
    std::optional<std::uint32_t> single(std::uint32_t, NodeRef) const override { return std::nullopt; }
    std::string_view single_text(std::uint32_t) const override { return {}; }
    double single_number(std::uint32_t) const override { return 0; }
    std::string kept_text(NodeRef node) const override { return document_.tree().text(node.node); }
    std::size_t position_of(NodeRef node) const override;
    std::string choice_label(std::string_view name, std::uint32_t, NodeRef) override {
        return std::string(name);
    }
    std::string itext(std::string_view) const override { return {}; }
    std::string_view today() const override { return std::string_view(surroundings_.now).substr(0, 10); }
    std::string_view now() const override { return surroundings_.now; }
    std::uint64_t random() override { return surroundings_.random(); }
    int offset_minutes(std::int64_t seconds_since_1970) const override;
    std::optional<std::string_view> name_space(std::string_view prefix) const override;
    void complain(std::string_view sentence) override {
        if (!complaint) complaint = sentence;
    }

  private:
    const XmlDocument& document_;
    const XmlSurroundings& surroundings_;
};

}  // namespace fieldfare::schema::readers
