"""What every page of the kit has in common: its templates, texts that act on nothing, a Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

from funding_reference.money import pounds
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from funding_conformance.reports.differences import printable
from funding_conformance.reports.life_facts import month_in_words, month_of, pence


def rendered(template: str, **values: Any) -> str:
    """A page as text.

    :param template: the name of its template, in this folder
    """
    found: Template = _environment().get_template(template)
    return found.render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("funding_conformance", "reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters.update(
        {"pounds": pounds, "pence": pence, "month": _month, "to": _to, "csp": _csp, "signed": _signed}
    )
    return environment


def _finalized(value: object) -> object:
    """Every text that is not the template's own loses the characters that a page would act on."""
    return value if isinstance(value, Markup) else printable(value)


def _month(month: object) -> str:
    """A month written YYYY-MM as people write it."""
    number = month_of(month)
    return str(month) if number is None else month_in_words(number)


def _to(anchor: str) -> str:
    return f"#{quote(anchor, safe='/')}"


def _csp(content: Markup) -> str:
    """What a Content-Security-Policy allows exactly this style or script by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(str(content).encode()).digest()).decode()}'"


def _signed(difference: Decimal) -> str:
    return f"{pounds(abs(difference))} {'over' if difference > 0 else 'under'}"
