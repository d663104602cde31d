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
RESULT: Final = ROOT / "build" / "mutation.jsonl"
BESIDE_EARNINGS: Final = (
    "apprenticeship.py",
    "calendar.py",
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


@frozen
class Outcome:
    """What became of a mutant.

    :param how: example, test, property, import, or ended for a process that hung or died; nothing for a survivor
    :param what: which of them
    """

    mutant: Mutant
    how: str
    what: str


def main(arguments: Sequence[str]) -> int:
    """Makes the mutants, has them looked for, and says what became of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as earnings/uplift.py; all of them by default")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--examples-only", action="store_true", help="leave out the tests and the properties")
    parser.add_argument("--again", action="store_true", help="only those that the last run left")
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
    print(f"{len(mutants)} mutants of {len(modules)} modules, {len(asked)} worked examples.", flush=True)
    unchanged = [unchanged_of(module, REFERENCE / module) for module in modules]
    for outcome in looked_for(unchanged, asked, options.jobs, options.examples_only):
        if outcome.how:
            print(f"{outcome.mutant.module} fails as it is: {outcome.how} {outcome.what}", file=sys.stderr)
            return 2
    outcomes = list(kept(looked_for(mutants, asked, options.jobs, options.examples_only)))
    seconds = time.monotonic() - began
    return report(modules, outcomes, seconds, again=options.again)


def all_modules() -> list[str]:
    """Every module of earnings, and what they use."""
    earnings = sorted(f"earnings/{file.name}" for file in (REFERENCE / "earnings").glob("*.py"))
    return [*earnings, *BESIDE_EARNINGS]


def looked_for(mutants: Sequence[Mutant], asked: Sequence[Asked], jobs: int, examples_only: bool) -> Iterator[Outcome]:
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
                killer_of(mutant, order, say, examples_only=examples_only)
            os.close(say)
            running.register(listen, selectors.EVENT_READ, (process, mutant))
        for key, _ in running.select():
            process, mutant = key.data
            said = os.read(key.fd, 65536)
            running.unregister(key.fd)
            os.close(key.fd)
            os.waitpid(process, 0)
            how, what = json.loads(said) if said else ("ended", "hung or died")
            if how == "example":
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
    rows = [_row(module, [o for o in outcomes if o.mutant.module == module], equivalent) for module in modules]
    totals = ["all", *(sum(row[place] for row in rows) for place in range(1, 7))]
    headers = ["module", "mutants", "examples", "tests", "properties", "broke", "equivalent", "left"]
    table = [[*row, row[1] - sum(row[2:])] for row in (*rows, totals)]
    print(tabulate(table, headers=headers))
    for mutant in left:
        print(f"\nNot noticed: {mutant.module}:{mutant.line} {mutant.function} ({mutant.operator})")
        print(f"  - {mutant.before}\n  + {mutant.after}")
    for key in stale:
        print(f"\nListed as equivalent, but noticed or no longer made: {key}")
    for rule in without:
        print(f"\nA rule without a mutant: {rule}")
    counted = len(outcomes) - len(equivalent)
    noticed = counted - len(left)
    score = 100 * noticed / counted if counted else 0
    print(
        f"\nScore {score:.2f}%: {noticed} of {counted} mutants noticed, "
        f"{len(equivalent)} more are equivalent, {len(left)} are left. {seconds / 60:.1f} minutes."
    )
    return 1 if left or stale or without else 0


def _row(module: str, outcomes: Sequence[Outcome], equivalent: Sequence[Mutant]) -> list[object]:
    how = Counter(outcome.how for outcome in outcomes)
    same = sum(mutant.module == module for mutant in equivalent)
    return [
        module,
        len(outcomes),
        how["example"],
        how["test"],
        how["property"],
        how["import"] + how["ended"],
        same,
    ]


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
