#include <doctest/doctest.h>

#include <thread>

#include "client/collector/environment.h"
#include "client/collector/loop.h"
#include "sync/open_store.h"
#include "tests/support/collector.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

/// The program with its threads, until the screen for the passphrase is there.
void with_locked_screen(Program& on, const std::function<void(collector::Loop&)>& work) {
    collector::Loop loop(
        {.backend = {on.profile.path(), crypto::cost_floor, [&on] { return on.now; }, &*on.courier},
         .wake = [] {},
         .quit = [] {},
         .world = &collector::read_environment,
         .asked = {}});
    while (!std::holds_alternative<app::Locked>(loop.state().stage)) {
        loop.apply_worker();
        std::this_thread::yield();
    }
    work(loop);
}

schema::Submission submission(int number) {
    schema::Submission submission;
    submission.id = "00000000-0000-4000-8000-00000000000" + std::to_string(number);
    return submission;
}

}  // namespace

TEST_CASE("the window may be closed at any moment of a sync, and every file is handed over once") {
    Program program;
    Study study;
    const auto store = program.folder.path();
    std::filesystem::create_directory(store);
    study.contents.stores = {{sync::folder_address(store), {}}};
    program.begins_with(study);
    const auto form = program.last<app::ProfileCreated>()->opened.form;
    for (int i = 0; i < 5; ++i) {
        const auto draft = "draft-" + std::to_string(i);
        program.does(app::CreateDraft{draft, "2026-11-23", {}, 0, 1});
        program.does(app::SealInterview{draft, submission(i), form});
        program.does(app::LockVault{});  // a batch each
        program.does(app::Unlock{app::Passphrase(Device::right_passphrase)});
    }
    program.does(app::LockVault{});

    for (int round = 0; round < 20; ++round) {
        with_locked_screen(program, [&](collector::Loop& loop) {
            loop.act(app::BeginSync{});
            if (round % 4 == 1) loop.act(app::CancelSync{});
            if (round % 4 == 2) loop.act(app::TryPassphrase{app::Passphrase(Device::right_passphrase)});
            for (int turns = round; turns > 0; --turns) loop.apply_worker();
            loop.act(app::CloseWindow{});
        });
    }
    // On a slow machine each of those was closed before its first file was there.
    with_locked_screen(program, [&](collector::Loop& loop) {
        loop.act(app::BeginSync{});
        while (loop.state().sync.running) {
            loop.apply_worker();
            std::this_thread::yield();
        }
    });
    int files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store)) {
        files += entry.path().extension() == ".batch" ? 1 : 0;
    }
    CHECK(files == 5);
}
