"""What reader and writer share of crypto/BATCH_FORMAT.md: sizes, the key schedule, hashes, Padme."""
from dataclasses import dataclass, field

from primitives import CHUNK_OVERHEAD, H, K, STREAM_HEADER

MAGIC = bytes.fromhex("894646420d0a1a0a")
FORMAT, SUITE, CELL_POWER = 1, 1, 10
RECORD_VERSION = 1  # of OPEN, CLOSE, and the head of media
SLOT_COUNTS = (4, 8, 16)
FIXED_HEADER, SLOT, SLOT_SEALED, HEADER_TAG = 64, 128, 112, 32
SHORTEST_HEADER = FIXED_HEADER + SLOT * SLOT_COUNTS[0] + HEADER_TAG

CELL = 1041
FIRST_CHUNK, FURTHER_CHUNK = 1000, 1024
assert STREAM_HEADER + FIRST_CHUNK + CHUNK_OVERHEAD == CELL == FURTHER_CHUNK + CHUNK_OVERHEAD

WHOLE_KEY, SHARE = 1, 2  # types of slots

OPEN, DATA, CLOSE, WITHDRAW = 1, 2, 3, 4
PREFIX = 36
SIGNATURE = 64  # at the end of CLOSE, and in the head of media

MOST_FILE = 96 * 2**20
MOST_CELLS_OF_RECORD = 1024
MOST_RECORDS = 4096
MOST_PAYLOAD = 2**20 - 256
MOST_PAYLOADS = 64 * 2**20
MOST_SEQUENCE = 2**62
MOST_RECIPIENTS = 16
MOST_PROGRAM_VERSION = 32


def cells_for(size):
    """Cells that `size` bytes of prefix and content need."""
    return 1 if size <= FIRST_CHUNK else 1 + -(-(size - FIRST_CHUNK) // FURTHER_CHUNK)


def padme(length):
    exponent = length.bit_length() - 1
    bits = exponent.bit_length()
    step = 1 << (exponent - bits) if exponent > bits else 1
    return -(-length // step) * step


def cells_of_file(cells):
    return padme(max(16, cells))


def slot_context(header, study, policy_digest):
    return H(24, "FFB1 slot ctx", header[:FIXED_HEADER] + study + policy_digest)


def mixed(content_key, psk):
    """What takes the place of the content key that the slots hold, in a study with a pre-shared key."""
    return K(32, content_key, "FFB1 psk mix", psk)


def header_tag(content_key, header):
    return K(32, content_key, "FFB1 header tag", header)


@dataclass
class Share:
    """A share of a content key, from a slot of the custodian's or out of a file (crypto/KEYS.md, `.ffshare`)."""
    custodian: bytes  # X25519 public key
    header_tag: bytes
    k: int
    n: int
    x: int
    context: bytes
    share: bytes = field(repr=False)
    mixed: int = 0    # 1: with the study's pre-shared key


def share_in_bounds(k, n, x):
    return 2 <= k <= n <= MOST_RECIPIENTS and 1 <= x <= n


def share_tag(share, header, k, n, x, custodian, context, mixed):
    return K(16, share, "FFB1 share tag", header[:FIXED_HEADER] + bytes((k, n, x)) + custodian + context
             + (b"\1" if mixed else b""))


class Keys:
    """All keys that follow from the content key and the header tag."""

    def __init__(self, content_key, tag):
        self._chain = [K(32, content_key, "FFB1 chain key", tag)]
        self.close = K(32, content_key, "FFB1 close key", tag)
        self.pad = K(32, content_key, "FFB1 pad key", tag)

    def chain(self, index):
        while len(self._chain) <= index:
            self._chain.append(K(32, self._chain[-1], "FFB1 next chain"))
        return self._chain[index]

    def record(self, index):
        return K(32, self.chain(index), "FFB1 record key")


def leaf(index, cells):
    return H(32, "FFB1 leaf", index.to_bytes(4, "little") + cells)


def device_id(device_key):
    return H(16, "FFB1 device id", device_key)


def dictionary_hash(dictionary):
    return H(32, "FFB1 dictionary", dictionary)


def signed_message(tag, body):
    return b"FFB1 close sig 1" + tag + body


def batch_id(tag, body):
    return H(32, "FFB1 batch id", tag + body)
