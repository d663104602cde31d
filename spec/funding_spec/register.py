"""The register of clauses: every paragraph of every source, in our own words.

One file a source holds the entries; people who never open Python write them. So everything that can be wrong
in such a file is found here, all of it at once, and said with file, line, clause and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, cast

from attrs import field, frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from funding_spec.errors import FundingError
from funding_spec.sources import digest, has_paragraphs, paragraphs

Kind = Literal["rule", "evidence", "information"]
Level = Literal["MUST", "SHOULD", "MAY"]

LATER_EDITIONS = "..."
"""As the last of a clause's editions: and every edition that extends these."""

# What a complete register holds of the numbered sources.
_GUIDE_PARAGRAPHS = range(1, 199)
_GUIDE_HEADINGS = {  # and the paragraph that follows each
    "SCENARIO-A": 151,
    "SCENARIO-B": 155,
    "SCENARIO-C": 159,
    "SCENARIO-D": 164,
    "SCENARIO-E": 168,
    "SCENARIO-F": 171,
    "SCENARIO-G": 174,
    "SCENARIO-H": 177,
    "ANNEX-1": 194,
}
_RULES_PARAGRAPHS = (
    range(34, 39),  # duration
    range(53, 59),  # learning support
    range(70, 76),  # additional payments
    range(105, 120),  # small employers; English and maths
    range(164, 184),  # paying for an apprenticeship
    range(195, 206),  # changes and redundancy
)
_RULES_SUBPARAGRAPHS = {  # how many each paragraph has; the others have none
    38: 2, 55: 5, 70: 3, 71: 3, 73: 2, 74: 2, 105: 2, 111: 2, 113: 3, 116: 2, 117: 1, 164: 3, 167: 2, 168: 2,
    175: 1, 176: 3, 177: 2, 200: 3, 201: 4,
}  # fmt: skip
_READINGS = (range(1, 9), range(10, 29), range(30, 35), range(40, 45), range(50, 65), range(70, 80))

# The file of each source, and how its ids look.
_FILES = {
    "guide.yaml": ("GUIDE", r"GUIDE-(\d+|SCENARIO-[A-H]|ANNEX-1)"),
    "rules.yaml": ("RULES", r"RULES-(\d+)(?:\.(\d+))?"),
    "recording.yaml": ("RECORDING", r"RECORDING/[a-z0-9-]+(?:/\d+)?"),
    "service.yaml": ("SERVICE", r"SERVICE/[a-z0-9-]+(?:/\d+)?"),
    "access.yaml": ("ACCESS", r"ACCESS/[a-z0-9-]+(?:/\d+)?"),
    "readings.yaml": ("READINGS", r"READ-(?:(\d\d)|EDITION-\d{4}-\d\d[a-z-]*)"),
}
_KINDS = ("rule", "evidence", "information")
_LEVELS = ("MUST", "SHOULD", "MAY")
_REQUIRED = ("id", "place", "says", "kind", "editions", "read_from")
_LISTS = {"editions": "[2017-08, ...]", "read_as": "[READ-18]"}
_FIELDS = ("id", "place", "says", "kind", "level", "editions", "read_from", "read_as", "not_computed")


@frozen
class Clause:
    """One paragraph of a source, or one reading, in our own words."""

    id: str
    source: str
    place: str
    """Where it stands: the headings above it and its number."""
    says: str
    kind: Kind
    level: Level | None
    """How binding it is; only rules have a level."""
    editions: tuple[str, ...]
    """The editions it holds in; ``...`` at the end stands for every edition that extends them."""
    read_from: str
    """The digest of the source text it was written from."""
    read_as: tuple[str, ...]
    """The readings that decide what it leaves open."""
    not_computed: str | None
    """Why nothing computes it, where nothing does."""
    file: str
    line: int

    @property
    def at(self) -> str:
        """Where the entry stands and which it is, as messages begin."""
        return f"{self.file}:{self.line}  {self.id}"


def _by_id(clauses: Iterable[Clause]) -> Mapping[str, Clause]:
    return {clause.id: clause for clause in clauses}


