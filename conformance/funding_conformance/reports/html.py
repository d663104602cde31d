"""The report as one page: everything a vendor needs to see what was asked, what came back, and where it is wrong.

It loads nothing and reads the same without its script. What implementations wrote is shown, never acted on.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from glob import escape
from typing import Any, Final

from attrs import Factory, define, frozen
from funding_spec.register import Register
from markupsafe import Markup

from funding_conformance.profiles import profile_named
from funding_conformance.reports.differences import (
    DifferenceGroup,
    follows,
    grouped,
    is_period,
    money_of,
    over_and_under,
    printable,
)
from funding_conformance.reports.life import LIFE_STYLE, Life, lives
from funding_conformance.reports.page import rendered
from funding_conformance.runfile import RunFile

STEPS_SHOWN: Final = 8000
"""How many steps of working a page holds before it leaves out those of later cases, so that it still opens fast."""

PICTURES_SHOWN: Final = 1_500_000
"""How many characters of pictures a page holds before it leaves out those of later cases, likewise."""

LONGEST_PART: Final = 100_000
"""How many characters of one question, answer or note a page holds."""

SHOWN_IN_FULL: Final = 300
"""How many cases that did not pass a page shows with everything: first one of each cause and of each clause."""

LISTED: Final = 5000
"""How many cases a page lists of those that did not pass, of those that passed, and of those not applicable."""

CASES_NAMED: Final = 50
"""How many cases are named beside one clause or cause."""

CAUSES_SHOWN: Final = 100

DIFFERENCES_SHOWN: Final = 100
"""How many lines of differences of one case a page holds."""

TEXTS_SHOWN: Final = 6_000_000
"""How many characters of questions and answers a page holds before it leaves out those of later cases."""

COUNTEREXAMPLES: Final = "counterexamples"
"""The folder beside the page that holds what was found against a property, as scenario files."""

_FEW: Final = 3
"""So few failing cases need no list of them."""

_LONGEST_REPEAT: Final = 12
_LINE: Final = 80
_LONGEST_ROW: Final = 320
_DEEPEST: Final = 24


@frozen
class Mark:
    """A verdict for people: its words, and the tone that chooses its colour and symbol.

    :param tone: good, bad, warning or neutral
    """

    words: str
    tone: str
    says: str = ""


VERDICTS: Final = {
    "pass": Mark("Passed", "good"),
    "fail": Mark("Failed", "bad", "It answered, but not what must be answered."),
    "rejected-wrongly": Mark("Rejected wrongly", "bad", "It rejected a question that must be answered."),
    "crash": Mark("Crashed", "bad", "It stopped while it was answering."),
    "timeout": Mark("Timed out", "bad", "No answer came in the time allowed."),
    "fault": Mark("Broke the protocol", "bad", "What came back is not an answer as the protocol has it."),
    "missing": Mark("Not answered", "bad", "No answer came back; that is never left out of the count."),
    "kit-error": Mark("Kit failed", "warning", "A fault of the kit, not of the implementation. Please report it."),
    "not-applicable": Mark("Not applicable", "neutral"),
}
RESULTS: Final = {
    "conformant": Mark("Conformant", "good", "Every clause of every profile judged is met."),
    "not conformant, but no new failures": Mark(
        "Not conformant, but no new failures",
        "warning",
        "What did not pass was known before, and is excused for a while.",
    ),
    "not conformant": Mark("Not conformant", "bad", "Something that must hold does not."),
    "inconclusive": Mark("Inconclusive", "warning", "Nothing failed, but too little was tested to say more."),
    "adapter unusable": Mark("Adapter unusable", "bad", "The implementation could not be asked to the end."),
    "fault of the kit": Mark("Fault of the kit", "warning", "The kit itself failed: this run settles nothing."),
}
CLAUSE_STATES: Final = {
    "met": Mark("Met", "good"),
    "unmet": Mark("Not met", "bad"),
    "untested": Mark("Not tested", "neutral"),
}
KINDS: Final = {
    "example": ("Worked example", "Worked examples"),
    "fresh": ("Fresh case", "Fresh cases"),
    "property": ("Property", "Properties"),
}


def html_report(run: RunFile, register: Register) -> str:
    """The page as text.

    :param register: for the words and the place of each clause that a case decides
    """
    page = _Page(run, register)
    passed = [case for case in run.cases if case["verdict"] == "pass"]
    not_applicable = [case for case in run.cases if case["verdict"] == "not-applicable"]
    return rendered(
        "report.html.j2",
        name=run.name,
        header=run.header,
        footer=run.footer,
        who=run.header["declaration"]["implementation"],
        verdict=marked_as(RESULTS, run.footer["verdict"]),
        life_style=Markup(LIFE_STYLE),
        asked=sum(case["verdict"] != "not-applicable" for case in run.cases),
        profiles=list(page.profiles()),
        kinds=[_kind(kind)[1] for kind in page.kinds],
        counts=list(page.counts()),
        clauses=list(page.clauses()),
        unmet=list(page.unmet()),
        fresh=run.header.get("fresh"),
        broken=run.broken,
        causes=list(page.causes()),
        causes_left_out=page.causes_left_out,
        failed=[page.shown_in_full(case) for case in page.failures if case["case"] in page.in_full],
        failed_in_all=len(page.failures),
        listed=[page.listed(case) for case in page.on_page] if len(page.failures) > _FEW else [],
        passed=[page.shown(case) for case in passed[:LISTED]],
        passed_in_all=len(passed),
        not_applicable=[page.shown(case) for case in not_applicable[:LISTED]],
        not_applicable_in_all=len(not_applicable),
        find=page.choices([*page.on_page, *passed[:LISTED], *not_applicable[:LISTED]]),
        replay_one=shlex.join([*_asking(run), "--only", "ID"]),
    )


@frozen
class ShownClause:
    """A clause as the page cites it.

    :param says: empty where the register has no such clause
    :param anchor: where the page's table of clauses has it; empty where it is not in there
    """

    id: str
    place: str
    says: str
    anchor: str


@frozen
class ShownProfile:
    """A profile and how it was judged."""

    name: str
    mark: Mark
    reason: str
    met: tuple[ShownClause, ...]
    unmet: tuple[ShownClause, ...]
    untested: tuple[ShownClause, ...]

    @property
    def required(self) -> int:
        """How many clauses must be met."""
        return len(self.met) + len(self.unmet) + len(self.untested)


@frozen
class ShownStep:
    """One rule of a working, or the same one over several months.

    :param inputs: by name; of several months, the first and the last
    :param rounded: what the result is to five decimals, where that is not the same
    :param times: how often in a row it came out so
    """

    rule: str
    says: str
    inputs: tuple[tuple[str, str], ...]
    operation: str
    result: str
    rounded: str
    clauses: tuple[str, ...]
    times: int
    steps: tuple[ShownStep, ...]


@frozen
class ShownCase:
    """One case as the page shows it.

    :param profiles: those judged for which it counts
    :param decides: the clauses that count as tested by it
    :param touches: the others that its answer rests on
    """

    id: str
    title: str
    kind: str
    anchor: str
    verdict: str
    mark: Mark
    profiles: tuple[str, ...]
    milliseconds: str
    note: str
    decides: tuple[ShownClause, ...]
    touches: tuple[ShownClause, ...]


@frozen
class ListedCase(ShownCase):
    """A case that did not pass, as a row.

    :param in_full: whether it is also shown in full
    :param over_and_under: all that was answered too much, and all that was answered too little
    """

    in_full: bool
    over_and_under: tuple[Decimal, Decimal]


@frozen
class FullCase(ShownCase):
    """A case that did not pass, with everything that helps to find out why.

    :param groups: as many as are shown; ``groups_left_out`` says how many are not
    :param over_and_under: all that was answered too much, and all that was answered too little
    :param texts_left_out: whether question and answers are missing there to keep the page small
    :param lives: the apprenticeships as pictures, with what was answered
    :param lives_left_out: whether some are missing there to keep the page small
    :param working: None where it was left out to keep the page small, empty where there is none
    :param found: whether it was found against a property, and saved beside the page
    """

    groups: tuple[DifferenceGroup, ...]
    groups_left_out: int
    over_and_under: tuple[Decimal, Decimal]
    texts_left_out: bool
    question: str
    answer: str
    expected: str
    lives: tuple[Markup, ...]
    lives_left_out: bool
    working: tuple[ShownStep, ...] | None
    replay: str
    found: bool

    @property
    def has_amounts(self) -> bool:
        """Whether any difference is one of pounds."""
        return any(group.pounds is not None for group in self.groups)

    @property
    def has_months(self) -> bool:
        """Whether any difference is of a month or a collection."""
        return any(group.first for group in self.groups)


@frozen
class ShownCause:
    """Why some cases did not pass.

    :param cases: the first ones, each with its anchor if it is on the page
    :param count: how many there are
    :param money: over- and underpayment in words, if there is any
    """

    says: str
    clauses: tuple[ShownClause, ...]
    cases: tuple[tuple[str, str], ...]
    count: int
    money: str


@define
class _Page:
    """What the template asks for, made from the run file."""

    run: RunFile
    register: Register
    _steps: int = 0
    _pictures: int = 0
    _texts: int = 0
    _required: set[str] = Factory(set)
    _cited: dict[str, ShownClause] = Factory(dict)
    _counted_for: dict[tuple[Any, ...], tuple[str, ...]] = Factory(dict)
    failures: list[dict[str, Any]] = Factory(list)
    in_full: frozenset[str] = frozenset()
    on_page: list[dict[str, Any]] = Factory(list)
    _linked: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        self.failures = [] if self.run.broken else self.run.failures
        self.in_full = _in_full(self.failures, self._causes)
        listed = self.in_full.union(case["case"] for case in self.failures[:LISTED])
        self.on_page = [case for case in self.failures if case["case"] in listed]
        self._linked = frozenset(case["case"] for case in self.on_page)
        for profile in self.run.footer["profiles"]:
            self._required.update(clause for state in CLAUSE_STATES for clause in profile[state])

    # clauses and profiles

    def clause(self, id: str) -> ShownClause:
        if id not in self._cited:
            self._cited[id] = self._clause(id)
        return self._cited[id]

    def _clause(self, id: str) -> ShownClause:
        anchor = _anchor("clause", id) if id in self._required else ""
        if id not in self.register:
            return ShownClause(id, "", "", anchor)
        clause = self.register.get(id)
        return ShownClause(id, clause.place, clause.says, anchor)

    def cited(self, ids: Iterable[str]) -> tuple[ShownClause, ...]:
        return tuple(self.clause(id) for id in ids)

    def profiles(self) -> Iterator[ShownProfile]:
        for profile in self.run.footer["profiles"]:
            met, unmet, untested = (self.cited(profile[state]) for state in ("met", "unmet", "untested"))
            mark = marked_as(RESULTS, profile["verdict"])
            yield ShownProfile(profile["profile"], mark, profile["reason"], met, unmet, untested)

    def clauses(self) -> Iterator[tuple[ShownClause, list[Mark | None], int, int]]:
        """Every clause that any profile requires, its state in each, and how many cases that decide it passed or not.

        They are in the order of the register.
        """
        states = [
            {clause: mark for state, mark in CLAUSE_STATES.items() for clause in profile[state]}
            for profile in self.run.footer["profiles"]
        ]
        passing = Counter(id for case in self.run.cases if case["verdict"] == "pass" for id in case["decides"])
        failing = Counter(id for case in self.run.failures for id in case["decides"])
        known = [clause.id for clause in self.register if clause.id in self._required]
        for id in (*known, *sorted(self._required.difference(known))):
            yield self.clause(id), [state.get(id) for state in states], passing[id], failing[id]

    def unmet(self) -> Iterator[tuple[ShownClause, list[str], list[tuple[str, str]], int]]:
        """Every clause that is not met, for which profiles, the first cases that show it, and how many there are."""
        deciding: dict[str, list[str]] = defaultdict(list)
        for case in self.failures:
            for id in dict.fromkeys(case["decides"]):
                deciding[id].append(case["case"])
        profiles = self.run.footer["profiles"]
        for clause, *_ in () if self.run.broken else self.clauses():
            names = [profile["profile"] for profile in profiles if clause.id in profile["unmet"]]
            if names:
                yield clause, names, self._named(deciding[clause.id]), len(deciding[clause.id])

    @property
    def _causes(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.run.footer.get("diagnosis", {}).get("causes", [])
        return found

    @property
    def causes_left_out(self) -> int:
        """How many causes the page has no room for."""
        return max(0, len(self._causes) - CAUSES_SHOWN)

    def causes(self) -> Iterator[ShownCause]:
        """Why cases did not pass, what explains most of them first."""
        for cause in self._causes[:CAUSES_SHOWN]:
            says, cited = _shortened(cause["says"]), self.cited(cause["clauses"])
            yield ShownCause(says, cited, tuple(self._named(cause["cases"])), len(cause["cases"]), money_of(cause))

    def _named(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """The first of these cases, each with its anchor if it is on the page."""
        return [(id, _anchor("case", id) if id in self._linked else "") for id in ids[:CASES_NAMED]]

    def choices(self, cases: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """By what the cases of the page can be chosen: a name, its label, and each value with its words."""
        clauses, verdicts = Counter[str](), Counter[str]()
        for case in cases:
            clauses.update(case["decides"])
            verdicts.update([case["verdict"]])
        known = [clause.id for clause in self.register if clause.id in clauses]
        profiles = [profile["profile"] for profile in self.run.footer["profiles"]]
        return [
            ("clause", "Decides clause", [(id, id) for id in (*known, *sorted(clauses.keys() - set(known)))]),
            ("profile", "Counts for profile", [(name, name) for name in profiles]),
            ("verdict", "Verdict", [(name, marked_as(VERDICTS, name).words) for name in verdicts]),
        ]

    # cases

    @property
    def kinds(self) -> list[str]:
        found = {case["kind"] for case in self.run.cases}
        return [*(kind for kind in KINDS if kind in found), *sorted(found.difference(KINDS))]

    def counts(self) -> Iterator[tuple[Mark, list[int]]]:
        counted = Counter((case["verdict"], case["kind"]) for case in self.run.cases)
        for verdict in self.run.footer["counts"]:
            yield marked_as(VERDICTS, verdict), [counted[verdict, kind] for kind in self.kinds]

    def shown(self, case: Mapping[str, Any]) -> ShownCase:
        return ShownCase(**self._in_brief(case))

    def listed(self, case: Mapping[str, Any]) -> ListedCase:
        amounts = over_and_under(grouped(case["difference"]))
        return ListedCase(**self._in_brief(case), in_full=case["case"] in self.in_full, over_and_under=amounts)

    def shown_in_full(self, case: Mapping[str, Any]) -> FullCase:
        steps = case.get("working") or ()
        working = shown_working(steps) if self._steps < STEPS_SHOWN or not steps else None
        self._steps += sum(map(_size, working or ()))
        pictures = tuple(self._lives(case))
        groups = grouped(case["difference"])
        room = self._texts < TEXTS_SHOWN
        texts: dict[str, Any] = {
            name: _json(case.get(name)) if room else "" for name in ("question", "answer", "expected")
        }
        self._texts += sum(map(len, texts.values()))
        return FullCase(
            **self._in_brief(case),
            **texts,
            groups=tuple(groups[:DIFFERENCES_SHOWN]),
            groups_left_out=max(0, len(groups) - DIFFERENCES_SHOWN),
            over_and_under=over_and_under(groups),
            texts_left_out=not room,
            lives=tuple(Markup(life.svg) for life in pictures if life is not None),
            lives_left_out=None in pictures,
            working=working,
            replay=self._replay(case),
            found=case["kind"] == "property" and "question" in case,
        )

    def _lives(self, case: Mapping[str, Any]) -> Iterator[Life | None]:
        """Pictures of the apprenticeships asked about, None where the page has no room for more."""
        question, answer = case.get("question") or {}, (case.get("answer") or {}).get("ok") or {}
        differing = [each["when"] for each in case["difference"] if str(each["what"]).startswith("earned")]
        name = f"life-{case['case']}"
        for life in lives(question.get("given"), answer.get("earnings"), name=name, differing=differing, styled=False):
            if self._pictures > PICTURES_SHOWN:
                yield None
                return
            self._pictures += len(life.svg)
            yield life

    def _in_brief(self, case: Mapping[str, Any]) -> dict[str, Any]:
        decides = case["decides"]
        return {
            "id": case["case"],
            "title": case["title"],
            "kind": _kind(case["kind"])[0],
            "anchor": _anchor("case", case["case"]),
            "verdict": case["verdict"],
            "mark": marked_as(VERDICTS, case["verdict"]),
            "profiles": self._profiles_of(case),
            "milliseconds": f"{case['ms']:,.1f}",
            "note": _shortened(case.get("note") or ""),
            "decides": self.cited(decides),
            "touches": self.cited(clause for clause in case["clauses"] if clause not in decides),
        }

    def _profiles_of(self, case: Mapping[str, Any]) -> tuple[str, ...]:
        """The profiles judged for which a case counts."""
        of = tuple(case["wants"]), tuple(case["decides"] or case["clauses"])
        if of not in self._counted_for:
            judged = (profile_named(profile["profile"]) for profile in self.run.footer["profiles"])
            self._counted_for[of] = tuple(profile.name for profile in judged if profile and profile.counts(*of))
        return self._counted_for[of]

    def _replay(self, case: Mapping[str, Any]) -> str:
        """The command that asks the same again: a counterexample from where the run saved it, else by its id."""
        command = _asking(self.run)
        if case["kind"] == "example":
            return shlex.join([*command, "--only", escape(case["case"])])
        if case["kind"] == "fresh":
            profiles = [part for profile in self.run.footer["profiles"] for part in ("--profile", profile["profile"])]
            return shlex.join([*command, *profiles, "--only", case["case"]])
        if "question" not in case:
            return shlex.join([*command, "--seed", str(self.run.header["seed"])])
        return shlex.join([*command, "--scenarios", COUNTEREXAMPLES, "--only", escape(case["question"]["id"])])


def _asking(run: RunFile) -> list[str]:
    """The command that asks the same implementation under the same rulebook."""
    header = run.header
    return ["funding-kit", "run", "--implementation", header["asked"], "--rulebook", header["rulebook"]]


def _in_full(failures: Sequence[Mapping[str, Any]], causes: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The ids of the cases that are shown in full: one of each cause and of each clause, then the first ones."""
    failed = [case["case"] for case in failures]
    known = set(failed)
    of_clauses: dict[str, str] = {}
    for case in failures:
        for clause in case["decides"]:
            of_clauses.setdefault(clause, case["case"])
    of_causes = (cause["cases"][0] for cause in causes if cause["cases"] and cause["cases"][0] in known)
    first = dict.fromkeys([*of_causes, *of_clauses.values(), *failed])
    return frozenset(list(first)[:SHOWN_IN_FULL])


