"""Who a caller is and what they may do, from a signed token that expires. Pure: time is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import jwt

from bridge.errors import AuthError, ConfigError

Right: TypeAlias = Literal["speak", "view"]
RIGHTS: Final[frozenset[str]] = frozenset(get_args(Right))
AUDIENCE: Final = "companion-bridge"
ALGORITHM: Final = "HS256"
MIN_SECRET: Final = 32  # bytes; RFC 7518 3.2 asks for a key no shorter than the hash


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated user; anonymous on a loopback server that asks for no token."""

    user: str
    rights: frozenset[str]


ANONYMOUS: Final = Caller("", RIGHTS)


def check_secret(secret: str) -> None:
    """ConfigError unless `secret` is long enough to sign with."""
    if len(secret.encode()) < MIN_SECRET:
        raise ConfigError("bad_secret", f"the auth secret must have at least {MIN_SECRET} bytes")


def issue(secret: str, user: str, rights: Iterable[str], *, now: float, lifetime: float) -> str:
    """A token for `user` with `rights`, valid for `lifetime` seconds from `now` (seconds since 1970)."""
    check_secret(secret)
    wanted = frozenset(rights)
    if not wanted or wanted - RIGHTS:
        raise ConfigError("bad_rights", f"rights are some of: {', '.join(sorted(RIGHTS))}")
    if not 0 < len(user) <= 64:
        raise ConfigError("bad_user", "a user name has 1 to 64 characters")
    claims = {
        "sub": user,
        "aud": AUDIENCE,
        "iat": int(now),
        "exp": int(now + lifetime),
        "rights": sorted(wanted),
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def verify(secret: str, token: str, *, now: float) -> Caller:
    """The caller whom `token` names; AuthError `unauthorized` or `token_expired` otherwise."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            # Time is checked below, against `now`.
            options={"require": ["sub", "exp", "aud"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise AuthError("unauthorized", "the token is not valid here") from error
    expires, user, rights = claims["exp"], claims["sub"], claims.get("rights", [])
    if not isinstance(expires, int | float) or not isinstance(user, str) or not isinstance(rights, list):
        raise AuthError("unauthorized", "the token is not valid here")
    if now >= expires:
        raise AuthError("token_expired", "the token has expired; get a new one")
    return Caller(user, frozenset(str(right) for right in rights) & RIGHTS)


def authorize(secret: str, token: str, *, required: bool, now: float, right: Right) -> Caller:
    """The caller, if they may do `right`; AuthError otherwise. A token that is given must be valid."""
    if token and secret:
        caller = verify(secret, token, now=now)
    elif required:
        raise AuthError("unauthorized", "this server asks for a token in `hello` or the Authorization header")
    else:
        caller = ANONYMOUS
    if right not in caller.rights:
        raise AuthError("forbidden", f"the token does not give the right to {right}")
    return caller
