"""The start of a return: which provider, which year, and whether it is safe and sensible to read on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from funding_spec.errors import FundingError
from lxml import etree

from funding_reference.ilr.elements import FIRST_YEAR, LAST_YEAR, is_funding_year, namespace_of
from funding_reference.ilr.tolerance import Kind, Tolerances

_YEAR_AT_THE_END: Final = re.compile(r"ILR/20([0-9]{2})-([0-9]{2})\Z")
_READ_AT_ONCE: Final = 65536
_LONGEST_FACT: Final = 100
_DEEPEST: Final = 100
_TOO_LARGE: Final = ("XML_PARSE_HUGE", "huge text node")
_OUT_OF_SCALE: Final = "One element is longer, or nested deeper, than in any ILR return."


class IlrError(FundingError):
    """A file cannot be read as an ILR return: which file, on which line, and why."""

    def __init__(self, reason: str, *, file: str, line: int | None = None) -> None:
        super().__init__(reason, file=f"{file}:{line}" if line else file)
        self.line = line


@frozen
class Facts:
    """What a return says of itself before its first learner."""

    ukprn: int
    funding_year: str
    namespace: str
    tolerances: Tolerances


def read_facts(path: Path) -> Facts:
    """Read a return up to its provider, which stands before the learners, or as far as it takes.

    The parser only reports what it meets here, and a document type declaration stops it before anything that
    the declaration holds is looked at.
    """
    if path.is_dir():
        raise IlrError("This is a folder. Name the ILR file in it.", file=str(path))
    try:
        if path.stat().st_size == 0:
            raise IlrError("This file is empty.", file=str(path))
        return _facts(path)
    except etree.XMLSyntaxError as error:
        raise not_well_formed(path, error) from None
    except OSError as error:
        raise cannot_be_read(path, error) from None


def not_well_formed(path: Path, error: etree.XMLSyntaxError, *, at_the_end: bool = False) -> IlrError:
    """The parser's complaint as an error of ours.

    :param at_the_end: the complaint came only when there was nothing more to read
    """
    message = str(error.msg).strip()
    if any(part in message for part in _TOO_LARGE):
        reason = _OUT_OF_SCALE
    else:
        reason = f"This is not well-formed XML: {message}."
        if at_the_end:
            reason += " The file ends too early and may have been cut off. Export it again."
    return IlrError(reason, file=str(path), line=error.lineno)


def cannot_be_read(path: Path, error: OSError) -> IlrError:
    return IlrError(f"This file cannot be read: {error.strerror or error}.", file=str(path))


def _facts(path: Path) -> Facts:
    opening = _Opening(path)
    told: Any = opening
    parser = etree.XMLParser(target=told, resolve_entities=False, no_network=True, load_dtd=False)
    with path.open("rb") as file:
        while not opening.is_done and (piece := file.readline(_READ_AT_ONCE)):
            parser.feed(piece)
            opening.line += piece.endswith(b"\n")
    if not opening.is_done:
        try:
            parser.close()
        except etree.XMLSyntaxError as error:
            raise not_well_formed(path, error, at_the_end=True) from None
    return opening.facts()


class _Opening:
    """Told of each element as it is met, until provider and year are known; it keeps no more than those."""

    def __init__(self, path: Path) -> None:
        self.line = 1
        self._file = str(path)
        self._path: list[str] = []
        self._text = ""
        self._root_line = 1
        self._namespace = ""
        self._namespace_year = ""
        self._header_year = ""
        self._ukprn = ""
        self._learners_came_first = False
        self._tolerances = Tolerances()

    @property
    def is_done(self) -> bool:
        return bool(self._ukprn and (self._namespace_year or self._header_year))

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Entities and outside files come in by a document type declaration, which no ILR return has."""
        raise self._error(
            "This file has a document type declaration (DOCTYPE). ILR returns have none, and one could draw "
            "in other files. Remove it."
        )

    def start(self, tag: str, attributes: object) -> None:
        name = etree.QName(tag)
        if not self._path:
            self._begin(name.localname, name.namespace or "")
        if len(self._path) >= _DEEPEST:
            raise self._error(_OUT_OF_SCALE)
        self._path.append(name.localname)
        self._text = ""
        self._learners_came_first |= self._path == ["Message", "Learner"]

    def data(self, text: str) -> None:
        if len(self._text) < _LONGEST_FACT:
            self._text += text

    def end(self, tag: str) -> None:
        if self._path == ["Message", "LearningProvider", "UKPRN"] and not self._ukprn:
            self._take_provider(self._text.strip())
        elif self._path == ["Message", "Header", "CollectionDetails", "Year"]:
            self._take_header_year(self._text.strip())
        self._path.pop()
        self._text = ""

    def close(self) -> None:
        """Asked for by the parser; there is nothing left to do."""

    def facts(self) -> Facts:
        if not self._ukprn:
            raise IlrError("This return names no provider: LearningProvider holds no UKPRN.", file=self._file)
        return Facts(int(self._ukprn), self._funding_year(), self._namespace, self._tolerances)

    def _begin(self, name: str, namespace: str) -> None:
        if name != "Message":
            shown = name[:_LONGEST_FACT]
            raise self._error(f"This is not an ILR return: its outermost element is {shown}, not Message.")
        self._root_line = self.line
        self._namespace = namespace
        if found := _YEAR_AT_THE_END.search(namespace):
            self._namespace_year = found[1] + found[2]

    def _take_provider(self, ukprn: str) -> None:
        if not (len(ukprn) == 8 and ukprn.isascii() and ukprn.isdigit()):
            raise self._error("The UKPRN in LearningProvider is not a number of eight digits.")
        self._ukprn = ukprn
        if self._learners_came_first:
            what = "LearningProvider stands after Learner; the schema has it before."
            self._tolerances.add(Kind.ORDER, self.line, "LearningProvider", what)

    def _take_header_year(self, year: str) -> None:
        self._header_year = year
        if self._namespace_year and year != self._namespace_year:
            what = f"The header's year is not that of the namespace; {self._namespace_year} was used."
            self._tolerances.add(Kind.YEAR, self.line, "Header.CollectionDetails.Year", what)

    def _funding_year(self) -> str:
        """The year that the namespace ends in; without one, the year of the header."""
        year = self._namespace_year or self._header_year
        if not is_funding_year(year):
            raise IlrError(
                "This return is of no year that can be made out. Its namespace should end in one, as "
                "ILR/2026-27 does, or Year in its header should say 2627.",
                file=self._file,
                line=self._root_line,
            )
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise IlrError(
                f"This return is of 20{year[:2]} to 20{year[2:]}. Returns from 2016 to 2017 on up to 2026 "
                "to 2027 can be read.",
                file=self._file,
                line=self._root_line,
            )
        if self._namespace != namespace_of(year):
            shown = self._namespace[:_LONGEST_FACT] or "no namespace"
            what = f"The return has {shown}; the schema has {namespace_of(year)}."
            self._tolerances.add(Kind.NAMESPACE, self._root_line, "Message", what)
        return year

    def _error(self, reason: str) -> IlrError:
        return IlrError(reason, file=self._file, line=self.line)
