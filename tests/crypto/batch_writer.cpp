#include <doctest/doctest.h>
#include <sodium.h>

#include <cstring>

#include "tests/support/crypto.h"
#include "tests/support/crypto_forger.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

std::optional<Error> beginning(const SealingDevice& device) {
    return error_of(BatchWriter::begin(device.context, device.key, device.receipt_key));
}

/// Text that zstd can't make smaller.
Bytes noise(std::size_t size) {
    Bytes out(size);
    must(fill_random(out));
    return out;
}

}  // namespace

TEST_CASE("a record waits for its commit before the next one can be sealed, and for nothing else") {
    const Researchers team;
    const SealingDevice device(team);
    BatchWriter writer = device.begin();
    must(writer.append(device.key, RecordType::data, id_named("a"), bytes("a")));
    CHECK(error_of(writer.append(device.key, RecordType::data, id_named("b"), bytes("b"))) ==
          Error::wrong_state);
    CHECK(error_of(writer.finish(device.key)) == Error::wrong_state);
    CHECK(error_of(writer.current(device.key)) == Error::wrong_state);
    CHECK(writer.count() == 0);
    writer.commit();
    writer.commit();
    CHECK(writer.count() == 1);
    must(writer.finish(device.key));
    CHECK(error_of(writer.finish(device.key)) == Error::wrong_state);
    CHECK(error_of(writer.append(device.key, RecordType::data, id_named("b"), bytes("b"))) ==
          Error::wrong_state);
}

TEST_CASE("a record that was refused leaves the writer as it was") {
    const Researchers team;
    const SealingDevice device(team);
    const SigningKey stranger = must(SigningKey::generate());
    BatchWriter writer = device.begin();
    CHECK(error_of(writer.append(device.key, RecordType::data, {}, {})) == Error::bad_argument);
    CHECK(error_of(writer.append(stranger, RecordType::data, {}, bytes("a"))) == Error::bad_argument);
    CHECK(error_of(writer.append(device.key, RecordType::data, {}, Bytes(max_payload + 1))) ==
          Error::too_large);
    device.add(writer, "a");
    CHECK(error_of(writer.finish(stranger)) == Error::bad_argument);
    CHECK(payloads_of(must(read_batch(must(writer.finish(device.key)).file, team.identities))) ==
          std::vector<std::string>{"a"});
}

TEST_CASE("a device that does not know what it must know begins no batch") {
    const Researchers team;
    const auto with = [&](auto change) {
        SealingDevice device(team);
        change(device.context.open);
        return beginning(device);
    };
    CHECK_FALSE(with([](BatchOpen&) {}));
    CHECK(with([](BatchOpen& open) { open.recipients.clear(); }) == Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.recipients.push_back(open.recipients[0]); }) ==
          Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.recipients = Researchers(17).box_keys(); }) == Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.recipients[0] = {}; }) == Error::weak_key);
    CHECK(with([](BatchOpen& open) { open.recipients[0].bytes[31] |= 0x80; }) == Error::not_canonical);
    CHECK(with([](BatchOpen& open) { open.device_key.bytes[0] ^= 1; }) == Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.batch_sequence = 1; }) == Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.previous_batch[0] = 1; }) == Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.first_record_sequence = ~0ULL; }) == Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.program_version = std::string(33, 'v'); }) == Error::bad_argument);
    CHECK(with([](BatchOpen& open) { open.program_version = "a\nb"; }) == Error::bad_argument);
}

TEST_CASE("up to sixteen researchers can open a batch, and the slots do not tell how many there are") {
    for (const std::size_t count : {1U, 4U, 5U, 8U, 9U, 16U}) {
        const Researchers team(count);
        const SealedBatch sealed = SealingDevice(team).sealed({"x"});
        CHECK(must(outline_of(sealed.file)).slots == (count <= 4 ? 4 : count <= 8 ? 8 : 16));
        CHECK(must(read_batch(sealed.file, {&team.identities.back(), 1})).records.size() == 1);
    }
}

TEST_CASE("records of every length around the edges of cells come back as they were") {
    const Researchers team;
    const SealingDevice device(team);
    BatchWriter writer = device.begin();
    std::vector<Bytes> payloads;
    for (const std::size_t size : {1U, 963U, 964U, 965U, 1987U, 1988U, 1989U, 3012U, 3013U, 70000U}) {
        payloads.push_back(noise(size));
        must(writer.append(device.key, RecordType::data, id_named("x"), payloads.back()));
        writer.commit();
    }
    const OpenedBatch opened = must(read_batch(must(writer.finish(device.key)).file, team.identities));
    REQUIRE(opened.records.size() == payloads.size());
    for (std::size_t i = 0; i < payloads.size(); ++i) CHECK(opened.records[i].payload == payloads[i]);
}

