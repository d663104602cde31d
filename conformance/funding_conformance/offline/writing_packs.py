"""Writing a pack: the whole folder beside its place first, then renamed, so that no part of a pack is ever there."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from funding_conformance.offline.manifest import MANIFEST, PackError, problem_with, read_manifest
from funding_conformance.writing import CannotWrite


def check_place(folder: Path, replace: bool) -> None:
    """Refuses a place where something stands that is not a pack, or a pack that was not to be replaced.

    :param replace: whether an older pack may go
    :raises PackError: what stands there
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PackError("This is not a folder. Name one for the pack.", file=str(folder))
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MANIFEST).is_file():
        raise PackError("This folder is not empty and holds no pack. Name another.", file=str(folder))
    if not replace:
        raise PackError("A pack is there already. Name another folder, or add --replace.", file=str(folder))
    _check_nothing_of_yours(folder)


def _check_nothing_of_yours(folder: Path) -> None:
    """Refuses a pack with files that somebody added or filled in: replacing it would lose them."""
    manifest = read_manifest(folder)
    stamps = {**manifest.files, **manifest.templates}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        changed = name != MANIFEST and (name not in stamps or problem_with(folder, name, stamps[name]))
        if changed:
            reason = "This file is yours, or was changed. Move it elsewhere before the pack is replaced."
            raise PackError(reason, file=str(path))


def write_pack(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes a pack so that it is there whole or not at all; an older one goes at the last moment.

    :param files: by name, with / between folders
    :raises CannotWrite: with the place and the system's reason
    """
    folder = folder.absolute()
    mark = secrets.token_hex(4)
    beside = folder.with_name(f".{folder.name}.{mark}.part")
    older = folder.with_name(f".{folder.name}.{mark}.old")
    try:
        try:
            for name, content in files.items():
                file = beside / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            _put_in_place(beside, folder, older)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise CannotWrite(f"It cannot be written: {error.strerror or error}.", file=str(folder)) from None
    shutil.rmtree(older, ignore_errors=True)


def _put_in_place(beside: Path, folder: Path, older: Path) -> None:
    if folder.exists():
        folder.replace(older)
    try:
        beside.replace(folder)
    except BaseException:
        if older.exists():
            older.replace(folder)
        raise
