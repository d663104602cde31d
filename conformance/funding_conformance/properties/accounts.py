"""Drawing an employer's account, the apprenticeships that are approved on it, and what becomes of both.

An :class:`Account` goes on in time: levy comes in and is corrected, apprenticeships are approved, returned, paused,
stopped, and change as a :class:`~funding_conformance.properties.changing.Life` does. :data:`STEPS` lists everything
that can happen; whoever draws whole histories and whoever walks from step to step take it from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, Final

from attrs import Factory, define, frozen
from funding_reference.calendar import AUGUST, ONE_DAY, Collection, Month, collection_of, month_of, months_later
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from funding_conformance.properties.changing import (
    ENGLISH,
    ENGLISH_RATE,
    POSTCODE,
    PROVIDERS,
    Beginning,
    Facts,
    Life,
    courses,
    plans,
    prices,
)
from funding_conformance.properties.strategies import (
    BANDS,
    EMPLOYER,
    EMPLOYER_NUMBER,
    FIRST_ULN,
    LARGEST_PAYMENT,
    agreement_of,
    aim_of,
    balances,
    learner,
)
from funding_conformance.returning import iso

SENDER: Final = "employer-2"
EMPLOYER_IDS: Final = (EMPLOYER, SENDER, "employer-3")
"""Whose account is followed; who may pay by transfer; who has as much as is wanted."""
SENDERS_FUNDS: Final = 3000
ALLOWANCE: Final = 400
MOST_APPRENTICES: Final = 4
MOST_STEPS: Final = 6
FIRST_MONTH: Final = date(2017, 5, 1)
CLOSING: Final = {AUGUST: 13, AUGUST + 1: 14}
"""The returns with which a funding year closes, by the month in which the next one's are made."""


@frozen
class Approval:
    """How an apprenticeship comes onto the account.

    :param approved_before: days between the approval and the start
    :param known_after: collections until the service knows of it
    :param is_small: whether its employer is marked as small
    :param is_sent: whether another employer pays by transfer, where transfers exist
    """

    price: tuple[int, int]
    planned_days: int
    ukprn: int
    approved_before: int = 0
    known_after: int = 0
    age: str = "25 or older"
    contract: int = 1
    is_framework: bool = False
    has_english: bool = False
    is_small: bool = False
    is_sent: bool = False


def _rarely(usual: Any, other: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * 4 + [other])


approvals = st.builds(
    Approval,
    price=prices,
    planned_days=st.sampled_from([372, 185, 90]) | plans,
    ukprn=st.sampled_from(PROVIDERS[:2]),
    approved_before=st.integers(0, 3),
    known_after=_rarely(0, 2),
    age=st.sampled_from(["25 or older", "25 or older", "16 to 18"]),
    contract=_rarely(1, 2),
    is_framework=_rarely(False, True),
    has_english=_rarely(False, True),
    is_small=st.sampled_from([False, False, True]),
    is_sent=_rarely(False, True),
)
levies = st.sampled_from([1000, 200, 5000]) | st.integers(0, 4000)
fractions = st.sampled_from([None, "0.80000", "0.33333", "1.00000"])
entered = st.sampled_from(["2017-04", "2016-01", "2015-11", "2016-06"])
"""Months in which the first funds entered; some are soon over their 24 months."""


@define
class Approved:
    """An apprenticeship with the agreement under which it is paid now."""

    life: Life
    agreement: dict[str, Any]

    @property
    def versions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.agreement["versions"]
        return found

    def stands(self) -> bool:
        """Whether the agreement has not been stopped."""
        return "stopped_on" not in self.agreement

    def is_paused(self) -> bool:
        return self.stands() and self.versions[-1]["status"] == "paused"

    def is_active(self) -> bool:
        return self.stands() and not self.is_paused()


