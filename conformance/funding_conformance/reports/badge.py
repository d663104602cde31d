"""The verdict as a badge: a small picture (SVG) that loads nothing, and never a count."""

from __future__ import annotations

from typing import Final

from funding_conformance.reports.differences import shortened
from funding_conformance.reports.svg import box, element, escaped, width_of
from funding_conformance.runfile import RunFile

COLOURS: Final = {
    "conformant": "#12643c",
    "not conformant": "#a1161f",
    "adapter unusable": "#a1161f",
}
"""Behind each verdict; white letters on every one of them have a contrast of more than 7 to 1."""
OTHERWISE: Final = "#6f4500"
BEHIND_SUBJECT: Final = "#3b4450"

_HEIGHT: Final = 20
_SIZE: Final = 11
_PADDING: Final = 7
_LONGEST: Final = 60


def badge(run: RunFile) -> bytes:
    """The badge as UTF-8."""
    subject = shortened(f"apprenticeship funding {run.header['rulebook']}", _LONGEST)
    verdict = shortened(str(run.footer["verdict"]), _LONGEST)
    left, right = (width_of(says, _SIZE) + 2 * _PADDING for says in (subject, verdict))
    profiles = ", ".join(str(profile["profile"]) for profile in run.footer["profiles"])
    title = f"{subject}: {verdict}{f' ({profiles})' if profiles else ''}. Not an approval by any government department."
    drawn = element(
        "svg",
        element("title", escaped(title), id="badge-title"),
        box(0, 0, left + right, _HEIGHT, rx=3, fill=COLOURS.get(verdict, OTHERWISE)),
        element("path", d=f"M3 0H{left:.1f}V{_HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3Z", fill=BEHIND_SUBJECT),
        _text(subject, _PADDING),
        _text(verdict, left + _PADDING, weight="bold"),
        xmlns="http://www.w3.org/2000/svg",
        width=left + right,
        height=_HEIGHT,
        viewBox=f"0 0 {left + right:.1f} {_HEIGHT}",
        role="img",
        aria_labelledby="badge-title",
    )
    return f"{drawn}\n".encode()


def _text(says: str, x: float, weight: str = "") -> str:
    """A text that is as wide as there is room for it, in whatever letters it is shown."""
    return element(
        "text",
        escaped(says),
        x=float(x),
        y=14,
        fill="#ffffff",
        font_family="Verdana, DejaVu Sans, Geneva, sans-serif",
        font_size=_SIZE,
        font_weight=weight,
        textLength=width_of(says, _SIZE),
        lengthAdjust="spacingAndGlyphs",
    )
