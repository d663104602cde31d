"""Errata: certificates, case lists and keys that no longer count, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from funding_spec.documents import load_text
from funding_spec.errors import FundingError

from funding_conformance.canonical import DIGEST, read_limited

FORMAT: Final = 1
LARGEST: Final = 16 * 1024 * 1024
"""Bytes that no errata file exceeds."""
_KINDS: Final = {"certificates": "digest", "case_lists": "digest", "keys": "id"}
_FORMS: Final = {
    "digest": (DIGEST, "a digest is sha256: and 64 hexadecimal digits, all small."),
    "id": (re.compile(r"[0-9a-f]{64}"), "the id of a key is 64 hexadecimal digits, all small."),
}
"""How a name is written: one in another form would be nobody's, and what it means would go on counting."""


class ErrataError(FundingError):
    """An errata file cannot be used; names the entry."""


@frozen
class Errata:
    """What was withdrawn, and why.

    :param certificates: reasons by the digest of the certificate's file
    :param case_lists: reasons by the digest of the case list
    :param keys: reasons by the id of the key
    """

    certificates: Mapping[str, str]
    case_lists: Mapping[str, str]
    keys: Mapping[str, str]


def load_errata(file: Path) -> Errata:
    """What a YAML or JSON file of errata says.

    :raises ErrataError: it is no such file, or an entry lacks its reason
    """
    name = str(file)
    try:
        text = read_limited(file, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ErrataError(f"This file is not UTF-8 text (byte {error.start}).", file=name) from None
    content = load_text(text, name)
    if not isinstance(content, Mapping) or content.get("errata") != FORMAT:
        raise ErrataError(f"This is not a file of errata: it does not begin with errata: {FORMAT}.", file=name)
    if unknown := [field for field in content if field not in (*_KINDS, "errata")]:
        raise ErrataError(f"There is no field {unknown[0]} in errata.", file=name)
    return Errata(**{kind: _reasons(content.get(kind) or [], kind, name) for kind in _KINDS})


def _reasons(entries: Any, kind: str, file: str) -> dict[str, str]:
    if not isinstance(entries, list):
        raise ErrataError("This must be a list.", file=file, path=kind)
    found = {}
    for number, entry in enumerate(entries):
        named = _KINDS[kind]
        whole = isinstance(entry, Mapping) and entry.keys() == {named, "reason"}
        if not whole or not all(isinstance(value, str) and value.strip() for value in entry.values()):
            raise ErrataError(f"An entry has {named} and reason, both text.", file=file, path=f"{kind}[{number}]")
        form, words = _FORMS[named]
        if not form.fullmatch(entry[named]):
            raise ErrataError(f"This names nothing: {words}", file=file, path=f"{kind}[{number}].{named}")
        found[entry[named]] = entry["reason"].strip()
    return found
