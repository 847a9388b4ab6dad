"""What can be wrong with an identity. It knows no file format."""

from __future__ import annotations


class IdentityError(Exception):
    """An identity cannot be used, and why.

    `code` is for machines: `not_found`, `unreadable`, `too_large`, `not_an_identity`, `bad_json`, `bad_card`,
    `bad_png`, `bad_archive`, `unsafe_path`, `bad_facts`, `bad_attributes`, `bad_voice`, `bad_phrases`, `bad_course`,
    `bad_translation`, `no_language`; `message` is for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
