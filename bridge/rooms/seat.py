"""One person's place in a room: what their session tells the room, and what the room knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from bridge.core.attention import LOOKS, gaze_of
from bridge.core.rooms.introductions import Introductions
from bridge.core.rooms.names import tidy
from bridge.session.fanout import Fanout
from engines.api import SeenFace, Tool, ToolResult
from protocol import messages as m

if TYPE_CHECKING:
    from bridge.session.session import Session

LOOKING_AT: Final = "looking at"  # the scene state that names whom somebody looks at


class Host(Protocol):
    """What a seat needs of its room."""

    turn: int  # the one that runs, or the last one
    speaker: str  # the companion that has the floor, "" for none
    sounding: bool  # the turn is being heard

    def knows(self, companion: str) -> bool:
        """Return whether there is such a companion."""
        ...

    def named(self, name: str) -> str:
        """Return what the wire calls the companion of this id or name, "" for nobody."""
        ...

    def speaks(self, seat: Seat, on: bool) -> None:
        """Note that somebody begins to speak, or has stopped."""
        ...

    def said(self, seat: Seat, text: str, companion: str, voice: str) -> None:
        """Note what somebody has said."""
        ...

    def prompted(self, seat: Seat, text: str, words: str) -> None:
        """Have a companion speak of its own accord."""
        ...

    def cut(self, seat: Seat, turn: int, *, stop: bool) -> None:
        """Note that somebody interrupts."""
        ...

    def whisper(self, seat: Seat, text: str, companion: str) -> None:
        """Answer somebody alone."""
        ...

    def does(self, seat: Seat, ask: m.RoomAsk) -> str:
        """Do what somebody asks; return why not, or ""."""
        ...

    def happened(self, seat: Seat, events: tuple[str, ...]) -> None:
        """Note what has happened in somebody's scene."""
        ...

    def answer(self, call: int, result: ToolResult) -> bool:
        """Take the result of a tool call; False for one that never was."""
        ...

    def changed(self) -> None:
        """Tell everybody how the room is."""
        ...

    def leave(self, seat: Seat) -> None:
        """Let somebody go."""
        ...


class Seat:
    """The room as one session sees it (a `Company`); `name` is what its user is called there."""

    def __init__(self, room: Host, name: str, hello: m.Hello) -> None:
        self.name = name
        self.language = hello.language
        self.wants_idle = "idle_face" in hello.features
        self.host = False
        self.looks = ""  # whom they look at
        self.last = ""  # who answered them last ...
        self.last_at = float("-inf")  # ... and when that ended
        self.scene: dict[str, str] = {}
        self.tools: tuple[Tool, ...] = ()
        self.voices = Introductions()  # of those who share this microphone
        self.session: Session
        self._room = room

    @property
    def key(self) -> str:
        """Return what the floor calls this person, which no companion is called."""
        return f"@{self.name}"

    @property
    def out(self) -> Fanout:
        """Return what this person's connections are told by."""
        return self.session.out

    # --------------------------------------------------------------------------------------- as the session's company

    @property
    def turn(self) -> int:
        """Return the turn that runs in the room, or the last one."""
        return self._room.turn

    @property
    def speaker(self) -> str:
        """Return the companion that has the floor, "" for none."""
        return self._room.speaker

    @property
    def sounding(self) -> bool:
        """Return whether the running turn is being heard."""
        return self._room.sounding

    def knows(self, companion: str) -> bool:
        """Return whether there is such a companion."""
        return self._room.knows(companion)

    def speaks(self, on: bool) -> None:
        """Note that this person begins to speak, or has stopped."""
        self._room.speaks(self, on)

    def asked(self, text: str, companion: str, voice: str) -> None:
        """Note what this person, or one of those who share their microphone, has said."""
        self._room.said(self, text, companion, tidy(voice))

    def prompted(self, text: str, words: str, *, greeting: bool) -> None:
        """Have a companion speak of its own accord."""
        self._room.prompted(self, text, words)

    def cut(self, turn: int, *, stop: bool) -> None:
        """Note that this person interrupts."""
        self._room.cut(self, turn, stop=stop)

    def whisper(self, text: str, companion: str) -> None:
        """Answer this person alone."""
        self._room.whisper(self, text, companion)

    def receive(self, message: m.RoomAsk | m.Seen | m.Context | m.Tools) -> str:
        """Take what the client says to the room; return why it cannot be done, or ""."""
        match message:
            case m.RoomAsk():
                return self._room.does(self, message)
            case m.Seen(faces=faces, companion=companion):
                if any(_looks(face) for face in faces):
                    self.looks = companion
                elif self.looks == companion:
                    self.looks = ""
            case m.Context(states=states, events=events):
                if LOOKING_AT in states:
                    self.looks = self._room.named(states[LOOKING_AT])
                self.scene.update(states)
                self.scene = {key: value for key, value in list(self.scene.items())[-128:] if value}
                if events:
                    self._room.happened(self, events)
            case m.Tools(tools=tools):
                self.tools = tuple(Tool(tool.name, tool.description, tool.parameters) for tool in tools)
        return ""

    def answer(self, call: int, result: ToolResult) -> bool:
        """Take the result of a tool call of the room."""
        return self._room.answer(call, result)

    def leave(self) -> None:
        """Leave the room: the session is over."""
        self._room.leave(self)

    def present(self) -> None:
        """Note that this person's connection has come or gone."""
        self._room.changed()


def _looks(face: m.SeenFace) -> bool:
    """Return whether a face that is seen looks at the companion that it is seen from."""
    if not face.present:
        return False
    across, up = gaze_of(SeenFace(face.id, {}, *face.pose, gaze=face.gaze))
    return abs(across) <= LOOKS and abs(up) <= LOOKS
