#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

TEST_CASE("what a device seals, each researcher of the study opens") {
    const Researchers two(2);
    const SealingDevice device(two);
    const SealedBatch sealed = device.sealed({"first", "second", std::string(5000, 'x')});
    for (const Identity& one : two.identities) {
        const OpenedBatch opened = must(read_batch(sealed.file, {&one, 1}));
        CHECK(payloads_of(opened) == std::vector<std::string>{"first", "second", std::string(5000, 'x')});
        CHECK(opened.id == sealed.id);
    }
}

TEST_CASE("everything that the device says of a batch arrives") {
    const Researchers team(3);
    SealingDevice device(team);
    device.context.open.batch_sequence = 7;
    device.context.open.previous_batch = digest_named("sixth");
    device.context.open.first_record_sequence = 151;
    BatchWriter writer = device.begin();
    must(writer.append(device.key, RecordType::data, id_named("a"), bytes("answers")));
    writer.commit();
    must(writer.append(device.key, RecordType::withdraw, id_named("b"), bytes("code")));
    writer.commit();
    const SealedBatch sealed = must(writer.finish(device.key, BatchWriter::Last::Yes));

    const OpenedBatch opened = must(read_batch(sealed.file, team.identities));
    BatchOpen expected = device.context.open;
    std::ranges::sort(expected.recipients);
    CHECK(opened.open == expected);
    CHECK(equal(opened.receipt_key.expose(), device.receipt_key.expose()));
    CHECK(opened.close.device == device_id(device.key.verify_key()));
    CHECK(opened.close.last);
    CHECK_FALSE(opened.close.provisional);
    REQUIRE(opened.records.size() == 2);
    CHECK(opened.records[0] == BatchRecord{RecordType::data, 151, id_named("a"), bytes("answers")});
    CHECK(opened.records[1] == BatchRecord{RecordType::withdraw, 152, id_named("b"), bytes("code")});
    CHECK(sealed.next_record_sequence == 153);
    CHECK(sealed.last_leaf == opened.close.leaves.back().hash);
    CHECK(sealed.sha256 == sha256(sealed.file));
}

TEST_CASE("after each record the file is complete, and the longer one supersedes the shorter") {
    const Researchers team;
    const SealingDevice device(team);
    BatchWriter writer = device.begin();
    const SealedBatch first = device.add(writer, "one");
    CHECK(first.sha256 == sha256(first.file));
    const OpenedBatch one = must(read_batch(first.file, team.identities));
    const OpenedBatch two = must(read_batch(device.add(writer, "two").file, team.identities));
    const OpenedBatch final = must(read_batch(must(writer.finish(device.key)).file, team.identities));
    CHECK(payloads_of(one) == std::vector<std::string>{"one"});
    CHECK(payloads_of(two) == std::vector<std::string>{"one", "two"});
    CHECK(two.close.provisional);
    CHECK(compare(two, one) == Succession::newer);
    CHECK(compare(one, final) == Succession::older);
    CHECK(compare(final, two) == Succession::newer);
    CHECK(compare(two, two) == Succession::same);
}

TEST_CASE("a final file tells the ids under which its provisional versions went") {
    const Researchers team;
    const SealingDevice device(team);
    BatchWriter writer = device.begin();
    const BatchId none = must(writer.current(device.key)).id;
    const BatchId one = device.add(writer, "one").id;
    const BatchId two = device.add(writer, std::string(3000, 'y')).id;
    const OpenedBatch final =
        must(read_batch(must(writer.finish(device.key, BatchWriter::Last::Yes)).file, team.identities));
    CHECK(final.close.last);  // what none of the others can say
    CHECK(provisional_ids(final) == std::vector<BatchId>{none, one, two});
}

TEST_CASE("a batch without a record says that the device is there") {
    const Researchers team;
    const OpenedBatch opened = must(read_batch(SealingDevice(team).sealed({}).file, team.identities));
    CHECK(opened.records.empty());
    CHECK(opened.close.count == 0);
}

TEST_CASE("small batches are all of one size, whatever is in them") {
    const Researchers team;
    const SealingDevice device(team);
    CHECK(device.sealed({}).file.size() == device.sealed({std::string(900, 'a'), "b", "c"}).file.size());
}

TEST_CASE("a batch that was sealed to others is not openable") {
    const Researchers team;
    const Researchers others(3);
    CHECK(error_of(read_batch(SealingDevice(team).sealed({"x"}).file, others.identities)) ==
          Error::not_openable);
    CHECK(error_of(read_batch(SealingDevice(team).sealed({"x"}).file, {})) == Error::not_openable);
}
