#pragma once

// The vocabulary of the tests of client/collector: the real backend on a profile of its own, without a window
// and without threads of its own. What it answers is kept until a test looks.

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "client/collector/backend.h"
#include "tests/support/store.h"
#include "tests/support/study.h"

namespace fieldfare::test {

class Program {
  public:
    Program() : courier(courier::Courier::start({.profile = profile.path(), .proxy = {}})) {
        REQUIRE(courier);
        restart();
    }

    /// A new process on the same profile; what the one before had in memory is gone.
    void restart() {
        backend.reset();
        backend.emplace(
            collector::BackendOptions{profile.path(), crypto::cost_floor, [this] { return now; }, &*courier},
            [this](app::Action action) { answers.push_back(std::move(action)); },
            [this](std::function<void()> job) { jobs.push_back(std::move(job)); });
    }

    void does(app::Effect effect) {
        backend->run(std::move(effect));
        for (; !jobs.empty(); jobs.pop_front()) jobs.front()();
    }

    /// Puts a study file where the person chooses it.
    std::string file_of(const Study& study, const std::string& name = "study.ffstudy") {
        const auto bytes = study.build();
        const auto path = folder.path().parent_path() / name;
        write_file(path, std::string(bytes.begin(), bytes.end()));
        return path.string();
    }

    void creates_profile(const std::string& file) {
        does(app::CreateProfile{file, app::Passphrase(Device::right_passphrase),
                                app::Passphrase(Device::right_passphrase)});
    }
    void begins_with(const Study& study) {
        const auto file = file_of(study);
        does(app::ReadPackage{file});
        creates_profile(file);
        REQUIRE(last<app::ProfileCreated>() != nullptr);
    }

    /// Begins and seals an interview with this form.
    void interviews(int number, const std::shared_ptr<const schema::CompiledForm>& form) {
        const auto draft = "draft-" + std::to_string(number);
        does(app::CreateDraft{draft, "2026-11-23", {}, 0, 1, form});
        seals(number, form);
    }
    void seals(int number, const std::shared_ptr<const schema::CompiledForm>& form) {
        schema::Submission submission;
        submission.id = "00000000-0000-4000-8000-00000000000" + std::to_string(number);
        does(app::SealInterview{"draft-" + std::to_string(number), submission, form});
        REQUIRE(last<app::Finalised>() != nullptr);
    }

    /// Every sealed file of the device that this person alone can open, by its sequence.
    std::vector<crypto::OpenedBatch> opened_by(const crypto::Identity& who) const {
        std::vector<crypto::OpenedBatch> opened;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(store::outbox_folder(profile.path()))) {
            if (!entry.is_regular_file()) continue;
            const auto file = bytes_of_file(entry.path());
            auto batch = crypto::read_batch(crypto::bytes_of(file), {&who, 1});
            if (batch) opened.push_back(std::move(*batch));
        }
        std::ranges::sort(opened, {}, [](const auto& batch) { return batch.open.batch_sequence; });
        return opened;
    }

    /// The newest answer when it is of this kind.
    template <typename Action>
    const Action* last() const {
        return answers.empty() ? nullptr : std::get_if<Action>(&answers.back());
    }

    TemporaryProfile profile;
    TemporaryProfile folder;  ///< for files beside the profile
    std::chrono::sys_seconds now{november(23)};
    std::vector<app::Action> answers;
    std::deque<std::function<void()>> jobs;
    std::optional<courier::Courier> courier;
    std::optional<collector::Backend> backend;
};

}  // namespace fieldfare::test
