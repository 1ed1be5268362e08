#include "client/researcher/serve.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/listening_socket.h"
#include "client/researcher/receiver.h"
#include "client/researcher/serve_http.h"
#include "client/researcher/serve_keep.h"
#include "client/researcher/store_file.h"
#include "client/researcher/study_file.h"
#include "client/study/rules.h"
#include "crypto/hash.h"
#include "sync/http_address.h"

namespace fieldfare::researcher {
namespace {

using namespace std::chrono_literals;

constexpr auto look_up = 250ms;  // at clocks, between events
constexpr auto to_finish = 10s;  // for requests under way, when it is to end
constexpr std::uint64_t mega = 1'000'000;

volatile std::sig_atomic_t ended = 0;

void end(int) {
    ended = 1;
}

/// While it lives, the first signal to end lets uploads finish; the same once more ends the program. What
/// whoever started it has it ignore stays ignored. confinement::StopSignals has a thread, and a receiver has
/// none but its own.
class EndsOnce {
  public:
    EndsOnce() {
        ended = 0;
        struct sigaction action {};
        action.sa_handler = end;
        action.sa_flags = SA_RESETHAND;
        for (std::size_t i = 0; i < std::size(signals); ++i) {
            ::sigaction(signals[i], nullptr, &before_[i]);
            if (before_[i].sa_handler != SIG_IGN) ::sigaction(signals[i], &action, nullptr);
        }
    }
    ~EndsOnce() {
        for (std::size_t i = 0; i < std::size(signals); ++i) ::sigaction(signals[i], &before_[i], nullptr);
    }
    EndsOnce(const EndsOnce&) = delete;
    EndsOnce& operator=(const EndsOnce&) = delete;

