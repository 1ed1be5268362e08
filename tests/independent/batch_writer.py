"""A writer of sealed batches, from crypto/BATCH_FORMAT.md alone. It is for test vectors: a seed decides every byte, and
each field can be made wrong. A program that seals real answers must not use it: nothing is random, nothing is wiped."""
import hashlib
from dataclasses import dataclass, field

import batch_format as fmt
from primitives import K, Stream, TAG_FINAL, TAG_MESSAGE, box_public, box_seal, sign, sign_public
from secret_sharing import share_at
from xchacha20 import keystream


class Seed:
    """Bytes that follow from a name: SHAKE-256, each draw under a name of its own, so that no draw moves another."""

    def __init__(self, name):
        self.name = name

    def bytes(self, size, *what):
        return hashlib.shake_256("/".join((self.name, *map(str, what))).encode("utf-8")).digest(size)


@dataclass
class Slot:
    """Sealed to `recipient`, or a decoy without one. None: as the document says, and of type 2 where the plan has a
    quorum."""
    recipient: bytes | None = None
    type: int | None = None
    share: bytes | None = None             # k, n, x
    x: int | None = None                   # the share of another place
    mixed: int | None = None               # None: 1 where the plan has a pre-shared key
    zero: bytes = bytes(3)
    content_key: bytes | None = None       # or the share
    tag: bytes | None = None
    tag_of: int | None = None              # `mixed` as the share tag has it
    context: callable = fmt.slot_context   # (fixed header, study, policy digest)
    sealed: bytes | None = None


@dataclass
class Record:
    """None: as the document says. `tags` and `plaintext` take the whole record into the caller's hands."""
    payload: bytes = b""
    type: int = fmt.DATA
    codec: int = 0
    content: bytes | None = None  # for codec 1 the frame
    zero: bytes = bytes(2)
    stored_size: int | None = None
    payload_size: int | None = None
    sequence: int | None = None
    uuid: bytes | None = None
    fill: bytes = b""
    spare_cells: int = 0
    tags: list | None = None
    key: str | None = None  # "close": under the close key

    def prefix(self, sequence, uuid):
        stored = len(self.stored()) if self.stored_size is None else self.stored_size
        size = len(self.payload) if self.payload_size is None else self.payload_size
        return (bytes((self.type, self.codec)) + self.zero + stored.to_bytes(4, "little") + size.to_bytes(4, "little")
                + (sequence if self.sequence is None else self.sequence).to_bytes(8, "little")
                + (uuid if self.uuid is None else self.uuid))

    def stored(self):
        return self.payload if self.content is None else self.content


@dataclass
class Plan:
    """One batch. What is callable takes bytes and gives bytes: the place where a fault is put in."""
    seed: Seed
    recipients: list                       # X25519 public keys, as in OPEN, before sorting
    quorum: int = 0                        # k of n: the recipients are custodians
    share_count: int | None = None         # n in the slots; None: as many as there are recipients
    shared_key: bytes | None = None        # None: the content key is what is shared
    psk: bytes | None = None               # the study's pre-shared key
    open_quorum: int | None = None         # in OPEN; None: the same
    records: list = field(default_factory=list)
    slot_count: int | None = None          # None: the smallest that holds the recipients
    slots: list | None = None              # None: one for each recipient, and decoys, in an order from the seed
    fixed: dict = field(default_factory=dict)  # offset in the header -> bytes
    study: bytes | None = None
    device_seed: bytes | None = None
    device_key: bytes | None = None        # another one than that of device_seed
    dictionary: bytes | None = None
    batch_sequence: int = 0
    previous: bytes | None = None
    first_record: int = 0
    program_version: bytes = b"vectors"
    listed: list | None = None             # recipients in OPEN exactly so
    last: int = 0
    provisional: int = 0
    open_record: Record = field(default_factory=lambda: Record(type=fmt.OPEN))
    close_record: Record = field(default_factory=lambda: Record(type=fmt.CLOSE))
    edit_tag: callable = lambda tag: tag
    edit_open: callable = lambda content: content
    edit_leaves: callable = lambda leaves: leaves  # a list of (leaf, first cell), OPEN's first
    edit_body: callable = lambda body: body        # signed as it comes back
    sign_with: callable = None                     # (message, device seed, public key) -> signature
    edit_signed_message: callable = lambda message: message
    edit_signature: callable = lambda signature: signature
    edit_close: callable = lambda content: content
    edit_records: callable = lambda cells: cells   # cells of each sealed record with OPEN and CLOSE, as lists
    after_close: list = field(default_factory=list)  # at most one record, sealed on along the chain
    edit_cell_count: callable = lambda count: count
    pad_nonce: callable = lambda batch_id: batch_id[:24]
    edit_padding: callable = lambda padding: padding
    edit_file: callable = lambda data: data


