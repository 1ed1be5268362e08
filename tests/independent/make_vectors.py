#!/usr/bin/python3
"""Writes the published test vectors of sealed batches: the same bytes on every machine."""
import argparse
import base64
import hashlib
import pathlib
import sys
from dataclasses import replace

import batch_format as fmt
from batch_salvage import redaction, salvage_batch
from batch_writer import Plan, Record, Seed, Slot, write
from key_file import RESEARCHER, KeyFile, write_key_file
import media_reader
from media_writer import MediaPlan, write_part
from primitives import (P25519, Refused, TAG_FINAL, TAG_MESSAGE, TAG_PUSH, TAG_REKEY, box_public, sign, sign_public,
                        sodium)
from share_file import write_entry, write_share_file
from vector_file import Vector, decode, encode
from wrap_file import write_wrap_file

SET = "fieldfare test vectors 1"
OUR_SECRET = Seed(SET).bytes(32, "our secret")
OURS = box_public(OUR_SECRET)
PASSPHRASE = "correct horse battery staple"
# Identities of ours in the vectors of shares; each has a key file beside the vectors.
CUSTODIAN_SECRETS = [Seed(SET).bytes(32, "custodian", index) for index in range(11)]
CUSTODIANS = [box_public(secret) for secret in CUSTODIAN_SECRETS]
PSK, EARLIER_PSK, OTHER_PSK = (Seed(SET).bytes(32, "pre-shared key", name) for name in ("", "earlier", "other"))
STRANGERS = [box_public(Seed(SET).bytes(32, "stranger", index)) for index in range(16)]

# Frames stand here as bytes, since another version of zstd may compress the same payload otherwise.
DICTIONARY = (
    b'{"form":"household","version":3,"language":"English","answers":{"region":"","district":"","village":"",'
    b'"consent":"yes","name":"","age":0,"sex":"female","relation":"head","education":"primary","occupation":"farmer",'
    b'"water":"well","children":[]}}')
ANSWERS = (b'{"form":"household","version":3,"language":"English","answers":{"region":"North","village":"Birk",'
           b'"consent":"yes","age":41,"sex":"female","occupation":"farmer","water":"well"}}')
ANSWERS_FRAME = base64.b64decode("KLUv/SSwFQEAcHtOb3J0aEJpcms0MX19BgCD9oC0kQhUCHJLiNsOtTtq2EjfOy4=")  # with DICTIONARY
TWO = b"a" * 2000 + b"two"
TWO_FRAME = base64.b64decode("KLUv/WTTBl0AACBhdHdvAQDM/0AICIAH+A==")
TWO_WITHOUT_CHECKSUM = base64.b64decode("KLUv/WDTBl0AACBhdHdvAQDM/0AI")
TWO_WITHOUT_SIZE = base64.b64decode("KLUv/QRoXQAAIGF0d28BAMz/QAgIgAf4")  # and so with a window descriptor
BLOCKS = b"fieldfare " * 20000
BLOCKS_FRAME = base64.b64decode("KLUv/aRADQMAlAAAUGZpZWxkZmFyZSABAPP/zQsSRQAAAAEAPQ3NCxBtIDe3")
LARGEST_FRAME = base64.b64decode(  # 2^20 - 256 zero bytes
    "KLUv/aQA/w8ATAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAA/gPAFJB07w=")
TOO_LARGE_FRAME = base64.b64decode(  # one more
    "KLUv/aQB/w8ATAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAC/gPAI1HaLY=")
EQUAL = b"c851121abe8095973c9bdc1b446089" + b"." * 20  # its frame has 50 bytes too
EQUAL_FRAME = base64.b64decode("KLUv/SQyLQEA+GM4NTExMjFhYmU4MDk1OTczYzliZGMxYjQ0NjA4OS4BACfACV36gjw=")
ONE_FRAME = base64.b64decode("KLUv/SQDGQAAb25l9qEIJA==")
EMPTY_FRAME = base64.b64decode("KLUv/SQAAQAAmenYUQ==")
SKIPPABLE_FRAME = bytes.fromhex("502a4d18") + (4).to_bytes(4, "little") + b"skip"
# Says 2003 bytes; eight blocks of 128 KiB, each one byte that is repeated.
BOMB_BLOCKS = b"".join((2**17 << 3 | 2 | last).to_bytes(3, "little") + b"a" for last in (0, 0, 0, 0, 0, 0, 0, 1))
BOMB_FRAME = TWO_FRAME[:7] + BOMB_BLOCKS + bytes(4)

# Ed25519: order of the main subgroup; points of order 1 and 8.
L = 2**252 + 27742317777372353535851937790883648493
IDENTITY = b"\1" + bytes(31)
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
NOT_A_POINT = b"\2" + bytes(31)
# X25519: a point of order 8.
BOX_ORDER_8 = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
# An X25519 key of 2^255 + 9; as a string of bytes it comes behind zeros and before the point above.
NOT_CANONICAL = b"\x09" + bytes(30) + b"\x80"


# --- edits --------------------------------------------------------------------------------------------------------
def patch(offset, value):
    """Puts bytes, or a number of one byte, at an offset."""
    value = bytes((value,)) if isinstance(value, int) else value
    return lambda data: data[:offset] + value + data[offset + len(value):]


def flip(offset, bit=1):
    def edit(data):
        at = offset if offset >= 0 else len(data) + offset
        return data[:at] + bytes((data[at] ^ bit,)) + data[at + 1:]
    return edit


def flip_cell(record, cell, offset=100):
    def edit(records):
        records[record][cell] = flip(offset)(records[record][cell])
        return records
    return edit


def u64(number):
    return number.to_bytes(8, "little")


def u32(number):
    return number.to_bytes(4, "little")


# --- signatures that no honest device makes -----------------------------------------------------------------------
def scalar(number):
    return (number % L).to_bytes(32, "little")


def scalar_point(number):
    return sodium.crypto_scalarmult_ed25519_base_noclamp(scalar(number))


def secret_scalar(device_seed):
    a = bytearray(hashlib.sha512(device_seed).digest()[:32])
    a[0] &= 248
    a[31] = a[31] & 127 | 64
    return int.from_bytes(a, "little")


def sign_by_hand(message, device_seed, device_key, nonce, edit_r=lambda r: r, s_plus=0):
    """S and R of Ed25519 with a nonce given, and R as `edit_r` makes it before it is hashed."""
    r = edit_r(IDENTITY if nonce == 0 else scalar_point(nonce))
    h = int.from_bytes(hashlib.sha512(r + device_key + message).digest(), "little") % L
    return r + ((nonce + h * secret_scalar(device_seed)) % L + s_plus).to_bytes(32, "little"), h


def sign_mixed(message, device_seed, device_key):
    """The part of order 8 in the key falls out of the equation when the hash is a multiple of 8."""
    nonce = 1
    while True:
        signature, h = sign_by_hand(message, device_seed, device_key, nonce)
        if h % 8 == 0:
            return signature
        nonce += 1


def not_canonical_point():
    for y in range(2, 19):
        try:
            sodium.crypto_core_ed25519_add(y.to_bytes(32, "little"), IDENTITY)
            return (P25519 + y).to_bytes(32, "little")
        except Exception:
            continue
    raise AssertionError


def receipt_seed(index):
    return Seed(SET).bytes(32, "custodian's receipt seed", index)


# --- the set ------------------------------------------------------------------------------------------------------
class Vectors:
    def __init__(self):
        self.made = {}
        self.written, self.what_opens = {}, {}  # of the batches, by name

    def add(self, name, expect, comment, dictionary=None, secrets=(OUR_SECRET,), given=lambda shares: [], psks=(),
            **fields):
        """`given`: the shares of all custodians -> those that the reader is given. `psks`: those that it has."""
        assert name not in self.made, name
        fields = {"recipients": [OURS], "records": [Record(b"one")], "dictionary": dictionary, **fields}
        for key in ("open_record", "close_record"):  # a plan keeps its records to itself
            fields.setdefault(key, Record(type=fmt.OPEN if key == "open_record" else fmt.CLOSE))
        self.written[name] = written = write(Plan(seed=Seed(f"{SET}/{name}"), **fields))
        vector = Vector("batch", expect, comment, list(secrets), written.data, dictionary=dictionary,
                        psks=list(psks), shares=given(written.shares))
        payloads = b"".join(record.payload for record in fields["records"])
        self.what_opens[name] = (written.batch_id.hex(), len(fields["records"]), hashlib.sha256(payloads).hexdigest())
        self.keep(name, vector, name)

    def add_reading(self, batch_of, name, expect, comment, secrets=(OUR_SECRET,), given=lambda shares: [], psks=()):
        """Another reading of the batch of another vector."""
        self.keep(name, Vector("batch", expect, comment, list(secrets), batch_of=[batch_of], psks=list(psks),
                               shares=given(self.written[batch_of].shares)), batch_of)

    def add_media(self, name, expect, comment, given=lambda shares: [], secrets=(OUR_SECRET,), **fields):
        self.written[name] = written = write_part(
            MediaPlan(seed=Seed(f"{SET}/{name}"), **{"recipients": [OURS], "content": PHOTO, **fields}))
        vector = Vector("media", expect, comment, list(secrets), written.data, shares=given(written.shares))
        if expect == "opened":
            vector.batch_id, vector.media_hash = written.batch_id.hex(), written.media_hash.hex()
            vector.payload_sha256 = hashlib.sha256(written.content).hexdigest()
        self.keep(name, vector, None)

    def add_share_file(self, name, expect, comment, file, entries=b"", batches=(), secret=OUR_SECRET):
        vector = Vector("shares", expect, comment, [secret], file)
        if expect == "opened":
            vector.batch_of = list(batches)
            vector.custodian, vector.custodian_sign = file[16:48].hex(), file[48:80].hex()
            vector.entries, vector.entries_sha256 = len(entries) // 92, hashlib.sha256(entries).hexdigest()
        self.keep(name, vector, None)

    def add_wrap(self, name, expect, comment, file, batch_of):
        vector = Vector("wrap", expect, comment, [OUR_SECRET], file, batch_of=[batch_of])
        if expect == "opened" and batch_of not in self.what_opens:
            part = self.written[batch_of]
            vector.batch_id, vector.media_hash = part.batch_id.hex(), part.media_hash.hex()
            vector.payload_sha256 = hashlib.sha256(part.content).hexdigest()
        self.keep(name, vector, batch_of if batch_of in self.what_opens else None)

    def keep(self, name, vector, batch):
        assert name not in self.made, name
        if batch and vector.expect == "opened":
            vector.batch_id, vector.records, vector.payload_sha256 = self.what_opens[batch]
        self.made[name] = encode(vector)


def named(vectors, prefix, *expect):
    def add(name, *rest, **fields):
        vectors.add(f"{prefix}-{name}", *expect, *rest, **fields)
    return add


def zstd(payload, frame):
    return Record(payload, codec=1, content=frame)


def submission(size):
    return Record(Seed(SET).bytes(size, "submission", size))


