"""Winnowing: choose a few fingerprints of a text, so that any long shared passage shares one.

Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", 2003.
"""

import hashlib
from collections.abc import Sequence

from autograder.similarity.tokens import Token

NOISE = 12
"""k: what two answers share in fewer tokens than these is chance."""
WINDOW = 4
"""w: a passage that is shared over k + w − 1 tokens, here 15, is always found."""


def grams(found: Sequence[Token]) -> list[int]:
    """The hash of each `NOISE` tokens in a row.

    Two of them have the same hash if one becomes the other by renaming names consistently (Baker
    1997): `a - b * a` is `x - y * x`, but not `x - y * z`.
    """
    return [_hash(found[k : k + NOISE]) for k in range(len(found) - NOISE + 1)]


def winnow(hashes: Sequence[int]) -> dict[int, int]:
    """Position → hash of the fingerprints: in each window the smallest hash, the last if tied."""
    chosen: dict[int, int] = {}
    for first in range(max(len(hashes) - WINDOW + 1, min(len(hashes), 1))):
        window = range(first, min(first + WINDOW, len(hashes)))
        at = min(window, key=lambda k: (hashes[k], -k))
        chosen[at] = hashes[at]
    return chosen


def _hash(gram: Sequence[Token]) -> int:
    numbers: dict[str, int] = {}
    texts = [
        f"\0{numbers.setdefault(token.text, len(numbers))}" if token.is_own else token.text
        for token in gram
    ]
    digest = hashlib.blake2b("\n".join(texts).encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")