@dataclass
class Written:
    data: bytes
    header_tag: bytes
    batch_id: bytes
    study: bytes
    policy_digest: bytes
    content_key: bytes  # with the pre-shared key mixed in, where there is one
    shares: list  # of all custodians, in the order of the list, as they should be


def write(plan):
    seed = plan.seed
    study = plan.study or seed.bytes(16, "study")
    policy = seed.bytes(32, "policy digest")
    device_seed = plan.device_seed or seed.bytes(32, "device")
    device_key = plan.device_key or sign_public(device_seed)
    held = seed.bytes(32, "content key")  # by the slots
    content_key = fmt.mixed(held, plan.psk) if plan.psk else held

    header = make_header(plan, study, policy, held)
    tag = plan.edit_tag(fmt.header_tag(content_key, header))
    keys = fmt.Keys(content_key, tag)

    open_record = plan.open_record
    open_record.payload = plan.edit_open(make_open(plan, study, policy, device_key))
    sealed, leaves, at = [], [], 0
    for index, record in enumerate((open_record, *plan.records)):
        sequence = plan.first_record + index - 1 if index else 0
        uuid = seed.bytes(16, "uuid", index) if index else bytes(16)
        key = keys.close if record.key == "close" else keys.record(index)
        cells = seal(record, sequence, uuid, key, seed, index)
        leaves.append((fmt.leaf(index, b"".join(cells)), at))
        at += len(cells)
        sealed.append(cells)

    body = plan.edit_body(make_close_body(plan, study, policy, device_key, at, plan.edit_leaves(leaves)))
    message = plan.edit_signed_message(fmt.signed_message(tag, body))
    signature = plan.sign_with(message, device_seed, device_key) if plan.sign_with else sign(message, device_seed)
    plan.close_record.payload = plan.edit_close(body + plan.edit_signature(signature))
    close_key = keys.record(len(sealed)) if plan.close_record.key == "record" else keys.close
    sealed.append(seal(plan.close_record, 0, bytes(16), close_key, seed, "close"))
    used = [cell for cells in plan.edit_records(sealed) for cell in cells]

    batch_id = fmt.batch_id(tag, body)
    padding_cells = plan.edit_cell_count(fmt.cells_of_file(len(used))) - len(used)
    padding = plan.edit_padding(keystream(keys.pad, plan.pad_nonce(batch_id), padding_cells * fmt.CELL))
    for index, record in enumerate(plan.after_close, len(plan.records) + 1):
        uuid = seed.bytes(16, "uuid", index)
        over = b"".join(seal(record, plan.first_record + index - 1, uuid, keys.record(index), seed, index))
        padding = over + padding[len(over):]
    data = plan.edit_file(header + tag + b"".join(used) + padding)
    shares = [fmt.Share(custodian, tag, plan.quorum, share_count(plan), x, fmt.slot_context(header, study, policy),
                        share_of(plan, held, x), is_mixed(plan))
              for x, custodian in enumerate(sorted(plan.recipients), 1)] if plan.quorum else []
    return Written(data, tag, batch_id, study, policy, content_key, shares)


def share_count(plan):
    return len(plan.recipients) if plan.share_count is None else plan.share_count


def is_mixed(plan):
    return 1 if plan.psk else 0


def share_of(plan, content_key, x):
    coefficients = [plan.seed.bytes(32, "coefficient", power) for power in range(1, plan.quorum)]
    return share_at(x, plan.shared_key or content_key, coefficients)


