"""Markup, tags and stage directions: what is said, what is a cue, and that the cuts of a stream never matter."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bridge.core.text.code import Way
from bridge.core.text.markup import Markup
from bridge.core.text.pieces import Piece, Tag
from tests.bridge.core.cuts import STEADY, cut, cuts
from tests.bridge.core.text.bits import LATIN, MIXED, MOODS, PLAIN, TEXTS, WORDS, read, words


def cue(name: str) -> Tag:
    return Tag("gesture", name, 1.0)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Hello.", ["Hello."]),
        ("[happy] Hello.", [Tag("emotion", "happy", 1.0), "Hello."]),
        ("[Happy:0.6]", [Tag("emotion", "happy", 0.6)]),
        ("[gesture:happy]", [cue("happy")]),
        ("[emotion:odd:1]", [Tag("emotion", "odd", 1.0)]),
        ("[emotion:odd:1.5]", [Tag("emotion", "odd", 1.0)]),
        ("[[happy]]", ["[", Tag("emotion", "happy", 1.0), "]"]),
        ("One [gesture:wave] two.", ["One ", cue("wave"), "two."]),
        ("*waves* Hello.", [cue("waves"), "Hello."]),
        ("Hello. *Waves slowly!* Yes.", ["Hello. ", cue("waves_slowly"), "Yes."]),
        ("*happy*", [Tag("emotion", "happy", 1.0)]),
        ("Oh, *sighs softly* I do.", ["Oh, ", cue("sighs_softly"), "I do."]),
        ("Well (laughs) I do.", ["Well ", cue("laughs"), "I do."]),
        ("_nods_ Yes.", [cue("nods"), "Yes."]),
        ("I think *sighs* that is it.", ["I think ", cue("sighs"), "that is it."]),
        ("*slowly turns around* Who is there?", [cue("slowly_turns_around"), "Who is there?"]),
        ("*She smiles at you.* Hello.", [cue("she_smiles_at_you"), "Hello."]),
        ("*fiddles with her sleeve* So.", [cue("fiddles_with_her_sleeve"), "So."]),
        ("*smiling softly* So.", [cue("smiling_softly"), "So."]),
        ("*winkt* Hallo. (lacht) Ja.", [cue("winkt"), "Hallo. ", cue("lacht"), "Ja."]),
        ("*sourit* Bonjour.", [cue("sourit"), "Bonjour."]),
        ("（笑）そうですね。", [cue("gesture"), "そうですね。"]),
        ("*点头* 好的。", [cue("gesture"), "好的。"]),
        ("*nods*", [cue("nods")]),
        ("*sigh* Fine.", [cue("sigh"), "Fine."]),
        ("*cough* *cough* So.", [cue("cough"), cue("cough"), "So."]),
        ("*lächelt* Ja.", [cue("lachelt"), "Ja."]),
        ("(pause)\nSo.", [cue("pause"), "\nSo."]),
    ],
)
def test_cues_are_taken_out(text: str, pieces: list[Piece]) -> None:
    found = read([text])
    assert [p.strip() if isinstance(p, str) else p for p in found] == [
        p.strip() if isinstance(p, str) else p for p in pieces
    ]


LONG = (
    "*looks up at the stars for a while, and then\ndown at the ground again, thinking of what to say next and of the "
    "long night that lies before her*"
)


# Directions as roleplay in each language writes them, and stressed words that look a little like one.
DIRECTIONS = {
    "ar": ("*تبتسم* مرحبا.", "*يهز رأسه* لا.", "*تَضْحَك بخفة* حسنا.", "(يتنهد) نعم.", "مرحبا، *مبتسما* كيف حالك؟"),
    "hi": ("*मुस्कुराती है* नमस्ते।", "*सिर हिलाता है* नहीं।", "*धीरे से हँसते हुए* अच्छा।", "(आह भरते हुए) हाँ।", "*मुस्कुराकर* हाँ।"),
    "ur-fa": ("*لبخند می‌زند* سلام.",),
    "he": ("*מחייכת* שלום.", "(נאנח) כן."),
    "th": ("*ยิ้ม* สวัสดี", "(หัวเราะเบาๆ) ค่ะ"),
    "tr": ("*gülümser* Merhaba.", "*başını sallar* Hayır.", "(gülerek) Evet."),
    "nl": ("*glimlacht* Hallo.", "*knikt langzaam* Ja."),
    "pl": ("*uśmiecha się* Cześć.", "*kiwa głową* Tak."),
    "ru": ("*улыбается* Привет.", "(вздыхает) Да."), "uk": ("*усміхається* Привіт.",),
    "cs": ("*usmívá se* Ahoj.",), "sv": ("*skrattar* Hej.",), "id": ("*tersenyum* Halo.",), "vi": ("*mỉm cười* Chào.",),
    "el": ("*χαμογελά* Γεια.",), "ro": ("*zâmbește* Salut.",), "hu": ("*mosolyog* Szia.",), "fi": ("*hymyilee* Hei.",),
    "de": ("*lächelt* Hallo.",), "fr": ("*sourit doucement* Salut.",), "zh": ("*微笑* 你好。",),
    "ja": ("*手を振る* やあ。",), "ko": ("*웃으며* 안녕.",),
}  # fmt: skip


@pytest.mark.parametrize("text", [text for texts in DIRECTIONS.values() for text in texts])
def test_a_stage_direction_is_not_spoken_in_any_language(text: str) -> None:
    found = read([text])
    assert [piece.kind for piece in found if isinstance(piece, Tag)] == ["gesture"]
    left = re.sub(r"\*[^*]+\*|\([^)]+\)", "", text)
    assert words(text) == re.sub(r"\s+", " ", left).strip()


@pytest.mark.parametrize(
    "text",
    [
        "*الضحك* مفيد.", "هذا *مهم* جدا.", "*كل* شيء هنا.", "(انظر الصفحة) نعم.", "*यह* ज़रूरी है।", "वह *हमेशा* यहाँ है।",
        "*कभी नहीं* छूना।", "(पृष्ठ देखें) हाँ।", "*זה* חשוב.", "*ห้าม* แตะ", "*Asla* dokunma.", "*Nooit* aanraken.",
        "*Nigdy* nie.", "*हँसना* अच्छा है।", "*никогда* не трогай.",
    ],
)  # fmt: skip
def test_a_stressed_word_is_spoken_in_any_language(text: str) -> None:
    assert words(text) == text.replace("*", "")


def test_a_direction_may_be_long_and_have_a_line_break() -> None:
    assert len(LONG) > 125
    assert words(f"{LONG} Yes.") == "Yes."
    assert words(f"It is late. {LONG} Yes.") == "It is late. Yes."


@pytest.mark.parametrize(
    "text",
    [
        "See [1] and [a b].",
        "[emotion:odd:7]",
        "[happy",
        "The answer to 5*3 is 15.",
        "2*4=8",
        "6 * 7",
        "2**10 is 1024, and x*3 or 3*x.",
        "Press [Enter].",
        "I said [sic] it.",
        "[Note] This.",
        "[wave]",
        "I got ten (points) today.",
        "That (looks like rain) is it.",
        "snake_case and f(x)[0][1]",
        "a < b, b > a, <3, <name>, List<String>",
        "AT&T and Q&A & more",
        "see [note](see page 5)",
        "note* and five stars*",
        "C:\\new\\table",
        "-5 degrees",
        "f**k it",
        "1. First",
        "It costs $5.99 ~ £20",
        "100% #1 @home",
        "(I think) so (do you?)",
        "a_b_c",
        "See https://x.org/Foo_(bar)_baz and www.x.org/a_b_c?d=e*f*g now.",
        'He said "go" (quietly) and *left',
    ],
)
def test_what_is_ambiguous_is_said_to_the_letter(text: str) -> None:
    assert read([text]) == [text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "*Never* touch the hot lens. *Only* the blue one is safe.",
            "Never touch the hot lens. Only the blue one is safe.",
        ),
        ('"*Stop*" he said.', '"Stop" he said.'),
        ("*Stop* at red lights.", "Stop at red lights."),
        ("*Waves* crash on the shore.", "Waves crash on the shore."),
        ("The *waves* are high, *very* high.", "The waves are high, very high."),
        ("*Always* look. *This* is it. *Yes* it is.", "Always look. This is it. Yes it is."),
        ("*Looks* can deceive.", "Looks can deceive."),
        ("That is **very** good, ***really***, __so__ _very_.", "That is very good, really, so very."),
        ("un*believ*able 你*不要*碰 **注意：**这是", "unbelievable 你不要碰 注意：这是"),
        ("~~no~~ yes", "no yes"),
        ("read on [Wikipedia](https://en.wikipedia.org/wiki/Comet_(x)) tonight", "read on Wikipedia tonight"),
        ('A [**b** c](<x y> "title") d', "A b c d"),
        ("![A cat](cat.png) and [![b](c)](d)", "A cat and b"),
        ("[text][1] and [text][] and[^1]", "text and text and"),
        ("[^1]: A note\n[id]: https://x.y 'T'\nEnd", "A note\n\nEnd"),
        ("# Title #\nText", "Title #\nText"),
        ("- one\n* two\n+ three\n  - [x] four\n1. five", "one\ntwo\nthree\nfour\n1. five"),
        ("> quote\n>> deep\n> > er", "quote\ndeep\ner"),
        ("a\n\n---\n***\n\nb", "a\n\nb"),
        ("Title\n=====\nText", "Title\n\nText"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |\n", "a, b\n\n1, 2\n"),
        ("`code` and ``a`b`` and `*x*`", "code and a`b and *x*"),
        ("<b>bold</b> <i class='x'>it</i><br>next", "bold it\nnext"),
        ("H<sub>2</sub>O <!-- no --> <https://x.y> <a@b.c>", "H2O https://x.y a@b.c"),
        ("&amp; &lt;b&gt; &#39;x&#39; &hearts; &nbsp;y &unknown;", "& <b> 'x' ♥ y &unknown;"),
        ("<script>alert(1)</script>ok<style>b{}</style>", "ok"),
        ("\\*not stressed\\* \\[x\\]", "*not stressed* [x]"),
        ("a  b \t c \n\n\n\n d", "a b c \n\nd"),
        ("![x](data:image/png;base64,AAAA) ok", "x ok"),
        ("<img src=x alt='A &amp; b'> <td>c</td><td>d</td>", "A & b c d "),
    ],
)
def test_markup_becomes_plain_words(text: str, said: str) -> None:
    assert words(text) == said


@pytest.mark.parametrize(
    ("way", "said"),
    [("announce", "So:\nHere is some code.\nDone."), ("skip", "So:\nDone."), ("read", "So:\nx = *y*\nDone.")],
)
def test_code_is_announced_left_out_or_read(way: Way, said: str) -> None:
    assert words("So:\n```python\nx = *y*\n```\nDone.", way) == said
    assert words("So:\n~~~~\nx = *y*\n~~~~\nDone.", way) == said


def test_code_that_is_never_closed_is_code_to_the_end() -> None:
    assert words("So:\n```\n*waves* and\n# so on") == "So:\nHere is some code.\n"
    assert words("So:\n```", "skip") == "So:\n"


def test_code_is_announced_in_the_language_of_the_reply() -> None:
    from bridge.core.text.code import code

    assert code("announce", "zh-CN").words == "这里有一段代码。"
    assert code("announce", "de-AT").words == "Hier steht etwas Code."
    assert code("announce", "xx").words == "Here is some code."
    assert (code("skip", "de").words, code("read", "de").read) == ("", True)


# ------------------------------------------------------------------------------------------------------- properties


@STEADY
@given(st.data(), TEXTS | MIXED, st.sampled_from(["announce", "skip", "read"]))
def test_where_a_stream_is_cut_never_matters(data: st.DataObject, text: str, way: Way) -> None:
    whole = read([text], way)
    assert read(cut(text, data.draw(cuts(len(text)))), way) == whole
    assert read(list(text), way) == whole


@STEADY
@given(PLAIN)
def test_text_without_marks_is_left_as_it_is(text: str) -> None:
    kept = [piece for piece in read([text]) if isinstance(piece, str)]
    assert re.sub(" +", " ", "".join(kept)).strip() == re.sub(" +", " ", re.sub("（笑う?）", "", text)).strip()


STRESSES = st.sampled_from(
    ["*{}*", "**{}**", "***{}***", "_{}_", "__{}__", "`{}`", "[{}](http://x.y)", "<b>{}</b>", "{}"]
)
LETTERS = st.sampled_from(
    ["Never", "only", "bold text", "灯塔", "저는", "नमस्ते", "مرحبا", "שלום", "Привет", "สวัสดี", "ሰላም", "été", "x1"]
)
PARTS = st.lists(st.tuples(STRESSES, LETTERS), min_size=1, max_size=12)


@STEADY
@given(PARTS)
def test_no_word_is_lost_and_none_joined(parts: list[tuple[str, str]]) -> None:
    text = " ".join(mark.format(word) for mark, word in parts)
    assert words(text) == " ".join(word for _, word in parts)


BLOCKS = st.sampled_from(["{}", "# {}", "### {}", "- {}", "* {}", "> {}", "> > {}", "  - {}", "- [x] {}"])


@STEADY
@given(st.lists(st.tuples(BLOCKS, PARTS), min_size=1, max_size=5))
def test_plain_words_are_those_of_a_parser_of_whole_documents(blocks: list[tuple[str, list[tuple[str, str]]]]) -> None:
    lines = [block.format(" ".join(mark.format(word) for mark, word in parts)) for block, parts in blocks]
    text = "\n\n".join(lines)
    parsed = MarkdownIt("commonmark").parse(text)
    theirs = [_plain(token.children) for token in parsed if token.type == "inline" and token.children]
    theirs = [re.sub(r"^\[x\] ", "", line) for line in theirs]
    assert words(text).split("\n\n") == theirs


def _plain(tokens: list[Token]) -> str:
    said = "".join(t.content if t.type in ("text", "code_inline") else "\n" * (t.type == "softbreak") for t in tokens)
    return html.unescape(said)


@STEADY
@given(st.sampled_from(["[", "*", "_", "`", "<", "(", "&", "!", "```", "<!--", "[a](", "<a "]), MIXED)
def test_no_mark_is_waited_for_for_ever(mark: str, text: str) -> None:
    markup = Markup(MOODS)
    for _ in range(4):
        markup.push(mark + text)
    markup.push("x y " * 1200)
    assert len(markup._held) < 2600


@pytest.mark.parametrize(
    "unit", ["a", "[", "*", "* ", "(", "<", "&", "`", "_a", "\n", "- ", "|", "!", "[happy]", "中", "<b"]
)
def test_the_work_grows_with_the_text(unit: str) -> None:
    def took(count: int) -> float:
        text = unit * count
        best = 1e9
        for _ in range(3):
            markup = Markup(MOODS)
            begun = time.process_time()
            markup.push(text)
            markup.flush()
            best = min(best, time.process_time() - begun)
        return best

    small, large = took(4000 // len(unit)), took(32_000 // len(unit))
    assert large < 24 * small + 0.02, (small, large)  # eight times the text


def test_bits_are_used() -> None:
    assert len(WORDS) > 45
    assert len(LATIN) > 20
