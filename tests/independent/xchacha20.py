"""The XChaCha20 keystream (libsodium's crypto_stream_xchacha20, counter from 0).

PyNaCl has no binding for it. It has XChaCha20-Poly1305-IETF, which encrypts with the blocks from 1 on: sealing zeros
gives those. Block 0, from which that construction takes its Poly1305 key, is computed here: HChaCha20 for the subkey,
then one ChaCha20 block. So a slow ChaCha20 in Python runs once a batch and no third library is needed.
"""
import struct

from primitives import aead_encrypt

CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")
MASK = 0xFFFFFFFF


def _quarter_round(x, a, b, c, d):
    for into, other, by, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        x[into] = (x[into] + x[other]) & MASK
        mixed = x[by] ^ x[into]
        x[by] = ((mixed << bits) | (mixed >> (32 - bits))) & MASK


def _rounds(state):
    x = list(state)
    for _ in range(10):
        for column in range(4):
            _quarter_round(x, column, 4 + column, 8 + column, 12 + column)
        for diagonal in range(4):
            _quarter_round(x, diagonal, 4 + (diagonal + 1) % 4, 8 + (diagonal + 2) % 4, 12 + (diagonal + 3) % 4)
    return x


def hchacha20(key, nonce16):
    x = _rounds((*CONSTANTS, *struct.unpack("<8I", key), *struct.unpack("<4I", nonce16)))
    return struct.pack("<8I", *x[:4], *x[12:])


def keystream(key, nonce24, length):
    subkey = hchacha20(key, nonce24[:16])
    # Counter of 64 bits and nonce of 64, as in libsodium's ChaCha20; in block 0 no different from RFC 8439.
    state = (*CONSTANTS, *struct.unpack("<8I", subkey), 0, 0, *struct.unpack("<2I", nonce24[16:]))
    block0 = struct.pack("<16I", *((a + b) & MASK for a, b in zip(state, _rounds(state))))
    if length <= 64:
        return block0[:length]
    return block0 + aead_encrypt(bytes(length - 64), b"", nonce24, key)[:length - 64]
