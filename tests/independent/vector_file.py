"""Test vectors: a head of `name: value` lines, an empty line, the batch. The form is described in README.md."""
import base64
from dataclasses import dataclass, field


@dataclass
class Vector:
    expect: str
    comment: str
    secret: bytes
    data: bytes = field(repr=False)
    dictionary: bytes | None = None
    payload_sha256: str | None = None
    records: int | None = None
    batch_id: str | None = None


def encode(v):
    lines = [f"expect: {v.expect}", f"comment: {v.comment}", f"secret: {v.secret.hex()}"]
    if v.dictionary is not None:
        lines.append(f"dictionary: {base64.b64encode(v.dictionary).decode('ascii')}")
    if v.expect == "opened":
        lines += [f"batch-id: {v.batch_id}", f"records: {v.records}", f"payload-sha256: {v.payload_sha256}"]
    return "\n".join(lines).encode("ascii") + b"\n\n" + v.data


def decode(data):
    head, _, batch = data.partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in head.decode("ascii").split("\n"))
    dictionary = fields.pop("dictionary", None)
    records = fields.pop("records", None)
    return Vector(expect=fields.pop("expect"), comment=fields.pop("comment"), secret=bytes.fromhex(fields.pop("secret")),
                  data=batch, dictionary=None if dictionary is None else base64.b64decode(dictionary, validate=True),
                  payload_sha256=fields.pop("payload-sha256", None), records=None if records is None else int(records),
                  batch_id=fields.pop("batch-id", None), **fields)  # a name that is not known is an error
