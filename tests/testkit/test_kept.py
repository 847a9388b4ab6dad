"""What is built once is whole or not there, however many ask for it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from testkit.kept import VARIABLE, kept, once


def test_it_is_made_once_for_all_who_ask(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(draft: Path) -> None:
        made.append(draft)
        (draft / "file").write_text("x")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: once(tmp_path / "home" / "thing", make), range(16)))
    assert set(found) == {tmp_path / "home" / "thing"}
    assert len(made) == 1
    assert (found[0] / "file").read_text() == "x"


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(draft: Path) -> None:
        (draft / "half").write_text("x")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        once(tmp_path / "thing", fail)
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]
    assert once(tmp_path / "thing", lambda draft: None).is_dir()


def test_another_recipe_makes_it_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    folders = {kept("thing", lambda draft: None, more=more) for more in ("a", "b", "a")}
    assert len(folders) == 2
