"""What becomes of turns that are talked over, cut, stopped or follow each other."""

from __future__ import annotations

from protocol.playout.script import Script


def interrupted() -> Script:
    s = Script(
        "interrupted", "A barge-in: the voice fades, the mouth shuts, nothing of the turn follows, the next plays."
    )
    s.start(0, 1)
    s.word(0, 1, "Once", 20)
    s.word(0, 1, "upon", 250)
    s.word(0, 1, "a", 320)  # in the fade
    s.word(0, 1, "time", 420)
    s.cue(0, 1, "wave", 330)
    s.speech(0, 1, 0, 300)
    s.speech(200, 1, 300, 500)
    s.state(250, "overlap", 1)
    s.interrupted(300, 1, 290)
    s.state(300, "listening", 1)
    s.media(330, 1, 500, 600)  # was on its way
    s.word(331, 1, "there", 510)
    s.end(332, 1, 600)
    s.state(700, "thinking", 2)
    s.start(700, 2)
    s.word(740, 2, "Yes?", 10)
    s.speech(740, 2, 0, 300)
    s.state(741, "speaking", 2)
    s.end(750, 2, 300)
    s.pulls(0, 1400)
    return s


def stopped() -> Script:
    s = Script(
        "stopped", "The user presses stop: cut here and at once, told to the server, whose answer changes nothing."
    )
    s.start(0, 1)
    s.word(0, 1, "Stop", 40)
    s.word(0, 1, "me", 260)
    s.speech(0, 1, 0, 300)
    s.stop(200)
    s.media(205, 1, 300, 400)
    s.interrupted(230, 1, 190)
    s.start(240, 2)
    s.speech(250, 2, 0, 100)
    s.stop(450)  # it has run dry and is held
    s.interrupted(470, 2, 100)
    s.start(600, 3)
    s.speech(600, 3, 0, 200)
    s.end(600, 3, 200)
    s.pulls(0, 1000)
    return s


def before_sound() -> Script:
    s = Script("before_sound", "Turns that are cut before they are heard end without a sound, each reported once at 0.")
    s.start(0, 1)
    s.word(0, 1, "never", 10)
    s.interrupted(60, 1)
    s.start(100, 2)
    s.media(110, 2, 0, 40)
    s.interrupted(150, 2)
    s.start(200, 3)
    s.speech(210, 3, 0, 200)
    s.start(220, 4)
    s.speech(221, 4, 0, 200)
    s.end(222, 3, 200)
    s.interrupted(300, 4)
    s.start(320, 5)
    s.speech(330, 5, 0, 100)
    s.end(331, 5, 100)
    s.pulls(0, 800)
    return s


def cut_when_dry() -> Script:
    s = Script("cut_when_dry", "Cut at the edge of what has come: a fade that runs dry, and a playhead that is held.")
    s.start(0, 1)
    s.media(0, 1, 0, 100)
    s.interrupted(70, 1, 70)
    s.start(200, 2)
    s.media(210, 2, 0, 100)
    s.word(215, 2, "lost", 110)
    s.interrupted(450, 2, 100)
    s.start(500, 3)
    s.speech(510, 3, 0, 200)
    s.end(510, 3, 200)
    s.pulls(0, 1000)
    return s


def overlap() -> Script:
    s = Script("overlap", "Talking over it: quieter within 20 ms and back; likewise from the start and after a hold.")
    s.start(0, 1)
    s.speech(0, 1, 0, 300)
    s.state(100, "overlap", 1)
    s.state(200, "speaking", 1)
    s.state(208, "overlap", 1)
    s.state(215, "speaking", 1)
    s.state(340, "overlap", 1)  # while it is held
    s.speech(400, 1, 300, 500)
    s.end(410, 1, 500)
    s.start(420, 2)
    s.speech(430, 2, 0, 300)
    s.state(700, "speaking", 2)
    s.state(740, "overlap", 2)
    s.interrupted(764, 2, 200)  # ducked half-way and cut
    s.state(765, "listening", 2)
    s.pulls(0, 1000, samples=192)
    return s


def in_a_row() -> Script:
    s = Script("in_a_row", "A turn that came while another played begins with the sample after its last.")
    s.start(0, 1)
    s.word(0, 1, "One.", 10)
    s.speech(0, 1, 0, 233)
    s.end(10, 1, 233)
    s.start(20, 2)
    s.word(20, 2, "Two.", 0)
    s.speech(20, 2, 0, 151)
    s.end(30, 2, 151)
    s.start(40, 3)
    s.media(50, 3, 0, 50)
    s.speech(480, 3, 50, 150)
    s.end(490, 3, 150)
    s.pulls(0, 900, samples=512)
    return s
