// A roster as it comes, and with our root's signature on whatever stands in it.

#include "client/study/roster.h"

#include <algorithm>

#include "tests/fuzz/known_keys.h"

using namespace fieldfare;

namespace {

constexpr std::size_t signature_at = 44, body_at = 108;

void read(crypto::ByteView bytes, const crypto::Id& study) {
    const auto& root = fuzz::root().recipient().signing_key;
    const auto opened = study::open_roster(bytes, root, study);
    if (!opened) return;
    const auto again = study::sign_roster(opened->roster, fuzz::root());
    fuzz::must(again && std::ranges::equal(*again, bytes), "a roster has one way to be written");
    fuzz::must(study::check_successor(*opened, *opened).has_value(), "a roster may come again");
    const auto& devices = opened->roster.devices;
    for (std::size_t i = 0; i < devices.size(); ++i) {
        fuzz::must(i == 0 || devices[i - 1].key < devices[i].key, "a device is listed once");
        fuzz::must(opened->roster.find(devices[i].key) == &devices[i], "a device that is listed is found");
    }
    study::RosterDevice another;
    another.key = fuzz::signing_key(3).verify_key();
    const auto next = study::add_device(*opened, study, another, opened->roster.day + std::chrono::days(1));
    if (!next) return;
    const auto signed_next = study::sign_roster(*next, fuzz::root());
    if (!signed_next) return;  // full, or of the last number or day that there is
    const auto opened_next = study::open_roster(*signed_next, root, study);
    fuzz::must(opened_next && study::check_successor(*opened, *opened_next), "the next version follows");
    fuzz::must(!study::check_successor(*opened_next, *opened), "and this one does not follow it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    crypto::Id study{};
    study.fill(0x51);
    read({data, size}, study);
    if (size < body_at + study.size()) return 0;
    crypto::Bytes file(data, data + size);
    std::ranges::copy(fuzz::root().recipient().signing_key.bytes, file.begin() + 12);
    std::ranges::copy(study, file.begin() + body_at);
    const auto whole = crypto::ByteView(file);
    const auto signature = fuzz::root().signing_key().sign(
        "FFS1 roster sig ", {whole.first(signature_at), whole.subspan(body_at)});
    std::ranges::copy(signature, file.begin() + signature_at);
    read(file, study);
    return 0;
}
