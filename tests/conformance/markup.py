"""What stands in a page or in a picture, found by XPath."""

from __future__ import annotations

import lxml.html
from lxml import etree


def page_of(text: str) -> etree._Element:
    """The document of an HTML page."""
    return lxml.html.document_fromstring(text)


def elements(of: etree._Element, path: str) -> list[etree._Element]:
    """The elements on a path, which leads to nothing else."""
    found: list[etree._Element] = []
    for one in _found(of, path):
        assert isinstance(one, etree._Element), one
        found.append(one)
    return found


def texts(of: etree._Element, path: str) -> list[str]:
    """The attributes or texts on a path, which leads to nothing else."""
    found: list[str] = []
    for one in _found(of, path):
        assert isinstance(one, str), one
        found.append(one)
    return found


def is_nowhere(of: etree._Element, path: str) -> bool:
    """Whether a path leads to nothing, neither an element nor an attribute."""
    return not _found(of, path)


def words(of: etree._Element) -> str:
    """All text of an element, with single blanks."""
    text = of.xpath("string()")
    assert isinstance(text, str)
    return " ".join(text.split())


def _found(of: etree._Element, path: str) -> list[object]:
    found = of.xpath(path)
    assert isinstance(found, list), found
    return list(found)