TEST_CASE("the largest record fits, compressed or not, and a batch has room for 64 MiB of them") {
    const Researchers team;
    const SealingDevice device(team);
    BatchWriter writer = device.begin();
    const Bytes incompressible = noise(max_payload);
    must(writer.append(device.key, RecordType::data, id_named("noise"), incompressible));
    writer.commit();
    CHECK(must(read_batch(must(writer.current(device.key)).file, team.identities)).records[0].payload ==
          incompressible);
    const Bytes zeros(max_payload);
    for (int i = 1; i < 64; ++i) {
        must(writer.append(device.key, RecordType::data, id_named("zeros"), zeros));
        writer.commit();
    }
    CHECK(error_of(writer.append(device.key, RecordType::data, {}, zeros)) == Error::too_large);
    const OpenedBatch opened = must(read_batch(must(writer.finish(device.key)).file, team.identities));
    CHECK(opened.records.size() == 64);
    CHECK(opened.records.back().payload == zeros);
}

TEST_CASE(
    "with a dictionary of the form, a batch opens for those who have that dictionary and for nobody else") {
    const Researchers team;
    SealingDevice device(team);
    device.context.dictionary =
        bytes("{\"form\":\"household\",\"answers\":{\"age\":\"yes\",\"income\":\"no\",");
    const SealedBatch sealed =
        device.sealed({"{\"form\":\"household\",\"answers\":{\"age\":\"yes\",\"income\":\"no\"}}"});
    const Bytes& right = device.context.dictionary;
    Bytes wrong = right;
    wrong[30] ^= 1;
    const std::vector<Bytes> both{wrong, right};
    const OpenedBatch opened = must(read_batch(sealed.file, team.identities, both));
    CHECK(opened.open.dictionary_hash == dictionary_hash(right));
    CHECK(opened.records.size() == 1);
    CHECK(error_of(read_batch(sealed.file, team.identities)) == Error::unknown_dictionary);
    CHECK(error_of(read_batch(sealed.file, team.identities, wrong)) == Error::unknown_dictionary);
    CHECK(inspect_batch(sealed.file, team.identities).has_value());
}

TEST_CASE("the same record sealed twice under one key has another stream header") {
    const Researchers team;
    const SealingDevice device(team);
    BatchWriter writer = device.begin();
    const Bytes first = must(writer.current(device.key)).file;
    const Bytes again = must(writer.current(device.key)).file;
    CHECK(must(read_batch(first, team.identities)).id == must(read_batch(again, team.identities)).id);
    CHECK(first != again);  // CLOSE was sealed anew
}

TEST_CASE("nobody's answers change how those of another are compressed") {
    const Researchers team;
    const SealingDevice device(team);
    const std::string answers = std::string(300, 'y') + "the same answers";
    const auto second_record = [&](const std::string& first) {
        const Forger known(device.sealed({first, answers}).file, team.identities[0]);
        const Bytes& record = known.records.at(2).bytes;
        REQUIRE(record[Forger::codec] == 1);
        return Bytes(record.begin() + Forger::uuid, record.end());
    };
    CHECK(second_record("other answers") == second_record(answers + " as those before"));
}

namespace {

/// While it lives, libsodium's random numbers are those of a machine that is restored again and again from
/// one snapshot.
class RestoredSnapshot {
  public:
    RestoredSnapshot() {
        restore();
        static randombytes_implementation implementation{[] { return "a restored snapshot"; },
                                                         [] {
                                                             std::uint32_t number = 0;
                                                             draw(&number, sizeof number);
                                                             return number;
                                                         },
                                                         nullptr,
                                                         nullptr,
                                                         draw,
                                                         nullptr};
        randombytes_set_implementation(&implementation);
    }
    ~RestoredSnapshot() { randombytes_set_implementation(&randombytes_sysrandom_implementation); }
    RestoredSnapshot(const RestoredSnapshot&) = delete;
    RestoredSnapshot& operator=(const RestoredSnapshot&) = delete;

    static void restore() { drawn_ = 0; }

  private:
    static void draw(void* out, std::size_t size) {
        std::array<std::uint8_t, randombytes_SEEDBYTES> seed{};
        ++drawn_;
        std::memcpy(seed.data(), &drawn_, sizeof drawn_);
        randombytes_buf_deterministic(out, size, seed.data());
    }
    static inline std::uint64_t drawn_ = 0;
};

}  // namespace

TEST_CASE("a machine restored from a snapshot, random numbers and all, repeats no nonce for another record") {
    const Researchers team;
    const SealingDevice device(team);
    const auto sealed_after_restoring = [&](std::string_view payload) {
        const RestoredSnapshot snapshot;
        BatchWriter writer = device.begin();
        return device.add(writer, payload).file;
    };
    const Bytes one = sealed_after_restoring("one"), other = sealed_after_restoring("two"),
                again = sealed_after_restoring("one");
    const auto part = [](const Bytes& file, std::size_t begin, std::size_t size) {
        return Bytes(file.begin() + static_cast<std::ptrdiff_t>(begin),
                     file.begin() + static_cast<std::ptrdiff_t>(begin + size));
    };
    constexpr std::size_t header = 64 + 4 * 128 + 32, cell = 1041;
    REQUIRE(part(one, 0, header + cell) ==
            part(other, 0, header + cell));  // the same batch, to the end of OPEN
    CHECK(part(one, header + cell, 24) == part(again, header + cell, 24));
    CHECK(part(one, header + cell, 24) != part(other, header + cell, 24));
    CHECK(payloads_of(must(read_batch(other, team.identities))) == std::vector<std::string>{"two"});
}
