#pragma once

#include <string>

#include "sync/sftp_session.h"
#include "sync/store_probe.h"

namespace fieldfare::sync {

/// A server of SFTP, by the steps that SftpSession has. Whoever has the key can ask for more:
/// posix-rename@openssh.com, which replaces, and what else a server speaks that libcurl has no word for.
class SftpProbe final : public StoreProbe {
  public:
    SftpProbe(SftpAddress address, SftpSettings settings);

    ProbeAnswer put_over(std::string_view name, crypto::ByteView content) override;
    ProbeAnswer put_end(std::string_view name, crypto::ByteView content, std::uint64_t before) override;
    ProbeAnswer remove(std::string_view name) override;
    ProbeAnswer move(std::string_view name, std::string_view to) override;
    ProbeAnswer move_over(std::string_view name, std::string_view to) override;
    ProbeAnswer open_to_all(std::string_view name) override;
    ProbeAnswer get(std::string_view name) override;
    ProbeAnswer page(std::string_view folder) override;
    std::optional<std::chrono::seconds> clock_ahead() const override { return std::nullopt; }

  private:
    std::string path_of(std::string_view name) const { return folder_ + "/" + std::string(name); }

    /// Nothing where all is well; else why it can't be asked.
    std::optional<ProbeAnswer> unasked(std::string_view name) const;

    std::string folder_, circuit_;
    SftpSession session_;
};

}  // namespace fieldfare::sync
