#include "client/researcher/serve_keep.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "client/researcher/output_file.h"
#include "client/researcher/serve_certificate.h"
#include "client/researcher/store_file.h"
#include "crypto/bytes.h"
#include "crypto/random.h"

namespace fieldfare::researcher {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_pem = 64 * 1024;
constexpr mode_t of_others = 077;
const char* const key_name = "key.pem";
const char* const certificate_name = "certificate.pem";

/// That nobody else can read or change it.
Result<void> is_private(const fs::path& path, const char* right_mode) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return could_not(shown(path) + " can't be looked at.");
    if (S_ISLNK(status.st_mode)) return could_not(shown(path) + " is a link; name what it leads to.");
    if (status.st_uid != ::geteuid())
        return could_not(shown(path) + " belongs to somebody else; name a folder of your own with --keep.");
    if ((status.st_mode & of_others) != 0)
        return could_not(shown(path) + " can be read by others; if nobody has, run \"chmod " + right_mode +
                         "\" on it, else name a new folder with --keep and build the study anew.");
    return {};
}

bool is_missing(const fs::path& path) {
    std::error_code failed;
    return fs::symlink_status(path, failed).type() == fs::file_type::not_found;
}

tl::unexpected<Failure> not_kept(const fs::path& path) {
    return could_not(shown(path) +
                     " is not there; start this without --study first, which makes it, or correct --keep.");
}

/// No new key leads back to what devices know.
const std::string lost_key = "; put it back from a copy, or name a new --keep and build the study anew.";

Result<std::string> kept_key(const fs::path& file, const fs::path& certificate, IfNone if_none) {
    if (is_missing(file)) {
        if (!is_missing(certificate))
            return could_not(shown(file) + " is gone, by which devices know this receiver" + lost_key);
        if (if_none == IfNone::fail) return not_kept(file);
        auto made = make_key();
        if (!made) return made;
        if (const auto done = write_file(file, *made, Overwrite::no); !done)
            return tl::unexpected(done.error());
    }
    if (const auto alone = is_private(file, "600"); !alone) return tl::unexpected(alone.error());
    auto key = read_file(file, largest_pem);
    if (key && !pin_of(*key)) return could_not(shown(file) + " is damaged" + lost_key);
    return key;
}

Result<std::string> kept_certificate(const fs::path& file, const std::string& key, const std::string& host,
                                     IfNone if_none) {
    if (is_missing(file)) {
        if (if_none == IfNone::fail) return not_kept(file);
        auto made = make_certificate(key, host);
        if (!made) return made;
        if (const auto done = write_file(file, *made, Overwrite::no); !done)
            return tl::unexpected(done.error());
    }
    auto certificate = read_file(file, largest_pem);
    if (!certificate) return certificate;
    const std::string again =
        " Move it away, start this without --study, which makes a new one for the same key, and build the "
        "study anew: devices that have the old one refuse the new one.";
    switch (check_certificate(*certificate, key, host)) {
        case CertificateFault::none:
            break;
        case CertificateFault::unreadable:
            return could_not(shown(file) + " is damaged; put it back from a copy." + again);
        case CertificateFault::other_key:
            return could_not(shown(file) + " is not of the key beside it" + lost_key);
        case CertificateFault::other_host:
            return could_not(shown(file) + " is for another address than " + host +
                             ", which devices would refuse: listen where it says, or give that name with "
                             "--host." +
                             again);
        case CertificateFault::out_of_date:
            return could_not(
                shown(file) +
                " is not valid on the date of this machine; set its clock, and start this again.");
    }
    return certificate;
}

}  // namespace

Result<ServeIdentity> open_keep(const fs::path& keep, const std::string& host, IfNone if_none) {
    if (if_none == IfNone::make)
        if (const auto made = make_folder(keep); !made) return tl::unexpected(made.error());
    if (is_missing(keep)) return not_kept(keep);
    if (const auto alone = is_private(keep, "700"); !alone) return tl::unexpected(alone.error());
    auto key = kept_key(keep / key_name, keep / certificate_name, if_none);
    if (!key) return tl::unexpected(key.error());
    auto certificate = kept_certificate(keep / certificate_name, *key, host, if_none);
    if (!certificate) return tl::unexpected(certificate.error());
    auto pin = pin_of(*key);
    if (!pin) return tl::unexpected(pin.error());
    return ServeIdentity{std::move(*key), std::move(*certificate), std::move(*pin)};
}

Result<fs::path> store_file_name(const fs::path& keep, const std::string& name) {
    const bool plain = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!plain) return wrong_usage("--name must be of small letters, digits and \"-\", such as devices.");
    return fs::absolute(keep).lexically_normal() / (name + ".ffstore");
}

Result<void> make_store_file(const fs::path& file, const std::string& address, const std::string& pin) {
    if (is_missing(file)) {
        std::array<std::uint8_t, serve_token_digits / 2> random{};
        if (!crypto::fill_random(random)) return could_not("The system gives no random numbers.");
        const auto done =
            write_file(file,
                       "# What devices need for the receiver of \"fieldfare-cli serve\". Hand it "
                       "on as you would a password.\naddress = " +
                           address + "\npin = " + pin + "\ncertificate = " + certificate_name +
                           "\ntoken = " + crypto::to_hex(random) + "\n",
                       Overwrite::no);
        if (!done) return done;
    }
    if (const auto alone = is_private(file, "600"); !alone) return alone;
    const auto store = read_store(file.string());
    if (!store) return tl::unexpected(store.error());
    const auto its_pin = store->settings.find("pin");
    if (store->address != address || its_pin == store->settings.end() || its_pin->second != pin)
        return could_not(shown(file) + " is for another address or key; give another --name for a new one.");
    return {};
}

}  // namespace fieldfare::researcher
