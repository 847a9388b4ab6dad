"""constraints.txt names every direct dependency, requirements/ everything else with hashes, and both say the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository.pages import ROOT

SYSTEMS = [
    {"sys_platform": system, "platform_system": name, "python_version": python, "python_full_version": f"{python}.0"}
    for system, name in (("linux", "Linux"), ("win32", "Windows"), ("darwin", "Darwin"))
    for python in ("3.11", "3.12", "3.13", "3.14")
]
UNLOCKED = ("torch", "companion-bridge")  # torch by its version alone; the project itself
LIGHT = ("plot", "mic", "speed", "openai", "models", "dev")

with (ROOT / "pyproject.toml").open("rb") as _file:
    PROJECT = tomllib.load(_file)["project"]


def direct(*extras: str) -> list[Requirement]:
    """What the project asks for itself, in the base install and in some extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    found = [Requirement(line) for line in lines]
    return [requirement for requirement in found if requirement.name != "companion-bridge"]


def pins(text: str) -> list[Requirement]:
    """The requirements of a constraints or requirements file, hashes aside."""
    joined = text.replace("\\\n", " ")
    lines = [re.split(r" --hash|#", line)[0].strip() for line in joined.splitlines()]
    return [Requirement(line) for line in lines if line]


def chosen(found: list[Requirement], name: str, system: dict[str, str]) -> str:
    """The version of a package on one system; "" if there is none."""
    for pin in found:
        applies = pin.marker is None or pin.marker.evaluate(system)
        if canonicalize_name(pin.name) == canonicalize_name(name) and applies:
            (version,) = pin.specifier
            return version.version
    return ""


def faults(wanted: list[Requirement], constraints: str, lock: str) -> Iterator[str]:
    """What of `wanted` is not pinned, not locked, or locked at another version than asked for, on any system."""
    constrained, locked = pins(constraints), pins(lock)
    for requirement in wanted:
        for system in SYSTEMS:
            if requirement.marker is not None and not requirement.marker.evaluate(system):
                continue
            pinned = chosen(constrained, requirement.name, system)
            if not pinned or not requirement.specifier.contains(pinned):
                yield f"constraints.txt does not pin {requirement}"
            if requirement.name not in UNLOCKED and chosen(locked, requirement.name, system) != pinned:
                yield f"{requirement} is not locked at {pinned or 'any version'}: run `make lock`"
    for entry in re.findall(r"^\S+==(?:.*\\\n)*.*$", lock, re.MULTILINE):
        if "--hash=sha256:" not in entry:
            yield f"{entry.split()[0]} has no hash"
    yield from (f"{pin.name} is of torch's CUDA build" for pin in locked if re.match(r"nvidia|cuda|triton", pin.name))


FULL = (ROOT / "requirements" / "full.txt").read_text(encoding="utf-8")
QUICK = (ROOT / "requirements" / "light.txt").read_text(encoding="utf-8")
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")


def test_the_lock_has_every_extra() -> None:
    assert sorted(set(faults(direct(*PROJECT["optional-dependencies"]), CONSTRAINTS, FULL))) == []


def test_the_light_lock_has_what_it_says() -> None:
    assert sorted(set(faults(direct(*LIGHT), CONSTRAINTS, QUICK))) == []


def test_the_light_lock_is_a_part_of_the_whole() -> None:
    both = {(pin.name, str(pin.specifier)) for pin in pins(FULL)}
    assert {(pin.name, str(pin.specifier)) for pin in pins(QUICK)} <= both
    assert "torch" not in {pin.name for pin in pins(QUICK)}


def test_what_the_locked_packages_need_is_locked_too() -> None:
    """Followed through the packages that are installed here; what a package of another system needs is not seen."""
    locked = {canonicalize_name(pin.name) for pin in pins(FULL)} | set(UNLOCKED)
    missing = []
    for name in sorted(locked):
        try:
            needs = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue
        wanted = [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
        missing += [f"{need.name}, for {name}" for need in wanted if canonicalize_name(need.name) not in locked]
    assert [fault for fault in missing if not re.match(r"nvidia|cuda|triton", fault)] == []


@pytest.mark.parametrize(
    ("constraints", "lock"),
    [
        ("", "numpy==2.4.6 \\\n    --hash=sha256:00"),
        ("numpy==2.4.6", ""),
        ("numpy==2.4.6", "numpy==2.4.5 \\\n    --hash=sha256:00"),
        ("numpy==1.25.0", "numpy==1.25.0 \\\n    --hash=sha256:00"),
        ("numpy==2.4.6", "numpy==2.4.6"),
        ("numpy==2.4.6", "numpy==2.4.6 ; python_full_version < '3.13' \\\n    --hash=sha256:00"),
        ("numpy==2.4.6", "numpy==2.4.6 \\\n    --hash=sha256:00\ntriton==3.7.1 \\\n    --hash=sha256:00"),
    ],
)
def test_each_fault_of_a_lock_is_found(constraints: str, lock: str) -> None:
    assert list(faults([Requirement("numpy>=1.26")], constraints, lock))


def test_a_lock_without_fault_passes() -> None:
    lock = "numpy==2.4.6 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01"
    assert list(faults([Requirement("numpy>=1.26")], "numpy==2.4.6", lock)) == []
