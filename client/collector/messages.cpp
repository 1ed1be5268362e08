#include "client/collector/messages.h"

#include <string>

namespace fieldfare::collector {
namespace {

std::string_view word_of(study::PackageError error) {
    using enum study::PackageError;
    switch (error) {
        case not_a_package:
            return "not_a_package";
        case too_large:
            return "too_large";
        case unknown_version:
            return "unknown_version";
        case truncated:
            return "truncated";
        case bad_signature:
            return "bad_signature";
        case other_root:
            return "other_root";
        case other_study:
            return "other_study";
        case older_version:
            return "older_version";
        case forked_version:
            return "forked_version";
        case not_a_successor:
            return "not_a_successor";
        case unsupported_media:
        case unknown_rule:
            return "needs_newer_program";
        case malformed_dictionary:
        case malformed_package:
        case trailing_bytes:
        case malformed_policy:
        case malformed_recipients:
        case no_recipients:
        case malformed_receipt_keys:
        case malformed_stores:
        case malformed_languages:
        case malformed_form:
            return "malformed";  // rightly signed and yet wrong: its maker must make it anew
    }
    return "malformed";
}

}  // namespace

app::Message message_of(store::Error error) {
    return {std::string(store::key_of(error)), {}};
}

app::Message message_unattended(store::Error error) {
    switch (error) {
        case store::Error::no_randomness:
            return {"kiosk.no_randomness", {}};
        case store::Error::payload_too_large:
            return {"kiosk.too_large", {}};
        case store::Error::out_of_memory:
            return {"kiosk.out_of_memory", {}};
        case store::Error::disk_full:
            return {"kiosk.disk_full", {}};
        case store::Error::not_writable:
        case store::Error::disk_failed:
            return {"kiosk.disk_failed", {}};
        case store::Error::locked:
            return message_of(error);
        default:  // nothing that whoever answers, or staff at once, could do anything about
            return {"kiosk.internal", {}};
    }
}

app::Message message_of_answer(crypto::Error error) {
    switch (error) {
        case crypto::Error::wrong_format:
            return {"recovery.no_answer", {}};
        case crypto::Error::unsupported:
            return {"recovery.newer_program", {}};
        case crypto::Error::forged:
            return message_of(store::Error::wrong_answer);
        case crypto::Error::out_of_memory:
            return message_of(store::Error::out_of_memory);
        default:
            return {"recovery.damaged", {}};
    }
}

app::Message message_of(study::PackageError error) {
    return {"package." + std::string(word_of(error)), {}};
}

app::Message message_of(courier::Trouble trouble) {
    switch (trouble) {
        case courier::Trouble::settings_damaged:
            return message_of(store::Error::settings_damaged);
        case courier::Trouble::outbox_missing:
            return {"sync.outbox_missing", {}};
        case courier::Trouble::outbox_unusable:
            return message_of(store::Error::not_writable);
        case courier::Trouble::gone:
            break;
    }
    return {"sync.courier_gone", {}};
}

}  // namespace fieldfare::collector
