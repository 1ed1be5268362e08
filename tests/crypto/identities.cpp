#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

struct KeyFile {
    Identity identity = researcher("Field office");
    Bytes file = must(identity.to_file_bytes(passphrase("right"), cost_floor));

    std::optional<Error> opens_with(std::string_view words) const {
        return error_of(Identity::from_file_bytes(file, passphrase(words)));
    }
};

/// The file with this header field changed and its checksum made right again, as an attacker would.
Bytes with_number(Bytes file, std::size_t offset, std::uint32_t number) {
    for (std::size_t i = 0; i < 4; ++i) file[offset + i] = static_cast<std::uint8_t>(number >> (8 * i));
    const auto checksum = hash<16>("FFK1 checksum   ", {ByteView(file).first(file.size() - 16)});
    std::ranges::copy(checksum, file.end() - 16);
    return file;
}

}  // namespace

TEST_CASE("a key file gives back the same researcher, or the same root") {
    for (const IdentityKind kind : {IdentityKind::researcher, IdentityKind::root}) {
        const Identity identity = must(Identity::generate(kind, "Полевой офис"));
        const Bytes file = must(identity.to_file_bytes(passphrase("words"), cost_floor));
        const Identity again = must(Identity::from_file_bytes(file, passphrase("words")));
        CHECK(again.recipient() == identity.recipient());
        CHECK(again.recipient().kind == kind);
        CHECK(equal(again.signing_key().expose_seed(), identity.signing_key().expose_seed()));
        CHECK(again.expose_box_secret().has_value() == (kind == IdentityKind::researcher));
    }
}

TEST_CASE("a wrong passphrase, a damaged file and a foreign file are told apart") {
    KeyFile key;
    CHECK_FALSE(key.opens_with("right"));
    CHECK(key.opens_with("wrong") == Error::wrong_passphrase);
    CHECK(key.opens_with("") == Error::wrong_passphrase);
    key.file[100] ^= 1;
    CHECK(key.opens_with("right") == Error::damaged);
    CHECK(error_of(Identity::from_file_bytes(bytes("a text file"), passphrase("right"))) ==
          Error::wrong_format);
}

TEST_CASE("a key file with any bit flipped, cut or lengthened is refused before any work is done") {
    const KeyFile key;
    const SecretText words = passphrase("right");
    for (std::size_t bit = 0; bit < key.file.size() * 8; ++bit) {
        Bytes changed = key.file;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        const auto error = error_of(Identity::from_file_bytes(changed, words));
        const auto expected = bit < 64 ? Error::wrong_format : bit < 72 ? Error::unsupported : Error::damaged;
        CHECK(error == expected);
    }
    for (std::size_t size = 0; size < key.file.size(); ++size)
        CHECK(error_of(Identity::from_file_bytes(ByteView(key.file).first(size), words)) ==
              (size < 8 ? Error::wrong_format : Error::damaged));
    Bytes longer = key.file;
    longer.push_back(0);
    CHECK(error_of(Identity::from_file_bytes(longer, words)) == Error::damaged);
}

TEST_CASE("a key file that asks for too little work, or for too much, is refused before it is done") {
    const KeyFile key;
    constexpr std::size_t memory_at = 12;
    constexpr std::size_t passes_at = 16;
    for (const auto& [offset, number] :
         std::initializer_list<std::pair<std::size_t, std::uint32_t>>{{memory_at, 64 * 1024 - 1},
                                                                      {memory_at, 1024 * 1024 + 1},
                                                                      {memory_at, 0xffffffff},
                                                                      {passes_at, 2},
                                                                      {passes_at, 17},
                                                                      {passes_at, 0}})
        CHECK(error_of(Identity::from_file_bytes(with_number(key.file, offset, number),
                                                 passphrase("right"))) == Error::cost_refused);
    CHECK(error_of(key.identity.to_file_bytes(passphrase("x"), {64 * 1024, 2})) == Error::cost_refused);
    CHECK(error_of(key.identity.to_file_bytes(passphrase("x"), {2 * 1024 * 1024, 3})) == Error::cost_refused);
}

