#include "sync/sftp_session.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "crypto/hash.h"
#include "sync/curl_options.h"
#include "sync/memory_file.h"
#include "sync/watched_lines.h"

namespace fieldfare::sync {

namespace {

using Clock = std::chrono::steady_clock;
using Said = SftpFailure::Said;

constexpr long slowest = 100;  // bytes a second
constexpr std::chrono::seconds for_cleaning{5};
constexpr std::uint64_t answer_of_a_proxy = 64;  // SOCKS has said less before the other side says anything

struct Step {
    std::string path;
    enum class Does { commands, look, read, list, write, append_nothing } does = Does::commands;
    std::vector<std::string> commands{};  // before it
    const SftpSession::Piece* on_piece = nullptr;
    ContentReader* content = nullptr;
    std::uint64_t size = 0;  // append_nothing: what the file is to have
    const Watch* watch = nullptr;
    std::optional<std::chrono::seconds> patience{};  // for all of it
};

// What the callbacks of one step share.
struct Exchange {
    const Step* step = nullptr;
    const SftpSettings* settings = nullptr;
    WatchedLines* lines = nullptr;
    Clock::duration patience{};

    Clock::time_point last_progress = Clock::now();
    curl_off_t moved = 0;  // both ways, when it was last looked at
    bool stalled = false, ended = false, unreadable = false, other_key = false, other_size = false;
    std::uint64_t given = 0;     // of the content
    std::uint64_t received = 0;  // on the last connection that was closed
    std::string words{};         // what statvfs says
};

int check_host_key(void* given, int, const char* key, std::size_t size) {
    auto& exchange = *static_cast<Exchange*>(given);
    const auto hash = crypto::sha256({reinterpret_cast<const std::uint8_t*>(key), size});
    const auto& ours = exchange.settings->host_key;
    const bool known =
        std::ranges::any_of(ours, [&](const auto& one) { return std::ranges::equal(one, hash); });
    exchange.other_key = !known;
    return known ? CURLKHMATCH_OK : CURLKHMATCH_MISMATCH;
}

std::size_t take_piece(char* data, std::size_t one, std::size_t count, void* given) {
    auto& exchange = *static_cast<Exchange*>(given);
    const std::size_t size = one * count;
    exchange.last_progress = Clock::now();
    exchange.lines->took(size);
    if (exchange.step->on_piece != nullptr &&
        (*exchange.step->on_piece)({reinterpret_cast<const std::uint8_t*>(data), size}))
        return size;
    exchange.ended = true;
    return size == 0 ? 1 : 0;  // anything but `size` ends it
}

std::size_t take_words(char* data, std::size_t one, std::size_t count, void* given) {
    auto& exchange = *static_cast<Exchange*>(given);
    if (exchange.words.size() < 4096) exchange.words.append(data, one * count);
    return one * count;
}

std::size_t give_piece(char* data, std::size_t one, std::size_t count, void* given) {
    auto& exchange = *static_cast<Exchange*>(given);
    if (exchange.step->content == nullptr) {  // append_nothing
        if (exchange.given == exchange.step->size) return 0;
        exchange.other_size = true;  // the server knew of no size: there is nothing, or it does not tell
        return CURL_READFUNC_ABORT;
    }
    ContentReader& content = *exchange.step->content;
    const auto left = content.size() - exchange.given;
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(one * count, left));
    const auto n = content.read({reinterpret_cast<std::uint8_t*>(data), most});
    if (!n || (*n == 0 && left > 0)) {
        exchange.unreadable = true;
        return CURL_READFUNC_ABORT;
    }
    exchange.given += *n;
    return *n;
}

// To the end of what the server has, where something is appended; to the start when a kept connection turns
// out to be dead.
int seek(void* given, curl_off_t offset, int origin) {
    auto& exchange = *static_cast<Exchange*>(given);
    if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
    if (exchange.step->content == nullptr) {
        exchange.given = static_cast<std::uint64_t>(offset);
        exchange.other_size = exchange.given != exchange.step->size;
        return exchange.other_size ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
    }
    if (offset != 0 || !exchange.step->content->rewind()) return CURL_SEEKFUNC_FAIL;
    exchange.given = 0;
    return CURL_SEEKFUNC_OK;
}

int watch_progress(void* given, curl_off_t to_get, curl_off_t got, curl_off_t, curl_off_t sent) {
    auto& exchange = *static_cast<Exchange*>(given);
    const Step& step = *exchange.step;
    const auto give_up = [&] {
        exchange.lines->hang_up();
        return 1;
    };
    const auto now = Clock::now();
    if (got + sent != exchange.moved) exchange.last_progress = now;
    exchange.moved = got + sent;
    // libcurl's own limit does not hold while it waits for the answer to a command.
    exchange.stalled = now - exchange.last_progress > exchange.patience;
    if (exchange.stalled) return give_up();
    if (step.watch == nullptr) return 0;
    if (step.watch->stop.stop_requested()) return give_up();
    if (!step.watch->on_bytes) return 0;
    if (step.does == Step::Does::write && sent > 0) {
        const auto total = step.content->size();
        step.watch->on_bytes(std::min(static_cast<std::uint64_t>(sent), total), total);
    } else if (step.does == Step::Does::read && got > 0) {
        step.watch->on_bytes(static_cast<std::uint64_t>(got),
                             static_cast<std::uint64_t>(std::max(to_get, got)));
    }
    return 0;
}

int note_socket(void* given, curl_socket_t number, curlsocktype) {
    static_cast<WatchedLines*>(given)->add(number);
    return CURL_SOCKOPT_OK;
}

// Of libcurl's texts for the words of SFTP; which it was, it passes on as text alone.
Said said_in(std::string_view words) {
    const auto says = [&](const char* text) { return words.find(text) != std::string_view::npos; };
    if (says("File not found") || says("No such file or directory")) return Said::nothing_there;
    if (says("Permission denied") || says("write protected")) return Said::denied;
    if (says("File already exists")) return Said::exists;
    if (says("Disk full") || says("quota exceeded")) return Said::full;
    if (says("Operation failed") || says("Operation not supported") || says("Bad message"))
        return Said::refused;
    // Other words of the server's. Without one libcurl says that it knows no error.
    const bool answered = says(" command failed: ") && !says("onnection") && !says("Unknown error");
    return answered ? Said::refused : Said::no_answer;
}

SftpFailure of_server(Said said) {
    switch (said) {
        case Said::nothing_there:
            return {said, {Fault::no_store, "no such folder"}};
        case Said::denied:
            return {said, {Fault::not_permitted, ""}};
        case Said::exists:
            return {said, {Fault::failed, "the name is taken"}};
        case Said::full:
            return {said, {Fault::no_space, ""}};
        case Said::refused:
            return {said, {Fault::failed, "it says no, and not why"}};
        case Said::no_word:
            return {said,
                    {Fault::unreachable,
                     "it took the file no further: the connection broke, or there is no room for it"}};
        case Said::no_answer:
            break;
    }
    return {Said::no_answer, {Fault::unreachable, "the connection broke"}};
}

SftpFailure before_it_speaks(const Exchange& exchange, std::string_view words) {
    const auto says = [&](const char* text) { return words.find(text) != std::string_view::npos; };
    const auto none = [](Fault fault, const char* detail) {
        return SftpFailure{Said::no_answer, {fault, detail}};
    };
    if (says("banner") && exchange.received > answer_of_a_proxy)
        return none(Fault::not_a_store, "it does not speak SSH");
    if (says("SFTP subsystem")) return none(Fault::not_a_store, "it lets in, and has no SFTP");
    return none(Fault::unreachable, "the connection broke while it was being secured");
}

SftpFailure failure_of(CURLcode code, const Exchange& exchange, std::string_view words) {
    const auto none = [](Fault fault, std::string detail) {
        return SftpFailure{Said::no_answer, {fault, std::move(detail)}};
    };
    if (exchange.other_key)
        return none(Fault::not_a_store, "its host key is none of those that the study names");
    if (exchange.unreadable) return none(Fault::unreadable, "the file changed while it was read");
    if (exchange.stalled) return none(Fault::unreachable, "no progress for too long");
    if (auto failure = failure_on_the_way(code, exchange.settings->proxy))
        return {Said::no_answer, std::move(*failure)};
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
            return none(Fault::not_a_store, "it shows no host key");
        case CURLE_LOGIN_DENIED:
            // libcurl does not tell which: it asks for no way that the server does not offer.
            return none(Fault::not_permitted,
                        exchange.settings->key.empty()
                            ? "it does not take the user and the password, or only asks for it in a dialogue "
                              "(PasswordAuthentication must be on)"
                            : "it does not take the user and the key, or takes no keys "
                              "(PubkeyAuthentication must be on)");
        case CURLE_URL_MALFORMAT:
            return none(Fault::bad_name, "");
        case CURLE_FAILED_INIT:
            return before_it_speaks(exchange, words);
        case CURLE_REMOTE_FILE_NOT_FOUND:
            return of_server(Said::nothing_there);
        case CURLE_REMOTE_ACCESS_DENIED:
            return of_server(Said::denied);
        case CURLE_REMOTE_FILE_EXISTS:
            return of_server(Said::exists);
        case CURLE_REMOTE_DISK_FULL:
            return of_server(Said::full);
        case CURLE_QUOTE_ERROR:
            return of_server(said_in(words));
        case CURLE_SSH: {
            const Said said = said_in(words);
            return of_server(said == Said::no_answer && exchange.given > 0 ? Said::no_word : said);
        }
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
            return of_server(Said::no_answer);
        default:
            return none(Fault::failed, curl_easy_strerror(code));
    }
}

