#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fieldfare::test {

/// A machine on which interviews were sealed, as the form app leaves its profile, and the study file.
class SealedProfile {
  public:
    struct Place {
        std::string address;
        std::map<std::string, std::string> settings;
    };
    enum class Network { any, proxy };    ///< as "study build --network" has them
    static const char* const passphrase;  ///< of its vault

    /// The study's tag is study_tag of tests/support/sync.h; each of the stores must have every file.
    SealedProfile(const std::vector<Place>& stores, Network network, int interviews = 2);
    ~SealedProfile();

    std::filesystem::path study() const;
    /// The profile once more, as it was when its interviews were sealed: a pass there changes no other's.
    std::filesystem::path copy();

  private:
    struct Made;
    std::unique_ptr<Made> made_;
    int copies_ = 0;
};

}  // namespace fieldfare::test
