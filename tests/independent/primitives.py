"""The primitives of crypto/BATCH_FORMAT.md over PyNaCl (libsodium), and the refusals of the document."""
import hmac
import sys

try:
    import nacl.bindings as sodium
    import zstandard  # noqa: F401  (used by zstd_frame.py; asked for here so that there is one place that explains)
    from nacl.exceptions import CryptoError
except ImportError as error:
    sys.exit(f"tests/independent needs Debian's python3-nacl and python3-zstandard ({error}): run client/setup --tests,"
             " and start the scripts with /usr/bin/python3")


class Refused(Exception):
    """A file is refused as a whole. `word` is the bracketed word of the document."""

    def __init__(self, word, why):
        super().__init__(f"{word}: {why}")
        self.word = word
        self.why = why


def require(condition, word, why):
    if not condition:
        raise Refused(word, why)


def _labelled(label, message):
    assert len(label) <= 16
    return label.encode("ascii").ljust(16) + message


def H(size, label, message=b""):
    return sodium.crypto_generichash_blake2b_salt_personal(_labelled(label, message), digest_size=size)


def K(size, key, label, message=b""):
    assert len(key) == 32
    return sodium.crypto_generichash_blake2b_salt_personal(_labelled(label, message), digest_size=size, key=key)


def same(a, b):
    """Compared in constant time."""
    return hmac.compare_digest(a, b)


# --- X25519 -------------------------------------------------------------------------------------------------------
P25519 = 2**255 - 19


def box_public(secret):
    return sodium.crypto_scalarmult_base(secret)


def box_canonical(public):
    return int.from_bytes(public, "little") < P25519


def box_small_order(public):
    # A clamped scalar is a multiple of 8, so a point of small order goes to zero, which libsodium reports.
    try:
        sodium.crypto_scalarmult(b"\x08" + bytes(30) + b"\x40", public)
        return False
    except (CryptoError, RuntimeError):
        return True


def box_seal(message, recipient, ephemeral_secret):
    """crypto_box_seal with the ephemeral key given, so that a seed decides every byte (libsodium: Sealed boxes)."""
    ephemeral = box_public(ephemeral_secret)
    nonce = sodium.crypto_generichash_blake2b_salt_personal(ephemeral + recipient, digest_size=24)
    return ephemeral + sodium.crypto_box(message, nonce, recipient, ephemeral_secret)


def box_seal_open(sealed, public, secret):
    try:
        return sodium.crypto_box_seal_open(sealed, public, secret)
    except (CryptoError, RuntimeError):
        return None


# --- secretstream -------------------------------------------------------------------------------------------------
STREAM_HEADER = 24
CHUNK_OVERHEAD = 17
TAG_MESSAGE, TAG_PUSH, TAG_REKEY, TAG_FINAL = 0, 1, 2, 3


class Stream:
    """One secretstream, with the stream header given in both directions: init_push of libsodium would draw a random
    one, but the state after init_pull is that after init_push."""

    def __init__(self, header, key):
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)

    def push(self, plaintext, tag):
        return sodium.crypto_secretstream_xchacha20poly1305_push(self._state, plaintext, None, tag)

    def pull(self, chunk):
        """(plaintext, tag), or None when the chunk does not authenticate."""
        try:
            return sodium.crypto_secretstream_xchacha20poly1305_pull(self._state, chunk)
        except (CryptoError, RuntimeError):
            return None


# --- XChaCha20-Poly1305-IETF --------------------------------------------------------------------------------------
def aead_encrypt(plaintext, associated, nonce, key):
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associated, nonce, key)


def aead_decrypt(ciphertext, associated, nonce, key):
    try:
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, associated, nonce, key)
    except (CryptoError, RuntimeError):
        return None


# --- Ed25519 ------------------------------------------------------------------------------------------------------
def sign_key_valid(public):
    """On the curve, canonical, of the main subgroup, not of small order."""
    return sodium.crypto_core_ed25519_is_valid_point(public)


def sign(message, seed):
    _, secret = sodium.crypto_sign_seed_keypair(seed)
    return sodium.crypto_sign(message, secret)[:64]


def sign_public(seed):
    public, _ = sodium.crypto_sign_seed_keypair(seed)
    return public


def verify(signature, message, public):
    try:
        sodium.crypto_sign_open(signature + message, public)
        return True
    except (CryptoError, RuntimeError):
        return False


def verify_strictly(signature, message, public):
    # libsodium from 1.0.19 on lets a part of small order in R pass, 1.0.18 does not: asked for here, all are the same.
    return sign_key_valid(signature[:32]) and sign_key_valid(public) and verify(signature, message, public)


# --- Argon2id -----------------------------------------------------------------------------------------------------
def argon2id(passphrase, salt, kib, passes):
    return sodium.crypto_pwhash_alg(32, passphrase, salt, passes, kib * 1024, sodium.crypto_pwhash_ALG_ARGON2ID13)
