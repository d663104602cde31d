"""The digest of the kit itself: of all its code, data and texts, the same wherever it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from funding_conformance.canonical import canonical, digest_of

PACKAGES: Final = ("funding_spec", "funding_reference", "funding_conformance")
_SUFFIXES: Final = frozenset({".py", ".yaml", ".json", ".j2", ".css", ".js"})
_ELSEWHERE: Final = frozenset({"examples", "__pycache__"})
"""Examples are counted by the case lists."""


@cache
def kit_digest() -> str:
    """One digest over the path and content of every file; a line ends the same on every system."""
    return digest_of(canonical(dict(_files())))


def _files() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        folder = Path(str(files(package)))
        for file in folder.rglob("*"):
            inside = file.relative_to(folder)
            if file.suffix in _SUFFIXES and not _ELSEWHERE & set(inside.parts):
                content = file.read_bytes().replace(b"\r\n", b"\n")
                yield f"{package}/{inside.as_posix()}", digest_of(content)
