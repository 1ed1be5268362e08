#include "client/confinement/environment.h"

#include <array>
#include <cstdlib>
#include <string>

#include "tests/support/confinement.h"

using namespace fieldfare;
using namespace fieldfare::test;

TEST_CASE("of the environment only what is named is left, with its value") {
    CHECK(alone([] {
              ::setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
              ::setenv("https_proxy", "http://elsewhere", 1);
              ::setenv("HOME", "/home/of=somebody", 1);
              ::setenv("LC_TIME", "ru_RU.UTF-8", 1);
              ::setenv("LCX", "no", 1);
              ::setenv("HOMELAND", "no", 1);
              constexpr std::array<std::string_view, 3> names{"HOME", "LC_*", "DISPLAY_THAT_IS_NOT_SET"};
              confinement::keep_variables(names);
              if (std::getenv("SSLKEYLOGFILE") != nullptr || std::getenv("https_proxy") != nullptr) return 1;
              if (std::getenv("LCX") != nullptr || std::getenv("HOMELAND") != nullptr) return 2;
              if (std::getenv("PATH") != nullptr) return 3;
              if (std::getenv("DISPLAY_THAT_IS_NOT_SET") != nullptr) return 4;
              if (std::getenv("HOME") != std::string("/home/of=somebody")) return 5;
              if (std::getenv("LC_TIME") != std::string("ru_RU.UTF-8")) return 6;
              return 0;
          }) == 0);
}
