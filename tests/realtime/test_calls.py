"""Calls over WebRTC: a stock package's offer, events on the data channel, sound in tracks, the face in step."""

from __future__ import annotations

import asyncio
import base64
import sys
from typing import Any

import pytest

pytest.importorskip("aiortc")
pytest.importorskip("openai")
import numpy as np

from bridge.server.server import Server
from engines.sound.audio import resample
from tests.bridge.peers import SECRET, run, serving, token
from tests.bridge.scenario import LONG
from tests.realtime.calling import calling
from tests.realtime.sounds import quick, quiet, tone


def test_a_call_hears_speaks_and_shows_a_face_in_step_with_its_track() -> None:
    cast = quick("One two three.", ms=200)

    async def body() -> None:
        async with serving(cast) as server, calling(server, companion_face={}) as call:
            face = call.seen[0]["session"]["companion_face"]
            call.microphone.pcm += resample(tone(0.6) + quiet(0.2), 24_000, 48_000)
            await call.until("input_audio_buffer.speech_started")
            done = (await call.until("response.done"))["response"]
            if not any(event["type"] == "output_audio_buffer.stopped" for event in call.seen):
                await call.until("output_audio_buffer.stopped")
            assert done["output"][0]["content"][0]["transcript"] == "One two three."
            assert [said.text for said in cast.dialogue.requests[-1].history] == ["tell me something"]
            first, heard = call.sound()
            starts = place(heard, np.frombuffer(resample(cast.tts.pcm("One two three."), 24_000, 48_000), "<i2"))
            shown = 0
            for event in call.seen:
                if event["type"] == "response.companion_face.delta":
                    due = (event["rtp"] - first) % 2**32 - starts  # ticks since the sound began that was heard
                    assert abs(due - event["pts"]) <= 48_000 // 60 // 2
                    assert event["pts"] == shown * 800
                    shown += len(base64.b64decode(event["delta"])) // len(face["names"])
            assert shown == 36
            kinds = [event["type"] for event in call.seen]
            assert "response.output_audio.delta" not in kinds
            assert kinds.count("output_audio_buffer.started") == kinds.count("output_audio_buffer.stopped") == 1

    run(body)


def test_a_response_that_is_cancelled_falls_silent_in_the_track() -> None:
    async def body() -> None:
        async with (
            serving(quick(LONG, ms=200), auth={"secret": SECRET, "required": True}) as server,
            calling(server, token()) as call,
        ):
            call.says("Count.")
            call.send("response.create")
            await call.until("output_audio_buffer.started")
            call.send("output_audio_buffer.clear")
            done = (await call.until("response.done"))["response"]
            assert done["status"] == "cancelled"
            kinds = [event["type"] for event in call.seen]
            assert kinds.count("output_audio_buffer.cleared") == 1
            call.send("rubbish")
            assert (await call.until("error"))["error"]["code"] == "unknown_event"

    run(body)


async def post(server: Server, body: bytes, *headers: str, method: str = "POST") -> tuple[int, bytes]:
    """What is answered to an offer, or to what claims to be one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [f"{method} /v1/realtime/calls HTTP/1.1", "Host: 127.0.0.1", *headers]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    answer = await reader.read()
    writer.close()
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), text


VIDEO = b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
SDP = "Content-Type: application/sdp"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"hello", (SDP,), 400, b"invalid_sdp"),
        (b"v=0\r\nrubbish", (SDP,), 400, b"invalid_sdp"),
        (VIDEO, (SDP,), 400, b"invalid_sdp"),
        (b"v=0\r\n" + b"a=candidate:1\r\n" * 65, (SDP,), 400, b"at most 64 candidates"),
        (b"{}", ("Content-Type: application/json",), 415, b"unsupported_content_type"),
        (b"no parts", ("Content-Type: multipart/form-data; boundary=x",), 400, b"invalid"),
        (b"v=0", (SDP, "Origin: http://elsewhere.example"), 403, b"may not connect"),
        (b"v=0", (SDP, "Authorization: Bearer rubbish"), 401, b"unauthorized"),
    ],
)
def test_what_is_no_offer_is_refused_with_a_reason(
    body: bytes, headers: tuple[str, ...], status: int, code: bytes
) -> None:
    async def main() -> None:
        key = () if any("Bearer" in each for each in headers) else (f"Authorization: Bearer {token()}",)
        async with serving(auth={"secret": SECRET, "required": True}) as server:
            found = await post(server, body, f"Content-Length: {len(body)}", *headers, *key)
            assert (found[0], code in found[1]) == (status, True), found

    run(main)


def test_an_offer_has_a_length_and_a_bound_and_is_posted() -> None:
    async def main() -> None:
        async with serving() as server:
            assert (await post(server, b"", SDP))[0] == 411
            assert (await post(server, b"", SDP, "Content-Length: 9999999"))[0] == 413
            assert (await post(server, b"", method="GET"))[0] == 405
            origin = "Origin: http://localhost:3000"
            assert (await post(server, b"", origin, "Content-Length: 0", method="OPTIONS"))[0] == 200

    run(main)


def test_without_the_extra_a_call_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiortc", None)

    async def main() -> None:
        async with serving() as server:
            status, text = await post(server, b"v=0\r\n", SDP, "Content-Length: 5")
            assert status == 501
            assert b"webrtc_missing" in text
            assert b"companion-bridge[webrtc]" in text

    run(main)


def place(heard: Any, said: Any) -> int:
    """Where a sound begins in another."""
    part = said.astype(float)
    window = heard.astype(float)
    size = 1 << (len(window) + len(part)).bit_length()
    both = np.fft.irfft(np.fft.rfft(window, size) * np.conj(np.fft.rfft(part, size)), size)
    return int(both[: len(window)].argmax())
