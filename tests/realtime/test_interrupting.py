"""Who is talked over: what the client is told, and what the companion remembers of having said."""

from __future__ import annotations

from tests.bridge.peers import run, serving
from tests.bridge.scenario import LONG
from tests.realtime.client import client
from tests.realtime.sounds import quick, quiet, tone


def test_speech_over_a_response_ends_it_before_anything_else_is_heard() -> None:
    cast = quick(LONG, "Yes?", heard="wait a moment please", ms=400)

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.says("Count.")
            await one.send("response.create")
            for _ in range(18):  # a tenth of a second each, of which one second comes ahead
                await one.until("response.output_audio.delta")
            since = len(one.seen)
            await one.append(tone(0.9) + quiet(0.8))
            done = (await one.until("response.done"))["response"]
            assert done["status"] == "cancelled"
            assert done["status_details"]["reason"] == "turn_detected"
            kinds = one.kinds(since)
            assert kinds.index("input_audio_buffer.speech_started") < kinds.index("response.output_audio.done")
            assert done["output"][0]["status"] == "incomplete"
            # Then the user is answered.
            assert (await one.until("response.done"))["response"]["status"] == "completed"
            (cut,) = [said.text for said in cast.dialogue.requests[-1].history if said.role == "companion"]
            assert LONG.startswith(cut)
            assert cut != LONG
            assert done["output"][0]["content"][0]["transcript"] == cut

    run(body)


def test_a_nod_in_words_costs_no_response() -> None:
    cast = quick(LONG, heard="mhm", ms=200)

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.says("Count.")
            await one.send("response.create")
            await one.until("response.output_audio.delta")
            await one.append(tone(0.25) + quiet(0.6))
            done = (await one.until("response.done"))["response"]
            assert done["status"] == "completed"
            assert "input_audio_buffer.speech_started" not in one.kinds()

    run(body)


def test_a_client_cancels_and_says_what_was_heard() -> None:
    cast = quick(LONG, "Yes?", ms=400)

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.says("Count.")
            await one.send("response.create")
            item = (await one.until("response.output_item.added"))["item"]["id"]
            await one.until("response.output_audio.delta")
            await one.send("response.cancel")
            done = (await one.until("response.done"))["response"]
            assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
            await one.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=1)
            await one.until("conversation.item.truncated")
            await one.send("conversation.item.retrieve", item_id=item)
            told = (await one.until("conversation.item.retrieved"))["item"]
            assert told["content"] == [{"type": "output_audio", "transcript": "one"}]
            await one.says("And?")
            await one.send("response.create")
            await one.until("response.done")
            said = [(said.role, said.text) for said in cast.dialogue.requests[-1].history]
            assert said == [("user", "Count."), ("companion", "one"), ("user", "And?")]

    run(body)


def test_a_client_truncates_what_it_was_sent_and_has_not_played() -> None:
    cast = quick("One two.", "Yes?")

    async def body() -> None:
        async with serving(cast) as server, client(server) as one:
            await one.says("Count.")
            await one.send("response.create")
            item = (await one.until("response.done"))["response"]["output"][0]["id"]
            await one.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=50)
            await one.until("conversation.item.truncated")
            await one.says("And?")
            await one.send("response.create")
            await one.until("response.done")
            assert [said.text for said in cast.dialogue.requests[-1].history] == ["Count.", "One", "And?"]
            await one.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=5000)
            error = (await one.until("error"))["error"]
            assert (error["code"], error["param"]) == ("invalid_value", "audio_end_ms")

    run(body)
