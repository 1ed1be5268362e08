"""`.ffwrap` files, from crypto/KEYS.md alone: a batch's content key, sealed to an archive key."""
from dataclasses import dataclass, field

from primitives import H, box_public, box_seal, box_seal_open, require, same

MAGIC = bytes.fromhex("894646570d0a1a0a")
HEAD, SIZE = 108, 220
VERSION = 1
BINDING_LABEL = "FFW1 wrap head  "


@dataclass
class ArchivedKey:
    header_tag: bytes
    batch_id: bytes
    key: bytes = field(repr=False)  # with the pre-shared key mixed in, where there is one


def write_wrap_file(content_key, header_tag, batch_id, archive, ephemeral_secret, edit_head=lambda head: head, bound=None,
                    sealed_to=None):
    """`ephemeral_secret`: 32 random bytes. The rest is for test vectors; `bound`: the head that the seal names."""
    head = edit_head(MAGIC + VERSION.to_bytes(4, "little") + archive + header_tag + batch_id)
    content = content_key + H(32, BINDING_LABEL, head if bound is None else bound)
    return head + box_seal(content, sealed_to or archive, ephemeral_secret)


def open_wrap_file(data, secrets):
    """An ArchivedKey, or Refused. It is to be taken for a batch only if that is verified with it (batch_reader.py)."""
    require(data[:8] == MAGIC, "wrong_format", "not the magic of an archived key")
    require(data[8:12].ljust(4, b"\0") == VERSION.to_bytes(4, "little"), "unsupported", "another version of archived keys")
    require(len(data) == SIZE, "damaged", f"{len(data)} bytes")
    ours = [secret for secret in secrets if box_public(secret) == data[12:44]]
    require(ours, "not_openable", "sealed to another archive key")
    content = box_seal_open(data[HEAD:], data[12:44], ours[0])
    require(content is not None, "forged", "the seal does not open")
    require(same(content[32:], H(32, BINDING_LABEL, data[:HEAD])), "forged", "sealed for another head")
    return ArchivedKey(data[44:76], data[76:108], content[:32])
