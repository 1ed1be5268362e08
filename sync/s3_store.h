#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sync/curl_request.h"
#include "sync/s3_address.h"
#include "sync/s3_settings.h"
#include "sync/transport.h"
#include "sync/web_files.h"

namespace fieldfare::sync {

/// A bucket of a server that speaks S3 as a store (sync/web_files.h has how files go there). Nothing is made
/// there but files; the bucket must be there (Fault::no_store). Every request is signed, with its method,
/// host, path, query, headers and the hash of its body, so that the server refuses what was changed or cut on
/// its way.
///
/// A server that refuses this machine's clock is asked once more by the clock that it says itself, where a
/// pin tells us that it is the server; never otherwise, since a request that is signed for another day is
/// good on that day. The difference is forgotten with this object.
class S3Store final : public Transport {
  public:
    using Clock = std::function<std::chrono::sys_seconds()>;

    /// Touches nothing until the first call. Without `clock` this machine's is taken.
    S3Store(S3Address address, S3Settings settings, HttpPatience patience = {}, Clock clock = {});
    S3Store(const S3Store&) = delete;

    TransportResult<PutOutcome> put(std::string_view name, const Content& content,
                                    const Watch& watch) override;
    TransportResult<Listing> list(std::string_view prefix, std::string_view after, std::size_t limit,
                                  const std::stop_token& stop) override;
    TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                              const Watch& watch) override;
    std::string address() const override;

  private:
    struct Said {
        HttpAnswer answer;
        std::string_view code;   // of a refusal
        bool with_page = false;  // it came with a body that nobody asked for
    };
    tl::expected<WebAnswer, HttpFailure> ask(const HttpRequest& request);
    tl::expected<Said, HttpFailure> perform(const HttpRequest& request,
                                            const std::map<std::string, std::string>& parameters);
    tl::expected<Said, HttpFailure> perform_once(HttpRequest request, std::string_view query,
                                                 const std::string& payload_hash);
    bool goes_by_its_clock(const Said& said);
    TransportResult<void> read_page(const Watch& only_stop);

    S3Address address_;
    HttpAddress endpoint_;
    S3Settings settings_;
    CurlSession session_;
    Clock clock_;
    std::chrono::seconds ahead_{0};  // the server's clock before ours
    WebFiles files_;

    // Of the listing that goes on: what came and was not given yet, and where it goes on.
    struct Course {
        std::string prefix{}, after{}, next{};
        std::vector<ListedFile> files{};
        std::size_t weight = 0;  // of the pages until now, in bytes
        int empty_pages = 0;     // one after the other
        bool ended = false;
    };
    Course course_;
};

}  // namespace fieldfare::sync
