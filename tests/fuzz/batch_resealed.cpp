// A batch that the input says how to change: taken apart with a recipient's key, changed, sealed anew with
// all tags and keys as they follow, and signed by the device or not. So the fuzzer stands behind the
// cryptography. The input: a byte (bit 0: the device signs what CLOSE says; bit 1: it closes anew what is
// there), then changes of six bytes: what, which, where (two), a byte, another.

#include "crypto/batch_salvage.h"
#include "tests/fuzz/known_keys.h"
#include "tests/support/crypto_forger.h"

using namespace fieldfare;
using test::Forger;

namespace {

struct Base {
    test::Researchers team{2};
    test::SealingDevice device{team};
    crypto::SealedBatch sealed = device.sealed({"first", std::string(3000, 'x') + "second", noise()});
    crypto::OpenedBatch opened = crypto::must(crypto::read_batch(sealed.file, team.identities));
    Forger forger{sealed.file, team.identities[0]};

    static std::string noise() {
        std::string text(2500, '\0');
        randombytes_buf(text.data(), text.size());
        return text;
    }
};

void set(crypto::Bytes& bytes, std::size_t at, std::uint8_t value) {
    if (!bytes.empty()) bytes[at % bytes.size()] = value;
}

void change(Forger& forger, const Base& base, fuzz::Plan& plan) {
    const std::uint8_t what = plan.byte();
    const std::size_t which = plan.byte() % forger.records.size();
    const std::size_t where = plan.number();
    const std::uint8_t value = plan.byte(), more = plan.byte();
    Forger::Record& record = forger.records[which];
    switch (what % 16) {
        case 0:
            set(forger.header, where, value);
            if ((more & 1) != 0) forger.seal_all_again();
            break;
        case 1:
            set(record.bytes, where, value);
            record.cells.clear();
            break;
        case 2:
            record.bytes.resize(where % 9000, value);
            record.cells.clear();
            break;
        case 3:  // the sizes that a record says it has
            if (record.bytes.size() < Forger::prefix_size) break;
            Forger::put_number(record.bytes, Forger::stored,
                               (more & 1) != 0 ? record.bytes.size() - 36 : where, 4);
            Forger::put_number(record.bytes, Forger::payload,
                               (more & 2) != 0 ? record.bytes.size() - 36 : value * where, 4);
            record.cells.clear();
            break;
        case 4:
            if (forger.records.size() > 1)
                forger.records.erase(forger.records.begin() + static_cast<std::ptrdiff_t>(which));
            break;
        case 5:
            if (forger.records.size() < 64)
                forger.records.insert(forger.records.begin() + static_cast<std::ptrdiff_t>(which),
                                      Forger::Record(record));
            break;
        case 6:
            std::swap(record, forger.records[where % forger.records.size()]);
            if ((more & 1) != 0) forger.seal_all_again();
            break;
        case 7:
            record.tag_inside = (more & 1) != 0 ? value : record.tag_inside;
            record.tag_at_end = (more & 2) != 0 ? value : record.tag_at_end;
            record.cells.clear();
            break;
        case 8:
            record.more_cells = more % 4;
            record.fill.assign(where % 1024, value);
            record.cells.clear();
            break;
        case 9:
            set(forger.close_body, where, value);
            break;
        case 10:
            forger.close_body.resize(where % 4000, value);
            break;
        case 11:
            forger.signature[where % 64] ^= value;
            break;
        case 12:
            forger.in_close_prefix = {where % 36, value};
            forger.close.tag_at_end = (more & 1) != 0 ? more : forger.close.tag_at_end;
            break;
        case 13:
            if ((more & 1) != 0) forger.more_padding = value % 8;
            if ((more & 2) != 0) forger.flip_padding_at = static_cast<int>(where % 1041);
            if ((more & 4) != 0) forger.extra_cells.assign(1041 * (value % 4u), more);
            break;
        case 14:  // the slot of the one who reads, sealed anew
            forger.slot[where % forger.slot.size()] = value;
            crypto_box_seal(forger.header.data() + 64 + 128 * (which % 4), forger.slot.data(),
                            forger.slot.size(),
                            base.team.identities[more & 1].recipient().box_key.bytes.data());
            if ((more & 2) != 0) forger.seal_all_again();
            break;
        default:
            record.bytes.insert(record.bytes.end(), where % 64, value);
            record.cells.clear();
    }
}

/// Of what the device did not sign, no record comes back; and each record is there or lost.
void check_salvaged(const crypto::SalvagedBatch& salvaged, const Base& base, bool signed_anew) {
    fuzz::must(salvaged.batch.records.size() + salvaged.lost.size() == salvaged.batch.close.count,
               "each record is salvaged or lost");
    if (signed_anew) return;
    fuzz::must(salvaged.batch.id == base.opened.id, "only what the device has signed is salvaged");
    for (const crypto::BatchRecord& record : salvaged.batch.records)
        fuzz::must(std::ranges::count(base.opened.records, record) == 1,
                   "only the device's records are salvaged");
}

/// The first record is cut out: it is gone, is called so, and the others are as they were.
void check_redacted(const crypto::Bytes& file, const crypto::Identity& reader,
                    const crypto::SalvagedBatch& whole) {
    if (whole.batch.close.count == 0) return;
    const std::uint32_t first = 1;
    const auto redacted = crypto::redact_records(file, {&first, 1}, {&reader, 1});
    fuzz::must(redacted && redacted->size() == file.size(), "what can be salvaged can be redacted");
    fuzz::must(!crypto::read_batch(*redacted, {&reader, 1}), "a redacted file is no whole batch");
    const auto again = crypto::salvage_batch(*redacted, {&reader, 1});
    fuzz::must(again.has_value(), "a redacted file can be salvaged");
    fuzz::must(!again->lost.empty() && again->lost.front().index == 1 &&
                   again->lost.front().why == crypto::Loss::redacted,
               "what is redacted is called so");
    std::vector<crypto::BatchRecord> others;
    for (const crypto::BatchRecord& record : whole.batch.records)
        if (record.sequence != whole.batch.close.first_record_sequence) others.push_back(record);
    fuzz::must(again->batch.records == others, "redaction takes nothing else");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    static const Base base;
    fuzz::Plan plan(data, size);
    Forger forger = base.forger;
    const std::uint8_t flags = plan.byte();
    for (int changes = 0; plan.left() > 0 && changes < 16; ++changes) change(forger, base, plan);
    if ((flags & 2) != 0)
        forger.close_again(base.device.key);
    else if ((flags & 1) != 0)
        forger.sign_again(base.device.key);
    const crypto::Bytes file = forger.build();
    const bool signed_anew = (flags & 3) != 0;

    for (const crypto::Identity& reader : base.team.identities) {
        const auto inspected = crypto::inspect_batch(file, {&reader, 1});
        const auto read = crypto::read_batch(file, {&reader, 1});
        fuzz::must(inspected || !read, "what is read has passed inspection");
        const auto salvaged = crypto::salvage_batch(file, {&reader, 1});
        fuzz::must(salvaged || !read, "what can be read can be salvaged");
        if (salvaged) {
            check_salvaged(*salvaged, base, signed_anew);
            check_redacted(file, reader, *salvaged);
        }
        if (read) {
            fuzz::must(salvaged->lost.empty() && salvaged->batch.records == read->records,
                       "of a whole batch all records are salvaged");
        }
        if (!inspected) continue;
        fuzz::must(signed_anew || inspected->id == base.opened.id, "only what the device has signed passes");
        if (!read) {
            fuzz::must(signed_anew && (read.error() == crypto::Error::bad_content ||
                                       read.error() == crypto::Error::unknown_dictionary),
                       "only the device itself can sign what does not decompress");
            continue;
        }
        fuzz::must(signed_anew || read->records == base.opened.records, "only the device's records are read");
        fuzz::must(read->id == inspected->id, "a batch has one id");
        fuzz::must(read->records.size() == read->close.count, "CLOSE counts the records");
        for (const crypto::BatchRecord& record : read->records)
            fuzz::must(record.payload.size() <= crypto::max_payload, "a payload has a bound");
    }
    return 0;
}
