#include "client/study/study_package.h"

#include <sys/mman.h>

#include <algorithm>
#include <memory>

#include "client/study/package_parts.h"
#include "client/study/parts.h"
#include "client/study/rules.h"
#include "crypto/dictionary.h"
#include "tests/support/study.h"

using namespace fieldfare;
using namespace fieldfare::test;
using study::PackageError;
using study::StudyPackage;

namespace {

PackageError refused(const crypto::Bytes& bytes) {
    const auto opened = StudyPackage::open(bytes);
    REQUIRE_FALSE(opened);
    return opened.error();
}

StudyPackage opened(const Study& study, const study::PackageContents& contents) {
    const auto built = study::build_package(contents, study.root);
    REQUIRE(built);
    return StudyPackage::open(*built).value();
}

// What a maker with another program, or a hostile root, could sign: the parts as given.
crypto::Bytes signed_parts(const Study& study, const std::vector<crypto::Bytes>& parts,
                           std::string_view after = "", std::uint64_t version = study::package_format) {
    study::PartWriter head, body, file;
    head.raw(study::package_magic);
    head.number(version, 4);
    head.raw(study.root_key().bytes);
    for (const auto& part : parts) body.part(part);
    body.raw(crypto::bytes_of(after));
    file.raw(head.bytes());
    file.raw(study.root.signing_key().sign("FFS1 package sig", {head.bytes(), body.bytes()}));
    file.raw(body.bytes());
    return file.bytes();
}

std::vector<crypto::Bytes> parts_of(const Study& study) {
    const auto bytes = study.build();
    study::PartReader in(crypto::ByteView(bytes).subspan(study::package_body_at));
    std::vector<crypto::Bytes> parts;
    while (!in.at_end()) {
        const auto part = in.part();
        parts.emplace_back(part.begin(), part.end());
    }
    return parts;
}

}  // namespace

TEST_CASE("a study package reads back as it was built") {
    Study study;
    const auto package = study.package();
    CHECK(package.policy() == study.contents.policy);
    CHECK(package.stores() == study.contents.stores);
    CHECK(package.form() == study.contents.form);
    CHECK(package.languages() == std::vector<std::string>{"English (en)", "Russian (ru)"});
    CHECK(package.recipients().size() == 2);
    CHECK(package.recipients()[0].key < package.recipients()[1].key);
    CHECK(package.receipt_keys().size() == 2);
    CHECK(package.fingerprint() == crypto::fingerprint_of(study.root.recipient()));
}

TEST_CASE("the same study gives the same package, whatever the order of its people") {
    Study study;
    const auto before = study.build();
    std::swap(study.contents.recipients[0], study.contents.recipients[1]);
    std::swap(study.contents.receipt_keys[0], study.contents.receipt_keys[1]);
    CHECK(study.build() == before);
}

TEST_CASE("a package with any bit changed is refused before anything in it is read") {
    Study study;
    const auto good = study.build();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        const auto error = refused(bad);
        const auto expected = bit / 8 < 8    ? PackageError::not_a_package
                              : bit / 8 < 12 ? PackageError::unknown_version
                                             : PackageError::bad_signature;
        REQUIRE(error == expected);
    }
}

TEST_CASE("a file that is too large for a package is not looked at") {
    const std::size_t size = study::max_package + 1;
    void* const nothing = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(nothing != MAP_FAILED);
    const crypto::ByteView zeros(static_cast<const std::uint8_t*>(nothing), size);
    CHECK(StudyPackage::open(zeros).error() == PackageError::too_large);
    CHECK(StudyPackage::open(zeros.first(size - 1)).error() == PackageError::not_a_package);
    munmap(nothing, size);
}