@frozen
class Register:
    """All clauses, in the order of their sources."""

    _clauses: Mapping[str, Clause] = field(converter=_by_id)

    def get(self, id: str) -> Clause:
        """The clause with this id.

        :raises UnknownClause: there is none
        """
        if id not in self._clauses:
            raise UnknownClause(id)
        return self._clauses[id]

    def by_source(self, source: str) -> tuple[Clause, ...]:
        """The clauses of one source (GUIDE, RULES, …, READINGS), in order; none if the source has no file."""
        return tuple(clause for clause in self if clause.source == source)

    def __iter__(self) -> Iterator[Clause]:
        return iter(self._clauses.values())

    def __contains__(self, id: object) -> bool:
        return id in self._clauses

    def __len__(self) -> int:
        return len(self._clauses)


class UnknownClause(FundingError):
    """A clause was cited that the register does not hold."""

    def __init__(self, id: str) -> None:
        super().__init__("No clause has this id. The clauses folder holds them, one file a source.", path=id)
        self.id = id


@frozen
class Mistake:
    """One thing that is wrong in a file of clauses, and what to do about it."""

    file: str
    line: int
    id: str | None
    reason: str

    def __str__(self) -> str:
        return "  ".join(part for part in (f"{self.file}:{self.line}", self.id, self.reason) if part)


