"""Thirty cards in the layouts of other programs talk for twelve turns: nothing empty, repeated or foreign."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from engines.dialogue.card.engine import CardDialogue
from engines.dialogue.card.state import letters
from engines.dialogue.card.tables import has_tables
from engines.identity import Identity, load_identity, shipped
from engines.identity.tongue import tongue_of
from engines.words.text import plain, sentences
from tests.engines.dialogue.screenplay import Scene
from tests.engines.dialogue.wild_cards import CARDS, WildCard

LONG = 30  # letters of a sentence that is not said twice
OFFERED = re.compile(r"\{|\}|<START>|<[a-z]|\*\*|!\[|\bNone\b|\bnull\b")
STRAY = re.compile("[\u3040-\u30ff\u4e00-\u9fff] +[\u3040-\u30ff\u4e00-\u9fff]|  ")


def loaded(card: WildCard, tmp_path: Path) -> Identity:
    (tmp_path / "card.json").write_text(json.dumps(card.raw, ensure_ascii=False), encoding="utf-8")
    return load_identity(tmp_path / "card.json")


def conversation(identity: Identity, lines: tuple[str, ...]) -> list[str]:
    talk = Scene(CardDialogue(identity))
    return [talk.greet(), *(talk.say(line) for line in lines)]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_holds_a_conversation_of_twelve_turns(card: WildCard, tmp_path: Path) -> None:
    identity = loaded(card, tmp_path)
    assert identity.languages == (card.language,)
    said = [plain(reply) for reply in conversation(identity, card.lines)]
    assert len(card.lines) == 12
    for reply in said:
        assert any(c.isalnum() for c in reply)
        assert not OFFERED.search(reply), reply
        assert not STRAY.search(reply), reply
        assert tongue_of(reply, card.language) in (card.language, ""), reply
    if not has_tables(card.language):
        return  # it has only the card's own sentences, which are fewer than the turns
    assert len(set(said)) == len(said), [reply for reply, times in Counter(said).items() if times > 1]
    spoken = Counter(letters(line) for reply in said for line in sentences(reply))
    # Only an answer that was asked for again is given again, once.
    again = [line for line, times in spoken.items() if times > 1 and len(line) > LONG]
    assert len(again) <= 1, again
    assert all(spoken[line] == 2 for line in again)
    for turn, words in card.wanted:
        assert words in said[turn + 1], (card.lines[turn], said[turn + 1])


def test_there_are_thirty_of_them() -> None:
    assert len(CARDS) == 30
    assert len({card.name for card in CARDS}) == 30
    assert len({card.language for card in CARDS}) == 12


def test_broken_cards_say_what_is_wrong(tmp_path: Path) -> None:
    warned = {card.name for card in CARDS if loaded(card, tmp_path).warnings}
    assert warned == {"wrong types", "broken in Chinese", "missing spec"}


# ------------------------------------------------------------------------------------------------ the page

PAGE = Path(__file__).parents[3] / "docs" / "CONVERSATIONS.md"
TURN = re.compile(r"^\*\*([^*]+)\*\*:? (.+)$", re.MULTILINE)


@pytest.mark.parametrize("mark", ["smith", "teacher zh"])
def test_the_page_shows_the_conversations_of_today(mark: str, tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8").split(f"<!-- {mark} -->")[1].split("\n## ")[0]
    if mark == "smith":
        identity = loaded(next(card for card in CARDS if card.name == mark), tmp_path)
    else:
        identity = load_identity(shipped()["teacher"]).speaking("zh")
    talk = Scene(CardDialogue(identity), session="page")
    turns = TURN.findall(text)
    assert turns[0][1] == plain(talk.greet())
    assert len(turns) > 20
    for (_, said), (_, reply) in zip(turns[1::2], turns[2::2], strict=True):
        assert plain(talk.say(said)) == reply, said
