#include "tests/support/sealed_profile.h"

#include "client/study/rules.h"
#include "tests/support/collector.h"

namespace fieldfare::test {

struct SealedProfile::Made {
    Study study;
    Program program;

    std::filesystem::path file(const std::string& name) const {
        return program.folder.path().parent_path() / name;
    }
};

const char* const SealedProfile::passphrase = Device::right_passphrase;

SealedProfile::SealedProfile(const std::vector<Place>& stores, Network network, int interviews)
    : made_(std::make_unique<Made>()) {
    auto& contents = made_->study.contents;
    contents.stores.clear();
    for (const Place& place : stores) contents.stores.push_back({place.address, place.settings});
    contents.policy.copies = static_cast<std::uint8_t>(stores.size());
    if (network == Network::proxy) study::set_network_way(contents.policy, study::NetworkWay::proxy_alone);
    Program& program = made_->program;
    program.begins_with(made_->study);
    const auto form = program.last<app::ProfileCreated>()->opened.form;
    for (int number = 1; number <= interviews; ++number) program.interviews(number, form);
    program.does(app::LockVault{});  // its batch is final from here on
    program.backend.reset();
}

SealedProfile::~SealedProfile() = default;

std::filesystem::path SealedProfile::study() const {
    return made_->file("study.ffstudy");
}

std::filesystem::path SealedProfile::copy() {
    const auto to = made_->file("copy-" + std::to_string(++copies_));
    std::filesystem::copy(made_->program.profile.path(), to, std::filesystem::copy_options::recursive);
    return to;
}

}  // namespace fieldfare::test
