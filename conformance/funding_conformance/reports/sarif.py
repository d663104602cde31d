"""The run for code scanning, as SARIF 2.1.0: a rule a clause, a result for each clause that a failing case decides.

What makes a run not conformant beside its cases is a result too, so that a file without results is a conformant run.
Every result has a place in a file, or GitHub would take none of them: the worked example, or else the line of the run
file that says it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from attrs import Factory, define
from funding_spec.register import Register

from funding_conformance.reports.differences import explained, printable, shortened
from funding_conformance.runfile import PASSED_OVER, RunFile

EXAMPLES: Final = "examples/scenarios"
"""Where the worked examples are in the repository, each under its id."""

RUN_FILE: Final = "run.jsonl"
"""Where everything else is: in the run file, wherever that may be."""

LONGEST_DESCRIPTION: Final = 1_024
"""How many characters GitHub takes of what a rule says."""
LONGEST_MESSAGE: Final = 8_000
"""How many characters one message has at most."""

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
_OWN_RULES: Final = {
    "no-clause": "What is asked is answered rightly, also where a case stands for no clause by itself.",
    "adapter": "The implementation can be asked, and keeps to the protocol.",
    "baseline": "Every entry of the baseline still holds.",
    "profile": "Every profile that is judged is conformant.",
}
_LINE_OF_FIRST: Final = 2
"""The line of a run file that holds the first case, after the header."""
_INCOMPLETE: Final = ("adapter unusable", "fault of the kit")


def sarif_report(run: RunFile, register: Register, in_repository: Iterable[str] = ()) -> bytes:
    """The report as UTF-8.

    :param register: for the words and the place of each clause
    :param in_repository: the ids of the worked examples that are files of the repository
    """
    log = _Log(run, register, frozenset(in_repository))
    results = [*log.of_cases(), *log.beside_cases()]
    content = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {**_driver(run), "rules": list(log.rules.values())}},
                "automationDetails": {"id": f"funding-kit/{printable(run.header['rulebook'])}/"},
                "invocations": [{"executionSuccessful": run.footer["verdict"] not in _INCOMPLETE}],
                "columnKind": "unicodeCodePoints",
                "results": results,
                "properties": {
                    "implementation": printable(run.name),
                    "rulebook": printable(run.header["rulebook"]),
                    "verdict": run.footer["verdict"],
                    "digest": run.footer["digest"],
                },
            }
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def _driver(run: RunFile) -> dict[str, Any]:
    return {
        "name": "funding-kit",
        "version": printable(run.header["kit"]),
        "fullName": "Conformance kit for apprenticeship funding in England",
    }


@define
class _Log:
    """The results, and the rules that they name, each with its place in the list of rules."""

    run: RunFile
    register: Register
    in_repository: frozenset[str]
    rules: dict[str, dict[str, Any]] = Factory(dict)
    _places: dict[str, int] = Factory(dict)

    def of_cases(self) -> Iterator[dict[str, Any]]:
        """A result for each clause that a failing case decides; none where the adapter answered nothing at all."""
        for number, case in enumerate(() if self.run.broken else self.run.cases, _LINE_OF_FIRST):
            if case["verdict"] in PASSED_OVER:
                continue
            lines = [f"{case['title']}: {case['verdict']}", *explained(case)]
            message = shortened(printable("\n".join(lines)), LONGEST_MESSAGE)
            locations = [self._location(case, number)]
            for id in case["decides"] or case["clauses"][:1] or ["no-clause"]:
                level = "warning" if case["verdict"] == "kit-error" else None
                yield self._result(printable(id), message, locations, str(case["case"]), level)

    def beside_cases(self) -> Iterator[dict[str, Any]]:
        """What else keeps the run from being conformant."""
        footer = self.run.footer
        last = len(self.run.cases) + _LINE_OF_FIRST
        adapter = [self.run.broken, *footer["faults"], footer.get("gave_up", "")]
        for rule, found in (("adapter", adapter), ("baseline", footer.get("baseline", []))):
            for says in filter(None, found):
                yield self._result(
                    rule, shortened(printable(says), LONGEST_MESSAGE), [_in_run_file(rule, last)], str(says)
                )
        open_profiles = [profile for profile in footer["profiles"] if profile["verdict"] != "conformant"]
        for profile in open_profiles:
            name, level = profile["profile"], "error" if profile["verdict"] == "not conformant" else "warning"
            says = printable(f"{name}: {profile['verdict']}. {profile['reason']}")
            yield self._result("profile", says, [_in_run_file(printable(name), last)], str(name), level)
        if not footer["profiles"]:
            yield self._result("profile", "No profile was judged.", [_in_run_file("profile", last)], "", "warning")

    def _result(
        self, rule: str, message: str, locations: list[dict[str, Any]], about: str, level: str | None = None
    ) -> dict[str, Any]:
        place = self._place(rule)
        return {
            "ruleId": rule,
            "ruleIndex": place,
            "level": level or self.rules[rule]["defaultConfiguration"]["level"],
            "message": {"text": message},
            "locations": locations,
            "partialFingerprints": {"ofCase/v1": _fingerprint(rule, about)},
        }

    def _place(self, id: str) -> int:
        """Where the rule is listed; it is if it was not before."""
        if id not in self._places:
            self._places[id] = len(self.rules)
            self.rules[id] = self._rule(id)
        return self._places[id]

    def _rule(self, id: str) -> dict[str, Any]:
        if id not in self.register:
            says = _OWN_RULES.get(id, "The register of this kit has no such clause.")
            return _described(id, says, says, says, "error")
        clause = self.register.get(id)
        more = f"{clause.says}\n\n{clause.place}\n\nfunding-kit clauses {id}"
        return _described(id, clause.place, clause.says, more, _LEVELS.get(clause.level or "", "error"))

    def _location(self, case: Mapping[str, Any], line: int) -> dict[str, Any]:
        name = printable(case["case"])
        if case["kind"] != "example" or case["case"] not in self.in_repository:
            return _in_run_file(name, line)
        file = {"uri": quote(f"{EXAMPLES}/{case['case']}.yaml"), "uriBaseId": "%SRCROOT%"}
        return {"physicalLocation": {"artifactLocation": file, "region": _region(1)}, **_logical(name)}


def _described(id: str, place: str, says: str, more: str, level: str) -> dict[str, Any]:
    return {
        "id": id,
        "shortDescription": {"text": shortened(place, LONGEST_DESCRIPTION)},
        "fullDescription": {"text": shortened(says, LONGEST_DESCRIPTION)},
        "help": {"text": more},
        "defaultConfiguration": {"level": level},
    }


def _in_run_file(name: str, line: int) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": RUN_FILE}, "region": _region(line)}, **_logical(name)}


def _region(line: int) -> dict[str, int]:
    return {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2}


def _logical(name: str) -> dict[str, Any]:
    return {"logicalLocations": [{"fullyQualifiedName": name, "name": name.rpartition("/")[2] or name}]}


def _fingerprint(*parts: str) -> str:
    """What says in the next run that a result is the same, however its figures differ."""
    return sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()
