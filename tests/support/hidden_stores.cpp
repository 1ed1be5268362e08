#include "tests/support/hidden_stores.h"

#include <algorithm>

namespace fieldfare::test {

const std::vector<std::string>& traps() {
    static const std::vector<std::string> variables{
        "PATH=/usr/bin:/bin",
        "HOME=/nonexistent",
        "http_proxy=http://203.0.113.1:3128",
        "https_proxy=http://203.0.113.1:3128",
        "HTTPS_PROXY=http://203.0.113.1:3128",
        "all_proxy=socks5://203.0.113.1:1080",
        "ALL_PROXY=socks5://203.0.113.1:1080",
        "no_proxy=*",
        "NO_PROXY=*",
        "RES_OPTIONS=debug",
        "LOCALDOMAIN=trap.test",
        "OPENSSL_CONF=/nonexistent",
    };
    return variables;
}

std::unique_ptr<HiddenStores> HiddenStores::make() {
    WebDrop* web = web_drop();
    SshDrop* ssh = ssh_drop();
    return web == nullptr || ssh == nullptr ? nullptr : std::make_unique<HiddenStores>(*web, *ssh);
}

void HiddenStores::renew(const std::string& odd_place, const std::string& odd_bucket) {
    web_place = odd_place.empty() ? web.fresh_place() : odd_place;
    bucket = odd_bucket.empty() ? s3.fresh("open") : odd_bucket;
    ssh_place = ssh.fresh_place();
    const auto place = [](const sync::Store& store, const std::string& address) {
        return SealedProfile::Place{address, store.settings};
    };
    places = {place(web.researcher(web_place), "https://drop.test" + web_place),
              place(s3.researcher(bucket), "s3+https://s3.test/" + bucket),
              place(ssh.researcher(ssh_place), "sftp://sftp.test" + ssh.files(ssh_place).string())};
}

std::size_t HiddenStores::number_of(const std::string& host) {
    const std::vector<std::string> hosts{"drop.test", "s3.test", "sftp.test"};
    return static_cast<std::size_t>(std::ranges::find(hosts, host) - hosts.begin());
}

std::size_t HiddenStores::files() const {
    const auto batches_in = [](const fs::path& folder) {
        const auto names = names_in(folder);
        return static_cast<std::size_t>(
            std::ranges::count_if(names, [](const std::string& name) { return name.ends_with(".batch"); }));
    };
    const auto bucket_store = sync::open_store(s3.researcher(bucket));
    const auto listing = (*bucket_store)->list(study_tag + "/", "", 100, {});
    return batches_in(web.files(web_place)) + batches_in(ssh.files(ssh_place)) +
           (listing ? listing->files.size() : 0);
}

HiddenLines::HiddenLines(const HiddenStores& to, ChaosProxy::Does does, std::size_t after) {
    for (const std::uint16_t port : to.ports()) {
        all.push_back(std::make_unique<ChaosProxy>(port));
        all.back()->does(does, after);
    }
}

SocksDouble::Leads HiddenLines::leads() const {
    return [this](const SocksDouble::Call& call) -> std::uint16_t {
        const std::size_t number = HiddenStores::number_of(call.host);
        return number < all.size() ? all[number]->port() : 0;
    };
}

}  // namespace fieldfare::test