def good(v):
    add = named(v, "opened", "opened")
    add("one-record", "One recipient, three decoys, one record as it is.")
    add("one-recipient-8-slots", "More slots than the recipients need: readers accept it (Header).", slot_count=8)
    add("five-recipients-8-slots", "Five recipients in eight slots, three decoys.", recipients=[OURS, *STRANGERS[:4]])
    add("sixteen-recipients-16-slots", "Sixteen recipients, the most, and no decoy.",
        recipients=[OURS, *STRANGERS[:15]])
    add("decoys-of-noise", "Slots that are no sealed boxes: a reader can't tell them from decoys.",
        slots=[Slot(sealed=Seed(SET).bytes(112, "noise", n)) for n in range(3)] + [Slot(OURS)])
    add("first-slot-of-ours-wrong", "Two slots open, the first with a content key that does not give the header tag,"
        " the second with the right one: it counts (Order of checks, 2).",
        slots=[Slot(OURS, content_key=bytes(32)), Slot(OURS), Slot(), Slot()])
    add("unknown-slot-type-beside", "Two slots open, one of type 3 and one of type 1: the latter counts"
        " (Order of checks, 2).", slots=[Slot(OURS, type=3), Slot(), Slot(OURS), Slot()])
    low_top = next(key for key in STRANGERS if (key < OURS) != (key[::-1] < OURS[::-1]))
    add("recipients-rise-as-bytes", "Two recipients that rise as byte strings and fall as little-endian numbers.",
        recipients=[OURS, low_top])
    add("heartbeat", "No record: count 0, 'I am here' (CLOSE).", records=[])
    add("25-records", "25 records in 28 cells: Padme(27).", records=[Record(f"answer {n}".encode()) for n in range(25)])
    add("18-cells", "Seventeen cells in use, eighteen in the file: Padme(17).",
        records=[Record(f"answer {n}".encode()) for n in range(14)])
    add("empty-record", "A submission of no bytes.", records=[Record(b"")])
    add("record-of-964-bytes", "The largest submission of one cell.", records=[submission(964)])
    add("record-of-965-bytes", "The smallest submission of two cells.", records=[submission(965)])
    add("record-of-six-cells", "A submission over six cells between two of one.",
        records=[Record(b"before"), submission(6000), Record(b"after")])
    add("withdrawal", "A record of type 4, WITHDRAW.", records=[Record(b"one"), Record(b"", type=fmt.WITHDRAW)])
    add("zstd", "Codec 1.", records=[Record(b"one"), zstd(TWO, TWO_FRAME)])
    add("zstd-blocks", "Codec 1, 200 kB in more than one block.", records=[zstd(BLOCKS, BLOCKS_FRAME)])
    add("zstd-largest-payload", "Codec 1, a payload of 1 MiB - 256, the largest.",
        records=[zstd(bytes(2**20 - 256), LARGEST_FRAME)])
    add("dictionary", "Codec 1 with the dictionary that OPEN names.", dictionary=DICTIONARY,
        records=[zstd(ANSWERS, ANSWERS_FRAME), Record(b"as it is")])
    add("dictionary-not-used-by-frame", "OPEN names a dictionary, the frame was made without one and opens with it"
        " too.",
        dictionary=DICTIONARY, records=[zstd(TWO, TWO_FRAME)])
    v.add("opened-dictionary-not-needed", "opened", "OPEN names a dictionary that the reader has not, and no record has"
          " codec 1 (Order of checks, 8).", records=[Record(b"as it is")], edit_open=patch(100, b"\x55" * 32))
    add("last", "last = 1: the device will send no more.", last=1)
    add("provisional", "provisional = 1: an open batch.", provisional=1)
    add("no-program-version", "n = 0.", program_version=b"")
    add("program-version-of-32-bytes", "n = 32, with the first and the last printable character.",
        program_version=b" ~" * 16)
    add("later-batch", "Batch 7 of its device, its first record being 1000.", batch_sequence=7, first_record=1000)
    add("largest-sequences", "Batch sequence and first record of 2^62.", batch_sequence=2**62, first_record=2**62)


def header_faults(v):
    add = named(v, "header")
    add("magic-line-end", "wrong_format", "0D 0A has become 0A, as in a transfer as text (Header).",
        edit_file=lambda data: data.replace(b"\r\n", b"\n", 1))
    add("key-file-magic", "wrong_format", "The magic of a key file (Header; KEYS.md).", edit_file=patch(3, ord("K")))
    add("empty-file", "wrong_format", "A file of no bytes: no magic (Order of checks, 1).", edit_file=lambda data: b"")
    add("ends-in-magic", "wrong_format", "The first seven bytes of the magic (Order of checks, 1).",
        edit_file=lambda data: data[:7])
    add("ends-in-slots", "damaged", "The file ends among the slots (Order of checks, 1).",
        edit_file=lambda data: data[:300])
    add("ends-before-tag", "damaged", "The file ends where the header tag should begin (Order of checks, 1).",
        edit_file=lambda data: data[:64 + 4 * 128])
    add("without-cells", "damaged", "Header and tag, and no cell (Order of checks, 1).",
        edit_file=lambda data: data[:64 + 4 * 128 + 32])
    for name, offset, value, what in (("format-0", 8, 0, "format is 1"),
                                      ("format-2", 8, 2, "format is 1"),
                                      ("suite-2", 9, 2, "suite 2 is kept for later"),
                                      ("cell-size-16", 10, 16, "2^16 is of media files, and answers were asked for"),
                                      ("slots-5", 11, 5, "S is 4, 8 or 16")):
        add(name, "unsupported", f"Byte {offset} is {value}: {what} (Header).", edit_file=patch(offset, value))
    add("zero-field", "unsupported", "Byte 15 is not zero (Header).", fixed={15: b"\1"})
    add("slot-count-of-another-file", "damaged", "Eight slots are said and four are there: no whole number of cells"
        " (Order of checks, 1).", edit_file=patch(11, 8))
    add("routing-tag-changed", "damaged", "One bit of the routing tag: the header tag is another (Keys).",
        edit_file=flip(16))
    add("salt-changed", "damaged", "One bit of the salt: the header tag is another (Keys).", edit_file=flip(63, 128))
    ours_first = [Slot(OURS), Slot(STRANGERS[0]), Slot(), Slot()]
    add("slot-of-another-changed", "damaged", "One bit in a slot that is not ours: the header tag is another (Keys).",
        recipients=[OURS, STRANGERS[0]], slots=ours_first, edit_file=flip(64 + 128 + 50))
    add("tag-of-another-key", "damaged", "All keys and the signature follow from a header tag that the content key does"
        " not give (Order of checks, 2).", edit_tag=flip(0))


def length_faults(v):
    add = named(v, "length", "damaged")
    add("one-byte-less", "A byte is missing at the end (Order of checks, 1).", edit_file=lambda data: data[:-1])
    add("15-cells", "Fifteen cells: fewer than sixteen (Padding).", edit_file=lambda data: data[:-fmt.CELL])
    add("17-cells", "Seventeen cells, a number that Padme does not give (Padding).", edit_cell_count=lambda count: 17)
    add("18-cells-for-16", "Eighteen cells, which Padme gives, but not for a batch of three (Order of checks, 7).",
        edit_cell_count=lambda count: 18)


def slot_faults(v):
    add = named(v, "slot")

    def alone(**fields):
        return [Slot(OURS, **fields), Slot(), Slot(), Slot()]

    add("none-ours", "not_openable", "Sealed to others only (Order of checks, 2).", recipients=STRANGERS[:2])
    add("of-ours-changed", "not_openable", "One bit in our slot: its box does not open (Order of checks, 2).",
        slots=alone(), edit_file=flip(64 + 80))
    add("of-ours-small-order", "not_openable", "The ephemeral key of our slot is of small order, which libsodium's"
        " boxes refuse (Header).", slots=alone(sealed=BOX_ORDER_8 + Seed(SET).bytes(80, "no box")))
    add("type-3", "unsupported", "The only slot that opens has type 3 (Order of checks, 2).", slots=alone(type=3))
    add("other-content-key", "damaged", "Our slot has another content key than the slot of the other recipient"
        " (Order of checks, 2).", recipients=[OURS, STRANGERS[0]],
        slots=[Slot(OURS, content_key=Seed(SET).bytes(32, "another content key")), Slot(STRANGERS[0]), Slot(), Slot()])
    add("wrong-key-and-unknown-type", "damaged", "Two slots open, one with another content key, one of type 3"
        " (Order of checks, 2).", slots=[Slot(OURS, type=3), Slot(OURS, content_key=bytes(32)), Slot(), Slot()])
    for index, field in ((0, "k"), (2, "x")):
        add(f"share-{field}", "unsupported", f"{field} of a share is not zero in a slot of type 1 (Header).",
            slots=alone(share=bytes(index) + b"\1" + bytes(2 - index)))
    add("zero-field", "unsupported", "Byte 37 is not zero in a slot of type 1 (Header).", slots=alone(zero=b"\1\0\0"))
    moved = "The slot context is that of another {} (Order of checks, 6)."
    add("context-of-another-study", "forged", moved.format("study"),
        slots=alone(context=lambda header, study, policy: fmt.slot_context(header, bytes(16), policy)))
    add("context-of-another-policy", "forged", moved.format("policy"),
        slots=alone(context=lambda header, study, policy: fmt.slot_context(header, study, bytes(32))))
    add("context-of-another-header", "forged", moved.format("header: the slot was moved"),
        slots=alone(context=lambda header, study, policy: fmt.slot_context(flip(63)(header), study, policy)))


def record_faults(v):
    add = named(v, "record")
    one, two, three = Record(b"one"), Record(b"two"), Record(b"three")
    add("tag-push", "forged", "A chunk with tag 1 (Records and cells).", records=[
        Record(submission(1500).payload, tags=[TAG_PUSH, TAG_FINAL])])
    add("tag-rekey", "forged", "A chunk with tag 2 (Records and cells).", records=[
        Record(submission(1500).payload, tags=[TAG_REKEY, TAG_FINAL])])
    add("tag-final-early", "forged", "Tag 3 in the first of the two cells that the stored size needs, and no second:"
        " the stored size is beyond the plaintext (Records and cells).",
        records=[Record(submission(1500).payload, tags=[TAG_FINAL])])
    add("without-end", "damaged", "No chunk of a record has tag 3: what follows does not continue it"
        " (Records and cells).",
        records=[Record(b"one", tags=[TAG_MESSAGE]), two])
    add("longer-than-file", "damaged", "The file ends in a record of twenty cells (Records and cells).",
        records=[submission(20000)], edit_file=lambda data: data[:64 + 4 * 128 + 32 + 16 * fmt.CELL])

    def without(record, cell):
        return lambda records: [[c for n, c in enumerate(cells) if (index, n) != (record, cell)]
                                for index, cells in enumerate(records)]
    long = [submission(2500)]
    add("middle-cell-missing", "damaged", "The second of three cells is cut out (Records and cells).", records=long,
        edit_records=without(1, 1))
    add("cell-changed", "damaged", "One bit in the cell of a record (Order of checks, 3).",
        edit_records=flip_cell(1, 0))
    add("second-cell-changed", "damaged", "One bit in the second cell of a record (Records and cells).", records=long,
        edit_records=flip_cell(1, 1))
    add("last-missing", "damaged", "The last of two records is cut out: CLOSE has its leaf (Order of checks, 5).",
        records=[one, two], edit_records=lambda r: [r[0], r[1], r[3]])
    add("twice", "damaged", "A record stands there twice (Order of checks, 3).",
        edit_records=lambda r: [r[0], r[1], r[1], r[2]])
    add("order", "damaged", "Two records change places (Order of checks, 3).", records=[one, two, three],
        edit_records=lambda r: [r[0], r[2], r[1], r[3], r[4]])
    add("after-close", "damaged", "A record after CLOSE, where padding must be (Order of checks, 7).",
        after_close=[Record(b"after")])
    add("cell-to-spare", "forged", "A cell of zeros more than the stored size needs (Records and cells).",
        records=[Record(b"one", spare_cells=1)])
    add("fill", "forged", "The last byte of the fill is not zero (Records and cells).",
        records=[Record(b"one", fill=bytes(960) + b"\1")])
    add("zero-field", "forged", "Byte 3 of a prefix is not zero (Records and cells).",
        records=[Record(b"one", zero=b"\0\1")])
    add("stored-size-beyond-plaintext", "forged", "A stored size one byte beyond the plaintext (Records and cells).",
        records=[Record(b"one", stored_size=965, payload_size=965)])
    add("stored-size-of-all-ones", "forged", "A stored size of 2^32 - 1 (Records and cells).",
        records=[Record(b"one", stored_size=2**32 - 1, payload_size=3)])
    add("payload-size-greater", "forged", "Codec 0 and a payload size greater than the stored size"
        " (Records and cells).",
        records=[Record(b"one", payload_size=4)])
    add("payload-size-too-large", "forged", "Codec 1 and a payload of 1 MiB - 255 (Records and cells).",
        records=[zstd(bytes(2**20 - 255), TOO_LARGE_FRAME)])
    add("payload-size-of-stored", "forged", "Codec 1 and a frame as long as its payload (Records and cells).",
        records=[zstd(EQUAL, EQUAL_FRAME)])
    add("payload-size-below-stored", "forged", "Codec 1 and a frame longer than its payload (Records and cells).",
        records=[zstd(b"one", ONE_FRAME)])
    add("codec-2", "unsupported", "Codec 2 (Records and cells).", records=[Record(b"one", codec=2)])
    add("type-5", "unsupported", "A record of type 5 (Records and cells).", records=[Record(b"one", type=5)])
    add("type-open", "forged", "A second OPEN (Order of checks, 3).",
        records=[Record(b"one", type=fmt.OPEN, sequence=0, uuid=bytes(16))])
    add("type-close", "forged", "A CLOSE under a record key (Order of checks, 3).",
        records=[Record(b"one", type=fmt.CLOSE, sequence=0, uuid=bytes(16))])
    add("sequence-gap", "forged", "A gap between two sequences (Order of checks, 5).",
        records=[one, Record(b"two", sequence=2)])
    add("sequence-not-that-of-open", "forged", "The first record has another sequence than OPEN says"
        " (Order of checks, 5).",
        first_record=4, records=[Record(b"one", sequence=5)])