def marked_as(marks: Mapping[str, Mark], name: str) -> Mark:
    """The words and the tone of a verdict; one that this kit does not know stands for itself."""
    return marks.get(name) or Mark(name.capitalize(), "warning")


def _kind(name: str) -> tuple[str, str]:
    return KINDS.get(name, (name.capitalize(), name.capitalize()))


def _anchor(kind: str, id: str) -> str:
    return f"{kind}-{'-'.join(printable(id).split())}"


# The working, with what repeats month after month folded


@frozen
class _Node:
    """A step and the number of its shape: steps of one shape differ in nothing but months."""

    step: Mapping[str, Any]
    shape: int
    below: tuple[_Node, ...]


def shown_working(steps: Iterable[Mapping[str, Any]]) -> tuple[ShownStep, ...]:
    """The steps of a working; what comes out the same month after month stands there once."""
    shapes: dict[object, int] = {}

    def node(step: Mapping[str, Any]) -> _Node:
        below = tuple(node(inner) for inner in step.get("steps", ()))
        inputs = tuple((name, "" if is_period(value) else value) for name, value in step["inputs"].items())
        came_out = step["result"], step.get("rounded")
        shape = step["rule"], inputs, came_out, tuple(inner.shape for inner in below)
        return _Node(step, shapes.setdefault(shape, len(shapes)), below)

    return tuple(_folded([[node(step)] for step in steps]))


