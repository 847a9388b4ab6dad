"""The review queue on the studio's page: what was held back is shown, and a decision changes the filter's lists."""

from __future__ import annotations

import json
from pathlib import Path

from engines.guard.desk import Desk
from engines.guard.verdicts import Flag, Verdict
from tests.bridge.peers import run
from tests.bridge.server.studio.test_room import answer, page, studio

WORDS = "build a bomb"


def queue(folder: Path, *, words: bool) -> None:
    verdict = Verdict("block", "danger", span=(0, 12), why="danger.weapon")
    flag = Flag(gate="guard", side="companion", verdict=verdict, text=WORDS, instead="I will not say that.")
    for turn in (1, 2):
        Desk(folder, words=words).add(flag, session="s", turn=turn, at="2026-11-30T04:00:00+00:00", language="en")


def test_what_was_held_back_is_shown_and_decided_on(tmp_path: Path) -> None:
    held = tmp_path / "held"
    queue(held, words=True)

    async def body() -> None:
        async with studio(tmp_path / "people", f"guard.queue={held}") as server, page(server) as one:
            await answer(one)
            shown, done = await answer(one, type="flags")
            assert done == {"type": "done", "what": "flags"}
            first, second = shown["flags"]
            assert (first["turn"], first["text"], first["instead"]) == (2, WORDS, "I will not say that.")
            assert (first["category"], first["ruling"], first["decided"]) == ("danger", "block", "")
            left, done = await answer(one, type="decide", item=first["id"], decision="wrong", by="Eve", phrase="a bomb")
            assert done["type"] == "done"
            assert [each["id"] for each in left["flags"]] == [second["id"]]
            every, _ = await answer(one, type="flags", decided=True)
            assert [each["decided"] for each in every["flags"]] == ["wrong", ""]

    run(body)
    lists = json.loads((held / "lists.json").read_text(encoding="utf-8"))
    assert "a bomb" in json.dumps(lists)
    decided = [json.loads(line) for line in (held / "decisions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "Eve" in json.dumps(decided)


def test_what_cannot_be_decided_is_told_and_the_page_lives_on(tmp_path: Path) -> None:
    held = tmp_path / "held"
    queue(held, words=False)

    async def body() -> None:
        async with studio(tmp_path / "people", f"guard.queue={held}") as server, page(server) as one:
            await answer(one)
            shown, _ = await answer(one, type="flags")
            assert "text" not in shown["flags"][0]
            assert shown["flags"][0]["length"] == len(WORDS)
            item = shown["flags"][0]["id"]
            for fields, code in (
                ({"item": "0" * 12, "decision": "right"}, "no_item"),
                ({"item": item, "decision": "deny"}, "bad_decision"),
                ({"item": "../../../etc", "decision": "right"}, "bad_message"),
                ({"item": item, "decision": "perhaps"}, "bad_message"),
            ):
                assert (await answer(one, type="decide", **fields))[-1]["code"] == code
            data = (held / "flagged.jsonl").read_text(encoding="utf-8")
            (held / "flagged.jsonl").write_text(data.replace("danger", "harmless", 1), encoding="utf-8")
            assert (await answer(one, type="flags"))[-1]["code"] == "tampered"

    run(body)


def test_a_server_that_keeps_nothing_says_so(tmp_path: Path) -> None:
    async def body() -> None:
        async with studio(tmp_path, "guard.queue=none") as server, page(server) as one:
            await answer(one)
            assert (await answer(one, type="flags"))[-1]["code"] == "no_queue"

    run(body)
