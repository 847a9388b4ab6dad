"""The commands of privacy, federations and explanations, as a user runs them, on the tiny model."""

from __future__ import annotations

import argparse
import json
import queue
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from engines.identity import load_identity
from testkit.patience import PATIENCE
from tests.training.conftest import TALK, build
from training.command.cli import COMMANDS, Context
from training.errors import TrainingError

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]
pytest.importorskip("opacus")


@dataclass
class Heard:
    """Keeps what a command tells."""

    said: list[str] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    address: queue.Queue[str] = field(default_factory=queue.Queue)

    def progress(self, part: float, what: str) -> None:
        self.said.append(what)
        if " at ws" in what:
            self.address.put(what.rpartition(" ")[2])

    def done(self, result: Mapping[str, Any], text: str) -> None:
        self.result = dict(result)
        self.said.append(text)

    def failed(self, code: str, message: str) -> None:
        self.said.append(message)


@dataclass(frozen=True)
class Gate:
    """Lets everybody in, at a port that is free."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None

    def admit(self, token: str) -> tuple[str, str]:
        return ("", "a token is asked for") if token == "wrong" else (token, "")


def command(name: str, *given: str) -> Heard:
    """Run a command of `companion train`."""
    heard = Heard()
    _run(name, given, heard)
    return heard


def _run(name: str, given: tuple[str, ...], heard: Heard) -> None:
    row = next(row for row in COMMANDS if row.name == name)
    module: Any = import_module(row.module)
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    seconds = iter(range(10**9))
    out: Any = heard
    context = Context(out, lambda: float(next(seconds)), "2026-01-01T00:00:00+00:00", lambda *_: Gate())
    module.run(parser.parse_args(list(given)), context)


def written(file: Path, persons: range, *, named: bool = True, topic: int = 0) -> Path:
    """Write a few dialogues of each person."""
    rows = []
    for person in persons:
        for at in range(2):
            question, answer = TALK[(person + at + topic) % len(TALK)]
            talk = [
                {"role": "user", "content": f"{question} I am number {person} and ask for the time {at}."},
                {"role": "assistant", "content": f"{answer} That was number {person}, time {at}."},
            ]
            rows.append({"messages": talk, **({"person": f"person {person}"} if named else {})})
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file


USUAL = ("--as-is", "--similar", "1", "--share", "0.2", "--device", "cpu")


@pytest.fixture
def person(tmp_path: Path) -> Path:
    folder = tmp_path / "ada"
    folder.mkdir()
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Ada", "description": "A guide."}}
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    return folder


def test_a_private_tuning_puts_its_promise_into_the_identity_and_can_be_explained(
    tiny: Path, person: Path, tmp_path: Path
) -> None:
    data = str(written(tmp_path / "talks.jsonl", range(24)))
    place = str(tmp_path / "run")
    heard = command(
        "tune", str(person), data, *USUAL, "--model", str(tiny), "--run", place, "--private", "30", "--delta", "0.01",
        "--crowd", "6", "--epochs", "2", "--rank", "2", "--persona", "none", "--split", "person", "--ask", TALK[0][0],
    )  # fmt: skip
    facts: Any = load_identity(person).facts
    promised = facts["privacy"]["dp"]
    assert promised["unit"] == "person"
    assert promised["epsilon"] <= 30
    assert promised["accountant"] == "prv"
    assert promised["persons"] * 2 / promised["steps"] == pytest.approx(6, rel=0.2)
    assert not promised["seeded"]
    assert heard.result["promise"] == promised
    assert heard.result["reloaded"] == pytest.approx(heard.result["after"], abs=1e-4)
    report = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert f"no more than epsilon {promised['epsilon']:.2f} allows" in report
    usual = ("explain", place, data, *USUAL, "--split", "person", "--few", "4", "--ask", TALK[0][0])
    command(*usual, "--lines", "0", "--tries", "0", "--no-probes")
    heard = command(*usual, "--lines", "6", "--tries", "16")  # a second time takes the place of the first
    report = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert report.count("in plain words") == 1
    assert report.rstrip().endswith("</html>")
    assert "letters mistyped" in report
    explained = json.loads((tmp_path / "run" / "explained.json").read_text("utf-8"))
    assert explained["said"] == heard.result["said"]
    assert len(explained["noise"]) == 5
    assert any("prompts that try to lead it astray" in sentence for sentence in explained["said"])


@pytest.mark.parametrize("method", ["houlsby", "prefix", "full"])
def test_what_any_method_has_learned_can_be_explained(tiny: Path, person: Path, tmp_path: Path, method: str) -> None:
    data = str(written(tmp_path / "talks.jsonl", range(12)))
    place = str(tmp_path / "run")
    command(
        "tune", str(person), data, *USUAL, "--model", str(tiny), "--run", place, "--method", method, "--epochs", "1",
        "--rank", "2", "--persona", "short", "--split", "person", "--ask", TALK[0][0],
    )  # fmt: skip
    command(
        "explain", place, data, *USUAL, "--split", "person", "--few", "3", "--lines", "4", "--tries", "0",
        "--no-probes", "--ask", TALK[0][0], TALK[1][0],
    )  # fmt: skip
    explained = json.loads((tmp_path / "run" / "explained.json").read_text("utf-8"))
    assert len(explained["noise"]) == 5
    assert explained["moved"]
    for each in explained["moved"]:
        likeness = [one for _, one in each["lines"]]
        assert len(likeness) == 3
        assert likeness == sorted(likeness, reverse=True)
        assert any(likeness), "no weight was looked at"


@pytest.mark.parametrize(
    ("named", "more", "code"),
    [
        (False, (), "no_person"), (True, ("--private", "0.01"), "epsilon_too_small"),
        (True, ("--method", "adalora"), "bad_privacy"), (True, ("--delta", "0.5"), "bad_privacy"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_kept_leaves_nothing_behind(
    tiny: Path, person: Path, tmp_path: Path, named: bool, more: tuple[str, ...], code: str
) -> None:
    data = str(written(tmp_path / "talks.jsonl", range(12), named=named))
    place = tmp_path / "run"
    before = (person / "card.json").read_bytes()
    with pytest.raises(TrainingError) as wrong:
        command(
            "tune", str(person), data, *USUAL, "--model", str(tiny), "--run", str(place), "--private", "8", "--persona",
            "none", *more,
        )  # fmt: skip
    assert wrong.value.code == code
    assert not (place / "adapter").exists()
    assert (person / "card.json").read_bytes() == before


def test_three_sites_learn_one_adapter_by_the_command(tiny: Path, tmp_path: Path) -> None:
    lead = Heard()
    serve = (
        "serve", "--model", str(tiny), "--sites", "3", "--rounds", "2", "--steps", "2", "--batch", "4", "--rank", "2",
        "--rate", "0.02", "--secure", "--run", str(tmp_path / "lead"), "--device", "cpu",
    )  # fmt: skip
    leading = threading.Thread(target=_run, args=("federate", serve, lead), daemon=True)
    leading.start()
    url = lead.address.get(timeout=PATIENCE)
    circle = tmp_path / "circle"
    circle.write_text("a secret that all sites have", "utf-8")
    sites, threads = {}, []
    for number, name in enumerate(("optics", "sound", "heat")):
        sites[name] = Heard()
        data = str(written(tmp_path / f"{name}.jsonl", range(8), topic=number))
        token = tmp_path / f"{name}.token"
        token.write_text(name, "utf-8")
        join = (
            "join", url, data, *USUAL, "--model", str(tiny), "--site", name, "--token", str(token), "--run",
            str(tmp_path / name), "--circle", str(circle),
        )  # fmt: skip
        threads.append(threading.Thread(target=_run, args=("federate", join, sites[name]), daemon=True))
        threads[-1].start()
    for thread in (leading, *threads):
        thread.join(PATIENCE)
    adapters = {place: (tmp_path / place / "adapter" / "adapter_model.safetensors") for place in ("lead", *sites)}
    assert len({file.read_bytes() for file in adapters.values()}) == 1
    assert lead.result["rounds"] == 2
    assert set(lead.result["losses"]) == set(sites)
    assert sites["heat"].result["privacy"]["federated"]["sites"] == 3
    assert any("round 2 of 3 sites" in line for line in lead.said)
    other = tmp_path / "other"
    build(other, width=64)
    with pytest.raises(TrainingError) as wrong:  # the federation is over, and nobody is there any more
        command(
            "federate", "join", "http://127.0.0.1:9", str(tmp_path / "heat.jsonl"), *USUAL, "--model", str(other),
            "--site", "x", "--run", str(tmp_path / "x"),
        )  # fmt: skip
    assert wrong.value.code == "unreachable"


def test_a_plan_that_cannot_be_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    given = ("serve", "--model", "nowhere", "--run", str(tmp_path / "x"))
    for more, code in (
        (("--sites", "3", "--secure", "--way", "median"), "bad_plan"),
        (("--sites", "1"), "bad_plan"),
        (("--sites", "3", "--private", "site", "--epsilon", "0"), "bad_privacy"),
        (("--sites", "3", "--private", "site", "--epsilon", "0.5"), "epsilon_too_small"),
    ):
        with pytest.raises(TrainingError) as wrong:
            command("federate", *given, *more)
        assert wrong.value.code == code
    assert not (tmp_path / "x").exists()
    short = tmp_path / "short"
    short.write_text("abc", "utf-8")
    with pytest.raises(TrainingError, match="fewer than 16 bytes"):
        command(
            "federate",
            "join",
            "ws://x",
            "y",
            *USUAL,
            "--model",
            "m",
            "--site",
            "s",
            "--run",
            "r",
            "--circle",
            str(short),
        )
    with pytest.raises(TrainingError, match="is no certificate"):
        command(
            "federate", "join", "wss://x", "y", *USUAL, "--model", "m", "--site", "s", "--run", "r", "--ca", str(short)
        )
