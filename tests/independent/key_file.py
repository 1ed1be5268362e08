"""`.ffkey` files, from crypto/KEYS.md alone."""
import unicodedata
from dataclasses import dataclass, field

from primitives import H, K, aead_decrypt, aead_encrypt, argon2id, box_public, require, same, sign_public

MAGIC = bytes.fromhex("8946464b0d0a1a0a")
SIZE = 320
VERSION = 1
RESEARCHER, ROOT = 1, 2


@dataclass
class KeyFile:
    kind: int
    label: str
    box_secret: bytes = field(repr=False)
    sign_seed: bytes = field(repr=False)

    @property
    def box_public(self):
        return box_public(self.box_secret) if self.kind == RESEARCHER else bytes(32)

    @property
    def sign_public(self):
        return sign_public(self.sign_seed)


def derive(passphrase, salt, memory, passes):
    return argon2id(unicodedata.normalize("NFKC", passphrase).encode("utf-8"), salt, memory, passes)


def write_key_file(key, passphrase, salt, nonce, memory=64 * 1024, passes=3):
    header = (MAGIC + bytes((VERSION, key.kind, 0, 0)) + memory.to_bytes(4, "little") + passes.to_bytes(4, "little")
              + bytes(4) + salt + nonce)
    label = key.label.encode("utf-8")
    sealed = (key.box_secret + key.sign_seed + bytes((len(label),)) + label).ljust(192, b"\0")
    derived = derive(passphrase, salt, memory, passes)
    data = (header + K(32, derived, "FFK1 commitment", header)
            + aead_encrypt(sealed, header, nonce, K(32, derived, "FFK1 seal key", header)))
    return data + H(16, "FFK1 checksum", data)


def open_key_file(data, passphrase):
    require(data[:8] == MAGIC, "wrong_format", "not the magic of a key file")
    require(len(data) > 8 and data[8] == VERSION, "unsupported", "another version of key files")
    require(len(data) == SIZE, "damaged", f"{len(data)} bytes instead of {SIZE}")
    require(H(16, "FFK1 checksum", data[:304]) == data[304:], "damaged", "the checksum is wrong")
    require(data[9] in (RESEARCHER, ROOT), "unsupported", f"keys of kind {data[9]}")
    require(data[10:12] == bytes(2) and data[20:24] == bytes(4), "not_canonical", "reserved bytes that are not zero")
    memory, passes = int.from_bytes(data[12:16], "little"), int.from_bytes(data[16:20], "little")
    require(64 * 1024 <= memory <= 1024 * 1024 and 3 <= passes <= 16, "cost_refused",
            f"Argon2id with {memory} KiB and {passes} passes")
    header = data[:64]
    derived = derive(passphrase, data[24:40], memory, passes)
    require(same(K(32, derived, "FFK1 commitment", header), data[64:96]), "wrong_passphrase", "another passphrase")
    sealed = aead_decrypt(data[96:304], header, data[40:64], K(32, derived, "FFK1 seal key", header))
    require(sealed is not None, "damaged", "the seal does not open")
    box_secret, sign_seed, length = sealed[:32], sealed[32:64], sealed[64]
    require(length <= 64 and not any(sealed[65 + length:]), "not_canonical", "the label or the fill after it")
    require(data[9] == RESEARCHER or box_secret == bytes(32), "not_canonical", "a root with an X25519 key")
    return KeyFile(data[9], sealed[65:65 + length].decode("utf-8"), box_secret, sign_seed)
