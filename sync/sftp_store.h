#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/sftp_session.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// A server of SFTP as a store, such as OpenSSH's. It makes no folders: "<study tag>/" and
/// "<study tag>/receipts/" must be there (Fault::no_store), made by whoever set up the store.
///
/// A file goes there under a name that starts with a dot and is random, which no reader takes for a file of
/// ours. When the server has said that it has every piece, and, where it lets us ask, that the file has its
/// size, the file is given its name. A name that exists is left alone: we look before anything is sent, and
/// OpenSSH's rename never replaces. Others' may: once in a pass a file that is on its way is renamed to
/// the hidden name of another, which a server that never replaces refuses. After another answer the outcome
/// is PutOutcome::stored_unguarded, or Fault::failed where nobody may look whether the name is free.
///
/// What an upload that failed has left is removed where the server permits it and the line holds, then or,
/// without a proxy, with the next file; else it stays there under its hidden name.
///
/// Through a proxy each put() has a connection and a SOCKS user of its own, so that Tor gives it a circuit of
/// its own; what is read of one study shares one.
class SftpStore final : public Transport {
  public:
    /// Touches nothing until the first call.
    SftpStore(SftpAddress address, SftpSettings settings, HttpPatience patience = {});
    SftpStore(const SftpStore&) = delete;

    TransportResult<PutOutcome> put(std::string_view name, const Content& content,
                                    const Watch& watch) override;
    /// Asks the server for the whole folder at the first page, and gives the next ones from its answer.
    TransportResult<Listing> list(std::string_view prefix, std::string_view after, std::size_t limit,
                                  const std::stop_token& stop) override;
    TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                              const Watch& watch) override;
    std::string address() const override;

  private:
    enum class There { same, other, hidden, nothing };  // what stands under a name; hidden: we may not look

    tl::unexpected<TransportError> fail(Fault fault, std::string detail) const;
    tl::unexpected<TransportError> fail(const SftpFailure& failure) const;
    std::string path_of(std::string_view name) const;
    bool read_as(std::string_view name);

    TransportResult<There> look(const std::string& path, ContentReader& ours, const Watch& watch);
    TransportResult<void> upload(const std::string& path, ContentReader& ours, const Watch& watch);
    tl::unexpected<TransportError> not_taken(const std::string& path, const SftpFailure& failure,
                                             std::uint64_t size);
    TransportResult<bool> never_replaces(const std::string& temporary, const Watch& watch);
    TransportResult<PutOutcome> give_name(const std::string& temporary, const std::string& path,
                                          ContentReader& ours, const Watch& watch);
    void clean_up();
    TransportResult<std::vector<ListedFile>> list_all(std::string_view prefix, const Watch& only_stop);

    SftpAddress address_;
    bool each_by_itself_;  // there is a proxy
    SftpSession session_;
    std::map<std::string, std::string, std::less<>> circuits_;  // of reading, by study tag
    std::optional<bool> never_replaces_;                        // as the server has shown
    std::vector<std::string> left_;                             // temporary files that may still be there
    std::string listed_prefix_;
    std::vector<ListedFile> listed_;
};

}  // namespace fieldfare::sync
