"""`companion talk`: talk to a companion from a terminal, by typing, from a WAV file or by microphone.

It turns the command line into a conversation and every failure into one sentence. How the conversation goes is
`conversation`'s business, what it looks like is `screen`'s.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from talk import together, wav
from talk.client import JSON, MSGPACK, Companion, CompanionError
from talk.conversation import Conversation, Silent
from talk.lines import Lines
from talk.microphone import MIC_RATE, Microphone, NoAudio, Speaker
from talk.record import Recording
from talk.screen import Screen
from talk.voice import send_live, send_wav

HOME = "ws://127.0.0.1:8765"
PORT = 8765
SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
PATIENCE_S = 30.0
HELP = "/interrupt  stop it    /scene key=value  what is    /event text  what happens    /quit    or just type"


class Usage(Exception):
    """The command line asks for something impossible."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options of `companion talk`."""
    add = parser.add_argument
    add("address", nargs="?", default="", help=f"where the companion is served: a URL or HOST:PORT (default: {HOME})")
    add("--url", default="", help="the same")
    add("--token", default="", help="access token (default: the environment's COMPANION_TOKEN)")
    add("--text", action="append", default=[], metavar="LINE", help="say this, wait for the answer, quit; repeatable")
    add("--wav", type=Path, metavar="FILE", help="let this recording speak as the microphone, in real time, then quit")
    add("--mic", action="store_true", help="speak by microphone and listen (needs the extra `mic`)")
    add("--headphones", action="store_true", help="with --mic: it cannot hear the loudspeaker, so you may talk over it")
    add(
        "--ptt",
        action="store_true",
        help="push-to-talk: with --mic Enter starts and ends talking; with --wav all of it",
    )
    add("--record", type=Path, metavar="DIR", help="save reply.wav, face.json, face.csv, transcript.json and plot.png")
    add("--user", default="", metavar="NAME", help="what the companion calls you")
    together.add_arguments(parser)
    add("--language", default="", metavar="TAG", help="the language you speak, e.g. en-us (default: the companion's)")
    add(
        "--face",
        default="arkit52/60",
        metavar="PROFILE/FPS",
        help="arkit52, oculus15, vrm or none (default: %(default)s)",
    )
    add("--json", action="store_true", help="speak the JSON subprotocol instead of MessagePack")
    add("--mute", action="store_true", help="play no sound; words still come in time")
    add("--no-greet", action="store_true", help="do not ask the companion to open the conversation")
    add("--quiet", action="store_true", help="print the words of the conversation and errors only")


def parse(words: list[str]) -> argparse.Namespace:
    """Read a command line of its own; SystemExit where it makes no sense."""
    parser = argparse.ArgumentParser(prog="companion talk")
    add_arguments(parser)
    return parser.parse_args(words)


def encodable(out: TextIO) -> TextIO:
    """Return `out`, which from now on shows a question mark for a letter that its code page lacks."""
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="replace")
    return out


def run(options: argparse.Namespace) -> int:
    """Talk, and end cleanly on Ctrl-C or when nobody reads any more; return the exit code."""
    try:
        return asyncio.run(talk(options, out=encodable(sys.stdout)))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # What is left in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


async def talk(
    options: argparse.Namespace, *, out: TextIO | None = None, lines: AsyncIterator[str] | None = None
) -> int:
    """Hold the conversation that `options` describe, on `out` (stdout) with typed `lines` (stdin).

    Returns 0, 1 when the server, the network or the sound failed, 2 when the command line is at fault.
    """
    screen = Screen(out or sys.stdout, quiet=options.quiet)
    try:
        url = address(options.address, options.url)
        hello = _hello(options)
        speech = wav.read(options.wav, rate=MIC_RATE) if options.wav else b""
    except (Usage, wav.Unreadable) as error:
        screen.error(str(error))
        return 2
    live = not options.text and not options.wav and (options.mic or screen.tty)
    subprotocol = JSON if options.json else MSGPACK
    failure: Exception | None = None
    try:
        async with Companion.connect(
            url, subprotocol=subprotocol, greet=live and not options.no_greet, **hello
        ) as companion:
            await _hold(companion, screen, options, speech, lines)
    except* (CompanionError, Silent, NoAudio, OSError) as group:
        failure = _first(group)
    if isinstance(failure, BrokenPipeError):
        raise failure
    if failure:
        screen.error(_sentence(failure, url))
    return 1 if failure else 0


def address(place: str, url: str = "") -> str:
    """Return the WebSocket address that is meant by a URL, HOST:PORT, HOST or :PORT; raises Usage for anything else.

    `url` is the same by its older name; only one of them may be given.
    """
    if place and url:
        raise Usage("give the address once: as the first word or with --url")
    given = place or url or HOME
    try:
        parts = urlsplit(given if "://" in given else f"ws://{given}")
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ("127.0.0.1" if port else "")
    if parts.scheme not in SCHEMES or not host or any(letter.isspace() for letter in given):
        raise Usage(f"{given}: expected a WebSocket address such as {HOME} or HOST:PORT")
    if port is None and "://" not in given:
        port = PORT
    netloc = f"[{host}]" if ":" in host else host
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"{SCHEMES[parts.scheme]}://{netloc}{f':{port}' if port else ''}{path}"


