"""Documents as the rest of the room has them: sections with a place, made of blocks. It knows no file format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "item", "row", "code"]

ARROW: Final = " › "
HEADING: Final = 160  # characters of a heading
DEPTH: Final = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the file, the headings above it, and the page (0: the file has none)."""

    file: str
    headings: tuple[str, ...] = ()
    page: int = 0

    @property
    def title(self) -> str:
        """Return the headings for people, or the file's name where there are none."""
        return ARROW.join(self.headings) if self.headings else self.file.rsplit("/", 1)[-1]

    def cite(self) -> str:
        """Return the place in one line: "optics.md › Refraction", "manual.pdf, 12 › Safety"."""
        name = self.file.rsplit("/", 1)[-1]
        return ARROW.join([f"{name}, {self.page}" if self.page else name, *self.headings])


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, an item of a list, a row of a table, or a piece of code, without markup."""

    text: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading, up to the next one."""

    place: Place
    blocks: tuple[Block, ...] = ()

    @property
    def title(self) -> str:
        """Return its own heading, "" before the first."""
        return self.place.headings[-1] if self.place.headings else ""

    @property
    def characters(self) -> int:
        """Count the characters of its blocks."""
        return sum(len(block.text) for block in self.blocks)


class Outline:
    """Builds sections from headings and blocks in the order in which a document has them."""

    def __init__(self, file: str, *, most: int) -> None:
        self._file, self._most = file, most
        self._headings: list[tuple[int, str]] = []
        self._blocks: list[Block] = []
        self._page = 0
        self._sections: list[Section] = []
        self._begun = 0  # the page on which the section begins
        self.full = False

    def page(self, number: int) -> None:
        """Go on to a page."""
        self._page = number
        if not self._blocks:
            self._begun = number

    def heading(self, level: int, title: str) -> None:
        """Begin a section at a level from 1; a heading without words begins none."""
        title = " ".join(title.split())[:HEADING].strip()
        if not any(c.isalnum() for c in title):
            return
        self._close()
        self._headings = [each for each in self._headings if each[0] < level][: DEPTH - 1]
        self._headings.append((level, title))

    def block(self, text: str, kind: Kind = "text") -> None:
        """Add a block to the section; one without a letter or digit is left out."""
        if any(c.isalnum() for c in text) and not self.full:
            self._blocks.append(Block(text, kind))

    def sections(self) -> tuple[Section, ...]:
        """Return what was built; those without blocks are kept when they have a heading."""
        self._close()
        return tuple(self._sections)

    def _close(self) -> None:
        titles = tuple(title for _, title in self._headings)
        if (self._blocks or titles) and not self.full:
            self._sections.append(Section(Place(self._file, titles, self._begun), tuple(self._blocks)))
            self.full = len(self._sections) >= self._most
        self._blocks = []
        self._begun = self._page
