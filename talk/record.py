"""Records what a companion said and showed: reply.wav, face.json, face.csv, transcript.json and plot.png.

One recording is one conversation. reply.wav holds each turn's speech as it was heard, in order, with `GAP_S` of silence
between turns (rounded up to whole frames); what was cut off or never heard is not in it. Frame i covers i / fps of it,
always: a turn begins on a frame, missing frames are held, and the silence between turns shows the face at rest.

It knows neither the wire nor an engine: the terminal feeds it what playback heard, a synthesizer what it made. A
second costs about 60 kB of memory (24 kHz, 52 channels at 60 fps); after `MOST_S` it takes no more, and says so.
"""

from __future__ import annotations

import csv
import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from talk import plot, wav

GAP_S = 0.3
MOST_S = 1800.0
# Says to other programs that the recording is a machine's, in the words of the IPTC.
LABEL = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
    b' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
    b"<xmp:CreatorTool>companion-bridge</xmp:CreatorTool><Iptc4xmpExt:DigitalSourceType>"
    b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    b"</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>"
)
SOURCES = ("exact", "aligned", "audio")  # from the best to the weakest


class Recording:
    """Sound at `rate` and face frames of channels `names` at `fps`, on one time line."""

    def __init__(self, rate: int, fps: int, names: Sequence[str]) -> None:
        self.rate = rate
        self.fps = fps
        self.names = tuple(names)
        self.full = False
        self._pcm = bytearray()
        self._weights = array("f")  # rows of len(names)
        self._phones: list[tuple[str, float, float]] = []
        self._entries: list[dict[str, Any]] = []
        self._turn: dict[str, Any] | None = None
        self._start = 0  # samples, where the turn begins
        self._source = ""

    # ----------------------------------------------------------------------------------------------- what happens

    def user(self, text: str, *, at: float = 0.0, utterance: int = 0, partials: int = 0) -> None:
        """Note `text` that the user said (`utterance` 0: typed) at second `at`, after `partials` guesses."""
        entry: dict[str, Any] = {"who": "user", "text": text, "at_s": round(at, 3)}
        self._enter(entry | ({"utterance": utterance, "partials": partials} if utterance else {}))

    def turn(self, number: int, *, at: float = 0.0, latency: float | None = None) -> None:
        """Begin reply `number`, first heard at second `at` of the session, `latency` seconds after what it answers."""
        self._close_turn(gap=bool(self._pcm))
        self._start = self._samples
        self._turn = {"who": "companion", "turn": number, "text": "", "at_s": round(at, 3)}
        self._turn |= {"latency_s": None if latency is None else round(latency, 4)}
        self._turn |= {"start_s": round(self._start / self.rate, 6), "end_s": 0.0, "cut": False, "reason": ""}
        self._turn |= {"words": [], "cues": []}
        self._enter(self._turn)

    def speech(self, pcm: bytes) -> None:
        """Append samples to the turn, s16le mono."""
        self._open_turn()
        room = max(0, 2 * (int(MOST_S * self.rate) - self._samples))
        self.full = self.full or len(pcm) > room
        self._pcm += pcm[:room]

    def frames(self, rows: Iterable[Sequence[float]], *, source: str = "") -> None:
        """Append face frames to the turn; those that reach beyond its sound fill the silence after it."""
        self._open_turn()
        for row in rows:
            if len(row) != len(self.names):
                raise ValueError(f"a frame has {len(row)} weights, the face has {len(self.names)} channels")
            if not self.full:
                self._weights.extend(row)
        if source in SOURCES:
            known = SOURCES.index(self._source) if self._source else 0
            self._source = SOURCES[max(known, SOURCES.index(source))]

    def phones(self, phones: Iterable[tuple[str, float, float]]) -> None:
        """Append speech sounds to the turn: IPA, start and end in seconds of the turn."""
        self._phones += [(ipa, *self._seconds(start, end)) for ipa, start, end in phones if not self.full]

    def words(self, words: Iterable[tuple[str, float, float, str]]) -> None:
        """Append words that were heard: text, start and end in seconds of the turn, and what is written before."""
        turn = self._open_turn()
        for text, start, end, gap in words:
            if not self.full:
                times = self._seconds(start, end)
                turn["words"].append({"text": text, "gap": gap, "start_s": times[0], "end_s": times[1]})
                turn["text"] = f"{turn['text']}{gap}{text}".strip()

    def cue(self, kind: str, name: str, *, at: float, intensity: float = 1.0) -> None:
        """Append an emotion or gesture at second `at` of the turn."""
        cue = {"kind": kind, "name": name, "intensity": intensity, "at_s": self._seconds(at, at)[0]}
        if not self.full:
            self._open_turn()["cues"].append(cue)

    def end(self, *, cut: bool = False, reason: str = "complete") -> None:
        """End the turn; `cut` when it was interrupted."""
        self._open_turn().update(cut=cut, reason=reason, end_s=round(self._samples / self.rate, 6))

    # ------------------------------------------------------------------------------------------------ what remains

    @property
    def seconds(self) -> float:
        """Length of reply.wav so far."""
        return self._samples / self.rate

    @property
    def pcm(self) -> bytes:
        """Return the sound so far, s16le mono."""
        return bytes(self._pcm)

    @property
    def rows(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Return the face frames so far, frames x channels."""
        return np.array(self._weights, dtype=np.float32).reshape(-1, max(1, len(self.names)))

    @property
    def heard(self) -> list[tuple[str, float, float, str]]:
        """Return the companion's words so far: text, start and end in seconds, what is written before."""
        return [
            (word["text"], word["start_s"], word["end_s"], word["gap"])
            for entry in self._entries
            for word in entry.get("words", ())
        ]

    @property
    def sounds(self) -> list[tuple[str, float, float]]:
        """Return the speech sounds so far: IPA, start and end in seconds."""
        return list(self._phones)

    @property
    def cues(self) -> list[tuple[str, float]]:
        """Return each cue and when it is due."""
        return [(cue["name"], cue["at_s"]) for turn in self._entries for cue in turn.get("cues", ())]

    def row(self, at: float) -> list[float] | None:
        """Return the weights of the frame at second `at`; None where there is none."""
        width = len(self.names)
        begin = max(0, int(at * self.fps)) * width
        row = self._weights[begin : begin + width]
        return row.tolist() if width and len(row) == width else None

    def save(self, directory: Path, *, about: Mapping[str, Any] | None = None) -> str:
        """Write the files; `about` goes into transcript.json as it is.

        Returns "" or a sentence on what could not be drawn. Raises OSError when the directory cannot be written.
        """
        self._close_turn(gap=False)
        directory.mkdir(parents=True, exist_ok=True)
        rows = self.rows
        wav.write(directory / "reply.wav", bytes(self._pcm), rate=self.rate, xmp=LABEL)
        with (directory / "face.json").open("w", encoding="utf-8") as file:
            head = {"fps": self.fps, "names": self.names, "source": self._source, "phones": self._phones}
            file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "frames": [')
            for index, row in enumerate(rows.tolist()):
                file.write((",\n" if index else "\n") + json.dumps([round(weight, 4) for weight in row]))
            file.write("]}\n")
        with (directory / "face.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["time_s", *self.names])
            for index, row in enumerate(rows.tolist()):
                table.writerow([f"{index / self.fps:.4f}", *(f"{weight:.4f}" for weight in row)])
        transcript = {**(about or {}), "seconds": round(self.seconds, 4), "full": self.full, "turns": self._entries}
        text = json.dumps(transcript, ensure_ascii=False, indent=1)
        (directory / "transcript.json").write_text(text + "\n", encoding="utf-8")
        words = [(text, start, end) for text, start, end, _ in self.heard]
        try:
            plot.draw(
                directory / "plot.png",
                pcm=bytes(self._pcm),
                rate=self.rate,
                fps=self.fps,
                names=self.names,
                frames=rows,
                phones=self._phones,
                words=words,
            )
        except plot.Unavailable as error:
            return str(error)
        return ""

    @property
    def _samples(self) -> int:
        return len(self._pcm) // 2

    def _seconds(self, start: float, end: float) -> tuple[float, float]:
        self._open_turn()
        return round(self._start / self.rate + start, 6), round(self._start / self.rate + end, 6)

    def _enter(self, entry: dict[str, Any]) -> None:
        if not self.full:
            self._entries.append(entry)

    def _open_turn(self) -> dict[str, Any]:
        if self._turn is None:
            self.turn(1)
        assert self._turn is not None
        return self._turn

    def _close_turn(self, *, gap: bool) -> None:
        """Bring the frames to the end of the sound, and with `gap` both to the next turn's first frame."""
        heard = -(-self._samples * self.fps // self.rate)
        self._fill(heard, hold=True)
        if gap and not self.full:
            until = -(-(self._samples + int(GAP_S * self.rate)) * self.fps // self.rate)
            self._fill(until, hold=False)
            del self._weights[until * len(self.names) :]
            self._pcm += bytes(2 * (-(-until * self.rate // self.fps) - self._samples))
        elif not gap:
            del self._weights[heard * len(self.names) :]

    def _fill(self, frames: int, *, hold: bool) -> None:
        width = len(self.names)
        missing = frames - len(self._weights) // width if width else 0
        if missing > 0:
            rest = array("f", bytes(4 * width))
            last = self._weights[-width:] if hold and self._weights else rest
            self._weights.extend(last * missing)
