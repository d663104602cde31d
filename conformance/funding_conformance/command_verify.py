"""``funding-kit verify``: whether a certificate is valid, and if not, why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from funding_spec.errors import FundingError
from funding_spec.wording import in_words

from funding_conformance import certificate as certificates
from funding_conformance.adapters import Access, AdapterError, Limits, is_address, open_session
from funding_conformance.adapters.bearer import given_token
from funding_conformance.adapters.conversation import CannotStart
from funding_conformance.canonical import canonical, read_limited
from funding_conformance.certificate import Refused, Verified, verified
from funding_conformance.command_run import ADAPTER_UNUSABLE, Plan, asked_and_judged
from funding_conformance.errata import load_errata
from funding_conformance.fresh import drawn_for
from funding_conformance.keys import public_key_in
from funding_conformance.properties.search import REMEMBERED
from funding_conformance.protocol import ProtocolFault
from funding_conformance.reports.differences import printable
from funding_conformance.reports.terminal import wrapped
from funding_conformance.run import Result, chosen
from funding_conformance.runfile import LARGEST
from funding_conformance.scenarios import examples_folder, load_folder, without_repeats
from funding_conformance.statement import reveal_of, says_of

NOT_VALID = 1


def verify_command(
    certificate: Path, run_file: Path, public_key: Path, errata: Path | None, implementation: str | None, timeout: float
) -> int:
    """Says whether a certificate is valid and returns the exit code."""
    key = public_key_in(public_key)
    withdrawn = load_errata(errata) if errata else None
    content = read_limited(certificate, certificates.LARGEST)
    run_content = read_limited(run_file, LARGEST)
    today = datetime.now(UTC).date()
    try:
        found = verified(content, run_content, str(run_file), key, withdrawn, today)
        if implementation:
            _asked_again(found, implementation, timeout)
    except (AdapterError, CannotStart, ProtocolFault) as error:
        click.echo(f"The implementation cannot be asked.\n{error}", err=True)
        return ADAPTER_UNUSABLE
    except FundingError as error:
        click.echo(f"Not valid: {printable(error)}", err=True)
        return NOT_VALID
    for line in _said(found, bool(withdrawn), bool(implementation)):
        for part in wrapped(line):
            click.echo(part)
    return 0


def _asked_again(found: Verified, implementation: str, timeout: float) -> None:
    """Asks an implementation everything that the certified run asked.

    :raises Refused: it is not the one that was certified, or does not conform
    """
    header = found.run.header
    rulebook = header["rulebook"]
    examples, profiles, seed = load_folder(examples_folder()), (found.claims.profile,), header["seed"]
    scenarios = tuple(chosen(without_repeats(examples), rulebook, None))
    fresh = drawn_for(profiles, rulebook, examples, seed, header["fresh"]["asked"])
    tries = min(header["tries"], REMEMBERED)
    plan = Plan(implementation, profiles, rulebook, scenarios, fresh, seed, tries, timeout)
    access = Access(given_token(None)) if is_address(implementation) else Access()
    session = open_session(implementation, (rulebook,), Limits(timeout), access=access)
    try:
        with TemporaryDirectory() as folder:
            run = asked_and_judged(session, plan, Path(folder))
    finally:
        session.close()
    if canonical(run.header["declaration"]) != canonical(header["declaration"]):
        raise Refused("The implementation declares something else than the one that was certified.")
    if run.result is not Result.CONFORMANT:
        failed = [case.id for case in run.failures]
        why = f"{failed[0]} and {len(failed) - 1} more did not pass" if len(failed) > 1 else "".join(failed)
        raise Refused(f"Asked again, the implementation is {run.result.value}: {why or run.gave_up or run.faults}.")


def _said(found: Verified, errata: bool, asked: bool) -> list[str]:
    claims, run = found.claims, found.run
    judged = next(judgement for judgement in run.judgements if judgement.profile == claims.profile)
    answers = sum(len(case.tried["answers"]) if case.tried else case.answer is not None for case in run.cases)
    reveal = reveal_of(run.header["rulebook"], claims)
    return [
        f"Valid: {claims.product} {claims.version} conforms to {claims.profile}, rulebook {run.header['rulebook']},",
        f"  from {in_words(claims.valid_from)} until {in_words(claims.valid_until)}.",
        f"Build: {claims.build}",
        f"Key: {found.key}",
        f"Clauses met: {len(judged.met)}. Answers judged again: {answers:,}. Restarts: {run.restarts}.",
        "Errata: looked up, nothing withdrawn." if errata else "Errata: none given, so none looked up.",
        "The implementation was asked everything again." if asked else "The implementation was not asked again.",
        f"Fresh cases drawn again: {run.header['fresh']['drawn']:,}, from the seed {reveal.seed}.",
        *([f"Compare with what {claims.witness} published:", f"  {reveal.commitment}"] if claims.witness else []),
        *says_of(reveal, run.header["declaration"]["omits"]),
    ]
