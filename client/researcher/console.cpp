#include "client/researcher/console.h"

#include <algorithm>
#include <chrono>
#include <ostream>

#include "client/researcher/json_text.h"

namespace fieldfare::researcher {
namespace {

long long milliseconds() {
    using namespace std::chrono;
    return duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string megabytes(std::uint64_t bytes) {
    const std::uint64_t tenths = bytes / 100'000;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

const char* word_for(ExitCode code) {
    switch (code) {
        case ExitCode::fine:
            return "none";
        case ExitCode::findings:
            return "findings";
        case ExitCode::usage:
            return "usage";
        case ExitCode::could_not:
            return "could_not";
        case ExitCode::unknown_code:
            return "unknown_code";
    }
    return "could_not";
}

}  // namespace

ExitCode Console::complain(const Failure& failure) const {
    err << "fieldfare-cli: " << failure.sentence << std::endl;
    if (json)
        out << JsonObject().put("error", word_for(failure.code)).put("sentence", failure.sentence).text()
            << std::endl;
    return failure.code;
}

void Console::note(const std::string& sentence) const {
    err << sentence << std::endl;
}

Progress::Progress(const Console& console, std::string what, std::size_t total)
    : console_(console), what_(std::move(what)), total_(total) {}

Progress::~Progress() {
    if (drawn_at_ != 0) console_.err << "\r\x1b[K" << std::flush;
}

void Progress::at(std::size_t done, std::size_t total, std::uint64_t bytes) {
    total_ = total;
    bytes_ = bytes;
    at(done);
}

void Progress::at(std::size_t done) {
    if (!console_.interactive || total_ == 0) return;
    const long long now = milliseconds();
    if (done < total_ && drawn_at_ != 0 && now - drawn_at_ < 100) return;
    drawn_at_ = now;
    constexpr std::size_t width = 30;
    const std::size_t filled = std::min(width, width * done / total_);
    console_.err << "\r" << what_ << " [" << std::string(filled, '#') << std::string(width - filled, ' ')
                 << "] " << done << "/" << total_ << (bytes_ ? ", " + megabytes(*bytes_) : "") << "\x1b[K"
                 << std::flush;
}

}  // namespace fieldfare::researcher
