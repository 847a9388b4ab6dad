"""flite through its shared library: sentences with the exact segments that it synthesized them from.

API: flite.h and cst_utterance.h of flite 2.2. Debian: libflite1. The library is not thread-safe.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from engines.api import Phone, Speech, Word
from training.lips.takes import Take, true_phones

VOICES: Final = ("slt", "rms", "awb", "kal")
IPA: Final = {
    "aa": "ɑː", "ae": "æ", "ah": "ʌ", "ao": "ɔː", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ay": "aɪ", "b": "b", "ch": "tʃ",
    "d": "d", "dh": "ð", "eh": "ɛ", "er": "ɜ", "ey": "eɪ", "f": "f", "g": "ɡ", "hh": "h", "ih": "ɪ", "iy": "iː",
    "jh": "dʒ", "k": "k", "l": "l", "m": "m", "n": "n", "ng": "ŋ", "ow": "oʊ", "oy": "ɔɪ", "p": "p", "r": "ɹ", "s": "s",
    "sh": "ʃ", "t": "t", "th": "θ", "uh": "ʊ", "uw": "uː", "v": "v", "w": "w", "y": "j", "z": "z", "zh": "ʒ",
    "pau": "", "sil": "", "ssil": "", "brth": "", "h#": "", "#": "", "en": "n", "em": "m", "el": "l", "nx": "ɾ",
    "dx": "ɾ", "hv": "h", "ih_": "ɪ", "ix": "ɪ", "ux": "u",
}  # fmt: skip


class _Wave(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_char_p), ("sample_rate", ctypes.c_int), ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int), ("samples", ctypes.POINTER(ctypes.c_short)),
    )  # fmt: skip


@lru_cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
    for name in ("cmulex", "usenglish"):
        ctypes.CDLL(f"libflite_{name}.so.1", mode=ctypes.RTLD_GLOBAL)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    signatures: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
        ("flite_synth_text", pointer, (text, pointer)), ("utt_relation", pointer, (pointer, text)),
        ("relation_head", pointer, (pointer,)), ("item_next", pointer, (pointer,)),
        ("flite_ffeature_string", text, (pointer, text)), ("flite_ffeature_float", ctypes.c_float, (pointer, text)),
        ("flite_path_to_item", pointer, (pointer, text)), ("utt_wave", ctypes.POINTER(_Wave), (pointer,)),
        ("delete_utterance", None, (pointer,)),
    )  # fmt: skip
    for name, result, arguments in signatures:
        if not hasattr(library, name):
            continue
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    library.flite_init()
    return library


def available() -> bool:
    """Return whether flite and its voices are installed."""
    try:
        _voice("slt")
    except OSError:
        return False
    return True


@lru_cache
def _voice(name: str) -> int:
    _library()
    voices = ctypes.CDLL(f"libflite_cmu_us_{name}.so.1", mode=ctypes.RTLD_GLOBAL)
    register = getattr(voices, f"register_cmu_us_{name}")
    register.restype, register.argtypes = ctypes.c_void_p, (ctypes.c_char_p,)
    return int(register(None))


def say(name: str, text: str) -> Take:
    """Return the sentence in flite's voice `name`, one of VOICES; raises OSError when it is not installed."""
    library = _library()
    utterance = library.flite_synth_text(text.encode(), _voice(name))
    try:
        wave = _wave(library, utterance)
        pcm = ctypes.string_at(wave.samples, 2 * wave.num_samples)
        speech = Speech(pcm, wave.sample_rate, *_segments(library, utterance, wave, text))
    finally:
        library.delete_utterance(utterance)
    return Take(f"flite {name}", text, speech, true_phones(speech))


def _wave(library: ctypes.CDLL, utterance: int) -> _Wave:
    wave: _Wave = library.utt_wave(utterance).contents
    return wave


def _items(library: ctypes.CDLL, utterance: int) -> Iterator[int]:
    item = library.relation_head(library.utt_relation(utterance, b"Segment"))
    while item:
        yield item
        item = library.item_next(item)


def _segments(
    library: ctypes.CDLL, utterance: int, wave: _Wave, text: str
) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
    phones: list[Phone] = []
    words: list[Word] = []
    last_word, start = 0, 0
    for item in _items(library, utterance):
        end = min(round(library.flite_ffeature_float(item, b"end") * wave.sample_rate), wave.num_samples)
        ipa = IPA[library.flite_ffeature_string(item, b"name").decode()]
        stress = library.flite_ffeature_string(item, b"R:SylStructure.parent.stress") == b"1"
        if end > start:
            phones.append(Phone(ipa, start, end, int(stress)))
            if word := library.flite_path_to_item(item, b"R:SylStructure.parent.parent") or 0:
                if word == last_word:
                    words[-1] = Word(words[-1].text, words[-1].start, end, words[-1].at)
                else:
                    spelling = library.flite_ffeature_string(word, b"name").decode()
                    after = words[-1].at + 1 if words else 0
                    words.append(Word(spelling, start, end, max(0, text.lower().find(spelling.lower(), after))))
            last_word = word
            start = end
    if start < wave.num_samples:
        phones.append(Phone("", start, wave.num_samples))
    return tuple(phones), tuple(words)
