"""The plug-in for iOS: compiled as strictly as clang can, executed on a device that counts."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from testkit.unity.toolchain import HERE, PACKAGE

SOURCE = PACKAGE / "Runtime" / "Plugins" / "iOS" / "CompanionVoiceMicrophone.c"
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-g", "-fsanitize=address,undefined"]


def _clang(*arguments: str) -> None:
    done = subprocess.run(["clang", *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("clang"), reason="clang is not installed")
def test_the_voice_microphone_of_ios(tmp_path: Path) -> None:
    program, plugin = tmp_path / "voice", tmp_path / "plugin.o"
    strict = [*STRICT, f"-I{HERE / 'native'}"]
    _clang(*strict, "-Wconversion", "-c", str(SOURCE), "-o", str(plugin))
    _clang(*strict, str(plugin), str(HERE / "native" / "voice.c"), "-o", str(program))
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "good\n"), done.stderr
