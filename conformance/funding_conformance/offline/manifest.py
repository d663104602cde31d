"""The manifest of a pack: what it asks, and the size and digest of every file, so that a changed pack is refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from funding_spec.documents import parse_json
from funding_spec.errors import FundingError

from funding_conformance import KIT_VERSION
from funding_conformance.offline.pack import MADE_UP
from funding_conformance.reports.differences import printable

MANIFEST: Final = "manifest.json"
FORMAT: Final = "funding-kit pack"
FORMAT_VERSION: Final = 2

LARGEST_MANIFEST: Final = 16 * 1024 * 1024
LARGEST_FILE: Final = 256 * 1024 * 1024
_READ_AT_ONCE: Final = 1024 * 1024
_NAME: Final = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/){0,5}[A-Za-z0-9_-][A-Za-z0-9._-]*")


class PackError(FundingError):
    """A pack cannot be used: it is not whole, was changed, or was made by another kit."""


@frozen
class Stamp:
    """How large a file is, in bytes, and its digest."""

    size: int
    sha256: str

    @staticmethod
    def of(content: bytes) -> Stamp:
        return Stamp(len(content), hashlib.sha256(content).hexdigest())


@frozen
class Manifest:
    """What a pack says of itself.

    :param profiles: those that it was made for; none means every one
    :param only: the pattern that chose its cases
    :param cases: how many fresh cases were asked for
    :param tries: how many cases were drawn for each property; 0 if none were
    :param seed: where drawing began
    :param case_list: a digest of its questions and what must be answered
    :param files: what must stand in the pack as it was written
    :param templates: the tables that wait for answers, as they were written
    """

    rulebook: str
    profiles: tuple[str, ...]
    only: str | None
    cases: int
    tries: int
    seed: int
    case_list: str
    files: Mapping[str, Stamp]
    templates: Mapping[str, Stamp]

    def written(self) -> bytes:
        """The manifest as JSON text, with a digest of itself."""
        content = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "kit": KIT_VERSION,
            "rulebook": self.rulebook,
            "profiles": list(self.profiles),
            "only": self.only,
            "cases": self.cases,
            "tries": self.tries,
            "seed": self.seed,
            "case_list": self.case_list,
            "made_up": MADE_UP,
            "files": _stamps_as_json(self.files),
            "templates": _stamps_as_json(self.templates),
        }
        return _text({**content, "digest": _digest(content)})


def stamped(files: Mapping[str, bytes]) -> dict[str, Stamp]:
    """The size and digest of each file, in the order of their names."""
    return {name: Stamp.of(content) for name, content in sorted(files.items())}


def _stamps_as_json(stamps: Mapping[str, Stamp]) -> dict[str, Any]:
    return {name: {"bytes": stamp.size, "sha256": stamp.sha256} for name, stamp in stamps.items()}


def _text(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def _digest(content: Mapping[str, Any]) -> str:
    return f"sha256:{hashlib.sha256(_text(content)).hexdigest()}"


# Reading


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a pack.

    :raises PackError: there is none, it is cut off, changed, or of another version
    """
    file = folder / MANIFEST
    if not folder.is_dir():
        raise PackError("There is no such pack: it is the folder that export wrote.", file=str(folder))
    if file.is_symlink() or not file.is_file():
        raise PackError(f"This is no pack: it has no {MANIFEST}.", file=str(folder))
    content = _content(file)
    if content.get("format") != FORMAT:
        raise PackError("This is not the manifest of a pack.", file=str(file))
    ours = {"version": FORMAT_VERSION, "kit": KIT_VERSION}
    for name, version in ours.items():
        if content.get(name) != version:
            other = printable(content.get(name))[:40]
            reason = f"This pack is of {name} {other}; this kit has {version}. Export it again."
            raise PackError(reason, file=str(file), path=name)
    if content.get("digest") != _digest({name: value for name, value in content.items() if name != "digest"}):
        raise PackError("This manifest was changed after it was written. Export the pack again.", file=str(file))
    return _manifest(content, file)


def _content(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > LARGEST_MANIFEST:
            raise PackError("This manifest is larger than any that export writes.", file=str(file))
        content = parse_json(file.read_bytes())
    except OSError as error:
        raise PackError(f"It cannot be read: {error.strerror or error}.", file=str(file)) from None
    except (ValueError, RecursionError):
        reason = "This manifest is not JSON: it was cut off or changed. Export the pack again."
        raise PackError(reason, file=str(file)) from None
    if not isinstance(content, dict):
        raise PackError("This is not the manifest of a pack.", file=str(file))
    return content


def _manifest(content: Mapping[str, Any], file: Path) -> Manifest:
    profiles, only = content.get("profiles"), content.get("only")
    numbers = [content.get("cases"), content.get("tries"), content.get("seed")]
    texts = [content.get("rulebook"), content.get("case_list"), *([only] if only is not None else [])]
    if (
        not isinstance(profiles, list)
        or not all(isinstance(text, str) for text in (*texts, *profiles))
        or not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
        or not all(isinstance(content.get(name), dict) for name in ("files", "templates"))
    ):
        raise PackError("A field of this manifest is missing or of the wrong kind.", file=str(file))
    stamps = [dict(_stamps(content[group], group, file)) for group in ("files", "templates")]
    if min(content["cases"], content["tries"]) < 0:
        raise PackError("A pack cannot have fewer than no cases.", file=str(file))
    return Manifest(
        content["rulebook"],
        tuple(profiles),
        only,
        content["cases"],
        content["tries"],
        content["seed"],
        content["case_list"],
        *stamps,
    )


def _stamps(listed: Mapping[str, Any], group: str, file: Path) -> Iterator[tuple[str, Stamp]]:
    for name, stamp in listed.items():
        if not _NAME.fullmatch(name):
            reason = f"{printable(name)[:80]!r} is not the name of a file in a pack. It may lead out of the folder."
            raise PackError(reason, file=str(file), path=group)
        size, digest = (stamp.get("bytes"), stamp.get("sha256")) if isinstance(stamp, dict) else (None, None)
        if not isinstance(size, int) or not isinstance(digest, str) or not 0 <= size <= LARGEST_FILE:
            raise PackError(f"{name} has no size and digest that could be right.", file=str(file), path=group)
        yield name, Stamp(size, digest)


# Checking


def problem_with(folder: Path, name: str, stamp: Stamp) -> str:
    """What is wrong with a file of a pack, in words; nothing if it stands there as it was written."""
    path = folder
    for part in name.split("/"):
        path /= part
        if path.is_symlink():
            return "It leads elsewhere (a link) instead of being a file of the pack."
    try:
        if not path.is_file():
            return "It is missing."
        if path.stat().st_size != stamp.size or _sha256(path) != stamp.sha256:
            return "It was changed after it was written."
    except OSError as error:
        return f"It cannot be read: {error.strerror or error}."
    return ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_READ_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()


def check_files(folder: Path, manifest: Manifest) -> None:
    """Refuses a pack in which a file is missing or was changed; templates may have been filled in.

    :raises PackError: which file, and what is wrong with it
    """
    for name, stamp in manifest.files.items():
        if problem := problem_with(folder, name, stamp):
            raise PackError(f"{problem} Export the pack again; only answers/ may be changed.", file=str(folder / name))
