"""What a companion is asked about is understood better, and the model behind it is a probability model."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import defaultdict
from contextlib import aclosing, suppress

import pytest

from engines.api import EngineError, Stream
from engines.hearing.pocketsphinx.engine import PocketSphinxStt
from engines.hearing.pocketsphinx.topic import NAMES, WORDS, Sentence, language_model, sentences
from engines.identity import load_identity, shipped
from engines.identity.topics import texts, topics
from tests.engines.hearing.sounds import speech

SAID: list[Sentence] = [
    ("what", "is", "an", "echo"),
    ("what", "is", "sound"),
    ("tell", "me", "about", "sound"),
    ("echo",),
]
TOPICS = ("Nora Bell", "sonar", "prism", "lens", "the retina", "doppler effect")


def read(arpa: str) -> tuple[dict[Sentence, float], dict[Sentence, float]]:
    """Probabilities and back-off weights of a model in ARPA form."""
    chances: dict[Sentence, float] = {}
    weights: defaultdict[Sentence, float] = defaultdict(lambda: 1.0)
    for line in arpa.split("\\1-grams:")[1].splitlines():
        fields = line.split()
        if len(fields) < 2:
            continue
        weighted = fields[-1].startswith("-")
        gram = tuple(fields[1:-1] if weighted else fields[1:])
        chances[gram] = 10 ** float(fields[0])
        if weighted:
            weights[gram] = 10 ** float(fields[-1])
    return chances, weights


def chance(gram: Sentence, model: tuple[dict[Sentence, float], dict[Sentence, float]]) -> float:
    """Probability of a gram's last word after the others, by the rule of ARPA models."""
    chances, weights = model
    if gram in chances or len(gram) == 1:
        return chances[gram]
    return weights[gram[:-1]] * chance(gram[1:], model)


def test_what_may_follow_adds_up_to_one() -> None:
    model = read(language_model(SAID))
    vocabulary = {gram[0] for gram in model[0] if len(gram) == 1} - {"<s>"}
    for context in [("what",), ("is",), ("<s>",), ("what", "is"), ("<s>", "echo"), ("me", "about"), ("sound", "what")]:
        assert sum(chance((*context, word), model) for word in vocabulary) == pytest.approx(1, abs=2e-3)


def test_what_was_said_is_likelier_than_what_was_not() -> None:
    model = read(language_model(SAID))
    assert chance(("what", "is", "sound"), model) > chance(("what", "is", "about"), model) > 0


def test_the_header_counts_the_grams() -> None:
    header, *parts = language_model(SAID).split("-grams:")
    told = [int(line.partition("=")[2]) for line in header.splitlines() if "=" in line]
    assert told == [sum(1 for line in part.splitlines() if line and line[0] != "\\") for part in parts]


def test_sentences_hold_known_words_only_and_are_bounded() -> None:
    known = {"what", "is", "sonar", "tell", "me", "about"}
    said = sentences(["Sonar", "zyzzyva"], ["Tell me, quickly, about sonar!"], known)
    assert ("what", "is", "sonar") in said
    assert ("tell", "me") in said
    assert {word for sentence in said for word in sentence} <= known
    many = sentences(["sonar"] * 10 * NAMES, ["sonar " * 10 * WORDS], known)
    assert sum(map(len, many)) < 200_000


def test_an_identity_tells_its_topics() -> None:
    nora = load_identity(shipped()["teacher"])
    assert "speed of sound" in topics(nora)
    assert "Nora" in topics(nora)
    said = texts(nora)
    assert any("vibration" in text for text in said)
    assert not any("[" in text or "{{" in text for text in said)


def test_a_card_with_nothing_to_tell_still_has_its_name() -> None:
    guide = load_identity(shipped()["guide"])
    assert topics(guide)[0] == guide.name


async def _heard(stt: PocketSphinxStt, sound: bytes) -> str:
    async def audio() -> Stream[bytes]:
        for at in range(0, len(sound), 3200):
            yield sound[at : at + 3200]

    async with aclosing(stt.transcribe(audio(), "en-us")) as transcripts:
        return [transcript async for transcript in transcripts][-1].text


def test_a_question_about_a_topic_is_understood_and_other_speech_as_before() -> None:
    pytest.importorskip("pocketsphinx", reason="the recogniser is not installed")
    question, other = speech("How does a prism work?"), speech("My brother bought a new car last week.")

    async def main() -> None:
        plain, told = PocketSphinxStt(workers=1), PocketSphinxStt(workers=1, topics=TOPICS)
        await asyncio.gather(plain.start(), told.start())
        try:
            assert await _heard(plain, question) != "how does a prism work"
            assert await _heard(told, question) == "how does a prism work"
            assert await _heard(told, other) == await _heard(plain, other)
            pid = told._children[0].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            with suppress(EngineError):  # unless its death was noticed before
                await _heard(told, question)
            assert await _heard(told, question) == "how does a prism work"
        finally:
            await asyncio.gather(plain.close(), told.close())

    asyncio.run(main())


def test_another_persons_topics_are_heard_in_the_same_processes() -> None:
    pytest.importorskip("pocketsphinx", reason="the recogniser is not installed")
    question = speech("How does a prism work?")

    async def main() -> None:
        first = PocketSphinxStt(workers=1)
        await first.start()
        try:
            pid = first._children[0].pid
            other = first.for_person(topics=TOPICS, texts=())
            await other.start()
            assert await _heard(other, question) == "how does a prism work"
            assert await _heard(first, question) != "how does a prism work"
            # Of many people the last few are kept, and whoever was forgotten is heard as well.
            for name in ("a bell", "a bridge", "a boat", "a bird", "a bear"):
                await first.for_person(topics=(name,)).start()
            assert await _heard(other, question) == "how does a prism work"
            await other.close()
            assert other.work() == ()
            assert first._children[0].pid == pid
            assert await _heard(first, question) != "how does a prism work"
        finally:
            await first.close()

    asyncio.run(main())
