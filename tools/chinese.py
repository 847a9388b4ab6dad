"""Writes what the bridge knows of Chinese in Traditional signs, with OpenCC: `python -m tools.chinese [--write]`.

It takes `pip install opencc`, which is not needed for anything else. It makes `engines/text/han.toml`, by which
Traditional signs are compared with Simplified ones, and `engines/dialogue/card/languages/zh-hant.toml`, what the card
engine says in Traditional signs, from what `zh.toml` says. Without `--write` it only says which would change.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
SIGNS: Final = ROOT / "engines" / "text" / "han.toml"
TABLES: Final = ROOT / "engines" / "dialogue" / "card" / "languages"

SPOKEN: Final = ("languages", "calendar", "reply", "say")  # tables that are said, not compared
SPOKEN_KEYS: Final = ("user", "and", "comma")
# How OpenCC turns signs to Simplified ones: by the standards of China, Taiwan and Hong Kong, in this order.
WAYS: Final = ("t2s", "tw2s", "hk2s")
HAN: Final = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
A_LINE: Final = 80  # signs


def signs() -> dict[str, str]:
    """Return the Simplified sign of each sign that is written otherwise in Traditional Chinese."""
    import opencc

    ways = [opencc.OpenCC(way) for way in WAYS]
    found: dict[str, str] = {}
    for code in (code for block in HAN for code in block):
        sign = chr(code)
        other = next((said for way in ways if (said := way.convert(sign)) != sign), sign)
        if other != sign and len(other) == 1 and ord(other) < 0x10000:
            found[sign] = other
    plain = set(found.values())
    # Where one standard's sign is the other's plain sign ("么" is a form of "幺" in Taiwan's), the plain one stays.
    kept = {sign: other for sign, other in found.items() if sign not in plain or ways[0].convert(sign) != sign}
    return {sign: kept.get(other, other) for sign, other in kept.items()}


def sign_file() -> str:
    """Return the text of `han.toml`."""
    pairs = sorted(signs().items())
    head = (
        "# Signs of Traditional Chinese and the Simplified sign of each, at the same place.\n"
        "# Made by `python -m tools.chinese --write` from the dictionaries of OpenCC (Apache-2.0).\n"
    )
    blocks = (("traditional", "".join(a for a, _ in pairs)), ("simplified", "".join(b for _, b in pairs)))
    return head + "".join(f'\n{name} = """\n{_lines(text)}"""\n' for name, text in blocks)


def table_file() -> str:
    """Return the text of `zh-hant.toml`."""
    import opencc

    turn = opencc.OpenCC("s2tw").convert
    tables: Mapping[str, Any] = tomllib.loads((TABLES / "zh.toml").read_text(encoding="utf-8"))
    lines = [
        "# What the card engine says in Traditional Chinese; what it hears stands in zh.toml.",
        "# Made from zh.toml by `python -m tools.chinese --write`; change it there.",
        "",
        *(f"{key} = {_quoted(turn(tables[key]))}" for key in SPOKEN_KEYS if key in tables),
    ]
    for name in SPOKEN:
        lines += ["", f"[{name}]"]
        for key, value in tables[name].items():
            said = [turn(item) for item in ([value] if isinstance(value, str) else value)]
            shown = _quoted(said[0]) if isinstance(value, str) else f"[{', '.join(map(_quoted, said))}]"
            lines.append(f"{key} = {shown}")
    return "\n".join(lines) + "\n"


def _lines(text: str) -> str:
    return "".join(f"{text[i : i + A_LINE]}\n" for i in range(0, len(text), A_LINE))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    for path, made in ((SIGNS, sign_file()), (TABLES / "zh-hant.toml", table_file())):
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == made:
            print(f"{path.relative_to(ROOT)} is as it would be made")
        elif "--write" in sys.argv[1:]:
            path.write_text(made, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
        else:
            print(f"{path.relative_to(ROOT)} would change; --write does it")
