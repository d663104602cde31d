"""The small pieces that pages are made of, as docutils nodes: links, tables, lists, code, and what folds away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, cast

from docutils import nodes
from funding_spec.register import Register
from sphinx import addnodes
from sphinx_design.shared import create_component

Cell = str | Sequence[nodes.Node]
"""What stands in a cell: text, or nodes within a paragraph."""

_CLAUSE: Final = re.compile(r"(`[^`]+`|\b(?:[A-Z]+(?:-[A-Za-z0-9.]+)+)\b)")


def target_id(kind: str, name: str) -> str:
    """The anchor of something that can be linked to: ``clause-GUIDE-35``."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}"


def link(kind: str, name: str, text: str | None = None) -> nodes.Node:
    """A link to a clause, rule, example, known-bad, property or parameter, wherever it is shown."""
    shown: nodes.Element
    if kind == "clause" or text:
        shown = nodes.inline("", text or name, classes=[kind])
    else:
        shown = nodes.literal("", name, classes=[kind])
    return addnodes.pending_xref(
        "", shown, refdomain="std", reftype=kind, reftarget=name, refexplicit=text is not None, refwarn=True
    )


def links(kind: str, names: Iterable[str]) -> list[nodes.Node]:
    """Several links, with commas between them."""
    found: list[nodes.Node] = []
    for name in names:
        found += [nodes.Text(", "), link(kind, name)] if found else [link(kind, name)]
    return found


def prose(text: str, register: Register) -> list[nodes.Node]:
    """Text in which every clause of the register is a link, and what stands between backticks is literal."""
    found: list[nodes.Node] = []
    for part in _CLAUSE.split(" ".join(text.split())):
        if part.startswith("`"):
            found.append(nodes.literal("", part.strip("`")))
        elif part in register:
            found.append(link("clause", part))
        elif part:
            found.append(nodes.Text(part))
    return found


def paragraph(*content: nodes.Node | str, classes: Sequence[str] = ()) -> nodes.paragraph:
    """A paragraph of nodes and plain text."""
    made = nodes.paragraph("", classes=list(classes))
    made += [nodes.Text(part) if isinstance(part, str) else part for part in content]
    return made


def bullets(items: Iterable[Sequence[nodes.Node]], classes: Sequence[str] = ()) -> nodes.bullet_list:
    """A bulleted list; each item is the nodes of its body."""
    made = nodes.bullet_list("", bullet="-", classes=list(classes))
    for body in items:
        made += nodes.list_item("", *body)
    return made


def heading(text: str) -> nodes.rubric:
    """A heading below a clause that stays out of the table of contents."""
    return nodes.rubric("", text, classes=["part"])


def code(source: str) -> nodes.literal_block:
    """Python as it stands in the file."""
    block = nodes.literal_block(source, source, classes=["code"])
    block["language"] = "python"
    return block


def folded(title: Sequence[nodes.Node], body: Sequence[nodes.Node], *, opened: bool = False) -> nodes.Node:
    """Something that shows its title, and its body once it is opened."""
    made = create_component(
        "dropdown",
        opened=opened,
        type="dropdown",
        has_title=True,
        icon=None,
        chevron=None,
        container_classes=["sd-mb-2"],
        title_classes=[],
        body_classes=[],
    )
    made += nodes.rubric("", "", *title)
    made += list(body)
    return cast(nodes.Node, made)


def table(
    headers: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int], classes: Sequence[str] = ()
) -> nodes.table:
    """A table; ``widths`` are relative. On a narrow screen its rows stack, by the stylesheet."""
    group = nodes.tgroup("", cols=len(headers))
    group += [nodes.colspec("", colwidth=width) for width in widths]
    group += nodes.thead("", _row(headers))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group, classes=["stacking", "colwidths-given", *classes])


def _row(cells: Sequence[Cell]) -> nodes.row:
    row = nodes.row("")
    for cell in cells:
        content = [nodes.Text(cell)] if isinstance(cell, str) else list(cell)
        blocks = content and not isinstance(content[0], (nodes.Text, nodes.Inline))
        row += nodes.entry("", *(content if blocks else [nodes.paragraph("", "", *content)]))
    return row


def anchored(element: nodes.Element, kind: str, name: str) -> nodes.Element:
    """The same element with the anchor of what it shows; the directive makes it known to the roles."""
    element["ids"].append(target_id(kind, name))
    element.attributes.setdefault("anchors", []).append((kind, name))
    return element
