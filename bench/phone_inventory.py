"""Lists every phone that espeak-ng writes for the sentences of phone_texts.json, voice by voice.

    python -m bench.phone_inventory tests/engines/sound/phone_inventory.json

The committed list is what the tests hold the face's table of sounds against. It runs espeak-ng in this process; voices
that this build lacks are left out.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

import espeakng_loader

NUMBERS = "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90 100 101 1000 1000000"
SYNCHRONOUS, EVENTS_OF_IPA_PHONEMES, PHONEME, UTF8 = 2, 1 | 2 | 0x8000, 7, 1


class _Event(ctypes.Structure):
    """espeak_EVENT: the phoneme is the eight bytes of its union."""

    _fields_ = (
        ("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p), ("string", ctypes.c_char * 8),
    )  # fmt: skip


def inventory(texts: dict[str, str]) -> dict[str, list[str]]:
    """Return phones without stress marks of each voice's text and numbers, sorted."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_Initialize(SYNCHRONOUS, 100, espeakng_loader.get_data_path().encode(), EVENTS_OF_IPA_PHONEMES)
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p,
        ctypes.c_void_p,
    ]  # fmt: skip
    heard: set[str] = set()

    def listen(_pcm: int, _samples: int, events: ctypes._Pointer[_Event]) -> int:
        number = 0
        while events[number].type:
            if events[number].type == PHONEME:
                heard.add(events[number].string.decode("utf-8", "ignore").replace("ˈ", "").replace("ˌ", ""))
            number += 1
        return 0

    listener = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))(listen)
    library.espeak_SetSynthCallback(listener)
    found: dict[str, list[str]] = {}
    for voice, text in texts.items():
        if library.espeak_SetVoiceByName(voice.encode()):
            continue
        heard.clear()
        for part in (text, NUMBERS):
            data = part.encode() + b"\0"
            library.espeak_Synth(data, len(data), 0, 1, 0, UTF8, None, None)
        found[voice] = sorted(heard - {""})
    return found


def main() -> None:
    """Write the inventory to the file named on the command line."""
    texts = json.loads(Path(__file__).with_name("phone_texts.json").read_text("utf-8"))
    lines = [
        f"{json.dumps(voice)}: {json.dumps(phones, ensure_ascii=False)}" for voice, phones in inventory(texts).items()
    ]
    Path(sys.argv[1]).write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
