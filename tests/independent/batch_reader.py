"""A second reader of sealed batches, written from crypto/BATCH_FORMAT.md alone. It follows "Order of checks"; the
numbers in the comments are its steps."""
from dataclasses import dataclass, field

import batch_format as fmt
from primitives import (STREAM_HEADER, TAG_FINAL, TAG_MESSAGE, Refused, Stream, box_canonical, box_public,
                        box_seal_open, box_small_order, require, same, sign_key_valid, verify_strictly)
from secret_sharing import combine
from xchacha20 import keystream
from zstd_frame import decompress


@dataclass
class Record:
    type: int
    codec: int
    sequence: int
    uuid: bytes
    payload_size: int
    content: bytes = field(repr=False)
    payload: bytes | None = field(default=None, repr=False)
    first_cell: int = 0
    cell_count: int = 0


@dataclass
class Open:
    quorum: int  # 0: each recipient alone
    study: bytes
    device_key: bytes
    incarnation: bytes
    form_hash: bytes
    dictionary_hash: bytes
    policy_digest: bytes
    policy_version: int
    zero: int
    batch_sequence: int
    previous: bytes
    first_record: int
    receipt_key: bytes
    program_version: str
    recipients: list


@dataclass
class Close:
    last: int
    provisional: int
    study: bytes
    device_id: bytes
    batch_sequence: int
    previous: bytes
    policy_digest: bytes
    first_record: int
    count: int
    cells: int
    leaves: list  # of (leaf, first cell), OPEN's first
    signature: bytes
    body: bytes = field(repr=False)


@dataclass
class ContentKey:
    """What step 2 finds: the content key, and by whom."""
    key: bytes = field(repr=False)  # with the pre-shared key mixed in, where there is one
    context: bytes
    k: int          # 0: by a whole key
    n: int
    holders: list   # of (x, X25519 public key); of a whole key (0, ours); none of an archived one
    archived: bytes | None = None  # the id of the batch that was archived; who may open is not asked then


@dataclass
class Batch:
    batch_id: bytes
    header_tag: bytes
    device_id: bytes
    content_key: ContentKey
    open: Open
    close: Close
    records: list  # DATA and WITHDRAW


class Fields:
    """Takes fixed fields off bytes. One that the bytes do not hold whole is zero, and so is each after it; `end` refuses
    them, and what follows the last field."""

    def __init__(self, data, what, word):
        self.data, self.at, self.what, self.word, self.whole = data, 0, what, word, True

    def bytes(self, size):
        if len(self.data) - self.at < size:
            self.at, self.whole = len(self.data), False
            return bytes(size)
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, size):
        return int.from_bytes(self.bytes(size), "little")

    def end(self):
        require(self.whole, self.word, f"{self.what} ends early")
        require(self.at == len(self.data), self.word, f"something follows the fields of {self.what}")


def open_batch(data, secrets, dictionaries=(), shares=(), psks=(), archived=None):
    """The batch with all its payloads, or Refused. `secrets`: X25519 secret keys of 32 bytes, those of all our own
    identities. `shares`: what custodians gave us. `psks`: the pre-shared keys that the study has or had. `archived`: of
    a .ffwrap, instead of all of these."""
    header, tag, cells = read_file(data)                                                # 1
    found = find_content_key(header, tag, secrets, shares, psks, archived)              # 2
    keys = fmt.Keys(found.key, tag)
    opened, records, closed = read_records(cells, keys)                                 # 3
    open_, close = parse_open(opened.content), parse_close(closed.content)              # 4
    require(verify_strictly(close.signature, fmt.signed_message(tag, close.body), open_.device_key), "forged",
            "the signature of CLOSE is not the device's")                               # 5
    check_leaves(cells, [opened, *records], closed, close)
    check_agreement(open_, close, records)
    check_holders(found, open_, header)                                                 # 6
    batch_id = fmt.batch_id(tag, close.body)
    check_padding(cells, closed.first_cell + closed.cell_count, keys.pad, batch_id)     # 7
    check_archived(found, batch_id)
    release(records, open_, dictionaries)                                               # 8
    return Batch(batch_id, tag, fmt.device_id(open_.device_key), found, open_, close, records)


