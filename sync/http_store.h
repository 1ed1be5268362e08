#pragma once

#include <map>
#include <string>
#include <vector>

#include "sync/curl_request.h"
#include "sync/http_settings.h"
#include "sync/transport.h"

namespace fieldfare::sync {

/// A web server as a store: WebDAV, or whatever takes PUT. Files are put with "If-None-Match: *", so that the
/// server itself keeps the first. It makes no folders: "<study tag>/" and "<study tag>/receipts/" must be
/// there (Fault::no_store), made by whoever set up the store.
///
/// Only 201 and 204 mean that a file was taken: 200 is what the login page of a network says. A server that
/// does not know "If-None-Match" (501) gets the file without it after a look whether the name is there, and
/// the outcome says so (PutOutcome::stored_unguarded).
///
/// Through a proxy each put() has a connection and a SOCKS user of its own, so that Tor gives it a circuit of
/// its own; what is read of one study shares one.
class HttpStore final : public Transport {
  public:
    /// Touches nothing until the first call.
    HttpStore(HttpAddress address, HttpSettings settings, HttpPatience patience = {});

    TransportResult<PutOutcome> put(std::string_view name, const Content& content,
                                    const Watch& watch) override;
    /// Asks the server for the whole folder at the first page, and gives the next ones from its answer.
    TransportResult<Listing> list(std::string_view prefix, std::string_view after,
                                  std::size_t limit) override;
    TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                              const Watch& watch) override;
    std::string address() const override;

  private:
    enum class There { same, other, hidden, nothing };  // what stands under a name; hidden: we may not look

    tl::unexpected<TransportError> fail(Fault fault, std::string detail) const;
    tl::unexpected<TransportError> fail(const HttpFailure& failure) const;
    tl::unexpected<TransportError> refused(const HttpAnswer& answer, Fault not_there = Fault::no_store) const;
    TransportResult<HttpAnswer> put_once(std::string_view name, ContentReader& content, const Watch& watch,
                                         bool if_absent);
    TransportResult<There> look(std::string_view name, ContentReader& ours, const Watch& watch);
    TransportResult<std::vector<ListedFile>> list_all(const std::string& prefix);
    TransportResult<void> see_base(std::string_view circuit);
    std::string reading_circuit(std::string_view name);

    HttpAddress address_;
    CurlSession session_;
    std::map<std::string, std::string, std::less<>> circuits_;  // by study tag
    std::string listed_prefix_;
    std::vector<ListedFile> listed_;
};

}  // namespace fieldfare::sync
