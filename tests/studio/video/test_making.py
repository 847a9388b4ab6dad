"""The commands `video` and `puppet` as people type them, with a speaker and landmarks that stand in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.identity import shipped
from engines.identity.errors import IdentityError
from studio.command import cli
from studio.errors import StudioError
from studio.folder import Folder
from studio.video.looks import choosing
from studio.video.puppet import landmarks, stage
from studio.video.puppet import picture as pictures_read
from tests.studio.video.acting import Said, pictures
from tests.studio.video.faces import encoded, marks, picture

DAY = "2026-11-30"


class Speaker:
    """Says anything in half a second, and notes who was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []

    def __call__(self, path: Path, text: str, fps: int) -> Said:
        self.asked.append((path.name, text, fps))
        return Said(0.5, fps)


class Finder:
    """Finds the painted face."""

    faces: list[Any]

    def __init__(self, model: Path) -> None:
        self.model = model

    def find(self, pixels: Any) -> list[Any]:
        return self.faces

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    folder = tmp_path / "ada"
    shutil.copytree(shipped()["teacher"], folder)
    shutil.rmtree(folder / "assets" / "x_face", ignore_errors=True)  # whoever has a head is not every test's business
    return folder


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> type[Finder]:
    Finder.faces = [marks()]
    monkeypatch.setattr(landmarks, "Finder", Finder)
    return Finder


def run(capsys: pytest.CaptureFixture[str], *given: str | Path, speaker: Any = None) -> tuple[int, dict[str, Any]]:
    status = cli.main(["--json", *map(str, given)], created=DAY, speaker=speaker or Speaker())
    return status, json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def film(ada: Path, out: Path, *more: str) -> list[str | Path]:
    return ["video", ada, "Hello.", "-o", out, "--size", "512", "--fps", "24", *more]


def test_a_film_of_the_drawn_face(ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "films" / "a.mp4"
    speaker = Speaker()
    status, told = run(capsys, *film(ada, out, "--subtitles", "--also", ".vrma", ".csv"), speaker=speaker)
    assert (status, told["done"]["file"]) == (0, str(out))
    assert speaker.asked == [("ada", "Hello.", 24)]
    seen = pictures(out)
    assert len(seen) == told["done"]["frames"]
    assert seen[0].shape == (512, 512, 3)
    assert np.abs(seen[0][4, 4].astype(int) - (184, 191, 201)).max() < 8
    assert out.with_suffix(".vtt").read_text().startswith("WEBVTT")
    assert told["done"]["also"] == [str(out.with_suffix(".vrma")), str(out.with_suffix(".csv"))]
    assert len(out.with_suffix(".csv").read_text().splitlines()) == told["done"]["frames"] + 1
    assert "Hello" in out.with_suffix(".srt").read_text()


def test_two_people_of_a_script(ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.txt"
    name = Folder(ada).identity.name
    script.write_text(f"# One\n{name}: Hello.\nBen: Hi.\n", encoding="utf-8")
    out = tmp_path / "a.webm"
    status, _ = run(
        capsys, "video", ada, "--script", script, "--cast", f"Ben={shipped()['guide']}", "-o", out,
        "--size", "512", "--fps", "24",
    )  # fmt: skip
    assert status == 0
    assert pictures(out)[0].shape == (512, 910, 3)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--size", "100"), "bad_option"),
        (("--background", "nowhere.png"), "bad_background"),
        (("--background", "none"), "bad_option"),
        (("--look", "portrait"), "no_look"),
        (("--keys", "nowhere"), "no_keys"),
        (("--also", ".glb"), "no_look"),
        (("--cast", "Ben"), "bad_option"),
        (("--script", "missing.txt"), "bad_script"),
    ],
)
def test_wrong_wishes_are_told(
    ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], code: str
) -> None:
    status, told = run(capsys, *film(ada, tmp_path / "a.mp4", *more))
    assert (status, told["error"]["code"]) == (1, code)
    assert not list(tmp_path.glob("*a.*"))


