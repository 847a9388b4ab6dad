"""What a 3D head needs: found where it was installed, served by name, installed by the user's own npm."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from bridge.command import cli
from bridge.errors import BridgeError, ConfigError
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import PageSection
from bridge.web import serve
from bridge.web.extras import HEAD, MODEL, MODULES, PREFIX, READERS, Extras
from bridge.web.install import install, install_sight, remove
from engines.api import Voice
from engines.jobs import Engines
from testkit.scripted.engines import ScriptedDialogue, ScriptedTts

WEB = Path(serve.__file__).parent


def filled(folder: Path) -> Path:
    for name in MODULES:
        file = folder / "node_modules" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"// {name}")
    return folder


def test_nothing_is_there_before_it_is_installed(tmp_path: Path) -> None:
    extras = Extras(str(tmp_path))
    assert not extras.complete
    assert extras.head == ""
    assert extras.page(PREFIX + MODULES[0], False) is None
    assert extras.page(HEAD, False) is None


def test_only_what_a_head_needs_is_served(tmp_path: Path) -> None:
    extras = Extras(str(filled(tmp_path)))
    (tmp_path / "secret").write_text("x")
    assert extras.complete
    for name in MODULES:
        page = extras.page(PREFIX + name, False)
        assert page is not None
        assert page.body.decode() == f"// {name}"
        assert dict(page.headers)["Content-Type"].startswith("text/javascript")
        assert "Content-Security-Policy" in dict(page.headers)
    for trick in ("", "../secret", "three/../../../secret", "three/package.json", "/three/build/three.module.js"):
        assert extras.page(PREFIX + trick, False) is None


def test_the_import_map_names_what_is_served() -> None:
    (names,) = serve.IMPORT_MAP.findall((WEB / "index.html").read_text("utf-8"))
    heads = "".join(path.read_text("utf-8") for path in (WEB / "page" / "heads").glob("*.js"))
    asked = set(re.findall(r'(?:from |import\(|resolve\()"([^."][^"]*)"', heads))
    assert asked
    imports = json.loads(names)["imports"]
    for name in asked:
        prefix = max((key for key in imports if name == key or (key.endswith("/") and name.startswith(key))), key=len)
        assert (imports[prefix] + name.removeprefix(prefix)).removeprefix("." + PREFIX) in MODULES, name


def test_a_head_for_all_is_served_and_must_be_there(tmp_path: Path) -> None:
    head = tmp_path / "mine.vrm"
    with pytest.raises(ConfigError, match=r"mine\.vrm"):
        Extras(str(tmp_path), str(head))
    head.write_bytes(b"glTF")
    extras = Extras(str(tmp_path), str(head))
    page = extras.page(HEAD, False)
    assert page is not None
    assert page.body == b"glTF"
    assert extras.head == "mine.vrm"


def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """A stand-in for npm that runs `program` in the folder where it was called."""
    script = tmp_path / "bin" / "npm"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\n{program}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a script")
def test_npm_installs_it_by_the_lock_file_and_it_can_be_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import pathlib, sys\n"
        "assert sys.argv[1] == 'ci' and '--ignore-scripts' in sys.argv\n"
        "assert pathlib.Path('package-lock.json').is_file()\n"
        f"for name in {MODULES!r}:\n"
        "    file = pathlib.Path('node_modules', name)\n"
        "    file.parent.mkdir(parents=True, exist_ok=True)\n"
        "    file.write_text('')\n"
    )
    npm(tmp_path, monkeypatch, program)
    folder = tmp_path / "page"
    assert cli.main(["page", "--with-3d", "--set", f"page.three={folder}"]) == 0
    assert "yes, by" in capsys.readouterr().out
    assert Extras(str(folder)).complete
    assert cli.main(["page", "--without-3d", "--set", f"page.three={folder}"]) == 0
    assert "--with-3d installs them" in capsys.readouterr().out
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a script")
@pytest.mark.parametrize(
    ("program", "sentence"),
    [("raise SystemExit('no such registry')", "no such registry"), ("pass", "not all files are in")],
)
def test_when_npm_fails_it_is_told(
    program: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(tmp_path, monkeypatch, program)
    assert cli.main(["page", "--with-3d", "--set", f"page.three={tmp_path / 'page'}"]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a script")
def test_what_reads_faces_is_installed_with_its_model_and_served_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import pathlib, sys\n"
        "assert sys.argv[1] == 'ci' and '--ignore-scripts' in sys.argv\n"
        f"for name in {READERS!r}:\n"
        "    file = pathlib.Path('node_modules', name)\n"
        "    file.parent.mkdir(parents=True, exist_ok=True)\n"
        "    file.write_text('x')\n"
    )
    npm(tmp_path, monkeypatch, program)
    folder, model = tmp_path / "page", tmp_path / "face_landmarker.task"
    to = ["--set", f"page.three={folder}"]
    assert cli.main(["page", "--with-sight", *to]) == 1
    assert "say where face_landmarker.task is" in capsys.readouterr().err
    assert cli.main(["page", "--with-sight", str(model), *to]) == 1
    assert "there is no file" in capsys.readouterr().err
    model.write_bytes(b"model")
    assert not Extras(str(folder)).sees
    assert cli.main(["page", "--with-sight", str(model), *to]) == 0
    assert "reads the user's face: yes" in capsys.readouterr().out
    assert cli.main(["page", "--with-sight", *to]) == 0, "the model is there already"
    extras = Extras(str(folder))
    assert extras.sees
    kinds = {
        "mjs": "text/javascript; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "wasm": "application/wasm",
    }
    for name in READERS:
        page = extras.page(PREFIX + name, False)
        assert page is not None
        assert dict(page.headers)["Content-Type"] == kinds[name.rpartition(".")[2]]
    page = extras.page(PREFIX + MODEL, False)
    assert page is not None
    assert page.body == b"model"
    assert extras.page(f"{PREFIX}@mediapipe/tasks-vision/package.json", False) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BridgeError, match=r"Node\.js"):
        install_sight(model, str(folder))


def test_without_npm_it_says_what_to_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BridgeError, match=r"Node\.js"):
        install(str(tmp_path / "page"))


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    remove(str(tmp_path))
    assert (tmp_path / "package.json").is_file()


def test_the_lock_file_says_what_the_package_file_asks_for() -> None:
    asked = json.loads((WEB / "three" / "package.json").read_text("utf-8"))["dependencies"]
    reader = json.loads((WEB / "sight" / "package.json").read_text("utf-8"))["dependencies"]
    held = json.loads((WEB / "sight" / "package-lock.json").read_text("utf-8"))["packages"]
    assert all(held[f"node_modules/{name}"]["version"] == version for name, version in reader.items())
    locked = json.loads((WEB / "three" / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all(entry.get("integrity", "").startswith("sha512-") for name, entry in locked.items() if name)


def test_the_server_looks_for_it_where_it_was_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Server(
            Config(page=PageSection(head=str(tmp_path / "none.glb"))),
            Companion(Engines(None, None, ScriptedDialogue("Hi."), ScriptedTts(), None, Voice()), "Mira"),
        )
