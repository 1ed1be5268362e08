#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "client/app/effect.h"
#include "client/store/vault.h"
#include "crypto/bytes.h"

namespace fieldfare::collector {

/// A file of the person's on its way into the vault, a bite at a time, so that answers are saved in between.
/// The file is only read; of a JPEG, which is known by its first bytes, what it tells beside its picture
/// stays behind. Refusals are sentences for the person, without the file's name.
class FileCopy {
  public:
    /// Looks at the file and begins in the vault. Not there, not a file, empty, over 256 MiB, not readable;
    /// and what the vault refuses.
    static tl::expected<FileCopy, app::Message> begin(store::Vault& vault, const app::AttachFile& what);

    FileCopy(FileCopy&&) noexcept;
    FileCopy& operator=(FileCopy&&) noexcept;
    ~FileCopy();  ///< wipes; what was begun in the vault is the caller's to drop

    /// One bite more. Answers the size of the copy once it is whole; nothing when there is more to do. A file
    /// that changes or goes meanwhile is refused, and so is a JPEG that is not whole: it can't be said what
    /// it tells. After a refusal the vault keeps nothing of it.
    tl::expected<std::optional<std::uint64_t>, app::Message> go_on(store::Vault& vault);

    const app::DraftId& draft() const;
    const std::string& name() const;
    std::uint64_t done() const;
    std::uint64_t size() const;  ///< of the person's file

  private:
    struct State;
    explicit FileCopy(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace fieldfare::collector
