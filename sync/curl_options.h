#pragma once

// For the files that know libcurl, and no others.

#include <curl/curl.h>

#include <optional>
#include <string>

#include "sync/curl_request.h"

namespace fieldfare::sync {

/// libcurl's lists of lines.
struct CurlList {
    curl_slist* first = nullptr;
    CurlList() = default;
    CurlList(const CurlList&) = delete;
    ~CurlList() { curl_slist_free_all(first); }
    bool add(const std::string& line) {
        curl_slist* longer = curl_slist_append(first, line.c_str());
        if (longer == nullptr) return false;
        first = longer;
        return true;
    }
};

/// Sets options, and remembers whether libcurl took each: with one of them missing nothing is sent.
class CurlOptions {
  public:
    explicit CurlOptions(CURL* handle) : handle_(handle) {}
    template <typename Value>
    void set(CURLoption option, Value value) {
        good_ = good_ && curl_easy_setopt(handle_, option, value) == CURLE_OK;
    }
    void set(CURLoption option, const std::string& value) { set(option, value.c_str()); }
    // A copy is kept by libcurl.
    void set_blob(CURLoption option, const std::string& text) {
        curl_blob blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
        good_ = good_ && curl_easy_setopt(handle_, option, &blob) == CURLE_OK;
    }
    void must(bool done) { good_ = good_ && done; }
    bool good() const { return good_; }

  private:
    CURL* handle_;
    bool good_ = true;
};

/// What went wrong before the other side had a word, whatever the protocol: it was stopped, or nobody was
/// reached. Nothing for any other code.
std::optional<HttpFailure> failure_on_the_way(CURLcode code, const std::optional<SocksProxy>& proxy);

}  // namespace fieldfare::sync
