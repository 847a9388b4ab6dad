"""What can go wrong while something is trained. It knows no method."""

from __future__ import annotations


class TrainingError(Exception):
    """A training cannot be done, or not go on, and why.

    `code` is for machines: `no_data`, `too_little`, `bad_encoding`, `bad_layout`, `no_template`, `bad_model`,
    `bad_method`, `bad_recipe`, `not_a_number`, `no_memory`, `bad_checkpoint`, `bad_run`, `missing_package`,
    `exists`; `message` is for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
