#pragma once

#include <memory>

#include "crypto/batch_writer.h"
#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto::batch {

// zstd for the content of single records: never over two, so that one respondent's answers tell nothing of
// another's by their size. Inside this folder only.

/// Takes a dictionary apart once, for all records of a batch. One thread at a time.
class Compressor {
  public:
    /// `out_of_memory`, also for a dictionary that zstd can't use.
    static Result<Compressor> with(ByteView dictionary, Effort effort);
    Compressor(Compressor&&) noexcept;
    ~Compressor();

    /// One zstd frame with content size and checksum, or empty when that would not be smaller than the
    /// payload. What zstd kept of the payload meanwhile is wiped.
    Result<Bytes> compress(ByteView payload) const;

  private:
    struct Prepared;
    explicit Compressor(std::unique_ptr<const Prepared> prepared);
    std::unique_ptr<const Prepared> prepared_;
};

/// Takes a dictionary apart once, for any number of records and threads.
class DecodingDictionary {
  public:
    explicit DecodingDictionary(ByteView dictionary);
    DecodingDictionary(const DecodingDictionary&) = delete;
    DecodingDictionary& operator=(const DecodingDictionary&) = delete;
    ~DecodingDictionary();

    bool usable() const;  ///< false for one that begins like zstd's and does not go on so

  private:
    friend class Decompressor;
    struct Prepared;
    std::unique_ptr<const Prepared> prepared_;
};

/// One thread at a time.
class Decompressor {
  public:
    /// Null is no dictionary; else it outlives this. `out_of_memory`, `bad_content` for an unusable one.
    static Result<Decompressor> with(const DecodingDictionary* dictionary);
    Decompressor(Decompressor&&) noexcept;
    ~Decompressor();

    /// Exactly `size` bytes out of exactly one frame, or `bad_content`.
    Result<Bytes> decompress(ByteView frame, std::size_t size);

  private:
    struct Context;
    explicit Decompressor(std::unique_ptr<Context> context);
    std::unique_ptr<Context> context_;
};

}  // namespace fieldfare::crypto::batch
