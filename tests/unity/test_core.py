"""The package's engine-free part on mono: its own tests, and the protocol's golden vectors byte for byte."""

from __future__ import annotations

from testkit.unity.toolchain import OUT, ROOT, run


def _lines(program: str, *arguments: str) -> list[str]:
    done = run(program, *arguments)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, "\n".join([*(line for line in lines if not line.startswith("ok")), done.stderr])
    return lines


def test_the_package_passes_its_own_tests(built: None) -> None:
    lines = _lines("Runner.exe", str(OUT / "Tests.dll"))
    assert len(lines) > 140


def test_golden_vectors_are_read_and_written_byte_for_byte(built: None) -> None:
    folder = ROOT / "protocol" / "vectors"
    lines = _lines("Vectors.exe", str(folder))
    names = {path.stem for path in folder.glob("*.msgpack")}
    written = {line.removeprefix("ok written ") for line in lines if line.startswith("ok written")}
    read = {line.removeprefix("ok read ") for line in lines if line.startswith("ok read")}
    copied = {line.removeprefix("ok copied ") for line in lines if line.startswith("ok copied")}
    assert written | read == names, "every message is either written or read"
    assert copied == names
