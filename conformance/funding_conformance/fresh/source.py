"""A source of chance that is the same on every machine and in every version of Python: SHA-256 of a key and a counter.

It is frozen: the same names give the same numbers for ever, and tests hold the first of them.

* The **key** is the SHA-256 of the names, each as its length in bytes (eight bytes, big-endian) and its UTF-8.
* **Block** *n* is the SHA-256 of the key and *n* (eight bytes, big-endian), *n* counting from 0.
* Each block is four **numbers** of 64 bits, big-endian, taken in order.
* A number **below** *n* is the remainder of the first number that is below the largest multiple of *n* within 2⁶⁴.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

_BYTES: Final = 8
_NUMBERS: Final = 1 << 64


def key_of(names: Sequence[str]) -> bytes:
    """32 bytes that stand for a list of texts and for no other list."""
    digest = hashlib.sha256()
    for name in names:
        text = name.encode()
        digest.update(len(text).to_bytes(_BYTES, "big") + text)
    return digest.digest()


class RandomSource:
    """Numbers that follow from names alone."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._numbers = _numbers(key_of(names))

    def part(self, *names: str) -> RandomSource:
        """A source of its own for a part: what others took before makes no difference to it."""
        return RandomSource(*self._names, *names)

    def below(self, limit: int) -> int:
        """A number from 0 up to, not including, the limit; each is equally likely.

        :raises ValueError: the limit is not above zero
        """
        if not 0 < limit <= _NUMBERS:
            raise ValueError(f"There is no number below {limit} to draw.")
        whole = _NUMBERS - _NUMBERS % limit
        return next(number for number in self._numbers if number < whole) % limit

    def between(self, first: int, last: int) -> int:
        """A number from the first to the last, both included."""
        return first + self.below(last - first + 1)

    def happens(self, times: int, of: int) -> bool:
        """True so many times of so many."""
        return self.below(of) < times

    def one_of(self, choices: Sequence[T]) -> T:
        """One of several, each equally likely."""
        return choices[self.below(len(choices))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The same items in a drawn order, each order equally likely."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in items]


def _numbers(key: bytes) -> Iterator[int]:
    count = 0
    while True:
        block = hashlib.sha256(key + count.to_bytes(_BYTES, "big")).digest()
        for place in range(0, len(block), _BYTES):
            yield int.from_bytes(block[place : place + _BYTES], "big")
        count += 1
