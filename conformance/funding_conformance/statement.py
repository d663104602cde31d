"""What a certificate says: an in-toto statement with a test result.

The subject is the build that was tested, and the tests that passed are the clauses that are met. What in-toto has no
field for stands under one name of our own. The statement is made from a run and the vendor's claims, and from nothing
else: whoever has both can make it again and compare.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from attrs import frozen
from funding_reference.reading import Place, Unreadable, a_date
from funding_spec.errors import FundingError

from funding_conformance import LONGEST_VALIDITY
from funding_conformance.canonical import DIGEST, canonical
from funding_conformance.case_lists import frozen_list, list_digest
from funding_conformance.fresh.seed import SELF_DRAWN, Reveal, commitment_of
from funding_conformance.judge import Verdict
from funding_conformance.kit_digest import kit_digest
from funding_conformance.properties.search import REMEMBERED
from funding_conformance.run import Judgement, Run

FORMAT: Final = 1
STATEMENT: Final = "https://in-toto.io/Statement/v1"
TEST_RESULT: Final = "https://in-toto.io/attestation/test-result/v0.1"
OURS: Final = "funding_kit_certificate"
NO_APPROVAL: Final = (
    "This is not an approval by the Department for Education or any other government department, nor a sign of one."
)
UNWATCHED: Final = "The vendor ran the tests and signed the result; nobody else has watched."
KINDS: Final = ("example", "fresh", "property")
LONGEST_NAME: Final = 200


class StatementError(FundingError):
    """A statement does not say what a certificate says, or not as a certificate says it."""


@frozen
class Claims:
    """What only the vendor can say.

    :param build: the digest of what was tested, as it is delivered
    :param adapter: the digest of what connects it to the kit
    :param valid_from: the first day on which the certificate holds, in UTC
    :param valid_until: the last day
    :param nonce: 32 random bytes as hexadecimal digits, which the seed of the run was made of
    :param witness: who gave the nonce; empty if nobody but the vendor
    """

    product: str
    version: str
    build: str
    adapter: str
    profile: str
    valid_from: date
    valid_until: date
    nonce: str
    witness: str = ""

    def checked(self) -> Claims:
        """The same.

        :raises StatementError: a name is empty, overlong or cannot be printed, or a digest is none
        :raises SeedError: the nonce is none
        """
        a_name("product", self.product)
        a_name("version", self.version)
        a_witness(self.witness)
        for what, text in (("build", self.build), ("adapter", self.adapter)):
            if not DIGEST.fullmatch(text):
                raise StatementError(f"The {what} is named by a digest: sha256: and 64 hexadecimal digits.")
        commitment_of(self.nonce, self.witness)
        if self.valid_until < self.valid_from:
            raise StatementError("It ends before it begins.")
        if (self.valid_until - self.valid_from).days >= LONGEST_VALIDITY:
            raise StatementError(f"It holds for more than {LONGEST_VALIDITY:,} days, which no certificate does.")
        return self


def a_name(what: str, text: str) -> None:
    """Refuses a name that is not read as it is written.

    :param what: it is the name of
    :raises StatementError: it is empty, overlong or cannot be printed, or its letters could be written otherwise
    """
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise StatementError(f"The {what} is a name of 1 to {LONGEST_NAME} characters that can be printed.")
    if text != unicodedata.normalize("NFC", text.strip()):
        raise StatementError(
            f"The {what} begins or ends with a blank, or its letters are not those of Unicode's form NFC."
        )


def a_witness(text: str) -> None:
    """Refuses what cannot be the name of a witness; without a witness it is empty.

    :raises StatementError: it is no name, or says that there is no witness
    """
    if not text:
        return
    a_name("witness", text)
    if text.casefold() == SELF_DRAWN:
        raise StatementError(f"A witness cannot be called {SELF_DRAWN}: without a witness, name none.")


def case_list_of(rulebook: str, profile: str) -> str:
    """The digest of the frozen cases of a profile."""
    return list_digest(frozen_list(rulebook).of(profile))


def reveal_of(rulebook: str, claims: Claims) -> Reveal:
    """What the seed of a run under these claims must have been made of, with this kit."""
    case_list = case_list_of(rulebook, claims.profile)
    return Reveal(claims.build, kit_digest(), case_list, claims.nonce, claims.witness)


def says_of(reveal: Reveal, omits: Sequence[str] = ()) -> list[str]:
    """What a reader of the certificate must know.

    :param omits: what the implementation declared that it cannot give, or gives only together
    """
    if reveal.witness:
        drawn = f"Fresh cases were drawn from a seed to which {reveal.witness} gave the nonce."
    else:
        drawn = f"The seed of the fresh cases is {SELF_DRAWN}: the vendor gave its nonce, and may have tried many."
    left_out = f"It was not judged by these, which it cannot give or tell apart: {', '.join(omits)}."
    return [NO_APPROVAL, UNWATCHED, drawn, *([left_out] if omits else [])]


def statement_of(run: Run, run_digest: str, claims: Claims) -> dict[str, Any]:
    """The statement about a run.

    :param run: conformant and complete; whoever calls has made sure
    :param run_digest: of the bytes of the run file
    """
    header = run.header
    judgement = _judgement(run, claims.profile)
    reveal = reveal_of(header["rulebook"], claims)
    configuration = {
        "adapter": claims.adapter,
        "case-list": reveal.case_list_digest,
        "kit": header["kit_digest"],
        "run": run_digest,
    }
    return {
        "_type": STATEMENT,
        "subject": [_resource(claims.product, claims.build)],
        "predicateType": TEST_RESULT,
        "predicate": {
            "result": "PASSED",
            "configuration": [_resource(name, digest) for name, digest in configuration.items()],
            "passedTests": list(judgement.met),
            "warnedTests": [],
            "failedTests": [],
            OURS: {
                "format": FORMAT,
                "says": says_of(reveal, header["declaration"]["omits"]),
                "product": claims.product,
                "version": claims.version,
                "rulebook": header["rulebook"],
                "profile": claims.profile,
                "kit": header["kit"],
                "declaration": header["declaration"],
                "counts": run.counts(),
                "passed": _passed(run),
                "restarts": run.restarts,
                "tries": min(header["tries"], REMEMBERED),
                "seed": {
                    "drawn": header["fresh"]["drawn"],
                    "drawn_by": reveal.drawn_by,
                    "commitment": reveal.commitment,
                    "reveal": reveal.as_json(),
                    "seed": reveal.seed,
                },
                "valid": {"from": claims.valid_from.isoformat(), "until": claims.valid_until.isoformat()},
            },
        },
    }


def _judgement(run: Run, profile: str) -> Judgement:
    found = next((judgement for judgement in run.judgements if judgement.profile == profile), None)
    if found is None:
        raise StatementError(f"The run was not judged for the profile {profile}.")
    return found


def _resource(name: str, digest: str) -> dict[str, Any]:
    algorithm, _, value = digest.partition(":")
    return {"name": name, "digest": {algorithm: value}}


def _passed(run: Run) -> dict[str, int]:
    counted = Counter(case.kind for case in run.cases if case.verdict is Verdict.PASS)
    return {kind: counted[kind] for kind in KINDS}


def claims_in(statement: Mapping[str, Any]) -> Claims:
    """The claims in a statement; everything else in it follows from them and the run.

    :raises StatementError: they are not there, or not as a certificate has them
    """
    try:
        predicate = statement["predicate"]
        ours = predicate[OURS]
        _readable(ours["format"])
        [subject] = statement["subject"]
        adapter = next(found for found in predicate["configuration"] if found["name"] == "adapter")
        found = {
            **{name: ours[name] for name in ("product", "version", "profile")},
            "build": _digest_in(subject),
            "adapter": _digest_in(adapter),
            **{name: ours["seed"]["reveal"][name] for name in ("nonce", "witness")},
        }
        begins, ends = (a_date(ours["valid"][name], Place([])) for name in ("from", "until"))
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration, Unreadable):
        raise StatementError("This statement is no certificate of this kit: a field is missing or wrong.") from None
    if not all(isinstance(text, str) for text in found.values()):
        raise StatementError("This statement is no certificate of this kit: a field is no text.")
    return Claims(**found, valid_from=begins, valid_until=ends).checked()


def digests_in(statement: Mapping[str, Any]) -> dict[str, str]:
    """What a statement names by a digest, beside the build.

    :raises StatementError: it names nothing so, or not as a certificate does
    """
    try:
        return {str(found["name"]): _digest_in(found) for found in statement["predicate"]["configuration"]}
    except (KeyError, TypeError):
        raise StatementError("This statement is no certificate of this kit: a digest is missing or wrong.") from None


def _readable(format: object) -> None:
    if format != FORMAT:
        raise StatementError(f"This certificate is of format {str(format)[:20]}; this kit reads format {FORMAT}.")


def _digest_in(resource: Mapping[str, Any]) -> str:
    return f"sha256:{resource['digest']['sha256']}"


def first_difference(one: Any, other: Any, place: str = "") -> str:
    """Where two statements differ, as a path; nothing if they are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            here = f"{place}.{name}".lstrip(".")
            if name not in one or name not in other:
                return here
            if found := first_difference(one[name], other[name], here):
                return found
        return ""
    return "" if canonical(one) == canonical(other) else place or "the whole of it"