@define
class Account:
    """An employer's account as time goes on.

    :param today: the day on which the next step is taken
    :param approved: the apprenticeships, each under its latest agreement
    :param agreements: all agreements there have been
    :param returns: what was returned, by collection and provider
    """

    today: date
    opening: list[dict[str, Any]]
    declarations: list[dict[str, Any]] = Factory(list)
    adjustments: list[dict[str, Any]] = Factory(list)
    approved: list[Approved] = Factory(list)
    agreements: list[dict[str, Any]] = Factory(list)
    returns: dict[tuple[str, int], dict[str, Any]] = Factory(dict)

    # what may happen

    def may_approve(self) -> bool:
        return len(self.approved) < MOST_APPRENTICES

    def may_adjust(self) -> bool:
        """Once a month at most: which of several corrections comes first is nobody's question."""
        return all(one["month"] != str(self.month) for one in self.adjustments)

    def has(self, may: Callable[[Approved], bool]) -> bool:
        """Whether something may happen to anybody."""
        return any(map(may, self.approved))

    def chosen(self, who: int, may: Callable[[Approved], bool], days_late: int = 0) -> Approved:
        """One of those to whom it may happen, today or some days ago but after all else that has happened to it."""
        possible = list(filter(may, self.approved))
        found = possible[who % len(possible)]
        found.life.today = max(self.today - timedelta(days=days_late), min(found.life.today + ONE_DAY, self.today))
        return found

    @property
    def month(self) -> Month:
        return month_of(self.today)

    @property
    def collection(self) -> Collection:
        """The return of this month."""
        return collection_of(self.month)

    # what happens

    def approve(self, approval: Approval) -> None:
        """An apprenticeship starts today, and is approved."""
        beginning = Beginning(
            self.today,
            approval.planned_days,
            approval.price,
            is_framework=approval.is_framework,
            age=approval.age,
            contract=approval.contract,
            has_english=approval.has_english,
        )
        life = Life.begun(len(self.approved), beginning, approval.ukprn)
        if approval.is_small:
            [status] = life.learners[approval.ukprn]["LearnerEmploymentStatus"]
            status["EmploymentStatusMonitoring"] = [{"ESMType": "SEM", "ESMCode": 1}]
        found = Approved(life, {})
        self.approved.append(found)
        self._agree(found, approved=self.today - timedelta(days=approval.approved_before))
        if approval.known_after:
            known = collection_of(self.month + approval.known_after)
            found.agreement["known_from"] = str(known)
        if approval.is_sent:
            found.agreement["sender"] = SENDER

    def return_all(self, closing: bool) -> None:
        """Every provider returns all that is so; in August and September also for the year that closes."""
        collections = [self.collection]
        if closing and self.today.month in CLOSING:
            collections.append(Collection(self.month.funding_year - 1, CLOSING[self.today.month]))
        for ukprn in sorted({ukprn for one in self.approved for ukprn in one.life.learners}):
            learners = [one.life.learners[ukprn] for one in self.approved if ukprn in one.life.learners]
            for collection in collections:
                submission = {"collection": str(collection), "ukprn": ukprn, "learners": deepcopy(learners)}
                self.returns[str(collection), ukprn] = submission

    def time_passes(self, months: int) -> None:
        self.today = months_later(self.today, months)

    def declare(self, levy: int, fraction: str | None, months: int) -> None:
        """Levy of this month and of some that follow."""
        share = {} if fraction is None else {"english_fraction": fraction}
        for place in range(months):
            self.declarations.append({"month": str(self.month + place), "levy": levy, **share})

    def adjust(self, amount: int) -> None:
        """A correction of the levy arrives."""
        self.adjustments.append({"month": str(self.month), "amount": amount})

    def stop(self, who: int, days_back: int) -> None:
        """A stop is recorded today, for today or for an earlier day."""
        one = self.chosen(who, Approved.stands)
        self._stop(one, max(self.today - timedelta(days=days_back), date.fromisoformat(one.agreement["start"])))

    def pause(self, who: int) -> None:
        self._new_terms(self.chosen(who, Approved.is_active), status="paused")

    def release(self, who: int) -> None:
        self._new_terms(self.chosen(who, Approved.is_paused), status="active")

    def fall_out(self, who: int, days_back: int) -> None:
        """Another price is agreed than the one returned, from today or from an earlier day."""
        one = self.chosen(who, Approved.stands)
        earliest = date.fromisoformat(one.versions[-1]["from"]) + ONE_DAY
        since = max(self.today - timedelta(days=days_back), earliest)
        self._new_terms(one, price=one.versions[-1]["price"] + 100, since=since)

    def new_price(self, who: int, price: tuple[int, int], agreed: bool, days_late: int) -> None:
        """Another price, with or without the employer's approval."""
        one = self.chosen(who, _is_working, days_late)
        one.life.new_price(price)
        if agreed and one.stands():
            earliest = date.fromisoformat(one.versions[-1]["from"]) + ONE_DAY
            self._new_terms(one, price=sum(price), since=max(one.life.today, earliest))

    def redundant(self, who: int) -> None:
        self.chosen(who, _is_working).life.redundant()

    def employed_again(self, who: int, price: tuple[int, int]) -> None:
        one = self.chosen(who, lambda one: one.life.is_redundant())
        one.life.employed_again(price)
        self._agree_anew(one)

    def new_employer(self, who: int, price: tuple[int, int]) -> None:
        one = self.chosen(who, _is_working)
        one.life.new_employer(price)
        self._agree_anew(one)

    def new_provider(self, who: int, price: tuple[int, int], planned_days: int) -> None:
        one = self.chosen(who, lambda one: one.life.may_move())
        one.life.new_provider(planned_days, price)
        self._agree_anew(one)

    def take_a_break(self, who: int) -> None:
        self.chosen(who, _is_working).life.break_in_learning()

    def come_back(self, who: int, price: tuple[int, int], planned_days: int) -> None:
        """Learning goes on at another total, which the employer approves."""
        one = self.chosen(who, _is_on_a_break)
        one.life.back(planned_days, price, residual=False)
        if one.stands():
            self._new_terms(one, price=sum(price))

    def complete(self, who: int, with_evidence: bool) -> None:
        """The programme is completed, with or without a record of what the employer has paid."""
        one = self.chosen(who, _is_learning)
        if with_evidence:
            evidence = {"AFinType": "PMR", "AFinCode": 1, "AFinDate": iso(self.today), "AFinAmount": LARGEST_PAYMENT}
            one.life.programme["AppFinRecord"].append(evidence)
        one.life.completed()

    def withdraw(self, who: int, days_late: int) -> None:
        self.chosen(who, _is_learning, days_late).life.withdrawn()

    # how it is recorded

    def _agree(self, one: Approved, *, approved: date) -> None:
        life = one.life
        course = f"fwk-403-{life.pathway}" if life.beginning.is_framework else "std-50"
        one.agreement = {
            "id": str(len(self.agreements) + 1),
            "employer": EMPLOYER_IDS[life.employer],
            "ukprn": life.ukprn,
            "uln": FIRST_ULN + life.number,
            "course": course,
            "start": iso(self.today),
            "planned_end": max(life.programme["LearnPlanEndDate"], iso(self.today)),
            "approved": iso(approved),
            "versions": [{"from": iso(self.today), "price": sum(life.price), "status": "active"}],
        }
        self.agreements.append(one.agreement)

    def _agree_anew(self, one: Approved) -> None:
        """A new agreement from today; the one before ends the day before."""
        if one.stands():
            self._stop(one, self.today - ONE_DAY)
        self._agree(one, approved=self.today)
        one.agreement["known_from"] = str(self.collection)

    def _stop(self, one: Approved, day: date) -> None:
        one.agreement |= {"stopped_on": iso(day), "stop_known_from": str(self.collection)}

    def _new_terms(
        self, one: Approved, *, price: int | None = None, status: str | None = None, since: date | None = None
    ) -> None:
        begins = since or self.today
        before = one.versions[-1]
        before["to"] = iso(begins - ONE_DAY)
        one.versions.append(
            {
                "from": iso(begins),
                "price": before["price"] if price is None else price,
                "status": status or before["status"],
                "known_from": str(self.collection),
            }
        )

    def facts(self, found: list[dict[str, Any]], funds: Any = None) -> Facts:
        """All that is known.

        :param found: the courses
        :param funds: what is in the account, if it is not derived from what was declared
        """
        derived = {"opening": self.opening, "declarations": self.declarations, "adjustments": self.adjustments}
        own = {name: rows for name, rows in derived.items() if rows} if funds is None else funds
        sent = {"opening": [{"entered": "2017-04", "amount": SENDERS_FUNDS}]}
        employers: list[dict[str, Any]] = [
            {"id": id, "identifier": EMPLOYER_NUMBER + place, "levy_payer": True, "levy_funds": levy_funds}
            for place, (id, levy_funds) in enumerate(zip(EMPLOYER_IDS, (own, sent, "unlimited"), strict=True))
        ]
        employers[1]["transfer_allowance"] = {"2017-06": ALLOWANCE}
        return {
            "courses": found,
            "english_maths_aims": [{"aim": ENGLISH, "rate": ENGLISH_RATE}],
            "postcodes": [{"postcode": POSTCODE, "deprivation": "none"}],
            "employers": employers,
            "agreements": deepcopy(self.agreements),
            "submissions": list(self.returns.values()),
            "through": str(self.collection),
        }


