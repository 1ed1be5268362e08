"""Requests for a vault's master key and their answers, from crypto/KEYS.md alone."""
from dataclasses import dataclass

from primitives import H, box_canonical, box_public, box_seal, box_seal_open, box_small_order, require

MAGIC = bytes.fromhex("894646520d0a1a0a")
VERSION, REQUEST, ANSWER = 1, 1, 2
HEAD, CHECKSUM, SLOT = 12, 16, 128
SIZE = {REQUEST: HEAD + 32 + SLOT + CHECKSUM, ANSWER: HEAD + 112 + CHECKSUM}
TYPE = 2


@dataclass
class Request:
    one_time_key: bytes
    master_key: bytes
    study: bytes
    device: bytes
    digits: str


def digits_of(file):
    hashed = H(32, "FFR1 digits     ", len(file).to_bytes(8, "little") + file)
    groups = (int.from_bytes(hashed[5 * i:5 * i + 5], "big") % 100000 for i in range(6))
    return " ".join(f"{group:05d}" for group in groups)


def with_checksum(data):
    return data + H(16, "FFR1 checksum   ", data)


def body_of(file, kind):
    require(file[:8] == MAGIC, "wrong_format", "not the magic of a recovery")
    require(len(file) >= HEAD + CHECKSUM, "damaged", "the file ends before its content")
    require(file[8] == VERSION, "unsupported", "another version")
    require(file[9] == kind, "wrong_format", "a request, or an answer, where the other is wanted")
    require(len(file) == SIZE[kind], "damaged", f"{len(file)} bytes")
    require(with_checksum(file[:-CHECKSUM]) == file, "damaged", "the checksum is another")
    require(file[10:12] == bytes(2), "not_canonical", "bytes 10 and 11 are not zero")
    return file[HEAD:-CHECKSUM]


def open_request(file, box_secret):
    """A Request, or Refused."""
    body = body_of(file, REQUEST)
    one_time_key, slot = body[:32], body[32:]
    require(box_canonical(one_time_key), "not_canonical", "the one-time key is not below 2^255 - 19")
    require(not box_small_order(one_time_key), "weak_key", "the one-time key is of small order")
    content = box_seal_open(slot, box_public(box_secret), box_secret)
    require(content is not None, "not_openable", "sealed to another supervisor, or to nobody")
    require(content[0] == TYPE, "unsupported", "not the slot of a recovery")
    require(content[1:8] == bytes(7) and content[72:] == bytes(8), "not_canonical", "the slot has more in it")
    return Request(one_time_key, content[8:40], content[40:56], content[56:72], digits_of(file))


def write_answer(file, box_secret, ephemeral_secret):
    """The answer to a request, which has to open. `ephemeral_secret`: 32 random bytes."""
    request = open_request(file, box_secret)
    content = request.master_key + H(32, "FFR1 request    ", file)
    return with_checksum(MAGIC + bytes((VERSION, ANSWER, 0, 0)) + box_seal(content, request.one_time_key, ephemeral_secret))


def open_answer(file, request_file, one_time_secret):
    """The master key, or Refused."""
    content = box_seal_open(body_of(file, ANSWER), box_public(one_time_secret), one_time_secret)
    require(content is not None, "forged", "the seal does not open")
    require(content[32:] == H(32, "FFR1 request    ", request_file), "forged", "it answers another request")
    return content[:32]