# --- 1 ------------------------------------------------------------------------------------------------------------
def read_file(data):
    """(header, header tag, the cells)."""
    require(len(data) <= fmt.MOST_FILE, "too_large", "more than 96 MiB")
    require(data[:8] == fmt.MAGIC, "wrong_format", "not the magic of a batch")
    require(len(data) >= fmt.SHORTEST_HEADER, "damaged", "the file ends in the header")
    require(data[8] == fmt.FORMAT, "unsupported", f"format {data[8]}")
    require(data[9] == fmt.SUITE, "unsupported", f"suite {data[9]}")
    require(data[10] == fmt.CELL_POWER, "unsupported", f"cells of 2^{data[10]}")
    require(data[11] in fmt.SLOT_COUNTS, "unsupported", f"{data[11]} slots")
    require(data[12:16] == bytes(4), "unsupported", "bytes 12...15 are not zero")
    begin = fmt.FIXED_HEADER + fmt.SLOT * data[11] + fmt.HEADER_TAG
    count, rest = divmod(len(data) - begin, fmt.CELL)
    require(len(data) >= begin and rest == 0, "damaged", "not a whole number of cells")
    require(count > 0 and fmt.cells_of_file(count) == count, "damaged", f"{count} cells, which Padme never gives")
    cells = [data[at:at + fmt.CELL] for at in range(begin, len(data), fmt.CELL)]
    return data[:begin - fmt.HEADER_TAG], data[begin - fmt.HEADER_TAG:begin], cells


# --- 2 ------------------------------------------------------------------------------------------------------------
def slots_of(header):
    return [header[at:at + fmt.SLOT] for at in range(fmt.FIXED_HEADER, len(header), fmt.SLOT)]


def open_slots(header, tag, secrets):
    """What opens: (number of slots, [(public key, content key, mixed, context)], [Share]). Slots of other types, and
    those with fields that are not as their type demands, count among the first only."""
    count, whole, shares = 0, [], []
    for slot in slots_of(header):
        for secret in secrets:
            public = box_public(secret)
            plain = box_seal_open(slot[:fmt.SLOT_SEALED], public, secret)
            if plain is None:
                continue
            count += 1
            mixed = plain[36]
            if mixed > 1 or plain[37:40] != bytes(3):
                continue
            if plain[0] == fmt.WHOLE_KEY and plain[1:4] == bytes(3):
                whole.append((public, plain[4:36], mixed, plain[40:]))
            elif plain[0] == fmt.SHARE and fmt.share_in_bounds(*plain[1:4]):
                shares.append(fmt.Share(public, tag, *plain[1:4], plain[40:], plain[4:36], mixed))
    return count, whole, shares


def fits(share, header):
    its_tag = fmt.share_tag(share.share, header, share.k, share.n, share.x, share.custodian, share.context, share.mixed)
    return any(same(slot[fmt.SLOT_SEALED:], its_tag) for slot in slots_of(header))


def that_gives(tag, header, key, mixed, psks):
    """The key that gives the header tag, or None: that of the slots, or what a pre-shared key makes of it."""
    for candidate in ([fmt.mixed(key, psk) for psk in psks] if mixed else [key]):
        if same(fmt.header_tag(candidate, header), tag):
            return candidate
    return None


def find_content_key(header, tag, secrets, given, psks, archived=None):
    if archived is not None:
        require(same(fmt.header_tag(archived.key, header), tag), "damaged", "the archived key does not give the header tag")
        return ContentKey(archived.key, b"", 0, 0, [], archived.batch_id)
    count, whole, own = open_slots(header, tag, secrets)
    for public, held, mixed, context in whole:
        key = that_gives(tag, header, held, mixed, psks)
        if key is not None:
            return ContentKey(key, context, 0, 0, [(0, public)])
    fitting = [share for share in (*own, *given) if fits(share, header)]
    if not fitting:
        require(count, "not_openable", "no slot opens with these keys, and no share fits")
        require(all(mixed for _, _, mixed, _ in whole), "damaged",
                "the slot's content key does not give the header tag")
        require(not whole, "psk_missing", "the slot's content key takes a pre-shared key, and none of those given is it")
        require(not own, "too_few_shares", "no share fits")
        raise Refused("unsupported", "only slots of unknown types or fields open")
    agreeing = {}  # (k, n, context, mixed) -> {x: share}
    for share in fitting:
        agreeing.setdefault((share.k, share.n, share.context, share.mixed), {}).setdefault(share.x, share)
    enough = {shared: shares for shared, shares in agreeing.items() if len(shares) >= shared[0]}
    require(enough, "too_few_shares", "fewer shares than k that fit and agree")
    for (k, n, context, mixed), shares in enough.items():
        taken = sorted(shares)[:k]
        key = that_gives(tag, header, combine({x: shares[x].share for x in taken}), mixed, psks)
        if key is not None:
            return ContentKey(key, context, k, n, [(x, shares[x].custodian) for x in taken])
    require(all(mixed for _, _, _, mixed in enough), "damaged",
            "the content key that the shares give does not give the header tag")
    raise Refused("psk_missing", "the shares' content key takes a pre-shared key, and none of those given is it")


