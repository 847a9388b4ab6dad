"""Identities as files: what loads, what stays, and what comes back after packing."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engines.api import Voice
from engines.dialogue.card.engine import CardDialogue
from engines.identity import IdentityError, load_identity, pack, shipped, unpack
from engines.identity.card import read_card
from engines.identity.macros import expand
from engines.identity.png import card_in_png, embed_card

V3: dict[str, Any] = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        "name": "Sora",
        "nickname": "So",
        "description": "{{char}} is a lamp keeper. More follows.",
        "first_mes": "Hello.",
        "alternate_greetings": ["Hi."],
        "tags": ["a"],
        "group_only_greetings": [],
        "unheard_of": {"kept": [1, 2.5, None, True]},
        "extensions": {"other/app": {"deep": ["x"]}, "companion_bridge": {"about": ["I keep lamps."]}},
        "assets": [{"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"}],
        "character_book": {
            "extensions": {"mine": 1},
            "entries": [
                {
                    "keys": ["lamp"],
                    "content": "@@depth 4\n@@additional_keys oil\nThe lamp burns oil.",
                    "extensions": {},
                    "enabled": True,
                    "insertion_order": 2,
                    "use_regex": False,
                    "future": 7,
                },
                {"keys": ["^tow(er|n)$"], "content": "Tall.", "enabled": True, "insertion_order": 1, "use_regex": True},
            ],
        },
    },
}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(*texts: tuple[bytes, bytes]) -> bytes:
    """A PNG of one grey pixel with tEXt chunks."""
    return picture_of(*(chunk(b"tEXt", key + b"\0" + value) for key, value in texts))


def picture_of(*chunks: bytes) -> bytes:
    """A PNG of one grey pixel with these chunks."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + body + chunk(b"IEND", b"")


def folder(path: Path) -> Path:
    """An identity with all its parts."""
    (path / "assets/x_voice/other").mkdir(parents=True)
    (path / "assets/icon/images").mkdir(parents=True)
    (path / "card.json").write_text(json.dumps(V3), encoding="utf-8")
    (path / "identity.json").write_text('{"language": "en-GB", "looks": {"hair": "grey", "age": 50, "glasses": true}}')
    (path / "assets/x_voice/other/voice.json").write_text(
        '{"language": "en-gb", "name": "f2", "rate": 0.9, "pitch": 1.2}'
    )
    (path / "assets/icon/images/main.png").write_bytes(picture())
    (path / ".hidden").write_text("secret")
    return path


def test_a_folder_loads_whole(tmp_path: Path) -> None:
    identity = load_identity(folder(tmp_path / "sora"))
    assert identity.name == "So"
    assert identity.language == "en-gb"
    assert identity.voice == Voice("en-gb", "f2", 0.9, 1.2)
    assert identity.looks == {"hair": "grey", "age": 50, "glasses": True}
    assert identity.description == "So is a lamp keeper."
    assert identity.extension == {"about": ["I keep lamps."]}
    assert identity.card.assets[0].path == "assets/icon/images/main.png"
    assert identity.asset("assets/icon/images/main.png").startswith(b"\x89PNG")
    assert len(identity.id) == 64


def test_parts_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text('{"spec": "chara_card_v3", "data": {"name": "Bo"}}')
    identity = load_identity(tmp_path)
    assert identity.voice == Voice()
    assert identity.looks == {}
    assert identity.card.book.entries == ()
    with pytest.raises(IdentityError, match="no file") as caught:
        identity.asset("assets/icon/images/main.png")
    assert caught.value.code == "not_found"


