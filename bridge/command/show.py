"""Holds a show (`companion show`): serves the companion, reads the chat, has it answered, and writes all of it down."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from bridge import wallclock
from bridge.auth import issue
from bridge.command.output import tell
from bridge.command.serving import opened
from bridge.errors import BridgeError, ConfigError
from bridge.server.server import Server
from bridge.setup import casting
from bridge.setup.config import Config
from bridge.setup.guarding import place
from engines.guard.verdicts import Side
from engines.identity.topics import subjects
from show.desk import Desk, open_desk
from show.director import Ask, Cue, Director, Manner, Read, Topic
from show.lines import Line
from show.sources import discord, feed, twitch, youtube
from show.sources.mending import Trouble, mended
from show.strict import fit
from show.transcript import Transcript
from talk.client import Companion, CompanionError
from talk.record import Recording

DAY: Final = 24 * 3600.0  # seconds that the show's own token is valid
LOOK_S: Final = 0.1  # seconds between two looks at what is to be done
FLOOD_S: Final = 10.0  # for which a flood is told after its last line
SOURCES: Final = "twitch:CHANNEL, youtube:VIDEO, discord:CHANNEL, jsonl:FILE, jsonl:- (standard input)"
USER: Final = "chat"
# Told to a language model when nobody writes.
QUIET: Final = "The chat is quiet. Speak to your viewers about this, of your own accord: {topic}"
SIDES: Final[tuple[Side, ...]] = ("user", "companion")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `companion show`."""
    parser.add_argument("--from", dest="sources", action="append", default=[], metavar="SOURCE", help=SOURCES)
    parser.add_argument("--read", type=int, default=3, help="lines that are read before they are answered")
    parser.add_argument("--no-reading", action="store_true", help="answer without reading lines aloud")
    parser.add_argument(
        "--quiet", type=float, default=30.0, metavar="S", help="seconds of quiet before a topic comes up"
    )
    parser.add_argument(
        "--topics", type=Path, metavar="FILE", help="what to speak of when the chat is quiet, a line each"
    )
    parser.add_argument("--desk", type=int, default=8766, metavar="PORT", help="where webhooks and hotkeys post to")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the transcript and a recording there")
    parser.add_argument("--end", action="store_true", help="end when the sources have ended and all is answered")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a show is given."""

    sources: Sequence[str]
    manner: Manner
    topics: Sequence[str]
    desk: int
    out: Path | None
    end: bool


def plan(options: argparse.Namespace) -> Plan:
    """Read the options; ConfigError for what cannot be."""
    if not 1 <= options.read <= 10:
        raise ConfigError("bad_show", "--read is a number from 1 to 10")
    if not 1 <= options.quiet <= 3600:
        raise ConfigError("bad_show", "--quiet is 1 to 3600 seconds")
    for source in options.sources:
        if source.partition(":")[0] not in ("twitch", "youtube", "discord", "jsonl") or not source.partition(":")[2]:
            raise ConfigError("bad_source", f"{source[:60]!r} is no source of chat; there are {SOURCES}")
    told: list[str] = []
    if options.topics is not None:
        lines = options.topics.read_text(encoding="utf-8").splitlines()
        told = [" ".join(each.split())[:300] for each in lines if each.strip()][:200]
    manner = Manner(read=options.read, quiet=options.quiet, aloud=not options.no_reading)
    return Plan(options.sources, manner, told, options.desk, options.out, options.end)


async def hold(config: Config, wanted: Plan) -> int:
    """Hold a show until it is ended; the status of the command."""
    person = casting.in_language(casting.identity(config.identity.path), config)
    topics = wanted.topics or subjects(person)
    async with opened(config) as server, AsyncExitStack() as stack:
        scheme = "wss" if config.server.tls_cert else "ws"
        url = f"{scheme}://{config.server.host}:{server.port}"
        token = ""
        if config.token_required:
            token = issue(config.auth.secret, USER, ["speak"], now=wallclock.now(), lifetime=DAY)
        companion = await stack.enter_async_context(Companion.connect(url, token=token, user=USER))
        manner = replace(
            wanted.manner,
            together=config.engines.dialogue != "card",
            language=companion.welcome["identity"]["language"],
        )
        transcript = Transcript() if wanted.out is None else Transcript.at(wanted.out / "chat.jsonl")
        stack.callback(transcript.close)
        director = Director(person.name, manner, topics=topics, allows=allows(config))
        show = Show(server, companion, director, transcript)
        server.tells_of(show.standings)
        desk = Desk(hear=show.hear, do=show.do, say=show.say, state=show.state)
        try:
            port = await stack.enter_async_context(open_desk(desk, wanted.desk))
        except Trouble as error:
            raise ConfigError(error.code, str(error)) from error
        tell(f"webhooks and hotkeys: http://127.0.0.1:{port}/chat, /say, /skip, /mute, /unmute, /stop, /state")
        sources = [reading(source, partial(show.trouble, source.partition(":")[0])) for source in wanted.sources]
        await show.run(sources, end=wanted.end)
        if wanted.out is not None and show.recording is not None and show.recording.seconds:
            show.recording.save(wanted.out, about={"companion": person.name})
        tell(", ".join(f"{count} {what}" for what, count in sorted(transcript.counts.items())) or "nobody wrote")
    return 0


def allows(config: Config) -> Callable[[str], bool]:
    """Return the filter of lines: the guard's, as if the companion said them, since it reads them aloud."""
    if not config.guard.enabled:
        return fit
    from engines.guard.filter import shipped
    from engines.guard.own import OwnLists

    judge, own = shipped(), OwnLists(place(config.guard.queue))

    def may(text: str) -> bool:
        lists = own.now()
        return fit(text) and not any(
            judge.judge(text, side, audience=config.guard.audience, own=lists) for side in SIDES
        )

    return may