def _folded(columns: Iterable[list[_Node]]) -> Iterator[ShownStep]:
    """Steps one after another, each as its nodes of one shape; stretches that repeat become one."""
    steps = [(column, 1) for column in columns]
    while len(fewer := list(_joined(steps))) < len(steps):
        steps = fewer
    return (_step(nodes, times) for nodes, times in steps)


def _joined(steps: Sequence[tuple[list[_Node], int]]) -> Iterator[tuple[list[_Node], int]]:
    shapes = [nodes[0].shape for nodes, _ in steps]
    at = 0
    while at < len(steps):
        length, turns = _repeat(shapes, at)
        for place in range(at, at + length):
            same = steps[place : at + length * turns : length]
            yield [node for nodes, _ in same for node in nodes], sum(times for _, times in same)
        at += length * turns


def _repeat(shapes: Sequence[int], at: int) -> tuple[int, int]:
    """The stretch from here that repeats with the most gain: its length, and how often it stands there."""
    best, gain = (1, 1), 0
    for length in range(1, _LONGEST_REPEAT + 1):
        stretch, turns = shapes[at : at + length], 1
        while shapes[at + length * turns : at + length * (turns + 1)] == stretch:
            turns += 1
        if length * (turns - 1) > gain:
            best, gain = (length, turns), length * (turns - 1)
    return best