TEST_CASE("a package that is cut or longer than signed is refused") {
    Study study;
    auto bytes = study.build();
    CHECK(refused({}) == PackageError::not_a_package);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        const auto expected =
            size < study::package_body_at ? PackageError::truncated : PackageError::bad_signature;
        REQUIRE(refused({bytes.begin(), bytes.begin() + static_cast<int>(size)}) == expected);
    }
    bytes.push_back(0);
    CHECK(refused(bytes) == PackageError::bad_signature);
}

TEST_CASE("a package of another root is refused where a root is expected") {
    Study study, other;
    CHECK(StudyPackage::open(study.build(), study.root_key()));
    CHECK(StudyPackage::open(study.build(), other.root_key()).error() == PackageError::other_root);
}

TEST_CASE("parts that are signed but not canonical are refused, each with its reason") {
    Study study;
    auto parts = parts_of(study);
    REQUIRE(parts.size() == 9);
    CHECK(StudyPackage::open(signed_parts(study, parts)));
    SUBCASE("bytes after the last part") {
        CHECK(refused(signed_parts(study, parts, "x")) == PackageError::trailing_bytes);
    }
    SUBCASE("a part missing") {
        parts.pop_back();
        CHECK(refused(signed_parts(study, parts)) == PackageError::malformed_package);
    }
    SUBCASE("another version of the format") {
        for (const std::uint64_t version : {0U, 2U, 257U})
            CHECK(refused(signed_parts(study, parts, "", version)) == PackageError::unknown_version);
    }
    SUBCASE("a byte too many in a part") {
        const std::vector<PackageError> expected{
            PackageError::malformed_package,    PackageError::malformed_policy,
            PackageError::malformed_recipients, PackageError::malformed_receipt_keys,
            PackageError::malformed_stores,     PackageError::malformed_languages,
            PackageError::malformed_form,       PackageError::malformed_dictionary,
            PackageError::unsupported_media};
        for (std::size_t i = 0; i < parts.size(); ++i) {
            auto longer = parts;
            longer[i].push_back(' ');
            CHECK(refused(signed_parts(study, longer)) == expected[i]);
        }
    }
    SUBCASE("every part cut short") {
        for (std::size_t i = 0; i < 7; ++i) {
            auto shorter = parts;
            shorter[i].pop_back();
            CHECK_FALSE(StudyPackage::open(signed_parts(study, shorter)));
        }
    }
    SUBCASE("rules not in order, or one twice") {
        for (const char* second : {"only-tor", "outbox-goes"}) {
            study::PartWriter rules;
            rules.number(2, 1);
            for (const char* text : {"outbox-goes", "a", second, "b"}) rules.text(text);
            parts[1].pop_back();  // no rules
            parts[1].insert(parts[1].end(), rules.bytes().begin(), rules.bytes().end());
            CHECK(refused(signed_parts(study, parts)) == PackageError::malformed_policy);
            parts = parts_of(study);
        }
    }
    SUBCASE("settings of a store not in order, or one twice") {
        for (const char* second : {"user", "zone"}) {
            study::PartWriter stores;
            stores.number(1, 1);
            stores.text("folder:/media/stick");
            stores.number(2, 1);
            for (const char* text : {"zone", "a", second, "b"}) stores.text(text);
            parts[4] = stores.bytes();
            CHECK(refused(signed_parts(study, parts)) == PackageError::malformed_stores);
        }
    }
    SUBCASE("recipients not in order") {
        auto& part = parts[2];
        std::rotate(part.begin() + 1, part.begin() + 1 + static_cast<int>(part.size() / 2), part.end());
        CHECK(refused(signed_parts(study, parts)) == PackageError::malformed_recipients);
    }
}

TEST_CASE("a package carries the dictionary that its form's records are packed with, and no unusable one") {
    Study study;
    CHECK(study.package().dictionary().empty());
    const auto digest = study.package().digest();
    study.contents.dictionary = crypto::Bytes(crypto::min_dictionary, 'x');
    CHECK(study.package().dictionary() == study.contents.dictionary);
    CHECK(study.package().digest() != digest);
    for (const std::size_t size : {std::size_t{1}, crypto::min_dictionary - 1, crypto::max_dictionary + 1}) {
        study.contents.dictionary = crypto::Bytes(size, 'x');
        CHECK(study::build_package(study.contents, study.root).error() == PackageError::malformed_dictionary);
    }
}

