#include <algorithm>
#include <ostream>

#include "client/researcher/json_text.h"
#include "client/researcher/output_file.h"
#include "client/researcher/store_access.h"
#include "client/researcher/store_setup.h"
#include "client/researcher/study_file.h"
#include "client/researcher/verbs.h"
#include "sync/http_address.h"
#include "sync/s3_address.h"

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
    int number = 0;
    const auto take = [&](SetupFile file) {
        // A second store of a kind has its number in the name.
        if (std::ranges::find(files, file.name, &SetupFile::name) != files.end())
            file.name.insert(file.name.rfind('.'), "-" + std::to_string(number));
        files.push_back(std::move(file));
    };
    for (const sync::Store& store : stores) {
        ++number;
        StorePlan its = plan;
        its.address = store.address;
        if (sync::looks_like_http(store.address)) take(apache_site(its));
        if (sync::looks_like_s3(store.address))
            for (SetupFile& file : bucket_policies(its)) take(std::move(file));
    }
    if (!files.empty()) return files;
    take(apache_site(plan));
    for (SetupFile& file : bucket_policies(plan)) take(std::move(file));
    return files;
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
        console.note("What to do with them stands at the beginning of apache.conf, and in bucket.txt.");
    }
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