def open_faults(v):
    add = named(v, "open")
    add("cut-off", "damaged", "OPEN is cut off a batch without records: the file begins with CLOSE, and cutting needs"
        " no key (Order of checks, 3).", records=[], edit_records=lambda r: r[1:])
    add("missing", "forged", "The first record is DATA (Order of checks, 3).", open_record=Record(type=fmt.DATA))
    add("codec-1", "forged", "OPEN with codec 1 (Records and cells).",
        open_record=Record(type=fmt.OPEN, codec=1, payload_size=400))
    add("sequence", "forged", "OPEN with a sequence (Records and cells).",
        open_record=Record(type=fmt.OPEN, sequence=1))
    add("uuid", "forged", "OPEN with a uuid (Records and cells).",
        open_record=Record(type=fmt.OPEN, uuid=bytes(15) + b"\1"))
    for version in (0, 2):
        add(f"version-{version}", "unsupported", f"Version {version} of OPEN.", edit_open=patch(0, version))
    add("policy-version-above-32-bits", "unsupported", "Byte 168 is not zero (OPEN).", edit_open=patch(168, 1))
    add("zero-field", "unsupported", "Byte 3 is not zero (OPEN).", edit_open=patch(3, 128))
    add("quorum-1", "forged", "A quorum of 1 (OPEN).", edit_open=patch(2, 1))
    add("device-key-small-order", "weak_key", "The device key is of order 1 (OPEN).", device_key=IDENTITY)
    add("device-key-not-a-point", "weak_key", "The device key is no point of the curve (OPEN).", device_key=NOT_A_POINT)
    add("device-key-not-canonical", "weak_key", "The device key is not canonical: y + 2^255 - 19 in place of y (OPEN).",
        device_key=not_canonical_point())
    name = "device-key-mixed-order"
    device_seed = Seed(f"{SET}/open-{name}").bytes(32, "device")
    mixed = sodium.crypto_core_ed25519_add(sign_public(device_seed), ORDER_8)
    add(name, "weak_key", "The device key has a part of order 8, and the signature verifies (OPEN).", device_key=mixed,
        sign_with=sign_mixed)
    add("batch-sequence-too-large", "forged", "A batch sequence of 2^62 + 1 (OPEN).", batch_sequence=2**62 + 1)
    add("first-record-too-large", "forged", "A first record of 2^62 + 1 (OPEN).", first_record=2**62 + 1)
    add("previous-zero", "forged", "Batch 1 without the id of the previous one (OPEN).", batch_sequence=1,
        previous=bytes(32))
    add("previous-not-zero", "forged", "Batch 0 with the id of a previous one (OPEN).", previous=bytes(31) + b"\1")
    add("program-version-of-33-bytes", "forged", "A program version of 33 bytes (OPEN).", program_version=b"v" * 33)
    for name, text in (("control", b"1\x7f0"), ("not-ascii", "1é".encode("utf-8"))):
        add(f"program-version-{name}", "forged", "A program version that is not printable ASCII (OPEN).",
            program_version=text)
    add("short", "forged", "OPEN ends in its last recipient (OPEN).", edit_open=lambda content: content[:-1])
    add("too-long", "forged", "A byte follows the recipients (OPEN).", edit_open=lambda content: content + b"\0")
    add("recipients-0", "forged", "A list of no recipients (OPEN).", listed=[])
    add("recipients-17", "forged", "A list of 17 recipients (OPEN).", listed=sorted([OURS, *STRANGERS]), slot_count=16)
    add("recipients-without-ours", "forged", "Our key is not in the list, and a slot of ours opens"
        " (Order of checks, 6).",
        listed=STRANGERS[:1])
    add("recipients-more-than-slots", "forged", "Five recipients in the list and four slots (Order of checks, 6).",
        listed=sorted([OURS, *STRANGERS[:4]]), slot_count=4)
    pair = sorted([OURS, STRANGERS[0]])
    add("recipients-fall", "forged", "Two recipients in falling order (OPEN).", listed=pair[::-1])
    add("recipients-twice", "forged", "One recipient twice (OPEN).", listed=[OURS, OURS])
    top = STRANGERS[0][:31] + bytes((STRANGERS[0][31] | 128,))
    add("recipient-top-bit", "not_canonical", "A recipient with the top bit set (OPEN).", listed=sorted([OURS, top]))
    add("recipient-not-reduced", "not_canonical", "A recipient of 2^255 - 19 + 9 (OPEN).",
        listed=sorted([OURS, (P25519 + 9).to_bytes(32, "little")]))
    for name, key in (("zero", bytes(32)), ("order-8", BOX_ORDER_8)):
        add(f"recipient-{name}", "weak_key", "A recipient of small order (OPEN).", listed=sorted([OURS, key]))


def close_faults(v):
    add = named(v, "close")
    add("missing", "damaged", "CLOSE is cut out (Order of checks, 3).", edit_records=lambda r: r[:-1])
    add("missing-in-full-file", "damaged", "Sixteen cells of OPEN and fifteen records, and no CLOSE"
        " (Order of checks, 3).",
        records=[Record(f"answer {n}".encode()) for n in range(15)],
        edit_file=lambda data: data[:64 + 4 * 128 + 32 + 16 * fmt.CELL])
    add("twice", "damaged", "CLOSE stands there twice: the second is no padding (Order of checks, 7).",
        edit_records=lambda r: [*r, r[-1]])
    add("changed", "damaged", "One bit in the cell of CLOSE (Order of checks, 3).", edit_records=flip_cell(2, 0))
    add("key-with-data", "forged", "A record of type DATA under the close key (Order of checks, 3).",
        close_record=Record(type=fmt.DATA))
    add("codec-1", "forged", "CLOSE with codec 1 (Records and cells).",
        close_record=Record(type=fmt.CLOSE, codec=1, payload_size=400))
    for version in (0, 2):
        add(f"version-{version}", "unsupported", f"Version {version} of CLOSE.", edit_body=patch(0, version))
    add("last-2", "forged", "last is 2 (CLOSE).", last=2)
    add("provisional-2", "forged", "provisional is 2 (CLOSE).", provisional=2)
    add("last-and-provisional", "forged", "last and provisional are both 1 (CLOSE).", last=1, provisional=1)
    add("short", "forged", "CLOSE ends in its signature (CLOSE).", edit_close=lambda content: content[:-1])
    add("too-long", "forged", "A byte follows the signature (CLOSE).", edit_close=lambda content: content + b"\0")
    for name, offset in (("study", 4), ("device", 20), ("batch-sequence", 36), ("previous", 44), ("policy", 76),
                         ("first-record", 108)):
        add(f"other-{name}", "forged", f"The {name.replace('-', ' ')} of CLOSE is not that of OPEN"
            " (Order of checks, 5).",
            edit_body=flip(offset), batch_sequence=2)
    add("cells", "damaged", "CLOSE counts one cell too many before itself (Order of checks, 5).",
        edit_body=patch(120, u32(3)))
    add("count-less", "damaged", "CLOSE leaves out the last record (Order of checks, 5).",
        records=[Record(b"one"), Record(b"two")], edit_leaves=lambda leaves: leaves[:-1])
    add("count-more", "damaged", "CLOSE has a leaf without a record (Order of checks, 5).",
        edit_leaves=lambda leaves: [*leaves, (bytes(32), 2)])
    add("leaf", "damaged", "A leaf of other cells (Order of checks, 5).",
        edit_leaves=lambda leaves: [leaves[0], (flip(0)(leaves[1][0]), leaves[1][1])])
    add("leaf-of-open", "damaged", "The leaf of OPEN is one of other cells (Order of checks, 5).",
        edit_leaves=lambda leaves: [(flip(31)(leaves[0][0]), 0), leaves[1]])
    add("first-cell", "damaged", "The first cell of a record is another one (Order of checks, 5).",
        edit_leaves=lambda leaves: [leaves[0], (leaves[1][0], 0)])


