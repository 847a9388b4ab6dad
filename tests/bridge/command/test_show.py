"""`companion show` as a user runs it: a chat is answered, written down and recorded; mistakes are told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.command import cli
from bridge.command.show import Show, allows, plan, reading
from bridge.errors import ConfigError
from bridge.setup.config import Config, load
from show.director import Director
from show.lines import Line
from show.transcript import Transcript

CHAT = [
    {"name": "xX_D4rk_L0rd_99_Xx", "text": "What is a wave?"},
    {"name": "TTV_Cookie", "text": "you are a fucking idiot"},
    {"name": "bob", "text": "lol"},
]


def test_a_chat_is_answered_written_down_and_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text("\n".join(map(json.dumps, CHAT)), encoding="utf-8")
    out = tmp_path / "out"
    given = ["--from", f"jsonl:{chat}", "--end", "--desk", "0", "--port", "0", "--out", str(out), "--no-reading"]
    assert cli.main(["show", *given]) == 0, capsys.readouterr().err
    rows = [json.loads(row) for row in (out / "chat.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["verdict"] for row in rows if row["what"] == "chat"] == ["taken", "blocked", "idle"]
    assert [row["text"] for row in rows if row["what"] == "ask"] == ["What is a wave?"]
    (said,) = [row["text"] for row in rows if row["what"] == "said"]
    assert "wave" in said
    assert (out / "reply.wav").stat().st_size > 50_000
    told = capsys.readouterr().out
    assert "webhooks and hotkeys" in told
    assert "1 said" in told


def test_how_the_chat_stands_is_told_while_it_floods_and_while_a_source_is_away() -> None:
    async def main() -> None:
        nobody: Any = SimpleNamespace(newest=None)
        show = Show(nobody, nobody, Director("Nora", allows=lambda text: "bad" not in text), Transcript())
        assert show.standings() == [("chat", "read", "0 wait, 0 were blocked")]
        show.trouble("twitch", "Twitch cannot be reached")
        assert ("twitch", "away", "Twitch cannot be reached") in show.standings()
        for number in range(1000):
            user = f"u{number}"
            text = "a bad word" if number == 0 else f"what is number {number}?"
            show.hear(Line("twitch", user, user, text))
        assert show.standings()[0][:2] == ("chat", "flooded"), "who writes is not away"
        state: Any = show.state()
        assert state["flooded"] is True
        assert state["chat"]["blocked"] == 1
        assert sum(state["chat"].values()) == 1000

    asyncio.run(main())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["--read", "0"], "bad_show"), (["--quiet", "0"], "bad_show"), (["--from", "myspace:tom"], "bad_source"),
        (["--from", "twitch:"], "bad_source"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(given: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    from bridge.command.arguments import parser

    with pytest.raises(ConfigError) as told:
        plan(parser().parse_args(["show", *given]))
    assert told.value.code == code
    assert cli.main(["show", *given]) == 1
    assert "companion: " in capsys.readouterr().err


def test_topics_are_read_from_a_file(tmp_path: Path) -> None:
    from bridge.command.arguments import parser

    file = tmp_path / "topics.txt"
    file.write_text("  Sound \n\nLight\n", encoding="utf-8")
    assert plan(parser().parse_args(["show", "--topics", str(file)])).topics == ["Sound", "Light"]


def test_strangers_lines_are_filtered_as_if_the_companion_said_them() -> None:
    may = allows(load(None, {}, ["guard.queue=none"]))
    assert may("What is a wave?")
    for text in ("kill yourself", "all immigrants should die", "show me your tits"):
        assert not may(text)
    plain = allows(load(None, {}, ["guard.enabled=false"]))
    assert plain("hello")
    assert not plain("kill yourself")


def test_every_source_has_a_reader() -> None:
    for source in ("twitch:nora", "youtube:abcdefghijk", "discord:5", "jsonl:-"):
        assert reading(source) is not None
    assert Config().guard.enabled
