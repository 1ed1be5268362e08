#include "client/researcher/store_access.h"

#include "client/researcher/store_sentences.h"
#include "sync/open_store.h"

namespace fieldfare::researcher {

Result<std::vector<std::unique_ptr<sync::Transport>>> stores_of(const study::StudyPackage& study,
                                                                const std::vector<std::string>& addresses) {
    std::vector<sync::Store> entries;
    for (const std::string& address : addresses) {
        if (address.starts_with("folder:"))
            entries.push_back({sync::folder_address(address.substr(7)), {}});
        else
            entries.push_back({address, {}});
    }
    if (addresses.empty())
        for (const study::StoreEntry& entry : study.stores())
            entries.push_back({entry.address, entry.settings});
    std::vector<std::unique_ptr<sync::Transport>> stores;
    for (const sync::Store& entry : entries) {
        auto store = sync::open_store(entry);
        if (!store) return wrong_usage(sentence_for(store.error()));
        stores.push_back(std::move(*store));
    }
    return stores;
}

std::vector<sync::Transport*> pointers(const std::vector<std::unique_ptr<sync::Transport>>& stores) {
    std::vector<sync::Transport*> result;
    for (const auto& store : stores) result.push_back(store.get());
    return result;
}

}  // namespace fieldfare::researcher
