"""What can go wrong while a person is made. It knows no stage."""

from __future__ import annotations


class StudioError(Exception):
    """A stage cannot do what was asked, and why.

    `code` is for machines: `bad_wish`, `contradiction`, `public_figure`, `no_folder`, `exists`, `busy`, `tampered`,
    `damaged`, `disk_full`, `unwritable`, `bad_model`, `model_failed`, `missing_package`, `no_stage` and those that
    stages add; `message` is for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