def two_faults(v):
    """Each breaks two rules: the word is that of the one that comes first."""
    add = named(v, "two-faults")
    step = "(Order of checks, 1)"
    for size, expect in ((64, "damaged"), (607, "damaged"), (608, "unsupported")):
        add(f"header-of-{size}-bytes", expect, f"Format 9, and a file of {size} bytes: below 608 the length comes first"
            f" {step}.", edit_file=lambda data, size=size: patch(8, 9)(data)[:size])

    step = "(Order of checks, 4)"

    def cut(size, *edits):
        def edit(content):
            for one in edits:
                content = one(content)
            return content[:size]
        return edit

    add("open-empty", "unsupported", f"OPEN of no bytes: a version that is not there is zero {step}.",
        edit_open=cut(0))
    add("open-of-one-byte", "unsupported", f"OPEN of one byte, 1: a version that is not whole is zero {step}.",
        edit_open=cut(1))
    add("open-cut-and-zero-field", "unsupported", f"OPEN of 200 bytes, and byte 168 is not zero {step}.",
        edit_open=cut(200, patch(168, 1)))
    add("open-cut-in-zero-field", "forged", "OPEN of 170 bytes, and byte 168 is not zero: a field that is not whole is"
        f" zero {step}.", edit_open=cut(170, patch(168, 1)))
    add("open-cut-and-device-key", "forged", f"OPEN ends in its last recipient, and the device key is weak {step}.",
        device_key=IDENTITY, edit_open=lambda content: content[:-1])
    add("open-zero-field-and-quorum", "unsupported", f"A quorum of 1, and byte 168 is not zero {step}.",
        edit_open=cut(None, patch(2, 1), patch(168, 1)))
    add("open-device-key-and-batch-sequence", "forged", f"A weak device key, and a batch sequence of 2^62 + 1 {step}.",
        device_key=IDENTITY, batch_sequence=2**62 + 1)
    add("open-device-key-and-recipient", "weak_key", f"A weak device key, and a recipient that is not canonical {step}.",
        device_key=IDENTITY, listed=sorted([OURS, NOT_CANONICAL]))
    add("open-recipients-fall-and-small-order", "forged", "Two recipients in falling order, one of them of small order"
        f" {step}.", listed=[OURS, bytes(32)])
    add("open-recipient-small-order-first", "weak_key", "A recipient of small order, and after it one that is not"
        f" canonical {step}.", listed=sorted([bytes(32), NOT_CANONICAL]))
    add("open-recipient-not-canonical-first", "not_canonical", "A recipient that is not canonical, and after it one of"
        f" small order {step}.", listed=sorted([NOT_CANONICAL, BOX_ORDER_8]))
    add("open-device-key-and-close", "weak_key", f"A weak device key in OPEN, and version 9 of CLOSE {step}.",
        device_key=IDENTITY, edit_body=patch(0, 9))
    add("close-short-and-version", "forged", f"Version 9 of CLOSE, and 63 bytes: no signature is whole {step}.",
        edit_close=cut(63, patch(0, 9)))
    add("close-of-a-signature", "unsupported", "CLOSE of 64 bytes, all of them signature: a version that is not there"
        f" is zero {step}.", edit_close=lambda content: content[-64:])
    add("close-version-and-last", "unsupported", f"Version 9 of CLOSE, and last is 2 {step}.", last=2,
        edit_body=patch(0, 9))
    add("close-version-and-signature", "unsupported", f"Version 9 of CLOSE, and one bit of S {step}.",
        edit_body=patch(0, 9), edit_signature=flip(40))


def signature_faults(v):
    add = named(v, "signature", "forged")
    rule = "(CLOSE; Order of checks, 5)"
    add("changed", f"One bit of S {rule}.", edit_signature=flip(40))
    add("by-another-device", f"Made with another key than that in OPEN {rule}.",
        sign_with=lambda message, device_seed, key: sign_by_hand(message, flip(0)(device_seed), key, 5)[0])
    add("over-another-tag", f"Over another header tag: a batch sealed again {rule}.", edit_signed_message=flip(16))
    add("over-another-last", f"Over last = 0, and last is 1: 'that was the last batch' {rule}.", last=1,
        edit_signed_message=flip(16 + 32 + 2))
    add("over-provisional", f"Over provisional = 1, and provisional is 0 {rule}.",
        edit_signed_message=flip(16 + 32 + 3))
    add("s-not-canonical", f"S plus the order of the group {rule}.",
        sign_with=lambda message, device_seed, key: sign_by_hand(message, device_seed, key, 5, s_plus=L)[0])
    add("r-small-order", f"R is of order 1, and the equation holds {rule}.",
        sign_with=lambda message, device_seed, key: sign_by_hand(message, device_seed, key, 0)[0])
    add("r-mixed-order", f"R has a part of order 8: the equation holds times 8 and not without {rule}.",
        sign_with=lambda message, device_seed, key: sign_by_hand(
            message, device_seed, key, 5, edit_r=lambda r: sodium.crypto_core_ed25519_add(r, ORDER_8))[0])


def padding_faults(v):
    add = named(v, "padding", "damaged")
    rule = "(Order of checks, 7)"
    add("first-byte", f"One bit in the first byte {rule}.", edit_padding=flip(0))
    add("last-byte", f"One bit in the last byte {rule}.", edit_padding=flip(-1, 128))
    add("of-another-version", f"The keystream of another batch id: the padding of an earlier version {rule}.",
        pad_nonce=lambda batch_id: flip(0)(batch_id[:24]))


def zstd_faults(v):
    def add(name, comment, frame, payload=TWO, **fields):
        v.add(f"zstd-{name}", "bad_content", f"{comment} (Records and cells: codec 1).", records=[zstd(payload, frame)],
              **fields)

    add("not-a-frame", "No frame", b"a" * 100)
    add("without-checksum", "A frame without content checksum", TWO_WITHOUT_CHECKSUM)
    add("without-size", "A frame without content size", TWO_WITHOUT_SIZE)
    # Content size of two bytes, window descriptor 0 (1 KiB, too small for a block of 2003: 8 gives 2 KiB).
    add("not-single-segment", "A frame with a window descriptor and a content size", TWO_FRAME[:4] + bytes((0x44, 0x08))
        + TWO_FRAME[5:])
    add("dictionary-id", "A frame with a dictionary id", TWO_FRAME[:4] + bytes((TWO_FRAME[4] | 1, 7)) + TWO_FRAME[5:])
    add("reserved-bit", "A frame with the reserved bit of its descriptor", TWO_FRAME[:4] + bytes((TWO_FRAME[4] | 8,))
        + TWO_FRAME[5:])
    add("checksum", "A wrong content checksum", flip(-1)(TWO_FRAME))
    add("cut", "A frame without its last byte", TWO_FRAME[:-1])
    add("trailing-byte", "A byte after the frame", TWO_FRAME + b"\0")
    add("two-frames", "A second frame, of no bytes", TWO_FRAME + EMPTY_FRAME)
    add("skippable-frame-before", "A skippable frame before the frame", SKIPPABLE_FRAME + TWO_FRAME)
    add("content-size", "A content size that is not the payload size", TWO_FRAME, payload=TWO + b"!")
    add("bomb", "Blocks of 1 MiB behind a content size of 2003", BOMB_FRAME)
    add("other-dictionary", "A frame made with another dictionary than OPEN names", ANSWERS_FRAME, payload=ANSWERS,
        dictionary=DICTIONARY[::-1])
    v.add("zstd-dictionary-not-named", "bad_content", "A frame made with a dictionary, and OPEN names none"
          " (Records and cells: codec 1).", records=[zstd(ANSWERS, ANSWERS_FRAME)])
    v.add("zstd-dictionary-unknown", "unknown_dictionary", "OPEN names a dictionary that the reader has not"
          " (Order of checks, 8).", records=[zstd(ANSWERS, ANSWERS_FRAME)],
          edit_open=patch(100, fmt.dictionary_hash(DICTIONARY)))
    v.add("zstd-one-of-two-records", "bad_content", "The second of two records does not decompress: nothing of the"
        " first is handed on (Conventions).", records=[Record(b"one"), zstd(TWO, flip(-1)(TWO_FRAME))])


def shares_faults(v):
    """k of n. Custodians stand in the list in the order of their keys: `by_place`."""
    by_place = sorted(zip(CUSTODIANS, CUSTODIAN_SECRETS))
    keys, secrets = [key for key, _ in by_place], [secret for _, secret in by_place]
    shares = "(Shares: k of n)"

    def pick(*places):
        return lambda all_of_them: [all_of_them[place - 1] for place in places]

    def edited(*places, last):
        """Those of the places, and the last of them otherwise."""
        return lambda all_of_them: [*pick(*places[:-1])(all_of_them), replace(all_of_them[places[-1] - 1], **last)]

    # Good ones.
    v.add("opened-shares-2-of-2", "opened", f"A quorum of 2 of 2: our own share and one given {shares}.", quorum=2,
          recipients=keys[:2], secrets=secrets[:1], given=pick(2))
    base = "opened-shares-2-of-3"
    v.add(base, "opened", f"A quorum of 2 of 3: our own share, of place 1, and that of place 3 given {shares}.",
        quorum=2, recipients=keys[:3], secrets=secrets[:1], given=pick(3))
    v.add("opened-shares-3-of-5", "opened", f"A quorum of 3 of 5, in eight slots {shares}.", quorum=3,
        recipients=keys[:5], secrets=secrets[1:2], given=pick(3, 5))
    v.add("opened-shares-16-of-16", "opened", f"A quorum of all of the most recipients, all shares given {shares}.",
          quorum=16, recipients=STRANGERS, given=pick(*range(1, 17)))

    def of(batch, name, *rest, **fields):
        v.add_reading(batch, name, *rest, **{"secrets": secrets[:1], **fields})

    of("opened-shares-3-of-5", "opened-shares-other-three-of-five", "opened", f"Other three shares {shares}.",
       secrets=[OUR_SECRET], given=pick(4, 1, 2))
    of("opened-shares-3-of-5", "shares-two-of-three", "too_few_shares", f"Two shares, and k is 3 {shares}.",
        given=pick(5))
    of(base, "opened-shares-more-than-k", "opened", f"Three shares, and k is 2 {shares}.", given=pick(2, 3))
    of(base, "opened-shares-own-only", "opened", f"Two identities of ours are custodians {shares}.",
        secrets=secrets[:2])
    of(base, "opened-shares-given-only", "opened", "The reader is no custodian: no slot opens, and two shares that fit"
        " are given (Order of checks, 2).", secrets=[OUR_SECRET], given=pick(3, 2))
    of(base, "opened-shares-own-given-too", "opened", f"Our own share is given once more {shares}.", given=pick(1, 2))
    wrong = {"share": Seed(SET).bytes(32, "forged share")}
    of(base, "opened-shares-forged-one-beside", "opened", f"Two shares that fit, and a forged one beside {shares}.",
       secrets=secrets[1:2], given=lambda s: [replace(s[0], **wrong), s[2]])
    of(base, "shares-forged", "too_few_shares", f"Our own share and a forged one {shares}.",
        given=edited(2, last=wrong))
    of(base, "shares-own-alone", "too_few_shares", f"Our own share alone {shares}.")
    of(base, "shares-given-alone", "too_few_shares", f"No slot opens, and one share that fits is given {shares}.",
       secrets=[OUR_SECRET], given=pick(2))
    of(base, "shares-none", "not_openable", "No slot opens, and no share is given (Order of checks, 2).",
       secrets=[OUR_SECRET])
    of(base, "shares-none-fits", "not_openable", "No slot opens, and no share fits of those given"
        " (Order of checks, 2).",
       secrets=[OUR_SECRET], given=lambda s: v.written["opened-shares-2-of-2"].shares)
    of(base, "shares-twice", "too_few_shares", f"One share twice: its own custodian's {shares}.", given=pick(1))
    of(base, "shares-of-another-batch", "too_few_shares", f"The second share is of another batch {shares}.",
       given=lambda s: v.written["opened-shares-2-of-2"].shares[1:])
    for name, last in (("k", {"k": 3}), ("n", {"n": 4}), ("x", {"x": 3})):
        of(base, f"shares-{name}-changed", "too_few_shares", f"The share given says another {name}: it does not fit"
           f" {shares}.", given=edited(2, last=last))
    of(base, "shares-context-changed", "too_few_shares", "The share given has another slot context and does not fit"
       f" {shares}.", given=edited(2, last={"context": bytes(24)}))
    of(base, "shares-custodian-of-another-place", "too_few_shares", "The share of place 2 is given in the name of the"
        f" custodian at place 3 and does not fit {shares}.", given=edited(2, last={"custodian": keys[2]}))
    of("opened-one-record", "opened-whole-key-with-shares", "opened", "A slot with the whole content key, and shares of"
       " another batch given beside (Order of checks, 2).", secrets=[OUR_SECRET],
       given=lambda s: v.written[base].shares)

    # What is wrong with a batch as a whole.
    two_of_three = {"quorum": 2, "recipients": keys[:3], "secrets": secrets[:1], "given": pick(3)}
    add = named(v, "shares")
    add("quorum-0", "forged", "The slots hold shares, and OPEN says that each recipient opens the batch alone"
        " (Order of checks, 6).", **two_of_three, open_quorum=0)
    add("quorum-other", "forged", "k is 2 in the slots and 3 in OPEN (Order of checks, 6).", **two_of_three,
        open_quorum=3)
    add("quorum-above-list", "forged", "A quorum of 4 of 3 (OPEN).", **two_of_three, open_quorum=4)
    add("n-not-of-list", "forged", "n is 4 in the slots, and the list has three (Order of checks, 6).", **two_of_three,
        share_count=4)
    add("of-another-key", "damaged", f"The shares fit and give another content key than the header tag's {shares}.",
        **two_of_three, shared_key=Seed(SET).bytes(32, "another content key"))
    add("context-of-another-policy", "forged", "All slots have the context of another policy (Order of checks, 6).",
        quorum=2, recipients=keys[:3], secrets=secrets[:2], slots=[
            Slot(key, context=lambda header, study, policy: fmt.slot_context(header, study, bytes(32)))
            for key in keys[:3]] + [Slot()])
    add("tag-of-another-changed", "damaged", "One bit in the share tag of a slot that is not needed: the header tag is"
        " another (Keys).", **two_of_three, slots=[*map(Slot, keys[:3]), Slot()], edit_file=flip(64 + 128 + 120))

    # One batch with another fault in the slot of each of our identities, read with one of them at a time.
    recipients = sorted([*keys, *STRANGERS[:16 - len(keys)]])
    place = {key: index + 1 for index, key in enumerate(recipients)}
    sound = [place[key] for key in STRANGERS[:2]]

    def numbers(*k_n_x):
        return {"share": bytes(k_n_x)}

    alone, with_one = lambda s: [], pick(sound[0])
    faults = [  # name, expect, comment, fields of the slot, shares given
        ("k-1", "unsupported", "k = 1 (Header)", numbers(1, 16, place[keys[0]]), alone),
        ("k-above-n", "unsupported", "k = 3 and n = 2 (Header)", numbers(3, 2, 1), alone),
        ("n-17", "unsupported", "n = 17 (Header)", numbers(2, 17, place[keys[2]]), alone),
        ("x-0", "unsupported", "x = 0 (Header)", numbers(2, 16, 0), alone),
        ("x-above-n", "unsupported", "x = 17 and n = 16 (Header)", numbers(2, 16, 17), alone),
        ("zero-field", "unsupported", "type 2, and byte 39 is not zero (Header)", {"zero": b"\0\0\1"}, alone),
        ("tag", "too_few_shares", f"another share tag than its share has {shares}", {"tag": bytes(16)}, alone),
        ("k-other", "too_few_shares", f"k = 3 and the tag to it, where the others have 2 {shares}",
         numbers(3, 16, place[keys[7]]), with_one),
        ("context", "too_few_shares", f"the slot context of another study {shares}",
         {"context": lambda header, study, policy: fmt.slot_context(header, bytes(16), policy)}, with_one),
        ("place", "forged", "the share of another place than its custodian has in the list (Order of checks, 6)",
         {"x": place[STRANGERS[2]]}, with_one),
        ("whole-key", "forged", "the whole content key, in a batch with a quorum (Order of checks, 6)",
         {"type": 1}, alone),
    ]
    base = "opened-shares-beside-faulty-slots"
    v.add(base, "opened", "Two shares are given, and no slot opens. Those of eleven custodians have a fault each: see"
          " shares-slot-*.", quorum=2, recipients=recipients, given=pick(*sound),
          slots=[Slot(key, **fields) for key, (_, _, _, fields, _) in zip(keys, faults)]
          + [Slot(key) for key in recipients if key not in keys])
    for secret, (fault, expect, comment, _, given) in zip(secrets, faults, strict=True):
        of(base, f"shares-slot-{fault}", expect, f"Our slot has {comment}.", secrets=[secret], given=given)
    of(base, "opened-shares-beside-slot-with-k-1", "opened", "Our slot has k = 1 and counts for nothing; two shares are"
       " given (Order of checks, 2).", given=pick(*sound))


