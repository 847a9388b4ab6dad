"""Files of every layout as dialogues, their cleaning, their parting, and the data card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from engines.identity import shipped
from engines.personal.scrub import Ledger, Scrubber
from tests.training.conftest import dialogues
from training.data import corpus
from training.data.cleaning import Cleaning, Counts, clean, plain_text
from training.data.dialogue import Dialogue, Line, digest
from training.data.sources.reading import Reading, read
from training.data.split import split
from training.errors import TrainingError

Pairs = list[tuple[str, str]]


def said(found: Sequence[Dialogue]) -> list[Pairs]:
    return [[(line.role, line.text) for line in each.lines] for each in found]


HELLO: Pairs = [("user", "Hello?"), ("assistant", "Hello, dear.")]

LAYOUTS: dict[str, tuple[str, str]] = {
    "messages.jsonl": (
        "",
        json.dumps({"messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello, dear."}]}),
    ),
    "sharegpt.json": (
        "",
        json.dumps([{"conversations": [{"from": "human", "value": "Hello?"}, {"from": "gpt", "value": "Hello, dear."}]}]),
    ),
    "pairs.jsonl": ("", json.dumps({"prompt": "Hello?", "completion": "Hello, dear."})),
    "instructions.json": ("", json.dumps([{"instruction": "Hello?", "input": "", "output": "Hello, dear."}])),
    "parts.jsonl": (
        "",
        json.dumps([{"role": "user", "content": [{"text": "Hello?"}]}, {"role": "assistant", "content": "Hello, dear."}]),
    ),
    "discord.json": (
        "Lin",
        json.dumps(
            {
                "guild": {"name": "School"},
                "channel": {"name": "optics"},
                "messages": [
                    {"type": "Default", "timestamp": "2024-05-01T12:00:00+00:00", "content": "Hello?", "author": {"name": "ada"}},
                    {"type": "ChannelPinnedMessage", "content": "pinned", "author": {"name": "ada"}},
                    {"type": "Reply", "timestamp": "2024-05-01T12:00:05+00:00", "content": "Hello, dear.", "author": {"name": "lin", "nickname": "Lin"}},
                ],
            }
        ),
    ),
    "telegram.json": (
        "Lin",
        json.dumps(
            {
                "name": "Ada",
                "type": "personal_chat",
                "messages": [
                    {"type": "service", "from": "Ada", "text": "joined"},
                    {"type": "message", "date": "2024-05-01T12:00:00", "from": "Ada", "text": "Hello?"},
                    {"type": "message", "date": "2024-05-01T12:00:05", "from": "Lin", "text": ["Hello, ", {"type": "bold", "text": "dear"}, "."]},
                ],
            }
        ),
    ),
    "telegram_all.json": (
        "Lin",
        json.dumps(
            {
                "chats": {
                    "list": [
                        {"type": "personal_chat", "messages": [{"type": "message", "from": "Bo", "text": "Who?"}]},
                        {
                            "type": "personal_chat",
                            "messages": [
                                {"type": "message", "from": "Ada", "text": "Hello?"},
                                {"type": "message", "from": "Lin", "text": "Hello, dear."},
                            ],
                        },
                    ]
                }
            }
        ),
    ),
    "wechat.csv": (
        "me",
        "localId,Type,IsSender,CreateTime,StrContent,NickName\n1,1,0,1714550000,Hello?,Ada\n2,3,0,1714550001,<img>,Ada\n"
        '3,1,1,1714550005,"Hello, dear.",Lin\n',
    ),
    "wechat.txt": ("林", "2024-05-01 12:00:00 Ada\nHello?\n\n2024年5月1日 12:00:05 林\nHello, dear.\n"),
    "film.srt": (
        "LIN",
        "1\n00:00:01,000 --> 00:00:02,000\nADA: <i>Hello?</i>\n\n2\n00:00:02,500 --> 00:00:03,000\n[door]\nLIN: Hello,\n\n"
        "3\n00:00:03,100 --> 00:00:04,000\ndear.\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layout_is_read(tmp_path: Path, name: str) -> None:
    speaker, text = LAYOUTS[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = said(list(read([tmp_path / name], Reading(speaker))))
    assert [[(role, " ".join(words.split())) for role, words in each] for each in found] == [HELLO]


def test_who_talked_and_about_what_is_kept(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(LAYOUTS["discord.json"][1], encoding="utf-8")
    (found,) = read([tmp_path / "d.json"], Reading("Lin"))
    assert (found.person, found.topic) == ("ada", "optics")


def test_silence_parts_a_chat(tmp_path: Path) -> None:
    day = "2024-05-0{} 12:00:0{} {}\n{}\n"
    text = "".join(day.format(n, m, who, words) for n in (1, 2) for m, who, words in ((1, "Ada", "a"), (2, "Lin", "b")))
    (tmp_path / "chat.txt").write_text(text, encoding="utf-8")
    assert len(list(read([tmp_path / "chat.txt"], Reading("Lin")))) == 2


def test_a_card_gives_its_example_talk_and_a_course_questions(tmp_path: Path) -> None:
    found = list(read([shipped()["teacher"]], Reading()))
    assert found
    assert all("{{" not in each.text for each in found)
    (tmp_path / "optics.md").write_text(
        "# Optics\n\n## Light\n\nLight is a wave that carries energy. The speed of light is about 300000 kilometres per "
        "second. A prism is a piece of glass that separates light into its colours. Isaac Newton discovered in 1666 that "
        "white light holds all colours.\n",
        encoding="utf-8",
    )
    course = list(read([tmp_path / "optics.md"], Reading()))
    assert ("user", "Tell me about light.") in [pair for each in said(course) for pair in each]
    assert len(course) > 1
    assert all(each.topic.lower() == "light" for each in course)


@pytest.mark.parametrize(
    ("name", "data", "code", "sentence"),
    [
        ("a.jsonl", b"", "no_data", "is empty"),
        ("a.jsonl", b"\n \n", "no_data", "is empty"),
        ("a.json", b"  ", "no_data", "is empty"),
        ("a.jsonl", b"{", "bad_layout", "a.jsonl, line 1 is no JSON"),
        ("a.jsonl", b'{"x": 1}', "bad_layout", "holds no dialogue"),
        ("a.jsonl", b"3", "bad_layout", "is no object"),
        ("a.jsonl", b'{"messages": [{"role": "clown", "content": "x"}]}', "bad_layout", "without a role"),
        ("a.xyz", b"x", "bad_layout", "nothing is known of files"),
        ("a.png", b"\x8f\xc9\x00\xff", "bad_layout", "a.png is no character card that can be read"),
        ("a.charx", b"PK\x03\x04", "bad_layout", "a.charx is no character card that can be read"),
        ("a.json", b'{"spec": "chara_card_v3", "data": 3}', "bad_layout", "a.json is no character card that can be read"),
        ("a.txt", b"some words", "bad_layout", "no chat in a layout"),
        ("a.txt", b"2024-05-01 12:00:00 Ada\nx\n2024-05-01 12:00:01 Bo\ny\n", "bad_layout", "--speaker: Ada, Bo"),
        ("a.srt", "光".encode("gb18030") * 20, "bad_encoding", "is not in UTF-8"),
        ("a.srt", b"one\ntwo\nthree\n\xe9t\xe9\nfour\n", "bad_encoding", "mixes encodings: it is UTF-8 but for line 4"),
        ("a.json", b"a\0b", "bad_encoding", "holds zero bytes"),
    ],
)  # fmt: skip
def test_bad_files_get_a_sentence(tmp_path: Path, name: str, data: bytes, code: str, sentence: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TrainingError, match=sentence) as caught:
        list(read([tmp_path / name], Reading()))
    assert caught.value.code == code


def test_a_missing_file_and_an_empty_folder_too(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path / "none.json", tmp_path):
        with pytest.raises(TrainingError) as caught:
            list(read([path], Reading()))
        assert caught.value.code == "no_data"


def test_encodings_that_are_marked_or_named_are_read(tmp_path: Path) -> None:
    text = LAYOUTS["wechat.txt"][1]
    for name, encoding in (("a", "utf-8-sig"), ("b", "utf-16")):
        (tmp_path / f"{name}.txt").write_bytes(text.encode(encoding))
        assert said(list(read([tmp_path / f"{name}.txt"], Reading("林")))) == [HELLO]
    (tmp_path / "c.txt").write_bytes(text.encode("gb18030"))
    assert said(list(read([tmp_path / "c.txt"], Reading("林", encoding="gb18030")))) == [HELLO]
    with pytest.raises(TrainingError, match="no encoding"):
        list(read([tmp_path / "c.txt"], Reading("林", encoding="klingon")))


# ------------------------------------------------------------------------------------------------ cleaning


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<b>Light</b> is a **wave** &amp; a `thing`.", "Light is a wave & a thing."),
        ("# Title\n- one\n- two", "Title\none\ntwo"),
        ("See [the page](https://x.org/a) <@123456789> <:smile:1234567890>!", "See the page !"),
        ("```py\nx = 1\n```\nSo.", "So."),
        ("a\u200b \ufeffb\x07\t\tc", "a b c"),
        ("3 < 4 and 5 > 2, a*b*c", "3 < 4 and 5 > 2, a*b*c"),
        ("cafe\u0301", "café"),
    ],
)
def test_markup_goes_and_words_stay(text: str, plain: str) -> None:
    assert plain_text(text) == plain


def talk(question: str, answer: str) -> Dialogue:
    return Dialogue((Line("user", question), Line("assistant", answer)))


def test_each_rule_takes_what_it_should_and_counts_it() -> None:
    fine = talk("What is light?", "Light is a wave that carries energy through space, my friend.")
    given = [
        fine,
        talk("What is light?", "Light is a **wave** that carries energy through space, my friend!"),
        talk("Was ist Licht?", "Licht ist eine Welle, die Energie durch den ganzen Raum trägt, mein lieber Freund."),
        talk("Hi", ""),
        talk("Hello", "x" * 9000),
        talk("I feel bad.", "You should kill yourself, nobody would miss you."),
        talk("Yes?", "Yes."),
    ]
    counts = Counts()
    kept = list(clean(given, Cleaning(languages=("en",)), counts))
    assert [each.lines[-1].text for each in kept] == [fine.lines[-1].text, "Yes."]
    assert counts.dropped == {"duplicate": 1, "other language": 1, "nothing said": 1, "too long": 1, "toxic": 1}
    assert sum(counts.flagged.values()) == 1
    assert counts.read == 7
    assert list(clean(given[5:6], Cleaning(toxic=True), Counts()))


def test_what_is_personal_gets_the_same_stand_in_and_the_companions_name_stays() -> None:
    scrubber = Scrubber(Ledger(), names=("Lin", "Ada Quist"))
    given = [
        Dialogue((Line("user", "I am Ada Quist, write to ada@quist.org"), Line("assistant", "I am Lin, hello Ada Quist.")), "Ada Quist")
    ]  # fmt: skip
    counts = Counts()
    (kept,) = clean(given, Cleaning(scrubber=scrubber, own=("Lin",)), counts)
    assert "Quist" not in kept.text
    assert "ada@" not in kept.text
    assert "I am Lin, hello <PERSON_" in kept.lines[1].text
    assert kept.person.startswith("<PERSON_")
    assert kept.person in kept.lines[1].text
    assert counts.personal["email"] == 1


# ------------------------------------------------------------------------------------------------ parting


def test_nobody_is_in_both_parts() -> None:
    given = dialogues(40)
    for by in ("person", "topic", "dialogue", "auto"):
        learned, held, chosen = split(given, by=by, share=0.2)
        assert held
        assert len(learned) + len(held) == 40
        if chosen != "dialogue":
            assert not {getattr(each, chosen) for each in learned} & {getattr(each, chosen) for each in held}
    assert split(given, by="auto")[2] == "person"
    assert split(given, by="person") == split(given, by="person")


def test_one_dialogue_or_one_person_cannot_be_parted() -> None:
    with pytest.raises(TrainingError, match="There is one dialogue alone") as caught:
        split(dialogues(1))
    assert caught.value.code == "too_little"
    with pytest.raises(TrainingError, match="There is one person alone"):
        split([Dialogue(each.lines, "Ada") for each in dialogues(4)], by="person")


def test_a_prepared_corpus_comes_back_and_its_change_is_noticed(tmp_path: Path) -> None:
    made = corpus.prepare(dialogues(20), Cleaning(), seed=3)
    corpus.save(tmp_path / "data", made)
    again = corpus.load(tmp_path / "data")
    assert digest(again.learned) == digest(made.learned)
    assert digest(again.held) == digest(made.held)
    assert again.learned[0].lines == made.learned[0].lines
    assert [each.lines for each in again.learned[:2]] == [each.lines for each in made.learned[:2]]
    assert "20 dialogues were read" in (tmp_path / "data" / "card.md").read_text()
    with pytest.raises(TrainingError, match="not empty"):
        corpus.save(tmp_path / "data", made)
    with (tmp_path / "data" / "learned.jsonl").open("a") as out:
        out.write("{}\n")
    with pytest.raises(TrainingError, match="not as its data card says"):
        corpus.load(tmp_path / "data")


def test_a_stream_is_prepared_without_holding_it(tmp_path: Path) -> None:
    given = dialogues(200)
    card = corpus.prepare_stream(iter(given), Cleaning(similar=1.0), tmp_path / "s", by="dialogue", share=0.25, seed=1)
    again = corpus.load(tmp_path / "s")
    assert card["parts"]["held"]["dialogues"] == len(again.held)
    assert 0.1 < len(again.held) / card["kept"] < 0.4
    assert corpus.is_prepared(tmp_path / "s")
    with pytest.raises(TrainingError, match="none is left"):
        corpus.prepare_stream(iter([talk("Hi", "")]), Cleaning(), tmp_path / "t")
