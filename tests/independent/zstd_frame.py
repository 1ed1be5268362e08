"""Codec 1: exactly one zstd frame of the form that crypto/BATCH_FORMAT.md allows (RFC 8878, section 3.1.1)."""
import zstandard

from primitives import require

MAGIC = bytes.fromhex("28b52ffd")
CONTENT_SIZE_BYTES = {0: 1, 1: 2, 2: 4, 3: 8}  # by the two upper bits; 0 is one byte in a single-segment frame


def check_frame(frame, payload_size):
    """Refuses every frame but one that is single-segment, of this size, with checksum, and fills `frame`."""
    require(frame[:4] == MAGIC, "bad_content", "not a zstd frame")
    require(len(frame) > 4, "bad_content", "the frame ends in its header")
    descriptor = frame[4]
    require(descriptor & 0x20, "bad_content", "the frame is not single-segment")
    require(descriptor & 0x08 == 0, "bad_content", "the frame sets the reserved bit")
    require(descriptor & 0x04, "bad_content", "the frame has no content checksum")
    require(descriptor & 0x03 == 0, "bad_content", "the frame has a dictionary id")
    size_bytes = CONTENT_SIZE_BYTES[descriptor >> 6]
    at = 5 + size_bytes
    require(len(frame) >= at, "bad_content", "the frame ends in its header")
    size = int.from_bytes(frame[5:at], "little") + (256 if size_bytes == 2 else 0)
    require(size == payload_size, "bad_content", "the frame's content size is not the payload size")
    last = False
    while not last:  # only the blocks' headers: to know where the frame ends before anything is decompressed
        require(len(frame) >= at + 3, "bad_content", "the frame ends between blocks")
        block = int.from_bytes(frame[at:at + 3], "little")
        last = bool(block & 1)
        kind = block >> 1 & 3
        require(kind != 3, "bad_content", "a block of the reserved type")
        at += 3 + (1 if kind == 1 else block >> 3)  # type 1 is one byte, repeated
    at += 4
    require(len(frame) >= at, "bad_content", "the frame ends early")
    require(len(frame) == at, "bad_content", "something follows the frame")


def decompress(frame, payload_size, dictionary):
    check_frame(frame, payload_size)
    # The dictionary's bytes as zstd takes them: with its magic a formatted dictionary, else plain content.
    given = {} if dictionary is None else {"dict_data": zstandard.ZstdCompressionDict(dictionary)}
    try:
        # The content size is at most 1 MiB here, and zstd writes no byte beyond the size that the header tells.
        payload = zstandard.ZstdDecompressor(**given).decompress(frame, max_output_size=payload_size)
    except zstandard.ZstdError as error:
        payload = None
        reason = str(error)
    require(payload is not None, "bad_content", payload is None and reason)
    require(len(payload) == payload_size, "bad_content", "the frame holds less than it says")
    return payload
