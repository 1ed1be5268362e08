#include "crypto/dictionary.h"

#include <zdict.h>

#include <vector>

#include "crypto/compression.h"

namespace fieldfare::crypto {

Result<Bytes> train_dictionary(std::span<const std::string> samples, std::size_t size) {
    if (size > max_dictionary) return tl::unexpected(Error::bad_argument);
    std::string all;
    std::vector<std::size_t> sizes;
    for (const std::string& sample : samples) {
        all += sample;
        sizes.push_back(sample.size());
    }
    Bytes dictionary(size);
    const std::size_t written = ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(), all.data(),
                                                      sizes.data(), static_cast<unsigned>(sizes.size()));
    if (ZDICT_isError(written) != 0) return tl::unexpected(Error::bad_argument);
    dictionary.resize(written);
    return dictionary;
}

bool is_usable_dictionary(ByteView dictionary) {
    if (dictionary.empty()) return true;
    if (dictionary.size() < min_dictionary || dictionary.size() > max_dictionary) return false;
    // zstd takes it apart when it is first used, and differently for each direction.
    return batch::DecodingDictionary(dictionary).usable() &&
           batch::Compressor::with(dictionary, Effort::quick);
}

}  // namespace fieldfare::crypto
