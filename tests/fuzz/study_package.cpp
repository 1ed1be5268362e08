// A study file as it comes, and with our root's signature on whatever stands in it.

#include "client/study/study_package.h"

#include <algorithm>

#include "client/study/package_parts.h"
#include "tests/fuzz/known_keys.h"

using namespace fieldfare;
using study::package_body_at;
using study::package_signature_at;
using study::StudyPackage;

namespace {

std::optional<StudyPackage> read(crypto::ByteView bytes) {
    auto opened = StudyPackage::open(bytes);
    if (!opened) return std::nullopt;
    const auto expected = StudyPackage::open(bytes, opened->root());
    fuzz::must(expected && expected->digest() == opened->digest(), "a package is of its own root");
    fuzz::must(!StudyPackage::open(bytes, fuzz::signing_key(9).verify_key()),
               "a package is of no other root");
    const auto same = study::check_update(*opened, *opened);
    fuzz::must(same && *same == study::Update::same, "a package is the same as itself");
    const auto& recipients = opened->recipients();
    fuzz::must(!recipients.empty(), "a package names somebody who can open its batches");
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        fuzz::must(crypto::check(recipients[i].key).has_value(), "a recipient's key is one to seal to");
        fuzz::must(i == 0 || recipients[i - 1].key < recipients[i].key, "a recipient is listed once");
    }
    (void)opened->fingerprint();
    return std::move(*opened);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    read({data, size});
    if (size < package_body_at) return 0;
    crypto::Bytes file(data, data + size);
    std::ranges::copy(fuzz::root().recipient().signing_key.bytes, file.begin() + 12);
    const auto whole = crypto::ByteView(file);
    const auto signature = fuzz::root().signing_key().sign(
        "FFS1 package sig", {whole.first(package_signature_at), whole.subspan(package_body_at)});
    std::ranges::copy(signature, file.begin() + package_signature_at);
    const auto package = read(file);
    if (!package) return 0;
    const auto again = study::build_package(
        {package->policy(), package->recipients(), package->receipt_keys(), package->stores(),
         package->form(), package->languages(), package->dictionary()},
        fuzz::root());
    // Empty stands for all of the form's languages there.
    fuzz::must(package->languages().empty() || (again && *again == file),
               "a package has one way to be written");
    return 0;
}
