#include "crypto/study_material.h"

#include <algorithm>

#include "crypto/batch.h"
#include "crypto/compression.h"

namespace fieldfare::crypto {

StudyMaterial::StudyMaterial(std::span<const Bytes> dictionaries) {
    for (const Bytes& each : dictionaries) add(each);
}

void StudyMaterial::add(const Bytes& dictionary) {
    dictionaries_.push_back(
        {dictionary_hash(dictionary), std::make_shared<batch::DecodingDictionary>(dictionary)});
}

void StudyMaterial::add(SharedPreSharedKey key) {
    if (key) keys_.push_back(std::move(key));
}

const batch::DecodingDictionary* StudyMaterial::dictionary(const Digest& hash) const {
    const auto found = std::ranges::find(dictionaries_, hash, &Entry::hash);
    return found == dictionaries_.end() ? nullptr : found->dictionary.get();
}

}  // namespace fieldfare::crypto