  private:
    static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before_[std::size(signals)]{};
};

bool is_token(const std::string& text) {
    return text.size() == serve_token_digits &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// What devices of a study know of this receiver, out of the study file itself. All that would make each of
/// them refuse, or be refused, is told now and not in a room full of people.
Result<ServedStudy> served(const std::filesystem::path& file, const std::string& address,
                           const ServeIdentity& identity, const std::filesystem::path& keep) {
    const auto study = read_study(file);
    if (!study) return tl::unexpected(study.error());
    // Which of the store files there is its own, only a person knows.
    const std::string again =
        "; build it anew with its store file in " + shown(keep) + ", and start this again.";
    const auto& stores = study->stores();
    const auto entry = std::ranges::find(stores, address, &study::StoreEntry::address);
    if (entry == stores.end())
        return could_not(shown(file) + " does not name the receiver " + address + again);
    const auto setting = [&](const char* name) {
        const auto found = entry->settings.find(name);
        return found == entry->settings.end() ? std::string() : found->second;
    };
    if (setting("pin").find(identity.pin) == std::string::npos)
        return could_not(shown(file) + " names another key for " + address + again);
    if (setting("certificate").find(certificate_setting(identity.certificate_pem)) == std::string::npos)
        return could_not(shown(file) + " has another certificate for " + address +
                         ", so that devices would refuse this one" + again);
    const std::string token = setting("token");
    if (!is_token(token))
        return could_not(shown(file) + " has no token of a receiver for " + address + again);
    for (const char* name : {"token_header", "client_certificate", "proxy"})
        if (!setting(name).empty())
            return could_not(shown(file) + " has the setting " + name + " for " + address +
                             ", which a receiver in a room has no use for" + again);
    if (study::network_way(study->policy()) == study::NetworkWay::proxy_alone)
        return could_not(
            shown(file) +
            " lets devices go to stores by a proxy alone, and none such as Tor leads to a receiver "
            "in a room; build a study of its own for it, without --network proxy.");
    return ServedStudy{study->policy().study_tag, crypto::sha256(crypto::bytes_of(token))};
}

Result<std::string> address_for(const ServeOptions& options, const ListenAddress& listen) {
    const std::string host = options.host.empty() ? listen.host : options.host;
    const auto address = sync::parse_http_address("https://" + host + ":" + std::to_string(listen.port));
    if (!address || address->is_onion() || !address->path.empty())
        return wrong_usage("--host must be the name by which devices find this machine, such as room.lan.");
    return address->text();
}

void say_what_next(const ServeOptions& options, Console& console, const std::string& address,
                   const std::string& pin, const std::filesystem::path& store_file) {
    if (options.output == Output::json) {
        JsonObject object;
        object.put("address", address).put("pin", pin);
        if (options.studies.empty()) object.put("store_file", store_file.string());
        console.out << object.text() << "\n" << std::flush;
        return;
    }
    console.out << "Devices know this receiver as " << address << ", by the pin " << pin << ".\n";
    if (options.studies.empty())
        console.out << "Build the study with what lets them in, and serve it then:\n"
                    << "  fieldfare-cli study build … --store " << shown(store_file) << "\n"
                    << "  fieldfare-cli serve --listen " << options.listen
                    << (options.host.empty() ? "" : " --host " + options.host) << " --keep "
                    << shown(options.keep) << " --study SURVEY.ffstudy --folder DIR\n";
    console.out << std::flush;
}

Receiver::Tells tells_on(Console& console, Output output) {
    return {.taken =
                [&console, output](const std::string& hash, std::uint64_t size, std::uint64_t count) {
                    if (output == Output::json)
                        console.out
                            << JsonObject().put("batch", hash).put("size", size).put("count", count).text();
                    else
                        console.out << hash << "  " << size << " bytes  " << count;
                    console.out << "\n" << std::flush;
                },
            .trouble = [&console](const std::string& sentence) { console.note(sentence); }};
}

/// That whoever takes the receiver over finds sealed files alone in its folder.
Result<void> holds_no_secret(const ServeOptions& options) {
    const auto real = [](const std::filesystem::path& path) {
        std::error_code failed;
        const auto found = std::filesystem::weakly_canonical(path, failed);
        return failed ? std::filesystem::absolute(path).lexically_normal() : found;
    };
    const auto folder = real(options.folder);
    auto secrets = options.studies;
    secrets.push_back(options.keep);
    for (const auto& secret : secrets) {
        const auto path = real(secret);
        const auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
        if (end == folder.end())
            return could_not("--folder " + shown(options.folder) + " is or holds " + shown(secret) +
                             ", which is not to lie among what devices send; name a folder for that alone.");
    }
    return {};
}

void serve_until_told(ServeHttp& http) {
    while (ended == 0) http.work(look_up);
    http.accept_no_more();
    const auto last = std::chrono::steady_clock::now() + to_finish;
    while (http.under_way() > 0 && std::chrono::steady_clock::now() < last) http.work(look_up);
}

}  // namespace

ExitCode run_serve(const ServeOptions& options, Console& console) {
    const bool serves = !options.studies.empty();
    if (serves == options.folder.empty())
        return console.complain(
            {"--study and --folder belong together: what to take, and where to put it.", ExitCode::usage});
    const auto listen = parse_listen_address(options.listen);
    if (!listen) return console.complain(listen.error());
    const auto address = address_for(options, *listen);
    if (!address) return console.complain(address.error());
    if (!serves) console.keep_to({.changes = {options.keep}});

    const auto store_file = store_file_name(options.keep, options.name);
    if (!store_file) return console.complain(store_file.error());
    const auto identity = open_keep(options.keep, sync::parse_http_address(*address)->host,
                                    serves ? IfNone::fail : IfNone::make);
    if (!identity) return console.complain(identity.error());
    if (!serves) {
        if (const auto made = make_store_file(*store_file, *address, identity->pin); !made)
            return console.complain(made.error());
        say_what_next(options, console, *address, identity->pin, *store_file);
        return ExitCode::fine;
    }

    if (const auto apart = holds_no_secret(options); !apart) return console.complain(apart.error());
    std::vector<ServedStudy> studies;
    std::vector<std::string> tags;
    for (const auto& file : options.studies) {
        auto study = served(file, *address, *identity, options.keep);
        if (!study) return console.complain(study.error());
        if (std::ranges::find(tags, study->tag) == tags.end()) tags.push_back(study->tag);
        studies.push_back(std::move(*study));
    }
    // Before the socket: what a receiver that was killed has left is gone when somebody comes.
    auto folder = ServedFolder::open(options.folder, tags, options.quota_mb * mega);
    if (!folder) return console.complain(folder.error());
    const EndsOnce until_signal;
    const auto socket = listening_socket(*listen);
    if (!socket) return console.complain(socket.error());
    Receiver receiver(std::move(studies), std::move(*folder), tells_on(console, options.output));
    const auto http = ServeHttp::start(*socket, *identity, receiver);
    if (!http) return console.complain(http.error());
    std::vector<std::filesystem::path> folders;
    for (const std::string& tag : tags) folders.push_back(options.folder / tag);
    console.keep_to(
        {.changes = folders, .network = Reach::Network::accepts, .files = Reach::Files::only_named});

    say_what_next(options, console, *address, identity->pin, *store_file);
    const auto files = receiver.folder().files();
    console.note(std::to_string(files) + (files == 1 ? " file is in " : " files are in ") +
                 shown(options.folder) + "; Ctrl-C ends this.");
    serve_until_told(**http);
    console.note(std::to_string(receiver.taken()) +
                 (receiver.taken() == 1 ? " file was taken." : " files were taken."));
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
