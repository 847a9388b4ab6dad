"""Says why a client's event was not taken, in the words of the Realtime API."""

from __future__ import annotations


class Refused(Exception):
    """What a client asked for cannot be done; the conversation goes on.

    `code` is for machines, `message` for people, `param` names the field that is wrong.
    """

    def __init__(self, code: str, message: str, param: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
