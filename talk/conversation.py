"""A conversation as a person has it: what comes from the server is played in time, shown, recorded and reported back.

It joins the client, the playout, the screen and the recording, and knows when an answer is over. Where the user's
words come from is `terminal`'s business.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from talk.client import Companion, CompanionError
from talk.heard import Began, Cued, Ended, Heard, Said, Shown, Sound, Voiced
from talk.microphone import Speaker
from talk.playout import TICKS, Playout
from talk.pulse import Pulse
from talk.record import Recording
from talk.report import Reporter
from talk.screen import Screen
from talk.wall import Wall

TICK_S = 0.01
UNANSWERED = frozenset(
    {"empty_text", "stt_failed", "dialogue_failed", "tts_failed", "unanswered", "rate_limited", "bad_message"}
)


class Silent(Exception):
    """No answer came, and no sign of one; the message says how far it got."""


class Conversation:
    """One user's side of a conversation; run `receive` and `play` as tasks beside whatever the user does."""

    def __init__(
        self, companion: Companion, screen: Screen, *, recording: Recording | None = None, shared: bool = False
    ) -> None:
        audio, face = companion.welcome["audio"], companion.welcome["face"]
        self.companion = companion
        self.screen = screen
        self.playout = Playout(
            rate=audio["rate"], fps=face["fps"], ranges=face["ranges"], lead=companion.welcome["lead_ms"] / 1000
        )
        self.lock = threading.Lock()  # around the playout, which a sound card may read
        self.recording = recording
        self.answers = 0
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._asked: float | None = None  # when the user's words were complete
        self._state = "idle"
        self._failed = False
        self._reached = "nothing was understood"  # of what was said last
        self._reporter = Reporter()
        self._pulse = Pulse(self._began)
        self._ended_speaking: float | None = None
        self._partials = 0
        self._news = asyncio.Event()
        self._welcomed = False
        self._names: dict[str, str] = {}  # of a room's companions, by their place on the wire
        self._speakers: dict[int, str] = {}  # who speaks in a turn, by the same
        self._people: list[str] = []
        self.shared = shared  # with others, in a room
        self._item = 0  # of the agenda
        if companion.welcome["identity"]["disclosure"]:
            screen.note(companion.welcome["identity"]["disclosure"])
        if companion.welcome["notice"]:
            screen.note(companion.welcome["notice"])

    # ---------------------------------------------------------------------------------------------- the user's part

    async def say(self, text: str) -> None:
        """Send typed words; what is being said stops at once."""
        await self.hush()
        self._asked = self._loop.time()
        self._reached = "the server took it"
        self._failed = False
        if self.recording:
            self.recording.user(text, at=self._asked - self._began)
        await self.companion.text(text)

    def spoken(self) -> None:
        """Count the answer's latency from now: the user's recorded speech has ended."""
        self._ended_speaking = self._loop.time()

    async def hush(self) -> None:
        """Stop what is being said here and now, and tell the server where."""
        with self.lock:
            turn, pts = self.playout.turn, self.playout.pts
            self.playout.interrupt(turn)
        if turn:
            await self.companion.interrupt(turn, pts)

    async def answered(self, since: int, *, patience: float) -> None:
        """Wait until more than `since` answers were heard to their end and the floor is free.

        Raises Silent when nothing at all has happened for `patience` seconds. An answer that failed on the server
        counts: its error was shown.
        """
        while not (self._state == "idle" and self.playout.quiet and (self.answers > since or self._failed)):
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), patience)
            except TimeoutError:
                raise Silent(f"{self._reached}, and no answer came within {patience:.0f} s") from None

    # -------------------------------------------------------------------------------------------- the server's part

    async def receive(self) -> None:
        """Take the server's messages until the conversation ends; raises CompanionError when it ends unasked."""
        async for message in self.companion:
            self._pulse.came(message, self._loop.time())
            self._take(message)
            with self.lock:
                self._push(message)
            self._news.set()
        raise CompanionError("closed", "the server ended the conversation")

    def _push(self, message: dict[str, Any]) -> None:
        try:
            self.playout.push(message)
        except OverflowError as error:
            raise CompanionError("unpaced", str(error)) from error

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "welcome" if self._welcomed:
                self._again(message)
            case "welcome":
                self._welcomed = True
            case "state":
                self._state = message["state"]
                self.screen.state(self._state)
            case "transcript" if message["final"]:
                self._asked = self._ended_speaking or self._loop.time()
                self._reached = "it was understood"
                self.screen.user(message["text"])
                if self.recording:
                    self.recording.user(
                        message["text"],
                        at=self._asked - self._began,
                        utterance=message["utterance"],
                        partials=self._partials,
                    )
                self._partials = 0
            case "transcript":
                self._partials += 1
                self._reached = "it was understood in part"
                self.screen.partial(message["text"])
            case "room":
                self._names = {each["companion"]: each["identity"]["name"] for each in message["companions"]}
                people = [each["name"] for each in message["people"]]
                if people != self._people:
                    self._people = people
                    self.screen.note(f"in {message['room']}: {', '.join((*people, *self._names.values()))}")
                if message["item"] != self._item and 0 < message["item"] <= len(message["agenda"]):
                    self.screen.note(f"{message['item']}. {message['agenda'][message['item'] - 1]['title']}")
                self._item = message["item"]
                if message["minutes"]:
                    self.screen.page(message["minutes"])
            case "said":
                alone = " (to you alone)" if message["private"] else ""
                self.screen.note(f"{message['by']}{alone}: {message['text']}")
            case "reply_start":
                self._speakers = {**dict(list(self._speakers.items())[-8:]), message["turn"]: message["companion"]}
            case "error":
                self._failed = self._failed or message["code"] in UNANSWERED
                self.screen.error(f"{message['message']} ({message['code']})")
            case _:
                pass

    def _again(self, welcome: dict[str, Any]) -> None:
        if welcome["resumed"]:
            self._reporter.resumed()
            self.screen.note("the connection was lost and is mended")
            return
        with self.lock:
            self.playout.reset()
        self._state = "idle"
        self.screen.note(f"the connection was lost, and the conversation begins afresh: {welcome['reason']}")

    # ------------------------------------------------------------------------------------------------- what is heard

    async def play(self, speaker: Speaker | None = None) -> None:
        """Play for ever: on `speaker`, whose device is the clock, or silently in real time."""
        wall = Wall(self.playout.rate, self._loop.time())
        while True:
            now = self._loop.time()
            with self.lock:
                events = speaker.heard() if speaker else self.playout.read(wall.due(now))[1]
                turn, pts, dry = self.playout.turn, self.playout.pts, self.playout.dry
            for event in events:
                self._hear(event, now)
            await self._feel(now, dry=dry)
            late = round(speaker.latency * TICKS) if speaker else 0
            for place in self._reporter.due(events, turn, max(0, pts - late), now):
                await self.companion.playhead(*place)
            await asyncio.sleep(TICK_S)

    async def _feel(self, now: float, *, dry: bool) -> None:
        """Ask for a sign of life, or give the line up for lost."""
        match self._pulse.check(now, dry=dry):
            case "ask":
                await self.companion.ping(1000 * now)
            case "lost":
                self.companion.sever()
            case _:
                pass

    def _hear(self, event: Heard, now: float) -> None:
        match event:
            case Began():
                self._reached = "an answer began"
                own = self.companion.welcome["identity"]["name"]
                self.screen.begin(self._names.get(self._speakers.get(event.turn, "main"), own))
            case Said():
                self.screen.word(event.text, event.gap)
            case Cued():
                self.screen.cue(event.kind, event.name)
            case Ended():
                self.answers += 1
                self.screen.end(cut=event.cut)
                self._news.set()
            case Sound() | Shown() | Voiced():
                pass
        if self.recording:
            self._record(self.recording, event, now)
        if isinstance(event, Began):
            self._asked = None

    def _record(self, recording: Recording, event: Heard, now: float) -> None:
        match event:
            case Began():
                latency = None if self._asked is None else now - self._asked
                recording.turn(event.turn, at=now - self._began, latency=latency)
            case Sound():
                recording.speech(event.pcm)
            case Said():
                recording.words([(event.text, event.pts / TICKS, event.end / TICKS, event.gap)])
            case Voiced():
                recording.phones([(event.ipa, event.pts / TICKS, event.end / TICKS)])
            case Cued():
                recording.cue(event.kind, event.name, at=event.pts / TICKS, intensity=event.intensity)
            case Shown() if event.turn:
                recording.frames([event.weights], source=event.source)
            case Ended() if event.pts:
                recording.end(cut=event.cut, reason=event.reason)
            case Shown() | Ended():
                pass