TEST_CASE(
    "a package carries the study's pre-shared keys, the newest first, and its rules are other ones with "
    "another") {
    Study study;
    const auto without = study.package().policy_digest();
    const auto with_key = [&] {
        auto& keys = study.contents.policy.pre_shared_keys;
        keys.insert(keys.begin(),
                    std::make_shared<const crypto::PreSharedKey>(crypto::PreSharedKey::random().value()));
        return study.package();
    };
    const auto first = with_key(), second = with_key();
    const auto& keys = second.policy().pre_shared_keys;
    REQUIRE(keys.size() == 2);
    for (std::size_t i = 0; i < 2; ++i)
        CHECK(std::ranges::equal(keys[i]->expose(), study.contents.policy.pre_shared_keys[i]->expose()));
    CHECK(first.policy_digest() != second.policy_digest());
    CHECK(first.policy_digest() != without);
}

TEST_CASE("a pre-shared key of another length, and one too many, are refused") {
    const Study study;
    for (const std::size_t size : {1U, 31U, 33U, 17U * 32U}) {
        auto parts = parts_of(study);
        parts[1].resize(parts[1].size() + size, 7);
        CHECK(refused(signed_parts(study, parts)) == PackageError::malformed_policy);
    }
}

TEST_CASE("a package with a rule that this program does not know is refused as a whole") {
    Study study;
    auto parts = parts_of(study);
    study::PartWriter rules;
    rules.number(1, 1);
    for (const char* text : {"only-tor", "yes"}) rules.text(text);
    REQUIRE(parts[1].back() == 0);  // no rules, and no pre-shared key behind them
    parts[1].pop_back();
    parts[1].insert(parts[1].end(), rules.bytes().begin(), rules.bytes().end());
    CHECK(refused(signed_parts(study, parts)) == PackageError::unknown_rule);
    CHECK(study::sentence(PackageError::unknown_rule).find("Update Fieldfare") != std::string::npos);

    study.contents.policy.rules["only-tor"] = "yes";
    CHECK(study.refused() == PackageError::unknown_rule);
}

TEST_CASE("a package may say that sealed files go where a passphrase destroys, in one way only") {
    Study study;
    CHECK(study::sealed_when_destroyed(study.package().policy()) == crypto::SealedFiles::stay);
    const auto without = study.package().policy_digest();
    study::set_sealed_when_destroyed(study.contents.policy, crypto::SealedFiles::go);
    CHECK(study::sealed_when_destroyed(study.package().policy()) == crypto::SealedFiles::go);
    CHECK(study.package().policy_digest() != without);
    for (const char* value : {"keep", "", "removed"}) {
        study.contents.policy.rules["outbox-when-destroyed"] = value;
        CHECK(study.refused() == PackageError::unknown_rule);
    }
    study::set_sealed_when_destroyed(study.contents.policy, crypto::SealedFiles::stay);
    CHECK(study.contents.policy.rules.empty());
}

TEST_CASE("a package may say that networks are reached by a proxy alone, in one way only") {
    Study study;
    CHECK(study::network_way(study.package().policy()) == study::NetworkWay::as_each_says);
    const auto without = study.package().policy_digest();
    study::set_network_way(study.contents.policy, study::NetworkWay::proxy_alone);
    CHECK(study::network_way(study.package().policy()) == study::NetworkWay::proxy_alone);
    CHECK(study.package().policy_digest() != without);
    for (const char* value : {"any", "", "tor"}) {
        study.contents.policy.rules["network"] = value;
        CHECK(study.refused() == PackageError::unknown_rule);
    }
    study::set_network_way(study.contents.policy, study::NetworkWay::as_each_says);
    CHECK(study.contents.policy.rules.empty());
}