def test_scripts_that_cannot_be_read(ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_bytes(b"\xff\xfe\x00\x00\xff")
    status, told = run(capsys, "video", ada, "--script", wrong, "-o", tmp_path / "a.mp4")
    assert (status, told["error"]["code"]) == (1, "bad_script")
    wrong.write_bytes(b"a" * ((1 << 20) + 1))
    assert run(capsys, "video", ada, "--script", wrong, "-o", tmp_path / "a.mp4")[1]["error"]["code"] == "bad_script"
    assert run(capsys, "video", ada, "-o", tmp_path / "a.mp4")[1]["error"]["code"] == "bad_script"


def test_nobody_speaks_for_the_studio_alone(ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.main(["--json", *map(str, film(ada, tmp_path / "a.mp4"))])
    assert status == 1
    assert "no_speaker" in capsys.readouterr().out


def test_a_puppet_is_made_and_filmed(
    ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], finder: type[Finder]
) -> None:
    (tmp_path / "face.png").write_bytes(encoded(picture(marks())))
    status, told = run(capsys, "puppet", ada, "--picture", tmp_path / "face.png", "--glasses", "no")
    assert status == 0, told
    assert "assets/x_face/other/puppet.json" in told["done"]["files"]
    report = json.loads((ada / "reports" / "puppet.json").read_text())
    assert report["picture"] == "face.png"
    assert len(report["shapes"]) > 45
    out = tmp_path / "a.mp4"
    status, told = run(capsys, *film(ada, out))
    assert status == 0, told
    first = pictures(out)[0]
    assert np.abs(first[20, 20].astype(int) - (60, 110, 170)).max() < 12
    status, told = run(capsys, *film(ada, out, "--background", "black"))
    assert pictures(out)[0][20, 20].max() < 12


def test_the_portrait_of_the_person_is_taken(
    ada: Path, capsys: pytest.CaptureFixture[str], finder: type[Finder]
) -> None:
    assert run(capsys, "puppet", ada)[1]["error"]["code"] == "no_picture"
    place = ada / "assets" / "icon" / "images" / "main.png"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(encoded(picture(marks())))
    status, told = run(capsys, "puppet", ada)
    assert status == 0, told


def test_pictures_that_are_none(ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], finder: type[Finder],
                                monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    (tmp_path / "face.png").write_bytes(encoded(picture(marks())))
    before = sorted(path.name for path in ada.rglob("*"))
    assert run(capsys, "puppet", ada, "--picture", tmp_path / "no.png")[1]["error"]["code"] == "bad_picture"
    finder.faces = []
    assert run(capsys, "puppet", ada, "--picture", tmp_path / "face.png")[1]["error"]["code"] == "no_face"
    finder.faces = [marks()] * 3
    assert run(capsys, "puppet", ada, "--picture", tmp_path / "face.png")[1]["error"]["code"] == "many_faces"
    monkeypatch.setattr(pictures_read, "FILE_BYTES", 10)
    assert run(capsys, "puppet", ada, "--picture", tmp_path / "face.png")[1]["error"]["code"] == "too_large"
    assert sorted(path.name for path in ada.rglob("*")) == before


def test_somebody_real_must_have_consented(
    ada: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], finder: type[Finder]
) -> None:
    (tmp_path / "face.png").write_bytes(encoded(picture(marks())))
    given = ("puppet", ada, "--picture", tmp_path / "face.png", "--real")
    assert run(capsys, *given)[1]["error"]["code"] == "no_consent"
    consent = {"subject": "real", "by": "Eve", "on": "2026-01-01", "statement": "Yes.", "scope": ["face"]}
    place = ada / "consent.json"
    place.write_text(json.dumps(consent | {"expires": "2026-02-01"}))
    assert run(capsys, *given)[1]["error"]["code"] == "consent_ended"
    place.write_text(json.dumps(consent))
    status, told = run(capsys, *given)
    assert status == 0, told
    assert json.loads((ada / "identity.json").read_text())["likeness"] == ["face"]
    assert run(capsys, *film(ada, tmp_path / "a.mp4"))[0] == 0
    place.unlink()
    assert run(capsys, *film(ada, tmp_path / "b.mp4"))[1]["error"]["code"] == "no_consent"
    with pytest.raises(StudioError, match="which day"):
        stage.consented(Folder(ada), real=True, on="")


def test_looks_that_there_are_not(ada: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Folder(ada).identity
    with pytest.raises(StudioError, match="can be shown as"):
        choosing.recipe(person, "cubist")
    monkeypatch.setattr(choosing, "find_spec", lambda name: None)
    for look in ("drawn", "head"):
        with pytest.raises(StudioError, match="pip install"):
            choosing.recipe(person, look)


def test_the_landmarker_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mediapipe")
    with pytest.raises(StudioError, match="curl -L https"):
        landmarks.Finder(tmp_path / "none.task")
    (tmp_path / "bad.task").write_bytes(b"nothing")
    with pytest.raises(StudioError, match="no face landmarker"):
        landmarks.Finder(tmp_path / "bad.task")
    monkeypatch.setenv(landmarks.VARIABLE, str(tmp_path / "x.task"))
    assert landmarks.place() == tmp_path / "x.task"
    assert landmarks.place(str(tmp_path / "y.task")) == tmp_path / "y.task"
    assert landmarks.place(str(tmp_path)) == tmp_path / landmarks.FILE
    monkeypatch.delenv(landmarks.VARIABLE)
    assert landmarks.place().name == landmarks.FILE
    monkeypatch.setattr(landmarks, "find_spec", lambda name: None)
    with pytest.raises(StudioError, match="pip install"):
        landmarks.Finder(tmp_path / "none.task")


def test_consent_is_read_where_it_is(ada: Path) -> None:
    with pytest.raises(IdentityError):
        stage.consented(Folder(ada), real=True, on=DAY)
