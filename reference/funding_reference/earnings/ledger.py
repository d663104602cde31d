"""What an apprentice has earned so far, exactly: the ground on which each new price and each restart stands."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from funding_reference.apprenticeship import Programme
from funding_reference.calendar import Month, month_of, months_between
from funding_reference.money import Money, total

OF_THE_PRICE = ("on_programme", "completion", "balancing")
OF_THE_UPLIFT = ("framework_uplift_on_programme", "framework_uplift_completion", "framework_uplift_balancing")


@frozen
class Entry:
    """An amount earned, before it was rounded, in one month or in several that follow each other.

    :param course: the id of the course; None if it is not known, which goes for any
    :param apprenticeship: what the courses of one apprenticeship share; None likewise
    :param month: the first month
    :param pounds: what each month earned
    :param aim: the start of the aim; None if it is not known
    :param began: the first start of the apprenticeship; None likewise
    :param learner: the LearnRefNumber; None likewise
    :param months: how many months
    """

    ukprn: int
    course: str | None
    apprenticeship: tuple[int | None, ...] | None
    type: str
    month: Month
    pounds: Money
    aim: date | None = None
    began: date | None = None
    learner: str | None = None
    months: int = 1

    @property
    def ends(self) -> Month:
        """The last month."""
        return self.month + (self.months - 1)

    def up_to(self, month: Month) -> Money:
        """What was earned up to a month, that month included."""
        counted = min(self.months, int(month) - int(self.month) + 1)
        return self.pounds if counted == 1 else self.pounds * counted

    def __str__(self) -> str:
        return f"{self.type.replace('_', ' ')} {self.month}"


class Ledger:
    """Everything one apprentice has earned, in the order in which it was earned.

    :param settled: what is earned before the calculation begins, and does not change any more
    """

    def __init__(self, settled: tuple[Entry, ...]) -> None:
        self.entries = list(settled)

    def __str__(self) -> str:
        return "what was earned before"

    def enter(self, programme: Programme, type: str, month: Month, pounds: Money, months: int = 1) -> Entry:
        """Enters what a month earned, or each of several that follow each other."""
        course = programme.course
        entry = Entry(
            programme.ukprn,
            course.id,
            course.apprenticeship,
            type,
            month,
            pounds,
            programme.start,
            programme.first_start,
            programme.learner.LearnRefNumber,
            months,
        )
        self.entries.append(entry)
        return entry

    def earned_of_price(self, programme: Programme, month: Month) -> tuple[Money, Money]:
        """What has been earned of the price for the same course and pathway: by this provider, and by all together.

        :param month: the month that is being worked out; nothing later counts

        Clauses: GUIDE-129, GUIDE-143, GUIDE-144, GUIDE-165, GUIDE-171, READ-16, READ-18.
        """
        here: list[Money] = []
        elsewhere: list[Money] = []
        for entry in self._of_price(programme, month):
            (here if entry.ukprn == programme.ukprn else elsewhere).append(entry.up_to(month))
        by_this_provider = total(here)
        return by_this_provider, sum(elsewhere, by_this_provider)

    def since_the_aim_began(self, programme: Programme, month: Month) -> list[tuple[Month, Money]]:
        """What this provider has earned of it month by month, without what another aim earned before this one began.

        Clauses: READ-17, READ-42.
        """
        began = month_of(programme.start)
        return [
            (earned_in, entry.pounds)
            for entry in self._of_price(programme, month)
            if entry.ukprn == programme.ukprn
            for earned_in in months_between(entry.month, min(entry.ends, month))
            if earned_in > began or entry.aim == programme.start
        ]

    def of_uplift(self, programme: Programme, month: Month) -> Money:
        """What has been earned anywhere of the framework uplift of the same apprenticeship, whatever the pathway.

        Clauses: GUIDE-140, GUIDE-142, GUIDE-166, GUIDE-173, READ-33.
        """
        return total([entry.up_to(month) for entry in self._of_apprenticeship(programme, OF_THE_UPLIFT, month)])

    def has_earned(self, programme: Programme, type: str, month: Month) -> bool:
        """Whether this apprenticeship has already earned a payment of one type."""
        return bool(self._of_apprenticeship(programme, (type,), month))

    def _of_price(self, programme: Programme, month: Month) -> list[Entry]:
        known = self._known(programme, OF_THE_PRICE, month)
        return [entry for entry in known if entry.course in (None, programme.course.id)]

    def _of_apprenticeship(self, programme: Programme, types: tuple[str, ...], month: Month) -> list[Entry]:
        known = self._known(programme, types, month)
        return [entry for entry in known if entry.apprenticeship in (None, programme.course.apprenticeship)]

    def _known(self, programme: Programme, types: tuple[str, ...], month: Month) -> list[Entry]:
        return [
            entry
            for entry in self.entries
            if entry.type in types and entry.month <= month and not _is_of_an_earlier(programme, entry)
        ]


def is_outstanding(ledger: Ledger, programme: Programme, type: str, month: Month) -> bool:
    """Whether a payment that is made once has not been earned yet, with whichever provider.

    Clauses: GUIDE-136, GUIDE-167, GUIDE-170, READ-79.
    """
    return not ledger.has_earned(programme, type, month)


def _is_of_an_earlier(programme: Programme, entry: Entry) -> bool:
    """Whether an entry is of an apprenticeship on the same course that was completed before this one began.

    Clauses: GUIDE-163.
    """
    if programme.after is None:
        return False
    return entry.month.first_day <= programme.after if entry.began is None else entry.began <= programme.after
