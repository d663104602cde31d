"""The one base of every error that this project raises on purpose, so that one name catches them all."""

from __future__ import annotations


class FundingError(Exception):
    """Something given to us cannot be used; says which file, where in it, and what to do.

    :param reason: what is wrong and what to do about it, in a sentence or two
    :param file: the file, with line and column where they are known: ``mine.yaml:31:14``
    :param path: where inside the file: a clause id, or a path such as ``given.submissions[0]``
    """

    def __init__(self, reason: str, *, file: str | None = None, path: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.file = file
        self.path = path

    def __str__(self) -> str:
        place = "  ".join(part for part in (self.file, self.path) if part)
        if not place:
            return self.reason
        indented = "\n".join(f"  {line}" for line in self.reason.splitlines())
        return f"{place}\n{indented}"
