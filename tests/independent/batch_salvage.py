"""What can be salvaged of a damaged batch, from "Salvage" in crypto/BATCH_FORMAT.md; the numbers in the comments are its
steps."""
from dataclasses import dataclass

import batch_format as fmt
from batch_reader import (Batch, check_agreement, check_archived, check_holders, find_content_key, parse_close, parse_open,
                          parse_record, unseal)
from primitives import H, K, STREAM_HEADER, TAG_MESSAGE, Refused, Stream, require, verify_strictly
from xchacha20 import keystream
from zstd_frame import decompress

ROTTEN, FAULTY, REDACTED = "rotten", "faulty", "redacted"


@dataclass
class Salvaged:
    batch: Batch  # `records`: those that hold
    lost: list    # of (index, why), OPEN being 0


def salvage_batch(data, secrets, dictionaries=(), shares=(), psks=(), archived=None):
    header, tag, cells = read_damaged_file(data)                                        # 1
    found = find_content_key(header, tag, secrets, shares, psks, archived)              # 2
    keys = fmt.Keys(found.key, tag)
    open_, open_cells = read_open(cells, keys)                                          # 3
    close = find_close(cells, keys.close, tag, open_, open_cells)                       # 4
    check_holders(found, open_, header)                                                 # 5
    check_archived(found, fmt.batch_id(tag, close.body))
    records, lost = {}, {}
    for index in range(1, close.count + 1):                                             # 6
        try:
            records[index] = read_record(cells, close, index, keys.record(index))
        except Refused as refused:
            lost[index] = ROTTEN if refused.word == ROTTEN else FAULTY
            if refused.word == ROTTEN and is_redacted(cells, close, index, found.key, tag):
                lost[index] = REDACTED
    require(sum(record.payload_size for record in records.values()) <= fmt.MOST_PAYLOADS, "too_large",
            "more than 64 MiB of payloads")
    decompress_each(records, lost, open_, dictionaries)                                 # 7
    return Salvaged(Batch(fmt.batch_id(tag, close.body), tag, fmt.device_id(open_.device_key), found, open_, close,
                          list(records.values())), sorted(lost.items()))


# --- 1 ------------------------------------------------------------------------------------------------------------
def read_damaged_file(data):
    """(header, header tag, the whole cells that are there)."""
    require(len(data) <= fmt.MOST_FILE, "too_large", "more than 96 MiB")
    require(data[:8] == fmt.MAGIC, "wrong_format", "not the magic of a batch")
    require(len(data) >= fmt.SHORTEST_HEADER, "damaged", "the file ends in the header")
    known = data[8:11] == bytes((fmt.FORMAT, fmt.SUITE, fmt.CELL_POWER)) and data[11] in fmt.SLOT_COUNTS
    require(known and data[12:16] == bytes(4), "unsupported", "fixed fields of another version")
    begin = fmt.FIXED_HEADER + fmt.SLOT * data[11] + fmt.HEADER_TAG
    require(len(data) >= begin, "damaged", "the file ends in the header")
    cells = [data[at:at + fmt.CELL] for at in range(begin, len(data) - fmt.CELL + 1, fmt.CELL)]
    return data[:begin - fmt.HEADER_TAG], data[begin - fmt.HEADER_TAG:begin], cells


# --- 3 ------------------------------------------------------------------------------------------------------------
def read_open(cells, keys):
    require(cells, "damaged", "no cell of OPEN")
    plaintext, count = unseal(cells, 0, keys.record(0))
    require(plaintext is not None, "damaged", "cell 0 does not open as OPEN's")
    record = parse_record(plaintext, count)
    require(record.type == fmt.OPEN, "forged", "the first record is not OPEN")
    return parse_open(record.content), count


