#include <doctest/doctest.h>

#include "crypto/withdrawal.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

constexpr const char* code = "0CA2-ADJ7-B1MQ-N2WW-RSG3";

struct TakingBackDevice : Program {
    TakingBackDevice() {
        study.contents.form.settings.extra["x_withdrawal"] = "yes";
        begins_with(study);
    }
    std::string refused(const std::string& typed) {
        does(app::SealWithdrawal{typed});
        REQUIRE(last<app::TakeBackRefused>() != nullptr);
        CHECK(opened_by(study.first).empty());
        return last<app::TakeBackRefused>()->why.key;
    }
    Study study;
};

}  // namespace

TEST_CASE("a code however it is typed is what the researchers get, and no interview is counted") {
    TakingBackDevice device;
    device.does(app::SealWithdrawal{" oca2 adj7 b1mq n2ww rsg3"});
    REQUIRE(device.last<app::TakenBack>() != nullptr);
    CHECK(device.last<app::TakenBack>()->counts == app::Counts{});
    const auto batches = device.opened_by(device.study.first);
    REQUIRE(batches.size() == 1);
    REQUIRE(batches[0].records.size() == 1);
    CHECK(batches[0].records[0].type == crypto::RecordType::withdraw);
    CHECK(crypto::withdrawal_code_in(batches[0].records[0].payload) == crypto::parse_withdrawal_code(code));
}

TEST_CASE("a mistyped code is refused, and seals nothing") {
    TakingBackDevice device;
    CHECK(device.refused("0CA2-ADJ7-B1MQ-N2WW-RSG4") == "take_back.mistyped");
    CHECK(device.refused("0CA2-ADJ7") == "take_back.wrong_shape");
    CHECK(device.refused("") == "take_back.wrong_shape");
}

TEST_CASE("a typed code stands in no file of the profile") {
    TakingBackDevice device;
    device.does(app::SealWithdrawal{code});
    device.does(app::LockVault{});
    const auto bytes = crypto::parse_withdrawal_code(code)->bytes;
    for (const std::string& form :
         {std::string(code), std::string("0CA2ADJ7B1MQN2WWRSG3"), std::string(bytes.begin(), bytes.end()),
          utf16(code), crypto::to_hex(bytes)})
        CHECK(files_with(device.profile.path(), form).empty());
}
