"""Chooses what an engine's process inherits of the environment: all but secrets, which it has no use for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# Words of a variable's name, between underscores or at its end, that mark a secret.
_WORDS: Final = frozenset(
    {"apikey", "auth", "cookie", "credential", "credentials", "key", "keys", "pass", "passphrase", "passwd", "password"}
    | {"pat", "sas", "secret", "secrets", "token", "tokens"}
)
_ENDS: Final = re.compile(
    r"(secret|password|passwd|passphrase|credentials?|apikey|token|(access|private|secret)key)s?$"
)
# Settings of the bridge itself: the token secret and keys among them, and none is a child's business.
_OURS: Final = "companion_"
# An address with a user and a password in it, whatever the variable is called: a proxy, a database, a package index.
_LOGIN: Final = re.compile(r"://[^/\s@]*:[^\s]*@")


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """Copy the variables that do not look like secrets, by their names and by passwords in addresses."""
    return {name: value for name, value in environ.items() if not _is_secret(name.lower(), value)}


def _is_secret(name: str, value: str) -> bool:
    words = set(name.split("_"))
    return name.startswith(_OURS) or bool(words & _WORDS) or bool(_ENDS.search(name)) or bool(_LOGIN.search(value))
