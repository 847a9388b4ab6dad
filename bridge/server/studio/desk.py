"""One page of the studio: takes what it asks, has it done one thing at a time, and tells it how that goes."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias, assert_never

from bridge import wallclock
from bridge.errors import ConfigError
from bridge.server.studio import requests as r
from bridge.server.studio.requests import Told, write
from bridge.server.studio.runs import Runs
from bridge.server.studio.shelf import SHOWN, Shelf
from bridge.session.companion import Known
from bridge.setup.reviewing import decide, flags
from bridge.setup.sections import GuardSection
from engines.identity import IdentityError

log = logging.getLogger("bridge.server.studio.desk")

SHOW: Final = "show"  # the command that tells of somebody
WAITING: Final = 64  # steps of progress that wait to be sent; of more the page sees the latest

Send: TypeAlias = Callable[[str | bytes], Awaitable[None]]


class Desk:
    """One connection; `send` puts a message on it, `user` is whose runs these are, `listed` tells who is there.

    `guard` says where what was held back is kept.
    """

    def __init__(
        self,
        shelf: Shelf,
        runs: Runs,
        user: str,
        send: Send,
        listed: Callable[[], Awaitable[Sequence[Known]]],
        guard: GuardSection,
    ) -> None:
        self._shelf = shelf
        self._runs = runs
        self._user = user
        self._send = send
        self._listed = listed
        self._guard = guard
        self._job: asyncio.Task[None] | None = None

    async def take(self, request: r.Request, group: asyncio.TaskGroup) -> None:
        """Begin what is asked, in a task of `group`; nothing but `cancel` while something is being done."""
        if isinstance(request, r.Cancel):
            await self._stop()
            return
        if self._job is not None and not self._job.done():
            await self._send(write("error", code="busy", message="one thing at a time: wait, or cancel it"))
            return
        self._job = group.create_task(self._do(request))

    async def _stop(self) -> None:
        """Stop what is being done, and tell of it when it has stopped: it may not even have begun."""
        job = self._job
        if job is not None and not job.done():
            job.cancel()
            await asyncio.wait([job])
            await self._send(write("error", code="cancelled", message="it was stopped"))

    def leave(self) -> None:
        """Stop what is being done: the page has gone."""
        if self._job is not None:
            self._job.cancel()

    async def _do(self, request: r.Request) -> None:
        kind = request.__struct_config__.tag
        try:
            await self._answer(request)
            await self._send(write("done", what=kind))
        except Told as error:
            await self._send(write("error", code=error.code, message=error.message, what=kind))
        except ConfigError as error:  # of the review queue
            await self._send(write("error", code=error.code, message=error.message, what=kind))
        except IdentityError as error:
            await self._send(write("error", code=error.code, message=error.message, what=kind))
        except OSError as error:
            log.warning("the studio's folder cannot be used", extra={"reason": error.strerror})
            sentence = f"the folder of people cannot be used: {error.strerror}"
            await self._send(write("error", code="unwritable", message=sentence, what=kind))

    async def _answer(self, request: r.Request) -> None:
        match request:
            case r.People():
                await self._tell_people()
            case r.Make(sentence=sentence):
                folder = self._shelf.new(sentence)
                own = [*_option("--language", request.language), *_option("--name", request.name)]
                await self._run(["new", *own, *_seed(request.seed), "--out", str(folder), "--", sentence])
                await self._tell(folder.name)
            case r.Open(person=person):
                await self._tell(person)
            case r.Change(person=person, sentence=sentence):
                folder = self._shelf.folder(person)
                await self._run(["edit", *_seed(request.seed), "--", str(folder), sentence])
                await self._tell(person)
            case r.Voices(person=person, choose=choose):
                hear = [f"--choose={choose}"] if choose else []
                hear += ["--audition", *_option("--line", request.line)] if request.hear else []
                await self._stage("voice", person, *hear, *_seed(request.seed))
            case r.Run(person=person, stage=stage):
                await self._stage(stage, person)
            case r.Review(person=person, approve=approve):
                by = request.by.strip() or self._user or "the studio's user"
                decision = "--approve" if approve else "--reject"
                await self._stage("review", person, decision, *_option("--by", by), *_option("--note", request.note))
            case r.File(person=person, path=path):
                sort, data = await asyncio.to_thread(self._shelf.file, person, path)
                await self._give(person, path, sort, data)
            case r.Pack(person=person, form=form):
                await self._pack(person, form)
            case r.Flags(decided=decided):
                await self._tell_flags(decided=decided)
            case r.Decide():
                await asyncio.to_thread(
                    decide,
                    self._guard,
                    request.item,
                    request.decision,
                    by=request.by.strip() or self._user or "the studio's user",
                    at=wallclock.here().isoformat(timespec="seconds"),
                    phrase=request.phrase.strip(),
                    note=request.note.strip(),
                )
                await self._tell_flags(decided=False)
            case r.Hello() | r.Cancel():
                raise Told("bad_message", "this comes at another time")
            case _:
                assert_never(request)

    async def _stage(self, stage: str, person: str, *options: str) -> None:
        await self._run([stage, *options, "--", str(self._shelf.folder(person))])
        await self._tell(person)

    async def _pack(self, person: str, form: str) -> None:
        folder = self._shelf.folder(person)
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / f"{person}.{form}"
            await self._run(["pack", "--out", str(file), "--", str(folder)])
            if file.stat().st_size > SHOWN:
                raise Told("too_large", f"{person} is too large to be sent to a browser")
            data = await asyncio.to_thread(file.read_bytes)
        sort = "image/png" if form == "png" else "application/zip"
        await self._give(person, f"{person}.{form}", sort, data)

    # ---------------------------------------------------------------------------------------------------- telling

    async def _tell_people(self) -> None:
        # Of those that can be talked to the studio changes only its own.
        people = [
            {
                "id": each.id,
                "name": each.name,
                "description": each.description,
                "languages": each.languages,
                "draft": each.draft,
                "looks": dict(each.looks),
                "mine": each.origin.parent == self._shelf.root,
            }
            for each in await self._listed()
        ]
        await self._send(write("people", people=people))

    async def _tell_flags(self, *, decided: bool) -> None:
        found = await asyncio.to_thread(flags, self._guard, decided=decided)
        await self._send(write("flags", flags=found))

    async def _tell(self, person: str) -> None:
        told: dict[str, Any] = await asyncio.to_thread(self._shelf.described, person)
        try:
            shown = await self._run([SHOW, "--", str(self._shelf.folder(person))])
            told |= {"state": shown.get("state", {}), "lineage": shown.get("lineage", [])}
        except Told as error:
            told |= {"state": {}, "lineage": [], "trouble": error.message}
        await self._send(write("person", person=told))

    async def _give(self, person: str, path: str, kind: str, data: bytes) -> None:
        await self._send(write("file", person=person, path=path, kind=kind, bytes=len(data)))
        await self._send(data)

    async def _run(self, arguments: list[str]) -> Any:
        """Run a command of the studio, telling the page how it goes."""
        steps: asyncio.Queue[tuple[float, str]] = asyncio.Queue(WAITING)

        def told(done: float, doing: str) -> None:
            if steps.full():
                steps.get_nowait()
            steps.put_nowait((done, doing[:200]))

        created = wallclock.here().isoformat(timespec="seconds")
        name, *rest = arguments
        sending = asyncio.create_task(self._send_steps(steps))
        try:
            result = await self._runs.run(
                self._user, [name, "--json", "--created", created, *rest], self._shelf.root, told
            )
        finally:
            sending.cancel()
            await asyncio.wait([sending])
        while not steps.empty():
            done, doing = steps.get_nowait()
            await self._send(write("progress", done=done, doing=doing))
        return result

    async def _send_steps(self, steps: asyncio.Queue[tuple[float, str]]) -> None:
        while True:
            done, doing = await steps.get()
            await self._send(write("progress", done=done, doing=doing))


def _option(name: str, value: str) -> list[str]:
    # As one argument: the value may begin with a dash.
    return [f"{name}={value}"] if value else []


def _seed(seed: int) -> list[str]:
    return ["--seed", str(seed)]
