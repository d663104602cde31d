"""Drawing cases: for each known-bad in turn a scenario that it answers otherwise than the reference.

A draw starts from a worked example of a clause that the known-bad breaks, or now and then from nothing, makes another
scenario of it, and keeps it if the reference answers and the known-bad answers something else. What the reference
answered is what must be answered; nothing else of the reference goes into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from attrs import frozen
from funding_spec.documents import parse_json
from funding_spec.errors import FundingError
from funding_spec.rulebook import load_rulebook

from funding_conformance import protocol
from funding_conformance.canonical import canonical, digest_of
from funding_conformance.fresh.changes import BOLD, CAREFUL, TIMID, another
from funding_conformance.fresh.facts import Facts
from funding_conformance.fresh.free import WANTS as FREE_WANTS
from funding_conformance.fresh.free import drawn_freely
from funding_conformance.fresh.source import RandomSource
from funding_conformance.judge import differences_of
from funding_conformance.known_bad import KnownBad, known_bad_named, known_bads
from funding_conformance.protocol import Declaration
from funding_conformance.scenarios import SUMMED, Expect, Rows, Scenario, amounts_as_text
from funding_conformance.service import Handler, reference_service

Answered = dict[str, Any] | None
"""The rows of an answer; nothing where there is none."""

GENERATOR: Final = "funding-kit fresh cases 1"
"""The name and number of this way of drawing; whatever changes what is drawn gives it another number."""

_ATTEMPTS: Final = ((BOLD, 12), (CAREFUL, 12), (TIMID, 12))
"""How many attempts are made with each boldness."""
_WITHOUT_EXAMPLES: Final = ((BOLD, 6),)
"""The same where no example of the edition tells the known-bad: its mistake hardly shows under these rules."""
_STARTS: Final = 2
"""How many examples a draw has to start from."""
_FREE: Final = 8
"""One attempt in so many starts from nothing."""

PREFIX: Final = "fresh/"
_ID: Final = re.compile(r"fresh/(-?\d+)/([^/]+)/(\d+)", re.ASCII)

_SHORT: Final = 12
"""Digits of a digest that tell the cases of a run apart."""

_EVERYTHING: Final = Declaration({}, (), (), window=1)
"""What omits nothing."""


class FreshCaseError(FundingError):
    """A fresh case cannot be drawn."""


@frozen
class Place:
    """The place of one fresh case, which says everything that it follows from.

    :param number: the how manieth it is for this known-bad, from 0
    """

    seed: int
    known_bad: KnownBad
    number: int

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.seed}/{self.known_bad.name}/{self.number}"

    @property
    def asked_as(self) -> str:
        """What an implementation is told instead: the id would name the mistake that it must not make."""
        return f"{PREFIX}{digest_of(self.id.encode()).removeprefix('sha256:')[:_SHORT]}"

    def scenario(self, rulebook: str, given: Facts, expected: Mapping[str, Any]) -> Scenario:
        """The case with these facts, where these rows are what must be answered; all in one order of fields."""
        known = self.known_bad
        given, expected = parse_json(canonical([given, expected]))
        return Scenario(
            id=self.id,
            title=f"Drawn to tell from an implementation that makes this mistake: {known.says}",
            rulebook=rulebook,
            clauses=known.breaks,
            source="drawn",
            wants=tuple(expected),
            given=given,
            decides=known.breaks,
            expect=expected_of(expected),
            asked_as=self.asked_as,
        )


def place_of(id: str) -> Place:
    """The place that an id names.

    :raises FreshCaseError: it is not the id of a fresh case, or its numbers have too many digits
    :raises UnknownKnownBad: there is no such known-bad
    """
    found = _ID.fullmatch(id)
    if found is None:
        raise FreshCaseError(f"{id} is not the id of a fresh case: {PREFIX}SEED/KNOWN-BAD/NUMBER.", path="--only")
    try:
        seed, number = int(found[1]), int(found[3])
    except ValueError:
        raise FreshCaseError("The seed or the number in it has more digits than can be read.", path="--only") from None
    return Place(seed, known_bad_named(found[2]), number)


@frozen
class FreshCases:
    """What was drawn.

    :param untold: the known-bads of the profiles for which no scenario was found
    :param asked: how many were asked for; there are fewer only if nothing can be drawn
    """

    scenarios: tuple[Scenario, ...] = ()
    untold: tuple[str, ...] = ()
    asked: int = 0

    def as_json(self) -> dict[str, Any]:
        """What the header of a run file says of them."""
        return {"asked": self.asked, "drawn": len(self.scenarios), "untold": list(self.untold)}


def draw(
    drawer: Drawer, seed: int, count: int, clauses: Iterable[str], *, progress: Callable[[], None] = lambda: None
) -> FreshCases:
    """So many cases, spread evenly over the known-bads that break one of the clauses, in an order drawn from the seed.

    A known-bad that nothing tells from the reference under this rulebook has no cases, and others have more. Fewer
    cases are always the first of more.
    """
    asked = frozenset(clauses)
    known = sorted((one for one in known_bads() if asked.intersection(one.breaks)), key=lambda one: one.name)
    left = RandomSource(GENERATOR, str(seed), "order").shuffled(known)
    found: list[Scenario] = []
    untold: list[str] = []
    for number in range(count):
        for one in left.copy():
            if len(found) == count:
                break
            scenario = drawer.drawn(Place(seed, one, number))
            if scenario is not None:
                found.append(scenario)
                progress()
            elif number == 0:
                left.remove(one)
                untold.append(one.name)
        if len(found) == count or not left:
            break
    return FreshCases(tuple(found), tuple(sorted(untold)), count)


class Drawer:
    """Draws the cases of one rulebook.

    :param wants: what may be asked
    :param examples: the worked examples of the kit, from which most draws start
    """

    def __init__(self, rulebook: str, wants: Sequence[str], examples: Iterable[Scenario]) -> None:
        self.rulebook = rulebook
        self._wants = tuple(wants)
        self._bases = _usable(examples, rulebook)
        self._right: dict[str, Answered] = {}

    @property
    def digest(self) -> str:
        """A digest of everything that decides what is drawn, beside the kit, the seed and the known-bads."""
        bases = [[one.question(), one.wants, one.decides] for one in self._bases]
        return digest_of(canonical([self.rulebook, self._wants, bases]))

    def drawn(self, place: Place) -> Scenario | None:
        """The case of a place, or nothing if none was found in as many attempts as there are."""
        source = RandomSource(GENERATOR, self.rulebook, str(place.seed), place.known_bad.name, str(place.number))
        mistaken = reference_service(place.known_bad.name, place.known_bad.change)
        starts = self._starts(place.known_bad, mistaken, source.part("starts"))
        for boldness, attempts in _ATTEMPTS if starts else _WITHOUT_EXAMPLES:
            for attempt in range(attempts):
                part = source.part(str(boldness), str(attempt))
                facts, asked = _start(starts, part)
                facts = another(facts, part.part("changes"), boldness=boldness)
                asked = tuple(want for want in asked if want in self._wants)
                if asked and (case := _telling(place, self.rulebook, facts, asked, mistaken)):
                    return case
        return None

    def _starts(self, known_bad: KnownBad, mistaken: Handler, source: RandomSource) -> list[Scenario]:
        """A few examples of the known-bad's clauses that it answers otherwise as they stand, in a drawn order."""
        breaks = frozenset(known_bad.breaks)
        near = [one for one in self._bases if breaks.intersection(one.decides) and set(one.wants) & set(self._wants)]
        telling = (one for one in source.shuffled(near) if self._tells(one, mistaken))
        return list(islice(telling, _STARTS))

    def _tells(self, base: Scenario, mistaken: Handler) -> bool:
        asked = tuple(want for want in base.wants if want in self._wants)
        message = _message({**base.question(), "rulebook": self.rulebook}, asked)
        if base.id not in self._right:
            self._right[base.id] = _rows(_reference, message)
        right, wrong = self._right[base.id], _rows(mistaken, message)
        return right is not None and wrong is not None and any(_differs(want, right, wrong) for want in asked)