def test_v2_and_v1_cards_load(tmp_path: Path) -> None:
    v2, v1 = tmp_path / "v2.json", tmp_path / "v1.json"
    v2.write_text(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Ren", "tags": None}}))
    v1.write_bytes(b"\xef\xbb\xbf" + json.dumps({"name": "Ren", "description": "d", "first_mes": "Hi"}).encode())
    assert load_identity(v2).name == load_identity(v1).name == "Ren"
    assert load_identity(v1).card.first_mes == "Hi"


def test_a_png_card_loads_and_ccv3_wins(tmp_path: Path) -> None:
    v2 = {"spec": "chara_card_v2", "data": {"name": "Old"}}
    coded = {name: base64.b64encode(json.dumps(card).encode()) for name, card in (("ccv3", V3), ("chara", v2))}
    both, only = tmp_path / "both.png", tmp_path / "only.png"
    both.write_bytes(picture((b"chara", coded["chara"]), (b"ccv3", coded["ccv3"])))
    only.write_bytes(picture((b"Comment", b"x"), (b"Chara", coded["chara"])))
    assert load_identity(both).name == "So"
    assert load_identity(only).name == "Old"
    assert load_identity(both).asset("assets/icon/images/main.png") == both.read_bytes()


def test_charx_comes_back_as_it_was(tmp_path: Path) -> None:
    source, file, again = folder(tmp_path / "a"), tmp_path / "a.charx", tmp_path / "b"
    pack(source, file)
    first = file.read_bytes()
    pack(source, file)
    assert file.read_bytes() == first
    unpack(file, again)
    names = sorted(str(path.relative_to(again)) for path in again.rglob("*") if path.is_file())
    assert names == [
        "assets/icon/images/main.png",
        "assets/x_voice/other/voice.json",
        "card.json",
        "identity.json",
    ]
    assert all((again / name).read_bytes() == (source / name).read_bytes() for name in names)
    assert load_identity(file).voice == load_identity(again).voice == load_identity(source).voice
    assert load_identity(file).asset("assets/icon/images/main.png") == picture()
    assert load_identity(file).id == load_identity(source).id


def test_png_comes_back_with_everything_in_the_card(tmp_path: Path) -> None:
    source, file, again = folder(tmp_path / "a"), tmp_path / "a.png", tmp_path / "b"
    pack(source, file)
    assert load_identity(file).id == load_identity(source).id
    unpack(file, again)
    assert json.loads((again / "card.json").read_text(encoding="utf-8")) == V3
    pack(again, tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes() == file.read_bytes()
    v2 = embed_card(picture(), ccv3=b"", chara=b'{"name": "x"}')
    assert b"ccv3" in v2


def test_backfilled_v2_says_that_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    pack(folder(tmp_path / "a"), file)
    without = file.read_bytes().replace(b"tEXtccv3", b"tEXtxxxx")
    card = json.loads(card_in_png(without))
    assert card["spec"] == "chara_card_v2"
    assert "Character Card V3" in card["data"]["creator_notes"]
    assert card["data"]["unheard_of"] == V3["data"]["unheard_of"]


def test_unpacking_never_overwrites(tmp_path: Path) -> None:
    pack(folder(tmp_path / "a"), tmp_path / "a.charx")
    with pytest.raises(IdentityError, match="not empty"):
        unpack(tmp_path / "a.charx", tmp_path / "a")


def test_packing_knows_its_formats(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="charx"):
        pack(folder(tmp_path / "a"), tmp_path / "a.rar")


def test_lorebook_entries_are_called_by_their_keys() -> None:
    book = read_card(V3).book
    assert [entry.content for entry in book.entries] == ["Tall.", "The lamp burns oil."]
    assert book.called_by(["a lamp"]) == ()
    assert [entry.content for entry in book.called_by(["the Lamp needs oil"])] == ["The lamp burns oil."]
    assert [entry.content for entry in book.called_by(["town"])] == ["Tall."]
    assert book.called_by(["the town hall"]) == ()
    assert book.called_by(["lamp oil", "a", "b", "c", "d"]) == ()


@pytest.mark.parametrize(
    ("entry", "text", "called"),
    [
        ({"keys": "sun, moon"}, "the moon", True),
        ({"keys": ["Sun"], "case_sensitive": True}, "the sun", False),
        ({"keys": ["sun"], "selective": True, "secondary_keys": ["sky"]}, "sun", False),
        ({"keys": ["sun"], "selective": True, "secondary_keys": ["sky"]}, "sun and sky", True),
        ({"keys": ["sun"], "constant": True}, "nothing", True),
        ({"keys": ["sun"], "constant": True, "enabled": False}, "sun", False),
        ({"keys": ["sun"], "content": "@@dont_activate\nx."}, "sun", False),
        ({"keys": ["sun"], "content": "@@activate\nx."}, "nothing", True),
        ({"keys": ["sun"], "content": "@@exclude_keys rain\nx."}, "sun and rain", False),
        ({"keys": ["/s[aou]n/i"], "use_regex": True}, "SON", True),
        ({"keys": ["(a+)+$"], "use_regex": True}, "aaaa", True),
        ({"keys": ["(", "sun"], "use_regex": True}, "sun", True),
    ],
)
def test_entries_follow_the_specification(entry: dict[str, Any], text: str, called: bool) -> None:
    card: dict[str, Any] = {"name": "x", "character_book": {"entries": [{"content": "x.", "enabled": True, **entry}]}}
    assert bool(read_card(card).book.called_by([text])) == called


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{{char}} meets {{USER}}.", "So meets Ann."),
        ("<bot> and <User>", "So and Ann"),
        ("a{{// hidden}}b{{comment: c}}d{{hidden_key:e}}", "abd"),
        ("{{reverse:abc}}", "cba"),
        ("{{random:x}}{{pick:y}}", "xy"),
        (r"{{random:a\,b}}", "a,b"),
        ("{{roll:1}}{{roll:d1}}{{roll:D1}}", "111"),
        ("{{roll:0}}{{roll:x}}{{roll:-5}}{{roll:99999999999999}}", ""),
        ("{{roll:3d1}} {{roll:2d1+5}} {{roll 1d1}} {{ROLL:d1-1}}", "3 7 1 0"),
        ("{{random::a}}{{pick::a::a}}{{random a}}", "aaa"),
        ("It is {{time}} on {{date}}, a {{weekday}}.", "It is 15:12 on 2025-03-04, a Tuesday."),
        ("one{{newline}}two \n {{trim}} \n three", "one\ntwothree"),
        ("Hi {{getvar::mood}} there {{#if x}}, you{{/if}}!", "Hi there, you!"),
        ("{{// a comment, with {{char}} inside}}Well.", "Well."),
        ("{{noop}} {{idle_duration}} a {{ b", "a b"),
        ("{{random::one, two::one, two}}", "one, two"),
        ("{{unknown}} {{ char }} {{", "So"),
        ("{{reverse:{{char}}}}", "oS"),
    ],
)
def test_macros(text: str, wanted: str) -> None:
    now = datetime(2025, 3, 4, 15, 12, tzinfo=UTC)
    assert expand(text, char="So", user="Ann", seed="1:2", now=now) == wanted