def psk_faults(v):
    """A study's pre-shared key, in slots of type 1."""
    add = named(v, "psk")
    keys, step, flag = "(Keys)", "(Order of checks, 2)", "(Header)"
    ours = {"psk": PSK, "psks": [PSK]}
    wrong = {"content_key": bytes(32)}

    base = "opened-psk"
    v.add(base, "opened", f"A pre-shared key is mixed in; the reader has two, and the second is it {keys}.", psk=PSK,
          psks=[EARLIER_PSK, PSK], records=[Record(b"one"), submission(2500)])

    def of_base(name, *rest, psks):
        v.add_reading(base, name, *rest, psks=psks)

    of_base("opened-psk-first-of-two", "opened", f"The first of two is it {keys}.", psks=[PSK, OTHER_PSK])
    of_base("psk-missing", "psk_missing", f"The reader has no pre-shared key {keys}.", psks=[])
    of_base("psk-wrong", "psk_missing", f"The reader has two others {keys}.", psks=[EARLIER_PSK, OTHER_PSK])
    v.add("opened-psk-not-mixed", "opened", "None is mixed in, and the reader has one: byte 36 counts, not what the"
          f" study has {keys}.", psks=[PSK])
    v.add("opened-psk-zstd-16-slots", "opened", f"One is mixed in, with codec 1, a dictionary, and 16 slots {keys}.",
          **ours, slot_count=16, dictionary=DICTIONARY, records=[zstd(ANSWERS, ANSWERS_FRAME)])

    def slots(*of_ours):
        return {"slots": [*(Slot(OURS, **fields) for fields in of_ours), *(Slot() for _ in range(4 - len(of_ours)))]}

    for value in (2, 128):
        add(f"flag-{value}", "unsupported", f"Byte 36 is {value} in our slot, and a pre-shared key is mixed in {flag}.",
            **ours, **slots({"mixed": value}))
    add("flag-3-not-mixed", "unsupported", f"Byte 36 is 3 in our slot, and none is mixed in {flag}.", psks=[PSK],
        **slots({"mixed": 3}))
    for index in range(3):
        add(f"zero-field-{37 + index}", "unsupported", f"Byte 36 is 1, and byte {37 + index} is not zero {flag}.",
            **ours, **slots({"zero": bytes(index) + b"\1" + bytes(2 - index)}))
    add("said-and-not-mixed", "psk_missing", "Our slot says 1, and the header tag is of the content key without the"
        f" pre-shared key {keys}.", psks=[PSK], **slots({"mixed": 1}))
    add("mixed-and-not-said", "damaged", "Our slot says 0, and the header tag is of the content key with the pre-shared"
        f" key {keys}.", **ours, **slots({"mixed": 0}))
    add("other-content-key-not-mixed", "damaged", "Our slot says 0 and has another content key, in a batch with a"
        f" pre-shared key {step}.", **ours, recipients=[OURS, STRANGERS[0]],
        slots=[Slot(OURS, mixed=0, **wrong), Slot(STRANGERS[0]), Slot(), Slot()])
    add("other-content-key", "psk_missing", "Our slot has another content key, mixed: which of the two is wrong can't"
        f" be told {step}.", **ours, **slots(wrong))
    add("salt-changed", "psk_missing", "One bit of the salt: the header tag is another, and whether for want of a"
        f" pre-shared key can't be told {step}.", **ours, edit_file=flip(63, 128))
    for name, order in (("plain-first", (0, 1)), ("mixed-first", (1, 0))):
        add(f"wrong-slots-{name}", "damaged", "Two slots open, with byte 36 = {} and = {}, and other content keys:"
            " damaged goes before psk_missing {}.".format(*order, step), **ours,
            **slots(*({"mixed": mixed, **wrong} for mixed in order)))
    add("wrong-slot-and-unknown-type", "psk_missing", "Two slots open, one mixed with another content key, one of type"
        f" 3 {step}.", **ours, **slots({"type": 3}, wrong))
    add("wrong-slot-and-share", "psk_missing", "Two slots open, one mixed with another content key, one with a share"
        f" that does not fit {step}.", **ours, **slots({"type": 2, "share": bytes((2, 3, 1)), "tag": bytes(16)}, wrong))
    for name, first in (("plain", {"mixed": 0}), ("mixed", {}), ("flag-2", {"mixed": 2})):
        v.add(f"opened-psk-wrong-slot-of-ours-{name}", "opened", "Two slots open, the first with byte 36 ="
              f" {first.get('mixed', 1)} and another content key, the second with the right one, mixed {step}.", **ours,
              **slots({**first, **wrong}, {}))
    v.add("opened-psk-wrong-slot-beside-plain", "opened", "Two slots open, the first mixed and wrong, the second with"
          f" the right content key and byte 36 = 0; the reader has no pre-shared key {step}.",
          **slots({"mixed": 1, **wrong}, {}))
    add("context-of-another-study", "forged", "A pre-shared key is mixed in, and the slot context is that of another"
        " study (Order of checks, 6).", **ours,
        **slots({"context": lambda header, study, policy: fmt.slot_context(header, bytes(16), policy)}))
    add("cell-changed", "damaged", "A pre-shared key is mixed in, and a bit of a record has changed"
        " (Order of checks, 3).", **ours, edit_records=flip_cell(1, 0))
    add("padding", "damaged", "A pre-shared key is mixed in, and a bit of the padding has changed"
        " (Order of checks, 7).", **ours, edit_padding=flip(0))


