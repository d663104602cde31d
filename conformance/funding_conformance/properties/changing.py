"""Drawing apprenticeships in which something changes: price, employer, provider, contract, job, pathway, or a break.

A :class:`Life` is one apprentice as time goes on. Every change happens on a day and is recorded as the provider would
return it; :data:`CHANGES` lists all of them. Whoever draws whole lives and whoever walks from change to change take
them from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, Final

from attrs import Factory, define, frozen
from funding_reference.calendar import ONE_DAY, Collection, Month, collection_of, month_of
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from funding_conformance.properties.strategies import (
    BANDS,
    COMPLETED,
    EMPLOYER_NUMBER,
    FIRST_START,
    FIRST_ULN,
    LAST_START,
    WITHDRAWN,
)
from funding_conformance.returning import CONTINUING, UKPRN, days_of_change, iso, returns_of, tnp

Facts = dict[str, Any]
Learners = dict[int, list[dict[str, Any]]]
"""Every apprentice as last returned, by provider."""

ON_A_BREAK: Final = 6
ENGLISH: Final = "50086832"
ENGLISH_RATE: Final = 471
POSTCODE: Final = "AB1 2CD"
PROVIDERS: Final = (UKPRN, UKPRN + 1, UKPRN + 2)
EMPLOYERS: Final = 3
BIRTHS: Final = {"25 or older": "1980-06-15", "16 to 18": "2000-06-15", "19 to 24": "1996-06-15"}
WHOLE: Final = 100

prices = st.tuples(
    st.sampled_from([12000, 4000, 800]) | st.integers(1, 200).map(lambda hundreds: hundreds * WHOLE),
    st.sampled_from([3000, 0, 1000]) | st.integers(0, 40).map(lambda hundreds: hundreds * WHOLE),
)
"""Training and assessment."""
waits = st.sampled_from([31, 1, 30, 61, 89, 90, 184, 365]) | st.integers(1, 250)
"""Days from one change to the next."""
plans = st.sampled_from([372, 365, 185, 90, 30, 14]) | st.integers(1, 550)
"""Planned days from a start on."""


@frozen
class Beginning:
    """How an apprenticeship begins."""

    start: date
    planned_days: int
    price: tuple[int, int]
    is_framework: bool = False
    age: str = "25 or older"
    contract: int = 2
    has_english: bool = False
    has_support: bool = False


beginnings = st.builds(
    Beginning,
    start=st.sampled_from([date(2017, 8, 1), date(2017, 8, 6)]) | st.dates(FIRST_START, LAST_START),
    planned_days=plans,
    price=prices,
    is_framework=st.booleans(),
    age=st.sampled_from(sorted(BIRTHS, reverse=True)[::-1]),
    contract=st.sampled_from([2, 1]),
    has_english=st.booleans(),
    has_support=st.booleans(),
)


@define
class Life:
    """One apprentice as time goes on, told by what the providers have to return.

    :param today: the day on which the next change happens
    :param learners: what each provider returns, by UKPRN
    :param open_aims: the aims that have not ended: the programme first, then English
    """

    number: int
    beginning: Beginning
    today: date
    ukprn: int = UKPRN
    learners: dict[int, dict[str, Any]] = Factory(dict)
    open_aims: list[dict[str, Any]] = Factory(list)
    employer: int = 0
    pathway: int = 1
    contract: int = 2
    is_employed: bool = True
    is_over: bool = False
    price: tuple[int, int] = (0, 0)
    is_residual: bool = False
    course_start: date = date.min

    @classmethod
    def begun(cls, number: int, beginning: Beginning, ukprn: int = UKPRN) -> Life:
        """The first day."""
        life = cls(number, beginning, beginning.start, ukprn, contract=beginning.contract)
        life._start(beginning.planned_days, beginning.price)
        if beginning.age == "19 to 24":
            life.programme["LearningDeliveryFAM"].append({"LearnDelFAMType": "EEF", "LearnDelFAMCode": "2"})
        return life

    @property
    def programme(self) -> dict[str, Any]:
        return self.open_aims[0]

    # what may happen

    def is_learning(self) -> bool:
        """In learning, whether or not there is an employer."""
        return not self.is_over and bool(self.open_aims)

    def is_working(self) -> bool:
        """In learning, with an employer: then prices and contracts can change, and a job can be lost."""
        return self.is_learning() and self.is_employed

    def is_redundant(self) -> bool:
        """In learning, without an employer."""
        return self.is_learning() and not self.is_employed

    def is_on_a_break(self) -> bool:
        return not self.is_over and not self.open_aims

    def may_move(self) -> bool:
        return not self.is_over and self.is_employed

    def may_change_pathway(self) -> bool:
        return self.is_working() and self.beginning.is_framework and self.pathway == 1

    def has_english(self) -> bool:
        return self.is_learning() and len(self.open_aims) > 1

    # what happens

    def new_price(self, price: tuple[int, int]) -> None:
        """Another total from today; once a residual is recorded, another residual."""
        self._record(price, residual=self.is_residual)

    def same_price(self) -> None:
        """The price in force, recorded once more."""
        self._record(self.price, residual=self.is_residual)

    def new_employer(self, price: tuple[int, int]) -> None:
        """Another employer, and what remains to be delivered as a residual price."""
        self._employed(another=True)
        self._record(price, residual=True)

    def break_in_learning(self) -> None:
        """Today is the last day before a break."""
        self._end(ON_A_BREAK, self.today)

    def back(self, planned_days: int, price: tuple[int, int] | None, residual: bool) -> None:
        """Learning goes on with the same provider, at the price as it was, another total or a residual."""
        if price is None:
            price, residual = self.price, self.is_residual
        self._start(planned_days, price, residual=residual)

    def new_provider(self, planned_days: int, price: tuple[int, int]) -> None:
        """Another provider from today, at a total of its own."""
        self._leave()
        self.ukprn = PROVIDERS[(PROVIDERS.index(self.ukprn) + 1) % len(PROVIDERS)]
        self._start(planned_days, price)

    def new_pathway(self, planned_days: int, price: tuple[int, int]) -> None:
        """The other pathway of the framework, with the same provider."""
        self._leave()
        self.pathway = 2
        self.course_start = date.min
        self._start(planned_days, price)

    def new_contract(self) -> None:
        """The other contract type from today."""
        self.contract = 3 - self.contract
        for aim in self.open_aims:
            for fam in aim["LearningDeliveryFAM"]:
                if fam["LearnDelFAMType"] == "ACT" and "LearnDelFAMDateTo" not in fam:
                    fam["LearnDelFAMDateTo"] = iso(self.today - ONE_DAY)
            aim["LearningDeliveryFAM"].append(self._act())

    def redundant(self) -> None:
        """Today is the first day without a job."""
        self.is_employed = False
        self._status({"EmpStat": 11})

    def employed_again(self, price: tuple[int, int] | None) -> None:
        """A new employer, with or without a residual price of its own."""
        self._employed(another=True)
        if price is not None:
            self._record(price, residual=True)

    def completed(self) -> None:
        """Today is the last day of a completed programme."""
        self._end(COMPLETED, self.today, english=False)
        self.is_over = True

    def withdrawn(self) -> None:
        """Today is the last day."""
        self._end(WITHDRAWN, self.today)
        self.is_over = True

    def english_completed(self) -> None:
        """The English aim is completed, the programme goes on."""
        _ended(self.open_aims.pop(), COMPLETED, self.today)

    # how it is recorded

    def _start(self, planned_days: int, price: tuple[int, int], *, residual: bool = False) -> None:
        """New aims from today, with the provider of today."""
        start, restarts = self.today, bool(self.learners)
        if self.course_start == date.min:
            self.course_start = start
        learner = self.learners.setdefault(self.ukprn, self._learner())
        if learner["LearnerEmploymentStatus"][-1]["EmpId"] != EMPLOYER_NUMBER + self.employer:
            self._employed(another=False)
        taken_up = {"OrigLearnStartDate": iso(self.course_start)} if self.course_start < start else {}
        framework = {"ProgType": 2, "FworkCode": 403, "PwayCode": self.pathway}
        course: dict[str, Any] = framework if self.beginning.is_framework else {"ProgType": 25, "StdCode": 50}
        programme = self._aim(learner, "ZPROG001", 1, planned_days, restarts) | course | taken_up
        programme["AppFinRecord"] = []
        learner["LearningDelivery"].append(programme)
        self.open_aims = [programme]
        if self.beginning.has_english:
            english = self._aim(learner, ENGLISH, 3, planned_days // 2, restarts) | course
            if restarts:
                english["PriorLearnFundAdj"] = 50
            learner["LearningDelivery"].append(english)
            self.open_aims.append(english)
        self._record(price, residual=residual)

    def _learner(self) -> dict[str, Any]:
        status = {"EmpStat": 10, "DateEmpStatApp": iso(self.today - ONE_DAY)}
        return {
            "LearnRefNumber": f"L{self.number + 1}",
            "ULN": FIRST_ULN + self.number,
            "DateOfBirth": BIRTHS[self.beginning.age],
            "PostcodePrior": POSTCODE,
            "LearnerEmploymentStatus": [{**status, "EmpId": EMPLOYER_NUMBER + self.employer}],
            "LearningDelivery": [],
        }

    def _aim(self, learner: dict[str, Any], name: str, type: int, planned_days: int, restarts: bool) -> dict[str, Any]:
        fams = [self._act()]
        if restarts:
            fams.append({"LearnDelFAMType": "RES", "LearnDelFAMCode": "1"})
        if self.beginning.has_support:
            fams.append({"LearnDelFAMType": "LSF", "LearnDelFAMCode": "1", "LearnDelFAMDateFrom": iso(self.today)})
        return {
            "LearnAimRef": name,
            "AimType": type,
            "AimSeqNumber": len(learner["LearningDelivery"]) + 1,
            "LearnStartDate": iso(self.today),
            "LearnPlanEndDate": iso(self.today + timedelta(days=max(0, planned_days - 1))),
            "FundModel": 36,
            "CompStatus": CONTINUING,
            "LearningDeliveryFAM": fams,
        }

    def _act(self) -> dict[str, Any]:
        return {
            "LearnDelFAMType": "ACT",
            "LearnDelFAMCode": str(self.contract),
            "LearnDelFAMDateFrom": iso(self.today),
        }

    def _record(self, price: tuple[int, int], *, residual: bool) -> None:
        self.price, self.is_residual = price, residual
        records = self.programme["AppFinRecord"]
        training, assessment = price
        first = 3 if residual else 1
        records.append(tnp(first, self.today, training))
        if assessment or residual or any(record["AFinCode"] == first + 1 for record in records):
            records.append(tnp(first + 1, self.today, assessment))

    def _employed(self, *, another: bool) -> None:
        self.is_employed = True
        if another:
            self.employer = (self.employer + 1) % EMPLOYERS
        self._status({"EmpStat": 10, "EmpId": EMPLOYER_NUMBER + self.employer})

    def _status(self, status: dict[str, Any]) -> None:
        statuses = self.learners[self.ukprn]["LearnerEmploymentStatus"]
        statuses.append({**status, "DateEmpStatApp": iso(self.today)})

    def _leave(self) -> None:
        self._end(WITHDRAWN, self.today - ONE_DAY)

    def _end(self, status: int, last_day: date, *, english: bool = True) -> None:
        for aim in self.open_aims if english else self.open_aims[:1]:
            _ended(aim, status, last_day)
        self.open_aims = []


def _ended(aim: dict[str, Any], status: int, last_day: date) -> None:
    aim |= {"LearnActEndDate": iso(last_day), "CompStatus": status}
    if status == COMPLETED:
        aim["AchDate"] = iso(last_day)


@frozen
class Change:
    """Something that can happen to an apprentice, and what is drawn with it."""

    happens: Callable[..., None]
    may_happen: Callable[[Life], bool]
    drawn: Mapping[str, st.SearchStrategy[Any]] = Factory(dict)


_NEW_PRICE: Final = {"price": prices}
_NEW_PLAN: Final = {"planned_days": plans, "price": prices}
_BACK: Final = {"planned_days": plans, "price": st.none() | prices, "residual": st.booleans()}

CHANGES: Final[Mapping[str, Change]] = {
    "new_price": Change(Life.new_price, Life.is_working, _NEW_PRICE),
    "break_in_learning": Change(Life.break_in_learning, Life.is_working),
    "back": Change(Life.back, Life.is_on_a_break, _BACK),
    "new_provider": Change(Life.new_provider, Life.may_move, _NEW_PLAN),
    "new_employer": Change(Life.new_employer, Life.is_working, _NEW_PRICE),
    "new_contract": Change(Life.new_contract, Life.is_working),
    "redundant": Change(Life.redundant, Life.is_working),
    "employed_again": Change(Life.employed_again, Life.is_redundant, {"price": st.none() | prices}),
    "new_pathway": Change(Life.new_pathway, Life.may_change_pathway, _NEW_PLAN),
    "same_price": Change(Life.same_price, Life.is_working),
    "english_completed": Change(Life.english_completed, Life.has_english),
    "completed": Change(Life.completed, Life.is_learning),
    "withdrawn": Change(Life.withdrawn, Life.is_learning),
}
ENDS: Final = ("completed", "withdrawn")
MOST_CHANGES: Final = 5


@st.composite
def lives(draw: st.DrawFn, number: int, wanted: Sequence[str], never: Sequence[str], completed: bool) -> Life:
    """One life: a beginning, up to a few changes, each some days after the one before, and perhaps an end.

    :param wanted: changes of which one is to happen wherever it can
    :param never: changes that do not happen
    :param completed: whether the programme is completed in the end
    """
    life = Life.begun(number, draw(beginnings))
    turn = draw(st.integers(0, 2)) if wanted else -1
    for place in range(draw(st.integers(turn + 1, MOST_CHANGES))):
        possible = [name for name, change in CHANGES.items() if change.may_happen(life)]
        names = [name for name in possible if name not in (*ENDS, *never)]
        if place == turn:
            names = [name for name in names if name in wanted] or names
        _change(draw, life, draw(st.sampled_from(names)))
    end = "completed" if completed else draw(st.sampled_from([None, *ENDS]))
    if completed and life.is_on_a_break():
        _change(draw, life, "back")
    if end and life.is_learning():
        _change(draw, life, end)
    return life


def _change(draw: st.DrawFn, life: Life, name: str) -> None:
    life.today += timedelta(days=draw(waits))
    change = CHANGES[name]
    change.happens(life, **{argument: draw(values) for argument, values in change.drawn.items()})


@st.composite
def courses(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A standard and two pathways of a framework, each with a band that may change later."""
    found: list[dict[str, Any]] = []
    framework = {"framework_code": 403, "programme_type": 2}
    for id, codes in (
        ("std-50", {"standard_code": 50}),
        ("fwk-403-1", {**framework, "pathway_code": 1}),
        ("fwk-403-2", {**framework, "pathway_code": 2}),
    ):
        bands = [{"from": "2017-05-01", "maximum": draw(st.sampled_from(sorted(BANDS, reverse=True)))}]
        if later := draw(st.none() | st.sampled_from(BANDS)):
            bands.append({"from": "2018-01-01", "maximum": later})
        found.append({"id": id, **codes, "funding_bands": bands})
    return found


