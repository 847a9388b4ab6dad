"""Markup in what a model writes: taken out of its words as they come, and turned into calls. Pure.

A mark opens a region (a thought, a call, a header, somebody else's message) or stands among the words. Where the text
is cut changes nothing: what may be the beginning of a mark waits for the next piece.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, Literal, TypeAlias

from engines.dialogue.bare import Beginnings, Braces, fence
from engines.dialogue.calls import LONGEST, Call, parse
from engines.dialogue.marks import Mark, Marks
from engines.dialogue.regions import CALLING, ENDS, HEADER, OTHERS, OURS, THINKING, THOUGHT, Region
from engines.dialogue.words import Words

Item: TypeAlias = str | Call

BLOCK: Final = 4096  # characters that are read at once

_ROLE: Final = re.compile(r"\s*([A-Za-z]{0,16})")
_CHANNEL: Final = re.compile(r"\s*(?:assistant|final|commentary)?\s*")
_RECIPIENT: Final = re.compile(r"\bto=(?:functions\.)?([\w.-]+)")


class Markup:
    """Take one message apart. `stops` are texts that end it, `tools` the names of the tools that are offered.

    `thinking` says that a thought is open already; a message that never closes it has none.
    """

    def __init__(self, stops: Sequence[str] = (), *, tools: Collection[str] = (), thinking: bool = False) -> None:
        self._marks = Marks({stop: "|stop|" for stop in stops if stop} | ({"```": "fence"} if tools else {}))
        self._tools = frozenset(tools)
        self._beginnings = Beginnings(tools)
        self._held = ""
        self._bare: Braces | None = None
        self._region: Region | None = None
        self._body: list[str] = []  # of the region, where it is kept
        self._size = 0
        self._doubtful = thinking  # whether there is a thought at all
        if thinking:
            self._region = Region("thought", THINKING)
        self._closed_inside = False  # and might be the answer after it
        self._called_inside = False  # a thought holds a call, which counts if the thought never ends
        self._recipient = ""  # the tool that a header names
        self._role_due: Literal["", "possible", "certain"] = ""  # a role's name may come, or does
        self._between = False  # a call was bare JSON; what parts it from the next is not said
        self._words = Words()
        self.ended = False  # by a stop, or because somebody else's turn began
        self.thought = thinking  # whether it has thought
        self.unopened = False  # a thought was closed that had not been opened

    def push(self, text: str) -> list[Item]:
        """Take more of the message; return what is certain by now."""
        return self._read(text, final=False)

    def finish(self, *, whole: bool = True) -> list[Item]:
        """Take the end of the message; return the rest of it. `whole` says that the model had no more to write."""
        items = self._read("", final=True)
        if not self.ended and self._region is not None:
            items += self._leave_open(self._region, whole=whole)
        return items

    def _read(self, text: str, *, final: bool) -> list[Item]:
        items: list[Item] = []
        for at in range(0, max(1, len(text)), BLOCK):
            last = final and at + BLOCK >= len(text)
            self._read_block(text[at : at + BLOCK], items, final=last)
        return items

    def _read_block(self, text: str, items: list[Item], *, final: bool) -> None:
        text, self._held = self._held + text, ""
        while text and not self.ended and not self._held:
            if self._bare is not None:
                text = self._read_bare(self._bare, text, items)
            elif self._region is not None:
                text = self._read_region(self._region, text, items, final=final)
            else:
                text = self._read_words(text, items, final=final)
        if final and self._bare is not None and not self.ended:
            braces, self._bare = self._bare, None
            self._called_or_said(braces.text, items)

    # ------------------------------------------------------------------------------------------------- words

    def _read_words(self, text: str, items: list[Item], *, final: bool) -> str:
        if self._role_due:
            role = _ROLE.match(text)
            assert role is not None, "it matches nothing, too"
            if role.end() == len(text) and len(text) < 24 and not final:
                self._held = text
                return ""
            due, self._role_due = self._role_due, ""
            known = role[1].lower() in OTHERS | OURS
            if known and (due == "certain" or text[role.end() :].lstrip(" \t\r")[:1] in ("\n", "")):
                return self._role(role[1], text[role.end() :])
        if self._between:
            rest = text.lstrip(" \t\r\n")
            if not rest and not final:
                self._held = text
                return ""
            self._between = False
            if rest[:1] in (";", ","):
                return rest[1:]
        if self._tools and self._words.line:
            if blank := len(text) - len(text.lstrip()):
                self._words.say(text[:blank], items)
                return text[blank:]
            begins = self._beginnings.begins(text)
            if begins:
                self._bare = Braces()
                return text
            if begins is None and not final:
                self._held = text
                return ""
        end = len(text)
        if self._tools and (line := text.find("\n")) >= 0:
            end = line + 1  # what begins a line may be a call
        found = self._marks.find(text, final=final)
        if isinstance(found, int):
            if found >= end or found == len(text):
                self._words.say(text[:end], items)
                return text[end:]
            self._words.say(text[:found], items)
            self._held = text[found:]
            return ""
        if found.at >= end:
            self._words.say(text[:end], items)
            return text[end:]
        self._words.say(text[: found.at], items)
        return text if self.ended else self._meet(found, text, items, final=final)

    def _meet(self, mark: Mark, text: str, items: list[Item], *, final: bool) -> str:
        """Begin what a mark among the words opens; return the text after it."""
        rest = text[mark.end :]
        match mark.name:
            case "|stop|":
                self.ended = True
            case "fence":
                return self._fence(text[mark.at :], items, final=final)
            case "think":
                self.thought = self._words.apart = True
                self._open(Region("thought", THINKING))
            case "/think":
                self.unopened = self._words.apart = True
            case name if name in CALLING:
                self._words.apart = True
                self._open(Region("call", CALLING[name], name, mark.value))
            case "result" | "results":
                self._words.apart = True
                self._open(Region("other", frozenset({"/result", "/results", "|end|"})))
            case "start" | "|channel|":
                self._words.apart = True
                self._open(Region("header", frozenset({"|message|", "|channel|"}), mark.name))
            case "half":
                self._words.apart = True
                self._open(Region("header", frozenset({"\n", "half"}), mark.name))
            case "role":
                self._words.apart, self._role_due = True, "certain"
            case "user" | "assistant":
                return self._role(mark.name, rest)
            case "|end|" | "|call|":
                self._words.apart, self._role_due = True, "possible"
            case _:
                self._words.dropped = True
        return rest

    def _role(self, role: str, rest: str) -> str:
        """Begin somebody's turn: the companion's goes on, another's ends the message or is skipped."""
        self._words.apart = self._words.trim = True
        if role.lower() not in OTHERS:
            return rest
        if self._words.said:
            self.ended = True
            return ""
        self._open(Region("other", frozenset({"assistant", "role", "start", "/user", "|end|"})))
        return rest

    # ----------------------------------------------------------------------------------------------- regions

    def _open(self, region: Region) -> None:
        self._region = region
        self._body, self._size = [], 0

    def _read_region(self, region: Region, text: str, items: list[Item], *, final: bool) -> str:
        at = 0
        while True:
            found = self._closer(region, text, at, final=final)
            if isinstance(found, int):
                self._keep(region, text[:found])
                self._held = text[found:]
                return ""
            if found.name in region.closers:
                self._keep(region, text[: found.at])
                return self._close(region, found, text, items)
            if region.kind == "thought" and found.name == "think" and not self._doubtful:
                region.depth += 1
            if region.kind == "thought" and found.name in CALLING and not (self._doubtful or self._called_inside):
                self._called_inside = True
                self._body, self._size = [], 0
                text, at = text[found.at :], found.end - found.at
            elif region.kind == "call" and found.name == "|sep|":
                self._keep(region, text[: found.at] + "|sep|")
                text, at = text[found.end :], 0
            else:
                at = found.end

    def _closer(self, region: Region, text: str, at: int, *, final: bool) -> Mark | int:
        """Find the next mark inside a region; a line break is one where it ends a header."""
        found = self._marks.find(text, at, final=final)
        if "\n" in region.closers:
            line = text.find("\n", at, found if isinstance(found, int) else found.at)
            if line >= 0:
                return Mark("\n", line, line + 1)
        return found

    def _keep(self, region: Region, text: str) -> None:
        """Remember what stands in a region, where it can matter."""
        if region.kind == "thought" and not (self._doubtful or self._closed_inside or self._called_inside):
            return
        most = {"thought": THOUGHT, "header": HEADER}.get(region.kind, LONGEST + 1)
        text = text[: max(0, most - self._size)]
        if text and region.kind != "other":
            self._body.append(text)
            self._size += len(text)

    def _close(self, region: Region, mark: Mark, text: str, items: list[Item]) -> str:
        body, rest = "".join(self._body), text[mark.end :]
        match region.kind:
            case "thought" if region.depth > 1:
                region.depth -= 1
                self._closed_inside = True
                self._body, self._size = [], 0
                return rest
            case "thought":
                self._region = None
                self._doubtful = self._closed_inside = self._called_inside = False
                # A channel or a turn that ends a thought says what comes next.
                return rest if mark.name == "/think" else text[mark.at :]
            case "call":
                self._region = None
                self._calls(region, body, items)
                return rest if mark.name.startswith(("/", "|tool", "|end_")) else text[mark.at :]
            case "header":
                return self._header(region, body, mark, text)
            case "other":
                self._region = None
                return rest if mark.name.startswith("/") else text[mark.at :]

    def _header(self, region: Region, header: str, mark: Mark, text: str) -> str:
        """Read a header: a channel, or whose message begins; it may name a tool, and a channel may follow."""
        self._region = None
        rest = text[mark.end :]
        word = header.strip().lower()
        if found := _RECIPIENT.search(header):
            self._recipient = found[1]
        if region.opening == "half":
            if word in ("thought", "analysis"):
                self.thought = True
                self._open(Region("thought", frozenset({"/half", "/think"})))
                return rest
            return text[mark.at :]
        if region.opening == "start" and word.split(" ", 1)[0] in OTHERS:
            return self._role(word.split(" ", 1)[0], rest)
        if mark.name == "|channel|":
            return text[mark.at :]
        recipient, self._recipient = self._recipient, ""
        if recipient:
            self._open(Region("call", ENDS, "harmony", recipient))
        elif word.startswith(("analysis", "thought", "reason")):
            self.thought = True
            self._open(Region("thought", ENDS | {"/think"}))
        return rest

    def _leave_open(self, region: Region, *, whole: bool) -> list[Item]:
        """End inside a region: a call counts, and a thought that may have been none is the answer."""
        items: list[Item] = []
        body = "".join(self._body)
        self._region, self._body = None, []
        match region.kind:
            case "call" if body.strip():
                self._calls(region, body, items)
            case "thought" if whole and body.strip() and (self._doubtful or self._closed_inside):
                self._doubtful = self._closed_inside = self.thought = False
                items += self._read(body, final=True)
            case "thought" if whole and self._called_inside:
                items += [item for item in self._read(body, final=True) if isinstance(item, Call)]
            case "header" if not body.strip().startswith(("analysis", "thought")):
                found = _CHANNEL.match(body)
                items += self._read(body[found.end() if found else 0 :], final=True)
            case _:
                pass
        return items

    # ------------------------------------------------------------------------------------------------- calls

    def _calls(self, region: Region, body: str, items: list[Item]) -> None:
        if region.opening == "tool_call" and not body.strip() and not region.value:
            items.append(Call("", {}, "the tool call was empty"))
            return
        items += parse(body, region.opening, region.value)

    def _fence(self, text: str, items: list[Item], *, final: bool) -> str:
        """Read fenced code: a call when it names a tool that is offered, words otherwise."""
        end = fence(text)
        if end is None:
            if not final:
                self._held = text
                return ""
            end = len(text)
        if end == 3:
            self._words.say(text[:3], items)
        else:
            self._called_or_said(text[:end], items)
        return text[end:]

    def _read_bare(self, braces: Braces, text: str, items: list[Item]) -> str:
        """Read bare JSON at the beginning of a line."""
        end = braces.push(text)
        if end < 0 and len(braces.text) < LONGEST:
            return ""
        self._bare = None
        self._between = self._called_or_said(braces.text, items)
        return text[end:] if end >= 0 else ""

    def _called_or_said(self, body: str, items: list[Item]) -> bool:
        """Make calls if they name tools that are offered, words otherwise; say whether they were calls."""
        calls = parse(body)
        if all(call.name in self._tools for call in calls):
            self._words.apart = True
            items += calls
            return True
        self._words.say(body, items)
        return False
