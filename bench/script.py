"""The turn that every server of a benchmark plays, so that their numbers can be compared.

0.8 s of loud speech, ended by 0.2 s of silence; a language model whose first word comes after 100 ms and then one each
10 ms at absolute deadlines; an instant recogniser and synthesizer; three sentences of five words, 3.0 s of speech.
The first sentence is complete 40 ms after the first word, so a server that costs nothing sounds 340 ms after the last
frame of speech.
"""

from __future__ import annotations

import math
from array import array

REPLY = "The tide comes in slowly. Boats wait by the quay. Then the harbour wakes up."
FIRST_WORD_S, WORD_S = 0.100, 0.010
MS_PER_WORD = 200
LEAD_MS = 140  # of silence before the first word, of a voice that breathes in
RATE, FPS, CHANNELS = 24_000, 60, 55
REPLY_PCM = len(REPLY.split()) * MS_PER_WORD * RATE // 1000 * 2  # bytes
REPLY_FRAMES = len(REPLY.split()) * MS_PER_WORD * FPS // 1000
STOP_S = 0.200
BARGE_IN_S = 0.200  # of speech over a reply
IDEAL_S = STOP_S + FIRST_WORD_S + 4 * WORD_S

PERIOD_S = 4.5  # of a session's turns
FRAME_S = 0.020  # of the microphone
SPEECH_FRAMES, CYCLE_FRAMES = 40, 225
LOUD = array("h", (round(8000 * math.sin(2 * math.pi * 220 * i / 16_000)) for i in range(320))).tobytes()
QUIET = array("h", ((i * 37) % 21 - 10 for i in range(320))).tobytes()
