"""The learners of a return, one by one, as plain records with the ILR's own names and nesting.

Elements are known by their names, whatever their namespace and order. A value that is not of the kind that
the funding rules expect is left as it is written, so that whoever uses the record can say what is wrong.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from attrs import field, frozen
from lxml import etree

from funding_reference.ilr.elements import DATES, MOVED, NUMBERS, ORDER, RENAMED, REPEATING
from funding_reference.ilr.opening import IlrError, cannot_be_read, not_well_formed, read_facts
from funding_reference.ilr.tolerance import Kind, Tolerances, Tolerated

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_READ_AT_ONCE: Final = 65536
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_LENGTH_OF_A_DATE: Final = len("2017-08-01")
_MIDNIGHT: Final = "00:00:00"
_DATE_AND_MORE: Final = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)


@frozen
class IlrLearner:
    """One learner of a return.

    :param record: the learner in the shape of the scenario format
    :param line: the line of the file on which the learner begins
    """

    record: dict[str, Any]
    line: int


@frozen
class IlrReturn:
    """A return whose provider and year are known and whose learners can be read.

    :param ukprn: the provider that returned it
    :param funding_year: ``1718`` for the year from August 2017 to July 2018
    """

    path: Path
    ukprn: int
    funding_year: str
    _namespace: str = field(repr=False)
    _tolerated_at_opening: tuple[Tolerated, ...] = field(repr=False)
    _tolerances: Tolerances = field(repr=False, eq=False)

    @property
    def file_name(self) -> str:
        return self.path.name

    @property
    def tolerated(self) -> tuple[Tolerated, ...]:
        """The first few differences from the schema of each kind, as far as the learners have been read."""
        return tuple(self._tolerances.first)

    @property
    def tolerated_counts(self) -> Mapping[Kind, int]:
        """How many differences of each kind there are, as far as the learners have been read."""
        return dict(self._tolerances.counts)

    def learners(self) -> Iterator[IlrLearner]:
        """Read the learners from first to last, each when it is asked for; start again when called again.

        What was read is forgotten at once, so memory does not grow with the file. A broken file gives the
        learners before the break and then the error, so nothing should be published before the last.

        :raises IlrError: the file is not well-formed further on, or a learner stands where none can
        """
        self._tolerances.start_from(self._tolerated_at_opening)
        reader = _RecordReader(self._namespace, self._tolerances)
        for number, element in enumerate(_learner_elements(self.path)):
            yield IlrLearner(reader.group(element, "Learner", f"learners[{number}]"), _line(element))


def open_return(path: str | os.PathLike[str]) -> IlrReturn:
    """Open an ILR return: find its provider and year, and refuse what cannot be one.

    :raises IlrError: no such file, not XML, not an ILR return, without provider or year, or not safe to read
    """
    file = Path(path)
    facts = read_facts(file)
    seen = tuple(facts.tolerances.first)
    return IlrReturn(file, facts.ukprn, facts.funding_year, facts.namespace, seen, facts.tolerances)


def _learner_elements(path: Path) -> Iterator[Element]:
    """Each Learner as a tree of its own, let go of as soon as the next one is asked for."""
    parser = etree.XMLPullParser(
        events=("end",),
        tag=("{*}Learner", "{*}LearnerDestinationandProgression"),
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        collect_ids=False,
    )
    at_the_end = False
    try:
        with path.open("rb") as file:
            while piece := file.read(_READ_AT_ONCE):
                parser.feed(piece)
                yield from _finished(parser, path)
        at_the_end = True
        parser.close()
        yield from _finished(parser, path)
    except etree.XMLSyntaxError as error:
        raise not_well_formed(path, error, at_the_end=at_the_end) from None
    except OSError as error:
        raise cannot_be_read(path, error) from None


def _finished(parser: etree.XMLPullParser, path: Path) -> Iterator[Element]:
    events: Iterator[Any] = parser.read_events()
    for _, element in events:
        message = element.getparent()
        if etree.QName(element).localname == "Learner":
            if message is None or message.getparent() is not None:
                reason = "A Learner stands inside another element, not directly in Message as in an ILR return."
                raise IlrError(reason, file=str(path), line=_line(element))
            yield element
        element.clear()
        while message is not None and element.getprevious() is not None:
            del message[0]


def _line(element: Any) -> int:
    return int(element.sourceline or 0)


class _Known(NamedTuple):
    """What is known of an element: its name, its place among those beside it, and its kind of value."""

    name: str
    place: int | None
    is_number: bool
    is_date: bool


def _known(name: str, group: str) -> _Known:
    order = ORDER.get(group, ())
    place = order.index(name) if name in order else None
    return _Known(name, place, name in NUMBERS, name in DATES)


class _RecordReader:
    """Turns elements into records, and notes where they differ from the schema."""

    def __init__(self, namespace: str, tolerances: Tolerances) -> None:
        self._namespace = namespace
        self._tolerances = tolerances
        prefix = f"{{{namespace}}}" if namespace else ""
        self._known = {group: {prefix + name: _known(name, group) for name in names} for group, names in ORDER.items()}

    def group(self, element: Element, group: str, path: str) -> dict[str, Any]:
        """An element that holds others, as a dictionary of what it holds."""
        record: dict[str, Any] = {}
        known_here = self._known.get(group, {})
        place_before, name_before = 0, ""
        if element.text is not None:
            self._note_text(element.text, element, group, path)
        for child in element:
            known = known_here.get(str(child.tag)) or self._unfamiliar(child, group, path)
            name, place = known.name, known.place
            if place is not None:
                if place < place_before:
                    what = f"{name} stands after {name_before}; the schema has it before."
                    self._note(Kind.ORDER, child, path, name, what)
                place_before, name_before = place, name
            if len(child):
                self._add_group(record, child, name, path)
            elif (value := self._value(child, known, path)) is not None:
                if name in record:
                    self._add_again(record, child, name, value, path)
                else:
                    record[name] = value
            if child.tail is not None:
                self._note_text(child.tail, child, group, path)
        return record

    def _add_group(self, record: dict[str, Any], child: Element, name: str, path: str) -> None:
        """Put a group where it belongs in the record: in a list if it can repeat."""
        if name not in REPEATING:
            value = self.group(child, name, f"{path}.{name}")
            if name in record:
                self._add_again(record, child, name, value, path)
            else:
                record[name] = value
            return
        listed = record.setdefault(name, [])
        if not isinstance(listed, list):
            listed = record[name] = [listed]
        listed.append(self.group(child, name, f"{path}.{name}[{len(listed)}]"))

    def _add_again(self, record: dict[str, Any], child: Element, name: str, value: Any, path: str) -> None:
        """Keep what is given a second time too; which of them is meant is for others to say."""
        self._note(Kind.REPEATED, child, path, name, f"{name} is given more than once; all were kept.")
        held = record[name]
        if isinstance(held, list):
            held.append(value)
        else:
            record[name] = [held, value]

    def _value(self, child: Element, known: _Known, path: str) -> int | str | None:
        written = child.text or ""
        text = written.strip()
        name, _, is_number, is_date = known
        if not text:
            self._note(Kind.EMPTY, child, path, name, f"{name} is empty; it was left out.")
            return None
        if text != written:
            what = f"{name} has blanks around its value; they were left out."
            self._note(Kind.BLANKS, child, path, name, what)
        if is_number:
            return int(text) if _WHOLE_NUMBER.fullmatch(text) else text
        if is_date and len(text) > _LENGTH_OF_A_DATE:
            return self._date(text, child, name, path)
        return text

    def _date(self, text: str, child: Element, name: str, path: str) -> str:
        """The date alone, unless its zone could make it another day here: then as it is written."""
        found = _DATE_AND_MORE.fullmatch(text)
        if found is None or (found["zone"] and found["time"] not in (None, _MIDNIGHT)):
            return text
        what = f"{name} has a time or zone after its date; it was left out."
        self._note(Kind.TIME, child, path, name, what)
        return found["date"]

    def _unfamiliar(self, child: Element, group: str, path: str) -> _Known:
        """An element that the rules do not read, or under an older name, or in another namespace."""
        qualified = etree.QName(child)
        name = RENAMED.get(qualified.localname, qualified.localname)
        parent = child.getparent()
        if (qualified.namespace or "") != self._namespace:
            what = f"{name} is in another namespace than the return; it was read all the same."
            self._note(Kind.NAMESPACE, child, path, name, what)
        if name != qualified.localname and (parent is None or etree.QName(parent).localname not in RENAMED):
            self._note(Kind.RENAMED, child, path, name, f"{qualified.localname} was read as {name}.")
        if group in ORDER and name not in ORDER[group] and name not in MOVED:
            what = f"{name} is not known in {group}; it was kept as it stands."
            self._note(Kind.UNKNOWN, child, path, name, what)
        return _known(name, group)

    def _note_text(self, text: str, element: Element, group: str, path: str) -> None:
        if not text.isspace():
            what = f"{group} has text between its elements; it was left out."
            self._tolerances.add(Kind.TEXT, _line(element), path, what)

    def _note(self, kind: Kind, element: Element, path: str, name: str, what: str) -> None:
        self._tolerances.add(kind, _line(element), f"{path}.{name}", what)