class RegisterError(FundingError):
    """The clauses cannot be used as they are written; holds every mistake found, one a line when printed."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        first = self.mistakes[0]
        super().__init__(first.reason, file=f"{first.file}:{first.line}", path=first.id)

    def __str__(self) -> str:
        return "\n".join(str(mistake) for mistake in self.mistakes)


def load_register(folder: Traversable | Path | None = None) -> Register:
    """Every clause of every source.

    :param folder: where the files of clauses are; without it, those that come with this package
    :raises RegisterError: anything in them is not as it must be
    """
    place = files("funding_spec") / "clauses" if folder is None else folder
    shown = "clauses" if folder is None else str(folder)
    found = place.iterdir() if place.is_dir() else []
    names = {file.name: file for file in found if file.name.endswith(".yaml")}
    if not names:
        raise RegisterError([Mistake(shown, 1, None, "Holds no files of clauses.")])
    reader = _Reader()
    for name in sorted(names.keys() - _FILES.keys()):
        reason = f"Is the file of no known source. Files of clauses are {_listed(_FILES)}."
        reader.mistakes.append(Mistake(f"{shown}/{name}", 1, None, reason))
    for name in _FILES:
        if name in names:
            reader.read(f"{shown}/{name}", names[name])
    if reader.mistakes:
        raise RegisterError(reader.mistakes)
    return Register(reader.clauses.values())


def check(register: Register, editions: Collection[str]) -> list[str]:
    """What the register lacks as a whole: paragraphs left out, readings and editions that do not exist.

    :param editions: the names of all editions there are rulebooks for
    :return: one message for each finding
    """
    messages = [
        f"{file}  {id}  Is missing. Every paragraph has an entry; it belongs {after}."
        for file, id, after in _missing(register, editions)
    ]
    for clause in register:
        messages += [
            f"{clause.at}  read_as cites {id}, which is no clause. Correct the id or write the clause."
            for id in clause.read_as
            if id not in register
        ]
        messages += [
            f"{clause.at}  {edition} is no edition. Editions are: {', '.join(sorted(editions))}."
            for edition in clause.editions
            if edition not in editions and edition != LATER_EDITIONS
        ]
    return messages


def check_digests(register: Register, texts: Mapping[str, str]) -> list[str]:
    """Which entries were written from another text than the source at hand has today.

    :param texts: source texts by short name, as read_sources gives them; others are not checked
    :return: one message for each entry to read again
    """
    messages = []
    for source in filter(has_paragraphs, texts):
        found = paragraphs(source, texts[source])
        for clause in register.by_source(source):
            if clause.id not in found:
                reason = "The source has no such paragraph. Correct the id or remove the entry."
                messages.append(f"{clause.at}  {reason}")
            elif clause.read_from != (today := digest(found[clause.id])):
                reason = "The source has changed since this was written. Read it, correct the entry, then set"
                messages.append(f"{clause.at}  {reason} read_from to {today}.")
    return messages


def _missing(register: Register, editions: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for file, ids in _expected(editions).items():
        for at, id in enumerate(ids):
            if id not in register:
                yield f"clauses/{file}", id, f"after {ids[at - 1]}" if at else "first in the file"


def _expected(editions: Collection[str]) -> dict[str, list[str]]:
    headings = {paragraph: f"GUIDE-{name}" for name, paragraph in _GUIDE_HEADINGS.items()}
    guide = []
    for number in _GUIDE_PARAGRAPHS:
        guide += [headings[number]] if number in headings else []
        guide.append(f"GUIDE-{number}")
    rules = []
    for number in (number for part in _RULES_PARAGRAPHS for number in part):
        rules.append(f"RULES-{number}")
        rules += [f"RULES-{number}.{below}" for below in range(1, _RULES_SUBPARAGRAPHS.get(number, 0) + 1)]
    readings = [f"READ-{number:02}" for part in _READINGS for number in part]
    readings += [f"READ-EDITION-{edition}" for edition in sorted(editions)]
    return {"guide.yaml": guide, "rules.yaml": rules, "readings.yaml": readings}


class _Reader:
    """Takes in one file after another and gathers the clauses and the mistakes."""

    def __init__(self) -> None:
        self.clauses: dict[str, Clause] = {}
        self.mistakes: list[Mistake] = []

    def read(self, shown: str, file: Traversable) -> None:
        """Take in one file, which messages call ``shown``."""
        try:
            text = file.read_text(encoding="utf-8-sig")
            # Uses the C reader where there is one: the register is read at every start of the command.
            entries = YAML(typ="safe").load(text)
        except (OSError, ValueError, RecursionError, YAMLError) as problem:
            self.mistakes.append(_unreadable(shown, problem))
            return
        if not isinstance(entries, list):
            reason = "Must be a list of clauses, each beginning with “- id: …” at the start of a line."
            self.mistakes.append(Mistake(shown, 1, None, reason))
            return
        source, ids = _FILES[file.name]
        lines = text.splitlines()
        starts = _entry_lines(lines, len(entries))
        last: tuple[int, ...] = ()
        for entry, start, end in zip(entries, starts, [*starts[1:], len(lines) + 1], strict=True):
            wrong = list(_wrong_in_entry(entry, source, ids))
            id = str(entry["id"]) if isinstance(entry, dict) and "id" in entry else None
            for key, reason in wrong:
                self.mistakes.append(Mistake(shown, _field_line(lines, start, end, key), id, reason))
            if not wrong:
                last = self._take(_clause(entry, source, shown, start), ids, last)

    def _take(self, clause: Clause, ids: str, last: tuple[int, ...]) -> tuple[int, ...]:
        """Keep a clause if its id is new and its place in the file right; gives the furthest place so far."""
        if earlier := self.clauses.get(clause.id):
            reason = f"Has an entry already, at {earlier.file}:{earlier.line}. Keep one of the two."
            self.mistakes.append(Mistake(clause.file, clause.line, clause.id, reason))
            return last
        self.clauses[clause.id] = clause
        place = _place_in_file(clause.id, ids)
        if place < last:
            reason = "Stands after an entry that follows it in the source. Move it up: entries are in order."
            self.mistakes.append(Mistake(clause.file, clause.line, clause.id, reason))
        return max(last, place)


def _wrong_in_entry(entry: Any, source: str, ids: str) -> Iterator[tuple[str, str]]:
    """What is wrong in one entry: the field to look at (empty for the entry as a whole) and the reason."""
    if not isinstance(entry, dict):
        yield "", "Is not a clause. A clause is a list of fields, one a line: id, place, says and so on."
        return
    for key in _REQUIRED:
        if key not in entry:
            yield "", f"“{key}” is missing. Every clause has {_listed(_REQUIRED)}."
    texts, lists = {}, {}
    for key, value in entry.items():
        if key not in _FIELDS:
            yield str(key), f"“{key}” is no field of a clause. Fields are {_listed(_FIELDS)}."
        elif key not in _LISTS and isinstance(value, str) and value.strip():
            texts[key] = value
        elif key in _LISTS and isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            lists[key] = value
        elif key in _LISTS:
            yield key, f"“{key}” must be a list of texts in square brackets, such as {_LISTS[key]}."
        else:
            yield key, f"“{key}” must be a text that is not empty."
    yield from _wrong_texts(texts, source, ids)
    yield from _wrong_level(texts)
    yield from _wrong_lists(lists)


def _wrong_texts(texts: Mapping[str, str], source: str, ids: str) -> Iterator[tuple[str, str]]:
    if "id" in texts and not re.fullmatch(ids, texts["id"]):
        yield "id", f"Is no id of {source}, the source of this file. Correct the id or move the entry."
    if "read_from" in texts and not re.fullmatch(r"sha256:[0-9a-f]{64}", texts["read_from"]):
        yield (
            "read_from",
            "“read_from” must be sha256: and 64 digits or letters a to f: the paragraph's digest.",
        )


def _wrong_level(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    kind, level = texts.get("kind"), texts.get("level")
    if kind and kind not in _KINDS:
        yield "kind", f"“{kind}” is no kind. A clause is {_listed(_KINDS, 'or')}."
    if level and level not in _LEVELS:
        yield "level", f"“{level}” is no level. A rule says {_listed(_LEVELS, 'or')}, in capitals."
    if kind == "rule" and not level:
        yield "kind", f"“level” is missing. A rule says {_listed(_LEVELS, 'or')}."
    if kind in ("evidence", "information") and level:
        yield "level", f"Only a rule has a level, and this is {kind}. Remove the level or make the kind rule."
    if kind in ("evidence", "information") and "not_computed" not in texts:
        yield "kind", f"“not_computed” is missing. Say in a sentence why nothing computes this {kind}."


def _wrong_lists(lists: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    editions = lists.get("editions", [])
    if editions[:1] == [LATER_EDITIONS] or LATER_EDITIONS in editions[:-1]:
        yield "editions", f"“{LATER_EDITIONS}” comes last, after at least one edition: {_LISTS['editions']}."
    for cited in lists.get("read_as", []):
        if not cited.startswith("READ-"):
            yield (
                "read_as",
                f"“{cited}” is no reading. read_as lists readings only, such as {_LISTS['read_as']}.",
            )


def _clause(entry: dict[str, Any], source: str, file: str, line: int) -> Clause:
    reason = entry.get("not_computed")
    return Clause(
        id=entry["id"],
        source=source,
        place=entry["place"],
        says=entry["says"].strip(),
        kind=cast(Kind, entry["kind"]),
        level=cast("Level | None", entry.get("level")),
        editions=tuple(entry["editions"]),
        read_from=entry["read_from"],
        read_as=tuple(entry.get("read_as", ())),
        not_computed=reason.strip() if reason else None,
        file=file,
        line=line,
    )


def _place_in_file(id: str, ids: str) -> tuple[int, ...]:
    """What the entries of a file ascend by; the same for all entries of a source without numbers."""
    heading = _GUIDE_HEADINGS.get(id.removeprefix("GUIDE-"))
    if heading:
        return (heading - 1, 1)
    if id.startswith("READ-EDITION-"):
        return (_READINGS[-1].stop,)
    match = cast("re.Match[str]", re.fullmatch(ids, id))
    return tuple(int(number or 0) for number in match.groups())


def _unreadable(file: str, problem: Exception) -> Mistake:
    if isinstance(problem, MarkedYAMLError) and problem.context_mark and "quoted" in str(problem.context):
        reason = "Is not valid YAML: the quotation mark that opens here is not closed."
        return Mistake(file, problem.context_mark.line + 1, None, reason)
    if isinstance(problem, MarkedYAMLError) and (mark := problem.problem_mark or problem.context_mark):
        what = str(problem.problem or problem.context).splitlines()[0]
        reason = f"Is not valid YAML: {what}. Look at the indents, colons and quotes here."
        return Mistake(file, mark.line + 1, None, reason)
    if isinstance(problem, UnicodeDecodeError):
        return Mistake(file, 1, None, "Is not UTF-8 text. Save the file as UTF-8.")
    return Mistake(file, 1, None, f"Cannot be read: {problem}.")


def _entry_lines(lines: list[str], entries: int) -> list[int]:
    """The line on which each entry begins, found without a second reading of the YAML."""
    indent = next((len(line) - len(line.lstrip()) for line in lines if line.lstrip().startswith("-")), 0)
    dash = re.compile(rf" {{{indent}}}-(?: |$)")
    starts = [number for number, line in enumerate(lines, 1) if dash.match(line)]
    return starts if len(starts) == entries else [1] * entries


def _field_line(lines: list[str], start: int, end: int, name: str) -> int:
    """The line of a field of the entry between two lines; its first line if the field is not found."""
    written = re.compile(rf"[ -]*[\"']?{re.escape(name)}[\"']?\s*:")
    return next((number for number in range(start, end) if name and written.match(lines[number - 1])), start)


def _listed(names: Iterable[str], joined_by: str = "and") -> str:
    *others, last = names
    return f"{', '.join(others)} {joined_by} {last}" if others else last
