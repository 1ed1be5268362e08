#include "client/researcher/store_access.h"

#include "client/researcher/store_file.h"
#include "client/researcher/store_sentences.h"
#include "client/study/rules.h"
#include "sync/http_settings.h"
#include "sync/open_store.h"

namespace fieldfare::researcher {

sync::Store reached_in(const study::StudyPackage& study, sync::Store store) {
    study::StoreEntry reached =
        study::reached_under(study.policy(), {std::move(store.address), std::move(store.settings)});
    return {std::move(reached.address), std::move(reached.settings)};
}

Result<std::vector<sync::Store>> store_entries(const study::StudyPackage& study,
                                               const std::vector<std::string>& given) {
    std::vector<sync::Store> entries;
    for (const std::string& one : given) {
        auto store = read_store(one);
        if (!store) return tl::unexpected(store.error());
        entries.push_back(std::move(*store));
    }
    if (given.empty())
        for (const study::StoreEntry& entry : study.stores())
            entries.push_back({entry.address, entry.settings});
    for (sync::Store& entry : entries) entry = reached_in(study, std::move(entry));
    return entries;
}

Result<std::vector<Connections>> connections_to(const study::StudyPackage& study,
                                                const std::vector<std::string>& given,
                                                const std::string& proxy, unsigned count) {
    if (!proxy.empty())
        if (auto parsed = sync::parse_proxy(proxy); !parsed)
            return wrong_usage("--proxy can't be used: " + parsed.error() + ".");
    const auto entries = store_entries(study, given);
    if (!entries) return tl::unexpected(entries.error());
    std::vector<Connections> stores(entries->size());
    for (std::size_t i = 0; i < stores.size(); ++i) {
        while (stores[i].size() < count) {
            auto store = sync::open_store((*entries)[i], proxy);
            if (!store) return wrong_usage(sentence_for(store.error()));
            stores[i].push_back(std::move(*store));
        }
    }
    return stores;
}

Result<std::vector<std::unique_ptr<sync::Transport>>> stores_of(const study::StudyPackage& study,
                                                                const std::vector<std::string>& given,
                                                                const std::string& proxy) {
    auto connections = connections_to(study, given, proxy, 1);
    if (!connections) return tl::unexpected(connections.error());
    std::vector<std::unique_ptr<sync::Transport>> stores;
    for (Connections& one : *connections) stores.push_back(std::move(one.front()));
    return stores;
}

Reach reach_of(const std::vector<sync::Transport*>& stores) {
    Reach reach;
    for (const sync::Transport* store : stores) {
        if (const auto folder = sync::folder_of(store->address()))
            reach.changes.push_back(*folder);
        else
            reach.network = Reach::Network::needed;
    }
    return reach;
}

std::vector<sync::Transport*> pointers(const std::vector<std::unique_ptr<sync::Transport>>& stores) {
    std::vector<sync::Transport*> result;
    for (const auto& store : stores) result.push_back(store.get());
    return result;
}

}  // namespace fieldfare::researcher
