"""Certificates: made of nothing but a complete conformant run, and valid only byte for byte."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from funding_conformance.canonical import canonical, digest_of, read_canonical, read_limited
from funding_conformance.certificate import certified, conformant_run, verified
from funding_conformance.cli import main
from funding_conformance.envelope import opened, sealed
from funding_conformance.errata import Errata, load_errata
from funding_conformance.fresh.seed import commitment_of
from funding_conformance.keys import make_keys, public_key_in, signer_in
from funding_conformance.protocol import write_line
from funding_conformance.runfile import parse_run_file
from funding_conformance.scenarios import load_folder
from funding_conformance.second_look import run_again
from funding_conformance.service import reference_service
from funding_conformance.statement import Claims, claims_in, reveal_of, says_of, statement_of
from funding_spec.errors import FundingError
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.test_schemas import misfits

TRIES = 2
FRESH = 4
TODAY = date(2018, 1, 31)
DIGEST = "sha256:" + "ab" * 32
NONCE = "cd" * 32
CLAIMS = Claims("Acme MIS", "8.2.1", DIGEST, DIGEST, "earnings", TODAY, date(2019, 1, 30), NONCE, "A Witness")
SEED = reveal_of("2017-08", CLAIMS).seed


@frozen
class Certified:
    """A certified run, with the keys of its vendor."""

    folder: Path
    run: bytes
    certificate: bytes

    @property
    def private(self) -> Path:
        return self.folder / "keys" / "private.pem"

    @property
    def public(self) -> Path:
        return self.folder / "keys" / "public.pem"

    def problem(self, certificate: bytes | None = None, run: bytes | None = None, **more: Any) -> str:
        """Why a certificate is not valid; nothing if it is."""
        options = {"key": public_key_in(self.public), "errata": None, "today": TODAY, **more}
        try:
            verified(certificate or self.certificate, self.run if run is None else run, "run.jsonl", **options)
        except FundingError as error:
            return str(error)
        return ""

    def signed(self, run: bytes) -> bytes:
        """What a vendor could sign who writes a certificate without the kit, about whatever run."""
        statement = read_canonical(opened_payload(self.certificate), "a statement")
        for found in statement["predicate"]["configuration"]:
            if found["name"] == "run":
                found["digest"]["sha256"] = digest_of(run).removeprefix("sha256:")
        return sealed(statement, signer_in(self.private))


def statement_in(made: Certified) -> dict[str, Any]:
    return opened(made.certificate, public_key_in(made.public))


def opened_payload(certificate: bytes) -> bytes:
    return base64.b64decode(json.loads(certificate)["payload"])


@pytest.fixture(scope="module", autouse=True)
def few_tries() -> Iterator[None]:
    """Certificates need fewer tries and fresh cases than in earnest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("funding_conformance.certificate.FEWEST_TRIES", TRIES)
        patch.setattr("funding_conformance.certificate.FEWEST_FRESH", FRESH)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, few_tries: None) -> Certified:
    """A run of the reference, certified."""
    folder = tmp_path_factory.mktemp("certified")
    drawn = ["--tries", str(TRIES), "--cases", str(FRESH), "--seed", str(SEED)]
    result = CliRunner().invoke(main, ["run", "--profile", "earnings", *drawn, "--report", str(folder)])
    assert result.exit_code == 0, result.output
    make_keys(folder / "keys")
    run = (folder / "run.jsonl").read_bytes()
    certificate = certified(run, "run.jsonl", CLAIMS, signer_in(folder / "keys" / "private.pem"))
    (folder / "certificate.json").write_bytes(certificate)
    return Certified(folder, run, certificate)


# What it is


def test_it_is_valid_and_fits_its_schema(made: Certified) -> None:
    assert made.problem() == ""
    assert misfits(json.loads(made.certificate), "certificate") == []
    statement = read_canonical(opened_payload(made.certificate), "a statement")
    assert misfits(statement, "certificate", "statement") == []
    ours = statement["predicate"]["funding_kit_certificate"]
    assert ours["says"] == says_of(reveal_of("2017-08", CLAIMS))
    assert "not an approval" in ours["says"][0]
    assert ours["passed"]["fresh"] == ours["seed"]["drawn"] == FRESH
    assert ours["seed"]["commitment"] == commitment_of(NONCE, "A Witness")
    assert ours["seed"]["drawn_by"] == "A Witness"
    assert ours["seed"]["seed"] == SEED


def test_the_lines_of_its_run_fit_their_schema(made: Certified) -> None:
    lines = made.run.splitlines()
    for line in (lines[0], lines[1], *lines[-5:]):
        assert misfits(json.loads(line), "run") == []


def test_every_property_keeps_what_it_was_tried_on(made: Certified) -> None:
    cases = [case for case in parse_run_file(made.run, "").cases if case["kind"] == "property"]
    assert cases
    assert all(len(case["tried"]["scenarios"]) >= TRIES and case["tried"]["answers"] for case in cases)


