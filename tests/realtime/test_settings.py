"""What can be agreed: settings in both shapes, formats of sound, the face, who speaks, and who may connect."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from websockets.asyncio.client import connect

from bridge.realtime.sound import compressed, expanded
from engines.sound.audio import resample
from testkit.scripted.engines import ScriptedTts
from tests.bridge.peers import SECRET, run, serving, token
from tests.bridge.scenario import Cast, replies
from tests.realtime.client import client
from tests.realtime.sounds import quick, quiet, tone


async def asked(one: Any, **response: Any) -> dict[str, Any]:
    await one.says("Hello?")
    await one.send("response.create", response=response)
    done: dict[str, Any] = (await one.until("response.done"))["response"]
    return done


def test_a_client_of_the_beta_gets_its_names_and_shapes() -> None:
    async def body() -> None:
        async with serving(quick("One two.")) as server, client(server, beta=True) as one:
            told = one.seen[0]["session"]
            assert told["modalities"] == ["audio", "text"]
            assert told["input_audio_format"] == "pcm16"
            flat = {
                "modalities": ["text", "audio"],
                "input_audio_transcription": {"model": "whisper-1"},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 200},
                "input_audio_format": "g711_ulaw",
                "output_audio_format": "pcm16",
            }
            await one.send("session.update", session=flat)
            told = (await one.until("session.updated"))["session"]
            assert told["turn_detection"]["silence_duration_ms"] == 200
            assert told["input_audio_format"] == "g711_ulaw"
            done = await asked(one)
            kinds = one.kinds()
            assert "response.audio.delta" in kinds
            assert "response.audio_transcript.done" in kinds
            assert "conversation.item.created" in kinds
            assert not {"conversation.item.added", "conversation.item.done"} & set(kinds)
            assert done["output"][0]["content"] == [{"type": "audio", "transcript": "One two."}]

    run(body)


def test_text_alone_comes_without_sound_and_without_waiting_for_it() -> None:
    cast = quick("One two three four five six seven eight nine ten.", ms=1000)

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            done = await asked(one, output_modalities=["text"])
            assert done["output"][0]["content"][0]["type"] == "output_text"
            assert done["output"][0]["content"][0]["text"].endswith("nine ten.")
            assert one.pcm() == b""
            assert "response.output_text.done" in one.kinds()

    run(body)


@pytest.mark.parametrize(("name", "law"), [("audio/pcmu", "g711_ulaw"), ("audio/pcma", "g711_alaw")])
def test_a_telephone_talks(name: str, law: Any) -> None:
    cast = quick("One two.", heard="hello there")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            sound = {"input": {"format": {"type": name}}, "output": {"format": {"type": name}}}
            await one.send("session.update", session={"type": "realtime", "audio": sound})
            assert (await one.until("session.updated"))["session"]["audio"]["output"]["format"] == {"type": name}
            said = compressed(tone(0.6, rate=8000) + quiet(0.8, rate=8000), law)
            for at in range(0, len(said), 800):
                await one.send("input_audio_buffer.append", audio=base64.b64encode(said[at : at + 800]).decode())
            await one.until("response.done")
            assert one.pcm() == compressed(resample(cast.tts.pcm("One two."), 24_000, 8000), law)
            assert len(expanded(one.pcm(), law)) == 2 * 1600

    run(body)


@pytest.mark.parametrize("asks", ["query", "update"])
def test_a_face_comes_beside_the_sound_on_its_clock(asks: str) -> None:
    # The first word does not begin with the sound: it says nothing of where the face begins.
    cast = Cast(replies("One two three."), tts=ScriptedTts(ms_per_word=100, lead_ms=60))

    async def body() -> None:
        query = "?companion_face=arkit52" if asks == "query" else ""
        async with serving(cast) as server, client(server, query) as one:
            if asks == "update":
                assert "companion_face" not in one.seen[0]["session"]
                await one.send("session.update", session={"type": "realtime", "companion_face": {"fps": 60}})
                face = (await one.until("session.updated"))["session"]["companion_face"]
            else:
                face = one.seen[0]["session"]["companion_face"]
            assert (face["fps"], len(face["names"]), len(face["ranges"])) == (
                60,
                len(face["names"]),
                len(face["names"]),
            )
            await asked(one)
            width, shown, heard = len(face["names"]), 0, 0
            for event in one.seen:
                match event["type"]:
                    case "response.output_audio.delta":
                        heard += len(base64.b64decode(event["delta"])) // 2
                    case "response.companion_face.delta":
                        assert event["pts"] == shown * 48_000 // 60
                        # Its frames are there before the sound that they belong to.
                        assert heard * 2 <= event["pts"] + 48_000 // 60
                        shown += len(base64.b64decode(event["delta"])) // width
            assert heard == 24_000 * 36 // 100
            assert shown == -(-heard * 60 // 24_000)

    run(body)


def test_voices_and_models_of_others_are_taken_for_the_companions_own() -> None:
    async def body() -> None:
        async with serving(quick("Yes.")) as server, client(server, "?model=gpt-realtime") as one:
            assert one.seen[0]["session"]["model"] == "gpt-realtime"
            voice = {"output": {"voice": "marin"}}
            await one.send("session.update", session={"type": "realtime", "audio": voice})
            assert (await one.until("session.updated"))["session"]["audio"]["output"]["voice"] == "marin"
            assert (await asked(one))["status"] == "completed"
            voice = {"output": {"voice": "cedar"}}
            await one.send("session.update", session={"type": "realtime", "audio": voice}, event_id="mine")
            error = (await one.until("error"))["error"]
            assert (error["code"], error["event_id"]) == ("cannot_update_voice", "mine")

    run(body)


def test_instructions_reach_the_dialogue_for_all_responses_or_for_one() -> None:
    cast = quick("Yes.")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.send("session.update", session={"type": "realtime", "instructions": "Speak like a pirate."})
            await asked(one)
            assert cast.dialogue.requests[-1].instructions == "Speak like a pirate."
            await asked(one, instructions="Be brief.")
            assert cast.dialogue.requests[-1].instructions == "Be brief."
            await asked(one)
            assert cast.dialogue.requests[-1].instructions == "Speak like a pirate."

    run(body)


def test_a_client_that_answers_itself_only_gets_the_words() -> None:
    cast = quick("Yes.", heard="are you there")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            heard = {
                "transcription": {"model": "x"},
                "turn_detection": {"type": "server_vad", "create_response": False},
            }
            await one.send("session.update", session={"type": "realtime", "audio": {"input": heard}})
            await one.append(tone(0.5) + quiet(1.2))
            words = await one.until("conversation.item.input_audio_transcription.completed")
            assert words["transcript"] == "are you there"
            await one.send("response.create")
            await one.until("response.done")
            assert one.kinds().count("response.created") == 1
            assert [said.text for said in cast.dialogue.requests[-1].history] == ["are you there"]

    run(body)


def test_what_was_said_elsewhere_is_remembered_and_forgotten() -> None:
    cast = quick("Yes.")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            part = {"type": "output_text", "text": "We spoke of lenses."}
            item = {"type": "message", "role": "assistant", "id": "mine", "content": [part]}
            await one.says("My name is Ada.")
            await one.send("conversation.item.create", item=item)
            await asked(one)
            said = [(said.role, said.text) for said in cast.dialogue.requests[-1].history]
            assert said == [("user", "My name is Ada."), ("companion", "We spoke of lenses."), ("user", "Hello?")]
            await one.send("conversation.item.delete", item_id="mine")
            await one.until("conversation.item.deleted")
            await asked(one)
            assert "We spoke of lenses." not in [said.text for said in cast.dialogue.requests[-1].history]

    run(body)


def test_a_response_to_nothing_is_a_greeting() -> None:
    cast = quick("Good day.")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.send("response.create")
            assert (await one.until("response.done"))["response"]["status"] == "completed"
            assert cast.dialogue.requests[-1].occasion == "greeting"

    run(body)


@pytest.mark.parametrize("way", ["header", "subprotocol"])
def test_a_token_opens_the_door_in_either_way(way: str) -> None:
    async def body() -> None:
        async with serving(Cast(), auth={"secret": SECRET, "required": True}) as server:
            options: dict[str, Any] = {"additional_headers": {"Authorization": f"Bearer {token()}"}}
            if way == "subprotocol":
                options = {"subprotocols": ["realtime", f"openai-insecure-api-key.{token()}"]}
            async with client(server, **options) as one:
                assert one.socket.subprotocol == ("realtime" if way == "subprotocol" else None)

    run(body)


def test_without_a_token_nobody_comes_in() -> None:
    async def body() -> None:
        async with (
            serving(Cast(), auth={"secret": SECRET, "required": True}) as server,
            connect(f"ws://127.0.0.1:{server.port}/v1/realtime", close_timeout=1) as socket,
        ):
            assert '"code":"unauthorized"' in str(await socket.recv())
            await socket.wait_closed()
            assert (socket.close_code, socket.close_reason) == (4010, "unauthorized")

    run(body)