// Of "f_bavail: 123" in what libcurl writes of statvfs.
std::optional<std::uint64_t> number_after(std::string_view words, std::string_view name) {
    const auto at = words.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : words.substr(at + name.size())) {
        if (c < '0' || c > '9' || number > 1'000'000'000'000'000) break;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

}  // namespace

struct SftpSession::Inside {
    SftpAddress address;
    SftpSettings settings;
    HttpPatience patience;
    std::string circuit{};
    CURL* handle = nullptr;
    WatchedLines lines{};
    std::uint64_t* received = nullptr;

    Inside(SftpAddress where, SftpSettings how, HttpPatience long_)
        : address(std::move(where)), settings(std::move(how)), patience(long_) {}
    Inside(const Inside&) = delete;
    ~Inside() { close(); }

    void close() {
        lines.hang_up();
        curl_easy_cleanup(handle);
        handle = nullptr;
        lines.forget();
    }
    static int close_socket(void* given, curl_socket_t number) {
        auto& inside = *static_cast<Inside*>(given);
        const std::uint64_t received = inside.lines.close(number);
        if (inside.received != nullptr) *inside.received = received;
        return 0;
    }

    void set_way(CurlOptions& to);
    void set_trust(CurlOptions& to, Exchange& exchange, const std::string& key_file);
    void set_patience(CurlOptions& to, const Step& step);
    static void set_step(CurlOptions& to, const Step& step, Exchange& exchange, CurlList& commands);
    SftpResult<Exchange> perform(const Step& step);
};

void SftpSession::Inside::set_way(CurlOptions& to) {
    // Both always: see sync/curl_request.cpp.
    to.set(CURLOPT_PROXY, settings.proxy ? settings.proxy->text() : std::string());
    to.set(CURLOPT_NOPROXY, "");
    to.set(CURLOPT_PRE_PROXY, "");
    if (settings.proxy) {
        to.set(CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
        to.set(CURLOPT_PROXYUSERNAME, circuit);
        to.set(CURLOPT_PROXYPASSWORD, circuit);
    }
    to.set(CURLOPT_PROTOCOLS_STR, "sftp");
    to.set(CURLOPT_REDIR_PROTOCOLS_STR, "sftp");
    to.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    to.set(CURLOPT_PATH_AS_IS, 1L);
    to.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    to.set(CURLOPT_NOSIGNAL, 1L);
    to.set(CURLOPT_TCP_KEEPALIVE, 1L);
    to.set(CURLOPT_SOCKOPTFUNCTION, note_socket);
    to.set(CURLOPT_SOCKOPTDATA, static_cast<void*>(&lines));
    to.set(CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    to.set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
}

void SftpSession::Inside::set_trust(CurlOptions& to, Exchange& exchange, const std::string& key_file) {
    to.set(CURLOPT_SSH_HOSTKEYFUNCTION, check_host_key);
    to.set(CURLOPT_SSH_HOSTKEYDATA, static_cast<void*>(&exchange));
    to.set(CURLOPT_SSH_COMPRESSION, 0L);
    to.set(CURLOPT_USERNAME, settings.user);
    if (settings.key.empty()) {
        to.set(CURLOPT_SSH_AUTH_TYPES, static_cast<long>(CURLSSH_AUTH_PASSWORD));
        to.set(CURLOPT_PASSWORD, settings.password);
    } else {
        to.set(CURLOPT_SSH_AUTH_TYPES, static_cast<long>(CURLSSH_AUTH_PUBLICKEY));
        to.set(CURLOPT_SSH_PRIVATE_KEYFILE, key_file);
    }
}

void SftpSession::Inside::set_patience(CurlOptions& to, const Step& step) {
    to.set(CURLOPT_TIMEOUT, static_cast<long>(step.patience.value_or(std::chrono::seconds(0)).count()));
    to.set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(patience.connect.count()));
    to.set(CURLOPT_LOW_SPEED_LIMIT, slowest);
    to.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.stalled.count()));
}