@st.composite
def changing(
    draw: st.DrawFn,
    *,
    wanted: Sequence[str] = (),
    never: Sequence[str] = (),
    completed: bool = False,
    in_time: bool | None = None,
) -> Facts:
    """The facts of one apprentice, sometimes two, to whom something happens.

    :param wanted: changes of which one is to happen
    :param never: changes that do not happen
    :param completed: whether the programme is completed in the end
    :param in_time: whether each change is returned in its own month, or everything at once; None draws it
    """
    count = draw(st.sampled_from([1, 1, 1, 2]))
    found = [draw(lives(number, wanted, never, completed)) for number in range(count)]
    is_in_time = draw(st.booleans()) if in_time is None else in_time
    return facts_of(found, draw(courses()), draw(st.sampled_from(["none", "1-10", "21-27"])), in_time=is_in_time)


def facts_of(found: Sequence[Life], courses: list[dict[str, Any]], deprivation: str, *, in_time: bool) -> Facts:
    """The facts of lives as far as they have gone."""
    learners: Learners = {}
    for life in found:
        for ukprn, learner in life.learners.items():
            learners.setdefault(ukprn, []).append(deepcopy(learner))
    return {
        "courses": courses,
        "english_maths_aims": [{"aim": ENGLISH, "rate": ENGLISH_RATE}],
        "postcodes": [{"postcode": POSTCODE, "deprivation": deprivation}],
        "employers": [
            {
                "id": f"employer-{number + 1}",
                "identifier": EMPLOYER_NUMBER + number,
                "levy_payer": True,
                "levy_funds": "unlimited",
            }
            for number in range(EMPLOYERS)
        ],
        "submissions": returned_in_time(learners) if in_time else returned_at_once(learners),
    }


