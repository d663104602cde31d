"""Reading a run file back: the only thing a report needs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from attrs import frozen
from funding_spec.documents import parse_json
from funding_spec.errors import FundingError

from funding_conformance.protocol import write_line


class RunFileError(FundingError):
    """A run file is not whole, or was changed."""


@frozen
class RunFile:
    """A run as it was written: the header, the cases and the footer, as plain data."""

    header: dict[str, Any]
    cases: tuple[dict[str, Any], ...]
    footer: dict[str, Any]

    @property
    def name(self) -> str:
        """The implementation's name and version."""
        who = self.header["declaration"]["implementation"]
        return " ".join(str(part) for part in (who.get("name"), who.get("version")) if part)


def read_run_file(file: Path) -> RunFile:
    """A run file, checked: it has its footer, and nothing before it was changed.

    :raises RunFileError: it is cut off, changed, or no run file
    """
    try:
        lines = file.read_bytes().splitlines(keepends=True)
        contents = [parse_json(line) for line in lines]
    except OSError as error:
        raise RunFileError(f"It cannot be read: {error.strerror or error}.", file=str(file)) from None
    except (ValueError, RecursionError) as error:
        raise RunFileError(f"This is not a run file: {error}.", file=str(file)) from None
    whole = len(contents) >= 2 and all(isinstance(content, dict) for content in contents)
    if not whole or not isinstance(contents[0].get("run"), dict) or "digest" not in contents[-1]:
        raise RunFileError("This run file has no footer: the run did not end, or the file was cut.", file=str(file))
    footer = {name: value for name, value in contents[-1].items() if name != "digest"}
    digest = hashlib.sha256(b"".join([*lines[:-1], write_line(footer)])).hexdigest()
    if contents[-1]["digest"] != f"sha256:{digest}":
        raise RunFileError("This run file was changed after it was written: its digest differs.", file=str(file))
    return RunFile(contents[0]["run"], tuple(contents[1:-1]), contents[-1])
