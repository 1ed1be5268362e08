"""`.ffshare` files, from crypto/KEYS.md alone: shares that a custodian releases to an analyst."""
from dataclasses import dataclass

from batch_format import Share, share_in_bounds
from primitives import box_public, box_seal, box_seal_open, require, sign, sign_public, verify_strictly

MAGIC = bytes.fromhex("894646480d0a1a0a")
HEAD, SIGNATURE, ENTRY, SEAL = 112, 64, 92, 48
MOST_SHARES = 100000
VERSION = 1
SIGNED_LABEL = b"FFH1 share file "


@dataclass
class ShareFile:
    custodian: bytes       # X25519
    custodian_sign: bytes  # Ed25519
    shares: list


def write_entry(share):
    return share.header_tag + bytes((share.k, share.n, share.x, share.mixed)) + share.context + share.share


def read_entry(entry, custodian):
    share = Share(custodian, entry[:32], entry[32], entry[33], entry[34], entry[36:60], entry[60:], entry[35])
    require(share.mixed <= 1 and share_in_bounds(share.k, share.n, share.x), "damaged", "an entry out of bounds")
    return share


def write_share_file(entries, box_secret, sign_seed, analyst, ephemeral_secret, edit_head=lambda head: head,
                     sign_with=None, label=SIGNED_LABEL, sealed_to=None):
    """`entries`: as `write_entry` makes them. `ephemeral_secret`: 32 random bytes. The rest is for test vectors."""
    head = edit_head(MAGIC + VERSION.to_bytes(4, "little") + len(entries).to_bytes(4, "little") + box_public(box_secret)
                     + sign_public(sign_seed) + analyst)
    sealed = box_seal(b"".join(entries), sealed_to or analyst, ephemeral_secret)
    return head + (sign_with or (lambda message: sign(message, sign_seed)))(label + head + sealed) + sealed


def open_share_file(data, box_secret):
    """A ShareFile, or Refused. Who the custodian is, the caller must know: any key can sign a file in its own name."""
    require(data[:8] == MAGIC, "wrong_format", "not the magic of a file of shares")
    require(len(data) >= HEAD + SIGNATURE, "damaged", "the file ends before its shares")
    require(data[8] == VERSION, "unsupported", "another version of files of shares")
    require(data[9:12] == bytes(3), "unsupported", "bytes 9...11 are not zero")
    count = int.from_bytes(data[12:16], "little")
    require(1 <= count <= MOST_SHARES, "damaged", f"{count} shares")
    require(len(data) == HEAD + SIGNATURE + ENTRY * count + SEAL, "damaged", f"{len(data)} bytes for {count} shares")
    custodian, custodian_sign, analyst = data[16:48], data[48:80], data[80:112]
    signature, sealed = data[112:176], data[176:]
    require(verify_strictly(signature, SIGNED_LABEL + data[:HEAD] + sealed, custodian_sign), "forged",
            "the signature is not the custodian's")
    require(analyst == box_public(box_secret), "not_openable", "sealed to another analyst")
    plain = box_seal_open(sealed, analyst, box_secret)
    require(plain is not None, "forged", "the seal does not open, and the custodian signed it")
    entries = [plain[at:at + ENTRY] for at in range(0, len(plain), ENTRY)]
    return ShareFile(custodian, custodian_sign, [read_entry(entry, custodian) for entry in entries])
