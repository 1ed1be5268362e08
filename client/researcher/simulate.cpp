#include <ostream>

#include "client/researcher/dice.h"
#include "client/researcher/json_text.h"
#include "client/researcher/key_file.h"
#include "client/researcher/roster_file.h"
#include "client/researcher/simulated_device.h"
#include "client/researcher/store_access.h"
#include "client/researcher/store_file.h"
#include "client/researcher/store_sentences.h"
#include "client/researcher/study_file.h"
#include "client/researcher/synthetic_media.h"
#include "client/researcher/synthetic_respondent.h"
#include "client/researcher/verbs.h"
#include "client/study/enrolment.h"
#include "schema/compiled_form.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {
namespace {

/// Where final batches go: a store, or a folder in which they lie flat as in an inbox.
class Destination {
  public:
    static Result<Destination> open(const std::string& where, const std::string& proxy,
                                    const study::StudyPackage& study, std::chrono::sys_days day) {
        Destination destination;
        destination.tag_ = study.policy().study_tag;
        destination.day_ = day;
        if (names_a_store(where)) {
            auto stores = stores_of(study, {where}, proxy);
            if (!stores) return tl::unexpected(stores.error());
            destination.store_ = std::move(stores->front());
        } else {
            if (auto folder = make_folder(where); !folder) return tl::unexpected(folder.error());
            destination.folder_ = where;
        }
        return destination;
    }

    /// A folder is one of the command's words.
    Reach reach() const { return store_ ? reach_of({store_.get()}) : Reach{}; }

    Result<void> take(const crypto::Digest& sha256, crypto::ByteView file) {
        const std::string name = sync::batch_name(tag_, day_, crypto::to_hex(sha256));
        if (!store_) {
            const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
            return write_file(folder_ / name.substr(tag_.size() + 1), bytes, Overwrite::no);
        }
        const auto put = store_->put(name, sync::Content(file), {});
        if (!put) return could_not(sentence_for(put.error()));
        unguarded_ = unguarded_ || *put == sync::PutOutcome::stored_unguarded;
        return {};
    }

    /// The store's address where it can't promise that nobody replaces a file in it; else empty.
    std::string unguarded() const { return unguarded_ ? store_->address() : ""; }

