#pragma once

// A training room: the receiver of "fieldfare-cli serve" as a program of its own, and devices around it.

#include <csignal>
#include <optional>
#include <thread>

#include "client/researcher/store_file.h"
#include "tests/support/certificates.h"
#include "tests/support/child_server.h"
#include "tests/support/doctor.h"
#include "tests/support/loopback.h"
#include "tests/support/tls_line.h"

namespace fieldfare::tests {

// The receiver gives up /proc, in which LeakSanitizer looks in the end.
#if defined(__SANITIZE_ADDRESS__)
inline const std::vector<std::string> before_receiver{"/usr/bin/env",
                                                      "ASAN_OPTIONS=strict_string_checks=1:detect_leaks=0"};
#else
inline const std::vector<std::string> before_receiver;
#endif

/// A researcher with a study that was built with the receiver's store file.
struct Room : Desk {
    fs::path keep = folder / "room", taken = folder / "taken";
    std::uint16_t port = test::unused_port();
    std::string listen = "127.0.0.1:" + std::to_string(port), address = "https://" + listen, tag;
    std::optional<test::ChildServer> server{};
    std::vector<std::string> more{};  ///< words of the command

    Room() {
        with_keys();
        write_small_form(form);
        fs::create_directories(taken);
        tag = built(study, "devices");
    }
    /// A study whose devices have a store file of that name; its tag.
    std::string built(const fs::path& file, const std::string& name) {
        const Said prepared = say({"serve", "--listen", listen, "--keep", keep.string(), "--name", name});
        REQUIRE_MESSAGE(prepared.code == ExitCode::fine, prepared.err);
        auto options = build_options();
        options.stores = {store_file(name)};
        options.out = file;
        REQUIRE_MESSAGE(said(researcher::run_study_build, options) == ExitCode::fine, err.str());
        return researcher::read_study(file)->policy().study_tag;
    }
    std::string store_file(const std::string& name = "devices") const {
        return (keep / (name + ".ffstore")).string();
    }
    sync::Store store(const std::string& name = "devices") const {
        return *researcher::read_store(store_file(name));
    }
    std::string token(const std::string& name = "devices") const { return store(name).settings.at("token"); }

    std::vector<std::string> words() const {
        std::vector<std::string> all{"serve",   "--listen",     listen,     "--keep",      keep.string(),
                                     "--study", study.string(), "--folder", taken.string()};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Room& serve() {
        auto all = words();
        all.insert(all.begin(), FIELDFARE_BINARY_DIR "/bin/fieldfare-cli");
        all.insert(all.begin(), before_receiver.begin(), before_receiver.end());
        fs::remove(folder / "log");  // of the start before
        server.emplace(all, folder / "log");
        for (int tries = 0; tries < 1000; ++tries) {
            if (log().find("Ctrl-C ends this.") != std::string::npos) return *this;
            if (!server->running()) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        FAIL("it does not serve: ", log());
        return *this;
    }
    void kill(int signal) {
        ::kill(server->number(), signal);
        for (int tries = 0; tries < 1500 && server->running(); ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK_FALSE(server->running());
    }
    std::string log() const { return content(folder / "log"); }
    /// What lies in the folder, hidden files and all.
    std::vector<std::string> names() const { return test::names_in(taken); }

    std::unique_ptr<sync::Transport> device(const std::string& name = "devices") const {
        return test::opened(store(name));
    }
    std::string name_for(std::string_view content) const {
        return sync::batch_name(tag, test::day(3), test::sha256_of(content));
    }
    /// The headers of a request, with the token of a device, and whatever a test adds.
    std::string asking(const std::string& method, const std::string& path,
                       const std::string& headers = "") const {
        return method + " " + path + " HTTP/1.1\r\nHost: " + listen + "\r\nAuthorization: Bearer " + token() +
               "\r\n" + headers + "\r\n";
    }
    std::string putting(std::string_view content, std::size_t length) const {
        return asking("PUT", "/" + name_for(content),
                      "If-None-Match: *\r\nContent-Length: " + std::to_string(length) + "\r\n");
    }
    /// Of one request on a connection of its own.
    int status_of(const std::string& request) const {
        test::TlsLine line(port);
        REQUIRE(line.good());
        line.say(request);
        return line.status();
    }
};

/// Until something is so, or some seconds are over.
template <typename Condition>
bool soon(Condition condition) {
    for (int tries = 0; tries < 500; ++tries) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

}  // namespace fieldfare::tests
