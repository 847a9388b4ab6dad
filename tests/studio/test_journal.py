"""A change of several files: whole or not at all, whenever the program is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engines.identity import IdentityError
from studio import journal
from studio.errors import StudioError
from studio.folder import WORK, Folder

ROOT = Path(__file__).parents[2]
OLD = {"card.json": b"old card", "a/gone.txt": b"gone", "identity.json": b"old facts"}
NEW = {"card.json": b"new card", "deep/er/file.bin": bytes(1000), "identity.json": b"new facts"}

# Writes NEW over OLD, and dies like a killed process at the given call of a function that touches the disk.
KILLED = """
import os, sys
from pathlib import Path
root, dies = Path(sys.argv[1]), int(sys.argv[2])
calls = 0
def deadly(real):
    def call(*args, **named):
        global calls
        calls += 1
        if calls == dies:
            os._exit(9)
        return real(*args, **named)
    return call
for name in ("fsync", "replace", "mkdir", "unlink", "rmdir"):
    setattr(os, name, deadly(getattr(os, name)))
Path.replace = deadly(Path.replace)
from studio import journal
with journal.held(root):
    journal.write(root, {"card.json": b"new card", "deep/er/file.bin": bytes(1000), "identity.json": b"new facts"},
                  ["a/gone.txt"])
"""


def contents(root: Path) -> dict[str, bytes]:
    return {path: Folder(root).read(path) for path in Folder(root).listing()}


def put(root: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def test_it_writes_replaces_and_removes(tmp_path: Path) -> None:
    put(tmp_path, OLD)
    with journal.held(tmp_path):
        journal.write(tmp_path, NEW, ["a/gone.txt", "never/was.txt"])
    assert contents(tmp_path) == NEW
    assert not (tmp_path / WORK).exists()


def test_killed_at_any_instant_it_is_the_old_or_the_new(tmp_path: Path) -> None:
    seen = set()
    for dies in range(1, 60):
        root = tmp_path / str(dies)
        put(root, OLD)
        done = subprocess.run([sys.executable, "-c", KILLED, str(root), str(dies)], cwd=ROOT, check=False)
        assert done.returncode in (0, 9)
        with journal.held(root):
            journal.settle(root)
        found = contents(root)
        assert found in (OLD, NEW), dies
        assert not (root / WORK / "new").exists()
        assert not (root / WORK / "journal.json").exists()
        seen.add((done.returncode, found == NEW))
        if done.returncode == 0:
            break
    assert seen == {(9, False), (9, True), (0, True)}


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """The limit on a file's size fails as a full disk does, in the middle of writing."""
    put(tmp_path, OLD)
    code = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from studio import journal
from studio.errors import StudioError
try:
    with journal.held(Path(sys.argv[1])):
        journal.write(Path(sys.argv[1]), {"card.json": b"x", "big.bin": bytes(100_000), "identity.json": b"y"})
except StudioError as error:
    print(error.code, error.message)
"""
    pytest.importorskip("resource")
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("disk_full there is no room left")
    assert contents(tmp_path) == OLD
    assert not (tmp_path / WORK).exists()


@pytest.mark.parametrize("path", ["../out", "/etc/x", "a/../../b", ".hidden", "a/.b/c", "__pycache__/x", "", "nul"])
def test_names_that_lead_astray_are_refused(path: str, tmp_path: Path) -> None:
    root = tmp_path / "who"
    with pytest.raises(IdentityError) as failed, journal.held(root):
        journal.write(root, {path: b"x"})
    assert failed.value.code == "unsafe_path"
    assert [*tmp_path.iterdir()] == []


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "who", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "assets").symlink_to(outside)
    with pytest.raises(IdentityError, match="leads out"), journal.held(root):
        journal.write(root, {"assets/x.txt": b"x"})
    (root / "card.json").symlink_to(outside / "card.json")
    with journal.held(root):
        journal.write(root, {"card.json": b"x"})
    assert [*outside.iterdir()] == []
    assert not (root / "card.json").is_symlink()


def test_one_program_at_a_time(tmp_path: Path) -> None:
    with journal.held(tmp_path), pytest.raises(StudioError) as failed, journal.held(tmp_path):
        pass
    assert failed.value.code == "busy"
    with journal.held(tmp_path):
        pass


def test_a_journal_whose_files_are_lost_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / WORK / "new").mkdir(parents=True)
    (tmp_path / WORK / "journal.json").write_text(
        '{"moves": [{"from": "0", "to": "card.json", "sha256": "00"}], "removed": []}', "utf-8"
    )
    with pytest.raises(StudioError) as failed, journal.held(tmp_path):
        journal.settle(tmp_path)
    assert failed.value.code == "damaged"
    assert (tmp_path / WORK / "journal.json").exists()


def test_a_hostile_journal_moves_nothing_out(tmp_path: Path) -> None:
    root = tmp_path / "who"
    (root / WORK / "new").mkdir(parents=True)
    (root / WORK / "new" / "0").write_bytes(b"evil")
    for journal_text in ('{"moves": [{"from": "0", "to": "../evil", "sha256": ""}]}', '{"removed": ["../x"]}', "[]"):
        (root / WORK / "journal.json").write_text(journal_text, "utf-8")
        with pytest.raises(IdentityError), journal.held(root):
            journal.settle(root)
    assert not (tmp_path / "evil").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StudioError) as failed, journal.held(tmp_path / "who"):
        pass
    assert failed.value.code == "unwritable"


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MEMBER_BYTES", 3)
    with pytest.raises(StudioError, match="larger"), journal.held(tmp_path):
        journal.write(tmp_path, {"a": b"1234"})
