#pragma once

#include <string>
#include <vector>

#include "sync/curl_request.h"
#include "sync/http_settings.h"
#include "sync/transport.h"
#include "sync/web_files.h"

namespace fieldfare::sync {

/// A web server as a store: WebDAV, or whatever takes PUT (sync/web_files.h has how). It makes no folders:
/// "<study tag>/" and "<study tag>/receipts/" must be there (Fault::no_store), made by whoever set up the
/// store. Only 201 and 204 mean that a file was taken: 200 is what the login page of a network says.
class HttpStore final : public Transport {
  public:
    /// Touches nothing until the first call.
    HttpStore(HttpAddress address, HttpSettings settings, HttpPatience patience = {});
    HttpStore(const HttpStore&) = delete;

    TransportResult<PutOutcome> put(std::string_view name, const Content& content,
                                    const Watch& watch) override;
    /// Asks the server for the whole folder at the first page, and gives the next ones from its answer.
    TransportResult<Listing> list(std::string_view prefix, std::string_view after, std::size_t limit,
                                  const std::stop_token& stop) override;
    TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                              const Watch& watch) override;
    std::string address() const override;

  private:
    tl::expected<WebAnswer, HttpFailure> ask(const HttpRequest& request);
    tl::unexpected<TransportError> refused(const HttpAnswer& answer) const;
    TransportResult<std::vector<ListedFile>> list_all(const std::string& prefix, const Watch& only_stop);
    TransportResult<void> see_base(std::string_view circuit, const Watch& only_stop);

    HttpAddress address_;
    CurlSession session_;
    WebFiles files_;
    std::string listed_prefix_;
    std::vector<ListedFile> listed_;
};

}  // namespace fieldfare::sync