TEST_CASE("where a proxy is demanded, no store of a network is without one, and what names one keeps it") {
    const std::string tor = "socks5h://127.0.0.1:9050", own = "socks5h://localhost:9150";
    study::Policy policy;
    const study::StoreEntry web{"https://example.org/drop", {{"user", "a"}}};
    CHECK(study::reached_under(policy, web) == web);
    study::set_network_way(policy, study::NetworkWay::proxy_alone);
    for (const char* address : {"https://example.org/drop", "s3+https://example.org/drop",
                                "sftp://example.org/drop", "HTTPS://example.org", "kind-to-come:x"})
        CHECK(study::reached_under(policy, {address, {{"user", "a"}}}) ==
              study::StoreEntry{address, {{"proxy", tor}, {"user", "a"}}});
    CHECK(study::reached_under(policy, {"sftp://example.org/drop", {{"proxy", own}}}) ==
          study::StoreEntry{"sftp://example.org/drop", {{"proxy", own}}});
    const study::StoreEntry folder{"folder:/media/stick", {}};
    CHECK(study::reached_under(policy, folder) == folder);
}

TEST_CASE("a package names a supervisor by a researcher's public line, written in one way only") {
    Study study;
    CHECK_FALSE(study::supervisor(study.package().policy()));
    const auto without = study.package().policy_digest();
    REQUIRE(study::set_supervisor(study.contents.policy, study.first.recipient()));
    CHECK(study::supervisor(study.package().policy()) == study.first.recipient());
    CHECK(study.package().policy_digest() != without);
    const std::string line = study.contents.policy.rules.at("recovery");
    for (const auto& value :
         {std::string(), "nobody" + line, line + " ", " " + line, line.substr(0, line.size() - 1),
          crypto::to_line(study.root.recipient()).value()}) {
        INFO(value);
        study.contents.policy.rules["recovery"] = value;
        CHECK(study.refused() == PackageError::unknown_rule);
    }
}

TEST_CASE("a study that nobody could open is not built") {
    Study study;
    study.contents.recipients.clear();
    CHECK(study.refused() == PackageError::no_recipients);
}

TEST_CASE("recipient keys that are weak, not canonical or not unique are refused") {
    Study study;
    SUBCASE("the same key twice") {
        study.contents.recipients[1].key = study.contents.recipients[0].key;
    }
    SUBCASE("a key of small order") {
        study.contents.recipients[1].key.bytes.fill(0);
    }
    SUBCASE("a number above the prime") {
        study.contents.recipients[1].key.bytes.fill(0xff);
    }
    SUBCASE("seventeen of them") {
        while (study.contents.recipients.size() < 17) {
            study.contents.recipients.push_back(
                {identity(crypto::IdentityKind::researcher).recipient().box_key, ""});
        }
    }
    CHECK(study.refused() == PackageError::malformed_recipients);
}

