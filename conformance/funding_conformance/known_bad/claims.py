"""Mistakes with claims on the Earnings Adjustment Statement (GUIDE-121 to 123)."""

from __future__ import annotations

from collections.abc import Sequence

from funding_reference.answers import Payment
from funding_reference.money import NOTHING, Money
from funding_reference.provider_claims import goes_above_the_maximum, paid_claims
from funding_reference.records import ProviderClaim
from funding_reference.rules import Rules

from funding_conformance.known_bad import replacing


def never_taken_back(claims: Sequence[ProviderClaim]) -> tuple[Payment, ...]:
    """Pays claims but never takes one back. Breaks: GUIDE-121."""
    return paid_claims([claim for claim in claims if claim.amount > 0])


def excess_alone(claims: Sequence[ProviderClaim]) -> tuple[Payment, ...]:
    """Pays only excess learning support, and no other claim. Breaks: RULES-56, GUIDE-121."""
    return paid_claims([claim for claim in claims if "excess" in claim.claim])


def first_claim_only(claims: Sequence[ProviderClaim]) -> tuple[Payment, ...]:
    """Pays one claim for each provider. Breaks: GUIDE-121, GUIDE-122, RULES-56."""
    return paid_claims(claims[:1])


def every_claim_is_excess(claim: ProviderClaim) -> bool:
    """Counts exceptional learning support towards the maximum of the excess. Breaks: GUIDE-123."""
    return True


def monthly_rate_left_out(rules: Rules, before: Money, claim: ProviderClaim) -> bool:
    """Counts claims against the maximum without the monthly rate. Breaks: RULES-58."""
    return goes_above_the_maximum(rules, max(NOTHING, before - 1800), claim)


def at_the_maximum(rules: Rules, before: Money, claim: ProviderClaim) -> bool:
    """Finds 19,000 itself too much. Breaks: GUIDE-123, RULES-58."""
    most: Money = rules.value("learning_support_before_exceptional", claim.collection.first_month.first_day)
    return before < most <= before + claim.amount


def never_above(rules: Rules, before: Money, claim: ProviderClaim) -> bool:
    """Knows no maximum. Breaks: GUIDE-123, RULES-58."""
    return False


KNOWN_BAD = {
    "claims-never-taken-back": replacing(paid_claims=never_taken_back),
    "claims-of-excess-only": replacing(paid_claims=excess_alone),
    "claims-first-only": replacing(paid_claims=first_claim_only),
    "claims-all-excess": replacing(is_excess_support=every_claim_is_excess),
    "claims-without-monthly-rate": replacing(goes_above_the_maximum=monthly_rate_left_out),
    "claims-maximum-excluded": replacing(goes_above_the_maximum=at_the_maximum),
    "claims-without-maximum": replacing(goes_above_the_maximum=never_above),
}
