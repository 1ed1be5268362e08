"""A writer of parts of media files, from "Media" in crypto/BATCH_FORMAT.md alone. As batch_writer.py it is for test
vectors: a seed decides every byte, and each field can be made wrong."""
from dataclasses import dataclass, field

import batch_format as fmt
import media_reader as media
from batch_writer import Plan, Seed, make_header, share_count, share_of
from primitives import K, Stream, TAG_FINAL, TAG_MESSAGE, sign, sign_public
from xchacha20 import keystream


@dataclass
class MediaPlan:
    """One part. What is callable takes bytes and gives bytes: the place where a fault is put in."""
    seed: Seed
    recipients: list
    content: bytes = b"a photo"            # the whole media file
    part: int = 0
    quorum: int = 0
    head_quorum: int | None = None         # in the head; None: the same
    slot_count: int | None = None
    slots: list | None = None
    fixed: dict = field(default_factory=dict)
    listed: list | None = None             # recipients in the head exactly so
    size: int | None = None
    number: int | None = None              # the part, as the head has it
    zero: bytes = bytes(4)
    withdrawal: bytes = bytes(32)
    device_key: bytes | None = None
    media_hash: bytes | None = None
    edit_tag: callable = lambda tag: tag
    edit_body: callable = lambda body: body            # signed as it comes back
    edit_signed_message: callable = lambda message: message
    edit_signature: callable = lambda signature: signature
    edit_head: callable = lambda head: head            # 1024 bytes
    edit_content: callable = lambda content: content   # sealed so, and hashed as it was
    fill: bytes = b""
    tags: list | None = None
    spare_cells: int = 0
    edit_cells: callable = lambda cells: cells         # a list
    pad_nonce: callable = lambda id_: id_[:24]
    edit_cell_count: callable = lambda count: count
    edit_padding: callable = lambda padding: padding
    edit_file: callable = lambda data: data


@dataclass
class WrittenPart:
    data: bytes
    header_tag: bytes
    batch_id: bytes  # the media id, which takes its place
    content_key: bytes
    media_hash: bytes
    content: bytes
    shares: list


def write_part(plan):
    seed = plan.seed
    study, policy = seed.bytes(16, "study"), seed.bytes(32, "policy digest")
    device_seed = seed.bytes(32, "device")
    content_key, media_key = seed.bytes(32, "content key"), seed.bytes(32, "media key")
    # Slots and shares are those of a batch.
    sealed_to = Plan(seed=seed, recipients=plan.recipients, quorum=plan.quorum, slot_count=plan.slot_count,
                     slots=plan.slots, fixed={10: bytes((media.CELL_POWER,)), **plan.fixed})
    header = make_header(sealed_to, study, policy, content_key)
    tag = plan.edit_tag(fmt.header_tag(content_key, header))

    content = plan.content[plan.part * media.PART:(plan.part + 1) * media.PART]
    whole = plan.media_hash or media.media_hash(media_key, plan.content)
    listed = sorted(plan.recipients) if plan.listed is None else plan.listed
    quorum = plan.quorum if plan.head_quorum is None else plan.head_quorum
    body = plan.edit_body(
        fmt.RECORD_VERSION.to_bytes(2, "little") + bytes((quorum, 0)) + study + (plan.device_key or sign_public(device_seed)) + policy
        + (1).to_bytes(8, "little") + seed.bytes(32, "receipt key") + seed.bytes(16, "uuid") + plan.withdrawal
        + (len(plan.content) if plan.size is None else plan.size).to_bytes(8, "little")
        + (plan.part if plan.number is None else plan.number).to_bytes(4, "little") + plan.zero + media_key + whole
        + media.part_hash(media_key, plan.part, content) + bytes((len(listed),)) + b"".join(listed))
    signature = plan.edit_signature(sign(plan.edit_signed_message(media.signed_message(tag, body)), device_seed))
    head = plan.edit_head((body + signature).ljust(media.HEAD, b"\0"))

    written = head + plan.edit_content(content)
    count = media.cells_for(len(content)) + plan.spare_cells
    plaintext = (written + plan.fill).ljust(media.FIRST_CHUNK + (count - 1) * media.FURTHER_CHUNK, b"\0")
    key = media.stream_key(content_key, tag)
    stream_header = K(24, key, "FFB1 media hdr", seed.bytes(24, "stream") + head)
    stream, cells, at = Stream(stream_header, key), [], 0
    for index, cell_tag in enumerate(plan.tags or [TAG_MESSAGE] * (count - 1) + [TAG_FINAL]):
        size = media.FURTHER_CHUNK if index else media.FIRST_CHUNK
        cells.append((b"" if index else stream_header) + stream.push(plaintext[at:at + size], cell_tag))
        at += size
    cells = plan.edit_cells(cells)

    id_ = media.media_id(tag, body)
    padding_cells = plan.edit_cell_count(media.cells_of_file(len(cells))) - len(cells)
    padding = plan.edit_padding(keystream(media.pad_key(content_key, tag), plan.pad_nonce(id_),
                                          padding_cells * media.CELL))
    data = plan.edit_file(header + tag + b"".join(cells) + padding)
    shares = [fmt.Share(custodian, tag, plan.quorum, share_count(sealed_to), x,
                        fmt.slot_context(header, study, policy), share_of(sealed_to, content_key, x))
              for x, custodian in enumerate(sorted(plan.recipients), 1)] if plan.quorum else []
    return WrittenPart(data, tag, id_, content_key, whole, content, shares)
