#pragma once

// The vocabulary of the tests of studies: a root, researchers, a small form, and packages and rosters of
// them.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "client/study/enrolment.h"
#include "client/study/roster.h"
#include "client/study/study_package.h"
#include "client/study/wordings.h"
#include "crypto/identity.h"

namespace fieldfare::test {

inline std::chrono::sys_days november(int day) {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / 1) + std::chrono::days(day - 1);
}

inline crypto::Identity identity(crypto::IdentityKind kind) {
    auto made = crypto::Identity::generate(kind, "");
    REQUIRE(made);
    return std::move(*made);
}

inline crypto::VerifyKey device_key() {
    auto key = crypto::SigningKey::generate();
    REQUIRE(key);
    return key->verify_key();
}

inline schema::Form small_form() {
    schema::Form form;
    form.settings.form_title = "Small";
    form.settings.form_id = "small";
    form.settings.version = "1";
    form.settings.default_language = "English (en)";
    form.languages = {{"English (en)", "en"}, {"Russian (ru)", "ru"}};
    schema::Item age;
    age.type = schema::QuestionType::integer;
    age.name = "age";
    age.row = 2;
    age.label = {"Your age?", "Ваш возраст?"};
    form.items = {age};
    return form;
}

/// A study with two researchers, ready to be signed.
struct Study {
    crypto::Identity root = identity(crypto::IdentityKind::root);
    crypto::Identity first = identity(crypto::IdentityKind::researcher);
    crypto::Identity second = identity(crypto::IdentityKind::researcher);
    study::PackageContents contents;

    Study() {
        contents.policy.study_id.fill(0x51);
        contents.policy.study_tag = "k7m2q9x4b8n3";
        contents.policy.title = "Быт и нравы";
        contents.policy.created = november(1);
        contents.policy.receipt_quorum = study::default_quorum(2);
        for (const crypto::Identity* who : {&first, &second}) {
            contents.recipients.push_back({who->recipient().box_key, "researcher"});
            contents.receipt_keys.push_back({who->recipient().signing_key, "researcher"});
        }
        contents.stores = {{"folder:/media/stick", {}}};
        contents.form = small_form();
    }

    const crypto::VerifyKey& root_key() const { return root.recipient().signing_key; }

    crypto::Bytes build() const {
        auto built = study::build_package(contents, root);
        REQUIRE(built);
        return *built;
    }
    study::StudyPackage package() const {
        auto opened = study::StudyPackage::open(build());
        REQUIRE(opened);
        return *opened;
    }
    study::PackageError refused() const {
        const auto built = study::build_package(contents, root);
        REQUIRE_FALSE(built);
        return built.error();
    }
    /// Makes what follows the package as it is now.
    void next_version() {
        const auto now = package();
        contents.policy.predecessors.push_back({now.digest(), now.policy_digest()});
        ++contents.policy.package_version;
    }
};

}  // namespace fieldfare::test
