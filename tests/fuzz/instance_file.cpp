// An external instance, behind a line with its address ("jr://file-csv/a.csv"), and choices taken from it.

#include "schema/readers/instance_file.h"

#include "tests/fuzz/filling_in.h"

using namespace fieldfare;
using namespace fieldfare::schema;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    const std::string_view source = input.substr(0, input.find('\n'));
    const std::string_view bytes = input.substr(std::min(source.size() + 1, size));
    auto instance = read_instance("a", std::string(source), bytes);
    if (!instance) {
        fuzz::must(!instance.error().errors.empty(), "a refusal has a reason");
        return 0;
    }
    Form form;
    form.instances.push_back(std::move(*instance));
    Item select, total;
    select.name = "s";
    select.type = QuestionType::select_one;
    select.itemset = {"instance('a')/root/item[name != '' or //@*]", "name", "label"};
    total.name = "t";
    total.type = QuestionType::calculate;
    total.calculation = "join(' ', instance('a')//*[label = ${s}]) + count(instance('a')/root/*/geometry)";
    form.items = {select, total};
    fuzz::go_through(form, fuzz::seed_of(input));
    return 0;
}
