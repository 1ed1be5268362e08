#include "sync/file_copies.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

namespace fieldfare::sync {

std::size_t copies_in(const std::vector<HandOver>& handed_over) {
    std::set<std::string_view> stores;
    for (const HandOver& one : handed_over) stores.insert(one.store);
    return stores.size();
}

bool is_handed_over(const SealedFile& file, const SyncConfig& config) {
    const StudySync* study = config.find(file.study_tag);
    if (study == nullptr) return is_in_a_store(file);
    std::vector<HandOver> good;
    std::ranges::copy_if(file.handed_over, std::back_inserter(good), [&](const HandOver& one) {
        return !one.unlisted && std::ranges::count(study->stores, one.store, &Store::address) > 0;
    });
    return copies_in(good) >= study->copies;
}

}  // namespace fieldfare::sync
