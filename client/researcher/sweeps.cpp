#include "client/researcher/sweeps.h"

#include <algorithm>
#include <sstream>

#include "client/researcher/output_file.h"
#include "crypto/hash.h"
#include "sync/object_name.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::days week{7};
constexpr unsigned most_parts = 20;
constexpr std::size_t longest = 256 * 1024;
constexpr std::string_view first_line = "fieldfare sweeps 1\n";

std::string hash_of(std::string_view text) {
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(text)));
}

}  // namespace

std::optional<std::chrono::sys_days> listed_since(const std::optional<Sweep>& last,
                                                  std::chrono::sys_days today, std::size_t files_now) {
    if (!last || today < last->day || today - last->day >= week || files_now < last->files)
        return std::nullopt;
    if (last->parts >= most_parts) return std::nullopt;
    return last->day - week;
}

Sweeps Sweeps::read(const fs::path& inbox) {
    auto text = read_file(inbox / "sweeps", longest);
    if (!text || !text->starts_with(first_line) || !text->ends_with('\n')) return {};
    const std::size_t hash = text->rfind('\n', text->size() - 2) + 1;
    if (hash < first_line.size() || text->substr(hash) != hash_of({text->data(), hash}) + "\n") return {};
    Sweeps sweeps;
    std::istringstream lines(text->substr(first_line.size(), hash - first_line.size()));
    std::string day, tag, store;
    std::size_t files = 0;
    for (unsigned parts = 0; lines >> day >> files >> parts >> tag >> store;) {
        const auto parsed = sync::parse_day(day);
        if (!parsed) return {};
        sweeps.note(tag, store, {*parsed, files, parts});
    }
    return sweeps;
}

std::optional<Sweep> Sweeps::last(std::string_view study_tag, std::string_view store) const {
    const auto found = sweeps_.find({std::string(study_tag), std::string(store)});
    if (found == sweeps_.end()) return std::nullopt;
    return found->second;
}

void Sweeps::note(std::string_view study_tag, std::string_view store, const Sweep& sweep) {
    sweeps_.insert_or_assign({std::string(study_tag), std::string(store)}, sweep);
}

Result<void> Sweeps::write(const fs::path& inbox) const {
    std::string text(first_line);
    for (const auto& [of, sweep] : sweeps_)
        text += sync::day_text(sweep.day) + " " + std::to_string(sweep.files) + " " +
                std::to_string(sweep.parts) + " " + of.first + " " + of.second + "\n";
    text += hash_of(text) + "\n";
    return write_file(inbox / "sweeps", text, Overwrite::yes);
}

}  // namespace fieldfare::researcher
