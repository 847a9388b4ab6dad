"""What the network and the server make of a reply."""

from __future__ import annotations

from protocol.playout.script import Script


def plain() -> Script:
    s = Script("plain", "A reply as it mostly comes: a burst, then real time; words, a cue in it and one at its end.")
    s.start(0, 1)
    s.cue(10, 1, "nod", 30)
    s.word(10, 1, "Hello,", 30)
    s.word(10, 1, "dear", 100.02)  # between two samples
    s.word(10, 1, "Ada.", 240)
    s.speech(10, 1, 0, 300)
    s.state(11, "speaking", 1)
    s.word(210, 1, "Welcome", 400)
    s.speech(210, 1, 300, 500)
    s.media(410, 1, 500, 637)
    s.cue(411, 1, "wave", 637)
    s.end(411, 1, 637)
    s.state(1000, "idle", 1)
    s.pulls(0, 1200)
    return s


def threshold() -> Script:
    s = Script("threshold", "A turn starts with 80 ms, not before; a shorter one when its end has come.")
    s.start(0, 1)
    s.speech(5, 1, 0, 400, chunk=20, every=15)
    s.end(310, 1, 400)
    s.start(700, 2)
    s.media(705, 2, 0, 60)
    s.end(765, 2, 60)
    s.pulls(0, 1000, samples=240)
    return s


def stall() -> Script:
    s = Script("stall", "Less than the threshold comes, and no more for 250 ms: it plays, and holds where it ends.")
    s.start(0, 1)
    s.word(10, 1, "One", 10)
    s.word(10, 1, "moment", 60)
    s.media(10, 1, 0, 60)
    s.speech(560, 1, 60, 300)
    s.end(570, 1, 300)
    s.pulls(0, 1000)
    return s


def dry() -> Script:
    s = Script("dry", "The line is late: the playhead holds; the threshold grows each time, and shrinks afterwards.")
    s.start(0, 1)
    s.word(0, 1, "Late", 50)
    s.word(0, 1, "at_the_edge", 100)  # where the sound breaks off: not heard before it goes on
    s.media(0, 1, 0, 100)
    s.word(200, 1, "passed", 80)  # its place has been heard already
    s.media(300, 1, 100, 200)  # 120 ms are wanted now
    s.media(400, 1, 200, 250)
    s.media(700, 1, 250, 400)  # 180 ms
    s.media(760, 1, 400, 420)
    s.media(800, 1, 420, 450)
    s.end(1300, 1, 450)
    s.start(1400, 2)
    s.speech(1410, 2, 0, 300, chunk=20, every=20)  # 200 ms, which are the most; two thirds of the lead
    s.end(1730, 2, 300)
    s.start(2100, 3)
    s.speech(2110, 3, 0, 300, chunk=20, every=20)  # 180 ms
    s.end(2430, 3, 300)
    s.pulls(0, 2800)
    return s


def short_lead() -> Script:
    s = Script("short_lead", "A server that keeps 90 ms ahead: never is more than 60 ms asked for.", lead_ms=90)
    s.start(0, 1)
    s.media(0, 1, 0, 60)
    s.media(200, 1, 60, 110)
    s.media(260, 1, 110, 120)
    s.media(400, 1, 120, 200)
    s.end(500, 1, 200)
    s.pulls(0, 700, samples=240)
    return s


def gaps() -> Script:
    s = Script("gaps", "What lacks is silence and takes its time, what comes twice is heard once.")
    s.start(0, 1)
    s.media(0, 1, 0, 100)
    s.media(0, 1, 50, 150)
    s.media(0, 1, 20, 60)
    s.media(0, 1, 190, 300)
    s.end(10, 1, 300)
    s.pulls(0, 700)
    return s


def shed() -> Script:
    s = Script("shed", "A server under load leaves faces out: the last frame stays, and the sound is whole.")
    s.start(0, 1)
    s.speech(0, 1, 0, 200)
    s.media(100, 1, 200, 300, face=False)
    s.media(150, 1, 300, 400, face=False)
    s.speech(200, 1, 400, 600)
    s.end(210, 1, 600)
    s.start(900, 2)
    for first in (0, 100):
        s.media(910, 2, first, first + 100, face=False)
    s.end(911, 2, 200)
    s.pulls(0, 1400)
    return s


def no_sound() -> Script:
    s = Script("no_sound", "Media without sound and a reply without media: frames are taken, and the turn ends.")
    s.start(0, 1)
    first = s.media(0, 1, 0, 200)
    whole, first["frames"] = first["frames"], 6
    s.take(1, "media", turn=1, pts=9600, samples=0, face_pts=4800, frames=whole - 6, source="exact")
    s.end(20, 1, 200)
    s.start(600, 2)
    s.cue(601, 2, "shrug", 0)
    s.end(610, 2, 0, reason="failed")
    s.pulls(0, 1000)
    return s


def resume() -> Script:
    s = Script("resume", "The connection is lost and comes back: what came already comes again and counts once.")
    s.start(0, 1)
    old = [s.word(0, 1, "So", 210), *(s.media(0, 1, first, first + 100) for first in (0, 100, 200))]
    s.welcome(500, resumed=True)
    for message in old:
        s.again(510, message)
    s.word(510, 1, "far", 320)
    s.speech(511, 1, 300, 600)
    s.end(512, 1, 600)
    s.state(513, "speaking", 1)
    s.welcome(1200, resumed=True)  # between turns
    s.state(1201, "idle", 1)
    s.pulls(0, 1500)
    return s


def new_session() -> Script:
    s = Script("new_session", "The session could not be resumed: all is dropped; turn 1 is another one, at full voice.")
    s.start(0, 1)
    s.interrupted(5, 1)
    s.start(10, 2)
    s.word(10, 2, "gone", 500)
    s.speech(10, 2, 0, 600)
    s.state(100, "overlap", 2)
    s.welcome(200, resumed=False)
    s.start(300, 1)
    s.word(300, 1, "Again", 20)
    s.speech(310, 1, 0, 300)
    s.end(311, 1, 300)
    s.pulls(0, 900)
    return s


def viewer() -> Script:
    s = Script("viewer", "Joining in the middle of a turn: its first media has a pts above 0, and it begins there.")
    s.word(0, 4, "middle", 1230)
    s.speech(0, 4, 1200, 1400)
    s.word(100, 4, "end", 1450)
    s.speech(100, 4, 1400, 1500)
    s.end(110, 4, 1500)
    s.start(150, 5)
    s.speech(160, 5, 0, 100)
    s.end(161, 5, 100)
    s.pulls(0, 900)
    return s
