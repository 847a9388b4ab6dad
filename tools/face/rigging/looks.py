"""Which words of an identity's looks mean which part and which palette.

Every palette gives the same names of colours whatever its choice, so that a layer can name them without knowing it.
"""

from __future__ import annotations

import colorsys
from typing import Any, Final


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _mix(colour: str, other: str, share: float) -> str:
    """Return `share` of `other` in `colour`."""
    mixed = [a + (b - a) * share for a, b in zip(_rgb(colour), _rgb(other), strict=True)]
    return "#" + "".join(f"{round(255 * value):02x}" for value in mixed)


def _richer(colour: str, by: float) -> str:
    """Return the same hue and lightness with its saturation times `by`."""
    hue, light, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    back = colorsys.hls_to_rgb(hue, light, min(1.0, saturation * by))
    return "#" + "".join(f"{round(255 * value):02x}" for value in back)


def _skin(base: str, light: str, shade: str, deep: str, blush: str, lip: str) -> dict[str, str]:
    return {
        "skin": base,
        "skinLight": light,
        "skinShade": shade,
        "skinDeep": deep,
        "blush": blush,
        "lip": lip,
        "lipLight": _mix(lip, light, 0.42),
        "lipDark": _mix(lip, deep, 0.5),
        "lipLine": _mix(_mix(lip, deep, 0.55), "#2a0d12", 0.45),
    }


def _hair(base: str, light: str, dark: str) -> dict[str, str]:
    return {"hair": base, "hairLight": light, "hairDark": dark, "hairDeep": _mix(dark, "#0a0608", 0.45)}


def _brow(base: str) -> dict[str, str]:
    return {"brow": base, "browDark": _mix(base, "#1c0f0c", 0.35)}


def _iris(base: str, light: str, dark: str) -> dict[str, str]:
    return {"iris": base, "irisLight": light, "irisDark": dark}


def _cloth(name: str, base: str) -> dict[str, str]:
    return {
        name: base,
        f"{name}Light": _mix(base, "#fff6e8", 0.24),
        f"{name}Shade": _mix(_richer(base, 1.1), "#191430", 0.3),
        f"{name}Deep": _mix(_richer(base, 1.1), "#120e26", 0.55),
    }


CLOTH: Final = {
    "white": "#f2eee6", "cream": "#ecdfc6", "black": "#34333c", "grey": "#8b8f98", "navy": "#2f4367",
    "blue": "#4a78b5", "teal": "#2f8583", "green": "#5c8a5e", "yellow": "#e3b23f", "mustard": "#d69f2c",
    "orange": "#dd7f45", "red": "#b8433f", "pink": "#dd93a0", "purple": "#7a5a9e", "brown": "#86603f",
    "beige": "#cdb491",
}  # fmt: skip

