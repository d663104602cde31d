"""What comes before what in a run, and the order in which an account pays its apprenticeships (GUIDE-76 to 94)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from funding_reference.calendar import Collection
from funding_reference.records import Agreement, Employer

REFUNDS: Final = "refunds"
TRANSFERS: Final = "transfers"
PAYMENTS: Final = "payments"
REMAINDERS: Final = "remainders of transfers"
MOVES: Final = (REFUNDS, TRANSFERS, PAYMENTS, REMAINDERS)
"""What is moved in a run."""


def turn_of(what: str) -> int:
    """Refunds come first, so that what they give back can be spent; then transfers to others; then payments.

    What a transfer leaves to pay is paid among the other payments.

    :param what: one of :data:`MOVES`

    Clauses: GUIDE-76, READ-51, READ-56, READ-62, READ-63.
    """
    return MOVES.index(PAYMENTS if what == REMAINDERS else what)


def payment_order(agreements: Sequence[Agreement], provider_order: Sequence[int]) -> list[Agreement]:
    """An employer's agreements, first to be paid first.

    By default providers stand in the order of their first approval, then apprentices by their approval and their ULN.
    The employer's own order of providers replaces the default for those it names. Explicit priorities beat both, and
    equal ones stand in the default order.

    :param agreements: those of one employer
    :param provider_order: UKPRNs in the employer's own order; empty for the default

    Clauses: GUIDE-78, GUIDE-79, GUIDE-81, GUIDE-82, GUIDE-83, READ-56, READ-75.
    """
    first_approval: dict[int, date] = {}
    for agreement in agreements:
        earlier = first_approval.get(agreement.ukprn, agreement.approved_on)
        first_approval[agreement.ukprn] = min(earlier, agreement.approved_on)
    named = {ukprn: place for place, ukprn in enumerate(provider_order)}

    def place(agreement: Agreement) -> tuple[object, ...]:
        explicit = agreement.priority is not None
        return (
            not explicit,
            agreement.priority if explicit else named.get(agreement.ukprn, len(named)),
            first_approval[agreement.ukprn],
            agreement.ukprn,
            agreement.approved_on,
            agreement.uln,
            agreement.id,
        )

    return sorted(agreements, key=place)


def provider_order(employer: Employer, run: Collection) -> tuple[int, ...]:
    """The employer's own order of providers when a run is made: the last change up to it, or the first order.

    :returns: UKPRNs; none for the default order

    Clauses: GUIDE-81, GUIDE-93, READ-75.
    """
    changes = [change for change in employer.priority_changes if change.from_ <= run]
    return max(changes, key=lambda change: change.from_).order if changes else employer.provider_priority


def is_listed(agreement: Agreement, run: Collection) -> bool:
    """Whether an agreement had been approved by the last day of a run's delivery month.

    Clauses: GUIDE-78, GUIDE-93, READ-75.
    """
    return agreement.approved_on <= run.delivery_month.census
