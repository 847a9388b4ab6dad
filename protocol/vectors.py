"""Golden examples of every message, written to vectors/*.msgpack and *.json; changing one is changing the protocol.

python -m protocol.vectors          check the files against the code
python -m protocol.vectors --write  write them anew
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from msgspec import msgpack

from protocol import messages as m
from protocol.codec import JSON, MSGPACK, Wire

FOLDER: Final = Path(__file__).with_name("vectors")

_TONE = bytes([0, 0, 255, 127, 1, 128, 0, 0])
_FACE = bytes([0, 128, 255, 51, 0, 102])

CLIENT: Final[dict[str, m.ClientMessage]] = {
    "hello": m.Hello(),
    "hello_full": m.Hello(
        client="unity/0.1.0",
        role="speaker",
        token="eyJ.e30.sig",
        audio=m.HelloAudio(codecs=("pcm_s16le", "opus"), aec=True, lead_ms=500),
        face=m.HelloFace(profile="oculus15", fps=30),
        language="en-US",
        user="Åsa",
        greet=True,
        features=("idle_face",),
    ),
    "hello_resume": m.Hello(resume=m.Resume(session="s-1", token="secret", seq=417)),
    "hello_identity": m.Hello(identity="keeper", voice="amy", language="de"),
    "hello_model": m.Hello(model="qwen3:8b"),
    "hello_seen": m.Hello(seen=m.HelloSeen(names=("jawOpen", "mouthSmileLeft", "mouthSmileRight"))),
    "hello_viewer": m.Hello(role="viewer", watch=m.Resume(session="s-1", token="secret", seq=0)),
    "mic": m.Mic(pts=320, data=_TONE),
    "talk_on": m.Talk(on=True, pts=16_000),
    "talk_off": m.Talk(on=False, pts=48_000),
    "text_user": m.UserText(text="What is a comet? ☄"),
    "playhead": m.Playhead(turn=3, pts=96_000, seq=417),
    "playhead_far": m.Playhead(turn=3, pts=m.SAFE_INT, seq=m.SAFE_INT),
    "interrupt": m.Interrupt(turn=3, pts=96_000),
    "interrupt_any": m.Interrupt(),
    "context": m.Context(
        states={"time of day": "dusk", "weapon": ""}, events=("The door creaks open.",), respond="auto"
    ),
    "tools": m.Tools(
        tools=(
            m.ToolSpec(
                name="open_door",
                description="Opens a door of the room.",
                parameters={
                    "type": "object",
                    "properties": {"door": {"type": "string", "enum": ["north", "south"]}},
                    "required": ["door"],
                },
            ),
        )
    ),
    "tools_none": m.Tools(tools=()),
    "tool_result": m.ToolAnswer(call=7, value="The north door is open."),
    "tool_result_failed": m.ToolAnswer(call=8, status="failed", value="It is locked."),
    "seen": m.Seen(
        faces=(
            m.SeenFace(
                id=1,
                weights=bytes([0, 128, 255]),
                pose=(-12.5, 4.0, 0.5),
                gaze=(0.25, -0.125),
                place=(-0.5, 0.25),
                size=0.375,
            ),
            m.SeenFace(id=2, present=False),
        )
    ),
    "seen_nobody": m.Seen(faces=()),
    "camera": m.Camera(data=bytes([0xFF, 0xD8, 0xFF, 0xD9])),
    "camera_look": m.Camera(data=b"RIFF\x04\x00\x00\x00WEBP", format="webp", call=7),
    "hello_memory": m.Hello(memory="on", language="de"),
    "memory_ask": m.MemoryAsk(op="tell"),
    "memory_forget": m.MemoryAsk(op="forget", facts=(3, 41)),
    "memory_import": m.MemoryAsk(op="import", blob=bytes([0x63, 0x62, 0x6D, 0x31, 0, 255])),
    "hello_room": m.Hello(
        user="Åsa",
        room=m.HelloRoom(
            name="kitchen",
            key="secret",
            kind="meeting",
            cast=(
                m.CastMember(identity="mira", place=(-1.5, 0.0, 2.0)),
                m.CastMember(identity="keeper", companion="keeper", voice="amy"),
            ),
            agenda=(m.AgendaItem(title="Lenses", minutes=7.5), m.AgendaItem(title="灯塔")),
        ),
    ),
    "text_private": m.UserText(text="What is a lens?", private=True, companion="keeper"),
    "room_hand": m.RoomAsk(op="hand"),
    "room_give": m.RoomAsk(op="give", to="Åsa"),
    "ping": m.Ping(stamp=123456.5),
    "bye": m.Bye(),
}

SERVER: Final[dict[str, m.ServerMessage]] = {
    "welcome": m.Welcome(
        version=1,
        server="companion-bridge/0.1.0",
        session="s-1",
        token="secret",
        watch="other secret",
        resumed=False,
        seq=0,
        resume_s=60.0,
        lead_ms=300,
        audio=m.WelcomeAudio(),
        face=m.WelcomeFace(profile="arkit52", fps=60, names=("jawOpen", "headYaw"), ranges=((0.0, 1.0), (-0.5, 0.5))),
        identity=m.WelcomeIdentity(name="Mira", description="A teacher of astronomy.", language="en-us"),
        engines={"vad": "silero", "stt": "pocketsphinx", "dialogue": "scripted", "tts": "espeak-ng"},
        limits=m.WelcomeLimits(message_bytes=294_912, text_chars=2000, messages_per_s=200, idle_s=600.0),
        features=("mic", "talk", "text", "context", "tools", "resume", "viewer", "idle_face"),
        notice="No language model is loaded.",
    ),
    "welcome_identity": m.Welcome(
        version=1,
        server="companion-bridge/0.1.0",
        session="s-3",
        token="secret",
        resumed=False,
        seq=0,
        resume_s=60.0,
        lead_ms=300,
        audio=m.WelcomeAudio(),
        face=m.WelcomeFace(profile="none", fps=60, names=(), ranges=()),
        identity=m.WelcomeIdentity(
            id="keeper",
            name="Ólafur 灯",
            description="Der Wärter eines Leuchtturms.",
            language="de-de",
            languages=("de", "en"),
            voices=("amy", "joe"),
            locale="de",
            disclosure="Ólafur 灯 ist eine KI, kein Mensch.",
            draft=True,
            portrait="/pictures/6f1ed002ab559585.png",
            head="/pictures/0a98cf3b5d1f2e77.glb",
        ),
        identities=(
            m.ListedIdentity(
                id="keeper",
                name="Ólafur 灯",
                description="Der Wärter eines Leuchtturms.",
                languages=("de", "en"),
                draft=True,
                portrait="/pictures/6f1ed002ab559585.png",
            ),
            m.ListedIdentity(id="mira", name="Mira"),
        ),
        model="qwen3:8b",
        models=("llama3.2", "qwen3:8b"),
        engines={},
        limits=m.WelcomeLimits(message_bytes=294_912, text_chars=2000, messages_per_s=200, idle_s=600.0),
        features=("text", "memory"),
        memory=True,
    ),
    "welcome_resume_refused": m.Welcome(
        version=1,
        server="companion-bridge/0.1.0",
        session="s-2",
        token="secret",
        resumed=False,
        seq=0,
        reason="session_expired",
        resume_s=60.0,
        lead_ms=300,
        audio=m.WelcomeAudio(),
        face=m.WelcomeFace(profile="none", fps=60, names=(), ranges=()),
        identity=m.WelcomeIdentity(name="Mira"),
        engines={},
        limits=m.WelcomeLimits(message_bytes=294_912, text_chars=2000, messages_per_s=200, idle_s=600.0),
        features=(),
    ),
    "state": m.StateChange(state="overlap", turn=3),
    "state_timings": m.StateChange(
        state="speaking", turn=3, timings=m.Timings(first_token=12.5, first_speech=20.75, first_media=31.25)
    ),
    "transcript_partial": m.TranscriptText(utterance=2, text="what is a", final=False),
    "transcript_final": m.TranscriptText(utterance=2, text="what is a comet", final=True, seq=410),
    "reply_start": m.ReplyStart(turn=3, seq=411, utterance=2),
    "text_word": m.WordText(turn=3, seq=412, text="Comets,", pts=2400, end=26_400),
    "text_first": m.WordText(turn=3, seq=412, text="灯塔", pts=2400, end=26_400, gap=""),
    "text_gap": m.WordText(turn=3, seq=412, text="see", pts=2400, end=26_400, gap=" — 😀\n"),
    "media": m.Media(turn=3, seq=413, pts=4800, pcm=_TONE, face_pts=4800, face=_FACE, source="exact"),
    "media_phones": m.Media(
        turn=3,
        seq=413,
        pts=4800,
        pcm=_TONE,
        phones=(m.PhoneAt(ipa="m", pts=4800, end=8640), m.PhoneAt(ipa="ɑː", pts=8640, end=16_800)),
    ),
    "media_shed": m.Media(turn=3, seq=414, pts=9600, pcm=_TONE),
    "media_room": m.Media(turn=3, seq=414, pts=4800, pcm=_TONE, at=987_654.25, companion="keeper"),
    "media_idle": m.Media(turn=0, pts=0, face=_FACE),
    "cue": m.CueAt(turn=3, seq=415, pts=2400, kind="emotion", name="happy", intensity=0.7),
    "tool_call": m.ToolCall(turn=3, seq=416, call=7, name="open_door", arguments={"door": "north"}),
    "interrupted": m.Interrupted(turn=3, seq=417, pts=96_000),
    "reply_end": m.ReplyEnd(turn=3, seq=418, pts=144_000, text="Comets, dear, are dirty snowballs."),
    "reply_end_failed": m.ReplyEnd(turn=4, seq=419, pts=0, text="", reason="failed"),
    "reply_end_cut": m.ReplyEnd(turn=5, seq=420, pts=96_000, text="Comets are", reason="cut"),
    "reply_end_sources": m.ReplyEnd(
        turn=6,
        seq=421,
        pts=96_000,
        text="Light bends.",
        sources=(
            m.Source(title="Optics › Refraction", file="knowledge/optics.pdf", page=12, quote="n₁ sin θ₁ = n₂ sin θ₂"),
            m.Source(title="光学"),
        ),
    ),
    "identity": m.IdentityChange(
        identity=m.WelcomeIdentity(
            id="mira",
            name="Mira",
            language="en",
            languages=("en",),
            voices=("amy",),
            locale="en",
            disclosure="Mira is an AI, not a person.",
            portrait="/pictures/6f1ed002ab559585.png",
        )
    ),
    "memory_told": m.MemoryTold(
        op="tell",
        on=True,
        facts=(
            m.MemoryFact(id=3, kind="name", text="Your name is Åsa.", day="2030-01-01"),
            m.MemoryFact(id=41, kind="pet", text="你的狗叫旺财。"),
        ),
        episodes=("I have been reading about lenses.",),
    ),
    "memory_off": m.MemoryTold(op="erase", on=False, count=2),
    "memory_export": m.MemoryTold(op="export", on=True, blob=bytes([0x63, 0x62, 0x6D, 0x31, 0, 255])),
    "room_told": m.RoomTold(
        room="kitchen",
        you="Åsa (2)",
        kind="meeting",
        people=(
            m.Person(name="Åsa", host=True),
            m.Person(name="Åsa (2)", hand=True),
            m.Person(name="Ben", here=False),
        ),
        companions=(
            m.CastTold(companion="main", identity=m.WelcomeIdentity(id="mira", name="Mira"), place=(-1.5, 0.0, 2.0)),
            m.CastTold(companion="keeper", identity=m.WelcomeIdentity(id="keeper", name="Ólafur 灯")),
        ),
        agenda=(m.AgendaTold(title="Lenses", minutes=7.5, spent_s=61.5), m.AgendaTold(title="灯塔")),
        item=1,
        word="Åsa",
    ),
    "room_minutes": m.RoomTold(
        room="kitchen", you="Åsa", kind="meeting", minutes="# Lenses\n\n- Åsa: They bend light.\n"
    ),
    "said": m.SomebodySaid(seq=422, by="Åsa", text="They bend light."),
    "said_private": m.SomebodySaid(
        seq=423, by="Ólafur 灯", text="A lens bends light.", private=True, companion="keeper"
    ),
    "error": m.Error(code="stt_failed", message="The recogniser stopped; please say that again."),
    "error_fatal": m.Error(code="server_full", message="All places are taken.", fatal=True, retry_after_s=5.0),
    "pong": m.Pong(stamp=123456.5, server=987.25),
}


def _canonical(wire: Wire) -> bytes:
    """Return the file's bytes; MessagePack in its shortest form, which structs with many fields do not always take."""
    return wire.encode() if isinstance(wire, str) else msgpack.encode(msgpack.decode(wire))


def expected() -> dict[str, bytes]:
    """The content of every vector file by its name."""
    files = {}
    for name, message in {**CLIENT, **SERVER}.items():
        files[f"{name}.msgpack"] = _canonical(MSGPACK.encode(message))
        files[f"{name}.json"] = _canonical(JSON.encode(message)) + b"\n"
    return files


def main() -> int:
    """Check or write the vector files; 1 if any differs."""
    files = expected()
    if "--write" in sys.argv[1:]:
        FOLDER.mkdir(exist_ok=True)
        for path in filter(Path.is_file, FOLDER.iterdir()):
            if path.name not in files:
                path.unlink()
        for name, content in files.items():
            (FOLDER / name).write_bytes(content)
        return 0
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
    for name in sorted(files.keys() | found.keys()):
        if files.get(name) != found.get(name):
            sys.stderr.write(f"{name} differs from the code\n")
    return int(files != found)


if __name__ == "__main__":
    raise SystemExit(main())
