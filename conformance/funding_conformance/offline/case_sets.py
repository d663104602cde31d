"""Which cases can go into one set of ILR files, and under which numbers their learners stand there.

An import knows one set of courses and one history of returns, so cases share a set only if they were returned in the
same collections by the same providers, end at the same one, and agree on every course, qualification and postcode. A
case that asks what is paid has a set of its own: its account must not pay for others. A learner has a reference and a
ULN in the files that no other case of the pack has; the ULN has a valid check digit and is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import Factory, define, frozen
from funding_reference.ilr import NotForAReturn, check_learner
from funding_reference.reading import Rejected
from funding_reference.records import TEMPORARY_ULN, read_given

_FIRST_ULN: Final = 100_000_100
"""The first nine digits of the first made-up ULN."""

_WEIGHTS: Final = range(10, 1, -1)
_EARNINGS_ALONE: Final = frozenset({"earnings", "findings"})


@frozen
class AskedCase:
    """A case of a pack.

    :param number: the id of its question
    :param wants: what is asked of it
    :param given: its facts as they go over the wire
    """

    number: str
    id: str
    rulebook: str
    wants: tuple[str, ...]
    given: Mapping[str, Any]


@frozen
class CaseSet:
    """Cases whose learners go into the same files.

    :param returns: collection and provider of every file, in order
    """

    number: int
    cases: tuple[AskedCase, ...]
    returns: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        return f"set-{self.number:04}"


@frozen
class Learner:
    """A learner of a case, as the question has them."""

    case: str
    ukprn: int
    reference: str


@define
class Names:
    """The references and ULNs that learners have in the files, and whose they are."""

    references: dict[Learner, str] = Factory(dict)
    ulns: dict[tuple[str, int], int] = Factory(dict)
    learners: dict[str, Learner] = Factory(dict)
    own_ulns: dict[int, tuple[str, int]] = Factory(dict)
    _next: int = _FIRST_ULN

    def reference(self, learner: Learner) -> str:
        """The reference in the files: K00000001 and so on."""
        if learner not in self.references:
            name = f"K{len(self.references) + 1:08}"
            self.references[learner] = name
            self.learners[name] = learner
        return self.references[learner]

    def uln(self, case: str, uln: int) -> int:
        """The ULN in the files; the temporary one, which many may have, stays."""
        if uln == TEMPORARY_ULN:
            return uln
        if (case, uln) not in self.ulns:
            made_up = self._made_up()
            self.ulns[case, uln] = made_up
            self.own_ulns[made_up] = (case, uln)
        return self.ulns[case, uln]

    def _made_up(self) -> int:
        while True:
            found = with_check_digit(self._next)
            self._next += 1
            if found is not None:
                return found

    def renamed(self, case: str, ukprn: int, record: Mapping[str, Any]) -> dict[str, Any]:
        """A learner's record as it stands in the files."""
        names: dict[str, Any] = {"ULN": self.uln(case, record["ULN"])}
        for field in ("LearnRefNumber", "PrevLearnRefNumber"):
            if field in record:
                names[field] = self.reference(Learner(case, ukprn, str(record[field])))
        return {**record, **names}


def with_check_digit(digits: int) -> int | None:
    """Nine digits with the check digit of a ULN behind them; None if those nine can have none."""
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, f"{digits:09}", strict=True)) % 11
    return digits * 10 + 10 - rest if rest else None


def why_not_in_files(case: AskedCase) -> str:
    """Why a case cannot go into ILR files, in words; nothing if it can."""
    try:
        read_given(case.given)
    except Rejected:
        return "its facts cannot be written as returns"
    if case.given.get("earnings_history"):
        return "it has earnings of a return that is not given"
    for submission in case.given["submissions"]:
        for learner in submission["learners"]:
            try:
                check_learner({**learner, "LearnRefNumber": "K"}, str(submission["collection"])[:4])
            except NotForAReturn as error:
                return f"it does not fit into a return: {error.reason.removesuffix('.')}"
            if not learner.get("LearningDelivery"):
                return "it has a learner without an aim"
    has_learners = any(submission["learners"] for submission in case.given["submissions"])
    return "" if has_learners else "it has no return with a learner"


def case_sets(cases: Iterable[AskedCase]) -> tuple[list[CaseSet], dict[str, str]]:
    """The sets, and for each case that is in none the reason."""
    growing: dict[Any, list[_Growing]] = {}
    order: list[_Growing] = []
    left_out: dict[str, str] = {}
    for case in cases:
        if reason := why_not_in_files(case):
            left_out[case.id] = reason
            continue
        key = (_returns_of(case), str(case.given.get("through", "")), _apart(case))
        candidates = growing.setdefault(key, [])
        home = next((one for one in candidates if one.agrees(case)), None)
        if home is None:
            home = _Growing()
            candidates.append(home)
            order.append(home)
        home.add(case)
    sets = [CaseSet(number, tuple(one.cases), _returns_of(one.cases[0])) for number, one in enumerate(order, 1)]
    return sets, left_out


def _returns_of(case: AskedCase) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((str(one["collection"]), one["ukprn"]) for one in case.given["submissions"]))


def _apart(case: AskedCase) -> str:
    return "" if _EARNINGS_ALONE.issuperset(case.wants) else case.id


@define
class _Growing:
    """A set as it grows, and what its cases agree on."""

    cases: list[AskedCase] = Factory(list)
    known: dict[Any, Any] = Factory(dict)

    def agrees(self, case: AskedCase) -> bool:
        return all(self.known.get(name, value) == value for name, value in _reference_data(case).items())

    def add(self, case: AskedCase) -> None:
        self.cases.append(case)
        self.known |= _reference_data(case)


def _reference_data(case: AskedCase) -> dict[Any, Any]:
    """What is known of each course, qualification and postcode that a return of the case names.

    Everything that the case's learners name is there, also with nothing known of it, so that another case cannot give
    it a value.
    """
    found: dict[Any, Any] = {}
    for submission in case.given["submissions"]:
        for learner in submission["learners"]:
            found["postcode", learner.get("PostcodePrior")] = None
            found |= {("aim", aim.get("LearnAimRef")): None for aim in learner["LearningDelivery"]}
    for course in case.given.get("courses", ()):
        codes = [course.get(name) for name in ("standard_code", "framework_code", "programme_type", "pathway_code")]
        found["course", *codes] = _in_order(course["funding_bands"])
    for aim in case.given.get("english_maths_aims", ()):
        found["aim", aim["aim"]] = ("given", aim.get("rate"))
    for postcode in case.given.get("postcodes", ()):
        found["postcode", postcode["postcode"]] = postcode["deprivation"]
    return found


def _in_order(bands: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return sorted((str(band["from"]), str(band["maximum"])) for band in bands)
