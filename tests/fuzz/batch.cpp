// A sealed batch as a store or a stick brings it, read with known researchers' keys. batch_resealed gets
// behind the header tag.

#include "crypto/batch_salvage.h"

#include "tests/fuzz/known_keys.h"

using namespace fieldfare;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const crypto::ByteView file(data, size);
    const auto& keys = fuzz::researchers();
    const auto outline = crypto::outline_of(file);
    const auto inspected = crypto::inspect_batch(file, keys);
    const auto read = crypto::read_batch(file, keys);
    for (const crypto::Identity& key : keys) {
        const auto share = crypto::extract_share(file, key);
        fuzz::must(!share || crypto::fits(*share, file), "a share that is extracted fits its batch");
    }
    fuzz::must(outline || !inspected, "what can be inspected has an outline");
    fuzz::must(inspected || !read, "what is read has passed inspection");
    const auto salvaged = crypto::salvage_batch(file, keys);
    if (salvaged)
        fuzz::must(salvaged->batch.records.size() + salvaged->lost.size() == salvaged->batch.close.count,
                   "each record is salvaged or lost");
    if (!read) return 0;
    fuzz::must(salvaged && salvaged->lost.empty() && salvaged->batch.records == read->records,
               "of a whole batch all records are salvaged");
    fuzz::must(read->id == inspected->id, "a batch has one id");
    fuzz::must(inspected->records.empty(), "inspecting hands out no record");
    fuzz::must(read->records.size() == read->close.count, "CLOSE counts the records");
    fuzz::must(crypto::compare(*read, *inspected) == crypto::Succession::same,
               "a batch is the same as itself");
    fuzz::must(crypto::provisional_ids(*read).size() == read->close.count + std::size_t{1},
               "each shorter version has an id");
    return 0;
}
