#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace fieldfare::tests {

/// A memory stick: a small file system of its own kind, mounted in a folder. It has no hard links, no rights
/// and no rename that spares what is there.
class FatMedium {
  public:
    enum class Kind {
        vfat,  ///< through the kernel
        exfat  ///< through FUSE
    };
    /// An empty one, plugged in; nothing and the reason in `why` where this machine offers none.
    static std::unique_ptr<FatMedium> make(const std::filesystem::path& folder, Kind kind, std::string& why);
    ~FatMedium();
    FatMedium(const FatMedium&) = delete;
    FatMedium& operator=(const FatMedium&) = delete;

    const std::filesystem::path& path() const { return mounted_; }
    /// Everything that was written gets there first.
    bool unplug();
    bool plug_in();

  private:
    FatMedium(const std::filesystem::path& folder, Kind kind);

    Kind kind_;
    std::filesystem::path image_, mounted_;
    bool plugged_in_ = false;
};

}  // namespace fieldfare::tests
