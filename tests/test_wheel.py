"""The wheel, built and installed into an environment of its own, and used from a folder that lays traps.

The environment takes other packages from this one, so nothing is fetched. In the folder lie packages called as ours
are: whoever imports from where they stand imports those.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest
from packaging.version import Version
from websockets.sync.client import connect
from websockets.typing import Subprotocol

pytestmark = pytest.mark.wheel

ROOT: Final = Path(__file__).parents[1]
PRODUCT: Final = (
    "bridge",
    "engines",
    "identities",
    "outlets",
    "protocol",
    "show",
    "stacks",
    "studio",
    "talk",
    "training",
)
TRAPS: Final = ("bridge", "engines", "protocol", "talk")
TIMEOUT_S: Final = 120
BUILD: Final = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Installed:
    """A wheel, the environment that it is installed in, and the folder with the traps."""

    wheel: Path
    scripts: Path
    folder: Path

    def companion(self, *arguments: str) -> list[str]:
        """The command with these arguments."""
        return [str(self.scripts / "companion"), *arguments]

    def run(self, *arguments: str) -> str:
        """Run the command in the folder; what it says when it succeeds."""
        done = subprocess.run(
            self.companion(*arguments),
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def environment() -> dict[str, str]:
    """The variables of a user: nothing that leads to this checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}


def tracked() -> list[str]:
    """Every file that a commit of now would have."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    if Version(version("setuptools")) < Version("77"):
        pytest.skip("building a wheel takes setuptools 77 or newer")
    home = tmp_path_factory.mktemp("wheel")
    source, built, folder = home / "source", home / "built", home / "folder"
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BUILD, str(built)], cwd=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    [wheel] = built.glob("*.whl")
    for name in TRAPS:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"raise SystemExit('this is another {name}')\n", encoding="utf-8")
    return Installed(wheel, install(wheel, home / "venv"), folder)


def install(wheel: Path, venv: Path) -> Path:
    """Make an environment with the wheel and this one's packages; the folder of its commands."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    scripts = venv / ("Scripts" if os.name == "nt" else "bin")
    ask = [str(scripts / "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = Path(subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip())
    # What this file leads to is looked at last, and its own .pth files, the editable checkout among them, are not read.
    others = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    (own / "others.pth").write_text("\n".join(others) + "\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", "--no-deps", "--no-index"]
    done = subprocess.run([*pip, "--ignore-installed", "--quiet", str(wheel)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return scripts


def test_it_holds_the_product_and_nothing_else(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == set(PRODUCT)
    wanted = {name for name in tracked() if name.startswith(tuple(f"{package}/" for package in PRODUCT))}
    assert wanted - set(names) == set()
    assert {name for name in names if ".dist-info/" not in name} - wanted == set()
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}


def test_a_line_is_spoken_into_files(installed: Installed) -> None:
    installed.run("say", "Good morning, my friend.", "--out", "spoken", "--offline")
    assert (installed.folder / "spoken" / "reply.wav").stat().st_size > 20_000
    assert len((installed.folder / "spoken" / "face.csv").read_text().splitlines()) > 60


def test_another_identity_is_found_by_its_name(installed: Installed) -> None:
    assert "teacher" in installed.run("doctor", "--identity", "teacher", "--port", "0", "--offline")


@pytest.fixture(scope="module")
def address(installed: Installed) -> Iterator[str]:
    """Where the installed server listens."""
    command = installed.companion("serve", "--port", "0", "--offline")
    with subprocess.Popen(
        command, cwd=installed.folder, env=environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout
            first = server.stdout.readline()
            found = re.search(r"ws://(\S+?)/?\s", first)
            assert found, first
            yield found[1]
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(TIMEOUT_S)


def test_the_page_is_served_with_its_parts(address: str) -> None:
    def fetched(path: str) -> str:
        with urllib.request.urlopen(f"http://{address}/{path}", timeout=TIMEOUT_S) as answer:
            return str(answer.read().decode())

    page = fetched("")
    parts = re.findall(r'(?:src|href)="(?!https?:)([^"#]+\.(?:js|css|svg))"', page)
    assert len(parts) >= 2
    assert all(fetched(part.removeprefix("/")) for part in parts)


def test_the_server_answers(address: str) -> None:
    with connect(f"ws://{address}", subprotocols=[Subprotocol("companion.v1.json")], proxy=None) as socket:
        socket.send(json.dumps({"type": "hello", "face": {"profile": "none"}}))
        socket.send(json.dumps({"type": "text", "text": "Hello!"}))
        kinds = set[str]()
        while "reply_end" not in kinds:
            kinds.add(json.loads(socket.recv(timeout=TIMEOUT_S))["type"])
    assert {"welcome", "reply_start", "media", "reply_end"} <= kinds
