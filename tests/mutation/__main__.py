"""The mutation run: ``python -m tests.mutation [module ...]``; without a module, all of them.

Exit code 0 if every mutant that is not listed in ``equivalent.yaml`` was noticed, and 1 otherwise.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import selectors
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import funding_reference
from attrs import frozen
from funding_spec.documents import load_file
from tabulate import tabulate

from tests.mutation.killing import Asked, all_asked, killer_of
from tests.mutation.mutants import Mutant, functions_of_file, mutants_of, unchanged_of

ROOT: Final = Path(__file__).resolve().parents[2]
REFERENCE: Final = Path(funding_reference.__file__).resolve().parent
EQUIVALENT: Final = Path(__file__).with_name("equivalent.yaml")
PUBLISHED: Final = Path(__file__).with_name("result.json")
RESULT: Final = ROOT / "build" / "mutation.jsonl"
BESIDE_EARNINGS: Final = (
    "apprenticeship.py",
    "calendar.py",
    "collections.py",
    "contribution.py",
    "due.py",
    "findings.py",
    "levy_account.py",
    "matching.py",
    "money.py",
    "outstanding.py",
    "payable.py",
    "paying.py",
    "payments.py",
    "payments_made.py",
    "prices.py",
    "priority.py",
    "provider_claims.py",
    "qualifying.py",
    "redundancy.py",
    "statements.py",
)


COLUMNS: Final = ("mutants", "examples", "fresh", "properties", "broke", "tests", "equivalent", "left")


@frozen
class Outcome:
    """What became of a mutant.

    :param how: example, fresh, property, test, import, or ended for a process that hung or died; nothing for a survivor
    :param what: which of them
    """

    mutant: Mutant
    how: str
    what: str

    @property
    def is_noticed_by_the_suite(self) -> bool:
        """Whether somebody who has the suite and no test of ours would notice."""
        return self.how not in ("", "test")


def main(arguments: Sequence[str]) -> int:
    """Makes the mutants, has them looked for, and says what became of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as earnings/uplift.py; all of them by default")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--suite-only", action="store_true", help="leave out the tests")
    parser.add_argument("--again", action="store_true", help="only those that the last run left")
    parser.add_argument("--publish", action="store_true", help="write the result that the documentation shows")
    options = parser.parse_args(arguments)
    if not REFERENCE.is_relative_to(ROOT):
        print(f"The reference that is imported is not this one: {REFERENCE}", file=sys.stderr)
        return 2
    modules = options.modules or all_modules()
    began = time.monotonic()
    mutants = [mutant for module in modules for mutant in mutants_of(module, REFERENCE / module)]
    if options.again:
        unnoticed = {tuple(kept["key"]) for kept in map(json.loads, RESULT.read_text().splitlines()) if not kept["how"]}
        mutants = [mutant for mutant in mutants if mutant.key in unnoticed]
    asked = all_asked()
    print(f"{len(mutants)} mutants of {len(modules)} modules, {len(asked)} cases.", flush=True)
    unchanged = [unchanged_of(module, REFERENCE / module) for module in modules]
    for outcome in looked_for(unchanged, asked, options.jobs, options.suite_only):
        if outcome.how:
            print(f"{outcome.mutant.module} fails as it is: {outcome.how} {outcome.what}", file=sys.stderr)
            return 2
    outcomes = list(kept(looked_for(mutants, asked, options.jobs, options.suite_only)))
    seconds = time.monotonic() - began
    if options.publish:
        publish(modules, outcomes)
    return report(modules, outcomes, seconds, again=options.again)


def all_modules() -> list[str]:
    """Every module of earnings, and what they use."""
    earnings = sorted(f"earnings/{file.name}" for file in (REFERENCE / "earnings").glob("*.py"))
    return [*earnings, *BESIDE_EARNINGS]


def looked_for(mutants: Sequence[Mutant], asked: Sequence[Asked], jobs: int, suite_only: bool) -> Iterator[Outcome]:
    """Has several mutants looked for at a time; what noticed the last mutant of a function is asked first."""
    waiting = list(reversed(mutants))
    running = selectors.DefaultSelector()
    recent: dict[str, dict[str, None]] = {}
    places = {one.scenario.id: one for one in asked}
    done = 0
    gc.freeze()
    while waiting or running.get_map():
        while waiting and len(running.get_map()) < jobs:
            mutant = waiting.pop()
            first = _first_of(recent, mutant)
            order = [*(places[id] for id in first), *(one for one in asked if one.scenario.id not in first)]
            listen, say = os.pipe()
            process = os.fork()
            if process == 0:
                killer_of(mutant, order, say, suite_only=suite_only)
            os.close(say)
            running.register(listen, selectors.EVENT_READ, (process, mutant))
        for key, _ in running.select():
            process, mutant = key.data
            said = os.read(key.fd, 65536)
            running.unregister(key.fd)
            os.close(key.fd)
            os.waitpid(process, 0)
            how, what = json.loads(said) if said else ("ended", "hung or died")
            if how in ("example", "fresh"):
                _remember(recent, mutant, what)
            done += 1
            if sys.stderr.isatty() or done % 200 == 0:
                print(f"{done} of {len(mutants)}", end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr)
            yield Outcome(mutant, how, what)


