#pragma once

#include <filesystem>

#include "sync/store_probe.h"

namespace fieldfare::sync {

/// A folder as whoever holds the medium has it: with no program of ours between.
class FolderProbe final : public StoreProbe {
  public:
    explicit FolderProbe(std::filesystem::path root) : root_(std::move(root)) {}

    ProbeAnswer put_over(std::string_view name, crypto::ByteView content) override;
    ProbeAnswer put_end(std::string_view name, crypto::ByteView content, std::uint64_t before) override;
    ProbeAnswer remove(std::string_view name) override;
    ProbeAnswer move(std::string_view name, std::string_view to) override;
    ProbeAnswer move_over(std::string_view name, std::string_view to) override { return move(name, to); }
    ProbeAnswer open_to_all(std::string_view name) override;
    ProbeAnswer get(std::string_view name) override;
    ProbeAnswer page(std::string_view folder) override;
    std::optional<std::chrono::seconds> clock_ahead() const override { return std::nullopt; }

  private:
    std::filesystem::path root_;
};

}  // namespace fieldfare::sync
