"""`companion doctor`: it says what works, and names the setting that mends what does not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bridge.command import cli, doctor, optional
from bridge.command.elsewhere import elsewhere
from bridge.command.finding import Finding, table
from bridge.setup.config import load
from bridge.setup.sections import OutletsSection
from engines.catalogue import table as catalogue
from testkit.broadcast import Broadcast
from testkit.live2d import Live2d


def examined(*settings: str) -> dict[str, Finding]:
    config = load(None, {}, ["server.port=0", "engines.stt=none", *settings])
    return {finding.what: finding for finding in asyncio.run(doctor.examine(config))}


def test_every_job_that_is_chosen_is_tried() -> None:
    findings = asyncio.run(doctor.examine(load(None, {}, ["server.port=0"])))
    tried = [finding.what.partition(":")[0] for finding in findings if finding.what.partition(":")[0] in JOBS]
    assert sorted(tried) == sorted(JOBS)  # of a judge of the voice, what it would bring
    assert all(finding.verdict == "works" for finding in findings if finding.needed)


JOBS = {job.name: job for job in catalogue.JOBS}


@pytest.mark.parametrize(
    ("settings", "what", "setting"),
    [
        (("engines.tts=piper",), "tts: piper", "piper.model"),
        (("engines.tts=kokoro", "kokoro.model=/no/where"), "tts: kokoro", "kokoro.model"),
        (("engines.tts=coqui", "coqui.model=/no/where"), "tts: coqui", "coqui.model"),
        (("engines.dialogue=openai", "openai.base_url=http://127.0.0.1:9/v1"), "dialogue: openai", "openai.base_url"),
        (("engines.duplex=realtime", "realtime.url=ws://127.0.0.1:9/v1"), "duplex: realtime", "realtime.url"),
        (("identity.path=techer",), "identity", "identity.path"),
        (("identity.language=german",), "language", "identity.language"),
        (("engines.tts=piper", "piper.model=no such"), "models", "piper.model"),
    ],
)
def test_what_is_wrong_names_the_setting_that_mends_it(settings: tuple[str, ...], what: str, setting: str) -> None:
    finding = examined(*settings)[what]
    assert finding.verdict in ("missing", "broken")
    assert setting in finding.detail or f"engines.{what.partition(':')[0]}" in finding.detail


def test_a_password_in_the_address_of_the_endpoint_is_not_told() -> None:
    told = table(
        list(examined("engines.dialogue=openai", "openai.base_url=http://bob:hunter2@127.0.0.1:9/v1").values())
    )
    assert "hunter2" not in told
    assert "dialogue: openai" in told


def test_what_the_engines_do_not_know_of_the_language_is_told() -> None:
    found = examined("identity.language=cy")["language: cy"]
    assert (found.verdict, found.needed) == ("missing", False)
    assert "Welsh" in found.detail
    assert "engines.dialogue" in found.detail
    assert examined()["language: en-us"].verdict == "works"


def test_what_is_optional_and_missing_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optional, "find_spec", lambda name: None)
    found = examined()
    assert found["uvloop"].detail == "asyncio's own event loop is used: pip install 'companion-bridge[speed]'"
    assert found["plot"].detail == "recordings have no picture: pip install 'companion-bridge[plot]'"
    assert not any(finding.detail.startswith("no a ") for finding in found.values())


def test_a_card_that_is_none_does_not_end_the_examination(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "card.json"
    path.write_text("{", encoding="utf-8")
    assert cli.main(["doctor", "--port", "0", "--identity", str(path)]) == 1
    told = capsys.readouterr().out
    assert "FAIL  identity" in told
    assert str(path) in told
    assert "ok    tts: espeak" in told


def test_each_tool_that_the_face_goes_to_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bridge.command.elsewhere.PATIENCE", 0.5)
    monkeypatch.setattr("outlets.sockets.FIRST_WAIT", 0.05)

    async def main() -> dict[str, Finding]:
        obs, vts = Broadcast(password="open sesame"), Live2d(tokens={"token-9"})
        async with await obs.listen() as first, await vts.listen() as second:
            one, two = (next(iter(each.sockets)).getsockname()[1] for each in (first, second))
            tokens = tmp_path / "tokens.json"
            tokens.write_text(json.dumps({f"vts://127.0.0.1:{two}": "token-9"}))
            to = [f"obs://:wrong@127.0.0.1:{one}", f"vts://127.0.0.1:{two}", "vts://127.0.0.1:9", "vmc://"]
            found = await elsewhere(OutletsSection(to=tuple(to), tokens=str(tokens)), "Mira")
            return dict(zip(("obs", "vts", "nobody", "vmc"), found, strict=True))

    found = asyncio.run(main())
    assert {name: each.verdict for name, each in found.items()} == {
        "obs": "broken", "vts": "works", "nobody": "missing", "vmc": "works"
    }  # fmt: skip
    assert "password" in found["obs"].detail
    assert "wrong" not in found["obs"].what + found["obs"].detail
    assert "is not there" in found["nobody"].detail
    assert not any(each.needed for each in found.values())
    assert asyncio.run(elsewhere(OutletsSection(), "Mira")) == []
    (bad,) = asyncio.run(elsewhere(OutletsSection(to=("smell://",)), "Mira"))
    assert (bad.what, bad.verdict) == ("outlets", "broken")