def _usable(examples: Iterable[Scenario], rulebook: str) -> list[Scenario]:
    """The examples of a rulebook, and of those that it extends, that are answered, by id."""
    chain = load_rulebook(rulebook).chain
    found = [
        one
        for one in examples
        if one.rulebook in chain and one.decides and one.expect is not None and one.expect.reject is None
    ]
    return sorted(found, key=lambda one: one.id)


def _start(starts: Sequence[Scenario], source: RandomSource) -> tuple[Facts, tuple[str, ...]]:
    if not starts or source.happens(1, _FREE):
        return drawn_freely(source.part("free")), FREE_WANTS
    base = source.one_of(starts)
    return dict(base.given), base.wants


def _telling(place: Place, rulebook: str, facts: Facts, asked: tuple[str, ...], mistaken: Handler) -> Scenario | None:
    """The scenario that asks for whatever tells the known-bad from the reference, if anything does."""
    question: dict[str, Any] = {"id": place.asked_as, "rulebook": rulebook, "given": amounts_as_text(facts)}
    message = _message(question, asked)
    right = _rows(_reference, message)
    wrong = _rows(mistaken, message) if right is not None else None
    if right is None or wrong is None or right == wrong:
        return None
    telling = tuple(want for want in asked if _differs(want, right, wrong))
    if not telling:
        return None
    return place.scenario(rulebook, question["given"], {want: right[want] for want in telling})


_reference: Final = reference_service()


def _message(question: Mapping[str, Any], asked: tuple[str, ...]) -> dict[str, Any]:
    return {"id": "f", **protocol.answer(question, asked)}


def _rows(implementation: Handler, message: dict[str, Any]) -> Answered:
    """What is answered; nothing where it rejects or breaks: the case then tells nothing about a rule."""
    try:
        answer: Answered = implementation(message).get("ok")
    except Exception:
        return None
    return answer


def _differs(want: str, right: dict[str, Any], wrong: dict[str, Any]) -> bool:
    expect = expected_of({want: right[want]})
    return next(differences_of(expect, wrong, _EVERYTHING), None) is not None


def expected_of(answer: Mapping[str, Any]) -> Expect:
    """What must be answered where this is the answer: sums of amounts, and rows of everything else."""
    lists = {name: Rows(tuple(rows)) for name, rows in answer.items() if name not in SUMMED}
    return Expect(
        answer={name: tuple(rows) for name, rows in answer.items() if name in SUMMED},
        matches=lists.get("matches"),
        priority=lists.get("priority"),
        findings=lists.get("findings"),
    )