def _hello(options: argparse.Namespace) -> dict[str, Any]:
    if sum((bool(options.text), bool(options.wav), options.mic)) > 1:
        raise Usage("--text, --wav and --mic exclude each other")
    if options.ptt and not (options.mic or options.wav):
        raise Usage("--ptt goes with --mic or --wav")
    try:
        room = together.wanted(options)
    except ValueError as error:
        raise Usage(str(error)) from None
    profile, _, fps = options.face.partition("/")
    if not profile or (fps and not (fps.isdecimal() and 10 <= int(fps) <= 120)):
        raise Usage(f"--face {options.face}: expected a profile and 10 to 120 frames a second, e.g. arkit52/60")
    return {
        "token": options.token or os.environ.get("COMPANION_TOKEN", ""),
        "client": "companion talk",
        "user": options.user,
        "language": options.language,
        "face": {"profile": profile, "fps": int(fps or 60)},
        "audio": {"aec": bool(options.wav) or options.headphones},
        "features": ["phones"] if options.record else [],
        "room": room,
    }


async def _hold(
    companion: Companion,
    screen: Screen,
    options: argparse.Namespace,
    speech: bytes,
    lines: AsyncIterator[str] | None,
) -> None:
    welcome = companion.welcome
    if (options.wav or options.mic) and "mic" not in welcome["features"]:
        name = welcome["identity"]["name"]
        raise CompanionError("unsupported", f"{name} cannot hear: the server has no speech recognition; type instead")
    recording = None
    if options.record:
        recording = Recording(welcome["audio"]["rate"], welcome["face"]["fps"], welcome["face"]["names"])
    conversation = Conversation(companion, screen, recording=recording, shared=bool(options.room))
    try:
        with ExitStack() as devices:
            speaker = _speaker(conversation, options, devices)
            microphone = devices.enter_context(Microphone()) if options.mic else None
            async with asyncio.TaskGroup() as tasks:
                ears = [tasks.create_task(conversation.receive()), tasks.create_task(conversation.play(speaker))]
                if options.wav:
                    await send_wav(conversation, speech, name=str(options.wav), push_to_talk=options.ptt)
                elif options.text:
                    for line in options.text:
                        await _ask(conversation, line)
                else:
                    pressed = asyncio.Event() if microphone and options.ptt else None
                    if microphone:
                        ears.append(tasks.create_task(send_live(companion, microphone, pressed)))
                    await _type(conversation, lines or Lines(), pressed=pressed, stay=options.mic)
                for task in ears:
                    task.cancel()
    finally:
        screen.prompt(wanted=False)
        if recording:
            _save(recording, options.record, conversation)


def _speaker(conversation: Conversation, options: argparse.Namespace, devices: ExitStack) -> Speaker | None:
    """Return the loudspeaker if there is one; with --mic there must be."""
    if options.mute:
        return None
    try:
        return devices.enter_context(Speaker(conversation.playout, conversation.lock))
    except NoAudio as error:
        if options.mic:
            raise
        if not options.text and not options.wav:
            conversation.screen.note(f"without sound: {error}; the words come in time all the same")
        return None


async def _ask(conversation: Conversation, line: str) -> None:
    if not conversation.screen.tty:
        conversation.screen.user(line)
    since = conversation.answers
    await conversation.say(line)
    await conversation.answered(since, patience=PATIENCE_S)


async def _type(
    conversation: Conversation, lines: AsyncIterator[str], *, pressed: asyncio.Event | None, stay: bool
) -> None:
    """Say what is typed: at once on a terminal, one answer after the other from a pipe; until the end or /quit."""
    screen = conversation.screen
    screen.prompt()
    async for typed in lines:
        line = typed.strip()
        screen.entered()
        match line.partition(" ")[0]:
            case "" if pressed:
                (pressed.clear if pressed.is_set() else pressed.set)()
                screen.note("talking; Enter when done" if pressed.is_set() else "done")
            case "":
                pass
            case "/quit":
                return
            case "/help":
                screen.note(_help(conversation))
            case "/interrupt":
                await conversation.hush()
            case "/scene" if "=" in line:
                key, _, value = line.removeprefix("/scene").strip().partition("=")
                await conversation.companion.context({key.strip(): value.strip()})
            case "/event" if line != "/event":
                await conversation.companion.context(events=[line.removeprefix("/event").strip()], respond="auto")
            case command if command.startswith("/"):
                if not (conversation.shared and await together.does(conversation.companion, line)):
                    screen.note(f"{line} is not understood: {_help(conversation)}")
            case _ if screen.tty or stay or conversation.shared:
                # Among several nobody need answer.
                await conversation.say(line)
            case _:
                await _ask(conversation, line)
        screen.prompt()
    if stay:
        await asyncio.Event().wait()


def _help(conversation: Conversation) -> str:
    return f"{HELP}    {together.HELP}" if conversation.shared else HELP


def _save(recording: Recording, directory: Path, conversation: Conversation) -> None:
    welcome = conversation.companion.welcome
    about = {"companion": welcome["identity"]["name"], "engines": welcome["engines"]}
    about |= {"face": welcome["face"]["profile"], "underruns": conversation.playout.underruns}
    missing = recording.save(directory, about=about)
    conversation.screen.note(f"{recording.seconds:.2f} s recorded in {directory}{'; ' * bool(missing)}{missing}")


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Exception)
    return error


def _sentence(error: Exception, url: str) -> str:
    match error:
        case CompanionError(code="unreachable"):
            return f"nothing answers at {url}: start it with `companion serve`"
        case CompanionError(code="unauthorized" | "token_expired" | "forbidden"):
            return f"{error.message} (give a token with --token or COMPANION_TOKEN; `companion token` makes one)"
        case CompanionError() if error.retry_after_s:
            return f"{error.message} (try again in {error.retry_after_s:.0f} s)"
        case _:
            return str(error)
