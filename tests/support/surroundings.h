#pragma once

// Programs that somebody else has started, with an environment and a home folder of theirs.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/support/sync.h"

namespace fieldfare::test {

/// What the whole environment of a program that somebody else has set up may hold.
struct Surroundings {
    TemporaryFolder home;
    std::vector<std::string> variables{"PATH=/usr/bin:/bin", "HOME=" + home.path().string()};

    void set(const std::string& variable, const std::string& value) {
        variables.push_back(variable + "=" + value);
    }

    /// Puts a file into the store in a new process with these surroundings: "stored", or the fault and its
    /// detail.
    std::string put_there(const sync::Store& store) {
        sync::SyncConfig config;
        config.studies.push_back(study_with({store}));
        REQUIRE(config.write(home / "sync.json"));
        std::vector<std::string> words{"/proc/self/exe", "--test-case=(in another process)*", "--no-skip",
                                       "--no-intro"};
        std::vector<char*> argv, envp;
        for (std::string& word : words) argv.push_back(word.data());
        for (std::string& variable : variables) envp.push_back(variable.data());
        argv.push_back(nullptr);
        envp.push_back(nullptr);
        posix_spawn_file_actions_t quiet;
        ::posix_spawn_file_actions_init(&quiet);
        ::posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
        pid_t child = 0;
        REQUIRE(::posix_spawn(&child, argv[0], &quiet, nullptr, argv.data(), envp.data()) == 0);
        ::posix_spawn_file_actions_destroy(&quiet);
        ::waitpid(child, nullptr, 0);
        return content_of(home / "outcome");
    }
};

}  // namespace fieldfare::test
