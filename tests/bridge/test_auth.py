"""Tokens: who may do what and until when, and every way to be refused."""

from __future__ import annotations

import base64
import json
import math

import jwt
import pytest

from bridge.auth import ANONYMOUS, AUDIENCE, Caller, authorize, check_secret, issue, verify
from bridge.errors import AuthError, ConfigError

SECRET = "a secret that is long enough for HS256"
NOW = 1_900_000_000.0


def token(**claims: object) -> str:
    given = {"sub": "ada", "aud": AUDIENCE, "exp": NOW + 60, "rights": ["speak"], **claims}
    return jwt.encode({key: value for key, value in given.items() if value is not None}, SECRET, algorithm="HS256")


def code(text: str, *, now: float = NOW) -> str:
    with pytest.raises(AuthError) as refused:
        verify(SECRET, text, now=now)
    assert refused.value.message
    assert SECRET not in refused.value.message
    return refused.value.code


def test_a_token_names_its_user_and_rights_until_it_expires() -> None:
    text = issue(SECRET, "ada", ["view", "speak"], now=NOW, lifetime=60.0)
    assert verify(SECRET, text, now=NOW) == Caller("ada", frozenset({"speak", "view"}))
    assert verify(SECRET, text, now=NOW + 59) == Caller("ada", frozenset({"speak", "view"}))
    assert code(text, now=NOW + 60) == "token_expired"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"exp": None},
        {"aud": None},
        {"aud": "another-server"},
        {"exp": "tomorrow"},
        {"rights": "speak"},
        {"sub": 7},
        {"sub": ""},
        {"sub": " \t "},
        {"sub": "a" * 65},
        {"sub": "a\nb"},
        {"sub": "\ud800"},
        {"exp": math.inf},
        {"exp": math.nan},
        {"exp": -math.inf},
        {"exp": 10**400},
        {"exp": True},
        {"exp": [NOW + 60]},
        {"nbf": NOW + 1},
        {"nbf": math.inf},
        {"nbf": math.nan},
        {"nbf": "now"},
        {"iat": math.nan},
        {"iat": "now"},
        {"rights": {"speak": True}},
        {"more": "x" * 10_000},
    ],
)
def test_a_token_with_other_claims_is_refused(claims: dict[str, object]) -> None:
    if claims == {"sub": 7}:  # the library would not write it
        head, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
            for part in (
                {"alg": "HS256", "typ": "JWT"},
                {"sub": 7, "aud": AUDIENCE, "exp": NOW + 60, "rights": ["speak"]},
            )
        )
        sign = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
            head + b"." + body, SECRET.encode()
        )
        text = b".".join((head, body, base64.urlsafe_b64encode(sign).rstrip(b"="))).decode()
    else:
        text = token(**claims)
    assert code(text) == "unauthorized"


def test_forged_tokens_are_refused() -> None:
    good = token()
    head, body, sign = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    other = jwt.encode({"sub": "ada", "aud": AUDIENCE, "exp": NOW + 60}, "x" * 40, algorithm="HS256")
    stronger = jwt.encode({"sub": "ada", "aud": AUDIENCE, "exp": NOW + 60}, SECRET * 2, algorithm="HS512")
    eve = (
        base64.urlsafe_b64encode(json.dumps({"sub": "eve", "aud": AUDIENCE, "exp": NOW + 60}).encode())
        .rstrip(b"=")
        .decode()
    )
    for text in (
        f"{none}.{body}.",
        f"{none}.{body}.{sign}",
        f"{head}.{body}.",
        other,
        stronger,
        f"{head}.{eve}.{sign}",
    ):
        assert code(text) == "unauthorized"


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "ä.ö.ü", "x" * 4096, "\0", "e30.e30.e30"])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert code(text) == "unauthorized"


def test_rights_that_nobody_knows_give_nothing() -> None:
    assert verify(SECRET, token(rights=["speak", "rule"]), now=NOW).rights == {"speak"}
    assert verify(SECRET, token(rights=None), now=NOW).rights == frozenset()


def test_who_must_bring_a_token() -> None:
    assert authorize("", "", required=False, now=NOW, right="speak") is ANONYMOUS
    assert authorize(SECRET, "", required=False, now=NOW, right="speak") is ANONYMOUS
    assert authorize(SECRET, token(), required=True, now=NOW, right="speak").user == "ada"
    with pytest.raises(AuthError, match="asks for a token"):
        authorize(SECRET, "", required=True, now=NOW, right="speak")
    with pytest.raises(AuthError) as refused:
        authorize(SECRET, token(), required=True, now=NOW, right="view")
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize(
    ("user", "rights", "secret"),
    [
        ("", ["speak"], SECRET),
        ("x" * 65, ["speak"], SECRET),
        ("ada", [], SECRET),
        ("ada", ["rule"], SECRET),
        ("ada", ["speak"], "short"),
    ],
)
def test_no_bad_token_is_issued(user: str, rights: list[str], secret: str) -> None:
    with pytest.raises(ConfigError):
        issue(secret, user, rights, now=NOW, lifetime=60.0)


def test_a_secret_is_measured_in_bytes() -> None:
    check_secret("ä" * 16)
    with pytest.raises(ConfigError):
        check_secret("a" * 31)
