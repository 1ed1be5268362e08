// Figures of sealed batches: sealing, opening, refusing junk, sizes. Prints; judges nothing. Records are two
// invented interviews of the bundled form in one, 4.6 KB, packed with the form's dictionary.
//   build/release/bin/bench_batches seal                   a record at finalise, zstd 19 and 3; sizes of a
//   batch build/release/bin/bench_batches junk                   a file that opens with none of our keys
//   build/release/bin/bench_batches write DIR RECORDS      batches of 25, the key, the dictionary, all.jsonl
//   build/release/bin/bench_batches open DIR [WORKERS]     verify, decrypt, decompress all of them
// tests/bench/batches/run does all of it, beside age and zstd on the same records.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "client/researcher/dice.h"
#include "client/researcher/form_dictionary.h"
#include "client/researcher/synthetic_respondent.h"
#include "client/researcher/working_memory.h"
#include "crypto/batch_reader.h"
#include "crypto/batch_writer.h"
#include "crypto/compression.h"
#include "crypto/open_spares.h"
#include "crypto/passphrase_cost.h"
#include "crypto/passphrase_text.h"
#include "crypto/random.h"
#include "schema/compiled_form.h"
#include "schema/readers/read_form.h"

namespace {

namespace fs = std::filesystem;
using namespace fieldfare;
using namespace fieldfare::crypto;
using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error("error " + std::to_string(static_cast<int>(result.error())));
    return std::move(*result);
}

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error("can't read " + file.string());
    std::string bytes(fs::file_size(file), '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return bytes;
}

void write(const fs::path& file, ByteView bytes) {
    std::ofstream stream(file, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!stream) throw std::runtime_error("can't write " + file.string());
}

double peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

SecretText bench_passphrase() {
    return must(passphrase_from("a passphrase that everyone may know"));
}

class Records {
  public:
    Records() {
        auto check =
            schema::check_form(FIELDFARE_SOURCE_DIR "/assets/questionnaire/mobility_engagement.xlsx");
        if (!check.form) throw std::runtime_error("the bundled form can't be read");
        form_ = std::make_shared<const schema::Form>(std::move(*check.form));
        dictionary_ = researcher::dictionary_for(*form_);
        auto compiled = schema::CompiledForm::compile(form_);
        if (!compiled) throw std::runtime_error("the bundled form can't be compiled");
        fieldwork_ = {*compiled, "bench", "", "2026-11-28"};
    }
    const Bytes& dictionary() const { return dictionary_; }

    // Other seeds than the dictionary's.
    std::string record(std::uint64_t number) const {
        return "[" + interview(2 * number) + "," + interview(2 * number + 1) + "]";
    }

  private:
    std::string interview(std::uint64_t number) const {
        return schema::to_json(
            researcher::synthetic_submission(fieldwork_, researcher::mixed(20261128, number)), *form_);
    }
    std::shared_ptr<const schema::Form> form_;
    researcher::Fieldwork fieldwork_;
    Bytes dictionary_;
};

struct Device {
    SigningKey key = must(SigningKey::generate());
    ReceiptKey receipt_key = must(ReceiptKey::random());
    BatchContext context;

    Device(const Identity& researcher, const Bytes& dictionary, Effort effort) {
        context.dictionary = dictionary;
        context.effort = effort;
        context.open.device_key = key.verify_key();
        context.open.recipients = {researcher.recipient().box_key};
        context.open.program_version = "bench";
    }
    BatchWriter begin() const { return must(BatchWriter::begin(context, key, receipt_key)); }
    void next(const SealedBatch& batch) {
        ++context.open.batch_sequence;
        context.open.previous_batch = batch.id;
        context.open.first_record_sequence = batch.next_record_sequence;
    }
};

int seal() {
    const Records records;
    const Identity researcher = must(Identity::generate(IdentityKind::researcher, ""));
    std::vector<std::string> payloads;
    for (std::uint64_t i = 0; i < 500; ++i) payloads.push_back(records.record(i));
    for (const auto& [name, effort] :
         {std::pair("zstd 19", Effort::thorough), std::pair("zstd 3", Effort::quick)}) {
        Device device(researcher, records.dictionary(), effort);
        const auto compressor = must(batch::Compressor::with(records.dictionary(), effort));
        std::vector<double> times;
        double plain = 0, packed = 0, files = 0;
        for (std::size_t i = 0; i < payloads.size(); i += 25) {
            BatchWriter writer = device.begin();
            for (std::size_t j = i; j < i + 25; ++j) {
                const auto start = Clock::now();
                const SealedBatch sealed = must(
                    writer.append(device.key, RecordType::data, must(random_id()), bytes_of(payloads[j])));
                writer.commit();
                times.push_back(microseconds_since(start));
                plain += static_cast<double>(payloads[j].size());
            }
            const SealedBatch sealed = must(writer.finish(device.key));
            device.next(sealed);
            files += static_cast<double>(sealed.file.size());
            for (std::size_t j = i; j < i + 25; ++j)
                packed += static_cast<double>(must(compressor.compress(bytes_of(payloads[j]))).size());
        }
        std::printf(
            "seal, %-8s %8.0f us a record; 25 records: %6.0f bytes of answers, %6.0f packed, file %6.0f: "
            "%.2f of packed\n",
            name, median(times), plain / 20, packed / 20, files / 20, files / packed);
    }
    return 0;
}

