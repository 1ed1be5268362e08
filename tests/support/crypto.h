#pragma once

// The words in which the tests of crypto (and of what stands on it) speak of keys and batches.

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/batch_reader.h"
#include "crypto/batch_writer.h"
#include "crypto/hash.h"
#include "crypto/identity.h"
#include "crypto/random.h"

template <>
struct doctest::StringMaker<std::optional<fieldfare::crypto::Error>> {
    static String convert(const std::optional<fieldfare::crypto::Error>& error) {
        return error ? "error " + doctest::toString(static_cast<int>(*error)) : String("no error");
    }
};

namespace fieldfare::crypto {

/// So that doctest can say which error it was.
inline doctest::String toString(Error error) {
    return doctest::toString(static_cast<int>(error));
}

template <typename T>
T must(Result<T>&& result) {
    REQUIRE(result.has_value());
    return std::move(*result);
}
inline void must(Result<void>&& result) {
    REQUIRE(result.has_value());
}

/// What went wrong, or nothing when nothing did.
template <typename T>
std::optional<Error> error_of(const Result<T>& result) {
    if (result) return std::nullopt;
    return result.error();
}

}  // namespace fieldfare::crypto

namespace fieldfare::test {

namespace crypto = fieldfare::crypto;

inline crypto::Bytes bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

inline std::string text_of(const crypto::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

/// A value that is the same in every run and different for each name.
inline crypto::Id id_named(std::string_view name) {
    return crypto::hash<16>("test id         ", {crypto::bytes_of(name)});
}
inline crypto::Digest digest_named(std::string_view name) {
    return crypto::hash("test digest     ", {crypto::bytes_of(name)});
}

inline crypto::SecretText passphrase(std::string_view text) {
    return crypto::must(crypto::SecretText::copy_of(text));
}

inline crypto::Identity researcher(std::string_view label = "") {
    return crypto::must(crypto::Identity::generate(crypto::IdentityKind::researcher, label));
}

/// One or more researchers, with their keys at hand.
struct Researchers {
    std::vector<crypto::Identity> identities;

    explicit Researchers(std::size_t count = 1) {
        for (std::size_t i = 0; i < count; ++i) identities.push_back(researcher());
    }
    std::vector<crypto::BoxKey> box_keys() const {
        std::vector<crypto::BoxKey> keys;
        for (const auto& identity : identities) keys.push_back(identity.recipient().box_key);
        return keys;
    }
};

/// A device in the field with everything that a batch needs, and the batch that it has begun.
struct SealingDevice {
    crypto::SigningKey key = crypto::must(crypto::SigningKey::generate());
    crypto::ReceiptKey receipt_key = crypto::must(crypto::ReceiptKey::random());
    crypto::BatchContext context;

    explicit SealingDevice(const Researchers& researchers) {
        context.routing_tag = id_named("routing tag");
        context.open.study = id_named("study");
        context.open.device_key = key.verify_key();
        context.open.incarnation = id_named("incarnation");
        context.open.form_hash = digest_named("form");
        context.open.policy_digest = digest_named("policy");
        context.open.policy_version = 3;
        context.open.recipients = researchers.box_keys();
        context.open.program_version = "fieldfare 0.1.0";
    }

    crypto::BatchWriter begin() const {
        return crypto::must(crypto::BatchWriter::begin(context, key, receipt_key));
    }

    /// A final batch with these payloads, whose uuids are named after them.
    crypto::SealedBatch sealed(const std::vector<std::string>& payloads) const {
        crypto::BatchWriter writer = begin();
        for (const auto& payload : payloads) add(writer, payload);
        return crypto::must(writer.finish(key));
    }

    crypto::SealedBatch add(crypto::BatchWriter& writer, std::string_view payload) const {
        auto sealed =
            crypto::must(writer.append(key, crypto::RecordType::data, id_named(payload), bytes(payload)));
        writer.commit();
        return sealed;
    }
};

inline std::vector<std::string> payloads_of(const crypto::OpenedBatch& batch) {
    std::vector<std::string> payloads;
    for (const auto& record : batch.records) payloads.push_back(text_of(record.payload));
    return payloads;
}

}  // namespace fieldfare::test