void SftpSession::Inside::set_step(CurlOptions& to, const Step& step, Exchange& exchange,
                                   CurlList& commands) {
    bool added = true;
    for (const std::string& line : step.commands) added = added && commands.add(line);
    to.must(added);
    if (commands.first != nullptr) to.set(CURLOPT_QUOTE, commands.first);
    switch (step.does) {
        case Step::Does::look:
            to.set(CURLOPT_FILETIME, 1L);
            [[fallthrough]];
        case Step::Does::commands:
            to.set(CURLOPT_NOBODY, 1L);  // no folder is opened for it
            break;
        case Step::Does::read:
        case Step::Does::list:
            break;
        case Step::Does::append_nothing:
            to.set(CURLOPT_APPEND, 1L);
            to.set(CURLOPT_RESUME_FROM_LARGE, curl_off_t{-1});  // from where the server's file ends
            [[fallthrough]];
        case Step::Does::write:
            to.set(CURLOPT_UPLOAD, 1L);
            to.set(CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(step.content != nullptr ? step.content->size() : step.size));
            break;
    }
    to.set(CURLOPT_READFUNCTION, give_piece);
    to.set(CURLOPT_READDATA, static_cast<void*>(&exchange));
    to.set(CURLOPT_SEEKFUNCTION, seek);
    to.set(CURLOPT_SEEKDATA, static_cast<void*>(&exchange));
    to.set(CURLOPT_WRITEFUNCTION, take_piece);
    to.set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    to.set(CURLOPT_HEADERFUNCTION, take_words);
    to.set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    to.set(CURLOPT_NOPROGRESS, 0L);
    to.set(CURLOPT_XFERINFOFUNCTION, watch_progress);
    to.set(CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
}

SftpResult<Exchange> SftpSession::Inside::perform(const Step& step) {
    const auto none = [](Fault fault, std::string detail) {
        return tl::unexpected(SftpFailure{Said::no_answer, {fault, std::move(detail)}});
    };
    // open_store() refuses both, too.
    if (address.is_onion() && !settings.proxy) return none(Fault::bad_name, ".onion without a proxy");
    if (settings.host_key.empty()) return none(Fault::bad_name, "no host key");
    if (step.watch != nullptr && step.watch->stop.stop_requested()) return none(Fault::cancelled, "");
    // A connection that was hung up on is of no use to the next step.
    const auto flooded = [&] {
        close();
        return none(Fault::not_a_store, "it says more than it was asked");
    };
    if (lines.flooded()) return flooded();  // since the last step
    if (lines.are_worn()) close();
    if (!lines.watch()) return none(Fault::failed, "this system gives no thread");
    start_network();
    if (handle == nullptr) handle = curl_easy_init();
    if (handle == nullptr) return none(Fault::failed, "out of memory");
    curl_easy_reset(handle);  // connections stay

    std::optional<MemoryFile> key;
    if (!settings.key.empty()) {
        auto file = MemoryFile::of(settings.key);
        if (!file)
            return none(Fault::failed, "this system keeps no file in memory, and the key goes to no disk");
        key = std::move(*file);
    }
    CurlList commands;
    Exchange exchange{.step = &step, .settings = &settings, .lines = &lines};
    exchange.patience = step.patience.value_or(std::max(patience.connect, patience.stalled));
    std::array<char, CURL_ERROR_SIZE> words{};
    CurlOptions options(handle);
    options.set(CURLOPT_URL, "sftp://" + address.host + ":" + std::to_string(address.port) + step.path);
    set_way(options);
    set_trust(options, exchange, key ? key->path() : std::string());
    set_patience(options, step);
    set_step(options, step, exchange, commands);
    options.set(CURLOPT_ERRORBUFFER, words.data());
    if (!options.good()) return none(Fault::failed, "this machine's libcurl can't keep to our rules");

    if (!lines.begin_step()) return flooded();
    received = &exchange.received;
    const CURLcode code = curl_easy_perform(handle);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);  // it goes with this call
    received = nullptr;
    if (lines.flooded()) return flooded();
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && exchange.ended)) return exchange;
    if (exchange.other_size) return exchange;
    return tl::unexpected(failure_of(code, exchange, words.data()));
}