def psk_shares_faults(v):
    """The same, in shares."""
    by_place = sorted(zip(CUSTODIANS, CUSTODIAN_SECRETS))
    keys, secrets = [key for key, _ in by_place], [secret for _, secret in by_place]
    rule, step = "(Shares: k of n)", "(Order of checks, 2)"
    two_of_three = {"quorum": 2, "recipients": keys[:3], "secrets": secrets[:1], "psk": PSK}

    def pick(*places, **edits):
        return lambda all_of_them: [replace(all_of_them[place - 1], **edits) for place in places]

    base = "opened-psk-shares-2-of-3"
    v.add(base, "opened", "A quorum of 2 of 3, and a pre-shared key mixed into the content key: our own share, of place"
          f" 1, and that of place 3 given; of two pre-shared keys the second is it {rule}.", **two_of_three,
          given=pick(3), psks=[EARLIER_PSK, PSK])

    def of(batch, name, *rest, **fields):
        v.add_reading(batch, name, *rest, **{"secrets": secrets[:1], "psks": [PSK], **fields})

    of(base, "opened-psk-shares-given-only", "opened", f"No slot opens, and two shares that fit are given {rule}.",
       secrets=[OUR_SECRET], given=pick(3, 2))
    of(base, "psk-shares-missing", "psk_missing", f"Our own share and one given, and no pre-shared key {rule}.",
       given=pick(3), psks=[])
    of(base, "psk-shares-wrong", "psk_missing", f"Our own share and one given, and two other pre-shared keys {rule}.",
       given=pick(3), psks=[EARLIER_PSK, OTHER_PSK])
    of(base, "psk-shares-own-alone", "too_few_shares", f"Our own share alone, and no pre-shared key {rule}.", psks=[])
    of(base, "psk-shares-none-fits", "not_openable", "No slot opens, no share given fits, and there is no pre-shared"
       f" key {step}.", secrets=[OUR_SECRET], given=lambda s: v.written["opened-shares-2-of-3"].shares, psks=[])
    of(base, "psk-shares-flag-changed", "too_few_shares", "The share given says 0 in place of 1: it does not fit"
       f" {rule}.", given=pick(3, mixed=0))
    of("opened-shares-2-of-3", "psk-shares-flag-added", "too_few_shares", "The share given says 1 in place of 0: it"
       f" does not fit {rule}.", given=pick(3, mixed=1))
    of("opened-shares-2-of-3", "opened-psk-shares-not-mixed", "opened", "Shares that say 0, and the reader has a"
       f" pre-shared key {rule}.", given=pick(3))

    add = named(v, "psk-shares")

    def slots(*mixed):
        return [*(Slot(key, mixed=one) for key, one in zip(keys, mixed)), Slot()]

    for name, mixed, psk in (("mixed", (1, 0, 0), PSK), ("plain", (0, 1, 1), None)):
        fields = {**two_of_three, "psk": psk}
        add(f"disagree-own-{name}", "too_few_shares", f"Our own share says {mixed[0]} and the one given {mixed[2]}:"
            f" each fits, and they do not agree {rule}.", **fields, slots=slots(*mixed), psks=[PSK],
            given=pick(3, mixed=mixed[2]))
        v.add(f"opened-psk-shares-beside-one-that-disagrees-{name}", "opened", f"Our own share says {mixed[0]}, as the"
              f" right two of three; another that fits says {1 - mixed[0]} {rule}.", **fields,
              slots=slots(mixed[0], mixed[0], 1 - mixed[0]), psks=[PSK],
              given=lambda s, mixed=mixed: [replace(s[2], mixed=1 - mixed[0]), s[1]])
    add("of-another-key", "psk_missing", f"The shares fit and give another content key, and it is mixed {rule}.",
        **two_of_three, psks=[PSK], given=pick(3), shared_key=bytes(32))
    add("mixed-and-not-said", "damaged", "The shares say 0, and the header tag is of the content key with the"
        f" pre-shared key {rule}.", **two_of_three, slots=slots(0, 0, 0), psks=[PSK], given=pick(3, mixed=0))
    add("said-and-not-mixed", "psk_missing", "The shares say 1, and the header tag is of the content key without it"
        f" {rule}.", **{**two_of_three, "psk": None}, slots=slots(1, 1, 1), psks=[PSK], given=pick(3, mixed=1))
    add("slot-flag-2", "unsupported", "Byte 36 is 2 in our slot, the only one that opens (Header).", **two_of_three,
        slots=slots(2, 1, 1), psks=[PSK])
    add("slot-zero-field", "unsupported", "Byte 36 is 1 in our slot, and byte 37 not zero (Header).", **two_of_three,
        slots=[Slot(keys[0], zero=b"\1\0\0"), *map(Slot, keys[1:3]), Slot()], psks=[PSK])
    add("tag-without-flag", "too_few_shares", f"Our share is mixed, and its tag does not say so {rule}.",
        **two_of_three, slots=[Slot(keys[0], tag_of=0), *map(Slot, keys[1:3]), Slot()], psks=[PSK], given=pick(3))
    add("other-k-forged", "forged", "Mixed shares with k = 2, and 3 in OPEN (Order of checks, 6).", **two_of_three,
        open_quorum=3, psks=[PSK], given=pick(3))

    # Sets of shares that agree in themselves, of which a hostile device made only one right, or none.
    def given(*places_and_flags):
        return lambda s: [replace(s[place - 1], mixed=flag) for place, flag in places_and_flags]

    for name, mixed, psk in (("mixed", (1, 0, 0), None), ("plain", (0, 1, 1), PSK)):
        v.add(f"opened-psk-shares-own-{name}-in-the-minority", "opened", f"Our own share says {mixed[0]}, the two given"
              f" agree in {mixed[1]} and are right {rule}.", **{**two_of_three, "psk": psk}, slots=slots(*mixed),
              psks=[PSK], given=given((2, mixed[1]), (3, mixed[2])))
    v.add("opened-shares-own-of-another-k", "opened", "Our own share fits and says k = 3; the two given agree in k = 2"
          f" and are right {rule}.", quorum=2, recipients=keys[:3], secrets=secrets[:1], given=pick(2, 3),
          slots=[Slot(keys[0], share=bytes((3, 3, 1))), *map(Slot, keys[1:3]), Slot()])
    two_and_two = {"quorum": 2, "recipients": keys[:4], "secrets": secrets[:1], "psks": [PSK]}
    plain_first = {"slots": [Slot(key, mixed=flag) for key, flag in zip(keys, (0, 0, 1, 1))],
                   "given": given((2, 0), (3, 1), (4, 1))}
    mixed_first = {"slots": [Slot(key, mixed=flag) for key, flag in zip(keys, (1, 1, 0, 0))],
                   "given": given((2, 1), (3, 0), (4, 0))}
    v.add("opened-psk-shares-first-set", "opened", f"Two sets of two, and the first is right {rule}.", **two_and_two,
          **plain_first)
    v.add("opened-psk-shares-second-set", "opened", f"Two sets of two, and the second is right {rule}.", **two_and_two,
          **plain_first, psk=PSK)
    for name, order in (("plain", plain_first), ("mixed", mixed_first)):
        add(f"no-set-right-{name}-first", "damaged", f"Two sets of two, one of them mixed; none is right {rule}.",
            **two_and_two, **order, shared_key=bytes(32))


def share_files(v):
    """`.ffshare` (KEYS.md)."""
    batches = ("opened-shares-2-of-2", "opened-shares-2-of-3")
    shares = [v.written[name].shares[0] for name in batches]
    index = CUSTODIANS.index(shares[0].custodian)
    custodian, sign_seed = CUSTODIAN_SECRETS[index], receipt_seed(index)
    entries = list(map(write_entry, shares))
    rule = "(KEYS.md: .ffshare)"

    def file(name, entries=entries, analyst=OURS, **edits):
        ephemeral = Seed(f"{SET}/{name}").bytes(32, "ephemeral")
        return write_share_file(entries, custodian, sign_seed, analyst, ephemeral, **edits)

    def add(name, expect, comment, edit=lambda data: data, **fields):
        name = f"{'opened-' if expect == 'opened' else ''}share-file-{name}"
        v.add_share_file(name, expect, f"{comment} {rule}.", edit(file(name, **fields)), b"".join(entries), batches)

    add("of-two", "opened", "Two shares.")
    name = "opened-share-file-of-one"
    v.add_share_file(name, "opened", f"One share {rule}.", file(name, entries[:1]), entries[0], batches[:1])
    name, mixed_batches = "opened-share-file-psk", ("opened-shares-2-of-3", "opened-psk-shares-2-of-3")
    mixed = [write_entry(v.written[batch].shares[0]) for batch in mixed_batches]
    v.add_share_file(name, "opened", f"Two shares, the second of a batch with a pre-shared key: byte 35 is 1 {rule}.",
                     file(name, mixed), b"".join(mixed), mixed_batches)
    add("empty", "wrong_format", "A file of no bytes: no magic", edit=lambda data: b"")
    add("magic-of-a-key-file", "wrong_format", "The magic of a key file", edit=patch(3, ord("K")))
    for version in (0, 2):
        add(f"version-{version}", "unsupported", f"Version {version}", edit_head=patch(8, version))
    add("zero-field", "unsupported", "Byte 11 is not zero", edit_head=patch(11, 1))
    add("count-0", "damaged", "No shares", entries=[])
    add("count-less", "damaged", "One share said and two there", edit_head=patch(12, u32(1)))
    add("count-more", "damaged", "Three shares said and two there", edit_head=patch(12, u32(3)))
    add("count-100001", "damaged", "100001 shares said and two there", edit_head=patch(12, u32(100001)))
    add("ends-in-head", "damaged", "The file ends in the analyst's key", edit=lambda data: data[:100])
    add("one-byte-less", "damaged", "A byte is missing at the end", edit=lambda data: data[:-1])
    add("one-byte-more", "damaged", "A byte follows", edit=lambda data: data + b"\0")
    add("of-another-analyst", "not_openable", "Sealed to another analyst", analyst=STRANGERS[0])
    add("analyst-changed", "forged", "One bit of the analyst's key, which the signature covers",
        edit=flip(80))
    for name, offset, what in (("custodian", 16, "the custodian's X25519 key"),
                               ("custodian-sign", 48, "the custodian's Ed25519 key"),
                               ("signature", 112 + 40, "the signature"), ("sealed", 176 + 100, "the sealed entries"),
                               ("ephemeral", 176, "the sealed box's ephemeral key")):
        add(f"{name}-changed", "forged", f"One bit of {what}", edit=flip(offset))
    add("signed-by-another", "forged", "Signed with another key than the one it names",
        sign_with=lambda message: sign(message, Seed(SET).bytes(32, "another")))
    add("custodian-sign-small-order", "forged", "The custodian's Ed25519 key is of order 1, and the equation holds",
        edit_head=patch(48, IDENTITY), sign_with=lambda message: scalar_point(5) + scalar(5))
    add("signature-of-a-batch", "forged", "Signed under the label of CLOSE", label=b"FFB1 close sig 1")
    add("sealed-to-another", "forged", "The head names us, and the box is sealed to another", sealed_to=STRANGERS[0])
    for name, offset, value, what in (("k-1", 32, 1, "k = 1"), ("k-above-n", 32, 4, "k = 4 and n = 3"),
                                      ("n-17", 33, 17, "n = 17"), ("x-0", 34, 0, "x = 0"),
                                      ("x-above-n", 34, 4, "x = 4 and n = 3"),
                                      ("entry-psk-flag-2", 35, 2, "a byte 35 of 2"),
                                      ("entry-psk-flag-129", 35, 129, "a byte 35 of 129")):
        add(name, "damaged", f"An entry with {what}", entries=[entries[0], patch(offset, value)(entries[1])])