def test_a_run_file_that_became_too_long_keeps_its_verdict_and_is_not_certified(
    made: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = conformant_run(parse_run_file(made.run, ""), CLAIMS)
    monkeypatch.setattr("funding_conformance.run.MOST_WRITTEN", len(made.run) // 2)
    short = b"".join(run.lines())
    assert len(short) < len(made.run)
    bare = parse_run_file(short, "")
    assert bare.footer["verdict"] == "conformant"
    assert [case["verdict"] for case in bare.cases] == [case["verdict"] for case in parse_run_file(made.run, "").cases]
    assert "the run file became too long" in bare.cases[-1]["note"]
    with pytest.raises(FundingError, match="No answer to this case is kept"):
        conformant_run(bare, CLAIMS)


# Any changed byte


@given(st.data())
def test_a_certificate_with_any_byte_changed_is_not_valid(made: Certified, data: st.DataObject) -> None:
    changed = data.draw(changes(made.certificate))
    assert made.problem(certificate=changed)


@given(st.data())
def test_a_run_file_with_any_byte_changed_is_not_valid(made: Certified, data: st.DataObject) -> None:
    changed = data.draw(changes(made.run))
    assert "its digest differs" in made.problem(run=changed)


def test_no_single_bit_of_a_certificate_can_be_changed(made: Certified) -> None:
    for place in range(len(made.certificate)):
        changed = bytearray(made.certificate)
        changed[place] ^= 1 << place % 8
        assert made.problem(certificate=bytes(changed)), place


@st.composite
def changes(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with one byte changed, put in or taken out."""
    place = draw(st.integers(0, len(content) - 1))
    byte = draw(st.binary(min_size=1, max_size=1))
    ways = (content[:place] + byte + content[place:], content[:place] + content[place + 1 :])
    other = content[:place] + byte + content[place + 1 :]
    return draw(st.sampled_from([way for way in (*ways, other) if way != content]))


@given(st.binary(max_size=200) | st.text(max_size=50).map(str.encode))
def test_bytes_that_are_no_certificate_are_refused(made: Certified, content: bytes) -> None:
    assert made.problem(certificate=content or b"{}")


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda text: text.encode("utf-16"),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace(":", ": ").encode(),
        lambda text: (text + "\n").encode(),
        lambda text: json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":")).encode() + b"\n",
        lambda text: text.replace('"payload"', '"p\\u0061yload"').encode(),
        lambda text: ("[" * 100_000).encode(),
        lambda text: text[: len(text) // 2].encode(),
        lambda text: b"",
        lambda text: b"[]\n",
        lambda text: b"1\n",
        lambda text: b"null\n",
        lambda text: b'{"payload":1,"payloadType":2,"signatures":3}\n',
        lambda text: text.replace('"signatures":[', '"signatures":[1,').encode(),
        lambda text: text.replace('"signatures":[', '"signatures":["x"],"x":[').encode(),
    ],
)
def test_another_form_of_the_same_is_refused(made: Certified, rewritten: Callable[[str], bytes]) -> None:
    assert made.problem(certificate=rewritten(made.certificate.decode()) or b"\n")


def test_a_payload_in_another_form_is_refused_however_well_signed(made: Certified) -> None:
    from securesystemslib.dsse import Envelope

    statement = json.loads(opened_payload(made.certificate))
    for payload in (json.dumps(statement).encode(), canonical(statement).rstrip()):
        envelope = Envelope(payload, "application/vnd.in-toto+json", {})
        envelope.sign(signer_in(made.private))
        assert "in its one form" in made.problem(certificate=canonical(envelope.to_dict()))
    envelope = Envelope(canonical(statement), "text/plain", {})
    envelope.sign(signer_in(made.private))
    assert "is not said to be" in made.problem(certificate=canonical(envelope.to_dict()))


def test_a_certificate_signed_with_another_key_is_not_valid(made: Certified, tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    statement = statement_in(made)
    other = sealed(statement, signer_in(tmp_path / "keys" / "private.pem"))
    assert "signed with another key" in made.problem(certificate=other)
    renamed = json.loads(other)
    renamed["signatures"][0]["keyid"] = public_key_in(made.public).keyid
    assert "The signature is not that of the key given" in made.problem(certificate=canonical(renamed))


# What a vendor may not sign either


def changed_statement(statement: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(statement))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return content


OURS = ("predicate", "funding_kit_certificate")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("_type",), "https://in-toto.io/Statement/v2"),
        (("predicateType",), "x"),
        (("extra",), 1),
        (("subject",), []),
        (("subject",), [{"name": "Other", "digest": {"sha256": "ab" * 32}}]),
        (("predicate", "result"), "WARNED"),
        (("predicate", "passedTests"), ["GUIDE-35"]),
        (("predicate", "failedTests"), ["GUIDE-35"]),
        (("predicate", "configuration"), []),
        (("predicate", "configuration"), "x"),
        (("predicate", "configuration"), [{"name": "adapter", "digest": {"sha256": "ab" * 32}}]),
        ((*OURS, "format"), 2),
        ((*OURS, "format"), {}),
        ((*OURS, "says"), ["Approved."]),
        ((*OURS, "product"), ""),
        ((*OURS, "product"), "a\x1b[31m"),
        ((*OURS, "product"), {"a": 1}),
        ((*OURS, "version"), 8),
        ((*OURS, "rulebook"), "2018-08"),
        ((*OURS, "profile"), "payments"),
        ((*OURS, "counts"), {"pass": 9999}),
        ((*OURS, "passed", "fresh"), 5000),
        ((*OURS, "restarts"), 3),
        ((*OURS, "seed", "drawn"), 5000),
        ((*OURS, "seed", "commitment"), DIGEST),
        ((*OURS, "seed", "drawn_by"), "another witness"),
        ((*OURS, "seed", "seed"), 0),
        ((*OURS, "seed", "reveal", "witness"), ""),
        ((*OURS, "seed", "reveal", "witness"), 5),
        ((*OURS, "seed", "reveal", "build"), "sha256:" + "00" * 32),
        ((*OURS, "seed", "reveal", "nonce"), "short"),
        ((*OURS, "seed", "reveal"), None),
        ((*OURS, "valid", "until"), "never"),
        ((*OURS, "valid", "until"), "2018-01-30"),
        ((*OURS, "valid"), []),
        ((*OURS, "valid", "until"), "9999-12-31"),
        ((*OURS, "tries"), 10**9),
        ((*OURS, "seed", "reveal", "witness"), "A Witness "),
        (("predicate", "configuration"), [{"name": "adapter", "digest": {"sha256": "ab" * 32}}, {"name": "run"}]),
        (("predicate", "configuration"), [{"name": "adapter", "digest": {"sha256": "ab" * 32}}, {"name": {}}]),
        ((*OURS,), None),
    ],
)
def test_a_statement_that_says_something_else_is_not_valid(made: Certified, path: tuple[str, ...], value: Any) -> None:
    statement = statement_in(made)
    other = sealed(changed_statement(statement, path, value), signer_in(made.private))
    assert made.problem(certificate=other)


def resealed(run: bytes, change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    """A run file with something changed and a footer that says it is whole."""
    lines = [json.loads(line) for line in run.splitlines()]
    change(lines)
    lines[-1].pop("digest", None)
    digest = digest_of(b"".join(map(write_line, lines)))
    lines[-1]["digest"] = digest
    return b"".join(map(write_line, lines))


def asked_example(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return next(line for line in lines if line.get("answer", {}).get("ok", {}).get("earnings"))


def a_property(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return next(line for line in lines if "tried" in line)


def a_wrong_amount(lines: list[dict[str, Any]]) -> None:
    for row in asked_example(lines)["answer"]["ok"]["earnings"]:
        row["amount"] = "1.00000"


def a_row_of_another_shape(lines: list[dict[str, Any]]) -> None:
    asked_example(lines)["answer"]["ok"]["earnings"][0] = 5


def no_answer(lines: list[dict[str, Any]]) -> None:
    del asked_example(lines)["answer"]


def another_title(lines: list[dict[str, Any]]) -> None:
    asked_example(lines)["title"] = "Another"


def a_time_that_is_none(lines: list[dict[str, Any]]) -> None:
    asked_example(lines)["ms"] = "soon"


def a_time_too_long_to_be_one(lines: list[dict[str, Any]]) -> None:
    asked_example(lines)["ms"] = 10**400


def no_time_for_an_answer(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["timeout"] = 0


def a_case_less(lines: list[dict[str, Any]]) -> None:
    lines.remove(asked_example(lines))


def a_case_twice(lines: list[dict[str, Any]]) -> None:
    lines.insert(1, asked_example(lines))


def a_case_set_aside(lines: list[dict[str, Any]]) -> None:
    case = asked_example(lines)
    case["verdict"] = "not-applicable"
    del case["answer"]


def a_clause_more(lines: list[dict[str, Any]]) -> None:
    lines[-1]["profiles"][0]["met"].append("GUIDE-62")


def other_counts(lines: list[dict[str, Any]]) -> None:
    lines[-1]["counts"]["pass"] += 1


def a_restart_less(lines: list[dict[str, Any]]) -> None:
    lines[-1]["restarts"] = -1


def remarks_that_are_none(lines: list[dict[str, Any]]) -> None:
    lines[-1]["remarks"] = {"a": 1}


def a_property_on_nothing(lines: list[dict[str, Any]]) -> None:
    a_property(lines)["tried"] = {"scenarios": [], "answers": {}}


def a_property_on_rubbish(lines: list[dict[str, Any]]) -> None:
    a_property(lines)["tried"]["scenarios"] = [5, None]


def a_property_without_answers(lines: list[dict[str, Any]]) -> None:
    a_property(lines)["tried"]["answers"] = {}


def a_property_with_a_needless_answer(lines: list[dict[str, Any]]) -> None:
    a_property(lines)["tried"]["answers"][DIGEST] = {"earnings": []}


def a_property_on_more_than_a_run_keeps(lines: list[dict[str, Any]]) -> None:
    a_property(lines)["tried"]["scenarios"] *= 300


def a_property_that_does_not_hold(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        for answer in line.get("tried", {}).get("answers", {}).values():
            for row in answer.get("earnings", []):
                row["amount"] = "99999.00000"


def a_property_not_tried(lines: list[dict[str, Any]]) -> None:
    lines.remove(a_property(lines))


def another_declaration(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["declaration"]["wants"] = ["payments"]


def a_declaration_that_is_none(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["declaration"] = 5


def a_header_with_more(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["note"] = "approved"


def a_rulebook_that_is_none(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["rulebook"] = ["2017-08"]


def profiles_that_are_none(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["profiles"] = ["profits"]


def other_lists(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["case_list"] = lines[0]["run"]["frozen_list"] = DIGEST


def more_tries_than_were_made(lines: list[dict[str, Any]]) -> None:
    lines[0]["run"]["tries"] = 400


FORGERIES = [
    a_wrong_amount,
    a_row_of_another_shape,
    no_answer,
    another_title,
    a_time_that_is_none,
    a_time_too_long_to_be_one,
    no_time_for_an_answer,
    a_case_less,
    a_case_twice,
    a_case_set_aside,
    a_clause_more,
    other_counts,
    a_restart_less,
    remarks_that_are_none,
    a_property_on_nothing,
    a_property_on_rubbish,
    a_property_without_answers,
    a_property_with_a_needless_answer,
    a_property_on_more_than_a_run_keeps,
    a_property_that_does_not_hold,
    a_property_not_tried,
    another_declaration,
    a_declaration_that_is_none,
    a_header_with_more,
    a_rulebook_that_is_none,
    profiles_that_are_none,
    other_lists,
    more_tries_than_were_made,
]


@pytest.fixture(scope="module", autouse=True)
def examples_read_once() -> Iterator[None]:
    """The worked examples are read once for all tests here."""
    from funding_conformance import second_look

    known: list[Any] = []

    def load(folder: Path) -> list[Any]:
        if not known:
            known.extend(load_folder(folder))
        return known

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_look, "load_folder", load)
        yield


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.__name__)
def test_a_run_that_was_changed_and_signed_anew_is_not_valid(
    made: Certified, forgery: Callable[[list[dict[str, Any]]], None]
) -> None:
    run = resealed(made.run, forgery)
    assert run != made.run
    assert made.problem(certificate=made.signed(run), run=run)


def test_a_run_that_was_not_changed_comes_out_as_it_was(made: Certified) -> None:
    assert resealed(made.run, lambda lines: None) == made.run
    assert made.problem(certificate=made.signed(made.run)) == ""


# What is not certified


def header(**fields: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda lines: lines[0]["run"].update(fields)


def footer(**fields: Any) -> Callable[[list[dict[str, Any]]], None]:
    return lambda lines: lines[-1].update(fields)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (header(kit="0.0.9"), "made with version 0.0.9 of the kit; this is"),
        (header(kit_digest=DIGEST), "another kit than this one"),
        (header(baseline=[]), "The run used a baseline."),
        (header(case_list=DIGEST), "Leave out --only and --scenarios."),
        (header(tries=0), "in this run: 0."),
        (header(tries="many"), "in this run: many."),
        (header(fresh={"asked": FRESH - 1, "drawn": FRESH - 1, "untold": []}), "There must be 4 fresh cases or more;"),
        (header(fresh={"asked": 10**6, "drawn": 4, "untold": []}), "rests on 5,000 fresh cases at most; in this run"),
        (header(fresh=5), "There must be 4 fresh cases or more; in this run: None."),
        (footer(gave_up="Ten restarts."), "unstable, and the run ended early: Ten restarts."),
        (footer(profiles=[]), "The run was not judged for the profile earnings."),
        (footer(profiles=5), "The run was not judged for the profile earnings."),
        (
            footer(profiles=[{"profile": "earnings", "verdict": "inconclusive", "reason": "Too little."}]),
            "The run is inconclusive for earnings: Too little.",
        ),
        (footer(verdict="not conformant"), "Run it with --profile earnings"),
    ],
)
def test_nothing_but_a_complete_conformant_run_is_certified(
    made: Certified, change: Callable[[list[dict[str, Any]]], None], words: str
) -> None:
    with pytest.raises(FundingError, match=words):
        certified(resealed(made.run, change), "run.jsonl", CLAIMS, signer_in(made.private))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--profile", "earnings", "--only", "guide/annex-1/*"], "Leave out --only and --scenarios."),
        (["--profile", "earnings", "--no-properties"], "Each property must be tried on"),
        (["--profile", "earnings", "--tries", "2"], "fresh cases or more; in this run: 0."),
        (["--profile", "matching", "--tries", "2", "--cases", "4"], "The run was drawn from the seed 0."),
    ],
)
def test_a_run_that_asked_less_is_not_certified(made: Certified, tmp_path: Path, asked: list[str], words: str) -> None:
    assert CliRunner().invoke(main, ["run", "--cases", "0", *asked, "--report", str(tmp_path)]).exit_code in (0, 3)
    with pytest.raises(FundingError, match=words):
        certified(
            (tmp_path / "run.jsonl").read_bytes(),
            "run.jsonl",
            evolve(CLAIMS, profile=asked[1]),
            signer_in(made.private),
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", " "),
        ("product", "x" * 201),
        ("product", "a\nb"),
        ("version", ""),
        ("build", "sha256:12"),
        ("adapter", "md5:" + "ab" * 32),
        ("valid_until", date(2018, 1, 30)),
        ("nonce", "cd"),
        ("witness", "self-drawn"),
        ("witness", "a\nb"),
        ("witness", "Self-Drawn"),
        ("witness", "A Witness "),
        ("witness", "Zoe\u0308"),
        ("witness", "a\u202eb"),
        ("witness", "\udcff"),
        ("product", " Acme"),
        ("valid_until", date(2021, 1, 31)),
    ],
)
def test_a_claim_that_is_none_is_refused(field: str, value: Any) -> None:
    with pytest.raises(FundingError):
        evolve(CLAIMS, **{field: value}).checked()


# Days and errata


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2018, 1, 30), "It is valid from 31 January 2018 only."),
        (date(2019, 1, 31), "It expired: it was valid until 30 January 2019."),
    ],
)
def test_it_holds_from_its_first_day_to_its_last(made: Certified, today: date, words: str) -> None:
    assert made.problem(today=today) == words
    assert made.problem(today=date(2019, 1, 30)) == ""


def test_what_errata_name_is_not_valid(made: Certified) -> None:
    key = public_key_in(made.public).keyid
    statement = statement_in(made)
    lists = [
        found["digest"]["sha256"] for found in statement["predicate"]["configuration"] if found["name"] == "case-list"
    ]
    nothing: dict[str, str] = {}
    assert made.problem(errata=Errata(nothing, nothing, nothing)) == ""
    for errata, what in (
        (Errata({digest_of(made.certificate): "Made by mistake."}, nothing, nothing), "This certificate"),
        (Errata(nothing, {f"sha256:{lists[0]}": "Made by mistake."}, nothing), "The case list that was asked"),
        (Errata(nothing, nothing, {key: "Made by mistake."}), "The key that it is signed with"),
    ):
        assert made.problem(errata=errata) == f"{what} was withdrawn: Made by mistake."


def test_what_errata_name_is_said_by_a_newer_kit_too(made: Certified, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {found["name"]: found["digest"]["sha256"] for found in statement_in(made)["predicate"]["configuration"]}
    errata = Errata({}, {f"sha256:{said['case-list']}": "A wrong month."}, {})
    monkeypatch.setattr("funding_conformance.certificate.kit_digest", lambda: DIGEST)
    assert made.problem(errata=errata) == "The case list that was asked was withdrawn: A wrong month."
    assert made.problem().startswith("The certificate was made with another kit")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not begin with errata: 1"),
        ("errata: 2", "does not begin with errata: 1"),
        ("- a", "does not begin with errata: 1"),
        ("errata: 1\nothers: []", "There is no field others in errata."),
        ("errata: 1\nkeys: {}\n", None),
        ("errata: 1\nkeys: 5\n", "This must be a list."),
        ("errata: 1\nkeys: [5]\n", r"keys\[0\]"),
        ("errata: 1\ncertificates: [{digest: a}]\n", r"An entry has digest and reason"),
        ("errata: 1\ncertificates: [{digest: a, reason: ''}]\n", r"An entry has digest and reason"),
        ("errata: 1\ncertificates: [{id: a, reason: b}]\n", r"An entry has digest and reason"),
        (
            "errata: 1\ncase_lists: [{digest: " + "ab" * 32 + ", reason: b}]\n",
            r"case_lists\[0\]\.digest\n  This names nothing",
        ),
        ("errata: 1\nkeys: [{id: " + "AB" * 32 + ", reason: b}]\n", r"the id of a key is 64 hexadecimal digits"),
        ("errata: [", "This is not valid YAML"),
        ("errata: 1\ncertificates:\n", None),
    ],
)
def test_errata_are_read_or_refused(tmp_path: Path, text: str, words: str | None) -> None:
    file = tmp_path / "errata.yaml"
    file.write_text(text, encoding="utf-8")
    if words is None:
        assert load_errata(file) == Errata({}, {}, {})
    else:
        with pytest.raises(FundingError, match=words):
            load_errata(file)


def test_the_errata_of_the_project_are_read_and_fit_their_schema() -> None:
    from funding_spec.documents import load_file

    file = Path(__file__).parents[2] / "errata.yaml"
    load_errata(file)
    assert misfits(load_file(file), "errata") == []


# Keys


def test_keys_are_for_their_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    key = make_keys(tmp_path / "keys")
    private = tmp_path / "keys" / "private.pem"
    if os.name == "posix":
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    before = private.read_bytes()
    assert before.startswith(b"-----BEGIN PRIVATE KEY-----")
    with pytest.raises(FundingError, match="never written over"):
        make_keys(tmp_path / "keys")
    assert private.read_bytes() == before
    assert public_key_in(tmp_path / "keys" / "public.pem").keyid == key.keyid
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_the_command_says_where_keys_are_and_shows_none(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["make-keys", str(tmp_path / "keys")])
    assert result.exit_code == 0
    secret = "".join((tmp_path / "keys" / "private.pem").read_text().splitlines()[1:-1])
    assert secret not in result.output
    assert "BEGIN" not in result.output
    again = CliRunner().invoke(main, ["make-keys", str(tmp_path / "keys")])
    assert (again.exit_code, "never written over" in again.output) == (2, True)
    (tmp_path / "file").touch()
    for nowhere in (str(tmp_path / "file" / "keys"), "/", ""):
        assert CliRunner().invoke(main, ["make-keys", nowhere]).exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="Rights of files are those of POSIX.")
def test_a_private_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    private = tmp_path / "keys" / "private.pem"
    private.chmod(0o640)
    with pytest.raises(FundingError, match="chmod 600"):
        signer_in(private)


def bad_keys() -> dict[str, bytes]:
    other = generate_private_key(SECP256R1())
    return {
        "empty": b"",
        "rubbish": b"\x00\xff" * 50,
        "cut": b"-----BEGIN PRIVATE KEY-----\nMC4CAQ",
        "another encoding": "-----BEGIN PRIVATE KEY-----".encode("utf-16"),
        "enormous": b"-" * 100_000,
        "another kind": other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "another kind, public": other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    }


@pytest.mark.parametrize("what", bad_keys())
def test_a_file_that_is_no_key_is_refused_without_showing_it(what: str, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(bad_keys()[what])
    file.chmod(0o600)
    for read in (signer_in, public_key_in):
        with pytest.raises(FundingError) as refused:
            read(file)
        assert "BEGIN" not in str(refused.value)
    with pytest.raises(FundingError):
        signer_in(tmp_path)
    with pytest.raises(FundingError):
        public_key_in(tmp_path / "nowhere")


def test_a_private_key_is_no_public_key(made: Certified) -> None:
    with pytest.raises(FundingError, match="not a public key"):
        public_key_in(made.private)


# The commands


def kit(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert "Traceback" not in result.output
    assert "BEGIN PRIVATE" not in result.output
    return result


def certify(made: Certified, *more: str | Path, out: Path) -> Result:
    asked = ["--key", made.private, "--product", "Acme MIS", "--version", "8.2.1", "--adapter", DIGEST]
    asked += ["--build", DIGEST, "--profile", "earnings", "--nonce", NONCE, "--witness", "A Witness", "--out", out]
    asked += more
    return kit("certify", made.folder / "run.jsonl", *asked)


def test_what_certify_writes_verify_accepts(made: Certified, tmp_path: Path) -> None:
    out = tmp_path / "certificate.json"
    result = certify(made, out=out)
    assert result.exit_code == 0, result.output
    assert "not an approval" in result.output
    statement = opened(out.read_bytes(), public_key_in(made.public))
    claims = claims_in(statement)
    assert (claims.build, claims.witness) == (DIGEST, "A Witness")
    today = datetime.now(UTC).date()
    assert today - claims.valid_from <= timedelta(days=1)
    assert claims.valid_until - claims.valid_from == timedelta(days=364)
    named = ["--run", made.folder / "run.jsonl", "--public-key", made.public]
    result = kit("verify", out, *named, "--implementation", "reference")
    assert result.exit_code == 0, result.output
    assert "Valid: Acme MIS 8.2.1 conforms to earnings, rulebook 2017-08," in result.output
    assert "not an approval" in result.output
    assert "The implementation was asked everything again." in result.output
    assert f"Fresh cases drawn again: 4, from the seed {SEED}." in result.output
    assert f"Compare with what A Witness published:\n  {commitment_of(NONCE, 'A Witness')}\n" in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    wrong = "python:no_such_module:answer"
    assert kit("verify", out, *named, "--implementation", "no-such-command").exit_code == 4
    assert kit("verify", out, *named, "--implementation", wrong).exit_code == 4
    errata = tmp_path / "errata.yaml"
    errata.write_text(
        f"errata: 1\ncertificates: [{{digest: '{digest_of(out.read_bytes())}', reason: A mistake.}}]\n",
        encoding="utf-8",
    )
    result = kit("verify", out, *named, "--errata", errata)
    assert (result.exit_code, result.output) == (1, "Not valid: This certificate was withdrawn: A mistake.\n")


def earnings_alone(message: dict[str, Any]) -> dict[str, Any]:
    """The reference, of which nothing but earnings is declared."""
    reply: dict[str, Any] = reference_service()(message)
    if message["m"] == "hello":
        reply["ok"]["wants"] = ["earnings"]
    return reply


def test_fresh_cases_that_were_not_put_to_the_implementation_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("funding_conformance.certificate.FEWEST_FRESH", 20)
    asked = ["--implementation", f"python:{__name__}:earnings_alone", "--tries", str(TRIES), "--cases", "20"]
    assert CliRunner().invoke(main, ["run", *asked, "--report", str(tmp_path)]).exit_code == 0
    run = parse_run_file((tmp_path / "run.jsonl").read_bytes(), "run.jsonl")
    assert any(case["kind"] == "fresh" and case["verdict"] == "not-applicable" for case in run.cases)
    with pytest.raises(FundingError, match=r"20 fresh cases or more for earnings; in this run: \d+\. Run it with"):
        conformant_run(run, CLAIMS)


@pytest.mark.parametrize("other", [["--build", "sha256:" + "00" * 32], ["--nonce", "00" * 32], ["--witness", ""]])
def test_a_run_from_another_seed_is_not_certified(made: Certified, tmp_path: Path, other: list[str]) -> None:
    result = certify(made, *other, out=tmp_path / "certificate.json")
    assert (result.exit_code, f"The run was drawn from the seed {SEED}. Build, kit" in result.output) == (1, True)
    assert not list(tmp_path.iterdir())


def test_the_steps_with_a_witness_lead_to_the_seed_of_the_certificate(made: Certified, tmp_path: Path) -> None:
    said = kit("nonce", "--witness", "A Witness").output
    commitment, nonce = (line.partition(": ")[2] for line in said.splitlines()[:2])
    (tmp_path / "build.zip").write_bytes(b"the build")
    asked = ["seed", "--build", tmp_path / "build.zip", "--profile", "earnings", "--nonce", nonce]
    result = kit(*asked, "--witness", "A Witness", "--commitment", commitment)
    assert result.exit_code == 0
    claims = evolve(CLAIMS, build=digest_of(b"the build"), nonce=nonce)
    assert f"--profile earnings --cases 500 --seed {reveal_of('2017-08', claims).seed}" in result.output
    assert kit(*asked, "--witness", "Another", "--commitment", commitment).exit_code == 1
    assert kit(*asked, "--witness", "A Witness", "--commitment", DIGEST).exit_code == 1
    assert "Without a witness, the seed is self-drawn." in kit(*asked).output
    assert kit("seed", "--build", DIGEST, "--profile", "profits", "--nonce", nonce).exit_code == 2


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["nonce", "--witness", "a\nb"], "The witness is a name of 1 to 200 characters"),
        (["nonce", "--witness", "\udcff"], "The witness is a name of 1 to 200 characters"),
        (["nonce", "--witness", "self-drawn"], "A witness cannot be called self-drawn"),
        (["nonce", "A Witness"], "unexpected extra argument"),
        (["seed", "--witness", "A Witness "], "begins or ends with a blank"),
        (["seed", "--nonce", "abc"], "A nonce is 64 hexadecimal digits"),
        (["seed", "--rulebook", "../1999"], "There is no rulebook ../1999."),
        (["seed", "--profile", "recording"], "Nothing of the profile recording is tested under 2017-08."),
        (["seed", "--build", "nowhere"], "nowhere"),
    ],
)
def test_nonce_and_seed_refuse_what_no_certificate_could_name(asked: list[str], words: str) -> None:
    needed = ["--build", DIGEST, "--profile", "earnings", "--nonce", NONCE] if asked[0] == "seed" else []
    result = kit(asked[0], *needed, *asked[1:])
    assert (result.exit_code, words in result.output) == (2, True), result.output
    assert "Seed:" not in result.output
    assert "Build:" not in result.output


def test_a_certificate_says_what_the_implementation_cannot_give() -> None:
    said = says_of(reveal_of("2017-08", CLAIMS), ["aim", "balancing+completion"])
    assert said[-1].endswith("cannot give or tell apart: aim, balancing+completion.")
    assert len(says_of(reveal_of("2017-08", CLAIMS))) == len(said) - 1


def test_more_tries_than_a_run_keeps_are_not_certified_as_tried(made: Certified) -> None:
    def repeated(lines: list[dict[str, Any]]) -> None:
        lines[0]["run"]["tries"] = 10**9
        for line in lines:
            if "tried" in line:
                line["tried"]["scenarios"] = (line["tried"]["scenarios"] * 500)[:500]

    run = parse_run_file(resealed(made.run, repeated), "run.jsonl")
    statement = statement_of(conformant_run(run, CLAIMS), run.digest, CLAIMS)
    assert statement["predicate"]["funding_kit_certificate"]["tries"] == 500


def test_an_implementation_that_answers_otherwise_is_not_the_one_certified(made: Certified, tmp_path: Path) -> None:
    out = tmp_path / "certificate.json"
    assert certify(made, out=out).exit_code == 0
    asked = f"{sys.executable} -m funding_conformance serve --known-bad always-42-days"
    named = ["--run", made.folder / "run.jsonl", "--public-key", made.public]
    result = kit("verify", out, *named, "--implementation", asked)
    assert result.exit_code == 1
    assert "Not valid: The implementation declares something else than the one that was certified." in result.output


def test_a_refused_run_leaves_what_was_there(made: Certified, tmp_path: Path) -> None:
    out = tmp_path / "certificate.json"
    out.write_bytes(b"old")
    folder = tmp_path / "changed"
    shutil.copytree(made.folder, folder)
    (folder / "run.jsonl").write_bytes(made.run.replace(b"1000.00000", b"1000.00001", 1))
    result = certify(evolve(made, folder=folder), out=out)
    assert result.exit_code == 1
    assert "No certificate: " in result.output
    assert "was changed after it was written" in result.output
    assert out.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--profile", "profits"], "There is no profile profits."),
        (["--build", "nowhere"], "nowhere"),
        (["--build", "."], "This is not a plain file."),
        (["--product", ""], "The product is a name"),
        (["--nonce", "abc"], "A nonce is 64 hexadecimal digits"),
        (["--witness", "self-drawn"], "A witness cannot be called self-drawn"),
        (["--key", "nowhere"], "nowhere"),
        (["--valid-days", "0"], "--valid-days"),
        (["--valid-days", "99999"], "--valid-days"),
    ],
)
def test_wrong_usage_is_said(made: Certified, tmp_path: Path, more: list[str], words: str) -> None:
    result = certify(made, *more, out=tmp_path / "certificate.json")
    assert (result.exit_code, words in result.output) == (2, True), result.output
    assert not list(tmp_path.iterdir())


def test_a_certificate_never_takes_the_place_of_key_or_run(made: Certified) -> None:
    for file in (made.private, made.folder / "run.jsonl"):
        before = file.read_bytes()
        result = certify(made, out=file)
        assert (result.exit_code, "a file of its own" in result.output) == (2, True)
        assert file.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="Only POSIX has pipes among its files.")
def test_what_is_enormous_or_no_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"123456")
    for name, words in (("pipe", "not a plain file"), ("large", "larger than 5 bytes"), (".", "not a plain file")):
        with pytest.raises(FundingError, match=words):
            read_limited(tmp_path / name, 5)
    assert read_limited(tmp_path / "large", 6) == b"123456"


def test_verify_says_what_it_cannot_read(made: Certified, tmp_path: Path) -> None:
    certificate, run, key = made.folder / "certificate.json", made.folder / "run.jsonl", made.public
    nowhere = tmp_path / "nowhere"
    for named in (
        (nowhere, run, key),
        (certificate, nowhere, key),
        (certificate, run, nowhere),
        (certificate, run, run),
    ):
        result = kit("verify", named[0], "--run", named[1], "--public-key", named[2])
        assert result.exit_code == 2, result.output
    result = kit("verify", certificate, "--run", run, "--public-key", key)
    assert (result.exit_code, result.output) == (1, "Not valid: It expired: it was valid until 30 January 2019.\n")
    result = kit("verify", run, "--run", run, "--public-key", key)
    assert (result.exit_code, "Not valid: " in result.output) == (1, True)


@pytest.mark.skipif(os.name != "posix", reason="A process is killed as POSIX has it.")
def test_killing_it_leaves_the_old_certificate_or_the_new(made: Certified, tmp_path: Path) -> None:
    out = tmp_path / "certificate.json"
    out.write_bytes(b"old")
    program = f"""
import os, signal, sys
from pathlib import Path
from funding_conformance import writing
def blocks():
    yield b"half"
    os.kill(os.getpid(), signal.SIGKILL)
writing.write_whole(Path({str(out)!r}), blocks())
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert out.read_bytes() == b"old"


def test_the_statement_can_be_made_again_from_run_and_claims(made: Certified) -> None:
    run_file = parse_run_file(made.run, "run.jsonl")
    statement = statement_of(run_again(run_file), run_file.digest, CLAIMS)
    assert canonical(statement) == opened_payload(made.certificate)
    assert conformant_run(run_file, CLAIMS).counts() == statement["predicate"]["funding_kit_certificate"]["counts"]
