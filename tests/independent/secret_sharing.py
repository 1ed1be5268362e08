"""Shamir's sharing of a secret, byte by byte over GF(2^8), from crypto/BATCH_FORMAT.md ("Shares: k of n") alone. Clear
rather than quick, and not in constant time: whoever may measure this program sees something of the shares."""

POLYNOMIAL = 0x11D  # x^8 + x^4 + x^3 + x^2 + 1


def multiply(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= POLYNOMIAL
        b >>= 1
    return product


def inverse(a):
    assert a
    result = 1
    for _ in range(254):  # the multiplicative group has 255 elements
        result = multiply(result, a)
    return result


def share_at(x, secret, coefficients):
    """The share of x. `coefficients`: k - 1 byte strings as long as the secret, that of x^1 first."""
    assert 1 <= x <= 255
    share = bytes(len(secret))
    for coefficient in (*reversed(coefficients), secret):  # Horner
        share = bytes(multiply(byte, x) ^ added for byte, added in zip(share, coefficient))
    return share


def combine(shares):
    """The secret: Lagrange's interpolation at 0. `shares`: x -> share, exactly k of them."""
    secret = bytes(len(next(iter(shares.values()))))
    for x, share in shares.items():
        weight = 1
        for other in shares:
            if other != x:  # (0 - other) / (x - other); minus is plus here
                weight = multiply(weight, multiply(other, inverse(x ^ other)))
        secret = bytes(byte ^ multiply(weight, added) for byte, added in zip(secret, share))
    return secret