def wrap_files(v):
    """`.ffwrap` (KEYS.md)."""
    rule = "(KEYS.md: .ffwrap)"

    def file(name, of, archive=OURS, **fields):
        fields = {"content_key": of.content_key, "header_tag": of.header_tag, "batch_id": of.batch_id, **fields}
        return write_wrap_file(archive=archive, ephemeral_secret=Seed(f"{SET}/{name}").bytes(32, "ephemeral"), **fields)

    def add(name, expect, comment, of="opened-withdrawal", edit=lambda data: data, **fields):
        name = f"{'opened-' if expect == 'opened' else ''}wrap-{name}"
        v.add_wrap(name, expect, f"{comment} {rule}.", edit(file(name, v.written[of], **fields)), of)

    other = v.written["opened-one-record"]
    add("of-a-batch", "opened", "The content key of a batch of two records")
    add("psk", "opened", "The content key of a batch with a pre-shared key, mixed: no other is asked for", of="opened-psk")
    add("not-listed", "opened", "Nobody who opens it stands in the batch's list: who may open is not asked again",
        of="slot-none-ours")
    add("provisional", "opened", "A provisional version", of="opened-provisional")
    add("media", "opened", "The content key of part of a media file", of="opened-media")
    add("empty", "wrong_format", "A file of no bytes: no magic", edit=lambda data: b"")
    add("magic-of-a-key-file", "wrong_format", "The magic of a key file", edit=patch(3, ord("K")))
    for version in (0, 2):
        add(f"version-{version}", "unsupported", f"Version {version}", edit_head=patch(8, version))
    add("zero-field", "unsupported", "Byte 11 is not zero", edit_head=patch(11, 1))
    add("ends-in-head", "damaged", "The file ends in the header tag", edit=lambda data: data[:60])
    add("one-byte-less", "damaged", "A byte is missing at the end", edit=lambda data: data[:-1])
    add("one-byte-more", "damaged", "A byte follows", edit=lambda data: data + b"\0")
    add("of-another-archive", "not_openable", "Sealed to another archive key", archive=STRANGERS[0])
    add("archive-changed", "not_openable", "One bit of the archive's key, which then is nobody's", edit=flip(20))
    add("sealed-to-another", "forged", "The head names us, and the box is sealed to another", sealed_to=STRANGERS[0])
    for name, offset, what in (("header-tag", 50, "the header tag"), ("batch-id", 80, "the batch id"),
                               ("ephemeral", 108, "the sealed box's ephemeral key"), ("sealed", 200, "the sealed key")):
        add(f"{name}-changed", "forged", f"One bit of {what}", edit=flip(offset))
    add("for-another-head", "forged", "The seal names the head of another batch",
        bound=file("wrap-for-another-head", other)[:108])
    add("content-key-of-another", "damaged", "The content key of another batch does not give this one's header tag",
        content_key=other.content_key)
    add("batch-id-of-another", "damaged", "The key opens the batch, and another version of it was archived",
        batch_id=other.batch_id)
    add("batch-id-of-a-media-file", "damaged", "The key opens the part, and another id was archived", of="opened-media",
        batch_id=other.batch_id)
    add("cell-changed", "damaged", "The batch itself has a bit changed: it is verified with an archived key as with any",
        of="record-cell-changed")
    add("signature-changed", "forged", "The device's signature is not right: it is verified with an archived key as with"
        " any", of="signature-changed")


def rot_faults(v):
    """What rots, is cut off or left over in batches of more records: of what salvage.txt says of each."""
    add = named(v, "rot", "damaged")
    rule = "(Order of checks; Salvage)"
    dozen = [submission(2500 if n == 5 else 200 + n) for n in range(1, 13)]
    two_dozen = [Record(f"answer {n}".encode()) for n in range(1, 26)]
    at = 64 + 4 * 128 + 32  # of the cells, four slots

    def put_cells(**cells):
        """Puts cells in places, `c3=…` at 3."""
        def edit(data):
            for name, cell in cells.items():
                data = patch(at + int(name[1:]) * fmt.CELL, cell)(data)
            return data
        return edit

    def cell_of(data, place):
        return data[at + place * fmt.CELL:at + (place + 1) * fmt.CELL]

    add("one-of-twelve", f"One bit in the second of three cells of record 5 {rule}.", records=dozen,
        edit_records=flip_cell(5, 1))
    add("three-of-twelve", f"A bit in each of records 1, 7 and 12 {rule}.", records=dozen,
        edit_records=lambda r: flip_cell(1, 0, 0)(flip_cell(7, 0, 1040)(flip_cell(12, 0)(r))))
    add("open", f"One bit in OPEN {rule}.", records=dozen, edit_records=flip_cell(0, 0))
    add("second-cell-of-close", f"One bit in the second cell of CLOSE {rule}.", records=two_dozen,
        edit_records=flip_cell(26, 1))
    add("cut-in-padding", f"Cut in the first cell of the padding {rule}.", records=dozen[:10],
        edit_file=lambda data: data[:at + 14 * fmt.CELL + 500])
    add("cut-in-close", f"Cut in the last byte of CLOSE {rule}.", records=two_dozen,
        edit_file=lambda data: data[:at + 28 * fmt.CELL - 1])
    add("close-all-over", f"The first of two cells of CLOSE stands also in places of records and of padding {rule}.",
        records=two_dozen[:24], edit_file=lambda data: put_cells(
            **dict.fromkeys(("c2", "c3", "c24", "c27"), cell_of(data, 25)))(data))
    def redacted(name, index, begin, count, as_index=None, key_of=lambda key: key):
        """Over the cells of record `index`, as Redaction has it for `as_index`."""
        def edit(data):
            cells, tag = b"".join(cell_of(data, begin + at) for at in range(count)), data[at - 32:at]
            fill = redaction(as_index or index, fmt.leaf(index, cells), len(cells),
                             key_of(Seed(f"{SET}/rot-{name}").bytes(32, "content key")), tag)
            return patch(at + begin * fmt.CELL, fill)(data)
        return edit

    add("redacted", f"Record 5 of three cells was redacted {rule}.", records=dozen,
        edit_file=redacted("redacted", 5, 5, 3))
    add("redacted-and-rotten", f"Record 5 was redacted, and a bit of its last cell rotted then {rule}.", records=dozen,
        edit_file=lambda data: flip(at + 8 * fmt.CELL - 1)(redacted("redacted-and-rotten", 5, 5, 3)(data)))
    add("redacted-as-another", f"Record 3 has the cells of a redaction of record 4 {rule}.", records=dozen,
        edit_file=redacted("redacted-as-another", 3, 3, 1, as_index=4))
    ours = {"records": dozen, "psk": PSK, "psks": [EARLIER_PSK, PSK]}
    add("psk-redacted", f"Record 5 of three cells was redacted, in a batch with a pre-shared key {rule}.", **ours,
        edit_file=redacted("psk-redacted", 5, 5, 3, key_of=lambda key: fmt.mixed(key, PSK)))
    add("psk-redacted-without", "Record 5 has the cells of a redaction under the content key without the pre-shared key"
        f" that is mixed in {rule}.", **ours, edit_file=redacted("psk-redacted-without", 5, 5, 3))
    v.add_reading("rot-psk-redacted", "rot-psk-missing", "psk_missing", "The same as rot-psk-redacted, and the reader"
                  f" has another pre-shared key {rule}.", psks=[OTHER_PSK])
    add("zeros", f"The cells of record 5 are zero, as of a disk that fails {rule}.", records=dozen,
        edit_file=patch(at + 5 * fmt.CELL, bytes(3 * fmt.CELL)))
    name = "close-of-shorter-version"

    def shorter():
        return write(Plan(seed=Seed(f"{SET}/rot-{name}"), recipients=[OURS], records=two_dozen[:2], provisional=1)).data

    add(name, f"CLOSE of an earlier version, where it stood, over record 3 {rule}.", records=two_dozen[:4],
        edit_file=lambda data: put_cells(c3=cell_of(shorter(), 3))(data))
    add(f"{name}-alone", f"The same, and the later CLOSE has rotted {rule}.", records=two_dozen[:4],
        edit_records=flip_cell(5, 0), edit_file=lambda data: put_cells(c3=cell_of(write(Plan(
            seed=Seed(f"{SET}/rot-{name}-alone"), recipients=[OURS], records=two_dozen[:2], provisional=1)).data, 3))(
                data))


PHOTO = Seed(SET).bytes(100_000, "photo")  # two cells, and two of padding
SIX_CELLS = Seed(SET).bytes(media_reader.FIRST_CHUNK - media_reader.HEAD + 5 * 2**16, "film")  # and no padding


def media_kept(v):
    """Of the set below those that are kept, since each has 256 KiB at least."""
    v.add_media("opened-media", "opened", "A media file of one part (Media).")
    v.add_media("opened-media-shares-2-of-3", "opened", "Part of a media file of a quorum study, opened by two shares"
                " (Media).", quorum=2, recipients=[OURS, *STRANGERS[:2]], given=lambda shares: shares[:2], secrets=[OUR_SECRET])
    v.add_media("media-signature-changed", "forged", "One bit of the signature in the head (Media).",
                edit_signature=flip(40))
    v.add_media("media-second-cell-changed", "damaged", "One bit in the second cell (Media).",
                edit_file=flip(64 + 4 * 128 + 32 + media_reader.CELL + 5000))
    for size, expect in ((64, "damaged"), (607, "damaged"), (608, "unsupported")):
        v.add_media(f"media-two-faults-header-of-{size}-bytes", expect, f"Format 9, and a file of {size} bytes: below"
                    " 608 the length comes first (Media).", edit_file=lambda data, size=size: patch(8, 9)(data)[:size])


