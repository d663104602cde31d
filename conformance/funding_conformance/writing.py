"""Writing files whole or not at all: to the side first, then renamed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from funding_spec.errors import FundingError


class CannotWrite(FundingError):
    """A file cannot be written."""


def write_whole(file: Path, blocks: Iterable[bytes]) -> None:
    """Writes a file so that it is never there in part; folders above it are made.

    :raises CannotWrite: with the place and the system's reason
    """
    beside = name_beside(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("xb") as stream:
                stream.writelines(blocks)
            beside.replace(file)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotWrite(f"It cannot be written: {error.strerror or error}.", file=str(file)) from None


def name_beside(place: Path) -> Path:
    """A name that nothing has, in the folder of a place that is to be written.

    :raises CannotWrite: the place has no name itself, such as ``/``
    """
    if not place.name:
        raise CannotWrite("This has no name of its own, so that nothing can be written there.", file=str(place))
    return place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")


def must_be_writable(folder: Path) -> None:
    """Makes a folder, so that one that cannot be written is known before anything else is done.

    :raises CannotWrite: with the place and the system's reason
    """
    probe = folder / f".{secrets.token_hex(4)}.part"
    write_whole(probe, [])
    probe.unlink()
