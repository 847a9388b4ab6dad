"""espeak-ng (GPL-3.0-or-later) behind ctypes, alone in its process: the module that voices and readers run.

The library keeps one global state and is not thread-safe; here one thread calls it, a stretch of text at a time. It
knows nothing of asyncio, of sessions or of the server. API: espeak-ng's speak_lib.h.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from engines.api import Speech
from engines.process.loop import Call, Fields, Refused, Steps, serve
from engines.voices.reading.text import pause_after, stretches, voice_names
from engines.voices.reading.times import LANGUAGE_SWITCH, Event, piece

SYNCHRONOUS, BUFFER_MS = 2, 40
PHONEME_EVENTS, PHONEME_IPA, DONT_EXIT = 0x0001, 0x0002, 0x8000
AS_IPA = 0x02  # of espeak_TextToPhonemes
EVENT_END, EVENT_WORD, EVENT_PHONEME = 0, 1, 7
POSITION_CHARACTER, UTF8 = 1, 1
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4
WORDS_PER_MINUTE, PITCH_MIDDLE, RANGE_MIDDLE, VOLUME_MIDDLE = 165, 50, 50, 100
GO_ON, ABORT = 0, 1


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library, initialised; `rate` is its own, 22050 samples per second."""

    def __init__(self) -> None:
        try:
            import espeakng_loader

            data = Path(espeakng_loader.get_data_path())
            self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        except (ImportError, OSError, RuntimeError) as error:
            raise Refused("espeak-ng cannot be loaded; `pip install --force-reinstall espeakng-loader`.") from error
        self._lib.espeak_Synth.argtypes = (
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        options = PHONEME_EVENTS | PHONEME_IPA | DONT_EXIT
        self.rate: int = self._lib.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, os.fsencode(data), options)
        if self.rate <= 0:
            raise Refused("espeak-ng does not find its voices; `pip install --force-reinstall espeakng-loader`.")
        self._variants = {path.name.lower(): path.name for path in (data / "voices" / "!v").iterdir()}
        self._callback = _CALLBACK(self._on_samples)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._voice = ""
        self._call: Call | None = None
        self._pcm: list[bytes] = []
        self._events: list[Event] = []

    def voice(self, language: str, variant: str) -> None:
        """Select who speaks from now on; raises Refused, with a sentence, for what there is not."""
        suffix = ""
        if variant:
            if variant.lower() not in self._variants:
                known = ", ".join(sorted(self._variants.values()))
                raise Refused(f"espeak-ng has no voice named {variant!r}; it has {known}.")
            suffix = "+" + self._variants[variant.lower()]
        names = [name + suffix for name in voice_names(language)]
        if self._voice in names:
            return
        for name in names:
            if self._lib.espeak_SetVoiceByName(name.encode()) == 0:
                self._voice = name
                return
        raise Refused(f"espeak-ng does not speak {language!r}.")

    def render(
        self, text: str, call: Call, *, speed: float, pitch: float, range_: float = 1.0, energy: float = 1.0
    ) -> tuple[bytes, list[Event]] | None:
        """Render s16le mono at `rate` and its events; None when the call was cancelled meanwhile."""
        words_per_minute = round(min(max(WORDS_PER_MINUTE * speed, 80), 450))
        self._lib.espeak_SetParameter(RATE, words_per_minute, 0)
        self._lib.espeak_SetParameter(PITCH, round(min(max(PITCH_MIDDLE * pitch, 0), 99)), 0)
        self._lib.espeak_SetParameter(RANGE, round(min(max(RANGE_MIDDLE * range_, 0), 99)), 0)
        # Above its middle the library clips loud vowels.
        self._lib.espeak_SetParameter(VOLUME, round(min(max(VOLUME_MIDDLE * energy, 25), 130)), 0)
        self._pcm, self._events, self._call = [], [], call
        data = text.encode() + b"\0"
        self._lib.espeak_Synth(data, len(data), 0, POSITION_CHARACTER, 0, UTF8, None, None)
        self._lib.espeak_Synchronize()
        return None if call.cancelled else (b"".join(self._pcm), self._events)

    def phonemes(self, text: str) -> str:
        """Write the IPA of the text with stress marks, words apart by blanks."""
        data = ctypes.create_string_buffer(text.encode())
        rest = ctypes.c_void_p(ctypes.addressof(data))
        clauses: list[str] = []
        while rest.value:  # the library sets it to NULL behind the last clause
            found = self._lib.espeak_TextToPhonemes(ctypes.byref(rest), UTF8, AS_IPA) or b""
            clauses.append(LANGUAGE_SWITCH.sub("", found.decode(errors="ignore")).strip())
        return " ".join(clause for clause in clauses if clause)

    def _on_samples(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        if self._call is None or self._call.cancelled:
            return ABORT
        if samples and count > 0:
            self._pcm.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while (event := events[index]).type != EVENT_END:
            if event.type == EVENT_WORD:
                self._events.append(Event(event.sample, event.text_position, None))
            elif event.type == EVENT_PHONEME:
                # The field may lack its NUL, and a longer token is cut in the middle of a character.
                token = ctypes.string_at(ctypes.addressof(event.id), 8).split(b"\0")[0].decode(errors="ignore")
                self._events.append(Event(event.sample, event.text_position, token))
            index += 1
        return GO_ON


def _fields(speech: Speech, end: int) -> Fields:
    return {
        "pcm": speech.pcm,
        "phones": [(p.ipa, p.start, p.end, p.stress) for p in speech.phones],
        "words": [(w.text, w.start, w.end, w.at) for w in speech.words],
        "end": end,
    }


def main() -> None:
    """Serve `speak {text, language, name, speed, pitch, range, energy, rate}`: a reply for every stretch of the text.

    `end` of a reply is the character of the text up to which it speaks; its other fields are those of Speech at `rate`.
    And `phonemes {texts, language}`: one reply, `ipa` of every text.
    """
    library: list[Espeak] = []

    def loaded() -> Espeak:
        if not library:
            library.append(Espeak())
        return library[0]

    def phonemes(call: Call) -> Steps:
        espeak = loaded()
        espeak.voice(call.fields["language"], "")
        yield {"ipa": [espeak.phonemes(text) for text in call.fields["texts"]]}

    def speak(call: Call) -> Steps:
        espeak = loaded()
        ask = call.fields
        text: str = ask["text"]
        espeak.voice(ask["language"], ask["name"])
        for stretch in stretches(text, ask["language"]):
            espeak.voice(stretch.language or ask["language"], ask["name"])
            rendered = espeak.render(
                stretch.text,
                call,
                speed=ask["speed"],
                pitch=ask["pitch"],
                range_=ask.get("range", 1.0),
                energy=ask.get("energy", 1.0),
            )
            if rendered is None:
                return
            pcm, events = rendered
            pause = pause_after(stretch.text) / min(max(ask["speed"], 0.5), 2.0)
            speech = piece(
                np.frombuffer(pcm, np.int16),
                events,
                stretch,
                text,
                from_rate=espeak.rate,
                to_rate=ask["rate"],
                pause=pause,
            )
            yield _fields(speech, stretch.end)

    serve({"speak": speak, "phonemes": phonemes})


if __name__ == "__main__":
    main()