def _is_learning(one: Approved) -> bool:
    return one.life.is_learning()


def _is_working(one: Approved) -> bool:
    return one.life.is_working()


def _is_on_a_break(one: Approved) -> bool:
    return one.life.is_on_a_break()


@frozen
class Step:
    """Something that can happen to an account or to one of its apprentices, and what is drawn with it."""

    happens: Callable[..., None]
    may_happen: Callable[[Account], bool]
    drawn: Mapping[str, st.SearchStrategy[Any]] = Factory(dict)


def _to_somebody(may: Callable[[Approved], bool]) -> Callable[[Account], bool]:
    return lambda account: account.has(may)


_WHO: Final = {"who": st.integers(0, MOST_APPRENTICES - 1)}
_DAYS_BACK: Final = {"days_back": st.sampled_from([0, 35, 1, 100])}
_DAYS_LATE: Final = {"days_late": st.sampled_from([0, 62, 100])}
_PRICE: Final = {"price": prices}
_PLAN: Final = {"price": prices, "planned_days": plans}
_ADJUSTMENTS: Final = st.sampled_from([-500, 300, -10000]) | st.integers(-2000, 2000).filter(bool)

STEPS: Final[Mapping[str, Step]] = {
    "time_passes": Step(
        Account.time_passes, lambda account: True, {"months": st.sampled_from([1, 2, 3, 6, 12]) | st.integers(1, 13)}
    ),
    "return_all": Step(Account.return_all, lambda account: True, {"closing": st.booleans()}),
    "approve": Step(Account.approve, Account.may_approve, {"approval": approvals}),
    "declare": Step(
        Account.declare,
        lambda account: True,
        {"levy": levies, "fraction": fractions, "months": st.integers(1, 8)},
    ),
    "adjust": Step(Account.adjust, Account.may_adjust, {"amount": _ADJUSTMENTS}),
    "pause": Step(Account.pause, _to_somebody(Approved.is_active), _WHO),
    "release": Step(Account.release, _to_somebody(Approved.is_paused), _WHO),
    "stop": Step(Account.stop, _to_somebody(Approved.stands), {**_WHO, **_DAYS_BACK}),
    "fall_out": Step(Account.fall_out, _to_somebody(Approved.stands), {**_WHO, **_DAYS_BACK}),
    "new_price": Step(
        Account.new_price, _to_somebody(_is_working), {**_WHO, **_PRICE, **_DAYS_LATE, "agreed": _rarely(True, False)}
    ),
    "redundant": Step(Account.redundant, _to_somebody(_is_working), _WHO),
    "employed_again": Step(
        Account.employed_again, _to_somebody(lambda one: one.life.is_redundant()), {**_WHO, **_PRICE}
    ),
    "new_employer": Step(Account.new_employer, _to_somebody(_is_working), {**_WHO, **_PRICE}),
    "new_provider": Step(Account.new_provider, _to_somebody(lambda one: one.life.may_move()), {**_WHO, **_PLAN}),
    "take_a_break": Step(Account.take_a_break, _to_somebody(_is_working), _WHO),
    "come_back": Step(Account.come_back, _to_somebody(_is_on_a_break), {**_WHO, **_PLAN}),
    "complete": Step(Account.complete, _to_somebody(_is_learning), {**_WHO, "with_evidence": _rarely(True, False)}),
    "withdraw": Step(Account.withdraw, _to_somebody(_is_learning), {**_WHO, **_DAYS_LATE}),
}
OF_AGREEMENTS: Final = ("pause", "release", "stop", "fall_out")
"""What becomes of an agreement while its apprentice goes on learning."""
OF_THE_ACCOUNT: Final = ("time_passes", "return_all", "declare", "adjust")