def reading(source: str, noted: Callable[[str], None] = lambda sentence: None) -> AsyncGenerator[Line, None]:
    """Return the lines of a source, as it is written on the command line; `noted` is told what goes wrong with it."""
    kind, _, where = source.partition(":")

    def told(sentence: str) -> None:
        tell(f"{kind}: {sentence}")
        noted(sentence)

    match kind:
        case "twitch":
            return mended("Twitch", lambda: twitch.chat(where), told)
        case "youtube":
            return mended("YouTube", lambda: youtube.chat(where, os.environ.get("COMPANION_YOUTUBE_KEY", "")), told)
        case "discord":
            return mended("Discord", lambda: discord.chat(where, os.environ.get("COMPANION_DISCORD_TOKEN", "")), told)
        case _:
            path = Path("/dev/stdin") if where == "-" else Path(where)
            return feed.chat(path, follow=False)


class Show:
    """One show: what is heard, done and said, on the loop's clock."""

    def __init__(self, server: Server, companion: Companion, director: Director, transcript: Transcript) -> None:
        self._server, self._companion = server, companion
        self._director, self._transcript = director, transcript
        self._began = asyncio.get_running_loop().time()
        self._state = "idle"
        self._asked = False  # something was begun of which no state has come yet
        self._turn = 0
        self._verdicts: Counter[str] = Counter()
        self._flooded_at = float("-inf")
        self._troubles: dict[str, str] = {}  # of the sources that are away
        self.recording: Recording | None = None

    # ------------------------------------------------------------------------------------------- the desk's side

    def hear(self, line: Line) -> str:
        """Take a line of chat."""
        now = asyncio.get_running_loop().time()
        verdict = self._director.hear(line, now)
        self._verdicts[verdict] += 1
        self._troubles.pop(line.platform, None)
        if verdict == "flood":
            self._flooded_at = now
        self._note("chat", platform=line.platform, name=line.name, text=line.text, verdict=verdict, gift=line.gift)
        return verdict

    def do(self, deed: str) -> None:
        """Skip what is said, fall silent, or both."""
        self._note("deed", deed=deed)
        self._director.muted = deed in ("mute", "stop") or (self._director.muted and deed == "skip")
        if deed in ("skip", "stop"):
            self._director.skip()
            if (session := self._server.newest) is not None:
                session.skip()

    def say(self, text: str) -> None:
        """Have words said as they stand."""
        self._note("say", text=text)
        if (session := self._server.newest) is not None:
            session.say(text)

    def state(self) -> dict[str, object]:
        """Return how the show stands."""
        return {
            "state": self._state,
            "muted": self._director.muted,
            "waiting": len(self._director.queue),
            "chat": dict(self._verdicts),
            "flooded": self._flooded,
        }

    def trouble(self, source: str, sentence: str) -> None:
        """Note what goes wrong with a source, until a line of it comes."""
        self._troubles[source] = sentence

    def standings(self) -> list[tuple[str, str, str]]:
        """Return how the chat stands, for the dock: each source that is away, and whether lines are dropped."""
        away = [(source, "away", sentence) for source, sentence in self._troubles.items()]
        blocked, flood = self._verdicts["blocked"], self._verdicts["flood"]
        told = f"{len(self._director.queue)} wait, {blocked} were blocked"
        dropped = f"{told}, {flood} came too fast to be looked at"
        return [*away, ("chat", "flooded", dropped) if self._flooded else ("chat", "read", told)]

    @property
    def _flooded(self) -> bool:
        return asyncio.get_running_loop().time() - self._flooded_at < FLOOD_S

    # ------------------------------------------------------------------------------------------- its tasks

    async def run(self, sources: Sequence[AsyncGenerator[Line, None]], *, end: bool) -> None:
        """Hold it until it is cancelled, the conversation ends, or with `end` everything is answered."""
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(self._listen(source)) for source in sources]
            following = group.create_task(self._follow())
            try:
                await self._direct(reading, following, end=end)
            finally:
                for task in (*reading, following):
                    task.cancel()

    async def _listen(self, source: AsyncGenerator[Line, None]) -> None:
        try:
            async with aclosing(source) as lines:
                async for each in lines:
                    self.hear(each)
                    await asyncio.sleep(0)
        except Trouble as trouble:
            tell(f"a source of chat is over: {trouble}")

    async def _direct(self, reading: Sequence[asyncio.Task[None]], following: asyncio.Task[None], *, end: bool) -> None:
        loop = asyncio.get_running_loop()
        quiet_since = loop.time()
        while not following.done():
            now = loop.time()
            busy = self._asked or self._state != "idle"
            cue = self._director.next(now, busy=busy)
            if cue is not None:
                await self._play(cue)
            if busy or cue is not None or len(self._director.queue) or not all(task.done() for task in reading):
                quiet_since = now
            elif end and now - quiet_since > 2.0:
                return
            await asyncio.sleep(LOOK_S)

    async def _play(self, cue: Cue) -> None:
        self._asked = True
        match cue:
            case Read(words=words):
                self._note("read", text=words)
                if (session := self._server.newest) is not None:
                    session.say(words)
            case Ask(text=text, lines=lines):
                self._note("ask", text=text, of=[line.name for line in lines])
                await self._companion.text(text[:2000])
            case Topic(text=text, asked=asked):
                self._note("topic", text=text)
                if self._director.manner.together:
                    await self._companion.context(events=[QUIET.format(topic=text)], respond="auto")
                else:
                    await self._companion.text(asked)
        asyncio.get_running_loop().call_later(5.0, self._give_up, self._turn)

    def _give_up(self, turn: int) -> None:
        if self._asked and self._turn == turn:
            self._asked = False

    async def _follow(self) -> None:
        """Note what the companion says, and when it is free again."""
        with suppress(CompanionError):
            async for message in self._companion:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "welcome" if not message["resumed"]:
                face = message["face"]
                self.recording = Recording(message["audio"]["rate"], face["fps"], face["names"])
            case "state":
                self._state = message["state"]
            case "reply_start":
                self._asked, self._turn = False, message["turn"]
                if self.recording is not None:
                    self.recording.turn(message["turn"], at=self._moment)
            case "media" if message["turn"] and self.recording is not None:
                self.recording.speech(message["pcm"])
            case "reply_end":
                self._note("said", turn=message["turn"], text=message["text"], reason=message["reason"])
            case "interrupted":
                self._note("cut", turn=message["turn"])
            case "error":
                self._asked = False
                self._note("error", code=message["code"])
            case _:
                pass

    @property
    def _moment(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    def _note(self, what: str, **fields: Any) -> None:
        self._transcript.note(self._moment, what, **fields)


def run(options: argparse.Namespace, config: Config) -> int:
    """Hold the show of a command line; Ctrl-C ends it."""
    from bridge.command.serving import loop

    wanted = plan(options)
    try:
        return loop(hold(config, wanted))
    except CompanionError as error:
        raise BridgeError(error.code, error.message) from error
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 0
