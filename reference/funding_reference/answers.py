"""What is answered: earnings, payments and findings as rows, and how they are written on the wire."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from attrs import asdict, frozen

from funding_reference.calendar import Collection, Month
from funding_reference.earnings import Earning
from funding_reference.levy_account import AccountMonth, Movement
from funding_reference.money import Amount, plain
from funding_reference.records import SOURCES, TYPES


@frozen
class Payment:
    """One amount moved after a collection; below zero it is a refund.

    :param employer: whose funds or share it is
    :param month: the month of delivery that it pays for; None for a claim of the provider
    :param sender: of a transfer, the employer who pays
    :param claim: of a claim on the Earnings Adjustment Statement, its kind
    :param amount: pounds, five decimals
    """

    collection: Collection
    ukprn: int
    uln: int | None
    learner: str | None
    type: str
    source: str
    amount: Amount
    month: Month | None = None
    aim: int | None = None
    contract_type: int | None = None
    employer: str | None = None
    claim: str | None = None
    sender: str | None = None


@frozen
class MatchRow:
    """The match of a price episode in a month; a type of its own where that differs from the instalments.

    :param agreement: the one that matched, or None
    :param errors: DLOCK codes; none if it matched, or needed no match
    """

    ukprn: int
    uln: int
    learner: str
    aim: int
    price_episode: date
    month: Month
    agreement: str | None
    errors: tuple[str, ...]
    type: str | None = None


@frozen
class PriorityRow:
    """The order in which the apprenticeships of an account are paid in a run."""

    employer: str
    collection: Collection
    agreements: tuple[str, ...]


@frozen
class Finding:
    """Something against the funding rules that an answer is given in spite of.

    :param path: the place in the learner's record
    """

    ukprn: int
    uln: int | None
    learner: str | None
    aim: int | None
    rule: str
    path: str


@frozen
class FundsRow:
    """What happened to the funds of a derived account, for its statement; implementations are not asked it."""

    employer: str
    movement: Movement


@frozen
class Answer:
    """The rows of an answer, in a fixed order."""

    earnings: tuple[Earning, ...] = ()
    payments: tuple[Payment, ...] = ()
    findings: tuple[Finding, ...] = ()
    levy_accounts: tuple[AccountMonth, ...] = ()
    priority: tuple[PriorityRow, ...] = ()
    matches: tuple[MatchRow, ...] = ()
    funds: tuple[FundsRow, ...] = ()

    def as_json(self, wants: tuple[str, ...]) -> dict[str, Any]:
        """The rows asked for, as the protocol writes them."""
        written: dict[str, list[dict[str, Any]]] = {
            "earnings": [earning_as_json(row) for row in self.earnings],
            "payments": [payment_as_json(row) for row in self.payments],
            "findings": [finding_as_json(row) for row in self.findings],
            "levy_accounts": [account_as_json(row) for row in self.levy_accounts],
            "priority": [priority_as_json(row) for row in self.priority],
            "matches": [match_as_json(row) for row in self.matches],
            "funds": [funds_as_json(row) for row in self.funds],
        }
        return {want: written[want] for want in wants}


def earning_as_json(row: Earning) -> dict[str, Any]:
    """An earning as the protocol writes it."""
    return _without_nothing(
        ukprn=row.ukprn,
        uln=row.uln,
        learner=row.learner,
        aim=row.aim,
        price_episode=row.price_episode.isoformat() if row.price_episode else None,
        contract_type=row.contract_type,
        type=row.type,
        month=str(row.month),
        amount=plain(row.amount),
    )


def payment_as_json(row: Payment) -> dict[str, Any]:
    """A payment as the protocol writes it."""
    return _without_nothing(
        collection=str(row.collection),
        ukprn=row.ukprn,
        uln=row.uln,
        learner=row.learner,
        aim=row.aim,
        contract_type=row.contract_type,
        employer=row.employer,
        sender=row.sender,
        type=row.type,
        claim=row.claim,
        month=str(row.month) if row.month else None,
        source=row.source,
        amount=plain(row.amount),
    )


def account_as_json(row: AccountMonth) -> dict[str, Any]:
    """A month of an account as the protocol writes it."""
    columns = {name: plain(value) for name, value in asdict(row).items() if name not in ("employer", "month")}
    return {"employer": row.employer, "month": str(row.month), **columns}


def priority_as_json(row: PriorityRow) -> dict[str, Any]:
    """An order of payment as the protocol writes it."""
    return {"employer": row.employer, "collection": str(row.collection), "agreements": list(row.agreements)}


def match_as_json(row: MatchRow) -> dict[str, Any]:
    """A match as the protocol writes it."""
    return _without_nothing(
        ukprn=row.ukprn,
        uln=row.uln,
        learner=row.learner,
        aim=row.aim,
        price_episode=row.price_episode.isoformat(),
        month=str(row.month),
        type=row.type,
        agreement=row.agreement,
        errors=list(row.errors),
    )


def funds_as_json(row: FundsRow) -> dict[str, Any]:
    """What happened to funds as plain data: in which month, to funds of which month, what, and for what."""
    moved = row.movement
    return {
        "employer": row.employer,
        "month": str(moved.month),
        "entered": str(moved.entered),
        "what": moved.what,
        "amount": plain(moved.amount),
        "purpose": moved.purpose,
    }


def finding_as_json(row: Finding) -> dict[str, Any]:
    """A finding as the protocol writes it."""
    return _without_nothing(**asdict(row))


def _without_nothing(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


_PAID_TYPES: Final = (*TYPES, "provider_claim")


def earnings_in_order(rows: list[Earning]) -> tuple[Earning, ...]:
    """Earnings by provider, apprentice, aim, type and month."""
    return tuple(sorted(rows, key=lambda row: (row.ukprn, row.learner, row.aim, TYPES.index(row.type), row.month)))


def payments_in_order(rows: list[Payment]) -> tuple[Payment, ...]:
    """Payments in the order of the runs, then by provider, apprentice, month, type and source."""
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                row.collection.place_in_time, row.ukprn, row.learner or "", row.month.number if row.month else 0,
                _PAID_TYPES.index(row.type), SOURCES.index(row.source), row.employer or "", row.contract_type or 0,
            ),
        )
    )  # fmt: skip