def shares_to_release(data, secrets, known=None, read=read_file):
    """The shares of our own slots: what a custodian gives an analyst. `known`: pairs of (study, policy digest) for
    which the custodian is willing to. `read`: that of media_reader for part of a media file."""
    header, tag, _ = read(data)
    count, whole, own = open_slots(header, tag, secrets)
    require(count, "not_openable", "no slot opens with these keys")
    require(own or not whole, "unsupported", "the slot has the whole content key, not a share of it")
    require(own, "unsupported", "only slots of unknown types or fields open")
    for share in own:
        require(fits(share, header), "damaged", "the share in the slot is not the one that the device meant")
        require(known is None or any(same(share.context, fmt.slot_context(header, *pair)) for pair in known), "forged",
                "the slot was sealed for another header, study or policy")
    return own


# --- 3 ------------------------------------------------------------------------------------------------------------
def read_records(cells, keys):
    """(OPEN, DATA and WITHDRAW, CLOSE), prefixes checked."""
    opened, records, at, payloads = None, [], 0, 0
    while True:
        require(at < len(cells), "damaged", "the file ends without a CLOSE")
        index = 0 if opened is None else 1 + len(records)
        plaintext, count = unseal(cells, at, keys.record(index))
        closes = plaintext is None
        if closes:
            plaintext, count = unseal(cells, at, keys.close)
            require(plaintext is not None, "damaged", f"cell {at} opens under no key of its place")
            # Without any key the cells of OPEN can be cut off, so this says nothing of the device.
            require(opened is not None, "damaged", "the file begins with CLOSE")
        record = parse_record(plaintext, count)
        record.first_cell, record.cell_count = at, count
        at += count
        if closes:
            require(record.type == fmt.CLOSE, "forged", "another record under the close key")
            return opened, records, record
        if opened is None:
            require(record.type == fmt.OPEN, "forged", "the first record is not OPEN")
            opened = record
            continue
        require(record.type in (fmt.DATA, fmt.WITHDRAW), "forged", "OPEN or CLOSE in the place of a submission")
        records.append(record)
        payloads += record.payload_size
        require(len(records) <= fmt.MOST_RECORDS, "too_large", "more than 4096 records")
        require(payloads <= fmt.MOST_PAYLOADS, "too_large", "more than 64 MiB of payloads")


def unseal(cells, first, key):
    """(plaintext, number of cells), or (None, 0) when the first cell does not authenticate."""
    stream = Stream(cells[first][:STREAM_HEADER], key)
    pulled = stream.pull(cells[first][STREAM_HEADER:])
    if pulled is None:
        return None, 0
    plaintext = []
    for count in range(1, fmt.MOST_CELLS_OF_RECORD + 1):
        require(pulled is not None, "damaged", f"cell {first + count - 1} does not continue its record")
        chunk, tag = pulled
        plaintext.append(chunk)
        if tag == TAG_FINAL:
            return b"".join(plaintext), count
        require(tag == TAG_MESSAGE, "forged", f"a chunk with tag {tag}")
        require(first + count < len(cells), "damaged", "a record does not end within the file")
        pulled = stream.pull(cells[first + count])
    raise Refused("damaged", "a record does not end within 1024 cells")