def _step(nodes: Sequence[_Node], times: int) -> ShownStep:
    step = nodes[0].step
    below = [list(column) for column in zip(*(node.below for node in nodes), strict=True)]
    return ShownStep(
        rule=step["rule"].replace("_", " ").capitalize(),
        says=step["says"],
        inputs=tuple((name.replace("_", " "), _over(name, nodes)) for name in step["inputs"]),
        operation=step.get("operation", ""),
        result=step["result"],
        rounded=_other_than(step["result"], step.get("rounded", "")),
        clauses=tuple(step["clauses"]),
        times=times,
        steps=tuple(_folded(below)),
    )


def _over(name: str, nodes: Sequence[_Node]) -> str:
    """An input over all nodes; months that follow each other as the first to the last."""
    values = sorted({str(node.step["inputs"][name]) for node in nodes})
    spans: list[list[str]] = []
    for value in values:
        if spans and follows(spans[-1][-1], value):
            spans[-1].append(value)
        else:
            spans.append([value])
    return ", ".join(span[0] if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans)


def _other_than(result: str, rounded: str) -> str:
    try:
        return "" if Decimal(result) == Decimal(rounded) else rounded
    except InvalidOperation:
        return rounded


def _size(step: ShownStep) -> int:
    return 1 + sum(map(_size, step.steps))


# Texts


def _json(value: object) -> str:
    """Plain data as JSON for people: what fits a line, and each row of an answer, stands on one."""
    return "" if value is None else _shortened(_pretty(value, 0))


def _pretty(value: object, depth: int) -> str:
    line = json.dumps(value, ensure_ascii=False, default=str)
    is_row = isinstance(value, dict) and not any(isinstance(item, dict | list) for item in value.values())
    if not isinstance(value, dict | list) or len(line) <= (_LONGEST_ROW if is_row else _LINE) or depth == _DEEPEST:
        return line
    inner, outer = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    if isinstance(value, list):
        return f"[{inner}{f',{inner}'.join(_pretty(item, depth + 1) for item in value)}{outer}]"
    items = (f"{json.dumps(name, ensure_ascii=False)}: {_pretty(item, depth + 1)}" for name, item in value.items())
    return f"{{{inner}{f',{inner}'.join(items)}{outer}}}"


def _shortened(text: str) -> str:
    left = len(text) - LONGEST_PART
    return text if left <= 0 else f"{text[:LONGEST_PART]}\n… and {left:,} characters more, all in the run file"