def kept(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes, each written to ``build/mutation.jsonl`` as it comes."""
    RESULT.parent.mkdir(exist_ok=True)
    with RESULT.open("w", encoding="utf-8") as file:
        for outcome in outcomes:
            mutant = outcome.mutant
            place = {"line": mutant.line, "operator": mutant.operator, "key": mutant.key}
            print(json.dumps({**place, "how": outcome.how, "what": outcome.what}), file=file, flush=True)
            yield outcome


def _remember(recent: dict[str, dict[str, None]], mutant: Mutant, id: str) -> None:
    for name in _names(mutant):
        known = recent.setdefault(name, {})
        known.pop(id, None)
        known[id] = None


def _first_of(recent: dict[str, dict[str, None]], mutant: Mutant) -> list[str]:
    return list(dict.fromkeys(id for name in _names(mutant) for id in reversed(recent.get(name, {}))))


def _names(mutant: Mutant) -> tuple[str, ...]:
    return f"{mutant.module}:{mutant.function}", mutant.module


def equivalents() -> Iterator[tuple[str, str, str, str]]:
    """The mutants that are the same program to whoever asks it, with the reason why in ``equivalent.yaml``."""
    for entry in load_file(EQUIVALENT):
        for after in entry["after"]:
            yield entry["module"], entry["function"], entry["before"], after


def report(modules: Sequence[str], outcomes: Sequence[Outcome], seconds: float, *, again: bool) -> int:
    """Says the score and what is left."""
    listed = [key for key in equivalents() if key[0] in modules]
    survived = [outcome.mutant for outcome in outcomes if not outcome.how]
    equivalent = [mutant for mutant in survived if mutant.key in listed]
    left = [mutant for mutant in survived if mutant.key not in listed]
    unneeded = set(listed) - {mutant.key for mutant in survived}
    stale = sorted(unneeded & {outcome.mutant.key for outcome in outcomes} if again else unneeded)
    without = [] if again else _rules_without(modules, outcomes)
    rows = [row_of(module, outcomes, equivalent) for module in modules]
    totals = ["all", *(sum(int(row[column]) for row in rows) for column in COLUMNS)]
    table = [[row["module"], *(row[column] for column in COLUMNS)] for row in rows]
    print(tabulate([*table, totals], headers=["module", *COLUMNS]))
    for mutant in left:
        print(f"\nNot noticed: {mutant.module}:{mutant.line} {mutant.function} ({mutant.operator})")
        print(f"  - {mutant.before}\n  + {mutant.after}")
    for key in stale:
        print(f"\nListed as equivalent, but noticed or no longer made: {key}")
    for rule in without:
        print(f"\nA rule without a mutant: {rule}")
    counted = len(outcomes) - len(equivalent)
    noticed, by_the_suite = counted - len(left), sum(outcome.is_noticed_by_the_suite for outcome in outcomes)
    print(f"\n{len(outcomes)} mutants, of which {len(equivalent)} are equivalent. {seconds / 60:.1f} minutes.")
    print(f"The suite alone notices {_share(by_the_suite, counted)}.")
    print(f"Score {_share(noticed, counted)}; {len(left)} are left.")
    return 1 if left or stale or without else 0


def row_of(module: str, outcomes: Sequence[Outcome], equivalent: Sequence[Mutant]) -> dict[str, str | int]:
    """How many mutants of a module there are, and what noticed them."""
    own = [outcome for outcome in outcomes if outcome.mutant.module == module]
    how = Counter(outcome.how for outcome in own)
    same = sum(mutant.module == module for mutant in equivalent)
    return {
        "module": module,
        "mutants": len(own),
        "examples": how["example"],
        "fresh": how["fresh"],
        "properties": how["property"],
        "broke": how["import"] + how["ended"],
        "tests": how["test"],
        "equivalent": same,
        "left": how[""] - same,
    }


def publish(modules: Sequence[str], outcomes: Sequence[Outcome]) -> None:
    """Writes what the documentation shows: the numbers, and each mutant that the suite alone does not notice."""
    listed = set(equivalents())
    equivalent = [outcome.mutant for outcome in outcomes if not outcome.how and outcome.mutant.key in listed]
    unseen = [
        {
            "module": outcome.mutant.module,
            "function": outcome.mutant.function,
            "before": outcome.mutant.before,
            "after": outcome.mutant.after,
            "test": outcome.what,
        }
        for outcome in outcomes
        if not outcome.is_noticed_by_the_suite and (outcome.how or outcome.mutant.key not in listed)
    ]
    result = {"modules": [row_of(module, outcomes, equivalent) for module in modules], "unseen": unseen}
    PUBLISHED.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} mutants that are not equivalent ({100 * part / whole if whole else 0:.2f}%)"


def _rules_without(modules: Sequence[str], outcomes: Sequence[Outcome]) -> list[str]:
    mutated = {(outcome.mutant.module, outcome.mutant.function) for outcome in outcomes}
    return [
        f"{module} {function.name}"
        for module in modules
        for function in functions_of_file(REFERENCE / module)
        if function.is_rule and (module, function.name) not in mutated
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
