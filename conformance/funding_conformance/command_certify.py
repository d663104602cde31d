"""``funding-kit make-keys`` and ``funding-kit certify``: a pair of keys, and a signed certificate of a run."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from funding_spec.errors import FundingError
from funding_spec.wording import in_words

from funding_conformance.canonical import digest_of_file, read_limited
from funding_conformance.certificate import certified
from funding_conformance.keys import PRIVATE, PUBLIC, make_keys, signer_in
from funding_conformance.profiles import PROFILES, profile_named
from funding_conformance.reports.differences import printable
from funding_conformance.run import RunError
from funding_conformance.runfile import LARGEST
from funding_conformance.statement import DIGEST, SAYS, Claims
from funding_conformance.writing import CannotWrite, write_whole

REFUSED = 1


def make_keys_command(folder: Path) -> int:
    """Makes the keys and says what to do with them."""
    key = make_keys(folder)
    click.echo(f"Key {key.keyid}")
    click.echo(f"Give away: {folder / PUBLIC}")
    click.echo(f"Keep to yourself: {folder / PRIVATE}")
    return 0


def certify_command(
    run_file: Path,
    key: Path,
    product: str,
    version: str,
    build: str,
    adapter: str,
    profile: str,
    out: Path,
    valid_days: int,
) -> int:
    """Writes the certificate, or says why there is none."""
    if profile_named(profile) is None:
        known = ", ".join(profile.name for profile in PROFILES)
        raise RunError(f"There is no profile {profile}. Known: {known}.", path="--profile")
    signer = signer_in(key)
    if any(out.exists() and file.exists() and out.samefile(file) for file in (key, run_file)):
        raise CannotWrite("The certificate must have a file of its own.", file=str(out))
    content = read_limited(run_file, LARGEST)
    today = datetime.now(UTC).date()
    until = today + timedelta(days=valid_days - 1)
    claims = Claims(
        product, version, _digest(build), _digest(adapter), profile, today, until, secrets.token_hex(32)
    ).checked()
    try:
        certificate = certified(content, str(run_file), claims, signer)
    except FundingError as error:
        click.echo(f"No certificate: {printable(error)}", err=True)
        return REFUSED
    write_whole(out, [certificate])
    click.echo(f"Certificate of {product} {version}, profile {profile}, valid until {in_words(until)}: {out}")
    click.echo(f"Give it away together with {run_file} and your public key.")
    click.echo(SAYS[0])
    return 0


def _digest(named: str) -> str:
    """A digest as it is given, or that of a file."""
    return named if DIGEST.fullmatch(named) else digest_of_file(Path(named))
