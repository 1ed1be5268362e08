#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <type_traits>

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
