#include "client/confinement/environment.h"

#include <array>
#include <cstdlib>
#include <string>

#include "tests/support/confinement.h"

using namespace fieldfare;
using namespace fieldfare::test;
using confinement::KeptVariable;

namespace {

/// Whether a variable with this value, of which one of this kind is expected, is left.
bool left(KeptVariable::Value kind, const char* value) {
    return alone([&] {
               ::setenv("VARIABLE", value, 1);
               const std::array<KeptVariable, 1> kept{{{"VARIABLE", kind}}};
               confinement::keep_variables(kept);
               const char* found = std::getenv("VARIABLE");
               return found != nullptr && found == std::string(value) ? 1 : 0;
           }) == 1;
}

}  // namespace

TEST_CASE("of the environment only what is named is left, with its value") {
    CHECK(alone([] {
              ::setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
              ::setenv("https_proxy", "http://elsewhere", 1);
              ::setenv("HOME", "/home/of=somebody", 1);
              ::setenv("LC_TIME", "ru_RU.UTF-8", 1);
              ::setenv("LCX", "no", 1);
              ::setenv("HOMELAND", "no", 1);
              constexpr std::array<KeptVariable, 3> kept{
                  {{"HOME", KeptVariable::Value::any}, {"LC_*"}, {"DISPLAY_THAT_IS_NOT_SET"}}};
              confinement::keep_variables(kept);
              if (std::getenv("SSLKEYLOGFILE") != nullptr || std::getenv("https_proxy") != nullptr) return 1;
              if (std::getenv("LCX") != nullptr || std::getenv("HOMELAND") != nullptr) return 2;
              if (std::getenv("PATH") != nullptr) return 3;
              if (std::getenv("DISPLAY_THAT_IS_NOT_SET") != nullptr) return 4;
              if (std::getenv("HOME") != std::string("/home/of=somebody")) return 5;
              if (std::getenv("LC_TIME") != std::string("ru_RU.UTF-8")) return 6;
              return 0;
          }) == 0);
}

TEST_CASE("a kept variable is gone where its value leads to a file of another's choosing") {
    using enum KeptVariable::Value;
    CHECK(left(word, "iris"));
    CHECK(left(word, "ru_RU.UTF-8"));
    CHECK(left(word, ""));
    CHECK_FALSE(left(word, "/tmp/iris"));
    CHECK_FALSE(left(word, "../../tmp/iris"));  // as a driver's name, Mesa loads code by it

    CHECK(left(zone, "Europe/Tbilisi"));
    CHECK(left(zone, ":Europe/Tbilisi"));
    CHECK(left(zone, ":/etc/localtime"));
    CHECK(left(zone, "/usr/share/zoneinfo/Asia/Almaty"));
    CHECK(left(zone, "<+04>-4"));
    CHECK(left(zone, "CET-1CEST,M3.5.0,M10.5.0/3"));
    CHECK_FALSE(left(zone, "/tmp/zone"));
    CHECK_FALSE(left(zone, ":/tmp/zone"));
    CHECK_FALSE(left(zone, "../../../tmp/zone"));
    CHECK_FALSE(left(zone, "/usr/share/zoneinfo/../../../tmp/zone"));

    CHECK(left(any, "/home/anna"));
}
