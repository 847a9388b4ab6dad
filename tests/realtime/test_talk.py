"""Whole conversations on a real socket: events in their order, and each as the schema has it."""

from __future__ import annotations

from testkit.scripted.engines import ScriptedDialogue, ScriptedTts, ToolUse
from tests.bridge.peers import run, serving
from tests.bridge.scenario import Cast
from tests.realtime.client import client
from tests.realtime.sounds import quick, quiet, tone

ORDER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
]
END = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


def test_a_message_is_answered_in_sound_and_words() -> None:
    cast = quick("One two three.")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.says("Hello?")
            await one.send("response.create", response={"metadata": {"mine": "yes"}})
            done = await one.until("response.done")
            since = one.kinds().index("response.created")
            kinds = one.kinds()[since:]
            assert kinds[:4] == ORDER
            assert kinds[-6:] == END
            middle = {"response.output_audio.delta", "response.output_audio_transcript.delta"}
            assert set(kinds[4:-6]) == middle
            response = done["response"]
            assert response["status"] == "completed"
            assert response["metadata"] == {"mine": "yes"}
            (item,) = response["output"]
            assert item["content"] == [{"type": "output_audio", "transcript": "One two three."}]
            assert one.pcm() == cast.tts.pcm("One two three.")
            assert response["usage"]["output_token_details"]["audio_tokens"] == 6
            assert [said.text for said in cast.dialogue.requests[-1].history] == ["Hello?"]

    run(body)


def test_speech_is_heard_and_answered() -> None:
    cast = quick("Yes.")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            sound = {"input": {"transcription": {"model": "whisper-1"}}}
            await one.send("session.update", session={"type": "realtime", "audio": sound})
            await one.until("session.updated")
            since = len(one.seen)
            await one.append(quiet(0.2) + tone(0.6) + quiet(1.0))
            await one.until("response.done")
            kinds = one.kinds(since)
            assert kinds[:7] == [
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
                "conversation.item.input_audio_transcription.delta",
                "conversation.item.input_audio_transcription.completed",
            ]
            began = one.seen[since]
            assert began["audio_start_ms"] <= 300
            assert one.seen[since + 6]["transcript"] == "tell me something"

    run(body)


def test_a_committed_recording_waits_for_a_response_to_be_asked_for() -> None:
    cast = quick("Yes.")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
            await one.until("session.updated")
            await one.append(tone(0.5))
            await one.send("input_audio_buffer.commit")
            await one.until("conversation.item.done")
            await one.send("response.create")
            done = await one.until("response.done")
            assert done["response"]["status"] == "completed"
            assert [said.text for said in cast.dialogue.requests[-1].history] == ["tell me something"]
            assert len(cast.dialogue.requests) == 1

    run(body)


def test_a_function_is_called_and_its_answer_is_spoken() -> None:
    dialogue = ScriptedDialogue(["It is now. Well."], tools=[ToolUse(2, "clock", {"zone": "utc"})])
    cast = Cast(dialogue, tts=ScriptedTts(ms_per_word=100))

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            tool = {"type": "function", "name": "clock", "description": "The time.", "parameters": {"type": "object"}}
            await one.send("session.update", session={"type": "realtime", "tools": [tool]})
            await one.until("session.updated")
            await one.says("What time is it?")
            await one.send("response.create")
            first = (await one.until("response.done"))["response"]
            call = first["output"][-1]
            assert (call["type"], call["name"], call["arguments"]) == ("function_call", "clock", '{"zone": "utc"}')
            answer = {"type": "function_call_output", "call_id": call["call_id"], "output": "noon"}
            await one.send("conversation.item.create", item=answer)
            await one.send("response.create")
            second = (await one.until("response.done"))["response"]
            assert second["status"] == "completed"
            said = [first["output"][0]["content"][0]["transcript"]] if len(first["output"]) > 1 else []
            said.append(second["output"][0]["content"][0]["transcript"])
            assert " ".join(said) == "It is noon now. Well."

    run(body)
