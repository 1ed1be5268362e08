#pragma once

#include <cstdint>
#include <span>

#include "crypto/batch_layout.h"
#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto::batch {

// A record and the cells that carry it: one secretstream under a key of its own, in cells of one size, so
// that neither a record's length nor where it ends is seen from outside. Inside this folder only.

inline constexpr std::size_t cell_content = std::size_t{1} << cell_log2_records;
inline constexpr std::size_t cell_size = cell_content + 17;
inline constexpr std::size_t stream_header_size = 24;
inline constexpr std::size_t first_content =
    cell_content - stream_header_size;  ///< the stream header goes first

inline constexpr std::size_t record_prefix_size = 36;
inline constexpr std::size_t max_record_cells = 1024;  ///< of 1 MiB: prefix and largest payload fit

enum class Kind : std::uint8_t { open = 1, data = 2, close = 3, withdraw = 4 };
enum class Codec : std::uint8_t { raw = 0, zstd = 1 };

struct RecordPrefix {
    Kind kind = Kind::data;
    Codec codec = Codec::raw;
    std::uint32_t stored_size = 0;   ///< of the content as it stands in the record
    std::uint32_t payload_size = 0;  ///< of the content after decompression
    std::uint64_t sequence = 0;
    Id uuid{};
};

/// Prefix and content, without fill.
Bytes encode_record(const RecordPrefix& prefix, ByteView content);

/// How many cells a record (prefix and content) of so many bytes takes: never more than it needs.
constexpr std::size_t cells_for(std::size_t record_size) {
    return record_size <= first_content ? 1
                                        : 1 + (record_size - first_content + cell_content - 1) / cell_content;
}

/// The cells of a record. The stream header is random and hedged with the record, so that a machine restored
/// from a snapshot, random generator and all, seals two records under one key without repeating a nonce.
Result<Bytes> seal_record(KeyBytes key, ByteView record);

/// Opens record after record into one buffer, which is wiped at the end.
class RecordOpener {
  public:
    RecordOpener() = default;
    RecordOpener(const RecordOpener&) = delete;
    RecordOpener& operator=(const RecordOpener&) = delete;
    ~RecordOpener() { wipe(plaintext_); }

    struct Opened {
        RecordPrefix prefix;
        ByteView content;       ///< in the buffer: until the next call
        std::size_t cells = 0;  ///< that the record took
    };

    /// The record that begins with the first of these cells. `not_openable` when that cell is not of this key
    /// (then another may be tried), `damaged` when a later one is not or the record does not end, `forged`
    /// when all open and something else than our writer wrote them: tags, fill, number of cells, prefix.
    Result<Opened> open(KeyBytes key, ByteView cells);

    /// How many cells were of the key in the last call, whatever came of it.
    std::size_t cells_of_key() const { return cells_of_key_; }

  private:
    void make_room(std::size_t size);
    std::size_t cells_of_key_ = 0;
    Bytes plaintext_;  ///< grows with the longest record: most fit into a few cells
};

}  // namespace fieldfare::crypto::batch
