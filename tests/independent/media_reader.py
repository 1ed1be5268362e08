"""A second reader of media files, written from "Media" in crypto/BATCH_FORMAT.md. It follows the order of checks there;
the numbers in the comments are its steps. It has a whole part in memory, which is at most 8 MiB."""
from dataclasses import dataclass, field

import batch_format as fmt
from batch_reader import ContentKey, Fields, check_archived, check_holders, check_keys, find_content_key
from primitives import (CHUNK_OVERHEAD, H, K, STREAM_HEADER, TAG_FINAL, TAG_MESSAGE, Refused, Stream, require, same,
                        verify_strictly)
from xchacha20 import keystream

CELL_POWER = 16
CELL = 2**16 + CHUNK_OVERHEAD
FIRST_CHUNK, FURTHER_CHUNK = 2**16 - STREAM_HEADER, 2**16
HEAD = 1024
PART = 8387560
MOST_SIZE = 2**28
MOST_CELLS = 128
MOST_FILE = fmt.FIXED_HEADER + fmt.SLOT * 16 + fmt.HEADER_TAG + MOST_CELLS * CELL
assert HEAD + PART == FIRST_CHUNK + (MOST_CELLS - 1) * FURTHER_CHUNK
assert MOST_FILE == 8392928


def part_count(size):
    return -(-size // PART)


def part_length(size, part):
    return min(PART, size - part * PART)


def cells_for(length):
    return 1 + max(0, -(-(HEAD + length - FIRST_CHUNK) // FURTHER_CHUNK))


def cells_of_file(cells):
    return fmt.padme(max(4, cells))


def stream_key(content_key, tag):
    return K(32, content_key, "FFB1 media key", tag)


def pad_key(content_key, tag):
    return K(32, content_key, "FFB1 media pad", tag)


def redaction_mark(content_key, tag):
    return K(32, content_key, "FFB1 media gone", tag)


def media_hash(media_key, media):
    return K(32, media_key, "FFB1 media file", media)


def part_hash(media_key, part, content):
    return K(32, media_key, "FFB1 media part", part.to_bytes(4, "little") + content)


def media_id(tag, body):
    return H(32, "FFB1 media id", tag + body)


def signed_message(tag, body):
    return b"FFB1 media sig 1" + tag + body


@dataclass
class Head:
    quorum: int
    study: bytes
    device_key: bytes
    policy_digest: bytes
    policy_version: int
    zero: int
    receipt_key: bytes
    uuid: bytes
    withdrawal: bytes
    size: int
    part: int
    media_key: bytes = field(repr=False)
    media_hash: bytes
    part_hash: bytes
    recipients: list
    signature: bytes
    body: bytes = field(repr=False)


@dataclass
class Part:
    media_id: bytes
    header_tag: bytes
    device_id: bytes
    content_key: ContentKey
    head: Head
    content: bytes = field(repr=False)


def says_media(data):
    return len(data) > 10 and data[:8] == fmt.MAGIC and data[10] == CELL_POWER


def open_part(data, secrets, shares=(), psks=(), archived=None):
    """The part with its bytes of the media file, or Refused."""
    header, tag, cells = read_file(data)                                                # 1
    found = find_content_key(header, tag, secrets, shares, psks, archived)              # 2
    stream = Stream(cells[0][:STREAM_HEADER], stream_key(found.key, tag))               # 3
    first = pull(stream, cells[0][STREAM_HEADER:], 0)
    head = parse_head(first[0][:HEAD])
    require(verify_strictly(head.signature, signed_message(tag, head.body), head.device_key), "forged",
            "the signature is not the device's")
    check_holders(found, head, header)                                                  # 4
    content, used = read_content(stream, first, cells, head)                            # 5
    id_ = media_id(tag, head.body)
    padding = b"".join(cells[used:])
    require(same(padding, keystream(pad_key(found.key, tag), id_[:24], len(padding))), "damaged", "the padding")  # 6
    check_archived(found, id_)
    return Part(id_, tag, fmt.device_id(head.device_key), found, head, content)


def is_redacted(data, secrets, shares=(), psks=()):
    """Whether somebody who could open the part has cut it out."""
    if not says_media(data) or data[11] not in fmt.SLOT_COUNTS:
        return False
    begin = fmt.FIXED_HEADER + fmt.SLOT * data[11] + fmt.HEADER_TAG
    if len(data) != begin + 32:
        return False
    header, tag = data[:begin - fmt.HEADER_TAG], data[begin - fmt.HEADER_TAG:begin]
    try:
        return same(data[begin:], redaction_mark(find_content_key(header, tag, secrets, shares, psks).key, tag))
    except Refused:
        return False


def join(parts, named_hash, named_size):
    """The media file that a submission names, out of all of its parts in any order, or Refused."""
    parts = {part.head.part: part for part in parts}
    require(sorted(parts) == list(range(part_count(named_size))), "damaged", "parts are missing")
    heads = {(p.head.study, p.device_id, p.head.uuid, p.head.size, p.head.media_key, p.head.media_hash)
             for p in parts.values()}
    require(len(heads) == 1, "forged", "the heads do not agree")
    media = b"".join(parts[index].content for index in sorted(parts))
    require(parts[0].head.size == named_size and same(parts[0].head.media_hash, named_hash), "forged",
            "the submission names another file")
    require(same(media_hash(parts[0].head.media_key, media), named_hash), "forged", "the hash of the whole file")
    return media


# --- 1 ------------------------------------------------------------------------------------------------------------
def read_file(data):
    require(len(data) <= MOST_FILE, "too_large", "more than 128 cells")
    require(data[:8] == fmt.MAGIC, "wrong_format", "not the magic of a batch")
    require(len(data) >= fmt.SHORTEST_HEADER, "damaged", "the file ends in the header")
    require(data[8] == fmt.FORMAT, "unsupported", f"format {data[8]}")
    require(data[9] == fmt.SUITE, "unsupported", f"suite {data[9]}")
    require(data[10] == CELL_POWER, "unsupported", f"cells of 2^{data[10]}: no media")
    require(data[11] in fmt.SLOT_COUNTS, "unsupported", f"{data[11]} slots")
    require(data[12:16] == bytes(4), "unsupported", "bytes 12...15 are not zero")
    begin = fmt.FIXED_HEADER + fmt.SLOT * data[11] + fmt.HEADER_TAG
    count, rest = divmod(len(data) - begin, CELL)
    require(len(data) >= begin and rest == 0, "damaged", "not a whole number of cells")
    require(count > 0 and cells_of_file(count) == count, "damaged", f"{count} cells, which Padme never gives")
    cells = [data[at:at + CELL] for at in range(begin, len(data), CELL)]
    return data[:begin - fmt.HEADER_TAG], data[begin - fmt.HEADER_TAG:begin], cells


# --- 3 ------------------------------------------------------------------------------------------------------------
def pull(stream, chunk, cell):
    pulled = stream.pull(chunk)
    require(pulled is not None, "damaged", f"cell {cell} is not the next of the stream")
    return pulled


def parse_head(data):
    f = Fields(data, "the head", "forged")
    require(f.number(2) == fmt.RECORD_VERSION, "unsupported", "version of the head")
    quorum = f.number(1)
    require(f.number(1) == 0, "unsupported", "byte 3 of the head is not zero")
    h = Head(quorum=quorum, study=f.bytes(16), device_key=f.bytes(32), policy_digest=f.bytes(32),
             policy_version=f.number(4), zero=f.number(4), receipt_key=f.bytes(32), uuid=f.bytes(16), withdrawal=f.bytes(32),
             size=f.number(8), part=f.number(4), media_key=b"", media_hash=b"", part_hash=b"", recipients=[],
             signature=b"", body=b"")
    require(h.zero == 0, "unsupported", "bytes 88...91 of the head are not zero")
    require(f.number(4) == 0, "unsupported", "bytes 184...187 of the head are not zero")
    h.media_key, h.media_hash, h.part_hash = f.bytes(32), f.bytes(32), f.bytes(32)
    count = f.number(1)
    require(1 <= count <= fmt.MOST_RECIPIENTS, "forged", f"{count} recipients")
    h.recipients = [f.bytes(32) for _ in range(count)]
    h.body = data[:f.at]
    h.signature = f.bytes(fmt.SIGNATURE)
    require(not any(data[f.at:]), "forged", "something behind the signature")
    require(h.quorum == 0 or 2 <= h.quorum <= count, "forged", f"a quorum of {h.quorum} among {count} recipients")
    require(1 <= h.size <= MOST_SIZE, "forged", "an empty file, or one above 256 MiB")
    require(h.part < part_count(h.size), "forged", "a part beyond the last")
    require(all(a < b for a, b in zip(h.recipients, h.recipients[1:])), "forged", "recipients that do not rise")
    check_keys(h)
    return h


# --- 5 ------------------------------------------------------------------------------------------------------------
def read_content(stream, first, cells, head):
    """(the part's bytes, the cells of the stream)."""
    length = part_length(head.size, head.part)
    count = cells_for(length)
    require(len(cells) == cells_of_file(count), "damaged", "other cells than the size of the part gives")
    plaintext = []
    for index in range(count):
        chunk, tag = first if index == 0 else pull(stream, cells[index], index)
        require(tag == (TAG_FINAL if index + 1 == count else TAG_MESSAGE), "forged", f"cell {index} has tag {tag}")
        plaintext.append(chunk)
    whole = b"".join(plaintext)[HEAD:]
    require(not any(whole[length:]), "forged", "fill that is not zero")
    content = whole[:length]
    require(same(part_hash(head.media_key, head.part, content), head.part_hash), "damaged", "the hash of the part")
    return content, count