PALETTES: Final[dict[str, dict[str, dict[str, str]]]] = {
    "skin": {
        "fair": _skin("#f7d8c4", "#fff0e3", "#dfa68e", "#b06f5f", "#ee8f86", "#d0736f"),
        "light": _skin("#f0c6a6", "#fde2c9", "#d1936f", "#9c5f48", "#e4806c", "#c4675f"),
        "olive": _skin("#ddb083", "#f2cea6", "#b3804f", "#7f5434", "#d2785c", "#b35f53"),
        "tan": _skin("#cd9465", "#e7b78a", "#a06a41", "#6c4028", "#c3674a", "#a95548"),
        "brown": _skin("#ab7148", "#cd9468", "#7f4c2e", "#512b1b", "#b35640", "#98483f"),
        "deep": _skin("#7a4b32", "#a06c4b", "#54301f", "#341a12", "#93432f", "#79393a"),
    },
    "hairColour": {
        "black": _hair("#2b2830", "#565062", "#17151b"),
        "dark": _hair("#3a2722", "#6d4a3b", "#211412"),
        "brown": _hair("#69442e", "#9c6e49", "#432819"),
        "auburn": _hair("#843c24", "#b9653d", "#572213"),
        "red": _hair("#b9562a", "#e58b4f", "#7f3416"),
        "blonde": _hair("#d9ad68", "#f3d79c", "#a67a3d"),
        "grey": _hair("#9b9da3", "#cdd0d4", "#6c6e77"),
        "white": _hair("#dcdad6", "#f8f7f4", "#aaa6a4"),
        "pink": _hair("#d8799f", "#f2abc5", "#9c4770"),
        "blue": _hair("#4d6fa8", "#84a6d8", "#2e4674"),
    },
    "browColour": {
        "black": _brow("#2b262b"), "dark": _brow("#35231e"), "brown": _brow("#553624"), "auburn": _brow("#693021"),
        "red": _brow("#8c4423"), "blonde": _brow("#9b7440"), "grey": _brow("#77757a"), "white": _brow("#b3aeab"),
        "pink": _brow("#6b3a47"), "blue": _brow("#2f3f63"),
    },
    "beardColour": {},
    "eyes": {
        "brown": _iris("#7b4a26", "#c08a4e", "#3a1f10"),
        "dark": _iris("#4a2c1c", "#86583a", "#20110a"),
        "hazel": _iris("#8a6a33", "#c8a85c", "#46361a"),
        "green": _iris("#4f8557", "#9ccb8c", "#234a30"),
        "blue": _iris("#3f7fb8", "#9bd0f0", "#1d4470"),
        "grey": _iris("#72879a", "#bfd0dc", "#3a4a5a"),
        "violet": _iris("#7860b0", "#c0aae8", "#3f2f6c"),
    },
    "outerColour": {name: _cloth("outer", base) for name, base in CLOTH.items()},
    "innerColour": {name: _cloth("inner", base) for name, base in CLOTH.items()},
    "frames": {
        "dark": {"frame": "#3a2c2c", "frameLight": "#7a6460"},
        "gold": {"frame": "#a9823c", "frameLight": "#ecd08b"},
        "red": {"frame": "#93333a", "frameLight": "#d77a78"},
        "blue": {"frame": "#2f4a78", "frameLight": "#7f9cc9"},
    },
    "always": {
        "always": {
            "white": "#ffffff", "black": "#140c10", "sclera": "#fbf6f1", "scleraShade": "#c9b4b4", "lash": "#1d1416",
            "mouth": "#5a1a20", "mouthDeep": "#2c090f", "teeth": "#fdf9f0", "teethShade": "#cdbcb2",
            "tongue": "#cf6a6c", "tongueLight": "#e79490", "tongueShade": "#963f48", "brass": "#d8ac4f",
            "brassShade": "#8a6422",
        }
    },
}  # fmt: skip
PALETTES["beardColour"] = {
    name: {key.replace("hair", "beard"): value for key, value in colours.items()}
    for name, colours in PALETTES["hairColour"].items()
}

HAIR_WORDS: Final = {
    "black": "black", "grey": "grey", "gray": "grey", "silver": "grey", "white": "white", "auburn": "auburn",
    "chestnut": "auburn", "red": "red", "ginger": "red", "copper": "red", "blond": "blonde", "blonde": "blonde",
    "golden": "blonde", "fair": "blonde", "pink": "pink", "blue": "blue", "dark": "dark", "brown": "brown",
}  # fmt: skip
CLOTH_WORDS: Final = {
    "mustard": "mustard", "navy": "navy", "cream": "cream", "ivory": "cream", "teal": "teal", "turquoise": "teal",
    "olive": "green", "burgundy": "red", "maroon": "red", "khaki": "beige", "lilac": "purple", "violet": "purple",
    "gray": "grey", "charcoal": "black",
} | {name: name for name in CLOTH}  # fmt: skip
OUTER: Final = {
    "cardigan": "cardigan", "jacket": "jacket", "blazer": "jacket", "suit": "jacket", "coat": "jacket",
    "waistcoat": "cardigan", "sweater": "sweater", "jumper": "sweater", "pullover": "sweater", "hoodie": "sweater",
    "turtleneck": "sweater",
}  # fmt: skip
INNER: Final = {
    "shirt": "shirt", "blouse": "shirt", "collar": "shirt", "tee": "tee", "tshirt": "tee", "top": "tee",
    "dress": "tee",
}  # fmt: skip

