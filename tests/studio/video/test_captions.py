"""Subtitles: what they show and when, and that other programs read the files."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import av

from studio.video.captions import LINE, captions, srt, vtt
from studio.video.track import Word


def words(text: str, each: float = 0.3, at: float = 0.5) -> tuple[Word, ...]:
    return tuple(Word(word, at + n * each, at + n * each + each * 0.9) for n, word in enumerate(text.split()))


TEXT = "Good morning, my dear. " + "Sound needs air and light does not. " * 6


def test_every_word_is_shown_once_while_it_is_said() -> None:
    said = words(TEXT)
    rows = captions(said)
    assert " ".join(row.text.replace("\n", " ") for row in rows) == TEXT.strip()
    assert all(before.end <= after.start for before, after in pairwise(rows))
    assert all(len(line) <= LINE + 20 for row in rows for line in row.text.split("\n"))
    assert all(row.text.count("\n") <= 1 and row.end - row.start <= 7.5 for row in rows)


def test_silence_begins_a_new_one_and_a_short_one_stays() -> None:
    rows = captions((*words("Yes.", 0.2), *words("No.", 0.2, at=3.0)))
    assert [row.text for row in rows] == ["Yes.", "No."]
    assert rows[0].end - rows[0].start >= 0.99


def test_a_long_word_is_not_broken_and_nothing_is_nothing() -> None:
    (row,) = captions((Word("x" * 60, 0, 1),))
    assert row.text == "x" * 60
    assert captions(()) == ()


def read_back(text: str, form: str) -> list[tuple[float, str]]:
    opened: Any = av.open(io.BytesIO(text.encode()), format=form)
    with opened as container:
        stream = container.streams.subtitles[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        return [(float(packet.pts * packet.time_base), bytes(packet).decode()) for packet in packets]


def test_ffmpeg_reads_both_files() -> None:
    rows = captions(words("Tea & <milk>, please. " * 8), "Ada")
    as_vtt, as_srt = read_back(vtt(rows), "webvtt"), read_back(srt(rows), "srt")
    assert [round(at, 3) for at, _ in as_vtt] == [round(row.start, 3) for row in rows]
    assert [round(at, 3) for at, _ in as_srt] == [round(row.start, 3) for row in rows]
    assert as_vtt[0][1].startswith("<v Ada>Tea &amp; &lt;milk&gt;")
    assert as_srt[0][1].startswith("Ada: Tea & <milk>")
