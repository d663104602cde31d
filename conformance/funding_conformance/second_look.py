"""A second look at a run file: every answer that it keeps is judged once more, as if it had just arrived.

Nothing that the file says about itself is believed. From its header and the answers the whole run is made again with
the worked examples and properties of this kit, and must come out as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import evolve
from funding_spec.errors import FundingError
from funding_spec.register import load_register
from funding_spec.rulebook import editions

from funding_conformance import protocol
from funding_conformance.canonical import canonical
from funding_conformance.case_lists import case_digests, frozen_list, list_digest
from funding_conformance.fresh import FreshCases, drawn_for
from funding_conformance.judge import asked_for
from funding_conformance.profiles import PROFILES
from funding_conformance.properties import broken_again, passed, properties_asked
from funding_conformance.properties.property import Property
from funding_conformance.properties.search import REMEMBERED
from funding_conformance.protocol import Declaration, Outcome, ProtocolFault, Reply, read_declaration
from funding_conformance.run import Case, Run, chosen, header_of, judged, judged_profiles, not_applicable, wants_of
from funding_conformance.runfile import RunFile
from funding_conformance.scenarios import Scenario, examples_folder, load_folder, without_repeats

_LONGEST_TIMEOUT: Final = 3600
"""The most seconds that a run gives an answer."""
_LONGEST_ANSWER: Final = 10**9
"""Milliseconds that no answer takes."""


class NotTheSame(FundingError):
    """A run file does not hold what a run with this kit would have written."""


def run_again(run: RunFile) -> Run:
    """The run that the answers in a run file make, judged again.

    :raises NotTheSame: a case, a clause, a count or a verdict comes out otherwise than it is written
    """
    header = run.header
    declaration = _declaration(header)
    rulebook, names = _texts(header)
    examples = load_folder(examples_folder())
    scenarios = chosen(without_repeats(examples), rulebook, None)
    digests = case_digests(scenarios)
    if not header.get("case_list") == list_digest(digests) == frozen_list(rulebook).digest:
        raise NotTheSame("Its worked examples are not those of the frozen case list.")
    seed, count = header.get("seed"), _count(header.get("fresh"), "asked", "fresh cases")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise NotTheSame("Its header does not say from which seed it was drawn.")
    kept = sum(case.get("kind") == "fresh" for case in run.cases)
    some = min(count, kept + 1)  # nobody draws longer because a header says so
    fresh = evolve(drawn_for(names, rulebook, examples, seed, some), asked=count)
    _same_header(header, declaration, rulebook, names, digests, fresh)
    again = Run(header, restarts=_count(run.footer, "restarts", "restarts"), remarks=_remarks(run.footer))
    again.cases.extend(_cases_again(run, scenarios, fresh.scenarios, declaration, names, rulebook))
    profiles = judged_profiles(names, declaration, load_register(), rulebook)
    again.conclude(profiles, declaration, load_register(), rulebook, digests)
    written = {name: value for name, value in run.footer.items() if name != "digest"}
    if canonical(again.footer()) != canonical(written):
        raise NotTheSame("Its verdicts, counts or clauses are not those that its cases come to.")
    return again


def _same_header(
    header: Mapping[str, Any],
    declaration: Declaration,
    rulebook: str,
    names: Sequence[str],
    digests: Mapping[str, str],
    fresh: FreshCases,
) -> None:
    asked, seed, tries, timeout = (header.get(name) for name in ("asked", "seed", "tries", "timeout"))
    if isinstance(timeout, bool) or not isinstance(timeout, int | Decimal) or not 0 < timeout <= _LONGEST_TIMEOUT:
        raise NotTheSame("Its header does not say how much time an answer had.")
    if not isinstance(asked, str) or not isinstance(seed, int) or not isinstance(tries, int):
        raise NotTheSame("Its header does not say what was asked, from which seed and how often.")
    again = header_of(
        declaration, asked, rulebook, digests, profiles=names, fresh=fresh, seed=seed, tries=tries, timeout=timeout
    )
    if canonical(again) != canonical(header):
        raise NotTheSame("Its header is not one that this kit writes.")


def _cases_again(
    run: RunFile,
    examples: Sequence[Scenario],
    fresh: Sequence[Scenario],
    declaration: Declaration,
    names: Sequence[str],
    rulebook: str,
) -> Iterator[Case]:
    wants = wants_of(names)
    asked: list[tuple[str, Scenario | Property]] = [
        *(("example", scenario) for scenario in examples),
        *(("fresh", scenario) for scenario in fresh),
        *(("property", property) for property in properties_asked(declaration, rulebook, wants)),
    ]
    if len(asked) != len(run.cases):
        raise NotTheSame(f"It holds {len(run.cases):,} cases, where there are {len(asked):,}.")
    for (kind, what), written in zip(asked, run.cases, strict=True):
        if isinstance(what, Scenario):
            again = _scenario_again(kind, what, written, declaration, wants)
        else:
            again = _property_again(what, written, rulebook, run.header["tries"])
        if canonical(again.as_json()) != canonical(written):
            raise NotTheSame("What is written of this case is not what its answer comes to.", path=again.id)
        yield again


def _scenario_again(
    kind: str, scenario: Scenario, written: Mapping[str, Any], declaration: Declaration, wants: Sequence[str]
) -> Case:
    parts = asked_for(scenario, declaration, wants)
    if not parts:
        return not_applicable(scenario, declaration, kind)
    answer, milliseconds = written.get("answer"), written.get("ms")
    if not isinstance(answer, dict):
        raise NotTheSame("No answer to this case is kept.", path=scenario.id)
    if (
        isinstance(milliseconds, bool)
        or not isinstance(milliseconds, int | Decimal)
        or not 0 <= milliseconds <= _LONGEST_ANSWER
    ):
        raise NotTheSame("How long this case took is no number of milliseconds.", path=scenario.id)
    outcome, content, note = protocol.read_reply({"id": "", **answer}, parts)
    if outcome is Outcome.FAULT:
        raise NotTheSame(f"The answer that is kept breaks the protocol: {note}", path=scenario.id)
    reply = Reply("", outcome, content, note, float(milliseconds))
    return judged(scenario, parts, reply, declaration, kind=kind, explain=False)


def _property_again(property: Property, written: Mapping[str, Any], rulebook: str, tries: int) -> Case:
    tried = written.get("tried")
    case = passed(property, tried if isinstance(tried, dict) else {})
    if not isinstance(tried, dict) or tried.keys() != {"scenarios", "answers"}:
        raise NotTheSame("What the property was tried on is not kept.", path=case.id)
    if not isinstance(tried["scenarios"], list) or not isinstance(tried["answers"], dict):
        raise NotTheSame("What the property was tried on is not kept.", path=case.id)
    if len(tried["scenarios"]) < min(tries, REMEMBERED):
        raise NotTheSame("The property was tried on fewer scenarios than the run says.", path=case.id)
    if len(tried["scenarios"]) > REMEMBERED:
        raise NotTheSame(f"A run keeps {REMEMBERED} scenarios of a property at most.", path=case.id)
    try:
        problem = broken_again(property, rulebook, tried)
    except Exception as error:  # scenarios that no search could have drawn
        problem = f"its scenarios cannot be asked ({type(error).__name__})"
    if problem:
        raise NotTheSame(f"The answers that are kept do not have this property: {problem}", path=case.id)
    return case


def _declaration(header: Mapping[str, Any]) -> Declaration:
    try:
        return read_declaration(header.get("declaration"))
    except ProtocolFault as fault:
        raise NotTheSame(f"Its declaration is none: {fault.reason}") from None


def _texts(header: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The rulebook and the profiles that were asked for by name."""
    rulebook, names = header.get("rulebook"), header.get("profiles")
    known = {profile.name for profile in PROFILES}
    if not isinstance(rulebook, str) or rulebook not in editions():
        raise NotTheSame("Its rulebook is not one of this kit.")
    if not isinstance(names, list) or not all(isinstance(name, str) and name in known for name in names):
        raise NotTheSame("Its profiles are not those of this kit.")
    return rulebook, tuple(names)


def _count(holder: object, name: str, of: str) -> int:
    found = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise NotTheSame(f"Its number of {of} is none.")
    return found


def _remarks(footer: Mapping[str, Any]) -> list[str]:
    found = footer.get("remarks")
    if not isinstance(found, list) or not all(isinstance(remark, str) for remark in found):
        raise NotTheSame("Its remarks are no texts.")
    return found