# --- 4 ------------------------------------------------------------------------------------------------------------
def find_close(cells, key, tag, open_, open_cells):
    """The last CLOSE that stands where it says."""
    found, refusal, place = None, Refused("damaged", "no CLOSE in the file"), open_cells
    while place < len(cells):
        of_key = cells_of_key(cells, place, key)
        if of_key:
            try:
                found = close_at(cells, place, key, tag, open_, open_cells)
            except Refused as refused:
                refusal = refused
        place += max(of_key, 1)
    if found is None:
        raise refusal
    return found


def cells_of_key(cells, first, key):
    """How many cells from the first on are of one stream under the key."""
    stream, count, tag = Stream(cells[first][:STREAM_HEADER], key), 0, TAG_MESSAGE
    while tag == TAG_MESSAGE and count < fmt.MOST_CELLS_OF_RECORD and first + count < len(cells):
        pulled = stream.pull(cells[first + count][0 if count else STREAM_HEADER:])
        if pulled is None:
            break
        count, tag = count + 1, pulled[1]
    return count


def close_at(cells, place, key, tag, open_, open_cells):
    record = parse_record(*unseal(cells, place, key))
    require(record.type == fmt.CLOSE, "forged", "another record under the close key")
    close = parse_close(record.content)
    require(close.cells == place, "damaged", "CLOSE stands elsewhere than it says")
    require(verify_strictly(close.signature, fmt.signed_message(tag, close.body), open_.device_key), "forged",
            "the signature of CLOSE is not the device's")
    check_agreement(open_, close, [])
    begins = [first for _, first in close.leaves] + [close.cells]
    require(begins[0] == 0 and all(0 < b - a <= fmt.MOST_CELLS_OF_RECORD for a, b in zip(begins, begins[1:])),
            "forged", "first cells that no file can have")
    require(begins[1] == open_cells and leaf_holds(cells, close, 0), "damaged", "OPEN has other cells than those signed")
    return close


def span(close, index):
    """The cells of record `index`, half-open."""
    return close.leaves[index][1], close.leaves[index + 1][1] if index < close.count else close.cells


def leaf_holds(cells, close, index):
    return fmt.leaf(index, b"".join(cells[slice(*span(close, index))])) == close.leaves[index][0]


# --- 6 ------------------------------------------------------------------------------------------------------------
def read_record(cells, close, index, key):
    begin, end = span(close, index)
    require(leaf_holds(cells, close, index), ROTTEN, "other cells than those signed")
    plaintext, count = unseal(cells[begin:end], 0, key)
    require(plaintext is not None and count == end - begin, FAULTY, "it does not open in these cells")
    record = parse_record(plaintext, count)
    require(record.type in (fmt.DATA, fmt.WITHDRAW), FAULTY, "OPEN or CLOSE in the place of a submission")
    require(record.sequence == close.first_record + index - 1, FAULTY, "it does not count on")
    record.first_cell, record.cell_count = begin, count
    return record


def redaction(index, leaf, size, content_key, tag):
    nonce = H(24, "FFB1 redaction", index.to_bytes(4, "little") + leaf)
    return keystream(K(32, content_key, "FFB1 redact key", tag), nonce, size)


def is_redacted(cells, close, index, content_key, tag):
    its_cells = b"".join(cells[slice(*span(close, index))])
    return its_cells == redaction(index, close.leaves[index][0], len(its_cells), content_key, tag)


# --- 7 ------------------------------------------------------------------------------------------------------------
def decompress_each(records, lost, open_, dictionaries):
    dictionary = None
    if open_.dictionary_hash != bytes(32) and any(record.codec for record in records.values()):
        found = [d for d in dictionaries if fmt.dictionary_hash(d) == open_.dictionary_hash]
        require(found, "unknown_dictionary", "the dictionary that OPEN names is not here")
        dictionary = found[0]
    for index, record in list(records.items()):
        try:
            record.payload = decompress(record.content, record.payload_size, dictionary) if record.codec \
                else record.content
        except Refused:
            del records[index]
            lost[index] = FAULTY
