"""Tells who a caller is and what they may do, from a signed token that expires. Pure: time is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import jwt

from bridge.errors import AuthError, ConfigError

Right: TypeAlias = Literal["speak", "view", "studio", "train"]
RIGHTS: Final[frozenset[str]] = frozenset(get_args(Right))
AUDIENCE: Final = "companion-bridge"
ALGORITHM: Final = "HS256"
MAX_TOKEN: Final = 8192  # characters
MAX_USER: Final = 64  # characters
MAX_INSTANT: Final = 253_402_300_799  # the end of the year 9999
INVALID: Final = "the token is not valid here"
MIN_SECRET: Final = 32  # bytes; RFC 7518 3.2 asks for a key no shorter than the hash


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated user; anonymous on a loopback server that asks for no token."""

    user: str
    rights: frozenset[str]


ANONYMOUS: Final = Caller("", RIGHTS)


def check_secret(secret: str) -> None:
    """Raise ConfigError unless `secret` is long enough to sign with."""
    if len(secret.encode()) < MIN_SECRET:
        raise ConfigError("bad_secret", f"auth.secret must have at least {MIN_SECRET} bytes")


def issue(secret: str, user: str, rights: Iterable[str], *, now: float, lifetime: float) -> str:
    """Sign a token for `user` with `rights`, valid for `lifetime` seconds from `now` (seconds since 1970)."""
    check_secret(secret)
    wanted = frozenset(rights)
    if not wanted or wanted - RIGHTS:
        raise ConfigError("bad_rights", f"rights are some of: {', '.join(sorted(RIGHTS))}")
    if not _is_user(user):
        raise ConfigError("bad_user", f"a user name has 1 to {MAX_USER} characters, not all of them white space")
    if not _is_instant(now + lifetime):
        raise ConfigError("bad_lifetime", "a token is valid for a finite time, and not beyond the year 9999")
    claims = {
        "sub": user,
        "aud": AUDIENCE,
        "iat": int(now),
        "exp": int(now + lifetime),
        "rights": sorted(wanted),
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def verify(secret: str, token: str, *, now: float) -> Caller:
    """Return the caller whom `token` names; raise AuthError `unauthorized` or `token_expired` otherwise."""
    if len(token) > MAX_TOKEN:
        raise AuthError("unauthorized", INVALID)
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            # Time is checked below, against `now`.
            options={"require": ["sub", "exp", "aud"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise AuthError("unauthorized", INVALID) from error
    expires, begins, user, rights = claims["exp"], claims.get("nbf", 0), claims["sub"], claims.get("rights", [])
    if not (_is_instant(expires) and _is_instant(begins) and _is_instant(claims.get("iat", 0))):
        raise AuthError("unauthorized", INVALID)
    if not _is_user(user) or not isinstance(rights, list):
        raise AuthError("unauthorized", INVALID)
    if now < begins:
        raise AuthError("unauthorized", "the token is not valid yet")
    if now >= expires:
        raise AuthError("token_expired", "the token has expired; get a new one")
    return Caller(user, frozenset(str(right) for right in rights) & RIGHTS)


def _is_instant(value: object) -> bool:
    """Say whether a claim is a moment in seconds since 1970: a finite number, and no further off than MAX_INSTANT."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_INSTANT


def _is_user(value: object) -> bool:
    """Say whether a claim names a user, whom limits are counted by and whose name travels as UTF-8."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_USER or not value.strip():
        return False
    return not any(0xD800 <= ord(char) < 0xE000 or ord(char) < 0x20 for char in value)


def authorize(secret: str, token: str, *, required: bool, now: float, right: Right) -> Caller:
    """Return the caller if they may do `right`; raise AuthError otherwise. A token that is given must be valid."""
    if token and secret:
        caller = verify(secret, token, now=now)
    elif required:
        raise AuthError("unauthorized", "this server asks for a token in `hello` or the Authorization header")
    else:
        caller = ANONYMOUS
    if right not in caller.rights:
        raise AuthError("forbidden", f"the token does not give the right to {right}")
    return caller
