#include <doctest/doctest.h>

#include "schema/readers/text_expressions.h"

using fieldfare::schema::readers::with_expressions;

TEST_CASE("a path into a secondary instance is an expression of its text") {
    struct Row {
        const char* text;
        const char* shown;
    };
    for (const auto& [text, shown] : {
             Row{"Plain ${name}.", "Plain ${name}."},
             Row{"instance('c')/root/item[name = ${q}]/label",
                 "${instance('c')/root/item[name = ${q}]/label}"},
             Row{"In instance(\"c\")/root/item[name='a]']/label and more.",
                 "In ${instance(\"c\")/root/item[name='a]']/label} and more."},
             Row{"Ends instance('c')/root/item[a][1]/label.", "Ends ${instance('c')/root/item[a][1]/label}."},
             Row{"instance('c')/root/item[contains(name, instance('d')/root/x[1]/label)]/label",
                 "${instance('c')/root/item[contains(name, instance('d')/root/x[1]/label)]/label}"},
             Row{"For instance (this one) / that", "For instance (this one) / that"},
             Row{"myinstance('c')/root", "myinstance('c')/root"},
             Row{"instance('c')", "instance('c')"},
             Row{"instance('c')/root/item[unclosed", "instance('c')/root/item[unclosed"},
             Row{"instance('c", "instance('c"},
             Row{"${concat(instance('c')/root/a, '')} instance('c')/a",
                 "${concat(instance('c')/root/a, '')} ${instance('c')/a}"},
         }) {
        CAPTURE(text);
        CHECK(with_expressions(text) == shown);
    }
}