def returned_in_time(learners: Learners) -> list[dict[str, Any]]:
    """Returns of every provider in the month of each change, and in the first month of each new funding year."""
    return [
        submission for ukprn, own in learners.items() for submission in returns_of(own, ukprn, also_in=new_years(own))
    ]


def returned_at_once(learners: Learners) -> list[dict[str, Any]]:
    """One return of each provider, in the month in which its first apprentice starts, that knows everything."""
    return [
        {"collection": str(collection_of(first_month(own))), "ukprn": ukprn, "learners": own}
        for ukprn, own in learners.items()
    ]


def first_month(learners: Sequence[dict[str, Any]]) -> Month:
    """The month in which the first of these apprentices starts."""
    return month_of(min(min(days_of_change(learner)) for learner in learners))


def new_years(learners: Sequence[dict[str, Any]]) -> list[Month]:
    """August of every funding year after the first one, up to the last in which an aim goes on."""
    ends = [aim.get("LearnActEndDate", aim["LearnPlanEndDate"]) for one in learners for aim in one["LearningDelivery"]]
    last = max([date.fromisoformat(end) for end in ends] + [max(days_of_change(learner)) for learner in learners])
    years = range(first_month(learners).funding_year + 1, month_of(last).funding_year + 1)
    return [Collection(year, 1).first_month for year in years]


