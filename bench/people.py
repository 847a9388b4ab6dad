"""A dozen people whom the benchmarks of appearance draw: a row each, as attributes of identity.json hold them."""

from __future__ import annotations

from typing import Final

from engines.identity.attributes import Attributes, read_attributes
from engines.identity.fields import Fields, Json

_HEAD: Final = ("presentation", "ancestry", "skin", "hair", "eyes", "beard", "glasses", "inner", "outer", "more")
# Two words of one cell are a kind and a colour; "" leaves it to the seed. `more` are features and temperaments.
_ROWS: Final[tuple[tuple[int, str, str, str, str, str, str, str, str, str, str], ...]] = (
    (26, "female", "european", "fair", "long blonde", "blue", "", "", "blouse white", "none", "cheerful"),
    (34, "male", "african", "deep", "cropped black", "", "short", "", "", "hoodie orange", ""),
    (24, "female", "east asian", "light", "bob black", "", "", "", "", "sweater cream", ""),
    (38, "male", "european", "light", "short brown", "blue", "stubble", "", "shirt blue", "none", ""),
    (29, "female", "african", "brown", "afro dark", "", "", "", "dress mustard", "none", "warm energetic"),
    (68, "male", "european", "fair", "receding white", "", "full", "round gold", "shirt", "cardigan brown", "gentle"),
    (45, "female", "south asian", "tan", "bun black", "", "", "", "top white", "blazer purple", ""),
    (21, "male", "southeast asian", "olive", "short black", "", "", "", "t-shirt white", "jacket black", ""),
    (31, "female", "latin american", "olive", "wavy dark", "", "", "", "top red", "none", ""),
    (41, "male", "middle eastern", "olive", "short black", "", "full", "", "", "turtleneck green", ""),
    (72, "female", "european", "light", "bob grey", "", "", "oval red", "blouse pink", "cardigan purple", "warm"),
    (27, "female", "european", "fair", "curly red", "green", "", "", "t-shirt blue", "none", "freckles"),
)  # fmt: skip
COUNT: Final = len(_ROWS)
FEATURES: Final = ("freckles",)


def person(number: int) -> Attributes:
    """Return the attributes of a person of the table; numbers go round it."""
    age, *words = _ROWS[number % COUNT]
    row = {name: str(word) for name, word in zip(_HEAD, words, strict=True)}
    raw: dict[str, Json] = {"age": age, **{name: row[name] for name in ("presentation", "ancestry", "skin")}}
    raw["hair"] = _pair(row["hair"], "style", "colour")
    if row["eyes"]:
        raw["eyes"] = row["eyes"]
    if row["beard"]:
        raw["facial_hair"] = {"style": row["beard"]}
    if row["glasses"]:
        raw["glasses"] = _pair(row["glasses"], "shape", "frame")
    for name in ("inner", "outer"):
        if row[name]:
            raw[name] = _pair(row[name], "kind", "colour")
    more = row["more"].split()
    raw["features"] = [word for word in more if word in FEATURES]
    raw["temperament"] = [word for word in more if word not in FEATURES]
    return read_attributes(Fields(raw, "bench", code="bad_attributes"))


def _pair(cell: str, first: str, second: str) -> dict[str, Json]:
    kind, _, colour = cell.partition(" ")
    return {first: kind, **({second: colour} if colour else {})}
