#pragma once

#include "crypto/byte_source.h"
#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::media {

// What a photo tells beside its picture: EXIF (where it was taken, when, with which camera, and a small
// preview that may show what was cut away), XMP, IPTC, comments, colour profiles, whatever was put behind the
// end. A photo may come from any camera, and who is on it or took it may be in danger.

/// Whether a file begins as a JPEG does. Three bytes decide.
bool says_jpeg(crypto::ByteView first_bytes);

/// Writes the JPEG without all that is not needed to decode the picture. Only segments of the picture itself
/// pass, the mark of JFIF without its preview and that of Adobe (how colours are coded); of EXIF the
/// orientation alone is written anew, else pictures would lie on their side. Nothing follows the picture's
/// end. Pictures in a wide colour space look a little duller without their profile.
///
/// What the picture shows stays, and so do traces that a camera leaves in it. `wrong_format` when it is no
/// JPEG, `damaged` when it is not whole or holds something unknown: then it can't be said what it tells.
/// What source and sink fail with. After an error throw away what the sink has.
crypto::Result<void> drop_jpeg_metadata(const crypto::ByteSource& jpeg, const crypto::ByteSink& sink);

}  // namespace fieldfare::media