def parse_record(plaintext, cell_count):
    type_, codec = plaintext[0], plaintext[1]
    stored, payload_size = int.from_bytes(plaintext[4:8], "little"), int.from_bytes(plaintext[8:12], "little")
    sequence, uuid = int.from_bytes(plaintext[12:20], "little"), plaintext[20:36]
    require(type_ in (fmt.OPEN, fmt.DATA, fmt.CLOSE, fmt.WITHDRAW), "unsupported", f"a record of type {type_}")
    require(codec in (0, 1), "unsupported", f"codec {codec}")
    require(plaintext[2:4] == bytes(2), "forged", "bytes 2 and 3 of a record are not zero")
    require(payload_size <= fmt.MOST_PAYLOAD, "forged", "a payload of more than 1 MiB - 256")
    require(fmt.PREFIX + stored <= len(plaintext), "forged", "a stored size beyond the plaintext")
    require(cell_count == fmt.cells_for(fmt.PREFIX + stored), "forged", "a record with more cells than it needs")
    require(not any(plaintext[fmt.PREFIX + stored:]), "forged", "fill that is not zero")
    if codec == 0:
        require(payload_size == stored, "forged", "codec 0, and a payload size that is not the stored size")
    else:
        require(payload_size > stored, "forged", "codec 1, and a payload size that is not greater than the stored size")
    if type_ in (fmt.OPEN, fmt.CLOSE):
        require(codec == 0 and sequence == 0 and uuid == bytes(16), "forged",
                "OPEN or CLOSE with codec 1, a sequence or a uuid")
    return Record(type_, codec, sequence, uuid, payload_size, plaintext[fmt.PREFIX:fmt.PREFIX + stored])


# --- 4 ------------------------------------------------------------------------------------------------------------
def parse_open(content):
    f = Fields(content, "OPEN", "forged")
    require(f.number(2) == fmt.RECORD_VERSION, "unsupported", "version of OPEN")
    quorum = f.number(1)
    require(f.number(1) == 0, "unsupported", "byte 3 of OPEN is not zero")
    o = Open(quorum=quorum, study=f.bytes(16), device_key=f.bytes(32), incarnation=f.bytes(16), form_hash=f.bytes(32),
             dictionary_hash=f.bytes(32), policy_digest=f.bytes(32), policy_version=f.number(4), zero=f.number(4),
             batch_sequence=f.number(8), previous=f.bytes(32), first_record=f.number(8), receipt_key=f.bytes(32),
             program_version="", recipients=[])
    require(o.zero == 0, "unsupported", "bytes 168...171 of OPEN are not zero")
    require(o.batch_sequence <= fmt.MOST_SEQUENCE, "forged", "a batch sequence above 2^62")
    require((o.previous == bytes(32)) == (o.batch_sequence == 0), "forged",
            "the previous id is zero exactly when the batch sequence is")
    require(o.first_record <= fmt.MOST_SEQUENCE, "forged", "a first record above 2^62")
    length = f.number(1)
    require(length <= fmt.MOST_PROGRAM_VERSION, "forged", "a program version of more than 32 bytes")
    version = f.bytes(length)
    count = f.number(1)
    o.recipients = [f.bytes(32) for _ in range(count)]
    f.end()
    require(all(0x20 <= byte <= 0x7E for byte in version), "forged", "a program version that is not printable ASCII")
    o.program_version = version.decode("ascii")
    require(1 <= count <= fmt.MOST_RECIPIENTS, "forged", f"{count} recipients")
    require(quorum == 0 or 2 <= quorum <= count, "forged", f"a quorum of {quorum} among {count} recipients")
    require(all(a < b for a, b in zip(o.recipients, o.recipients[1:])), "forged", "recipients that do not rise")
    check_keys(o)
    return o


def check_keys(opened):
    """Of OPEN or the head of media, after everything else in it."""
    require(sign_key_valid(opened.device_key), "weak_key", "the device key is not canonical or not of the main subgroup")
    for key in opened.recipients:
        require(box_canonical(key), "not_canonical", "a recipient not below 2^255 - 19")
        require(not box_small_order(key), "weak_key", "a recipient of small order")


def parse_close(content):
    require(len(content) >= fmt.SIGNATURE, "forged", "a signature of CLOSE that is not whole")
    body, signature = content[:-fmt.SIGNATURE], content[-fmt.SIGNATURE:]
    f = Fields(body, "CLOSE", "forged")
    require(f.number(2) == fmt.RECORD_VERSION, "unsupported", "version of CLOSE")
    c = Close(last=f.number(1), provisional=f.number(1), study=f.bytes(16), device_id=f.bytes(16),
              batch_sequence=f.number(8), previous=f.bytes(32), policy_digest=f.bytes(32), first_record=f.number(8),
              count=f.number(4), cells=f.number(4), leaves=[], signature=signature, body=body)
    require(c.last <= 1 and c.provisional <= 1 and not (c.last and c.provisional), "forged",
            "last and provisional are 0 or 1, and not both 1")
    require(c.count <= fmt.MOST_RECORDS, "forged", "a count of more than 4096")
    c.leaves = [(f.bytes(32), f.number(4)) for _ in range(c.count + 1)]
    f.end()
    return c


