"""`companion serve` with real ears, mind and voice: questions by flite in, answers with sound and face out."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bench.real import asked, settings
from bench.words import errors
from testkit.real.conversation import converse, served
from testkit.real.packages import PIPER_JOE, WHISPER_TINY_EN, folder
from testkit.real.smollm2 import smollm2
from tests.real.conftest import or_skip
from training.lips import flite_voice

pytestmark = [pytest.mark.real, pytest.mark.realtime]

QUESTIONS = ("What is an echo?", "Nora, why is the sky blue?")


@pytest.mark.parametrize("mind", ["card", "transformers"])
def test_spoken_questions_get_spoken_answers_with_a_face(mind: str) -> None:
    if not flite_voice.available():
        pytest.skip("flite is not installed")
    for weights in (WHISPER_TINY_EN, PIPER_JOE):
        or_skip(partial(folder, weights))
    if mind == "transformers":
        or_skip(smollm2)

    async def main() -> None:
        async with served(settings(mind)) as port:
            for number, question in enumerate(QUESTIONS):
                heard = await converse(port, asked(number, question))
                wrong, _ = errors(question, heard.question)
                assert wrong <= 2, heard.question  # "the sky" and "this guy" sound alike to a model of this size
                assert heard.reason in ("complete", "cut")  # by its limit of tokens
                assert len(heard.answer.split()) >= 3, heard.answer
                seconds = len(heard.pcm) / 2 / 24_000
                assert seconds > 0.5
                assert abs(heard.frames - 60 * seconds) <= 2
                assert heard.open_mouth > 0.1 * heard.frames
                assert heard.gaps == 0

    asyncio.run(main())
