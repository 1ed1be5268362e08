#include "crypto/dictionary.h"

#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

/// Records of one form, as different as records of people are.
std::vector<std::string> records_of_a_form(int count) {
    std::vector<std::string> records;
    for (int i = 0; i < count; ++i) {
        std::string record = "{\"answers\":{\"age\":" + std::to_string(18 + i * 7 % 60);
        for (int q = 0; q < 40; ++q)
            record += ",\"question_" + std::to_string(q) + "\":\"choice_" +
                      std::to_string((i * 31 + q * 17) % 9) + "\"";
        records.push_back(record + "},\"form\":\"household\"}");
    }
    return records;
}

}  // namespace

TEST_CASE("a dictionary learnt from records of a form makes another record of it much smaller") {
    const auto records = records_of_a_form(300);
    const Bytes dictionary = must(train_dictionary(records, 8 * 1024));
    CHECK(dictionary.size() <= 8 * 1024);
    CHECK(is_usable_dictionary(dictionary));
    const Researchers team;
    SealingDevice with(team), without(team);
    with.context.dictionary = dictionary;
    const std::string record = records_of_a_form(400).back();
    const auto sealed = with.sealed({record});
    CHECK(must(read_batch(sealed.file, team.identities, dictionary)).records[0].payload == bytes(record));
    const auto cells = [](const SealedBatch& batch, const Researchers& team) {
        return must(inspect_batch(batch.file, team.identities)).close.cells;
    };
    // One cell of the two is OPEN's.
    CHECK(record.size() > 1000);
    CHECK(cells(sealed, team) == 2);
    CHECK(cells(without.sealed({record}), team) >= 2);
}

TEST_CASE("the same samples give the same dictionary") {
    const auto records = records_of_a_form(200);
    CHECK(must(train_dictionary(records, 4096)) == must(train_dictionary(records, 4096)));
}

TEST_CASE("too few samples teach nothing, and no dictionary is made") {
    CHECK(error_of(train_dictionary({}, 4096)) == Error::bad_argument);
    const std::vector<std::string> one{"{\"answers\":{}}"};
    CHECK(error_of(train_dictionary(one, 4096)) == Error::bad_argument);
    CHECK(error_of(train_dictionary(records_of_a_form(200), max_dictionary + 1)) == Error::bad_argument);
}

TEST_CASE("a dictionary that zstd would pass over, or could not take apart, is not usable") {
    CHECK(is_usable_dictionary({}));
    CHECK_FALSE(is_usable_dictionary(bytes("seven b")));
    CHECK(is_usable_dictionary(bytes("eight by")));
    CHECK(is_usable_dictionary(Bytes(max_dictionary, 'x')));
    CHECK_FALSE(is_usable_dictionary(Bytes(max_dictionary + 1, 'x')));
    Bytes damaged = must(train_dictionary(records_of_a_form(200), 4096));
    std::fill(damaged.begin() + 8, damaged.begin() + 60, 0xff);  // its tables, behind the magic and an id
    CHECK_FALSE(is_usable_dictionary(damaged));
    damaged.resize(9);
    CHECK_FALSE(is_usable_dictionary(damaged));
}
