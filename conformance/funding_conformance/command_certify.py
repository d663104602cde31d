"""``funding-kit make-keys``, ``nonce``, ``seed`` and ``certify``: keys, a seed, and a signed certificate of a run."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from funding_spec.errors import FundingError
from funding_spec.register import load_register
from funding_spec.rulebook import load_rulebook
from funding_spec.wording import in_words

from funding_conformance import USUAL_CASES
from funding_conformance.canonical import DIGEST, digest_of_file, read_limited
from funding_conformance.certificate import certified
from funding_conformance.command_run import check_profiles
from funding_conformance.fresh.seed import SELF_DRAWN, Reveal, commitment_of, keeps_word
from funding_conformance.keys import PRIVATE, PUBLIC, make_keys, signer_in
from funding_conformance.kit_digest import kit_digest
from funding_conformance.profiles import PROFILES
from funding_conformance.reports.differences import printable
from funding_conformance.reports.terminal import wrapped as lines_of
from funding_conformance.run import RunError
from funding_conformance.runfile import LARGEST
from funding_conformance.statement import NO_APPROVAL, Claims, a_witness, case_list_of
from funding_conformance.writing import CannotWrite, write_whole

REFUSED = 1


def make_keys_command(folder: Path) -> int:
    """Makes the keys and says what to do with them."""
    key = make_keys(folder)
    click.echo(f"Key {key.keyid}")
    click.echo(f"Give away: {folder / PUBLIC}")
    click.echo(f"Keep to yourself: {folder / PRIVATE}")
    return 0


def nonce_command(witness: str) -> int:
    """Thinks of a nonce, and says what to do with it."""
    a_witness(witness)
    nonce = secrets.token_hex(32)
    click.echo(f"Commitment: {commitment_of(nonce, witness)}")
    click.echo(f"Nonce: {nonce}")
    if witness:
        click.echo("Publish the commitment now, and the nonce once the vendor has published the digest of the build.")
    return 0


def seed_command(rulebook: str, profile: str, build: str, nonce: str, witness: str, commitment: str | None) -> int:
    """Says which seed build, kit, case list and nonce make, and how to go on.

    :raises RunError: no run could be certified for this profile and edition
    """
    check_profiles([profile])
    a_witness(witness)
    _can_be_certified(rulebook, profile)
    if commitment is not None and not keeps_word(commitment, nonce, witness):
        click.echo("This is not the nonce, or not the witness, that the commitment was made for.", err=True)
        return REFUSED
    reveal = Reveal(_digest(build), kit_digest(), case_list_of(rulebook, profile), nonce, witness)
    seed = reveal.seed
    click.echo(f"Build: {reveal.build_digest}")
    click.echo(f"Seed: {seed}")
    click.echo(f"Nonce given by: {reveal.witness}" if witness else f"Without a witness, the seed is {SELF_DRAWN}.")
    edition = f" --rulebook {rulebook}"
    click.echo(f"Go on with: funding-kit run{edition} --profile {profile} --cases {USUAL_CASES} --seed {seed}")
    return 0


def _can_be_certified(rulebook: str, profile: str) -> None:
    chain = load_rulebook(rulebook).chain
    if not any(one.name == profile and one.required(load_register(), chain) for one in PROFILES):
        raise RunError(f"Nothing of the profile {profile} is tested under {rulebook}.", path="--profile")


def certify_command(
    run_file: Path,
    key: Path,
    product: str,
    version: str,
    build: str,
    adapter: str,
    profile: str,
    nonce: str,
    witness: str,
    out: Path,
    valid_days: int,
) -> int:
    """Writes the certificate, or says why there is none."""
    check_profiles([profile])
    signer = signer_in(key)
    if any(out.exists() and file.exists() and out.samefile(file) for file in (key, run_file)):
        raise CannotWrite("The certificate must have a file of its own.", file=str(out))
    content = read_limited(run_file, LARGEST)
    today = datetime.now(UTC).date()
    until = today + timedelta(days=valid_days - 1)
    claims = Claims(product, version, _digest(build), _digest(adapter), profile, today, until, nonce, witness).checked()
    try:
        certificate = certified(content, str(run_file), claims, signer)
    except FundingError as error:
        click.echo(f"No certificate: {printable(error)}", err=True)
        return REFUSED
    write_whole(out, [certificate])
    click.echo(f"Certificate of {product} {version}, profile {profile}, valid until {in_words(until)}: {out}")
    click.echo(f"Give it away together with {run_file} and your public key.")
    for line in lines_of(NO_APPROVAL):
        click.echo(line)
    return 0


def _digest(named: str) -> str:
    """A digest as it is given, or that of a file."""
    return named if DIGEST.fullmatch(named) else digest_of_file(Path(named))