# --- 5 ------------------------------------------------------------------------------------------------------------
def check_leaves(cells, records, closed, close):
    """`records` with OPEN first."""
    require(close.count + 1 == len(records), "damaged", "CLOSE counts other records than there are")
    require(close.cells == closed.first_cell, "damaged", "CLOSE counts other cells than there are")
    for index, (record, (signed_leaf, first_cell)) in enumerate(zip(records, close.leaves)):
        require(first_cell == record.first_cell, "damaged", f"record {index} begins in another cell than CLOSE says")
        its_cells = b"".join(cells[record.first_cell:record.first_cell + record.cell_count])
        require(fmt.leaf(index, its_cells) == signed_leaf, "damaged",
                f"record {index} has other cells than those signed")


def check_agreement(open_, close, records):
    for name, a, b in (("study", open_.study, close.study),
                       ("device", fmt.device_id(open_.device_key), close.device_id),
                       ("batch sequence", open_.batch_sequence, close.batch_sequence),
                       ("previous batch", open_.previous, close.previous),
                       ("policy digest", open_.policy_digest, close.policy_digest),
                       ("first record", open_.first_record, close.first_record)):
        require(a == b, "forged", f"CLOSE has another {name} than OPEN")
    for index, record in enumerate(records):
        require(record.sequence == open_.first_record + index, "forged", f"record {index + 1} does not count on")


# --- 6 ------------------------------------------------------------------------------------------------------------
def check_archived(found, batch_id):
    require(found.archived in (None, batch_id), "damaged", "another version than that which was archived")


def check_holders(found, open_, header):
    if found.archived is not None:
        return
    if found.k == 0:
        require(open_.quorum == 0, "forged", "a slot with the whole content key, and OPEN demands a quorum")
        require(found.holders[0][1] in open_.recipients, "forged", "our key is not in the list of OPEN")
    else:
        require(found.k == open_.quorum, "forged", f"shares of {found.k} of n, and a quorum of {open_.quorum} in OPEN")
        require(found.n == len(open_.recipients), "forged", "the shares' n is not the length of the list")
        require(all(open_.recipients[x - 1] == custodian for x, custodian in found.holders), "forged",
                "a custodian's key does not stand at its place in the list")
    require(len(open_.recipients) <= len(slots_of(header)), "forged", "more recipients than slots")
    require(same(found.context, fmt.slot_context(header, open_.study, open_.policy_digest)), "forged",
            "the slot was sealed for another header, study or policy")


# --- 7, 8 ---------------------------------------------------------------------------------------------------------
def check_padding(cells, used, pad_key, batch_id):
    require(len(cells) == fmt.cells_of_file(used), "damaged", "more cells than Padme gives for this batch")
    padding = b"".join(cells[used:])
    require(padding == keystream(pad_key, batch_id[:24], len(padding)), "damaged", "padding that is not the keystream")


def release(records, open_, dictionaries):
    dictionary = None
    if open_.dictionary_hash != bytes(32) and any(record.codec for record in records):
        found = [d for d in dictionaries if fmt.dictionary_hash(d) == open_.dictionary_hash]
        require(found, "unknown_dictionary", "the dictionary that OPEN names is not here")
        dictionary = found[0]
    payloads = [decompress(r.content, r.payload_size, dictionary) if r.codec else r.content for r in records]
    for record, payload in zip(records, payloads):  # all or none
        record.payload = payload


# --- Versions of one batch ----------------------------------------------------------------------------------------
def provisional_ids(batch):
    """The ids of the provisional versions with 0, 1... records that this file follows from."""
    leaves, body, ids = batch.close.leaves, batch.close.body, []
    for count in range(batch.close.count + (0 if batch.close.provisional else 1)):
        cells = leaves[count + 1][1] if count < batch.close.count else batch.close.cells
        listed = b"".join(leaf + first.to_bytes(4, "little") for leaf, first in leaves[:count + 1])
        shorter = body[:2] + b"\0\1" + body[4:116] + count.to_bytes(4, "little") + cells.to_bytes(4, "little") + listed
        ids.append(fmt.batch_id(batch.header_tag, shorter))
    return ids


def supersedes(a, b):
    """Whether batch a takes the place of batch b, both with one header tag. Neither way: two branches."""
    if a.header_tag != b.header_tag or not b.close.provisional:
        return False
    if a.close.leaves == b.close.leaves:
        return not a.close.provisional
    return a.close.leaves[:len(b.close.leaves)] == b.close.leaves
