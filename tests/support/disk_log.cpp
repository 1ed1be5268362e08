#include "tests/support/disk_log.h"

#include <cstring>

#include "tests/support/whole_file.h"

namespace fieldfare::tests {
namespace {

void put(std::string& out, std::uint64_t number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}
void put(std::string& out, const std::string& text) {
    put(out, text.size());
    out += text;
}

}  // namespace

std::string DiskChange::bytes() const {
    std::string out(1, static_cast<char>(kind));
    put(out, number);
    put(out, path);
    put(out, other);
    put(out, data);
    return out;
}

std::vector<DiskChange> read_disk_log(const std::filesystem::path& file) {
    const std::string log = test::whole_file(file);
    std::size_t at = 0;
    const auto number = [&] {
        std::uint64_t value = 0;
        std::memcpy(&value, log.data() + at, sizeof value);
        at += sizeof value;
        return value;
    };
    const auto text = [&] {
        const std::size_t size = number();
        at += size;
        return log.substr(at - size, size);
    };
    std::vector<DiskChange> changes;
    while (at < log.size()) {
        DiskChange change;
        change.kind = static_cast<DiskChange::Kind>(log[at++]);
        change.number = number();
        change.path = text();
        change.other = text();
        change.data = text();
        changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace fieldfare::tests