SftpSession::SftpSession(SftpAddress address, SftpSettings settings, HttpPatience patience)
    : inside_(std::make_unique<Inside>(std::move(address), std::move(settings), patience)) {}
SftpSession::SftpSession(SftpSession&&) noexcept = default;
SftpSession& SftpSession::operator=(SftpSession&&) noexcept = default;
SftpSession::~SftpSession() = default;

void SftpSession::go_by(std::string_view circuit) {
    if (!inside_->settings.proxy || inside_->circuit == circuit) return;
    inside_->close();
    inside_->circuit = circuit;
}

SftpResult<void> SftpSession::read(std::string_view path, const Piece& on_piece, const Watch& watch) {
    const auto done = inside_->perform(
        {.path = std::string(path), .does = Step::Does::read, .on_piece = &on_piece, .watch = &watch});
    if (!done) return tl::unexpected(done.error());
    return {};
}

SftpResult<void> SftpSession::list(std::string_view path, const Piece& on_lines, const Watch& watch) {
    const auto done = inside_->perform(
        {.path = std::string(path) + "/", .does = Step::Does::list, .on_piece = &on_lines, .watch = &watch});
    if (!done) return tl::unexpected(done.error());
    return {};
}

SftpResult<bool> SftpSession::has_folder(std::string_view path, const Watch& watch) {
    const auto done =
        inside_->perform({.path = std::string(path) + "/", .does = Step::Does::look, .watch = &watch});
    if (!done) return tl::unexpected(done.error());
    curl_off_t time = -1;
    curl_easy_getinfo(inside_->handle, CURLINFO_FILETIME_T, &time);
    return time != -1;
}

