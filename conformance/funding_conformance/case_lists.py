"""Frozen case lists: which worked examples every run of a rulebook must ask, profile by profile.

A list is kept in a file for each rulebook, with a digest for every case and one for all cases of each profile. A run
that asked fewer, or another question under the same id, is not complete, however well it was answered.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from funding_reference.money import plain
from funding_spec.errors import FundingError

from funding_conformance.canonical import canonical, digest_of
from funding_conformance.judge import asked_for
from funding_conformance.profiles import PROFILES, Profile
from funding_conformance.protocol import Declaration
from funding_conformance.scenarios import Expect, Rows, Scenario, Table
from funding_conformance.writing import write_whole

FOLDER: Final = "case_lists"


class CaseListError(FundingError):
    """A frozen list cannot be used, or no longer is what the kit asks."""


@frozen
class CaseList:
    """The frozen worked examples of one rulebook.

    :param cases: the digest of each case, by id
    :param profiles: the ids that must be asked for each profile
    """

    rulebook: str
    cases: Mapping[str, str]
    profiles: Mapping[str, tuple[str, ...]]

    @property
    def digest(self) -> str:
        """The digest of all cases."""
        return list_digest(self.cases)

    def of(self, profile: str) -> dict[str, str]:
        """The cases of a profile, with their digests; none, if nothing is frozen for it."""
        return {id: self.cases[id] for id in self.profiles.get(profile, ())}

    def as_json(self) -> dict[str, Any]:
        profiles = {name: self.of(name) for name in self.profiles}
        return {
            "rulebook": self.rulebook,
            "count": len(self.cases),
            "digest": self.digest,
            "profiles": {name: {"count": len(cases), "digest": list_digest(cases)} for name, cases in profiles.items()},
            "cases": {
                id: {"digest": digest, "profiles": [name for name, cases in profiles.items() if id in cases]}
                for id, digest in self.cases.items()
            },
        }


def list_digest(cases: Mapping[str, str]) -> str:
    """One digest of several cases: of their ids and digests, in whatever order they are given."""
    return digest_of(canonical(dict(cases)))


def case_digests(scenarios: Iterable[Scenario]) -> dict[str, str]:
    """The digest of each scenario: what is asked, what must be answered, and the clauses it stands for."""
    return {scenario.id: case_digest(scenario) for scenario in scenarios}


def case_digest(scenario: Scenario) -> str:
    """The digest of one scenario."""
    return digest_of(canonical(_content(scenario)))


def _content(scenario: Scenario) -> dict[str, Any]:
    return {
        "question": scenario.question(),
        "title": scenario.title,
        "wants": scenario.wants,
        "decides": scenario.decides,
        "clauses": scenario.clauses,
        "expect": _expectation(scenario.expect) if scenario.expect else None,
    }


def _expectation(expect: Expect) -> dict[str, Any]:
    reject = expect.reject
    return {
        "tables": [_table(table) for table in expect.tables],
        **({"answer": expect.answer} if expect.answer else {}),
        **{name: _rows(rows) for name, rows in expect.lists()},
        **({"reject": {"code": reject.code, "path": reject.path}} if reject else {}),
    }


def _table(table: Table) -> dict[str, Any]:
    amounts = {str(month): plain(amount) for month, amount in table.amounts.items()}
    return {
        "measure": table.measure,
        "where": table.where,
        "amounts": amounts,
        "to": table.to,
        "complete": table.complete,
    }


def _rows(rows: Rows) -> dict[str, Any]:
    return {"rows": rows.rows, "complete": rows.complete}


# Freezing


def freeze(members: Sequence[Scenario], rulebook: str) -> CaseList:
    """The list of a rulebook as its scenarios now are."""
    profiles = {profile.name: tuple(s.id for s in members if _is_of(s, profile, rulebook)) for profile in PROFILES}
    return CaseList(rulebook, case_digests(members), {name: ids for name, ids in profiles.items() if ids})


def _is_of(scenario: Scenario, profile: Profile, rulebook: str) -> bool:
    """Whether an implementation that answers just what a profile wants must be asked this for it."""
    least = Declaration({}, (rulebook,), profile.wants)
    covered = any(profile.covers(clause) for clause in scenario.decides or scenario.clauses)
    return covered and bool(asked_for(scenario, least, profile.wants))


def write_list(found: CaseList, folder: Path) -> None:
    """Writes the file of one rulebook, whole or not at all."""
    write_whole(folder / f"{found.rulebook}.json", [_a_case_a_line(found.as_json()).encode()])


def _a_case_a_line(content: dict[str, Any]) -> str:
    """JSON in which a changed case is a changed line."""
    cases = ",\n".join(f"    {json.dumps(id)}: {json.dumps(case)}" for id, case in content["cases"].items())
    rest = json.dumps({**content, "cases": {}}, indent=2)
    return rest.replace('"cases": {}', f'"cases": {{\n{cases}\n  }}') + "\n"


# Reading


def lists_folder() -> Path:
    """Where the kit keeps its frozen lists."""
    return Path(str(files("funding_conformance"))) / FOLDER


@cache
def frozen_list(rulebook: str, folder: Path | None = None) -> CaseList:
    """The frozen list of a rulebook.

    :raises CaseListError: there is none, or it does not have the digest that it names
    """
    file = (folder or lists_folder()) / f"{rulebook}.json"
    try:
        content = json.loads(file.read_bytes())
        cases = {id: case["digest"] for id, case in content["cases"].items()}
        profiles = {
            name: tuple(id for id, case in content["cases"].items() if name in case["profiles"])
            for name in content["profiles"]
        }
        found = CaseList(content["rulebook"], cases, profiles)
        whole = found.as_json() == content and found.rulebook == rulebook
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise CaseListError(f"There is no readable frozen case list of rulebook {rulebook}.", file=str(file)) from None
    if not whole:
        raise CaseListError("This frozen case list was changed by hand: a digest or a count differs.", file=str(file))
    return found


def lacking(
    profile: str, frozen: CaseList, digests: Mapping[str, str], answered_for: Collection[str]
) -> tuple[str, ...]:
    """The cases that are frozen for a profile and that a run did not ask as they are frozen.

    :param digests: of every case that the run had, by id
    :param answered_for: the ids of those that were asked, not set aside as not applicable
    """
    return tuple(id for id, digest in frozen.of(profile).items() if digests.get(id) != digest or id not in answered_for)


def stale(frozen: CaseList, now: CaseList) -> Iterator[str]:
    """What a frozen list no longer says rightly, a sentence each."""
    for id in sorted(frozen.cases.keys() | now.cases.keys()):
        if id not in now.cases:
            yield f"{id} is frozen and no longer there."
        elif id not in frozen.cases:
            yield f"{id} is not frozen."
        elif frozen.cases[id] != now.cases[id]:
            yield f"{id} is not the case that was frozen."
    for name in sorted(frozen.profiles.keys() | now.profiles.keys()):
        moved = set(frozen.profiles.get(name, ())) ^ set(now.profiles.get(name, ()))
        for id in sorted(moved & frozen.cases.keys() & now.cases.keys()):
            yield f"{id} is frozen {'in' if id in frozen.profiles.get(name, ()) else 'outside'} the profile {name}."
