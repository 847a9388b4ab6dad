"""The one error of labels."""

from __future__ import annotations


class LabelError(Exception):
    """A file that cannot be labelled or read: `code` for machines, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
