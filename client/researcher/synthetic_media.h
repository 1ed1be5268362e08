#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/bytes.h"

namespace fieldfare::researcher {

/// What a device would seal as an invented person's media file of this name: noise behind a beginning as
/// such files have it, of the sizes that photos, recordings and films have; of a photo what is left when its
/// metadata were dropped, which cameras of simulations write like others. Some films are of several parts.
/// The same name and seed give the same bytes, on every machine.
crypto::Bytes synthetic_media(std::string_view name, std::uint64_t seed);
std::uint64_t synthetic_media_size(std::string_view name, std::uint64_t seed);  ///< of the same, without it

}  // namespace fieldfare::researcher