def make_header(plan, study, policy, content_key):
    seed = plan.seed
    slot_count = plan.slot_count or next(count for count in fmt.SLOT_COUNTS if count >= len(plan.recipients))
    fixed = bytearray(fmt.MAGIC + bytes((fmt.FORMAT, fmt.SUITE, fmt.CELL_POWER, slot_count)) + bytes(4)
                      + seed.bytes(16, "routing tag") + seed.bytes(32, "salt"))
    for offset, value in plan.fixed.items():
        fixed[offset:offset + len(value)] = value
    slots = plan.slots
    if slots is None:
        slots = [Slot(key) for key in plan.recipients] + [Slot() for _ in range(slot_count - len(plan.recipients))]
        slots = [slots[index] for index in sorted(range(slot_count), key=lambda index: seed.bytes(8, "order", index))]
    header = bytes(fixed)
    for index, slot in enumerate(slots):
        plaintext, tag = make_slot(plan, slot, header, study, policy, content_key)
        recipient = slot.recipient
        if recipient is None:  # the secret is forgotten here
            plaintext, recipient = bytes(64), box_public(seed.bytes(32, "decoy", index))
        sealed = slot.sealed or box_seal(plaintext, recipient, seed.bytes(32, "ephemeral", index))
        fixed += sealed + (tag or seed.bytes(16, "share tag", index))
    return bytes(fixed)


def make_slot(plan, slot, header, study, policy, content_key):
    """(slot plaintext, share tag or None)."""
    type_ = slot.type or (fmt.SHARE if plan.quorum and slot.recipient else fmt.WHOLE_KEY)
    fields, key, tag = bytes(3), content_key, slot.tag
    if type_ == fmt.SHARE:
        x = slot.x or sorted(plan.recipients).index(slot.recipient) + 1
        fields, key = bytes((plan.quorum, share_count(plan), x)), share_of(plan, content_key, x)
    fields = fields if slot.share is None else slot.share
    key = key if slot.content_key is None else slot.content_key
    mixed = is_mixed(plan) if slot.mixed is None else slot.mixed
    if type_ == fmt.SHARE and tag is None:
        tag = fmt.share_tag(key, header, *fields, slot.recipient, slot.context(header, study, policy),
                            mixed if slot.tag_of is None else slot.tag_of)
    return bytes((type_,)) + fields + key + bytes((mixed,)) + slot.zero + slot.context(header, study, policy), tag


def make_open(plan, study, policy, device_key):
    seed = plan.seed
    listed = sorted(plan.recipients) if plan.listed is None else plan.listed
    quorum = plan.quorum if plan.open_quorum is None else plan.open_quorum
    return (fmt.RECORD_VERSION.to_bytes(2, "little") + bytes((quorum, 0)) + study + device_key + seed.bytes(16, "incarnation")
            + seed.bytes(32, "form hash")
            + (bytes(32) if plan.dictionary is None else fmt.dictionary_hash(plan.dictionary))
            + policy + (1).to_bytes(8, "little") + plan.batch_sequence.to_bytes(8, "little") + previous_of(plan)
            + plan.first_record.to_bytes(8, "little") + seed.bytes(32, "receipt key")
            + bytes((len(plan.program_version),)) + plan.program_version
            + bytes((len(listed),)) + b"".join(listed))


def previous_of(plan):
    if plan.previous is not None:
        return plan.previous
    return plan.seed.bytes(32, "previous") if plan.batch_sequence else bytes(32)


def make_close_body(plan, study, policy, device_key, cells, leaves):
    return (fmt.RECORD_VERSION.to_bytes(2, "little") + bytes((plan.last, plan.provisional)) + study + fmt.device_id(device_key)
            + plan.batch_sequence.to_bytes(8, "little") + previous_of(plan) + policy
            + plan.first_record.to_bytes(8, "little") + (len(leaves) - 1).to_bytes(4, "little")
            + cells.to_bytes(4, "little") + b"".join(leaf + first.to_bytes(4, "little") for leaf, first in leaves))


def seal(record, sequence, uuid, key, seed, name):
    """The cells of one record."""
    written = record.prefix(sequence, uuid) + record.stored()
    count = fmt.cells_for(len(written)) + record.spare_cells
    plaintext = (written + record.fill).ljust(fmt.FIRST_CHUNK + (count - 1) * fmt.FURTHER_CHUNK, b"\0")
    tags = record.tags or [TAG_MESSAGE] * (count - 1) + [TAG_FINAL]
    stream_header = K(24, key, "FFB1 rec header", seed.bytes(24, "stream", name) + written)
    stream, cells, at = Stream(stream_header, key), [], 0
    for index, tag in enumerate(tags):
        size = fmt.FURTHER_CHUNK if index else fmt.FIRST_CHUNK
        cells.append((b"" if index else stream_header) + stream.push(plaintext[at:at + size], tag))
        at += size
    return cells
