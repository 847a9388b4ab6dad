"""The one error of signing."""

from __future__ import annotations


class SigningError(Exception):
    """Something that cannot be signed or checked: `code` for machines, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def lacking(package: str) -> SigningError:
    """Say that a package of the extra is not installed."""
    return SigningError("no_provenance", f"{package} is not installed: pip install 'companion-bridge[provenance]'")