def media(v):
    """Parts of media files, one fault each."""
    rule = "(Media)"
    at = 64 + 4 * 128 + 32
    cell = media_reader.CELL

    def add(name, expect, comment, **fields):
        v.add_media(f"{'opened-' if expect == 'opened' else ''}media-{name}", expect, f"{comment} {rule}.", **fields)

    def body(offset, value):
        return {"edit_body": patch(offset, value)}

    for name, size, what in (("one-byte", 1, "One byte"), ("of-one-cell", 64488, "One cell, filled to its end"),
                             ("of-four-cells", 64488 + 3 * 2**16, "Four cells, filled to their end, and no padding"),
                             ("of-five-cells", 64489 + 3 * 2**16, "One byte in the fifth cell"),
                             ("of-nine-cells", 64488 + 8 * 2**16, "Nine cells in use, ten in the file: Padme(9)")):
        add(name, "opened", what, content=Seed(SET).bytes(size, name))
    add("full-part", "opened", "The first of two parts: 128 cells and no padding",
        content=Seed(SET).bytes(media_reader.PART + 10, "long film"))
    add("last-part", "opened", "The second of two parts, of ten bytes",
        content=Seed(SET).bytes(media_reader.PART + 10, "long film"), part=1)
    add("withdrawal-hash", "opened", "Of a submission that can be withdrawn", withdrawal=Seed(SET).bytes(32, "withdrawal"))
    add("five-recipients", "opened", "Five recipients in eight slots", recipients=[OURS, *STRANGERS[:4]])
    add("sixteen-recipients", "opened", "Sixteen recipients: the longest head", recipients=[OURS, *STRANGERS[:15]])

    add("magic", "wrong_format", "The magic of a key file", edit_file=patch(3, ord("K")))
    for name, offset, value in (("format-0", 8, 0), ("format-2", 8, 2), ("suite-2", 9, 2), ("cell-size-10", 10, 10), ("slots-5", 11, 5)):
        add(name, "unsupported", f"Byte {offset} is {value}", edit_file=patch(offset, value))
    add("header-zero-field", "unsupported", "Byte 15 is not zero", fixed={15: b"\1"})
    add("answers-offered-as-media", "unsupported", "A batch of answers",
        edit_file=lambda data: v.written.get("opened-one-record", write(Plan(
            seed=Seed(f"{SET}/answers"), recipients=[OURS], records=[Record(b"one")]))).data)
    add("answers-in-disguise", "damaged", "The header of a batch of answers with byte 10 changed: the header tag is"
        " another", fixed={10: bytes((10,))}, edit_file=patch(10, 16))
    add("too-large", "too_large", "A byte more than 16 slots and 128 cells",
        edit_file=lambda data: data.ljust(media_reader.MOST_FILE + 1, b"\0"))
    add("ends-in-header", "damaged", "The file ends among the slots", edit_file=lambda data: data[:300])
    add("without-cells", "damaged", "Header and tag, and no cell", edit_file=lambda data: data[:at])
    add("three-cells", "damaged", "Three cells: fewer than four", edit_file=lambda data: data[:at + 3 * cell])
    add("one-byte-less", "damaged", "A byte is missing at the end", edit_file=lambda data: data[:-1])
    add("nine-cells", "damaged", "Nine cells, which Padme never gives", content=SIX_CELLS, edit_cell_count=lambda n: 9)
    add("cut-to-five-cells", "damaged", "Cut from six cells to five, which Padme gives", content=SIX_CELLS,
        edit_file=lambda data: data[:-cell])
    add("eight-cells-for-six", "damaged", "Eight cells, which Padme gives, but not for six", content=SIX_CELLS,
        edit_cell_count=lambda n: 8)

    add("none-ours", "not_openable", "Sealed to others only", recipients=STRANGERS[:2])
    add("routing-tag-changed", "damaged", "One bit of the routing tag: the header tag is another", edit_file=flip(16))
    add("tag-of-another-key", "damaged", "A header tag that the content key does not give", edit_tag=flip(0))
    add("slot-context", "forged", "The slot was moved from another header", slots=[
        Slot(OURS, context=lambda header, study, policy: fmt.slot_context(flip(63)(header), study, policy)),
        Slot(), Slot(), Slot()])
    add("whole-key-in-quorum-study", "forged", "One slot opens alone what two custodians should open together",
        recipients=[OURS, *STRANGERS[:2]], head_quorum=2)
    add("one-share-of-two", "too_few_shares", "One share, and k = 2", quorum=2, recipients=[OURS, *STRANGERS[:2]])

    add("first-cell-changed", "damaged", "One bit in the first cell", edit_file=flip(at + 3000))
    add("stream-header-changed", "damaged", "One bit of the stream header", edit_file=flip(at))
    add("last-cell-changed", "damaged", "The last bit of the last cell", content=SIX_CELLS, edit_file=flip(-1, 128))
    add("cells-swapped", "damaged", "The third and the fourth cell have changed places", content=SIX_CELLS,
        edit_cells=lambda cells: [*cells[:2], cells[3], cells[2], *cells[4:]])
    add("cell-twice", "damaged", "The second cell stands also in place of the third", content=SIX_CELLS,
        edit_cells=lambda cells: [*cells[:2], cells[1], *cells[3:]])
    add("tag-push", "forged", "A chunk with tag 1", tags=[TAG_PUSH, TAG_FINAL])
    add("tag-rekey", "forged", "The last chunk has tag 2", tags=[TAG_MESSAGE, TAG_REKEY])
    add("tag-final-early", "forged", "Tag 3 in the first of two cells", tags=[TAG_FINAL, TAG_FINAL])
    add("tag-final-missing", "forged", "Tag 0 in the last cell", tags=[TAG_MESSAGE, TAG_MESSAGE])
    add("spare-cell", "forged", "A cell more than the size needs", spare_cells=1)
    add("fill", "forged", "Fill that is not zero", fill=b"\0\1")
    add("content-changed", "damaged", "Other bytes than the device signed", edit_content=flip(5000))

    for version in (0, 2):
        add(f"head-version-{version}", "unsupported", f"Version {version} of the head", **body(0, version))
    add("head-policy-version", "unsupported", "Byte 88 of the head is not zero", **body(88, 1))
    add("head-zero-field", "unsupported", "Byte 3 of the head is not zero", **body(3, 1))
    add("head-gap", "unsupported", "Byte 184 of the head is not zero", zero=u32(1))
    add("head-fill", "forged", "Something behind the signature", edit_head=patch(1023, 1))
    add("head-changed", "forged", "One bit of the body, which the signature covers",
        edit_head=flip(200))
    add("quorum-1", "forged", "A quorum of 1", head_quorum=1)
    add("quorum-above-list", "forged", "A quorum of 2 of one", head_quorum=2)
    add("size-0", "forged", "A media file of no bytes", size=0)
    add("size-above-256-mib", "forged", "A media file of 2^28 + 1 bytes", size=2**28 + 1)
    add("size-less", "forged", "A size of one byte less than is there", size=len(PHOTO) - 1)
    add("size-more", "damaged", "A size of one byte more than is there: the hash is of others", size=len(PHOTO) + 1)
    add("size-of-more-cells", "damaged", "A size that needs more cells than are there", size=5 * 2**16)
    add("part-beyond-last", "forged", "Part 1 of a file of one part", number=1)
    add("device-key-small-order", "weak_key", "A device key of order 8", device_key=ORDER_8)
    add("recipients-0", "forged", "No recipients", listed=[])
    add("recipients-fall", "forged", "Recipients that do not rise", recipients=[OURS, STRANGERS[0]],
        listed=sorted([OURS, STRANGERS[0]], reverse=True))
    add("recipients-without-ours", "forged", "A list without us: passed on by somebody", listed=[STRANGERS[0]])
    add("recipients-more-than-slots", "forged", "Five recipients in four slots", slots=[Slot(OURS), Slot(), Slot(), Slot()],
        listed=sorted([OURS, *STRANGERS[:4]]))
    add("recipient-top-bit", "not_canonical", "A recipient with bit 255", listed=sorted(
        [OURS, OURS[:31] + bytes((OURS[31] | 128,))]))
    add("recipient-zero", "weak_key", "A recipient of zeros", listed=[bytes(32), OURS])

    add("two-faults-head-version-and-recipients", "unsupported", "Version 9 of the head, and no recipients",
        **body(0, 9), listed=[])
    add("two-faults-head-gap-and-size", "unsupported", "Byte 184 of the head is not zero, and a media file of no bytes",
        zero=u32(1), size=0)
    add("two-faults-device-key-and-size", "forged", "A device key of order 8, and a media file of no bytes",
        device_key=ORDER_8, size=0)
    add("two-faults-device-key-and-recipient", "weak_key", "A device key of order 8, and a recipient that is not"
        " canonical", device_key=ORDER_8, listed=sorted([OURS, NOT_CANONICAL]))
    add("two-faults-recipient-small-order-first", "weak_key", "A recipient of small order, and after it one that is not"
        " canonical", listed=sorted([bytes(32), NOT_CANONICAL]))
    add("two-faults-recipient-not-canonical-first", "not_canonical", "A recipient that is not canonical, and after it"
        " one of small order", listed=sorted([NOT_CANONICAL, BOX_ORDER_8]))

    add("signature-of-a-batch", "forged", "Signed under the label of CLOSE",
        edit_signed_message=lambda message: b"FFB1 close sig 1" + message[16:])
    add("signature-over-another-tag", "forged", "Signed over another header tag", edit_signed_message=flip(20))
    add("padding-first-byte", "damaged", "One bit of the first cell of padding", edit_padding=flip(0))
    add("padding-last-byte", "damaged", "The last bit of the padding", edit_padding=flip(-1, 128))
    add("padding-of-another-id", "damaged", "The keystream of another media id", pad_nonce=lambda id_: bytes(24))
    add("redacted", "damaged", "Cut out of an archive: header, header tag and the mark (Redaction)",
        edit_file=lambda data: data[:at] + media_reader.redaction_mark(
            Seed(f"{SET}/media-redacted").bytes(32, "content key"), data[at - 32:at]))


def large(v):
    """Too large to be kept with the sources: made when they are asked for."""
    v.add("opened-large-record-of-1024-cells", "opened", "The largest submission, 1 MiB - 256 as it is.",
          records=[submission(2**20 - 256)])
    v.add("opened-large-4096-records", "opened", "4096 records, the most.",
          records=[Record(f"answer {n}".encode()) for n in range(4096)])
    v.add("large-record-of-1025-cells", "damaged", "A record that does not end within 1024 cells (Records and cells).",
          records=[Record(submission(2**20 - 256).payload, spare_cells=1)])
    v.add("large-payloads-above-64-mib", "too_large", "65 records of 1 MiB - 256: more than 64 MiB in sum"
          " (Order of checks, 3).", records=[zstd(bytes(2**20 - 256), LARGEST_FRAME) for _ in range(65)])
    v.add("large-close-count-4097", "forged", "A count of 4097, with as many leaves (CLOSE).",
          edit_leaves=lambda leaves: leaves + [(bytes(32), 2)] * 4096)
    v.add("large-4097-records", "too_large", "4097 records (Order of checks, 3).",
          records=[Record(f"answer {n}".encode()) for n in range(4097)])


def salvage_table(made):
    """What Salvage gives of each batch, a line each: see the README beside the vectors."""
    vectors = {name.removesuffix(".vector"): decode(data) for name, data in made.items()}
    lines = []
    for name, vector in sorted(vectors.items()):
        if vector.kind == "batch":
            data = vectors[vector.batch_of[0]].data if vector.batch_of else vector.data
            lines.append(f"{name} {salvaged_line(vector, data)}\n")
    return "".join(lines).encode("ascii")


def salvaged_line(vector, data):
    try:
        found = salvage_batch(data, vector.secrets, [] if vector.dictionary is None else [vector.dictionary],
                              vector.shares, vector.psks)
    except Refused as refused:
        return refused.word
    payloads = hashlib.sha256(b"".join(record.payload for record in found.batch.records)).hexdigest()
    lost = ",".join(f"{index}:{why}" for index, why in found.lost) or "-"
    return f"salvaged {found.batch.batch_id.hex()} {len(found.batch.records)} {payloads} {lost}"


kept_set = (good, header_faults, length_faults, slot_faults, record_faults, open_faults, close_faults,
            two_faults, signature_faults, padding_faults, zstd_faults, rot_faults, shares_faults, psk_faults, psk_shares_faults,
            share_files, media_kept, wrap_files)
large_set, media_set = (large,), (media_kept, media)


def make(parts=kept_set):
    """Name of a file -> its bytes."""
    vectors = Vectors()
    for part in parts:
        part(vectors)
    made = {f"{name}.vector": data for name, data in vectors.made.items()}
    if parts is not media_set:
        made["salvage-large.txt" if parts is large_set else "salvage.txt"] = salvage_table(made)
    if parts is kept_set:  # for readers that take a key file and no bare secret
        seed = Seed(SET)
        key = KeyFile(RESEARCHER, "Vectors", OUR_SECRET, seed.bytes(32, "receipt seed"))
        made["vectors.ffkey"] = write_key_file(key, PASSPHRASE, seed.bytes(16, "salt"), seed.bytes(24, "nonce"))
        for index, secret in enumerate(CUSTODIAN_SECRETS):
            key = KeyFile(RESEARCHER, f"Custodian {index}", secret, receipt_seed(index))
            made[f"custodian-{index}.ffkey"] = write_key_file(key, PASSPHRASE, seed.bytes(16, "salt", index),
                                                              seed.bytes(24, "nonce", index))
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=pathlib.Path, help="folder for the files NAME.vector")
    parser.add_argument("--large", action="store_true", help="those that are too large to be kept, and not the others")
    parser.add_argument("--media", action="store_true", help="all of media files, and not the others")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; say which files in OUTDIR are not these bytes")
    options = parser.parse_args()
    made = make(large_set if options.large else media_set if options.media else kept_set)
    if options.check:
        here = {path.name: path.read_bytes() for path in options.outdir.glob("*")
                if path.suffix in (".vector", ".ffkey", ".txt")}
        wrong = sorted(name for name in made.keys() | here.keys() if made.get(name) != here.get(name))
        for name in wrong:
            what = "is not made" if name not in made else "is missing" if name not in here else "differs"
            print(f"{name}: {what}")
        print(f"{len(made) - len(wrong)} of {len(made)} files are byte for byte those that are made")
        sys.exit(bool(wrong))
    options.outdir.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (options.outdir / name).write_bytes(data)
    print(f"{len(made)} files, {sum(map(len, made.values()))} bytes, in {options.outdir}")


if __name__ == "__main__":
    main()
