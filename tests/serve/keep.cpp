#include "client/researcher/serve_keep.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "client/researcher/serve_certificate.h"
#include "client/researcher/store_file.h"
#include "tests/support/certificates.h"

using namespace fieldfare::researcher;
using namespace fieldfare::test;

namespace {

const std::string host = "192.168.1.5", address = "https://192.168.1.5:8443";

struct Keep {
    TemporaryFolder folder;
    fs::path path = folder / "room";

    Result<ServeIdentity> open(IfNone if_none = IfNone::make, const std::string& for_host = host) const {
        return open_keep(path, for_host, if_none);
    }
    std::string refusal(IfNone if_none = IfNone::make, const std::string& for_host = host) const {
        const auto opened = open(if_none, for_host);
        REQUIRE_FALSE(opened);
        return opened.error().sentence;
    }
    int mode(const std::string& name) const {
        struct stat status {};
        REQUIRE(::stat((path / name).c_str(), &status) == 0);
        return status.st_mode & 0777;
    }
};

}  // namespace

TEST_CASE("a receiver keeps its key and certificate, so that its pin is the same after every start") {
    Keep keep;
    const auto first = keep.open();
    REQUIRE(first);
    const auto second = keep.open(IfNone::fail);
    REQUIRE(second);
    CHECK(first->pin == second->pin);
    CHECK(first->certificate_pem == second->certificate_pem);
    CHECK(keep.mode("") == 0700);
    CHECK(keep.mode("key.pem") == 0600);
    CHECK(keep.mode("certificate.pem") == 0600);
}

TEST_CASE("the pin is the one that openssl makes of the certificate, which names the host and no day") {
    for (const auto& [its_host, shown_as] :
         std::vector<std::pair<std::string, std::string>>{{host, "IP Address:192.168.1.5"},
                                                          {"[fd00::5]", "IP Address:FD00:0:0:0:0:0:0:5"},
                                                          {"room.lan", "DNS:room.lan"}}) {
        CAPTURE(its_host);
        Keep keep;
        const auto identity = keep.open(IfNone::make, its_host);
        REQUIRE(identity);
        const std::string file = (keep.path / "certificate.pem").string();
        std::string pin = output_of("openssl x509 -noout -pubkey -in " + file +
                                    " | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | "
                                    "openssl base64");
        while (pin.ends_with('\n')) pin.pop_back();
        CHECK(identity->pin == "sha256//" + pin);
        const std::string text = output_of("openssl x509 -noout -text -in " + file);
        CHECK(text.find(shown_as + "\n") != std::string::npos);
        CHECK(text.find("Not Before: Jan  1 00:00:00 2020 GMT") != std::string::npos);
        CHECK(text.find("Not After : Dec 31 23:59:59 2049 GMT") != std::string::npos);
        CHECK(check_certificate(identity->certificate_pem, identity->key_pem, its_host) ==
              CertificateFault::none);
        CHECK(check_certificate(identity->certificate_pem, identity->key_pem, "other.lan") ==
              CertificateFault::other_host);
    }
}

TEST_CASE("a key that others can read, or could change, is not used") {
    Keep keep;
    REQUIRE(keep.open());
    fs::permissions(keep.path, fs::perms::group_exec, fs::perm_options::add);
    CHECK(keep.refusal().find("room can be read by others; if nobody has, run \"chmod 700\" on it") !=
          std::string::npos);
    fs::permissions(keep.path, fs::perms::owner_all);
    fs::permissions(keep.path / "key.pem", fs::perms::others_read, fs::perm_options::add);
    CHECK(keep.refusal().find("key.pem can be read by others; if nobody has, run \"chmod 600\" on it") !=
          std::string::npos);
    fs::permissions(keep.path / "key.pem", fs::perms::owner_read);
    CHECK(keep.open());
    fs::rename(keep.path / "key.pem", keep.folder / "elsewhere");
    fs::create_symlink(keep.folder / "elsewhere", keep.path / "key.pem");
    CHECK(keep.refusal().find("key.pem is a link") != std::string::npos);
}

TEST_CASE("nothing is made where a receiver is to serve") {
    Keep keep;
    CHECK(keep.refusal(IfNone::fail)
              .ends_with(
                  "room is not there; start this without --study first, which makes it, or correct --keep."));
    CHECK_FALSE(fs::exists(keep.path));
    REQUIRE(keep.open());
    fs::remove(keep.path / "certificate.pem");
    CHECK(keep.refusal(IfNone::fail).find("certificate.pem is not there") != std::string::npos);
    fs::remove(keep.path / "key.pem");
    CHECK(keep.refusal(IfNone::fail).find("key.pem is not there; start this without --study") !=
          std::string::npos);
}

TEST_CASE("a certificate for another address is told, and a new one has the same pin") {
    Keep keep;
    const auto first = keep.open();
    REQUIRE(first);
    CHECK(keep.refusal(IfNone::fail, "192.168.1.6")
              .find("certificate.pem is for another address than 192.168.1.6") != std::string::npos);
    fs::remove(keep.path / "certificate.pem");
    const auto second = keep.open(IfNone::make, "192.168.1.6");
    REQUIRE(second);
    CHECK(second->pin == first->pin);
    CHECK(second->certificate_pem != first->certificate_pem);
}

