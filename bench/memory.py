"""Measures what a companion remembers: two weeks of daily talks with a scripted user, on a clock that jumps.

`python -m bench.memory` prints tables. The user has fourteen talks with the shipped teacher (the card engine, no
language model), a real session each, and tells twenty facts among chatter; some change later. On the last day each is
asked back; so are twenty things that were never told, where any value is a false recall. Then everything is to be
forgotten, and nothing may be found, neither by asking nor in the bytes of the file. Tokens are estimates, as for an
endpoint. `--embedder FOLDER` compares recall by words with recall by words and vectors instead.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from bench import recalling
from bridge.memory.database import Sqlite
from bridge.memory.keeper import Memory
from bridge.memory.session import Remembered
from bridge.memory.store import Owner, Store
from bridge.metrics import Metrics
from bridge.session.companion import Companion, Rules
from bridge.session.opening import Opening, Shared
from bridge.session.session import Session
from bridge.setup import casting
from engines.api import Request, Rig, Said, Stream
from engines.dialogue.card.engine import CardDialogue
from engines.jobs import Engines
from engines.memory.recall import tokens_in
from protocol import messages as m
from testkit import virtual_time
from testkit.avatar import Avatar
from testkit.link import AvatarLink
from testkit.scripted.engines import ScriptedTts

DAYS: Final = 14
DAY: Final = 86_400.0
BEGIN: Final = 1_900_000_000.0
LONGEST: Final = 200  # seconds that one reply may take

# Day by day: what the user says. Facts that are asked back at the end are told once, or change.
TALKS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "en": (
        ("Hello.", "My name is Ada.", "What is light?", "I live in Bonn.", "Thank you, bye."),
        ("Hi.", "We have a dog called Rex.", "How do lenses work?", "I really like green tea.", "See you."),
        ("Good morning.", "My sister's name is Nora.", "What is a rainbow?", "Tell me more.", "Goodbye."),
        ("Hello.", "I work as a nurse.", "I'm tired today.", "What is the moon?", "Bye."),
        ("Hi.", "My birthday is on the 3rd of May.", "I hate fish.", "What is a star?", "Bye."),
        ("Hello.", "I moved to Hamburg.", "It rains a lot here.", "What is sound?", "See you tomorrow."),
        ("Hey.", "My favourite colour is dark green.", "Why is the sky blue?", "Really?", "Bye."),
        ("Hello.", "Remember that my car is parked on level three.", "What is a mirror?", "Bye."),
        ("Hi.", "I am allergic to nuts.", "My brother is called Tom.", "What is gravity?", "Bye."),
        ("Hello.", "I love hiking in the mountains.", "What are colours?", "Tell me a joke.", "Bye."),
        ("Hi.", "I am 34 years old.", "My cat is called Misty.", "How far is the sun?", "Bye."),
        ("Hello.", "I'm studying physics in the evenings.", "I'm from Norway.", "What is heat?", "Bye."),
        ("Hi.", "I don't like green tea any more.", "My favourite book is The Waves.", "Why?", "Bye."),
        ("Hello.", "My best friend is called Iris.", "I enjoy playing chess.", "Tomorrow let's go on with lenses."),
    ),
    "zh": (
        ("你好。", "我叫小明。", "光是什么？", "我住在北京。", "再见。"),
        ("你好。", "我家的狗叫旺财。", "透镜是什么？", "我很喜欢绿茶。", "再见。"),
        ("早上好。", "我的妹妹叫丽丽。", "彩虹是什么？", "再见。"),
        ("你好。", "我是一名护士。", "我今天很累。", "月亮是什么？", "再见。"),
        ("你好。", "我的生日是五月三日。", "我讨厌鱼。", "星星是什么？", "再见。"),
        ("你好。", "我搬到了上海。", "这里常常下雨。", "声音是什么？", "再见。"),
        ("你好。", "我最喜欢的颜色是深绿色。", "天空为什么是蓝色的？", "再见。"),
        ("你好。", "请记住我的车停在三楼。", "镜子是什么？", "再见。"),
        ("你好。", "我对花生过敏。", "我的哥哥叫小刚。", "重力是什么？", "再见。"),
        ("你好。", "我喜欢爬山。", "颜色是什么？", "再见。"),
        ("你好。", "我今年三十四岁。", "我的猫叫咪咪。", "太阳有多远？", "再见。"),
        ("你好。", "我在医院工作。", "我来自广州。", "热是什么？", "再见。"),
        ("你好。", "我不喜欢绿茶了。", "我最喜欢的书是红楼梦。", "为什么？", "再见。"),
        ("你好。", "我的好朋友叫小红。", "我喜欢下棋。", "明天我们接着讲透镜吧。"),
    ),
}
# What is asked back, and what the answer must hold; then what was never told.
ASKED: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "en": (
        ("What is my name?", "Ada"), ("Where do I live?", "Hamburg"), ("What is my dog called?", "Rex"),
        ("What is my sister's name?", "Nora"), ("What is my job?", "nurse"), ("When is my birthday?", "3rd of May"),
        ("Do I like fish?", "not like fish"), ("What is my favourite colour?", "dark green"),
        ("What did I tell you about my car?", "level three"), ("What am I allergic to?", "nuts"),
        ("What is my brother called?", "Tom"), ("Do I like hiking?", "hiking"), ("How old am I?", "34"),
        ("What is my cat called?", "Misty"), ("What do I study?", "physics"), ("Where am I from?", "Norway"),
        ("Do I like green tea?", "not like green tea"), ("What is my favourite book?", "The Waves"),
        ("What is my best friend's name?", "Iris"), ("Do I like chess?", "chess"),
    ),
    "zh": (
        ("我叫什么名字？", "小明"), ("我住在哪里？", "上海"), ("我的狗叫什么？", "旺财"), ("我的妹妹叫什么？", "丽丽"),
        ("我的职业是什么？", "护士"), ("我的生日是什么时候？", "五月三日"), ("我喜欢鱼吗？", "不喜欢鱼"),
        ("我最喜欢的颜色是什么？", "深绿色"), ("记得我说的车停在哪吗？", "三楼"), ("我对什么过敏？", "花生"),
        ("我的哥哥叫什么？", "小刚"), ("我喜欢爬山吗？", "爬山"), ("我多大？", "三十四"), ("我的猫叫什么？", "咪咪"),
        ("我在哪里工作？", "医院"), ("我来自哪里？", "广州"), ("我喜欢绿茶吗？", "不喜欢绿茶"),
        ("我最喜欢的书是什么？", "红楼梦"), ("我的好朋友叫什么？", "小红"), ("我喜欢下棋吗？", "下棋"),
    ),
}  # fmt: skip
NEVER: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "What is my horse called?", "What is my mother's name?", "What is my son's name?", "Do I like opera?",
        "What is my favourite film?", "Where do I work?", "What is my parrot called?", "Do I like coffee?",
        "What is my uncle's name?", "What is my favourite food?", "What is my wife's name?", "Do I like rain?",
        "What is my daughter's name?", "What is my rabbit called?", "What is my favourite song?", "Do I like skiing?",
        "What is my father's name?", "What is my boss's name?", "Do I like cheese?", "What is my favourite city?",
    ),
    "zh": (
        "我的马叫什么？", "我的妈妈叫什么？", "我的儿子叫什么？", "我喜欢歌剧吗？", "我最喜欢的电影是什么？",
        "我学的是什么？", "我的鹦鹉叫什么？", "我喜欢咖啡吗？", "我的舅舅叫什么？", "我最喜欢的歌是什么？",
        "我的妻子叫什么？", "我喜欢下雨吗？", "我的女儿叫什么？", "我的兔子叫什么？", "我最喜欢的城市是什么？",
        "我喜欢滑雪吗？", "我的爸爸叫什么？", "我的老板叫什么？", "我喜欢奶酪吗？", "我的爷爷叫什么？",
    ),
}  # fmt: skip
TELL: Final = {"en": "What do you know about me?", "zh": "你知道关于我的什么？"}
ERASE: Final = {"en": "Forget everything you know about me.", "zh": "忘掉关于我的一切。"}
WHO: Final = "teacher"


@dataclass(slots=True)
class Kept:
    """A dialogue that notes what its card was told, in tokens, and what a turn waited for it."""

    card: CardDialogue
    tokens: list[int]

    name = "card"
    model = ""

    async def start(self) -> None:
        await self.card.start()

    async def close(self) -> None:
        await self.card.close()

    def forget(self, session: str) -> None:
        self.card.forget(session)

    async def reply(self, request: Request) -> Stream[Said]:
        if request.memory is not None:
            told = [*(memo.told for memo in request.memory.memos), *request.memory.episodes]
            self.tokens.append(sum(map(tokens_in, told)))
        async for piece in self.card.reply(request):
            yield piece


def talk(code: str, day: int, lines: Sequence[str], file: Path, tokens: list[int]) -> list[str]:
    """Have one session and return what the companion said to each line, a greeting first."""

    async def main() -> list[str]:
        now = BEGIN + day * DAY
        memory = Memory(str(file), now=lambda: now + asyncio.get_running_loop().time(), home=file.parent, apart=False)
        person = casting.identity(WHO)
        person = person.speaking(code) if code in person.languages else person
        owner = Owner("user", "companion")
        await memory.agree(owner, True)
        engines = Engines(None, None, Kept(CardDialogue(person), tokens), ScriptedTts(ms_per_word=20), None)
        clock = partial(datetime.fromtimestamp, now, UTC)
        session = Session(
            Shared(Companion(engines, person.name, language=code), Rules(), Metrics(), clock),
            Opening(
                name=f"day-{day}", token="t", watch="w", user="user", hello=m.Hello(greet=True, language=code),
                rig=Rig("none", (), ()), seed=1, remembered=Remembered(memory, owner, True),
            ),
        )  # fmt: skip
        avatar, said = Avatar(), list[str]()
        async with asyncio.TaskGroup() as group:
            group.create_task(session.run())
            await session.started.wait()
            session.attach(AvatarLink(avatar, session.receive, delay=lambda: 0.0))
            for number in range(len(lines) + 1):
                if number:
                    session.receive(m.UserText(text=lines[number - 1]))
                for _ in range(LONGEST * 2):
                    await asyncio.sleep(0.5)
                    ends = [each for _, each in avatar.messages if isinstance(each, m.ReplyEnd)]
                    if len(ends) > number and session.state == "idle":
                        break
                said.append(ends[-1].text if len(ends) > number else "")
            session.end(None)
        return said

    return virtual_time.run(main())


def measured(code: str, folder: Path) -> list[tuple[str, str]]:
    """Play the two weeks in one language; the rows of the table."""
    file, tokens = folder / f"{code}.sqlite", list[int]()
    begun = time.process_time()
    for day, lines in enumerate(TALKS[code]):
        talk(code, day, lines, file, tokens)
    spent = time.process_time() - begun
    each_turn = list(tokens)
    tokens.clear()
    greeting, *answers = talk(code, DAYS, [question for question, _ in ASKED[code]], file, tokens)
    asked_tokens = list(tokens)
    right = [wanted.lower() in answer.lower() for (_, wanted), answer in zip(ASKED[code], answers, strict=True)]
    for (question, wanted), answer, good in zip(ASKED[code], answers, right, strict=True):
        if not good:
            sys.stderr.write(f"missed: {question} ({wanted}): {answer}\n")
    store = Store(Sqlite(file))
    values = [each.fact.value for each in store.everything(Owner("user", "companion")).facts]
    store.close()
    _, *never = talk(code, DAYS + 1, NEVER[code], file, tokens)
    false = [any(value.lower() in answer.lower() for value in values) for answer in never]
    for question, answer, wrong in zip(NEVER[code], never, false, strict=True):
        if wrong:
            sys.stderr.write(f"false: {question}: {answer}\n")
    _, everything, erased, *after = talk(
        code, DAYS + 2, (TELL[code], ERASE[code], *(question for question, _ in ASKED[code])), file, tokens
    )
    still = sum(wanted.lower() in answer.lower() for (_, wanted), answer in zip(ASKED[code], after, strict=True))
    _, *later = talk(code, DAYS + 3, [question for question, _ in ASKED[code]], file, tokens)
    still += sum(wanted.lower() in answer.lower() for (_, wanted), answer in zip(ASKED[code], later, strict=True))
    held = b"".join(each.read_bytes() for each in folder.glob(f"{code}.sqlite*"))
    left = sum(value.encode() in held for value in values if len(value) > 3)
    return [
        ("facts asked back that were right", f"{sum(right)} of {len(right)}"),
        ("things never told that were answered all the same", f"{sum(false)} of {len(false)}"),
        ("facts kept after 14 talks", f"{len(values)}"),
        ("tokens that a turn was told: mean, most", f"{sum(each_turn) / len(each_turn):.0f}, {max(each_turn)}"),
        ("the same while asked back", f"{sum(asked_tokens) / len(asked_tokens):.0f}, {max(asked_tokens)}"),
        ("the greeting of day 15", greeting),
        ("said when asked what it knows", f"{len(everything)} characters"),
        ('said after "forget everything"', erased),
        ("facts that were still told after it", f"{still} of {2 * len(right)}"),
        ("values left in the bytes of the file", f"{left} of {len([v for v in values if len(v) > 3])}"),
        ("CPU of a whole talk, engines included", f"{1000 * spent / DAYS:.0f} ms"),
    ]


def main() -> int:
    """Measure both languages; print tables. With an embedder only recall is compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    named = "a folder with a sentence model, or real: compare words with words and vectors"
    parser.add_argument("--embedder", default="", metavar="FOLDER", help=named)
    options = parser.parse_args()
    if options.embedder:
        with tempfile.TemporaryDirectory() as folder:
            recalling.run(options.embedder, Path(folder))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for code in TALKS:
            sys.stdout.write(f"\n| {code}: two weeks, {DAYS} talks | |\n|---|---|\n")
            for name, value in measured(code, Path(folder)):
                sys.stdout.write(f"| {name} | {value} |\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
