// The courier talks to networks. What was typed, and the keys of the vault, are looked for in its memory
// while the window has both in its own.
#include "tests/support/canary.h"
#include "tests/support/process_memory.h"
#include "tests/support/processes.h"
#include "tests/support/skip.h"
#include "tests/support/vault_pages.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

std::string text_of(crypto::ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE(
    "nothing that was typed, and no key of the vault, is in the courier's memory while it is unlocked") {
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});
    walker.texts = canary_texts;
    walker.first_run(canary_passphrase);
    const auto children = children_of(program);
    REQUIRE(children.size() == 1);
    const pid_t courier = children.front();

    const auto profile = researcher.folder() / "profile";
    const auto master_key = test::master_key_of(profile, canary_passphrase);
    const auto database_key = test::database_key_of(master_key);
    const auto raw = text_of(database_key.expose().first<store::database_key_bytes>());
    const std::vector<std::string> keys{text_of(master_key.expose()), raw,
                                        crypto::to_hex(crypto::bytes_of(raw)),
                                        test::device_seed_of(profile, canary_passphrase)};
    const auto courier_has_nothing = [&] {
        finds_none(courier, all_canaries());
        for (const auto& key : keys) CHECK(times_in_memory(courier, key) == 0);
    };
    walker.press("home.start");
    walker.wait_for("interview.to_review");
    walker.fill_interview();
    window.settle();
    finds_each(program, {said, name});
    CHECK(times_in_memory(program, raw) > 0);
    CHECK(times_in_memory(program, keys.back()) > 0);
    courier_has_nothing();

    walker.finalise();
    walker.hand_over();
    courier_has_nothing();
    CHECK(children_of(program) == children);  // the same that has just carried
}
