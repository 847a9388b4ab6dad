import asyncio
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.api import Cue, EngineError, FaceBlock, FaceStyle, Phone, Speech, Stream, TimedCue
from engines.face.engine import ArticulationFace
from engines.face.performance import FRAMES
from engines.jobs import Face
from tests.engines.face.faces import RATE, Shown, cut, perform, say, show, spoken

TALK = say(
    ("", 0.1), ("h", 0.05), ("ə", 0.06), ("l", 0.06), ("oʊ", 0.2, 1), ("", 0.4), ("m", 0.07), ("aɪ", 0.15, 1),
    ("f", 0.08), ("ɹ", 0.05), ("ɛ", 0.1, 1), ("n", 0.07), ("d", 0.05), ("", 0.4),
)  # fmt: skip


def blocks(items: list[Speech | FaceBlock]) -> list[FaceBlock]:
    return [item for item in items if isinstance(item, FaceBlock)]


def test_it_is_a_face() -> None:
    face: Face = ArticulationFace()
    assert face.name == "articulation"
    asyncio.run(face.start())
    asyncio.run(face.close())
    asyncio.run(face.close())


@settings(max_examples=40, deadline=None)
@given(
    points=st.lists(st.integers(0, TALK.samples), max_size=6),
    fps=st.sampled_from([10, 30, 60, 100]),
    profile=st.sampled_from(["arkit52", "oculus15", "vrm"]),
    known=st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_any_cutting_yields_every_piece_after_exactly_the_frames_that_begin_in_it(
    points: list[int], fps: int, profile: str, known: list[bool]
) -> None:
    style = FaceStyle(profile=profile, fps=fps)
    pieces = [
        piece if phones else replace(piece, phones=(), source="audio")
        for piece, phones in zip(cut(TALK, sorted(points)), known, strict=False)
    ]
    width = len(ArticulationFace().rig(profile, fps).names)
    items = perform(pieces, style)
    assert [item for item in items if isinstance(item, Speech)] == pieces
    heard = drawn = 0
    for item in items:
        if isinstance(item, FaceBlock):
            assert item.first == drawn
            assert item.weights
            assert len(item.weights) % width == 0
            drawn += len(item.weights) // width
        else:
            heard += item.samples
            assert drawn == -(-heard * fps // RATE)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 47), st.data())
def test_the_first_pieces_frames_do_not_depend_on_what_follows(number: int, data: st.DataObject) -> None:
    speech, _ = spoken()[number]
    points = sorted(data.draw(st.lists(st.integers(1, speech.samples - 1), min_size=1, max_size=3, unique=True)))
    together = blocks(perform(cut(speech, points)))
    alone = blocks(perform(cut(speech, points)[:1]))
    assert b"".join(block.weights for block in together).startswith(b"".join(block.weights for block in alone))


def pauses(speech: Speech) -> list[int]:
    """The middles of pauses long enough to cut in."""
    return [(p.start + p.end) // 2 for p in speech.phones[1:-1] if not p.ipa and p.end - p.start > 0.25 * speech.rate]


def test_cutting_in_a_pause_changes_nothing_away_from_the_cut() -> None:
    cuts = 0
    for speech, _ in [*spoken(), (TALK, ())]:
        points = pauses(speech)
        cuts += len(points)
        whole, parted = show(speech), show(cut(speech, points))
        times = np.arange(len(whole.frames)) / 60
        away = np.ones(len(times), bool)
        for point in points:
            away &= np.abs(times - point / speech.rate) > 0.2
        assert np.abs(whole.frames - parted.frames)[away].max() <= 1.01 / 255
    assert cuts >= 15


def test_a_seam_in_mid_speech_is_no_larger_a_step_than_speech_itself_makes() -> None:
    still = [
        name for name in Shown(b"", FaceStyle()).names if name.startswith(("jaw", "mouth", "tongue", "brow", "head"))
    ]
    for speech, _ in spoken("en-us")[:6]:
        points = [phone.start for phone in speech.phones[4:-2:5]]
        parted = show(cut(speech, points))
        steps = np.abs(np.diff(np.stack([parted[name] for name in still]), axis=1))
        for point in points:
            frame = int(point / speech.rate * 60)
            assert steps[:, frame - 1 : frame + 3].max() < 0.5
        jaw = still.index("jawOpen")
        assert steps[jaw, 6:].max() < 0.3


def test_pieces_shorter_than_a_frame_are_drawn() -> None:
    pieces = cut(TALK, list(range(100, TALK.samples, 100)))
    items = perform(pieces)
    assert sum(len(block.weights) for block in blocks(items)) == 55 * -(-TALK.samples * 60 // RATE)


def test_empty_pieces_pass_and_their_cues_count() -> None:
    empty = Speech(b"", RATE, cues=(TimedCue(Cue("emotion", "happy", 1.0, 0), 0),))
    items = perform([empty, TALK])
    assert items[0] is empty
    shown = Shown(b"".join(block.weights for block in blocks(items)), FaceStyle())
    assert shown["mouthSmileLeft"][-1] > 0.5


def test_no_speech_no_frames() -> None:
    assert perform([]) == []


def test_profile_none_passes_speech_alone() -> None:
    assert perform([TALK, TALK], FaceStyle(profile="none")) == [TALK, TALK]


def test_long_pieces_come_in_bounded_blocks_and_join_without_a_seam() -> None:
    long = say(*[("a", 0.15), ("t", 0.1), ("u", 0.15), ("m", 0.08)] * 40, ("", 0.4))
    made = blocks(perform([long]))
    assert len(made) > 3
    assert all(len(block.weights) <= FRAMES * 55 for block in made)
    shown = Shown(b"".join(block.weights for block in made), FaceStyle())
    assert np.abs(np.diff(shown["jawOpen"][2:])).max() < 0.2
    period = round(0.48 * 60 * 25)  # 12 s: the cycle of 0.48 s returns to the same phase of frames
    assert np.abs(shown["jawOpen"][120:300] - shown["jawOpen"][120 + period : 300 + period]).max() < 0.02


def test_the_label_says_how_the_phones_are_known() -> None:
    aligned = replace(TALK, source="aligned")
    deaf = replace(TALK, phones=())
    assert {block.source for block in blocks(perform([TALK]))} == {"exact"}
    assert {block.source for block in blocks(perform([aligned]))} == {"aligned"}
    assert [block.source for block in blocks(perform([deaf, TALK]))] == ["audio", "exact"]


def test_a_change_of_rate_is_refused() -> None:
    with pytest.raises(EngineError, match="rate") as caught:
        perform([TALK, replace(TALK, rate=16_000)])
    assert caught.value.code == "face_failed"


def test_an_unknown_profile_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(EngineError):
        perform([TALK], FaceStyle(profile="nobody"))


def test_broken_phone_times_are_borne() -> None:
    odd = Speech(TALK.pcm, RATE, (Phone("a", 500, 4000), Phone("p", 3000, 6000), Phone("b", 6000, 6000),
                                  Phone("o", 7000, 10**9)))  # fmt: skip
    shown = show(odd)
    assert len(shown.frames) == -(-TALK.samples * 60 // RATE)
    assert (shown["mouthPressLeft"] > 0.4).sum() >= 2


def test_the_same_speech_gives_the_same_frames_and_seeds_differ() -> None:
    assert (show(TALK).frames == show(TALK).frames).all()
    assert (show(TALK, FaceStyle(seed=1)).frames != show(TALK, FaceStyle(seed=2)).frames).any()
    mouth = slice(14, 42)
    assert (show(TALK, FaceStyle(seed=1)).frames[:, mouth] == show(TALK, FaceStyle(seed=2)).frames[:, mouth]).all()


def test_closing_early_closes_the_speech_stream() -> None:
    closed = []

    async def speech() -> Stream[Speech]:
        try:
            while True:
                yield TALK
        finally:
            closed.append(True)

    async def leave() -> None:
        async with aclosing(ArticulationFace().animate(speech(), FaceStyle())) as stream:
            async for _ in stream:
                break

    asyncio.run(leave())
    assert closed == [True]


def test_speech_takes_up_the_life_of_idling_where_it_stood() -> None:
    style = FaceStyle(seed=5, origin=1000, emotion="happy", intensity=0.8)
    idle = Shown(ArticulationFace().idle(style, 900, 101).weights, style)
    shown = show(say(("", 0.5)), style)
    assert np.abs(shown.frames[0] - idle.frames[100]).max() <= 1.01 / 255
    later = Shown(ArticulationFace().idle(style, 1000, 30).weights, style)
    assert np.abs(shown.frames - later.frames).max() <= 1.01 / 255
