#include <algorithm>
#include <iterator>
#include <ostream>
#include <set>

#include "client/researcher/json_text.h"
#include "client/researcher/output_file.h"
#include "client/researcher/store_access.h"
#include "client/researcher/store_setup.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "sync/http_address.h"
#include "sync/s3_address.h"
#include "sync/sftp_address.h"

namespace fieldfare::researcher {
namespace {

bool is_user_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

/// What stands in a configuration as it is written, and means nothing else there.
bool is_plain_path(const std::string& path) {
    return std::ranges::all_of(path, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/-._~").find(c) != std::string_view::npos;
    });
}

/// Of all the study's stores; of an example of each kind where it has none that a server serves.
std::vector<SetupFile> files_for(const std::vector<sync::Store>& stores, const StorePlan& plan) {
    std::vector<SetupFile> files;
    std::set<bool> kinds;  // web or not, of which there are files
    for (std::size_t i = 0; i < stores.size(); ++i) {
        StorePlan its = plan;
        its.address = stores[i].address;
        const bool web = sync::looks_like_http(its.address);
        if (!web && !sync::looks_like_s3(its.address)) continue;
        // A second store of a kind has its number in the files' names.
        if (!kinds.insert(web).second) its.suffix = "-" + std::to_string(i + 1);
        if (web)
            files.push_back(apache_site(its));
        else
            std::ranges::move(bucket_policies(its), std::back_inserter(files));
    }
    if (!files.empty()) return files;
    files = bucket_policies(plan);
    files.insert(files.begin(), apache_site(plan));
    return files;
}

/// What is said of the stores for which nothing is written; empty when there are none.
std::string of_sftp(const std::vector<sync::Store>& stores) {
    std::string addresses;
    for (const sync::Store& store : stores)
        if (sync::looks_like_sftp(store.address))
            addresses += (addresses.empty() ? "" : " and ") + store.address;
    if (addresses.empty()) return {};
    return "For " + addresses + " nothing is written: sync/SYNC.md has what a server of SFTP must do.";
}

/// "What to do with them stands at the beginning of apache.conf, and in bucket.txt."
std::string where_to_read(const std::vector<SetupFile>& files) {
    std::string places;
    for (const SetupFile& file : files)
        if (!file.told.empty()) places += (places.empty() ? " " : ", and ") + file.told;
    return "What to do with them stands" + places + ".";
}

}  // namespace

ExitCode run_store_init(const StoreInitOptions& options, Console& console) {
    const auto study = read_study(options.study);
    if (!study) return console.complain(study.error());
    const auto stores = store_entries(*study, options.stores);
    if (!stores) return console.complain(stores.error());
    for (const sync::Store& store : *stores)
        if (const auto address = sync::parse_http_address(store.address);
            address && !is_plain_path(address->path))
            return console.complain(
                {"The path of " + address->text() +
                     " has signs that mean something to Apache; choose one of letters, digits "
                     "and - . _ ~",
                 ExitCode::usage});
    for (const std::string& name : {options.device, options.researcher})
        if (!is_user_name(name))
            return console.complain(
                {"A server's user needs a name of letters, digits, - and _.", ExitCode::usage});
    if (options.device == options.researcher)
        return console.complain(
            {"Devices and who fetches need names of their own: whoever takes a device must not fetch.",
             ExitCode::usage});
    const std::string unwritten = of_sftp(*stores);
    const auto is_written = [](const sync::Store& store) {
        return sync::looks_like_http(store.address) || sync::looks_like_s3(store.address);
    };
    if (!unwritten.empty() && std::ranges::none_of(*stores, is_written))
        return console.complain({unwritten, ExitCode::usage});
    const std::vector<SetupFile> files =
        files_for(*stores, {"", study->policy().study_tag, options.device, options.researcher});
    if (!options.print.empty()) {
        const auto found = std::ranges::find(files, options.print, &SetupFile::name);
        if (found == files.end()) {
            std::string names;
            for (const SetupFile& file : files) names += (names.empty() ? "" : ", ") + file.name;
            return console.complain({"There is no such file; there are " + names + ".", ExitCode::usage});
        }
        console.out << found->text;
        return ExitCode::fine;
    }
    if (options.out.empty())
        return console.complain(
            {"Say where the files go: --out DIR, or --print NAME for one of them.", ExitCode::usage});
    if (auto folder = make_folder(options.out); !folder) return console.complain(folder.error());
    std::vector<std::string> written;
    for (const SetupFile& file : files) {
        if (auto done = write_file(options.out / file.name, file.text, options.overwrite); !done)
            return console.complain(done.error());
        written.push_back(file.name);
    }
    if (options.output == Output::json) {
        console.out << JsonObject().put_json("files", json_strings(written)).text() << "\n";
    } else {
        for (const std::string& name : written) console.out << shown(options.out / name) << "\n";
        console.note(where_to_read(files));
    }
    if (!unwritten.empty()) console.note(unwritten);
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
