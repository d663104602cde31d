"""Fresh cases that were drawn before on this machine, so that the next run with the same seed is there at once.

They are kept in the user's folder for such things, or in the one that ``FUNDING_KIT_CACHE`` names. A file that cannot
be read or written, or whose content is not whole, is as good as none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from funding_spec.documents import parse_json
from funding_spec.errors import FundingError

from funding_conformance.canonical import canonical, digest_of
from funding_conformance.fresh.cases import GENERATOR, Drawer, FreshCases, draw, place_of
from funding_conformance.kit_digest import kit_digest
from funding_conformance.scenarios import Scenario
from funding_conformance.writing import write_whole

VARIABLE: Final = "FUNDING_KIT_CACHE"
MOST_KEPT: Final = 16
"""Files; the oldest go first."""


def drawn_or_kept(
    drawer: Drawer, seed: int, count: int, clauses: Iterable[str], *, progress: Callable[[], None] = lambda: None
) -> FreshCases:
    """The same as :func:`draw`, out of the folder if they are there."""
    asked = sorted(set(clauses))
    made_of = [GENERATOR, kit_digest(), drawer.digest, seed, count, asked]
    file = folder() / f"fresh-{digest_of(canonical(made_of)).removeprefix('sha256:')}.json"
    if (kept := _read(file, drawer.rulebook, count)) is not None:
        return kept
    found = draw(drawer, seed, count, asked, progress=progress)
    _write(file, found)
    return found


def folder() -> Path:
    """Where they are kept."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "funding-kit" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "funding-kit"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "funding-kit"


def _read(file: Path, rulebook: str, count: int) -> FreshCases | None:
    try:
        digest, _, content = file.read_bytes().partition(b"\n")
        if digest_of(content).encode() != digest:
            return None
        kept = parse_json(content)
        return FreshCases(tuple(_scenario(one, rulebook) for one in kept["cases"]), tuple(kept["untold"]), count)
    except (OSError, ValueError, KeyError, TypeError, FundingError):
        return None


def _scenario(kept: dict[str, Any], rulebook: str) -> Scenario:
    place = place_of(kept["id"])
    return place.scenario(rulebook, kept["given"], kept["expected"])


def _write(file: Path, found: FreshCases) -> None:
    cases = [{"id": one.id, "given": one.given, "expected": _expected(one)} for one in found.scenarios]
    content = canonical({"cases": cases, "untold": list(found.untold)})
    with suppress(OSError, FundingError):
        write_whole(file, [digest_of(content).encode(), b"\n", content])
        _forget_the_oldest(file.parent)


def _expected(scenario: Scenario) -> dict[str, Any]:
    return scenario.expect.rows() if scenario.expect else {}


def _forget_the_oldest(where: Path) -> None:
    files: Sequence[Path] = sorted(where.glob("fresh-*.json"), key=lambda file: file.stat().st_mtime)
    for file in files[:-MOST_KEPT]:
        file.unlink(missing_ok=True)
