#pragma once

// A researcher's desk before a store that is tried out.

#include <sys/mount.h>

#include <optional>

#include "client/researcher/study_file.h"
#include "sync/sync_config.h"
#include "tests/support/researcher.h"
#include "tests/support/sync_contract.h"

namespace fieldfare::tests {

/// A desk with a study, and store files of both sides of a store.
struct StoreDesk : Desk {
    std::string laptops = (folder / "laptops.ffstore").string(),
                reader = (folder / "reader.ffstore").string();
    std::string tag;
    bool with_reader = false;
    std::vector<std::string> more{};  ///< words of the command

    StoreDesk() {
        with_study();
        tag = researcher::read_study(study)->policy().study_tag;
    }
    StoreDesk(const sync::Store& device, const std::optional<sync::Store>& researcher) : StoreDesk() {
        use(device, researcher);
    }
    void use(const sync::Store& device, const std::optional<sync::Store>& researcher) {
        write(laptops, store_file(device));
        with_reader = researcher.has_value();
        if (researcher) write(reader, store_file(*researcher));
    }
    /// As people write it; certificate and key in files beside it.
    std::string store_file(const sync::Store& store) {
        std::string text = "address = " + store.address + "\n";
        for (const auto& [name, value] : store.settings) {
            if (name == "certificate")
                write(folder / "store.pem",
                      "-----BEGIN CERTIFICATE-----\n" + value + "\n-----END CERTIFICATE-----\n");
            if (name == "key")
                write(folder / "store.key", "-----BEGIN OPENSSH PRIVATE KEY-----\n" + value +
                                                "\n-----END OPENSSH PRIVATE KEY-----\n");
            text += name + " = " +
                    (name == "certificate" ? "store.pem"
                     : name == "key"       ? "store.key"
                                           : value) +
                    "\n";
        }
        return text;
    }
    /// Runs "store doctor --json"; what it says of the store is report().
    ExitCode doctor() {
        researcher::StoreDoctorOptions options;
        options.study = study;
        options.stores = {laptops};
        if (with_reader) options.researchers = {reader};
        options.output = researcher::Output::json;
        options.names = names;
        const ExitCode code = said(researcher::run_store_doctor, options);
        CHECK(out.str().find("-secret") == std::string::npos);
        CHECK(err.str() == "");
        return code;
    }
    nlohmann::json report() const { return nlohmann::json::parse(out.str())["stores"][0]; }
    std::string verdict(const std::string& about) const {
        const auto whole = report();
        for (const auto& finding : whole["findings"])
            if (finding["about"] == about) return finding["verdict"];
        return "not tried";
    }
    /// What was said, for a person who reads a failed test.
    std::string text() const {
        std::string all;
        const auto whole = report();
        for (const auto& finding : whole["findings"])
            all += finding["verdict"].get<std::string>() + " " + finding["about"].get<std::string>() + ": " +
                   finding["what"].get<std::string>() + " -> " + finding["to_do"].get<std::string>() + "\n";
        return all + report()["sentence"].get<std::string>() + "\nleft: " + report()["left"].dump();
    }

    std::size_t names = 30;
};

}  // namespace fieldfare::tests