TEST_CASE("the cost in a key file can't be changed without the passphrase") {
    const KeyFile key;
    CHECK(error_of(Identity::from_file_bytes(with_number(key.file, 16, 4), passphrase("right"))) ==
          Error::wrong_passphrase);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they need the address space themselves
TEST_CASE("too little memory is never called a wrong passphrase") {
    const KeyFile key;
    const SecretText words = passphrase("right");
    const pid_t child = fork();
    if (child == 0) {
        const rlimit limit{48UL << 20, 48UL << 20};
        setrlimit(RLIMIT_AS, &limit);
        _exit(error_of(Identity::from_file_bytes(key.file, words)) == Error::out_of_memory ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
}
#endif

TEST_CASE("a cost is calibrated to half a second to a second, as far as floor and cap let it") {
    const auto passes = [](std::uint32_t measured, double seconds) {
        return calibrated_passes({256 * 1024, measured}, std::chrono::duration<double>(seconds));
    };
    CHECK(passes(3, 0.7) == 3);
    CHECK(passes(3, 0.34) == 6);
    CHECK(passes(3, 0.26) == 8);  // 0.693 s, and nine would be 0.78
    CHECK(passes(6, 0.34) == 12);
    CHECK(passes(3, 0.1313) == 15);
    CHECK(passes(3, 0.13) == 16);
    CHECK(passes(3, 0.01) == cost_cap.passes);  // a fast machine
    CHECK(passes(3, 0) == cost_cap.passes);
    CHECK(passes(3, 0.71) == cost_floor.passes);
    CHECK(passes(3, 60) == cost_floor.passes);  // a slow one waits, and is no cheaper to guess at
    for (double measured = 0.14; measured <= 0.7; measured += 0.005) {
        CAPTURE(measured);
        const double takes = measured / 3 * passes(3, measured);
        CHECK(takes > 0.5);
        CHECK(takes <= 0.7);
    }
}

TEST_CASE("a calibrated cost lies between floor and cap") {
    const PassphraseCost cost = must(calibrate_cost());
    CHECK(check(cost));
}

TEST_CASE("a public key travels as one line and comes back the same") {
    for (const IdentityKind kind : {IdentityKind::researcher, IdentityKind::root}) {
        const Recipient recipient = must(Identity::generate(kind, "Анкетный центр")).recipient();
        const std::string line = must(to_line(recipient));
        CHECK(line.starts_with("ffpub1"));
        CHECK(must(from_line("  " + line + "\r\n")) == recipient);
    }
}

TEST_CASE("a public key with one character mistyped, missing or added is refused") {
    const std::string line = must(to_line(researcher("label").recipient()));
    for (std::size_t i = 6; i < line.size(); ++i) {
        std::string typed = line;
        typed[i] = typed[i] == 'x' ? 'y' : 'x';
        CHECK(error_of(from_line(typed)) == Error::damaged);
        CHECK(error_of(from_line(line.substr(0, i))) == Error::damaged);
    }
    for (const char last : std::string("0123456789abcdefghjkmnpqrstvwxyz")) {  // its last bits carry nothing
        std::string typed = line;
        typed.back() = last;
        CHECK(from_line(typed).has_value() == (typed == line));
    }
    CHECK(error_of(from_line(line + "0")) == Error::damaged);
    CHECK(error_of(from_line("ffpub2" + line.substr(6))) == Error::unsupported);
    CHECK(error_of(from_line("age1" + line)) == Error::wrong_format);
}

TEST_CASE("a public key that is not canonical, or with which nothing stays secret, is refused") {
    Recipient recipient = researcher().recipient();
    recipient.box_key.bytes[31] |= 0x80;
    CHECK(error_of(to_line(recipient)) == Error::not_canonical);
    recipient.box_key.bytes.fill(0xff);
    recipient.box_key.bytes[0] = 0xed + 9;
    recipient.box_key.bytes[31] = 0x7f;  // 2^255 - 19 + 9: nine
    CHECK(error_of(to_line(recipient)) == Error::not_canonical);
    recipient.box_key.bytes.fill(0);
    CHECK(error_of(to_line(recipient)) == Error::weak_key);
    recipient.box_key.bytes[0] = 1;
    CHECK(error_of(to_line(recipient)) == Error::weak_key);
    recipient.box_key.bytes[0] = 9;
    CHECK(to_line(recipient).has_value());
    recipient.signing_key = {};
    CHECK(error_of(to_line(recipient)) == Error::weak_key);
}

TEST_CASE("a label is short well-formed text without control characters") {
    for (const char* fine : {"", "Field office", "Полевой офис", "კვლევა", "𝒳"})
        CHECK(Identity::generate(IdentityKind::root, fine).has_value());
    const std::string too_long(65, 'a');
    for (const std::string& wrong :
         {too_long, std::string("a\nb"), std::string("\x1b[31m"), std::string("\xff"),
          std::string("\xc0\x80"), std::string("\xed\xa0\x80"), std::string("\xd0"),
          std::string("\xe2\x80\xae") + "abc", std::string("a\0b", 3)})
        CHECK(error_of(Identity::generate(IdentityKind::root, wrong)) == Error::bad_argument);
}

TEST_CASE("a key's fingerprint does not depend on its label, and no two keys share one") {
    Recipient one = researcher("one").recipient();
    const auto digits = fingerprint_of(one);
    const auto id = key_id(one);
    one.label = "another";
    CHECK(fingerprint_of(one) == digits);
    CHECK(key_id(one) == id);
    CHECK(fingerprint_of(researcher("one").recipient()) != digits);
}
