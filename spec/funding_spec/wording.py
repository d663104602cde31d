"""How messages write dates, the same in every locale."""

from __future__ import annotations

from datetime import date
from typing import Final

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def in_words(day: date) -> str:
    """A date as people read it: 6 August 2017."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