days_between = st.sampled_from([31, 1, 20, 62]) | st.integers(1, 100)
"""Days from one step to the next."""


@st.composite
def openings(draw: st.DrawFn) -> Account:
    """An account on its first day: what is in it, what is declared, and one or two apprenticeships, returned."""
    opening = [{"entered": month, "amount": amount} for month, amount in draw(_opening_funds).items()]
    start = draw(st.sampled_from([date(2017, 8, 1), date(2017, 8, 6)]) | st.dates(FIRST_MONTH, date(2017, 10, 31)))
    account = Account(start, opening)
    account.declare(draw(levies), draw(fractions), draw(st.integers(1, 12)))
    for approval in draw(st.lists(approvals, min_size=1, max_size=3)):
        account.approve(approval)
    account.return_all(closing=False)
    return account


_opening_funds = st.dictionaries(entered, st.sampled_from([1000, 300, 2500, 12000]), max_size=2)


@st.composite
def histories(
    draw: st.DrawFn, *, wanted: Sequence[str] = (), never: Sequence[str] = (), in_time: bool = False
) -> Facts:
    """The facts of an account and its apprentices after some steps, each some days after the one before.

    :param wanted: steps of which one is to be taken wherever it can
    :param never: steps that are not taken
    :param in_time: whether everything is returned in its own month
    """
    account = draw(openings())
    turn = draw(st.integers(0, 2)) if wanted else -1
    for place in range(draw(st.integers(turn + 1, MOST_STEPS))):
        account.today += timedelta(days=draw(days_between))
        names = [name for name, step in STEPS.items() if name not in never and step.may_happen(account)]
        if place == turn:
            names = [name for name in names if name in wanted] or names
        name = draw(st.sampled_from(names))
        take(account, name, {argument: draw(values) for argument, values in _drawn_with(name, in_time).items()})
        if in_time or draw(_rarely(True, False)):
            account.return_all(closing=draw(st.booleans()))
    account.time_passes(draw(st.sampled_from([2, 0, 1, 12]) | st.integers(0, 14)))
    funds = draw(_rarely(None, "other") | st.none())
    other = None if funds is None else draw(st.sampled_from(["unlimited", "none"]) | balances())
    return account.facts(draw(courses()), other)