  private:
    std::unique_ptr<sync::Transport> store_;
    std::filesystem::path folder_;
    std::string tag_;
    std::chrono::sys_days day_;
    bool unguarded_ = false;
};

struct Simulated {
    std::uint64_t batches = 0, media = 0, media_parts = 0;
    std::vector<std::string> enrolment_numbers;
};

Result<Simulated> simulate(const SimulateOptions& options, Console& console) {
    if (options.devices == 0 || options.devices > 10000)
        return wrong_usage("--devices wants a number from 1 to 10000.");
    if (options.root.empty() != options.roster.empty())
        return wrong_usage("A ready roster needs both --root and --roster.");
    const auto study = read_study(options.study);
    if (!study) return tl::unexpected(study.error());
    const auto day = options.day.empty() ? today_utc() : parse_iso_day(options.day);
    if (!day) return wrong_usage("--day wants a day as YYYY-MM-DD.");
    auto compiled = schema::CompiledForm::compile(std::make_shared<const schema::Form>(study->form()));
    if (!compiled)
        return could_not("The form in " + shown(options.study) +
                         " can't be run by this version of Fieldfare.");

    std::optional<OutputFile> truth;
    if (!options.truth.empty()) {
        auto file = OutputFile::create(options.truth, options.overwrite);
        if (!file) return tl::unexpected(file.error());
        truth.emplace(std::move(*file));
    }
    std::optional<crypto::Identity> root;
    if (!options.root.empty()) {
        auto key = read_root_key(options.root, console);
        if (!key) return tl::unexpected(key.error());
        root.emplace(std::move(*key));
    }
    auto destination = Destination::open(options.out, options.proxy, *study, *day);
    if (!destination) return tl::unexpected(destination.error());
    console.keep_to(destination->reach());

    std::vector<SimulatedDevice> devices;
    for (std::uint64_t i = 0; i < options.devices; ++i) {
        auto device = SimulatedDevice::make(*study);
        if (!device) return tl::unexpected(device.error());
        devices.push_back(std::move(*device));
    }
    Simulated result;
    const auto deliver = [&](const crypto::SealedBatch& batch) {
        ++result.batches;
        return destination->take(batch.sha256, batch.file);
    };
    const auto deliver_part = [&](const crypto::Digest& sha256, crypto::ByteView file) {
        ++result.media_parts;
        return destination->take(sha256, file);
    };
    const Fieldwork fieldwork{*compiled, study->policy().study_tag, study->policy().wave, iso_day(*day)};
    Progress progress(console, "Simulating", options.interviews);
    for (std::uint64_t i = 0; i < options.interviews; ++i) {
        progress.at(i);
        const std::uint64_t seed = mixed(options.seed, i);
        schema::Submission submission = synthetic_submission(fieldwork, seed);
        SimulatedDevice& device = devices[i % devices.size()];
        const auto content = [&](const std::string& name) {
            return synthetic_media(name, media_seed(seed, name));
        };
        if (auto sealed = device.seal_media(submission, content, deliver_part); !sealed)
            return tl::unexpected(sealed.error());
        result.media += submission.media.size();
        const std::string payload = schema::to_json(submission, study->form());
        if (auto sealed = device.seal(submission, payload, deliver); !sealed)
            return tl::unexpected(sealed.error());
        if (truth)
            if (auto written = truth->write(payload + "\n"); !written) return tl::unexpected(written.error());
    }
    for (SimulatedDevice& device : devices) {
        if (options.interviews == 0)
            if (auto greeted = device.greet(deliver); !greeted) return tl::unexpected(greeted.error());
        if (auto finished = device.finish(deliver); !finished) return tl::unexpected(finished.error());
        result.enrolment_numbers.push_back(crypto::to_string(
            study::enrolment_number(study->policy().study_id, study->root(), study->digest(), device.key())));
    }
    if (root) {
        std::vector<study::RosterDevice> entries;
        for (std::size_t i = 0; i < devices.size(); ++i) {
            study::RosterDevice& entry = entries.emplace_back();
            entry.key = devices[i].key();
            entry.label = "simulated " + std::to_string(i + 1);
            entry.package_digest = study->digest();
            entry.added = today_utc();
        }
        if (auto written = add_to_roster(options.roster, *study, *root, entries); !written)
            return tl::unexpected(written.error());
    }
    if (truth)
        if (auto done = truth->commit(); !done) return tl::unexpected(done.error());
    if (const std::string store = destination->unguarded(); !store.empty())
        console.note(
            "The store " + store +
            " does not promise to keep a file from being replaced: who has a device's credentials can put "
            "something else under its name. Let it refuse names that it has (\"If-None-Match: *\").");
    return result;
}

}  // namespace

ExitCode run_simulate(const SimulateOptions& options, Console& console) {
    const auto result = simulate(options, console);
    if (!result) return console.complain(result.error());
    if (options.output == Output::json) {
        console.out << JsonObject()
                           .put("interviews", options.interviews)
                           .put("devices", options.devices)
                           .put("batches", result->batches)
                           .put("media", result->media)
                           .put("media_parts", result->media_parts)
                           .put("seed", options.seed)
                           .put_json("enrolment_numbers", json_strings(result->enrolment_numbers))
                           .text()
                    << "\n";
        return ExitCode::fine;
    }
    console.out << options.interviews
                << (options.interviews == 1 ? " simulated interview in " : " simulated interviews in ")
                << result->batches << (result->batches == 1 ? " batch of " : " batches of ")
                << options.devices << (options.devices == 1 ? " device\n" : " devices\n");
    if (result->media > 0)
        console.out << "  " << result->media << " media files of theirs, sealed in " << result->media_parts
                    << " parts\n";
    if (options.roster.empty()) {
        for (const std::string& number : result->enrolment_numbers)
            console.out << "  enrolment number  " << number << "\n";
    } else {
        console.out << "  all of them enrolled in " << shown(options.roster) << "\n";
    }
    return ExitCode::fine;
}

}  // namespace fieldfare::researcher
