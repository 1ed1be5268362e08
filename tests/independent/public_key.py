"""`.ffpub` lines, from crypto/KEYS.md alone."""
from dataclasses import dataclass

from key_file import RESEARCHER, ROOT
from primitives import H, box_canonical, box_small_order, require, sign_key_valid

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass
class PublicKey:
    kind: int
    label: str
    box_public: bytes  # zero for a root
    sign_public: bytes


def write_public_key(key):
    """The line. `key`: a PublicKey or a KeyFile."""
    label = key.label.encode("utf-8")
    data = (bytes((key.kind,)) + (key.box_public if key.kind == RESEARCHER else b"") + key.sign_public
            + bytes((len(label),)) + label)
    data += H(16, "FFP1 line check", data)[:8]
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return "ffpub1" + "".join(ALPHABET[int(bits[at:at + 5], 2)] for at in range(0, len(bits), 5))


def read_public_key(text):
    line = text.strip(" \t\r\n")
    require(line.startswith("ffpub1") and all(c in ALPHABET for c in line[6:]), "damaged", "not a line of ffpub1")
    bits = "".join(f"{ALPHABET.index(c):05b}" for c in line[6:])
    data = bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits) - 7, 8))
    require(data and data[0] in (RESEARCHER, ROOT), "damaged", "a public key of another kind")
    keys = 64 if data[0] == RESEARCHER else 32
    require(len(data) > keys + 1 and len(data) == keys + 2 + data[keys + 1] + 8 and data[keys + 1] <= 64, "damaged",
            "a line of another length")
    require(H(16, "FFP1 line check", data[:-8])[:8] == data[-8:], "damaged", "the check of the line is wrong")
    try:
        label = data[keys + 2:-8].decode("utf-8")
    except UnicodeDecodeError:
        label = None
    require(label is not None, "damaged", "a label that is not UTF-8")
    key = PublicKey(data[0], label, data[1:33] if keys == 64 else bytes(32), data[keys - 31:keys + 1])
    require(write_public_key(key) == line, "damaged", "not the one way to write it")
    require(key.kind == ROOT or box_canonical(key.box_public), "not_canonical", "an X25519 key not below 2^255 - 19")
    require(key.kind == ROOT or not box_small_order(key.box_public), "weak_key", "an X25519 key of small order")
    require(sign_key_valid(key.sign_public), "weak_key", "an Ed25519 key that is not of the main subgroup")
    return key