def _drawn_with(name: str, in_time: bool) -> dict[str, st.SearchStrategy[Any]]:
    never = {argument: st.just(0) for argument in _DAYS_LATE if in_time}
    return {argument: never.get(argument, values) for argument, values in STEPS[name].drawn.items()}


def take(account: Account, name: str, drawn: Mapping[str, Any]) -> None:
    """Takes one of the steps."""
    STEPS[name].happens(account, **drawn)


# Apprentices who compete for one balance


_rival = st.tuples(
    learner(0, True, ends=None, completed=None),
    st.sampled_from(PROVIDERS),
    st.integers(0, 3),
    st.sampled_from([0, 0, 0, 0, 1, 2, 3]),
)
"""An apprentice, the provider, days from the approval to the start, and the explicit priority, if there is one."""


@st.composite
def rivals(draw: st.DrawFn) -> Facts:
    """Apprentices who are paid from one account with given balances, whom nobody owes anything.

    Each provider returns everything once, with evidence of what the employers have paid, so that nothing is taken
    back or held back.
    """
    drawn = draw(st.lists(_rival, min_size=2, max_size=MOST_APPRENTICES))
    found = [
        {**one, "LearnRefNumber": f"L{number + 1}", "ULN": FIRST_ULN + number}
        for number, (one, _, _, _) in enumerate(drawn)
    ]
    ukprns = [ukprn for _, ukprn, _, _ in drawn]
    agreements = [agreement_of(number, one) | {"ukprn": ukprns[number]} for number, one in enumerate(found)]
    for agreement, (_, _, days, priority) in zip(agreements, drawn, strict=True):
        agreement["approved"] = iso(date.fromisoformat(agreement["start"]) - timedelta(days=days))
        if priority:
            agreement["priority"] = priority
    starts = sorted(month_of(date.fromisoformat(aim_of(one)["LearnStartDate"])) for one in found)
    returned = draw(st.sampled_from([starts[-1], starts[0]]))
    own_order = draw(st.just([]) | st.permutations(PROVIDERS[:2]))
    employer = {"id": EMPLOYER, "identifier": EMPLOYER_NUMBER, "levy_payer": True, "levy_funds": draw(balances())}
    band = draw(st.sampled_from(BANDS[::-1]))
    return {
        "courses": [{"id": "std-50", "standard_code": 50, "funding_bands": [{"from": "2017-05-01", "maximum": band}]}],
        "employers": [{**employer, "provider_priority": list(own_order)}],
        "agreements": agreements,
        "submissions": [
            {
                "collection": str(collection_of(returned)),
                "ukprn": ukprn,
                "learners": [one for one, mine in zip(found, ukprns, strict=True) if mine == ukprn],
            }
            for ukprn in sorted(set(ukprns))
        ],
        "through": str(collection_of(returned + draw(st.integers(0, 4)))),
    }


