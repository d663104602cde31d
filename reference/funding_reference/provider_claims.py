"""What a provider claims beside its returns, on the Earnings Adjustment Statement (GUIDE-121 to 123)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from funding_reference.answers import Finding, Payment
from funding_reference.calendar import Collection
from funding_reference.earnings import Earning
from funding_reference.money import Money, exactly, rounded
from funding_reference.records import ProviderClaim

if TYPE_CHECKING:
    from funding_reference.rules import Rules


def paid_claims(claims: Sequence[ProviderClaim]) -> tuple[Payment, ...]:
    """Every claim as a payment: each is paid as it stands, by the government alone.

    Clauses: GUIDE-121, GUIDE-122, RULES-56.
    """
    return tuple(
        Payment(
            collection=claim.collection,
            ukprn=claim.ukprn,
            uln=claim.uln,
            learner=claim.learner,
            type="provider_claim",
            claim=claim.claim,
            source="government",
            amount=rounded(claim.amount),
        )
        for claim in claims
    )


def findings_of_claims(
    rules: Rules,
    claims: Sequence[ProviderClaim],
    earned: Sequence[Earning],
    is_known: Callable[[Collection], bool],
) -> Iterator[Finding]:
    """EXCEPTIONAL-LEARNING-SUPPORT: more learning support in a funding year than can be claimed as excess.

    The monthly rate and the excess claims count together, for each apprentice; claims that do not say whose they are
    count as one apprentice's. The finding stands at the claim that goes above.

    :param is_known: whether a collection has been run; later claims do not count yet

    Clauses: GUIDE-123, RULES-58.
    """
    ulns = {(row.ukprn, row.learner): row.uln for row in earned}
    so_far: dict[tuple[int, int | str | None, int], Money] = defaultdict(Money)
    for row in earned:
        if row.type == "learning_support":
            so_far[row.ukprn, row.uln, row.month.funding_year] += exactly(row.amount)
    for number, claim in sorted(enumerate(claims), key=lambda numbered: numbered[1].collection):
        if not is_known(claim.collection) or not rules.is_excess_support(claim):
            continue
        person = claim.uln if claim.learner is None else ulns.get((claim.ukprn, claim.learner), claim.learner)
        whose = claim.ukprn, person, claim.collection.funding_year
        if rules.goes_above_the_maximum(rules, so_far[whose], claim):
            yield Finding(
                ukprn=claim.ukprn,
                uln=claim.uln,
                learner=claim.learner,
                aim=None,
                rule="EXCEPTIONAL-LEARNING-SUPPORT",
                path=f"provider_claims[{number}]",
            )
        so_far[whose] += claim.amount


def goes_above_the_maximum(rules: Rules, before: Money, claim: ProviderClaim) -> bool:
    """Whether a claim takes the learning support of a funding year above the maximum, and is the first to do so.

    :param before: the monthly rate of the year and the excess claimed before, in pounds

    Clauses: GUIDE-123, RULES-58.
    """
    most: Money = rules.value("learning_support_before_exceptional", claim.collection.first_month.first_day)
    return before <= most < before + claim.amount


def is_excess_support(claim: ProviderClaim) -> bool:
    """Whether a claim is for excess learning support, the statement's name for costs above the monthly rate.

    Clauses: GUIDE-121, GUIDE-122.
    """
    return "excess" in claim.claim.lower()
