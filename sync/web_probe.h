#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sync/curl_request.h"
#include "sync/store_probe.h"

namespace fieldfare::sync {

/// A store of the web, WebDAV or S3, asked for what nobody should be let do there.
class WebProbe final : public StoreProbe {
  public:
    /// How one kind differs: what is before a name in the path, and what is added to a request so that it is
    /// let in.
    struct Kind {
        HttpAddress address;    ///< as requests go to it
        std::string before;     ///< "/" or "/bucket/folder/"
        bool moves = false;     ///< it may know MOVE
        std::string listing{};  ///< what is before a folder, where that is asked for
        /// Headers of a request that is complete but for them, at the time `now`; may be empty.
        std::function<tl::expected<std::vector<std::string>, HttpFailure>(const HttpRequest&,
                                                                          std::chrono::sys_seconds now)>
            let_in{};
        /// Path and query of a page of a list, and what it says; nothing: it is none. Empty where lists come
        /// as a whole. As StoreProbe::list_page().
        std::function<std::string(std::string_view folder, std::size_t most, const std::string& next)>
            list_path{};
        std::function<std::optional<ProbePage>(std::string_view text, std::string_view folder)> read_list{};
        bool goes_by_its_clock = false;  ///< once refused for its time, by the one that the server says
        /// What an answer that is no success means, by its status and its page. A no is one only where it is
        /// about what we may do: not one to a wrong signature.
        std::function<ProbeAnswer(int status, const std::string& page)> refusal;
    };

    WebProbe(Kind kind, HttpSettings settings);

    ProbeAnswer put_over(std::string_view name, crypto::ByteView content) override;
    ProbeAnswer put_end(std::string_view name, crypto::ByteView content, std::uint64_t before) override;
    ProbeAnswer remove(std::string_view name) override;
    ProbeAnswer move(std::string_view name, std::string_view to) override;
    ProbeAnswer move_over(std::string_view name, std::string_view to) override;
    ProbeAnswer open_to_all(std::string_view name) override;
    ProbeAnswer get(std::string_view name) override;
    ProbeAnswer page(std::string_view folder) override;
    tl::expected<ProbePage, ProbeAnswer> list_page(std::string_view folder, std::size_t most,
                                                   const std::string& next) override;
    std::optional<std::chrono::seconds> clock_ahead() const override { return clock_ahead_; }

  private:
    ProbeAnswer put(std::string_view name, crypto::ByteView content, std::vector<std::string> headers);
    ProbeAnswer move_with(std::string_view name, std::string_view to, const char* overwrite);
    ProbeAnswer ask(HttpRequest request, std::string_view name);
    ProbeAnswer ask_path(HttpRequest request, const std::string& path);
    ProbeAnswer ask_once(HttpRequest request);

    Kind kind_;
    CurlSession session_;
    std::string circuit_;
    std::optional<std::chrono::seconds> clock_ahead_;
    std::chrono::seconds ahead_{0};  // of requests that are signed, before our clock
};

}  // namespace fieldfare::sync
