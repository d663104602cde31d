"""Reading YAML and JSON files as plain data, and finding the line of a place in them once something is wrong.

Dates stay text (the reader of each field knows what it wants), decimals never become floats, and a key that is
written twice is an error rather than a silent loss.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from funding_spec.errors import FundingError

Step = str | int
"""One step of a path into a document: a field name, or a place in a list."""


LARGEST_EXPONENT = 300
"""Beyond it a number could not be written again by everyone who reads JSON."""


class DocumentError(FundingError):
    """A file is not readable as YAML or JSON."""


class _PlainConstructor(SafeConstructor):
    """Builds text for dates and exact decimals for numbers with a point."""


def _text(_constructor: SafeConstructor, node: ScalarNode) -> str:
    return cast(str, node.value)


def _decimal(_constructor: SafeConstructor, node: ScalarNode) -> Decimal | str:
    text: str = node.value.replace("_", "")
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


_PlainConstructor.add_constructor("tag:yaml.org,2002:timestamp", _text)
_PlainConstructor.add_constructor("tag:yaml.org,2002:float", _decimal)


def load_file(file: Path | Traversable) -> Any:
    """The content of a YAML or JSON file as plain data.

    :raises DocumentError: the file cannot be read, or is neither; names the line
    """
    name = str(file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"This file is not UTF-8 text (byte {error.start}).", file=name) from None
    except OSError as error:
        raise DocumentError(f"This file cannot be read: {error.strerror or error}.", file=name) from None
    return load_text(text, name)


def load_text(text: str, name: str) -> Any:
    """The same for text that is already in memory; ``name`` ends in .json for JSON and is used in messages."""
    return _load_json(text, name) if name.lower().endswith(".json") else _load_yaml(text, name)


def _load_yaml(text: str, name: str) -> Any:
    if _is_too_deep(text):
        raise DocumentError("This YAML is nested too deeply.", file=name)
    yaml = YAML(typ="safe")
    yaml.Constructor = _PlainConstructor
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise DocumentError(f"This is not valid YAML: {error.problem or error.context}.", file=place) from None
    except (YAMLError, ValueError) as error:
        raise DocumentError(f"This is not valid YAML: {error}.", file=name) from None
    except RecursionError:
        raise DocumentError("This YAML is nested too deeply.", file=name) from None


_DEEPEST = 200
_BRACKETS = re.compile(r"[\[\]{}]")
_STACKED = re.compile(rf"(?:[-?:][ \t]+){{{_DEEPEST}}}")


def _is_too_deep(text: str) -> bool:
    """Whether brackets or dashes are nested deeper than any scenario, and than a parser written in C survives."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > _DEEPEST:
            return True
    return _STACKED.search(text) is not None


def _load_json(text: str, name: str) -> Any:
    try:
        return parse_json(text)
    except json.JSONDecodeError as error:
        place = f"{name}:{error.lineno}:{error.colno}"
        raise DocumentError(f"This is not valid JSON: {error.msg}.", file=place) from None
    except RecursionError:
        raise DocumentError("This JSON is nested too deeply.", file=name) from None
    except ValueError as error:
        raise DocumentError(f"This is not valid JSON: {error}.", file=name) from None


def parse_json(text: str | bytes) -> Any:
    """JSON as plain data: exact decimals, no repeated keys, no NaN; bytes are UTF-8 and nothing else.

    :raises ValueError: the text is not such JSON
    """
    text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    return json.loads(text, parse_float=_number, parse_constant=_refuse_constant, object_pairs_hook=_unique)


def what_is_wrong(error: ValueError | RecursionError) -> str:
    """Why :func:`parse_json` refused a text, as the end of a sentence; nothing where it is no JSON at all."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    if isinstance(error, json.JSONDecodeError):
        return ""
    return str(error) if isinstance(error, _Refused) else "a number in it has too many digits"


class _Refused(ValueError):
    """JSON for others, and not for us: two could read it differently."""


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError:
        number = None
    if number is None or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise _Refused(f"{text[:40]} is too large or too small a number")
    return number


def _refuse_constant(constant: str) -> None:
    raise _Refused(f"{constant} is not a number of JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name, _ in pairs if times[name] > 1)
        raise _Refused(f"the field {twice[:40]} is written twice in one object")
    return found


def line_and_column(text: str, path: Sequence[Step]) -> tuple[int, int] | None:
    """Where in a YAML or JSON text the value at a path stands, counted from 1; its nearest parent if it is missing."""
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, ValueError, RecursionError):
        return None
    if node is None:
        return None
    mark = node.start_mark
    for step in path:
        node = _child(node, step)
        if node is None:
            break
        mark = node.start_mark
    return mark.line + 1, mark.column + 1


def _child(node: Node, step: Step) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return cast(Node, node.value[step])
    return None


def path_text(path: Sequence[Step]) -> str:
    """A path as messages write it: ``given.submissions[0].learners``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
