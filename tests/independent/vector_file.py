"""Test vectors: a head of `name: value` lines, an empty line, the file. The form is described in
../data/vectors/README.md."""
import base64
from dataclasses import dataclass, field

from batch_format import Share


@dataclass
class Vector:
    kind: str                     # "batch", "media", "shares" or "wrap"
    expect: str
    comment: str
    secrets: list                 # our own X25519 secret keys
    data: bytes = field(default=b"", repr=False)
    batch_of: list = field(default_factory=list)  # names of vectors: the batch is theirs, the shares or the key are of theirs
    dictionary: bytes | None = None
    psks: list = field(default_factory=list)
    shares: list = field(default_factory=list)
    # Where opened, a batch:
    batch_id: str | None = None
    records: int | None = None
    payload_sha256: str | None = None
    # part of a media file (with batch_id and payload_sha256):
    media_hash: str | None = None
    # and a file of shares:
    custodian: str | None = None
    custodian_sign: str | None = None
    entries: int | None = None
    entries_sha256: str | None = None


def encode(v):
    lines = [("kind", v.kind), ("expect", v.expect), ("comment", v.comment),
             ("secret", ",".join(secret.hex() for secret in v.secrets)), ("batch-of", ",".join(v.batch_of) or None),
             ("dictionary", v.dictionary and base64.b64encode(v.dictionary).decode("ascii")),
             ("psk", ",".join(psk.hex() for psk in v.psks) or None),
             ("shares", ",".join(map(encode_share, v.shares)) or None), ("batch-id", v.batch_id),
             ("records", v.records), ("payload-sha256", v.payload_sha256), ("media-hash", v.media_hash), ("custodian", v.custodian),
             ("custodian-sign", v.custodian_sign), ("entries", v.entries), ("entries-sha256", v.entries_sha256)]
    head = "".join(f"{name}: {value}\n" for name, value in lines if value is not None)
    return head.encode("ascii") + b"\n" + v.data


def encode_share(share):
    return ":".join((share.custodian.hex(), share.header_tag.hex(), str(share.k), str(share.n), str(share.x),
                     share.context.hex(), share.share.hex(), *(["1"] if share.mixed else [])))


def decode(data):
    head, _, rest = data.partition(b"\n\n")
    fields = {name.replace("-", "_"): value for name, value in
              (line.split(": ", 1) for line in head.decode("ascii").split("\n"))}
    for name, reading in (("records", int), ("entries", int),
                          ("dictionary", lambda text: base64.b64decode(text, validate=True)),
                          ("batch_of", lambda text: text.split(",")),
                          ("shares", lambda text: [decode_share(part) for part in text.split(",")])):
        if name in fields:
            fields[name] = reading(fields[name])
    secrets = [bytes.fromhex(part) for part in fields.pop("secret").split(",")]
    psks = [bytes.fromhex(part) for part in fields.pop("psk").split(",")] if "psk" in fields else []
    return Vector(secrets=secrets, data=rest, psks=psks, **fields)  # a name that is not known is an error


def decode_share(text):
    custodian, tag, k, n, x, context, share, *mixed = text.split(":")
    if mixed not in ([], ["1"]):
        raise ValueError("the end of a share")
    return Share(bytes.fromhex(custodian), bytes.fromhex(tag), int(k), int(n), int(x), bytes.fromhex(context),
                 bytes.fromhex(share), len(mixed))
