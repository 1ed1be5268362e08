#pragma once

#include "schema/readers/xlsform.h"
#include "tests/fuzz/filling_in.h"

namespace fieldfare::fuzz {

/// What a reader of forms made of a hostile file: sentences, or a form to go through.
inline void go_through(const schema::Result<schema::ReadForm>& read, std::uint64_t seed) {
    if (read) {
        must_come_back(read->form);
        return go_through(read->form, seed);
    }
    must(!read.error().errors.empty(), "a refusal has a reason");
    for (const schema::Problem& problem : read.error().errors) {
        must(!problem.message.empty(), "a reason is a sentence");
        must(!problem.place.file.empty(), "a reason names its file");
    }
}

}  // namespace fieldfare::fuzz
