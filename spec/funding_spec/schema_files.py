"""The JSON Schemas (draft 2020-12) of everything that is written down or sent: they are the authority on its shape.

Each has a name of its own as ``$id`` and refers to the others by it, never by a place. Whoever validates hands all of
them to the validator; nothing in this project does so at run time.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from funding_spec.errors import FundingError

_ENDING: Final = ".schema.json"


class UnknownSchema(FundingError):
    """No schema of that name is known."""


@cache
def schema_names() -> tuple[str, ...]:
    """The names of all schemas, in order."""
    names = (file.name for file in (files("funding_spec") / "schemas").iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def schema(name: str) -> dict[str, Any]:
    """The schema of that name: ``answer``, ``scenario`` and so on.

    :raises UnknownSchema: there is none; lists those there are
    """
    if name not in schema_names():
        raise UnknownSchema(f"There is no schema {name}. Known: {', '.join(schema_names())}.", path=name)
    text = (files("funding_spec") / "schemas" / f"{name}{_ENDING}").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))