TEST_CASE("a certificate that is damaged or of another key is told, with what helps") {
    Keep keep, other;
    REQUIRE(keep.open());
    REQUIRE(other.open());
    fs::copy_file(other.path / "certificate.pem", keep.path / "certificate.pem",
                  fs::copy_options::overwrite_existing);
    CHECK(keep.refusal().ends_with(
        " is not of the key beside it; put it back from a copy, or name a new --keep "
        "and build the study anew."));
    write(keep.path / "certificate.pem", "none");
    CHECK(keep.refusal().find("certificate.pem is damaged; put it back from a copy.") != std::string::npos);
    write(keep.path / "key.pem", "none");
    CHECK(keep.refusal().find("key.pem is damaged; put it back from a copy, or name a new --keep") !=
          std::string::npos);
}

TEST_CASE("of another day it is told, and nothing is said that would make a new one of the same days") {
    Keep keep;
    REQUIRE(keep.open());
    const fs::path folder = keep.folder.path();
    write(folder / "ca.conf", "[ca]\ndefault_ca = own\n[own]\ndatabase = " + (folder / "index").string() +
                                  "\nnew_certs_dir = " + folder.string() +
                                  "\nrand_serial = yes\ndefault_md = sha256\npolicy = any\nx509_extensions = "
                                  "names\n[any]\ncommonName = supplied\n[names]\nsubjectAltName = "
                                  "IP:192.168.1.5\n");
    write(folder / "index", "");
    const std::string key = (keep.path / "key.pem").string(), request = (folder / "request").string();
    output_of("openssl req -new -subj /CN=x -key " + key + " -out " + request + " 2>&1");
    for (const auto& [first, last] : std::vector<std::pair<std::string, std::string>>{
             {"20190101000000Z", "20200101000000Z"}, {"20980101000000Z", "20990101000000Z"}}) {
        CAPTURE(first);
        fs::remove(keep.path / "certificate.pem");
        write(folder / "index", "");
        const std::string made =
            output_of("openssl ca -batch -selfsign -notext -config " + (folder / "ca.conf").string() +
                      " -keyfile " + key + " -in " + request + " -startdate " + first + " -enddate " + last +
                      " -out " + (keep.path / "certificate.pem").string() + " 2>&1; true");
        INFO(made);
        REQUIRE(fs::exists(keep.path / "certificate.pem"));
        fs::permissions(keep.path / "certificate.pem", fs::perms::owner_read);
        CHECK(
            keep.refusal().ends_with("certificate.pem is not valid on the date of this machine; set its "
                                     "clock, and start this again."));
    }
}

TEST_CASE("a key that is gone is told, and none is made beside its certificate") {
    Keep keep;
    REQUIRE(keep.open());
    fs::remove(keep.path / "key.pem");
    for (const IfNone if_none : {IfNone::make, IfNone::fail})
        CHECK(keep.refusal(if_none).ends_with(
            "key.pem is gone, by which devices know this receiver; put it back "
            "from a copy, or name a new --keep and build the study anew."));
    CHECK_FALSE(fs::exists(keep.path / "key.pem"));
}

TEST_CASE("the store file has a token of its own, readable by nobody else, and stays as it is") {
    Keep keep;
    const auto identity = keep.open();
    REQUIRE(identity);
    const auto file = store_file_name(keep.path, "devices"), second = store_file_name(keep.path, "second");
    REQUIRE(make_store_file(*file, address, identity->pin));
    REQUIRE(make_store_file(*second, address, identity->pin));
    const auto store = read_store(file->string());
    REQUIRE(store);
    CHECK(store->address == address);
    CHECK(store->settings.at("pin") == identity->pin);
    CHECK(store->settings.at("token").size() == serve_token_digits);
    CHECK(store->settings.at("token") != read_store(second->string())->settings.at("token"));
    CHECK(keep.mode("devices.ffstore") == 0600);
    const std::string before = content_of(*file);
    REQUIRE(make_store_file(*file, address, identity->pin));
    CHECK(content_of(*file) == before);
    CHECK(make_store_file(*file, "https://192.168.1.6:8443", identity->pin)
              .error()
              .sentence.ends_with(" is for another address or key; give another --name for a new one."));
    fs::permissions(*file, fs::perms::others_read, fs::perm_options::add);
    CHECK(make_store_file(*file, address, identity->pin).error().sentence.find("can be read by others") !=
          std::string::npos);
}

TEST_CASE("a store file's name stays in its folder") {
    for (const char* name : {"", "../x", "a/b", ".x", "A", "x.y"}) {
        CAPTURE(name);
        const auto file = store_file_name("room", name);
        REQUIRE_FALSE(file);
        CHECK(file.error().code == ExitCode::usage);
    }
}
