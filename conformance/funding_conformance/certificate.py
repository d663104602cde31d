"""Certificates: a conformant run, signed by the vendor, that anybody can check again.

Making one and checking one ask the same of a run: that it is complete and conformant, that it was made with this kit,
and that every answer it keeps comes to the same verdict when it is judged again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from attrs import frozen
from funding_spec.errors import FundingError
from funding_spec.wording import in_words
from securesystemslib.signer import CryptoSigner, SSlibKey

from funding_conformance import KIT_VERSION, USUAL_CASES, USUAL_TRIES
from funding_conformance.canonical import digest_of
from funding_conformance.envelope import opened, sealed
from funding_conformance.errata import Errata
from funding_conformance.kit_digest import kit_digest
from funding_conformance.profiles import profile_named
from funding_conformance.run import Result, Run, belongs
from funding_conformance.runfile import RunFile, parse_run_file
from funding_conformance.second_look import run_again
from funding_conformance.statement import (
    Claims,
    claims_in,
    digests_in,
    first_difference,
    reveal_of,
    statement_of,
)

LARGEST: Final = 4 * 1024 * 1024
"""Bytes that no certificate exceeds."""
FEWEST_TRIES: Final = USUAL_TRIES
FEWEST_FRESH: Final = USUAL_CASES
MOST_FRESH: Final = 5_000
"""More would keep whoever checks a certificate waiting, for all of them are drawn again."""


class Refused(FundingError):
    """A run cannot be certified, or a certificate is not valid; says why."""


@frozen
class Verified:
    """A certificate that was found valid, with the run that it is about."""

    claims: Claims
    run: Run
    key: str


def certified(content: bytes, name: str, claims: Claims, signer: CryptoSigner) -> bytes:
    """The certificate of a run, as the bytes of a file.

    :param content: of the run file
    :param name: of the run file, for messages
    :raises FundingError: the run is not complete and conformant, was changed, or was made with another kit
    """
    run_file = parse_run_file(content, name)
    run = conformant_run(run_file, claims.checked())
    return sealed(statement_of(run, run_file.digest, claims), signer)


def verified(
    certificate: bytes, run_content: bytes, name: str, key: SSlibKey, errata: Errata | None, today: date
) -> Verified:
    """A certificate, once it is found valid on a day.

    :param name: of the run file, for messages
    :raises FundingError: it is not valid, with the first reason that was found
    """
    statement = opened(certificate, key)
    claims = claims_in(statement)
    _holds_on(claims, today)
    said = digests_in(statement)
    if errata:
        _not_withdrawn(errata.certificates, digest_of(certificate), "This certificate")
        _not_withdrawn(errata.keys, key.keyid, "The key that it is signed with")
        _not_withdrawn(errata.case_lists, said.get("case-list", ""), "The case list that was asked")
    _same_kit(said.get("kit"), "The certificate")
    if said.get("run") != digest_of(run_content):
        raise Refused("The run file is not the one that was certified: its digest differs.", file=name)
    run = conformant_run(parse_run_file(run_content, name), claims)
    again = statement_of(run, digest_of(run_content), claims)
    if place := first_difference(statement, again):
        raise Refused("The certificate does not say what the run file comes to.", path=place)
    return Verified(claims, run, key.keyid)


def _holds_on(claims: Claims, today: date) -> None:
    if today < claims.valid_from:
        raise Refused(f"It is valid from {in_words(claims.valid_from)} only.")
    if today > claims.valid_until:
        raise Refused(f"It expired: it was valid until {in_words(claims.valid_until)}.")


def _not_withdrawn(reasons: Mapping[str, str], name: str, what: str) -> None:
    if name in reasons:
        raise Refused(f"{what} was withdrawn: {reasons[name]}")


def _same_kit(digest: object, what: str) -> None:
    if digest != kit_digest():
        raise Refused(
            f"{what} was made with another kit than this one (version {KIT_VERSION}, {kit_digest()}). "
            "Use the version it was made with."
        )


def conformant_run(run_file: RunFile, claims: Claims) -> Run:
    """A run that may be certified under these claims, judged again from its answers.

    :raises FundingError: it may not, with the reason
    """
    header, footer = run_file.header, run_file.footer
    if header.get("kit") != KIT_VERSION:
        raise Refused(f"The run was made with version {header.get('kit')} of the kit; this is {KIT_VERSION}.")
    _same_kit(header.get("kit_digest"), "The run")
    if "baseline" in header:
        raise Refused("The run used a baseline. Known failures are no part of a certificate.")
    if "gave_up" in footer:
        raise Refused(f"The implementation was unstable, and the run ended early: {footer['gave_up']}")
    if header.get("case_list") != header.get("frozen_list"):
        raise Refused(
            "The run did not ask the worked examples of the frozen list, all of them and no others. "
            "Leave out --only and --scenarios."
        )
    tries = header.get("tries")
    if not isinstance(tries, int) or tries < FEWEST_TRIES:
        raise Refused(f"Each property must be tried on {FEWEST_TRIES} questions or more; in this run: {tries}.")
    _drew_enough(header)
    _ended_conformant(footer, claims.profile)
    try:
        run = run_again(run_file)
    except RecursionError:
        raise Refused("The run file is nested too deeply.") from None
    if run.result is not Result.CONFORMANT:
        raise Refused(f"Judged again, the run ends {run.result.value}.")
    _asked_enough(run, claims.profile)
    _drawn_from_its_own_seed(run.header, claims)
    return run


def _drew_enough(header: Mapping[str, Any]) -> None:
    fresh = header.get("fresh")
    asked = fresh.get("asked") if isinstance(fresh, dict) else None
    if not isinstance(asked, int) or asked < FEWEST_FRESH:
        raise Refused(f"There must be {FEWEST_FRESH} fresh cases or more; in this run: {asked}.")
    if asked > MOST_FRESH:
        raise Refused(f"A certificate rests on {MOST_FRESH:,} fresh cases at most; in this run: {asked:,}.")


def _asked_enough(run: Run, profile: str) -> None:
    """Of those that were drawn, cases of other profiles and what was not declared say nothing about this profile."""
    judged = profile_named(profile)
    asked = sum(case.kind == "fresh" and judged is not None and belongs(case, judged) for case in run.cases)
    if asked < FEWEST_FRESH:
        raise Refused(
            f"There must be {FEWEST_FRESH} fresh cases or more for {profile}; in this run: {asked}. "
            f"Run it with --profile {profile}, so that all are about it."
        )


def _drawn_from_its_own_seed(header: Mapping[str, Any], claims: Claims) -> None:
    seed = reveal_of(header["rulebook"], claims).seed
    if header["seed"] != seed:
        raise Refused(
            f"The run was drawn from the seed {header['seed']}. Build, kit, case list, nonce and witness make another: "
            f"run it with --seed {seed} once the build is fixed."
        )


def _ended_conformant(footer: dict[str, object], profile: str) -> None:
    profiles = footer.get("profiles")
    found = [judged for judged in profiles if isinstance(judged, dict)] if isinstance(profiles, list) else []
    of_profile = next((judged for judged in found if judged.get("profile") == profile), None)
    if of_profile is None:
        raise Refused(f"The run was not judged for the profile {profile}.")
    if of_profile.get("verdict") != "conformant":
        raise Refused(f"The run is {of_profile.get('verdict')} for {profile}: {of_profile.get('reason')}")
    if footer.get("verdict") != "conformant":
        others = ", ".join(str(judged.get("profile")) for judged in found if judged.get("verdict") != "conformant")
        raise Refused(
            f"The run as a whole ended {footer.get('verdict')}{f', for {others}' if others else ''}. "
            f"Run it with --profile {profile} to be judged for that alone."
        )
