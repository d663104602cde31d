"""The sources as numbered paragraphs, each with a digest.

The register holds our own words and the digest of the paragraph they were written from. This module cuts a
source text into those paragraphs again, so that a changed source is noticed. The texts themselves are no part
of the package: everything here works on files that somebody has at hand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from funding_spec.errors import FundingError


class SourceError(FundingError):
    """A source text is missing or is not divided in the way its clauses are numbered.

    :param path: the file, or the short name of the source, that cannot be used
    :param reason: what is wrong with it
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason, path=path)


def read_sources(folder: Path) -> dict[str, str]:
    """Every source text at hand, by its short name (GUIDE, RULES, …, READINGS).

    :param folder: the folder that holds the texts and the table of them, INDEX.md
    :raises SourceError: the table is missing or empty, or names a file that is missing
    """
    texts = {}
    for source, name in _files_in_index(folder / "INDEX.md"):
        texts[source] = _read(folder / name)
    for place in (folder / "readings.md", folder.parent / "facts" / "readings.md"):
        if place.is_file():
            texts["READINGS"] = _read(place)
            break
    return texts


def paragraphs(source: str, text: str) -> dict[str, str]:
    """The paragraphs of a source by clause id, white space folded, page furniture and headings left out.

    :param source: the short name: GUIDE, RULES or READINGS
    :raises SourceError: the text is not divided as this source is, or no division is known for the source
    """
    if source not in _SPLITTERS:
        known = ", ".join(_SPLITTERS)
        raise SourceError(source, f"Its text has no numbered paragraphs; only {known} can be divided.")
    return _SPLITTERS[source](text)


def has_paragraphs(source: str) -> bool:
    """Whether the text of this source can be divided into its clauses."""
    return source in _SPLITTERS


def digest(text: str) -> str:
    """The fingerprint of a paragraph; a different line break or indent does not change it."""
    return "sha256:" + hashlib.sha256(fold(text).encode("utf-8")).hexdigest()


def fold(text: str) -> str:
    """The text with every run of white space made one space."""
    return " ".join(text.split())


