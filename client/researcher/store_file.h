#pragma once

#include <string>
#include <string_view>

#include "client/researcher/exit_code.h"
#include "sync/sync_config.h"

namespace fieldfare::researcher {

/// Whether a word of the command line names a store rather than a folder of files: folder:…, https://…,
/// s3+https://…, sftp://…, or NAME.ffstore.
bool names_a_store(const std::string& given);

/// A store as a person names it: "folder:PATH", made absolute; "https://…", which needs no settings then; or
/// a store file. Touches no store. Usage fault where sync::open_store() would not take it, and never with a
/// value of a setting in the sentence.
///
/// A store file, NAME.ffstore, keeps credentials out of the command line, where every program of the machine
/// can read them. A line each: `address = https://…`, `address = s3+https://…` or `address = sftp://…`,
/// and settings as sync/SYNC.md has them, such as `user = laptops`. `certificate`, `client_certificate`,
/// `client_key` and `key` name a file, relative to the store file: PEM, and for `key` one of ssh-keygen; of
/// it the blocks of that kind are taken. Lines that begin with # are for people.
Result<sync::Store> read_store(const std::string& given);

/// What the setting `certificate` has of a PEM text: base64 without line ends, ";" between certificates;
/// empty when there is none in it.
std::string certificate_setting(std::string_view pem);

}  // namespace fieldfare::researcher
