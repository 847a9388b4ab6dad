"""A LiveKit agent whose face everybody in the room is sent: `python -m stacks.examples.livekit_agent dev`.

Needs the extra `stacks`, a LiveKit server, and keys for the services that are named below.
"""

from __future__ import annotations

from livekit.agents import Agent, AgentSession, JobContext, WorkerOptions, cli
from livekit.plugins import openai

from stacks.livekit import FaceAudioOutput, publishing
from stacks.voice import VoiceFace


async def entrypoint(context: JobContext) -> None:
    """Talk in one room."""
    await context.connect()
    session = AgentSession(llm=openai.LLM(), stt=openai.STT(), tts=openai.TTS())
    face = VoiceFace()
    await face.start()
    context.add_shutdown_callback(face.close)
    await session.start(agent=Agent(instructions="You are friendly and brief."), room=context.room)
    assert session.output.audio is not None
    session.output.audio = FaceAudioOutput(session.output.audio, face=face, show=publishing(context.room, face))
    await session.generate_reply(instructions="Greet the user.")


if __name__ == "__main__":
    cli.run_app(WorkerOptions(entrypoint_fnc=entrypoint))