SftpResult<void> SftpSession::write(std::string_view path, ContentReader& content, const Watch& watch) {
    const auto done = inside_->perform(
        {.path = std::string(path), .does = Step::Does::write, .content = &content, .watch = &watch});
    if (!done) return tl::unexpected(done.error());
    return {};
}

SftpResult<bool> SftpSession::has_size(std::string_view path, std::uint64_t size, const Watch& watch) {
    const auto done = inside_->perform(
        {.path = std::string(path), .does = Step::Does::append_nothing, .size = size, .watch = &watch});
    if (!done) return tl::unexpected(done.error());
    return !done->other_size;
}

SftpResult<void> SftpSession::rename(std::string_view from, std::string_view to, const Watch& watch) {
    const auto done = inside_->perform({.path = inside_->address.path + "/",
                                        .commands = {"rename " + std::string(from) + " " + std::string(to)},
                                        .watch = &watch});
    if (!done) return tl::unexpected(done.error());
    return {};
}

SftpResult<void> SftpSession::remove(std::string_view path) {
    return command("rm " + std::string(path));
}

SftpResult<void> SftpSession::open_to_all(std::string_view path) {
    return command("chmod 666 " + std::string(path));
}

SftpResult<void> SftpSession::command(std::string line) {
    const auto done = inside_->perform(
        {.path = inside_->address.path + "/", .commands = {std::move(line)}, .patience = for_cleaning});
    if (!done) return tl::unexpected(done.error());
    return {};
}

std::optional<std::uint64_t> SftpSession::free_in(std::string_view folder) {
    const auto done = inside_->perform({.path = inside_->address.path + "/",
                                        .commands = {"statvfs " + std::string(folder)},
                                        .patience = for_cleaning});
    if (!done) return std::nullopt;
    const auto blocks = number_after(done->words, "f_bavail: "),
               size = number_after(done->words, "f_frsize: ");
    if (!blocks || !size || *size == 0) return std::nullopt;
    return *blocks > std::numeric_limits<std::uint64_t>::max() / *size ? std::nullopt
                                                                       : std::optional(*blocks * *size);
}

}  // namespace fieldfare::sync
