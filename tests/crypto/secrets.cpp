#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <type_traits>

#include "crypto/open_spares.h"
#include "crypto/secret.h"
#include "tests/support/crypto.h"

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

using Key = Secret<32, struct KeyTag>;
using OtherKey = Secret<32, struct OtherKeyTag>;

/// The signal that ends a child process which does this, or 0.
template <class Action>
int signal_of(Action&& action) {
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGSEGV, SIG_DFL);
        std::signal(SIGABRT, SIG_DFL);
        action();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/// What the kernel notes of the pages at this address, by its two letters each (proc(5), VmFlags).
std::set<std::string> flags_of(const void* where) {
    const auto address = reinterpret_cast<std::uintptr_t>(where);
    std::ifstream smaps("/proc/self/smaps");
    bool here = false;
    for (std::string line; std::getline(smaps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t to = 0;
        char dash = 0;
        if (std::istringstream words(line); words >> std::hex >> from >> dash >> to && dash == '-')
            here = from <= address && address < to;
        if (!here || !line.starts_with("VmFlags:")) continue;
        std::istringstream flags(line.substr(8));
        return {std::istream_iterator<std::string>(flags), {}};
    }
    return {};
}

[[maybe_unused]] bool may_lock_a_page() {
    const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* const page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const bool locked = mlock(page, size) == 0;
    munmap(page, size);
    return locked;
}

}  // namespace

TEST_CASE("a secret can't be copied, compared or taken for one of another purpose") {
    static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_assignable_v<Key>);
    static_assert(!std::equality_comparable<Key>);
    static_assert(!std::is_convertible_v<Key, OtherKey> && !std::is_constructible_v<OtherKey, Key&&>);
    static_assert(!std::is_copy_constructible_v<SecretText> && !std::equality_comparable<SecretText>);
    static_assert(!std::is_copy_constructible_v<SigningKey> && !std::is_copy_constructible_v<Identity>);
    static_assert(!std::is_copy_constructible_v<BatchWriter>);
}

TEST_CASE("a secret that has moved away holds nothing, and reading it ends the process") {
    Key key = must(Key::random());
    const Bytes before(key.expose().begin(), key.expose().end());
    const Key moved = std::move(key);
    CHECK(std::ranges::equal(moved.expose(), before));
    CHECK_FALSE(key.held());
    CHECK(signal_of([&] { (void)key.expose(); }) == SIGABRT);
}

TEST_CASE("a secret that is let go is not readable any more") {
    const std::uint8_t* where = nullptr;
    {
        const Key key = must(Key::random());
        where = key.expose().data();
        CHECK(signal_of([&] { (void)*static_cast<const volatile std::uint8_t*>(where); }) == 0);
    }
    CHECK(signal_of([&] { (void)*static_cast<const volatile std::uint8_t*>(where); }) != 0);
}

TEST_CASE("pages that held a secret hold zeros when the next one gets them") {
    std::set<const std::uint8_t*> before;
    for (int round = 0; round < 20; ++round) {
        const Key fresh = must(Key::zeroed());
        CHECK(std::ranges::all_of(fresh.expose(), [](auto byte) { return byte == 0; }));
        Key filled = must(Key::random());
        before.insert(filled.expose().data());
    }
    CHECK(before.size() < 20);  // else nothing was shown
}

TEST_CASE("while spare pages are left open, a secret leaves zeros in them, and in the end they are shut") {
    const std::uint8_t* where = nullptr;
    const auto readable = [&where] {
        return signal_of([&] { (void)*static_cast<const volatile std::uint8_t*>(where); }) == 0;
    };
    {
        const OpenSpares outer;
        {
            const OpenSpares inner;
            {
                const Key key = must(Key::random());
                where = key.expose().data();
            }
            CHECK(readable());
        }
        REQUIRE(readable());
        CHECK(std::all_of(where, where + 32, [](auto byte) { return byte == 0; }));
    }
    CHECK_FALSE(readable());
}

TEST_CASE("the pages of a secret that one thread lets go are there for the next one of any thread") {
    const std::uint8_t* where = nullptr;
    std::thread([&where] { where = must(Key::random()).expose().data(); }).join();
    const Key next = must(Key::zeroed());
    CHECK(next.expose().data() == where);
    CHECK(std::ranges::all_of(next.expose(), [](auto byte) { return byte == 0; }));
}

TEST_CASE(
    "secrets that share pages leave zeros where they stood, and the last of them takes the pages away") {
    const std::uint8_t *one = nullptr, *other = nullptr;
    const auto readable = [&one] {
        return signal_of([&] { (void)*static_cast<const volatile std::uint8_t*>(one); }) == 0;
    };
    {
        std::optional<Key> stays;
        {
            GuardedPages pages;
            stays.emplace(must(Key::zeroed(pages)));
            const Bytes filled(32, 7);
            std::ranges::copy(filled, stays->storage().begin());
            Bytes source(32, 9);
            const Key goes = must(Key::take(std::span<std::uint8_t, 32>(source), pages));
            CHECK(source == Bytes(32));
            one = stays->expose().data();
            other = goes.expose().data();
            CHECK(other == one + 32);
            CHECK(std::all_of(other, other + 32, [](auto byte) { return byte == 9; }));
        }
        REQUIRE(readable());
        CHECK(std::all_of(other, other + 32, [](auto byte) { return byte == 0; }));
        CHECK(std::ranges::all_of(stays->expose(), [](auto byte) { return byte == 7; }));
    }
    CHECK_FALSE(readable());
}

TEST_CASE("the pages of a secret are left out of core dumps, and locked where the system allows it") {
    const Key key = must(Key::random());
    const auto flags = flags_of(key.expose().data());
    CHECK(flags.contains("dd"));
#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // theirs lock nothing, and say that they do
    CHECK(flags.contains("lo") == may_lock_a_page());
#endif
    const std::vector<std::uint8_t> ordinary(32);
    CHECK_FALSE(flags_of(ordinary.data()).contains("dd"));
    const SecretText words = must(SecretText::copy_of("words"));
    CHECK(flags_of(words.expose().data()).contains("dd"));
}

TEST_CASE("one byte beyond a secret ends the process") {
    const Key key = must(Key::random());
    const std::uint8_t* end = key.expose().data() + 32;
    CHECK(signal_of([&] { (void)*static_cast<const volatile std::uint8_t*>(end); }) != 0);
}

TEST_CASE("taking a key over wipes its source") {
    std::array<std::uint8_t, 32> source;
    source.fill(7);
    const Key key = must(Key::take(source));
    CHECK(std::ranges::all_of(key.expose(), [](auto byte) { return byte == 7; }));
    CHECK(source == std::array<std::uint8_t, 32>{});
}

TEST_CASE("a wiped secret is all zeros") {
    Key key = must(Key::random());
    key.wipe();
    CHECK(std::ranges::all_of(key.expose(), [](auto byte) { return byte == 0; }));
}

TEST_CASE("a passphrase of up to 1024 bytes is taken over and its source wiped, whether or not it fits") {
    std::string fits(1024, 'p');
    CHECK(must(SecretText::take(fits)).expose() == std::string(1024, 'p'));
    CHECK(fits == std::string(1024, '\0'));
    std::string too_long(1025, 'p');
    CHECK(error_of(SecretText::take(too_long)) == Error::too_large);
    CHECK(too_long == std::string(1025, '\0'));
    CHECK(must(SecretText::copy_of("")).expose().empty());
}

TEST_CASE("random ids differ") {
    CHECK(must(random_id()) != must(random_id()));
}
