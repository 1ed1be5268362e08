#include "tests/support/told_backend.h"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "crypto/identity.h"
#include "crypto/recovery.h"
#include "tests/support/whole_file.h"

namespace fieldfare::tests {

namespace {

std::string columns_of(const app::Opened& opened) {
    return "\t" + std::to_string(opened.drafts.size()) + "\t" + std::to_string(opened.counts.sealed) + "\t" +
           std::to_string(opened.study.package_version);
}

/// What the supervisor gives back for this request.
crypto::Bytes answer_of(const std::filesystem::path& supervisor, const std::string& passphrase,
                        const std::filesystem::path& request) {
    const std::string key = test::whole_file(supervisor), asked = test::whole_file(request);
    const auto words = crypto::SecretText::copy_of(passphrase);
    if (!words) throw std::runtime_error("no memory for a passphrase");
    const auto identity = crypto::Identity::from_file_bytes(crypto::bytes_of(key), *words);
    if (!identity) throw std::runtime_error("not the supervisor's passphrase");
    const auto opened = crypto::OpenedRequest::open(crypto::bytes_of(asked), {&*identity, 1});
    if (!opened) throw std::runtime_error("not a request to this supervisor");
    return opened->answer().value();
}

}  // namespace

ToldBackend::ToldBackend(const std::filesystem::path& profile, Tell tell)
    : tell_(std::move(tell)),
      backend_(
          {profile, crypto::cost_floor,
           [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); },
           nullptr},
          [this](const app::Action& action) { came_back(action); },
          [this](std::function<void()> job) { jobs_.push_back(std::move(job)); }) {}

void ToldBackend::does(app::Effect effect) {
    backend_.run(std::move(effect));
    for (; !jobs_.empty(); jobs_.pop_front()) jobs_.front()();
}

void ToldBackend::came_back(const app::Action& action) {
    if (std::holds_alternative<app::ProfileFound>(action)) {
        tell_("locked");
    } else if (std::holds_alternative<app::ProfileMissing>(action)) {
        tell_("missing");
    } else if (std::holds_alternative<app::ProfileCreated>(action)) {
        tell_("made");
    } else if (const auto* unlocked = std::get_if<app::Unlocked>(&action)) {
        tell_("opened" + columns_of(unlocked->opened));
    } else if (std::holds_alternative<app::UnlockedEmpty>(action)) {
        tell_("empty");
    } else if (const auto* rescued = std::get_if<app::Rescued>(&action)) {
        tell_("rescued" + columns_of(rescued->opened) + (rescued->complete ? "\twhole" : "\tpart"));
    } else if (std::holds_alternative<app::StudyUpdated>(action)) {
        tell_("updated");
    } else if (std::holds_alternative<app::PassphraseChanged>(action)) {
        tell_("changed");
    } else if (std::holds_alternative<app::DestroyPassphraseSet>(action)) {
        tell_("set");
    } else if (const auto* request = std::get_if<app::RequestWritten>(&action)) {
        request_ = request->file;
    } else if (std::holds_alternative<app::AnswerFits>(action)) {
        answer_fits_ = true;
    } else if (const auto* passphrase = std::get_if<app::PassphraseRefused>(&action)) {
        tell_((passphrase->counts ? "counts\t" : "failed\t") + passphrase->why.key);
    } else if (const auto* unlock = std::get_if<app::UnlockFailed>(&action)) {
        // A recovery of which only the last part could not be done says so here.
        tell_((unlock->why.key == "changing.cut_short" ? "counts\t" : "failed\t") + unlock->why.key);
    } else if (const auto* profile = std::get_if<app::ProfileRefused>(&action)) {
        tell_("failed\t" + profile->why.key);
    } else if (const auto* package = std::get_if<app::PackageRefused>(&action)) {
        tell_("failed\t" + package->why.key);
    } else if (const auto* update = std::get_if<app::UpdateRefused>(&action)) {
        tell_("failed\t" + update->why.key);
    } else if (const auto* destroying = std::get_if<app::DestroyPassphraseRefused>(&action)) {
        tell_("failed\t" + destroying->why.key);
    } else if (const auto* recovery = std::get_if<app::RecoveryRefused>(&action)) {
        tell_("failed\t" + recovery->why.key);
    } else if (const auto* rescue = std::get_if<app::RescueRefused>(&action)) {
        tell_("failed\t" + rescue->why.key);
    } else if (const auto* failed = std::get_if<app::Failed>(&action)) {
        tell_("failed\t" + failed->why.key);
    } else if (const auto* end = std::get_if<app::FailedForGood>(&action)) {
        tell_("failed\t" + end->why.key);
    }
}

void ToldBackend::starts() {
    backend_.look();
}

void ToldBackend::makes(const std::filesystem::path& study, const std::string& passphrase) {
    does(app::ReadPackage{study.string()});
    does(app::CreateProfile{study.string(), app::Passphrase(passphrase), app::Passphrase(passphrase)});
}

void ToldBackend::takes(const std::filesystem::path& study) {
    does(app::ReadPackage{study.string()});
    does(app::TakeFirstStudy{study.string()});
}

void ToldBackend::unlocks(const std::string& passphrase) {
    does(app::Unlock{app::Passphrase(passphrase)});
}

void ToldBackend::updates(const std::filesystem::path& study) {
    does(app::ReadUpdate{study.string()});
    does(app::TakeUpdate{study.string()});
}

void ToldBackend::changes(const std::string& passphrase, const std::string& to) {
    does(app::ChangePassphrase{
        .current = app::Passphrase(passphrase), .chosen = app::Passphrase(to), .token_path = {}});
}

void ToldBackend::recovers(const std::filesystem::path& supervisor, const std::string& supervisors_passphrase,
                           const std::string& new_passphrase) {
    request_.clear();
    answer_fits_ = false;
    does(app::WriteRequest{});
    if (request_.empty()) return;
    const auto answer = answer_of(supervisor, supervisors_passphrase, request_);
    const auto file = supervisor.parent_path() / "laptop.ffanswer";
    std::ofstream(file, std::ios::binary) << std::string(answer.begin(), answer.end());
    does(app::ReadAnswer{file.string()});
    std::filesystem::remove(file);
    if (answer_fits_) does(app::Recover{app::Passphrase(new_passphrase)});
}

void ToldBackend::sets_destroying(const std::string& passphrase, const std::string& destroying) {
    does(app::SetDestroyPassphrase{app::Passphrase(passphrase), app::Passphrase(destroying)});
}

void ToldBackend::rescues(const std::string& passphrase) {
    does(app::RescueVault{app::Passphrase(passphrase), {}});
}

void ToldBackend::locks() {
    does(app::LockVault{});
}

}  // namespace fieldfare::tests