# A part named by an earlier word wins over one named by a later word of the table.
CHOICES: Final[dict[str, dict[str, Any]]] = {
    "skin": {
        "from": "skin",
        "default": "light",
        "words": {
            "pale": "fair", "fair": "fair", "porcelain": "fair", "olive": "olive", "tan": "tan", "tanned": "tan",
            "golden": "tan", "bronze": "tan", "deep": "deep", "black": "deep", "ebony": "deep", "dark": "deep",
            "brown": "brown", "light": "light", "white": "light",
        },
    },
    "hairColour": {"from": "hair", "default": "brown", "words": HAIR_WORDS},
    "browColour": {"from": "hair", "default": "brown", "words": HAIR_WORDS},
    "beardColour": {"from": "beard", "default": "", "same": "hairColour", "words": HAIR_WORDS},
    "hairStyle": {
        "from": "hair",
        "default": "short",
        "words": {
            "bald": "bald", "shaved": "bald", "none": "bald", "curly": "curly", "curls": "curly", "afro": "curly",
            "bun": "bun", "updo": "bun", "tied": "bun", "bob": "bob", "chin": "bob", "long": "long",
            "shoulder": "long", "wavy": "long", "straight": "long", "ponytail": "bun", "short": "short",
            "cropped": "short",
        },
    },
    "eyes": {
        "from": "eyes",
        "default": "brown",
        "words": {
            "hazel": "hazel", "amber": "hazel", "green": "green", "blue": "blue", "grey": "grey", "gray": "grey",
            "violet": "violet", "purple": "violet", "black": "dark", "dark": "dark", "brown": "brown",
        },
    },
    "glasses": {
        "from": "glasses",
        "default": "no",
        "words": {"no": "no", "none": "no", "false": "no", "without": "no"},
        "other": "yes",
    },
    "frames": {
        "from": "glasses",
        "default": "dark",
        "words": {"gold": "gold", "golden": "gold", "brass": "gold", "wire": "gold", "red": "red", "blue": "blue"},
    },
    "beard": {
        "from": "beard",
        "default": "no",
        "words": {
            "no": "no", "none": "no", "false": "no", "shaved": "no", "moustache": "moustache",
            "mustache": "moustache", "goatee": "goatee", "stubble": "stubble", "full": "full",
        },
        "other": "full",
    },
    "outer": {"from": "clothes", "default": "no", "words": OUTER},
    "inner": {"from": "clothes", "default": "tee", "words": INNER},
    "outerColour": {"from": "clothes", "default": "teal", "words": CLOTH_WORDS, "near": list(OUTER)},
    "innerColour": {"from": "clothes", "default": "white", "words": CLOTH_WORDS, "near": list(INNER)},
    "buttons": {"from": "clothes", "default": "plain", "words": {"brass": "brass", "gold": "brass", "golden": "brass"}},
    "always": {"from": "always", "default": "always", "words": {}},
}  # fmt: skip

# Numbers of the looks that become weights of their own channels: a range that spans 0..1, or words.
DIALS: Final[dict[str, dict[str, Any]]] = {
    "age": {"from": "age", "default": 0.15, "range": [28, 72]},
    "masculine": {
        "from": "presentation",
        "default": 0.35,
        "words": {"male": 1, "man": 1, "masculine": 1, "boy": 0.6, "female": 0, "woman": 0, "feminine": 0, "girl": 0},
    },
}
