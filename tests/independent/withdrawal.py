"""Withdrawal codes, from "Withdrawal" in crypto/BATCH_FORMAT.md."""
from primitives import H, require

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SIZE, DIGITS, CHECKS = 10, 16, 4


def times(a, b):
    """In GF(32) with x^5 + x^2 + 1."""
    product = 0
    for bit in range(5):
        product ^= (a << bit) * (b >> bit & 1)
    for bit in range(8, 4, -1):
        product ^= (0b100101 << bit - 5) * (product >> bit & 1)
    return product


def value(digits, z):
    """Of the polynomial 1, d0, d1... at z."""
    result = 1
    for digit in digits:
        result = times(result, z) ^ digit
    return result


def holds(digits):
    """Whether 2, 4, 8 and 16 are roots, which are x, x^2, x^3 and x^4."""
    return all(value(digits, root) == 0 for root in (2, 4, 8, 16))


def write_code(code):
    number = int.from_bytes(code, "big")
    digits = [number >> 5 * place & 31 for place in reversed(range(DIGITS))]
    # Four unknowns, one after the other: a code that holds at the roots is found by the remainder of the division.
    divisor = [1]
    for root in (2, 4, 8, 16):
        divisor = [a ^ times(b, root) for a, b in zip([*divisor, 0], [0, *divisor])]
    rest = [1, *digits, 0, 0, 0, 0]
    for at in range(len(rest) - CHECKS):
        for offset, factor in reversed(list(enumerate(divisor))):
            rest[at + offset] ^= times(rest[at], factor)
    text = "".join(ALPHABET[digit] for digit in [*digits, *rest[-CHECKS:]])
    return "-".join(text[at:at + 4] for at in range(0, len(text), 4))


def read_code(text):
    text = "".join(c for c in text.upper() if c not in " \t\r\n.-").translate(str.maketrans("OIL", "011"))
    require(len(text) == DIGITS + CHECKS and all(c in ALPHABET for c in text), "wrong_format", "no withdrawal code")
    digits = [ALPHABET.index(c) for c in text]
    require(holds(digits), "damaged", "a mistyped withdrawal code")
    number = 0
    for digit in digits[:DIGITS]:
        number = number << 5 | digit
    return number.to_bytes(SIZE, "big")


def withdrawal_hash(code):
    return H(32, "FFB1 withdraw", code)
