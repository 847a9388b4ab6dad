"""What random texts are made of, so that they hit the rules: marks, numbers, abbreviations, and ten scripts."""

from __future__ import annotations

from itertools import groupby

from hypothesis import strategies as st

from bridge.core.text.code import Way, code
from bridge.core.text.markup import Markup
from bridge.core.text.pieces import Piece

MOODS = frozenset({"happy", "sad"})

MARKS = [
    *(
        "[",
        "]",
        "(",
        ")",
        "[happy]",
        "[sad:0.5]",
        "[gesture:wave]",
        "[Enter]",
        "[1]",
        "*",
        "**",
        "***",
        "_",
        "__",
        "~~",
    ),
    *(
        "`",
        "``",
        "```",
        "```py\n",
        "\n```\n",
        "\n",
        "\n\n",
        " ",
        "  ",
        "\t",
        "\r\n",
        "# ",
        "## ",
        "> ",
        ">",
        "- ",
        "* ",
    ),
    *("1. ", "| ", " | ", "|\n", "---", "===", "|---|---|\n", "- [x] ", "[^1]", "[^1]: ", "[a]: http://x.y\n", "[x]("),
    *("http://x.y/z", "](", "![", "<b>", "</b>", "<", ">", "<br>", "<!--", "-->", "<script>", "</script>", "<a href="),
    *(
        "&amp;",
        "&lt;",
        "&",
        "&#33;",
        "\\",
        "\\*",
        '"',
        "'",
        "“",
        "”",
        "(laughs)",
        "*waves*",
        "*sighs softly* ",
        "data:",
    ),
]
LATIN = [
    *("word", "Another ", "waves", "She smiles", "Never", "and", "the ", "Dr. ", "e.g. ", "3.14", "1,000 ", "5", "3"),
    *("x" * 30, " and so on" * 4, "i. ", "A. ", "config.json", "10:30", " — ", ": ", ", ", ". ", "! ", "?", "…", "."),
]
SCRIPTS = {
    "latin": ["Été", " déjà ", "Straße. ", "¿Qué? ", "ñandú "],
    "chinese": ["灯塔", "建于", "一九零二年。", "，", "「走吧。」", "！", "（笑）"],
    "japanese": ["私の", "名前は", "花子です。", "、", "カタカナ", "（笑う）", "？"],
    "korean": ["안녕하세요 ", "저는 ", "노라입니다. ", "네, ", "한숨"],
    "hindi": ["नमस्ते ", "यह ", "है। ", "क्या? ", "हिन्दी"],
    "arabic": ["مرحبا ", "هذا كتاب", "؟ ", "، ", "۔ "],
    "hebrew": ["שלום ", "זה ספר. ", "מה? "],
    "thai": ["สวัสดีครับ ", "ผมชื่อ", "โนรา ", "วันนี้อากาศดี"],
    "russian": ["Привет, ", "это ", "книга. ", "т.е. ", "Что? "],
    "amharic": ["ሰላም ", "ነው። ", "እንዴት ", "ነህ? "],
    "emoji": ["😀", " 👍🏽 ", "👩‍👩‍👧", "é", "☄️ "],
}
WORDS = [bit for bits in SCRIPTS.values() for bit in bits]

TEXTS = st.lists(st.sampled_from(MARKS + LATIN), max_size=25).map("".join) | st.text(max_size=60)
MIXED = st.lists(st.sampled_from(MARKS + LATIN + WORDS), max_size=30).map("".join)
# Words of a script with the punctuation that belongs to it, and no marks: nothing of it may change.
PLAIN = st.sampled_from(sorted(SCRIPTS)).flatmap(
    lambda name: st.lists(st.sampled_from(SCRIPTS[name] + LATIN[:5]), max_size=40).map("".join)
)


def read(chunks: list[str], way: Way = "announce") -> list[Piece]:
    """Return the words and cues of a text that comes in chunks, words joined."""
    markup = Markup(MOODS, code(way, "en"))
    pieces = [piece for chunk in chunks for piece in markup.push(chunk)] + markup.flush()
    joined: list[Piece] = []
    for plain, group in groupby(pieces, key=lambda piece: isinstance(piece, str)):
        some = list(group)
        joined += ["".join(map(str, some))] if plain else some
    return joined


def words(text: str, way: Way = "announce") -> str:
    """Return the plain words of a text."""
    return "".join(piece for piece in read([text], way) if isinstance(piece, str))