def _files_in_index(index: Path) -> Iterator[tuple[str, str]]:
    rows = re.findall(r"^\|\s*([A-Z]+)\s*\|\s*`([^`]+)`", _read(index), flags=re.MULTILINE)
    if not rows:
        raise SourceError(str(index), "Holds no table of sources: rows of short name and `file name`.")
    yield from rows


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        raise SourceError(str(path), f"Cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise SourceError(str(path), "Is not UTF-8 text.") from problem


_GUIDE_PARAGRAPHS = 198
_PAGE_FOOTER = re.compile(r"\bPage \d+ of \d+\b")
_COPYRIGHT = "© Crown copyright"
_LEADER = re.compile(r"\.{4,} ?\d+ ")
_CONTENTS_LINE = re.compile(r"(\S.*?) ?\.{4,} ?\d+ ")
_HEADING_WITH_CLAUSE = re.compile(r"(Scenario|Annex) (\w+) ")


def _guide(text: str) -> dict[str, str]:
    """The guide: paragraphs 1 to 198 follow each other, often on one line, with headings between them."""
    contents, body = _contents_and_body(fold(_PAGE_FOOTER.sub(" ", text)))
    heading = "(?:" + "|".join(re.escape(entry) for entry in contents) + r")\.?(?= |$)"
    # A sentence may end in the words of a heading; headings follow the end of a sentence.
    headings = re.compile(rf"(?:^|(?<=[.)]) ){heading}(?: {heading})*$")
    found: dict[str, str] = {}
    for number, stretch in enumerate(_stretches(body)):
        trailing = headings.search(stretch)
        if number:
            found[f"GUIDE-{number}"] = stretch[: trailing.start()] if trailing else stretch
        for named in re.finditer(heading, trailing[0] if trailing else ""):
            if clause := _HEADING_WITH_CLAUSE.match(named[0]):
                found[f"GUIDE-{clause[1].upper()}-{clause[2]}"] = named[0].removesuffix(".")
    return found


def _contents_and_body(text: str) -> tuple[list[str], str]:
    start = text.find("Table of contents ")
    leaders = [leader.end() for leader in _LEADER.finditer(text)]
    if start < 0 or not leaders:
        raise SourceError("GUIDE", "Has no table of contents to know its headings by.")
    # Only up to the last row of dots: beyond it there is no entry to look for.
    entries = list(_CONTENTS_LINE.finditer(text, start + len("Table of contents "), leaders[-1]))
    if not entries:
        raise SourceError("GUIDE", "Has no table of contents to know its headings by.")
    # Longer headings first, so that none is taken for the beginning of a longer one.
    headings = sorted({entry[1] for entry in entries}, key=len, reverse=True)
    return headings, text[entries[-1].end() : _end_of_body(text)]


def _end_of_body(text: str) -> int:
    end = text.find(_COPYRIGHT)
    return end if end >= 0 else len(text)


def _stretches(body: str) -> Iterator[str]:
    """What stands before paragraph 1, then each paragraph up to the number of the next."""
    start = 0
    for number in range(1, _GUIDE_PARAGRAPHS + 1):
        mark = re.compile(rf"(?:^|(?<= )){number}\.(?= |$)").search(body, start)
        if not mark:
            raise SourceError("GUIDE", f"Paragraph {number} is missing after paragraph {number - 1}.")
        yield body[start : mark.start()].strip()
        start = mark.end()
    yield body[start:].strip()


_RULES_SECOND_LEVEL = re.compile(r"(?:- )?(\d+)\.(\d+)\.? (?=\S)")
_RULES_FIRST_LEVEL = re.compile(r"(?:- )?(\d+)\. ")
_RULES_PARAGRAPHS = 234


def _rules(text: str) -> dict[str, str]:
    """The draft rules: a number starts its line; a third level (105.2.1) belongs to the second (105.2)."""
    found: dict[str, list[str]] = {}
    clause = ""
    number = below = 0
    lines = [line.strip() for line in text[: _end_of_body(text)].splitlines()]
    for at, line in enumerate(lines):
        second = _RULES_SECOND_LEVEL.match(line)
        if second and (int(second[1]), int(second[2])) == (number, below + 1):
            below += 1
            clause = f"RULES-{number}.{below}"
            found[clause] = [line[second.end() :]]
        elif (first := _RULES_FIRST_LEVEL.match(line)) and int(first[1]) == number + 1:
            number, below = number + 1, 0
            clause = f"RULES-{number}"
            found[clause] = [line[first.end() :]]
        elif clause and line and not _is_rules_heading(lines, at):
            found[clause].append(line)
    if number != _RULES_PARAGRAPHS:
        raise SourceError("RULES", f"Paragraph {number + 1} is missing after paragraph {number}.")
    return {clause: fold(" ".join(parts)) for clause, parts in found.items()}


def _is_rules_heading(lines: list[str], at: int) -> bool:
    """A heading stands between blank lines, has no full stop, and a paragraph or a heading follows it."""
    line = lines[at]
    if lines[at - 1] or not re.match(r"[A-Z(].*[^.,;:]$", line):
        return False
    following = next((index for index in range(at + 1, len(lines)) if lines[index]), None)
    if following is None or following == at + 1:
        return False
    return bool(_RULES_FIRST_LEVEL.match(lines[following])) or _is_rules_heading(lines, following)


_READING = re.compile(r"- \*\*(READ-\d+)\b")
_EDITION = re.compile(r"\| *`([^`]+)` *\|")


def _readings(text: str) -> dict[str, str]:
    """The readings: each entry up to the next entry or heading, and each row of the table of editions."""
    found: dict[str, list[str]] = {}
    clause = ""
    for line in text.splitlines():
        if entry := _READING.match(line):
            clause = entry[1]
            found[clause] = [line[2:]]
        elif row := _EDITION.match(line):
            found[f"READ-EDITION-{row[1]}"] = [line]
            clause = ""
        elif line.startswith("#"):
            clause = ""
        elif clause:
            found[clause].append(line)
    if not found:
        raise SourceError("READINGS", "Holds no entry of the form “- **READ-01 …**”.")
    return {clause: fold(" ".join(parts)) for clause, parts in found.items()}


_SPLITTERS: dict[str, Callable[[str], dict[str, str]]] = {
    "GUIDE": _guide,
    "RULES": _rules,
    "READINGS": _readings,
}
