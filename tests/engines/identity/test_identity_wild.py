"""Cards as other programs and other people's editors leave them: they load, with one warning a field."""

from __future__ import annotations

import base64
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from engines.identity import Identity, load_identity
from engines.identity.lorebook import Stretch
from tests.engines.identity.test_identity import V3, chunk, picture_of

CARD = json.dumps(V3).encode()


def loaded(tmp_path: Path, card: dict[str, Any], *, encoding: str = "utf-8") -> Identity:
    (tmp_path / "x.json").write_bytes(json.dumps(card, ensure_ascii=False).encode(encoding))
    return load_identity(tmp_path / "x.json")


def fields(identity: Identity) -> list[str]:
    return [warning.field for warning in identity.warnings]


def called(tmp_path: Path, entry: dict[str, Any], text: str) -> bool:
    book = {"entries": [{"content": "It is here.", **entry}]}
    identity = loaded(tmp_path, {"spec": "chara_card_v2", "data": {"name": "Ren", "character_book": book}})
    assert identity.warnings == ()
    return identity.card.book.entries[0].called_by(Stretch.of(text))


# ------------------------------------------------------------------------------------------------ wrong types


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("character_version", 2, ("version", "2")),
        ("character_version", 1.5, ("version", "1.5")),
        ("description", ["a", "b"], ("description", "a\nb")),
        ("description", {"a": 1}, ("description", "")),
        ("personality", True, ("personality", "")),
        ("first_mes", 7, ("first_mes", "7")),
        ("alternate_greetings", "Hello.", ("alternate_greetings", ("Hello.",))),
        ("alternate_greetings", {"0": "Hello."}, ("alternate_greetings", ("Hello.",))),
        ("alternate_greetings", ["Hello.", None], ("alternate_greetings", ("Hello.",))),
        ("alternate_greetings", ["Hello.", 3, [], "Hi."], ("alternate_greetings", ("Hello.", "Hi."))),
        ("alternate_greetings", 5, ("alternate_greetings", ())),
        ("tags", [1, "a"], ("tags", ("1", "a"))),
        ("tags", 3, ("tags", ())),
        ("extensions", "x", ("extensions", {})),
        ("assets", "none", ("assets", ())),
        ("assets", [5], ("assets", ())),
    ],
)
def test_a_field_of_a_wrong_type_is_read_as_it_can_be(
    tmp_path: Path, field: str, value: object, read: tuple[str, object]
) -> None:
    identity = loaded(tmp_path, {"spec": "chara_card_v3", "data": {"name": "Ren", field: value}})
    assert getattr(identity.card, read[0]) == read[1]
    assert len({warning.field.removesuffix("[]") for warning in identity.warnings}) == 1
    assert identity.warnings[0].field.startswith(f"card.data.{field}")
    assert identity.warnings[0].message


@pytest.mark.parametrize("field", ["description", "alternate_greetings", "character_book", "extensions", "assets"])
def test_null_is_not_worth_a_warning(tmp_path: Path, field: str) -> None:
    assert loaded(tmp_path, {"spec": "chara_card_v3", "data": {"name": "Ren", field: None}}).warnings == ()


@pytest.mark.parametrize(
    ("book", "entries", "warned"),
    [
        ([], 0, ["card.data.character_book"]),
        ("none", 0, ["card.data.character_book"]),
        ({"entries": {}}, 0, []),
        ({"entries": {"0": {"key": ["sun"], "content": "It shines.", "disable": False}}}, 1, []),
        ([{"keys": ["sun"], "content": "It shines."}], 1, ["card.data.character_book"]),
        ({"entries": [1, {"keys": ["sun"], "content": "It shines."}]}, 1, ["card.data.character_book.entries[]"]),
        ({"scan_depth": -1, "entries": []}, 0, ["card.data.character_book.scan_depth"]),
        ({"scan_depth": None, "entries": []}, 0, []),
    ],
)
def test_lorebooks_of_all_shapes(tmp_path: Path, book: object, entries: int, warned: list[str]) -> None:
    identity = loaded(tmp_path, {"spec": "chara_card_v2", "data": {"name": "Ren", "character_book": book}})
    assert len(identity.card.book.entries) == entries
    assert identity.card.book.scan_depth == 4
    assert fields(identity) == warned