int junk() {
    const Identity other = must(Identity::generate(IdentityKind::researcher, ""));
    std::vector<Identity> ours;
    for (int i = 0; i < 4; ++i) ours.push_back(must(Identity::generate(IdentityKind::researcher, "")));
    const Bytes none;
    Device device(other, none, Effort::quick);
    while (device.context.open.recipients.size() < 16)
        device.context.open.recipients.push_back(
            must(Identity::generate(IdentityKind::researcher, "")).recipient().box_key);
    BatchWriter writer = device.begin();
    const Bytes file = must(writer.finish(device.key)).file;
    std::vector<double> times;
    for (int i = 0; i < 50; ++i) {
        const auto start = Clock::now();
        if (read_batch(file, ours)) return 1;
        times.push_back(microseconds_since(start));
    }
    std::printf("junk, 16 slots and 4 keys: %8.0f us a file, %.1f us a slot and key\n", median(times),
                median(times) / 64);
    return 0;
}

int write_all(const fs::path& folder, std::uint64_t count) {
    const Records records;
    const auto secret = must(Identity::generate(IdentityKind::researcher, "bench"));
    fs::create_directories(folder / "batches");
    write(folder / "dictionary", records.dictionary());
    write(folder / "key.ffkey", must(secret.to_file_bytes(bench_passphrase(), cost_floor)));
    std::ofstream all(folder / "all.jsonl", std::ios::binary);
    Device device(secret, records.dictionary(), Effort::quick);
    for (std::uint64_t i = 0; i < count;) {
        BatchWriter writer = device.begin();
        for (int j = 0; j < 25 && i < count; ++j, ++i) {
            const std::string record = records.record(i);
            all << record << "\n";
            must(writer.append(device.key, RecordType::data, must(random_id()), bytes_of(record)));
            writer.commit();
        }
        const SealedBatch sealed = must(writer.finish(device.key));
        device.next(sealed);
        write(folder / "batches" / (to_hex(sealed.sha256) + ".batch"), sealed.file);
    }
    return 0;
}

int open_all(const fs::path& folder, unsigned workers) {
    const std::string dictionary_file = content(folder / "dictionary");
    const StudyMaterial dictionary(Bytes(dictionary_file.begin(), dictionary_file.end()));
    std::vector<Identity> ours;
    ours.push_back(
        must(Identity::from_file_bytes(bytes_of(content(folder / "key.ffkey")), bench_passphrase())));
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder / "batches")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());

    researcher::keep_working_memory();  // as fieldfare-cli
    const OpenSpares spares;
    std::atomic<std::size_t> next = 0, records = 0, bytes = 0, refused = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < files.size(); i = next++) {
            const std::string file = content(files[i]);
            const auto batch = read_batch(bytes_of(file), ours, dictionary);
            if (!batch) {
                ++refused;
                continue;
            }
            records += batch->records.size();
            for (const BatchRecord& record : batch->records) bytes += record.payload.size();
        }
    };
    std::ofstream("/proc/self/clear_refs") << "5";  // what Argon2id took is no part of the peak
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    const auto start = Clock::now();
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < workers; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    const double wall = microseconds_since(start);
    getrusage(RUSAGE_SELF, &after);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    const double cpu = seconds(after.ru_utime) - seconds(before.ru_utime) + seconds(after.ru_stime) -
                       seconds(before.ru_stime);
    std::printf("open, %u %s: %zu records, %.0f MB: %.2f s, CPU %.2f s, %.1f us a record; peak %.0f MB\n",
                workers, workers == 1 ? "worker" : "workers", records.load(),
                static_cast<double>(bytes) / 1e6, wall / 1e6, cpu, cpu * 1e6 / static_cast<double>(records),
                peak_megabytes());
    return refused == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string verb = argc > 1 ? argv[1] : "";
    if (verb == "seal") return seal();
    if (verb == "junk") return junk();
    if (verb == "write" && argc == 4) return write_all(argv[2], std::stoull(argv[3]));
    if (verb == "open" && argc > 2)
        return open_all(argv[2], argc > 3 ? static_cast<unsigned>(std::stoul(argv[3])) : 1);
    std::fprintf(stderr, "seal | junk | write DIR RECORDS | open DIR [WORKERS]\n");
    return 2;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