# Walking from change to change


def walk(seen: Callable[[Facts], None]) -> type[RuleBasedStateMachine]:
    """A machine that takes one apprentice after the other from change to change and shows after each what is known.

    :param seen: what is done with it
    """
    return type("OneLife", (_OneLife,), {"seen": staticmethod(seen)})


class _OneLife(RuleBasedStateMachine):
    """One apprentice. :func:`_rules` adds a rule for every change, some days after the one before."""

    life: Life | None = None
    is_news = False
    seen: Callable[[Facts], None]
    courses_given: list[dict[str, Any]]
    deprivation: str
    in_time: bool

    @initialize(
        beginning=beginnings,
        courses=courses(),
        deprivation=st.sampled_from(["none", "1-10", "21-27"]),
        in_time=st.booleans(),
    )
    def begins(self, beginning: Beginning, courses: list[dict[str, Any]], deprivation: str, in_time: bool) -> None:
        self.life = Life.begun(0, beginning)
        self.courses_given, self.deprivation, self.in_time = courses, deprivation, in_time
        self.is_news = True

    @precondition(lambda self: self.life is not None and self.life.is_over)
    @rule(beginning=beginnings)
    def another(self, beginning: Beginning) -> None:
        """Once all is over the walk goes on with another apprentice."""
        self.life = Life.begun(0, beginning)
        self.is_news = True

    @invariant()
    def shows_what_is_known(self) -> None:
        if self.life is not None and self.is_news:
            self.is_news = False
            self.seen(facts_of([self.life], self.courses_given, self.deprivation, in_time=self.in_time))


def _rule_of(name: str, change: Change) -> Callable[..., None]:
    def happens(self: _OneLife, days: int, **drawn: Any) -> None:
        assert self.life is not None
        self.life.today += timedelta(days=days)
        change.happens(self.life, **drawn)
        self.is_news = True

    def may_happen(self: _OneLife) -> bool:
        return self.life is not None and change.may_happen(self.life)

    happens.__name__ = name
    drawn: dict[str, Any] = {"days": waits, **change.drawn}
    as_rule: Callable[[Callable[..., None]], Callable[..., None]] = rule(**drawn)
    return precondition(may_happen)(as_rule(happens))


for _name, _change_of_name in CHANGES.items():
    setattr(_OneLife, _name, _rule_of(_name, _change_of_name))