def test_a_fault_of_all_entries_is_one_warning(tmp_path: Path) -> None:
    entries = [
        {"keys": [1, "sun"], "content": "Sun.", "insertion_order": "100", "selective": "false", "constant": 0}
    ] * 30
    identity = loaded(
        tmp_path, {"spec": "chara_card_v2", "data": {"name": "Ren", "character_book": {"entries": entries}}}
    )
    where = "card.data.character_book.entries[]"
    wanted = {f"{where}.{name}" for name in ("keys[]", "selective", "constant", "insertion_order")}
    assert set(fields(identity)) == wanted
    assert len(identity.warnings) == len(wanted)
    assert all("30 times" in warning.message for warning in identity.warnings)
    entry = identity.card.book.entries[0]
    assert (entry.order, entry.constant, entry.keys.plain) == (100.0, False, ("1", "sun"))


# ------------------------------------------------------------------------------------------------ layouts


@pytest.mark.parametrize(
    "card",
    [
        {"name": "Ren", "description": "A smith.", "first_mes": "Hail.", "mes_example": "x"},
        {"char_name": "Ren", "char_persona": "A smith.", "char_greeting": "Hail.", "example_dialogue": "x"},
        {"type": "character", "name": "Ren", "desc": "A smith.", "firstMessage": "Hail.", "exampleMessage": "x"},
        {"node": {"definition": {"name": "Ren", "description": "For you.", "personality": "A smith.",
                                 "first_message": "Hail.", "example_dialogs": "x"}}},
        {"data": {"name": "Ren", "description": "A smith.", "first_mes": "Hail.", "mes_example": "x"}},
        {"name": "Old", "description": "", "chat": "2023", "spec": "chara_card_v2", "spec_version": "2.0",
         "data": {"name": "Ren", "description": "A smith.", "first_mes": "Hail.", "mes_example": "x"}},
    ],
)  # fmt: skip
def test_layouts_of_other_programs(tmp_path: Path, card: dict[str, Any]) -> None:
    read = loaded(tmp_path, card).card
    assert (read.name, read.description, read.first_mes, read.mes_example) == ("Ren", "A smith.", "Hail.", "x")


def test_a_card_without_a_spec_loads_with_a_warning(tmp_path: Path) -> None:
    assert fields(loaded(tmp_path, {"data": {"name": "Ren"}})) == ["card.spec"]
    assert fields(loaded(tmp_path, {"spec": "chara_card_v2", "name": "Ren", "data": []})) == ["card.data"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_in_every_encoding_of_unicode(tmp_path: Path, encoding: str) -> None:
    assert loaded(tmp_path, {"name": "林老师", "description": "é"}, encoding=encoding).name == "林老师"


@pytest.mark.parametrize("keyword", [b"ccv3", b"chara", b"Chara"])
@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "iTXt compressed"])
def test_pictures_with_every_kind_of_text(tmp_path: Path, keyword: bytes, kind: str) -> None:
    coded = base64.b64encode(CARD)
    match kind:
        case "zTXt":
            body = keyword + b"\0\0" + zlib.compress(coded)
        case "iTXt":
            body = keyword + b"\0\0\0en\0karte\0" + coded
        case "iTXt compressed":
            body = keyword + b"\0\1\0\0\0" + zlib.compress(coded)
        case _:
            body = keyword + b"\0" + coded.rstrip(b"=")
    (tmp_path / "x.png").write_bytes(picture_of(chunk(kind[:4].encode(), body)))
    assert load_identity(tmp_path / "x.png").name == "So"