# Walking from step to step


def walk_account(seen: Callable[[Facts], None]) -> type[RuleBasedStateMachine]:
    """A machine that takes one account from step to step and shows after each what is known.

    :param seen: what is done with it
    """
    return type("OneAccount", (_OneAccount,), {"seen": staticmethod(seen)})


class _OneAccount(RuleBasedStateMachine):
    """One account with its apprentices. :func:`_rule_of` makes a rule of every step, some days after the one before."""

    account: Account | None = None
    is_news = False
    seen: Callable[[Facts], None]
    courses_given: list[dict[str, Any]]

    @initialize(account=openings(), courses=courses())
    def begins(self, account: Account, courses: list[dict[str, Any]]) -> None:
        self.account, self.courses_given = deepcopy(account), courses
        self.is_news = True

    @invariant()
    def shows_what_is_known(self) -> None:
        if self.account is not None and self.is_news:
            self.is_news = False
            self.seen(self.account.facts(self.courses_given))


def _rule_of(name: str, step: Step) -> Callable[..., None]:
    def happens(self: _OneAccount, days: int, is_returned: bool, **drawn: Any) -> None:
        assert self.account is not None
        self.account.today += timedelta(days=days)
        step.happens(self.account, **drawn)
        if is_returned:
            self.account.return_all(closing=False)
        self.is_news = True

    def may_happen(self: _OneAccount) -> bool:
        return self.account is not None and step.may_happen(self.account)

    happens.__name__ = name
    drawn: dict[str, Any] = {"days": days_between, "is_returned": _rarely(True, False), **step.drawn}
    as_rule: Callable[[Callable[..., None]], Callable[..., None]] = rule(**drawn)
    return precondition(may_happen)(as_rule(happens))


for _name, _step_of_name in STEPS.items():
    setattr(_OneAccount, _name, _rule_of(_name, _step_of_name))
