"""The place of the face in a pipecat pipeline: between the voice and the way out.

Needs `pipecat-ai`. `transport`, `stt`, `llm`, `tts` and `context` are whatever your bot has.
"""

from __future__ import annotations

from typing import Any

from pipecat.pipeline.pipeline import Pipeline

from stacks.pipecat import FaceProcessor


def pipeline(transport: Any, stt: Any, llm: Any, tts: Any, context: Any) -> Pipeline:
    """Return a bot's pipeline, with a face."""
    return Pipeline(
        [
            transport.input(),
            stt,
            context.user(),
            llm,
            tts,
            FaceProcessor(language="en-us"),
            transport.output(),
            context.assistant(),
        ]
    )