def test_an_archive_of_another_program(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.charx", "w") as file:
        file.writestr("card.json", CARD)
        file.writestr("assets/other/images/who? me: yes.png", b"x")
        file.writestr("assets/other/images/who? me: yes.png.", b"x")
        file.writestr(zipfile.ZipInfo("assets\\icon\\images\\main.png"), b"\x89PNG")
    identity = load_identity(tmp_path / "x.charx")
    assert identity.name == "So"
    assert [(warning.field, "2 files" in warning.message) for warning in identity.warnings] == [("archive", True)]
    assert identity.asset("assets/icon/images/main.png") == b"\x89PNG"


# ------------------------------------------------------------------------------------------------ lorebook keys

TAVERN = {"use_regex": True, "extensions": {"selectiveLogic": 0, "display_index": 0, "match_whole_words": None}}


@pytest.mark.parametrize(
    ("entry", "text", "wanted"),
    [
        ({"keys": ["C++"], **TAVERN}, "I like c++ a lot", True),
        ({"keys": ["C++"], "use_regex": True}, "I like c++ a lot", True),
        ({"keys": ["who?"], "use_regex": True}, "when it rains", False),
        ({"keys": ["e.g."], "use_regex": True}, "eggs", False),
        ({"keys": ["a|b"], **TAVERN}, "a", False),
        ({"keys": ["^tow(er|n)$"], **TAVERN}, "town", False),
        ({"keys": ["^tow(er|n)$"], "use_regex": True}, "town", True),
        ({"keys": ["/tow(er|n)/i"], **TAVERN}, "The TOWN", True),
        ({"keys": ["/tow(er|n)/"], "extensions": {"selectiveLogic": 0}}, "a town", True),
        ({"keys": ["/etc/"]}, "in /etc/ it is", True),
        ({"keys": ["/^b/m"], **TAVERN}, "a\nb", True),
        ({"keys": ["sun"], "constant": True, **TAVERN}, "nothing", True),
        ({"keys": ["sun"], "selective": True, "secondary_keys": ["sky"], **TAVERN}, "sun", False),
        ({"keys": ["sun"], "selective": True, "secondary_keys": ["sky"], **TAVERN}, "sun, sky", True),
        ({"keys": ["sun"], "selective": True, "secondary_keys": ["/sk(y|i)/"], **TAVERN}, "sun, ski", True),
        ({"keys": ["sun"], "selective": True, "secondary_keys": []}, "sun", True),
        ({"keys": ["sun"], "extensions": {"match_whole_words": True}}, "a sunny day", False),
        ({"keys": ["sun"], "extensions": {"match_whole_words": True}}, "sunny sun", True),
        ({"keys": ["Sun"], "extensions": {"case_sensitive": True}}, "the sun", False),
        ({"key": "sun,moon", "alwaysActive": False}, "the moon", True),
        ({"keys": ["灯塔"], **TAVERN}, "灯塔是什么时候建的？", True),
        ({"keys": ["灯塔"], **TAVERN}, "燈塔是什麼時候建的？", True),
        ({"keys": ["燈塔"], **TAVERN}, "灯塔是什么时候建的？", True),
        ({"keys": ["燈塔"], "extensions": {"case_sensitive": True}}, "灯塔", True),
        ({"keys": ["/灯塔|航标/"], **TAVERN}, "燈塔", True),
        ({"keys": ["/^(燈塔|航標)/"], **TAVERN}, "灯塔在哪里", True),
        ({"keys": ["/^(燈塔|航標)/"], **TAVERN}, "那座灯塔", False),
        ({"keys": ["灯塔"], "selective": True, "secondary_keys": ["历史"], **TAVERN}, "燈塔的歷史", True),
        ({"keys": ["灯塔"], **TAVERN, "content": "@@exclude_keys 历史\n建于1902年。"}, "燈塔的歷史", False),
        ({"keys": ["机"], **TAVERN}, "飛行機の話", False),
        ({"keys": ["飛行機"], **TAVERN}, "飛行機の話", True),
    ],
)  # fmt: skip
def test_keys_as_other_programs_mean_them(tmp_path: Path, entry: dict[str, Any], text: str, wanted: bool) -> None:
    assert called(tmp_path, entry, text) is wanted


@pytest.mark.parametrize(
    ("logic", "calls"),
    [(0, [False, True, True]), (1, [True, True, False]), (2, [True, False, False]), (3, [False, False, True])],
)
def test_secondary_keys_follow_the_logic(tmp_path: Path, logic: int, calls: list[bool]) -> None:
    entry = {"keys": ["sun"], "selective": True, "secondary_keys": ["sky", "sea"]}
    entry |= {"extensions": {"selectiveLogic": logic}}
    assert [called(tmp_path, entry, text) for text in ("sun", "sun sky", "sun sky sea")] == calls


def test_a_pattern_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    book = {"entries": [{"keys": ["/(?<=a)b/", "sun"], "content": "x.", "use_regex": True}]}
    identity = loaded(tmp_path, {"name": "Ren", "character_book": book})
    assert fields(identity) == ["card.character_book.entries[].keys"]
    assert identity.card.book.called_by(["sun"])