def test_macros_choose_by_seed_and_picks_stay() -> None:
    numbers = ",".join(map(str, range(100)))
    text = f"{{{{random:{numbers}}}}} {{{{pick:{numbers}}}}} {{{{roll:1000}}}}"
    one, two, again = (expand(text, char="c", user="u", seed=f"s:{turn}") for turn in (1, 2, 1))
    assert one == again != two
    assert one.split()[1] == two.split()[1]
    assert expand(text, char="c", user="u", seed="other:1").split()[1] != one.split()[1]
    assert 1 <= int(one.split()[2]) <= 1000


def test_macros_do_not_read_names_as_macros() -> None:
    assert "{{" not in expand("{{user}}", char="c", user="{{random:a,b}}[happy]", seed="1")


def test_macros_stay_small() -> None:
    assert len(expand("{{char}}" * 5000, char="x" * 100, user="u", seed="1")) <= 20_000


@pytest.mark.parametrize("name", ["teacher", "guide"])
def test_the_shipped_identities_are_whole(name: str, tmp_path: Path) -> None:
    identity = load_identity(shipped()[name])
    data: Any = identity.card.raw["data"]
    wanted = {
        "name",
        "description",
        "tags",
        "creator",
        "character_version",
        "mes_example",
        "extensions",
        "system_prompt",
    }
    wanted |= {"post_history_instructions", "first_mes", "alternate_greetings", "personality", "scenario"}
    wanted |= {"creator_notes", "group_only_greetings"}
    assert wanted <= data.keys()
    entry = {"keys", "content", "extensions", "enabled", "insertion_order", "use_regex"}
    assert all(entry <= item.keys() for item in data["character_book"]["entries"])
    assert len(identity.card.book.entries) >= 25
    assert len(identity.card.alternate_greetings) >= 3
    assert {"skin", "hair", "eyes", "glasses", "clothes", "age"} <= identity.looks.keys()
    assert identity.voice.language == identity.language
    assert identity.languages == ("en", "zh")
    chinese = identity.speaking("zh-CN")
    assert (chinese.language, chinese.voice.language, chinese.id) == ("zh", "zh", identity.id)
    assert chinese.name != identity.name
    assert len(chinese.card.book.entries) == len(identity.card.book.entries)
    assert chinese.speaking("en-gb") is identity
    assert chinese.warnings == ()
    with pytest.raises(IdentityError, match="does not speak") as caught:
        identity.speaking("fr")
    assert caught.value.code == "no_language"
    assert identity.description
    assert all(identity.asset(asset.path) for asset in identity.card.assets)
    assert CardDialogue(identity).name == "scripted"
    pack(shipped()[name], tmp_path / "x.charx")
    assert load_identity(tmp_path / "x.charx").id == identity.id


def test_just_these_ship() -> None:
    assert set(shipped()) >= {"teacher", "guide"}