TEST_CASE("a study with impossible rules is not built") {
    Study study;
    auto& policy = study.contents.policy;
    SUBCASE("no title") {
        policy.title = "";
    }
    SUBCASE("a line end in the title") {
        policy.title = "a\nb";
    }
    SUBCASE("a title that turns the line around") {
        policy.title = "a\u202eb";
    }
    SUBCASE("a title that is no UTF-8") {
        policy.title = "\xff";
    }
    SUBCASE("a tag that says something") {
        policy.study_tag = "Survey 2026";
    }
    SUBCASE("a short tag") {
        policy.study_tag = "abc";
    }
    SUBCASE("no study id") {
        policy.study_id.fill(0);
    }
    SUBCASE("no quorum") {
        policy.receipt_quorum = 0;
    }
    SUBCASE("one custodian alone") {
        policy.opening_quorum = 1;
    }
    SUBCASE("more custodians than recipients") {
        policy.opening_quorum = 16;
    }
    SUBCASE("a hold of twenty years") {
        policy.hold_days = 7300;
    }
    SUBCASE("a mode that does not exist") {
        policy.mode = static_cast<study::Mode>(3);
    }
    SUBCASE("a title beyond its field") {
        policy.title = std::string(70'000, 'x');
    }
    CHECK(study.refused() == PackageError::malformed_policy);
}

TEST_CASE("a study can't ask for more receipts, copies or languages than there are") {
    Study study;
    SUBCASE("receipts") {
        study.contents.policy.receipt_quorum = 3;
        CHECK(study.refused() == PackageError::malformed_receipt_keys);
    }
    SUBCASE("copies") {
        study.contents.policy.copies = 2;
        CHECK(study.refused() == PackageError::malformed_stores);
    }
    SUBCASE("one store twice") {
        study.contents.stores.push_back(study.contents.stores[0]);
        CHECK(study.refused() == PackageError::malformed_stores);
    }
    SUBCASE("languages") {
        study.contents.languages = {"Klingon (tlh)"};
        CHECK(study.refused() == PackageError::malformed_languages);
    }
    SUBCASE("languages in another order") {
        study.contents.languages = {"Russian (ru)", "English (en)"};
        CHECK(study.refused() == PackageError::malformed_languages);
    }
    SUBCASE("one language of two is fine") {
        study.contents.languages = {"Russian (ru)"};
        CHECK(study.package().languages() == std::vector<std::string>{"Russian (ru)"});
    }
}

TEST_CASE("only a root signs a package") {
    Study study;
    CHECK(study::build_package(study.contents, study.first).error() == PackageError::other_root);
}

TEST_CASE(
    "a recipient's digits are those of the person's key, and are not guessed where they can't be told") {
    Study study;
    const auto call = [&](const char* first, const char* second) {
        study.contents.recipients[0].label = study.contents.receipt_keys[0].label = first;
        study.contents.recipients[1].label = study.contents.receipt_keys[1].label = second;
    };
    const auto digits = [&](std::size_t which) {
        return study::fingerprint_of(study.contents.recipients[which], study.package());
    };
    call("anna", "ben");
    CHECK(digits(0) == crypto::fingerprint_of(study.first.recipient()));
    CHECK(digits(1) == crypto::fingerprint_of(study.second.recipient()));
    call("anna", "anna");
    CHECK_FALSE(digits(0).has_value());
    call("anna", "ben");
    study.contents.policy.receipt_quorum = 1;
    const auto bens = study.contents.receipt_keys.back();
    study.contents.receipt_keys.pop_back();  // ben signs no receipts, so anna's may be another anna's
    CHECK_FALSE(digits(0).has_value());
    CHECK_FALSE(digits(1).has_value());
    study.contents.receipt_keys.push_back(bens);
    CHECK(digits(0).has_value());
    const crypto::Identity analyst = identity(crypto::IdentityKind::researcher);
    study.contents.receipt_keys.push_back({analyst.recipient().signing_key, "cem"});
    CHECK_FALSE(digits(0).has_value());
}

TEST_CASE("a device takes a newer package of its study, and no other") {
    Study study;
    const auto current = study.package();
    CHECK(check_update(current, current) == study::Update::same);
    study.next_version();
    SUBCASE("the next one") {
        const auto next = study.package();
        CHECK(check_update(current, next) == study::Update::newer);
        CHECK(check_update(next, current).error() == PackageError::older_version);
    }
    SUBCASE("one after the next, which names both") {
        study.next_version();
        CHECK(check_update(current, study.package()) == study::Update::newer);
    }
    SUBCASE("the same number with other content") {
        study.contents.policy.package_version = 1;
        CHECK(check_update(current, study.package()).error() == PackageError::forked_version);
    }
    SUBCASE("one that does not name ours") {
        study.contents.policy.predecessors.clear();
        CHECK(check_update(current, study.package()).error() == PackageError::not_a_successor);
    }
    SUBCASE("new rules under the old rules' number") {
        study.contents.policy.hold_days = 1;
        CHECK(check_update(current, study.package()).error() == PackageError::forked_version);
    }
    SUBCASE("new rules under a new number") {
        study.contents.policy.hold_days = 1;
        ++study.contents.policy.policy_version;
        CHECK(check_update(current, study.package()) == study::Update::newer);
    }
    SUBCASE("older rules under a higher number of the package") {
        auto newer = study.contents;
        newer.policy.package_version = 1;
        newer.policy.predecessors.clear();
        newer.policy.policy_version = 5;
        const auto with_rule_five = opened(study, newer);
        auto older = newer;
        older.policy.package_version = 2;
        older.policy.policy_version = 4;
        older.policy.predecessors = {{with_rule_five.digest(), with_rule_five.policy_digest()}};
        CHECK(check_update(with_rule_five, opened(study, older)).error() == PackageError::older_version);
    }
    SUBCASE("another study") {
        study.contents.policy.study_id.fill(9);
        CHECK(check_update(current, study.package()).error() == PackageError::other_study);
    }
    SUBCASE("the same study under another root") {
        study.root = identity(crypto::IdentityKind::root);
        CHECK(check_update(current, study.package()).error() == PackageError::other_study);
    }
}

TEST_CASE(
    "what batches and receipts are bound to changes with the rules and the people, not with the package") {
    Study study;
    const auto before = study.package().policy_digest();
    study.next_version();
    study.contents.stores.clear();
    CHECK(study.package().policy_digest() == before);
    SUBCASE("a recipient less") {
        study.contents.recipients.pop_back();
    }
    SUBCASE("another label of a recipient") {
        study.contents.recipients[0].label = "someone else";
    }
    SUBCASE("another receipt key") {
        study.contents.receipt_keys[0].key = study.root_key();
    }
    SUBCASE("another rule") {
        ++study.contents.policy.hold_days;
    }
    CHECK(study.package().policy_digest() != before);
}

TEST_CASE("a study is over from the day after its last one, and its file is still a study file") {
    Study study;
    study.contents.policy.expires = november(10);
    CHECK_FALSE(study.package().expired(november(10)));
    CHECK(study.package().expired(november(11)));
    study.contents.policy.expires = std::chrono::sys_days(november(1)) - std::chrono::days(30);
    CHECK(study.refused() == PackageError::malformed_package);
}

TEST_CASE("study tags are random and say nothing") {
    const auto first = study::new_study_tag(), second = study::new_study_tag();
    REQUIRE(first);
    REQUIRE(second);
    CHECK(*first != *second);
    CHECK(first->size() == 16);
    CHECK(study::default_quorum(1) == 1);
    CHECK(study::default_quorum(5) == 2);
}

TEST_CASE("an enrolment number covers study, root, package and device") {
    const auto device = device_key(), root = device_key();
    const crypto::Digest package{1};
    const auto number = study::enrolment_number({1}, root, package, device);
    CHECK(number.digits.size() == 30);
    CHECK(number == study::enrolment_number({1}, root, package, device));
    CHECK(number != study::enrolment_number({2}, root, package, device));
    CHECK(number != study::enrolment_number({1}, device, package, device));
    CHECK(number != study::enrolment_number({1}, root, {2}, device));
    CHECK(number != study::enrolment_number({1}, root, package, root));
}

TEST_CASE("the number of the newest batch covers its device, its place and the batch itself") {
    const auto device = device_key();
    const crypto::BatchId batch{1};
    const auto number = study::head_number(device, 7, batch);
    CHECK(number.digits.size() == 30);
    CHECK(number == study::head_number(device, 7, batch));
    CHECK(number != study::head_number(device_key(), 7, batch));
    CHECK(number != study::head_number(device, 7 + 256, batch));
    CHECK(number != study::head_number(device, 7, {2}));
}
