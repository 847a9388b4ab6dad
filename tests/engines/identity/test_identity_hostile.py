"""Identities from strangers: whatever the file holds, it loads or raises IdentityError, and stays small and inside."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import stat
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.api import EngineError
from engines.dialogue.card.engine import CardDialogue
from engines.identity import IdentityError, load_identity, unpack
from engines.identity.macros import expand
from engines.identity.patterns import BUDGET, SUBJECT, Budget, compile_key, subject
from tests.engines.dialogue.screenplay import Scene
from tests.engines.identity.test_identity import V3, chunk, picture, picture_of

CARD = json.dumps(V3).encode()


def code_of(path: Path) -> str:
    with pytest.raises(IdentityError) as caught:
        load_identity(path)
    assert caught.value.message
    assert not caught.value.message.startswith("Traceback")
    return caught.value.code


def archive(path: Path, *members: tuple[zipfile.ZipInfo | str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, data in members:
            file.writestr(name, data)
    return path


# ------------------------------------------------------------------------------------------------ JSON


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_json"),
        (b"\xff\xfe\x00", "bad_json"),
        (b"[]", "bad_json"),
        (b"null", "bad_json"),
        (b"{" * 100_000, "bad_json"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "bad_json"),
        (b'{"name": "x", "a":' + b"[" * 60 + b"]" * 60 + b"}", "bad_json"),
        (b'{"name": "x", "a": NaN}', "bad_json"),
        (b'{"name": "x", "a": 1e999}', "bad_json"),
        (b'{"name": "x", "a": ' + b"9" * 5000 + b"}", "bad_json"),
        (b'{"name": "x", "a": [' + b"0," * 300_000 + b"0]}", "too_large"),
        (b'{"name": "x"}' + b" " * 9_000_000, "too_large"),
        (b"{}", "bad_card"),
        (b'{"spec": "chara_card_v3"}', "bad_card"),
        (b'{"spec": "chara_card_v9", "data": {"name": "x"}}', "bad_card"),
        (b'{"spec": "chara_card_v3", "data": []}', "bad_card"),
        (b'{"spec": "chara_card_v3", "data": {"name": "  "}}', "bad_card"),
        (b'{"spec": {"a": 1}, "data": {"name": "x"}}', "bad_card"),
    ],
)
def test_bad_json(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "x.json").write_bytes(data)
    assert code_of(tmp_path / "x.json") == code


@pytest.mark.parametrize(
    "field",
    [
        {"name": "x" * 1000},
        {"description": "x" * 300_000},
        {"extensions": {"companion_bridge": []}},
        {"character_book": {"entries": [{}] * 5000}},
        {"character_book": {"entries": [{"content": "x" * 50_000}]}},
        {"character_book": {"entries": [{"keys": ["x"] * 300}]}},
        {"tags": ["x"] * 5000},
    ],
)
def test_what_is_too_large_is_refused(tmp_path: Path, field: dict[str, Any]) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"spec": "chara_card_v3", "data": {"name": "x", **field}}))
    with pytest.raises(IdentityError) as caught:
        _ = load_identity(tmp_path / "x.json").extension
    assert caught.value.code in ("bad_card", "too_large")


def test_lone_surrogates_become_harmless(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b'{"name": "a\\ud800b", "first_mes": "\\udfff", "\\ud800": 1}')
    identity = load_identity(tmp_path / "x.json")
    assert identity.name == "a?b"
    json.dumps(identity.card.raw, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("identity.json", "{", "bad_json"),
        ("identity.json", '{"language": "../../etc"}', "bad_facts"),
        ("identity.json", '{"looks": {"Hair Colour": "x"}}', "bad_facts"),
        ("identity.json", '{"looks": {"hair": ["x"]}}', "bad_facts"),
        ("identity.json", '{"looks": []}', "bad_facts"),
        ("assets/x_voice/other/voice.json", "[]", "bad_json"),
        ("assets/x_voice/other/voice.json", '{"rate": 100}', "bad_voice"),
        ("assets/x_voice/other/voice.json", '{"rate": true}', "bad_voice"),
        ("assets/x_voice/other/voice.json", '{"name": "../x"}', "bad_voice"),
        ("assets/x_voice/other/voice.json", '{"language": "en;rm"}', "bad_voice"),
    ],
)
def test_bad_companion_files(tmp_path: Path, name: str, data: str, code: str) -> None:
    (tmp_path / "card.json").write_bytes(CARD)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(data)
    assert code_of(tmp_path) == code


def test_nothing_there(tmp_path: Path) -> None:
    assert code_of(tmp_path / "gone") == "not_found"
    assert code_of(tmp_path) == "not_an_identity"
    (tmp_path / "x.charx").write_bytes(b"")
    assert code_of(tmp_path / "x.charx") == "bad_archive"
    (tmp_path / "card.json").mkdir()
    assert code_of(tmp_path) == "not_an_identity"
    assert code_of(Path("a\0b")) in ("unreadable", "not_found")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_bytes(CARD)
    (tmp_path / "me").mkdir()
    (tmp_path / "me/card.json").symlink_to(tmp_path / "secret.json")
    assert code_of(tmp_path / "me") == "unsafe_path"


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a/../../b", "", "a\\b", "C:x", "a//b", "con", "a/nul.png", "a."]
)
def test_assets_are_inside(tmp_path: Path, path: str) -> None:
    (tmp_path / "card.json").write_bytes(CARD)
    with pytest.raises(IdentityError) as caught:
        load_identity(tmp_path).asset(path)
    assert caught.value.code == "unsafe_path"


# ------------------------------------------------------------------------------------------------ archives


@pytest.mark.parametrize(
    "name", ["../evil", "/abs", "a/../../evil", "C:/x", "a\\..\\evil", "con.txt", "a/./b", "x" * 300, "b "]
)
def test_names_that_leave_the_folder_are_left_out(tmp_path: Path, name: str) -> None:
    file = archive(tmp_path / "x.charx", ("card.json", CARD), (zipfile.ZipInfo(name), b"x"))
    assert [warning.field for warning in load_identity(file).warnings] == ["archive"]
    unpack(file, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["card.json", "x.charx"]


def test_links_in_archives(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert code_of(archive(tmp_path / "x.charx", ("card.json", CARD), (link, b"/etc/passwd"))) == "unsafe_path"


def test_two_files_of_one_name(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        file = archive(tmp_path / "x.charx", ("card.json", CARD), ("card.json", b"{}"))
    assert code_of(file) == "bad_archive"
    assert code_of(archive(tmp_path / "y.charx", ("card.json", CARD), ("Card.JSON", b"{}"))) == "bad_archive"
    assert code_of(archive(tmp_path / "z.charx", ("card.json", CARD), ("a", b""), ("a/b", b""))) == "bad_archive"


def test_bombs(tmp_path: Path) -> None:
    assert code_of(archive(tmp_path / "x.charx", ("card.json", b" " * 20_000_000))) == "too_large"
    members = [("card.json", CARD), *((f"f{i}", b"") for i in range(5000))]
    assert code_of(archive(tmp_path / "y.charx", *members)) == "too_large"


def test_a_size_that_lies(tmp_path: Path) -> None:
    """Both headers say that card.json is a small thing; it unpacks to more."""
    long = CARD + b" " * 900_000
    data = bytearray(archive(tmp_path / "x.charx", ("card.json", long)).read_bytes())
    for at in (data.find(b"PK\x03\x04") + 22, data.find(b"PK\x01\x02") + 24):
        struct.pack_into("<I", data, at, len(CARD))
    (tmp_path / "x.charx").write_bytes(data)
    assert code_of(tmp_path / "x.charx") == "bad_archive"


def test_encrypted_rare_and_zip64(tmp_path: Path) -> None:
    plain = archive(tmp_path / "x.charx", ("card.json", CARD)).read_bytes()
    data = bytearray(plain)
    data[data.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.charx").write_bytes(data)
    assert code_of(tmp_path / "x.charx") == "bad_archive"
    assert code_of(archive(tmp_path / "y.charx", ("card.json", CARD), kind=zipfile.ZIP_BZIP2)) == "bad_archive"
    end = plain.find(b"PK\x05\x06")
    (tmp_path / "z.charx").write_bytes(plain[:end] + b"PK\x06\x07" + b"\0" * 16 + plain[end:])
    assert code_of(tmp_path / "z.charx") == "bad_archive"


def test_no_card_inside(tmp_path: Path) -> None:
    assert code_of(archive(tmp_path / "x.charx", ("sub/card.json", CARD))) == "not_an_identity"


# ------------------------------------------------------------------------------------------------ pictures


def coded(data: bytes) -> bytes:
    return base64.b64encode(data)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (picture(), "bad_png"),
        (picture((b"ccv3", b"")), "bad_png"),
        (picture((b"ccv3", b"!!!not base64")), "bad_png"),
        (picture((b"ccv3", coded(b"{"))), "bad_json"),
        (picture((b"ccv3", coded(b"{}")), (b"chara", coded(CARD))), "bad_card"),
        (picture((b"ccv3", coded(CARD)))[:60], "bad_png"),
        (b"\x89PNG\r\n\x1a\n", "bad_png"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xfftEXtccv3\0" + coded(CARD), "bad_png"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"aaaa", b"") * 100_001, "bad_png"),
        (picture((b"ccv3", b"A" * 13_000_000)), "too_large"),
    ],
)
def test_bad_pictures(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "x.png").write_bytes(data)
    assert code_of(tmp_path / "x.png") == code


def test_a_compressed_card_is_inflated_within_a_bound(tmp_path: Path) -> None:
    bomb = zlib.compress(b"A" * 60_000_000)
    (tmp_path / "x.png").write_bytes(picture_of(chunk(b"zTXt", b"chara\0\0" + bomb)))
    assert code_of(tmp_path / "x.png") == "too_large"
    (tmp_path / "x.png").write_bytes(picture_of(chunk(b"zTXt", b"chara\0\0" + zlib.compress(coded(CARD))[:-9])))
    assert code_of(tmp_path / "x.png") == "bad_png"
    (tmp_path / "x.png").write_bytes(picture_of(chunk(b"iTXt", b"chara\0\1\0\0\0not deflated")))
    assert code_of(tmp_path / "x.png") == "bad_png"


# ------------------------------------------------------------------------------------------------ patterns


@pytest.mark.parametrize(
    "key", ["(?=a)", r"(a)\1", "x{1,9999}", "[", "(" * 300, "a" * 300, "*", "C++", "(x{1,100}){1,90}"]
)
def test_patterns_that_cannot_be_bounded_or_are_wrong_are_not_used(key: str) -> None:
    assert compile_key(key, Budget()) is None


@pytest.mark.parametrize(
    "key", ["sun|moon", "^colou?r$", "(north|south)ern", r"\bking\b", "[a-z]+ball", "/dragons?/i", "x[]a]", "(a+)+$"]
)
def test_common_patterns_are_used(key: str) -> None:
    assert compile_key(key, Budget()) is not None


def test_all_patterns_of_a_book_share_one_budget() -> None:
    budget = Budget()
    made = [compile_key("[ab]*a[ab]{200}c", budget) for _ in range(100)]
    assert 0 < sum(pattern.size for pattern in made if pattern) <= BUDGET
    assert made[-1] is None
    assert len(subject("\u6d77" * 1000)) == SUBJECT


@settings(max_examples=200, deadline=500)
@given(st.text("ab()[]|?*+.\\^$12{}", max_size=24), st.text("ab", max_size=12))
def test_no_pattern_is_slow(key: str, text: str) -> None:
    if pattern := compile_key(key, Budget()):
        pattern.found_in(subject(text * 100))


# ------------------------------------------------------------------------------------------------ fuzz

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
LISTS = st.sampled_from(
    ["intent", "answers", "events", "course", "phrases", "about", "lessons", "steps", "entries", "keys"]
)
FIELDS = st.sampled_from(
    ["name", "description", "first_mes", "alternate_greetings", "mes_example", "character_book", "extensions", "assets"]
)
HERE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def loads_or_refuses(path: Path) -> None:
    try:
        identity = load_identity(path)
        talk = Scene(CardDialogue(identity))
        asyncio.run(talk.dialogue.start())
    except (IdentityError, EngineError):
        return
    assert talk.greet() is not None
    for line in ("hello", "what is it", "start", "yes"):
        talk.say(line)


@HERE
@given(data=st.binary(max_size=300), name=st.sampled_from(["x.json", "x.png", "x.charx", "card.json"]))
def test_any_bytes(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    loads_or_refuses(tmp_path / name)
    loads_or_refuses(tmp_path)


@HERE
@given(at=st.integers(0, 2000), bit=st.integers(0, 7), cut=st.integers(0, 2000))
def test_damaged_archives(tmp_path: Path, at: int, bit: int, cut: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("card.json", CARD)
        file.writestr("identity.json", b"{}")
    data = bytearray(buffer.getvalue())
    data[at % len(data)] ^= 1 << bit
    (tmp_path / "x.charx").write_bytes(data[: len(data) - cut % 40])
    loads_or_refuses(tmp_path / "x.charx")
    if not (tmp_path / "out").exists():
        with suppress(IdentityError):
            unpack(tmp_path / "x.charx", tmp_path / "out")


@HERE
@given(at=st.integers(0, 3000), bit=st.integers(0, 7))
def test_damaged_pictures(tmp_path: Path, at: int, bit: int) -> None:
    data = bytearray(picture((b"ccv3", coded(CARD))))
    data[at % len(data)] ^= 1 << bit
    (tmp_path / "x.png").write_bytes(data)
    loads_or_refuses(tmp_path / "x.png")


@HERE
@given(fields=st.dictionaries(FIELDS, JSON, max_size=4), extension=st.dictionaries(LISTS, JSON, max_size=4))
def test_any_fields(tmp_path: Path, fields: dict[str, Any], extension: dict[str, Any]) -> None:
    data = {"name": "x", "extensions": {"companion_bridge": extension}, **fields}
    text = json.dumps({"spec": "chara_card_v3", "data": data})
    (tmp_path / "x.json").write_text(text)
    loads_or_refuses(tmp_path / "x.json")


@HERE
@given(
    entries=st.lists(
        st.dictionaries(st.sampled_from(["keys", "content", "name", "enabled", "use_regex"]), JSON), max_size=3
    )
)
def test_any_entries(tmp_path: Path, entries: list[dict[str, Any]]) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"name": "x", "character_book": {"entries": entries}}))
    loads_or_refuses(tmp_path / "x.json")


@given(st.text("{}:,/\\randompickoll:d0123 userchar<>", max_size=120))
def test_any_macros(text: str) -> None:
    assert len(expand(text, char="c", user="u", seed="1")) <= 20_000
