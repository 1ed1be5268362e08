#pragma once

#include <map>
#include <string>

#include "schema/readers/xform.h"
#include "tests/support/scenario.h"

namespace fieldfare::schema {

/// The parts of an XForm that a test cares about; the rest is put around them.
struct XForm {
    std::string instance = {};  ///< children of <data>
    std::string binds = {};     ///< binds, setvalue and further instances of the model
    std::string body = {};
    std::string itext = {};  ///< translations

    std::string text() const {
        return "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\" "
               "xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:odk=\"http://www.opendatakit.org/xforms\">"
               "<h:head><h:title>T</h:title><model>" +
               (itext.empty() ? "" : "<itext>" + itext + "</itext>") + "<instance><data id=\"t\">" +
               instance + "</data></instance>" + binds + "</model></h:head><h:body>" + body +
               "</h:body></h:html>";
    }
};

inline std::shared_ptr<const CompiledForm> compiled(const XForm& form,
                                                    const std::map<std::string, std::string>& files = {}) {
    const auto attachments = [&files](std::string_view name) -> std::optional<std::string> {
        const auto found = files.find(std::string(name));
        return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    auto read = read_xform(form.text(), "test.xml", attachments);
    if (!read) throw std::runtime_error(to_string(read.error().errors.front()));
    auto result = CompiledForm::compile(std::make_shared<const Form>(std::move(read->form)), "test.xml");
    if (!result) throw std::runtime_error(to_string(result.error().errors.front()));
    return *result;
}

}  // namespace fieldfare::schema
