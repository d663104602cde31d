"""Small pieces of SVG: elements, texts that know about how wide they are, labels that keep clear of each other."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from typing import Final, Literal

from attrs import frozen

from funding_conformance.reports.differences import printable
from funding_conformance.reports.life_facts import month_number

TEXT: Final = 12
"""The size of every text but headings."""

LINE: Final = 15
"""From one line of text to the next."""

_CHARACTER: Final = 0.58
_BETWEEN: Final = 9

Align = Literal["start", "middle", "end"]


def element(name: str, *content: str, **attributes: object) -> str:
    """An element. Attributes are escaped, ``class_`` is written class; the content is SVG already."""
    opened = name + "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items() if value != ""
    )
    return f"<{opened}>{''.join(content)}</{name}>" if content else f"<{opened}/>"


def _value(value: object) -> str:
    return number(value) if isinstance(value, float) else escaped(value)


def number(value: float) -> str:
    """A position to a tenth, without needless zeros."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def escaped(text: object) -> str:
    """A text without anything that a page would act on."""
    return escape(printable(text))


def text(says: str, x: float, y: float, *, align: Align = "start", class_: str = "") -> str:
    """A line of text; ``y`` is the line it stands on."""
    return element(
        "text", escaped(says), x=float(x), y=float(y), text_anchor="" if align == "start" else align, class_=class_
    )


def width_of(says: str, size: float = TEXT) -> float:
    """About how wide a text is, rather too wide than too narrow."""
    return len(says) * size * _CHARACTER


def box(x: float, y: float, width: float, height: float, *, says: str = "", **attributes: object) -> str:
    """A rectangle.

    :param says: shown when the pointer rests on it
    """
    inside = (element("title", escaped(says)),) if says else ()
    places = {"x": float(x), "y": float(y), "width": max(float(width), 0.8), "height": float(height)}
    return element("rect", *inside, **places, **attributes)


def path(drawn: str, **attributes: object) -> str:
    """A path."""
    return element("path", d=drawn, **attributes)


@frozen
class Block:
    """Something drawn from its own top at 0 downwards."""

    height: float
    drawn: tuple[str, ...]


def stacked(blocks: Iterable[Block], top: float = 0) -> Block:
    """Blocks one below the other."""
    drawn = []
    for block in blocks:
        drawn.append(element("g", *block.drawn, transform=f"translate(0 {number(top)})") if block.drawn else "")
        top += block.height
    return Block(top, tuple(drawn))


@frozen
class Scale:
    """Where days and months stand from left to right in one picture.

    :param id: what the ids of the picture begin with
    :param first: the number of the first month
    """

    id: str
    first: int
    months: int
    left: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def month_width(self) -> float:
        return self.width / self.months

    def holds(self, month: int) -> bool:
        """Whether a month is in the picture."""
        return self.first <= month < self.first + self.months

    def month(self, month: int) -> float:
        """Where a month begins."""
        return self.left + (month - self.first) * self.month_width

    def begins(self, day: date) -> float:
        """Where a day begins, or the edge that is nearest."""
        return self._within(day, day.day - 1)

    def ends(self, day: date) -> float:
        """Where a day ends, or the edge that is nearest."""
        return self._within(day, day.day)

    def _within(self, day: date, days: int) -> float:
        x = self.month(month_number(day)) + self.month_width * days / monthrange(day.year, day.month)[1]
        return min(max(x, self.left), self.right)


@frozen
class Label:
    """A text that belongs to a place from left to right.

    :param indent: how far from its place it keeps
    """

    says: str
    at: float
    align: Align = "start"
    indent: float = 0

    def left(self, scale: Scale) -> float:
        """Where it begins, so that it ends within the picture."""
        width = self.indent + width_of(self.says)
        left = self.at - width * {"start": 0, "middle": 0.5, "end": 1}[self.align]
        return max(scale.left, min(left, scale.right - width))

    def right(self, scale: Scale) -> float:
        return self.left(scale) + self.indent + width_of(self.says)


def label(one: Label, scale: Scale, y: float, *, class_: str = "") -> str:
    """A label as text: whatever its letters measure, it stands on its place."""
    left, right = one.left(scale), one.right(scale)
    x = {"start": left + one.indent, "middle": (left + right) / 2, "end": right - one.indent}[one.align]
    return text(one.says, x, y, align=one.align, class_=class_)


def in_lines(labels: Sequence[Label], scale: Scale) -> list[int]:
    """For each label the first line, from 0, on which it keeps clear of those before it."""
    taken: list[list[tuple[float, float]]] = []
    lines = []
    for one in labels:
        left, right = one.left(scale), one.right(scale)
        free = (
            n for n, line in enumerate(taken) if all(right + _BETWEEN <= a or b + _BETWEEN <= left for a, b in line)
        )
        line = next(free, len(taken))
        taken += [[]] if line == len(taken) else []
        taken[line].append((left, right))
        lines.append(line)
    return lines


def in_steps(labels: Sequence[Label], scale: Scale) -> list[int]:
    """Lines for labels with poles that go down from them: no text meets another, nor a pole if that can be helped."""
    lines: dict[int, int] = {}
    to_the_right = [n for n, one in enumerate(labels) if one.align == "start"]
    to_the_left = [n for n, one in reversed(list(enumerate(labels))) if one.align != "start"]
    for number in (*to_the_right, *to_the_left):
        last = max(lines.values(), default=-1)
        free = (
            line
            for line in range(last + 1)
            if not any(_meet(labels[number], line, labels[other], lines[other], scale) for other in lines)
        )
        lines[number] = next(free, last + 1)
    return [lines[number] for number in range(len(labels))]


def _meet(one: Label, line: int, other: Label, other_line: int, scale: Scale) -> bool:
    """Whether two texts meet, or the pole of the upper one the text of the lower."""
    if line == other_line:
        return one.left(scale) < other.right(scale) + _BETWEEN and other.left(scale) < one.right(scale) + _BETWEEN
    upper, lower = (one, other) if line < other_line else (other, one)
    return lower.left(scale) < upper.at < lower.right(scale)
