"""Tells of languages: which there are, and what the chosen engines do not know of the one that is spoken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bridge.errors import ConfigError
from bridge.setup.config import Config
from bridge.setup.nearest import nearest
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing
from engines.identity.bundle import primary as spoken  # which knows that Mandarin is Chinese
from engines.text.redaction import quoted

# English names by primary code: every language that some synthesizer of the catalogue speaks.
NAMES: Final = {
    "af": "Afrikaans", "am": "Amharic", "an": "Aragonese", "ar": "Arabic", "as": "Assamese", "az": "Azerbaijani",
    "ba": "Bashkir", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "bpy": "Bishnupriya", "bs": "Bosnian",
    "ca": "Catalan", "chr": "Cherokee", "cmn": "Mandarin", "cs": "Czech", "cv": "Chuvash", "cy": "Welsh",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "eo": "Esperanto", "es": "Spanish",
    "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fo": "Faroese", "fr": "French",
    "ga": "Irish", "gd": "Scottish Gaelic", "gn": "Guarani", "grc": "Ancient Greek", "gu": "Gujarati", "hak": "Hakka",
    "haw": "Hawaiian", "hbs": "Serbo-Croatian", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "ht": "Haitian Creole", "hu": "Hungarian", "hy": "Armenian", "hyw": "Western Armenian", "ia": "Interlingua",
    "id": "Indonesian", "io": "Ido", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "jbo": "Lojban",
    "ka": "Georgian", "kaa": "Karakalpak", "kk": "Kazakh", "kl": "Greenlandic", "kn": "Kannada", "ko": "Korean",
    "kok": "Konkani", "ku": "Kurdish", "ky": "Kyrgyz", "la": "Latin", "lb": "Luxembourgish",
    "lfn": "Lingua Franca Nova", "lt": "Lithuanian", "ltg": "Latgalian", "lv": "Latvian", "mi": "Maori",
    "mk": "Macedonian", "ml": "Malayalam", "mr": "Marathi", "ms": "Malay", "mt": "Maltese",
    "mto": "Totontepec Mixe", "my": "Burmese", "nb": "Norwegian Bokmål", "nci": "Classical Nahuatl", "ne": "Nepali",
    "nl": "Dutch", "no": "Norwegian", "nog": "Nogai", "om": "Oromo", "or": "Odia", "pa": "Punjabi",
    "pap": "Papiamento", "piqd": "Klingon", "pl": "Polish", "pt": "Portuguese", "py": "Pyash", "qdb": "Lang Belta",
    "qu": "Quechua", "quc": "K'iche'", "qya": "Quenya", "ro": "Romanian", "ru": "Russian", "sd": "Sindhi",
    "shn": "Shan", "si": "Sinhala", "sjn": "Sindarin", "sk": "Slovak", "sl": "Slovenian", "smj": "Lule Sami",
    "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai",
    "ti": "Tigrinya", "tk": "Turkmen", "tn": "Setswana", "tr": "Turkish", "tt": "Tatar", "ug": "Uyghur",
    "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "xex": "Xextan", "yue": "Cantonese",
    "zh": "Chinese",
}  # fmt: skip
# Names in the language itself, which people type.
OWN: Final = {
    "deutsch": "de", "english": "en", "español": "es", "français": "fr", "italiano": "it", "português": "pt",
    "polski": "pl", "nederlands": "nl", "русский": "ru", "українська": "uk", "türkçe": "tr", "العربية": "ar",
    "हिन्दी": "hi", "日本語": "ja", "한국어": "ko", "中文": "zh", "汉语": "zh", "漢語": "zh", "mandarin chinese": "zh",
}  # fmt: skip
ELSEWHERE: Final = "remote"  # the section of engines at an address
_TAG: Final = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True)
class Gap:
    """What one engine does not know of a language: `told` is for who talks, `mend` for who runs the server."""

    job: str
    told: str
    mend: str


def primary(tag: str) -> str:
    """Return the primary code of a BCP-47 tag."""
    return tag.strip().lower().replace("_", "-").partition("-")[0]


def named(tag: str) -> str:
    """Name the language of a tag in English, the tag itself when it is unknown."""
    return NAMES.get(primary(tag), tag)


def check(tag: str, *, setting: str = "identity.language") -> None:
    """Raise ConfigError, with the nearest languages, unless the tag is well formed and names a language of NAMES."""
    if _TAG.fullmatch(tag) and primary(tag) in NAMES:
        return
    raise ConfigError("unknown_language", f"{setting} is {quoted(tag)}: there is no such language{_nearest(tag)}")


def guessed(word: str) -> str:
    """Return the tag that a person means who types a tag or a name; "" when nothing fits exactly."""
    wanted = word.strip().lower()
    if _TAG.fullmatch(wanted) and primary(wanted) in NAMES:
        return wanted.replace("_", "-")
    by_name = {name.lower(): code for code, name in NAMES.items()} | OWN
    return by_name.get(wanted, "")


def agreed(wanted: str, config: Config, own: str) -> tuple[str, str]:
    """Return the language to hear a user in who says `wanted`, and a note on it; `own` is the companion's.

    Both are "" when nothing was asked for or noted. ValueError says why it is no tag of a language.
    """
    if not wanted:
        return "", ""
    tag = wanted.replace("_", "-")
    if not _TAG.fullmatch(tag):
        raise ValueError(f"language is {quoted(wanted)}: no BCP-47 tag, such as en-GB or zh-Hant")
    if primary(tag) not in NAMES:
        meant = _nearest(tag) or "."
        return "", f"There is no language {quoted(wanted)} here{meant} {named(own)} is spoken instead."
    if spoken(tag) == spoken(own):
        return tag, ""
    return tag, " ".join(gap.told for gap in gaps(config, tag) if gap.job == "stt")


def gaps(config: Config, language: str, written: Sequence[str] = ()) -> tuple[Gap, ...]:
    """List what recogniser, dialogue and synthesizer do not know of a language.

    `written` are the primary codes of the languages that the identity's card is written in, empty when that is unknown.
    """
    found = []
    # What a duplex model knows is known there; the synthesizer reads its words.
    for job in ("stt", "dialogue", "tts") if config.engines.duplex == "none" else ("tts",):
        if (name := getattr(config.engines, job)) != "none":
            listing = catalogue.listing(job, name)
            gap = _gap(job, listing, config, language)
            found.append(gap or (_unwritten(listing, language, written) if job == "dialogue" else None))
    return tuple(gap for gap in found if gap is not None)


def _unwritten(listing: Listing, language: str, written: Sequence[str]) -> Gap | None:
    """Tell of a script that has phrases in a language, but a card that is written in others."""
    code = primary(language)
    if not listing.languages or not written or code in written:
        return None
    told = f"The card is in {named(written[0])}: {named(language)} has the script's own phrases and nothing else."
    return Gap("dialogue", told, f"give the identity a translation, or {_instead('dialogue', listing, code)}")


def _gap(job: str, listing: Listing, config: Config, language: str) -> Gap | None:
    name, code = named(language), primary(language)
    known = _known(listing, config)
    if not known or code in known:
        weak = listing.weak.get(code)
        package, extra = listing.cures.get(code, ("", ""))
        if not weak or (package and find_spec(package) is not None):
            return None
        cure = f"pip install 'companion-bridge[{extra}]', or " if package else ""
        return Gap(job, f"{name}: {weak}.", cure + _instead(job, listing, code))
    only = " and ".join(NAMES[each] for each in known[:3]) if len(known) <= 3 else f"{len(known)} other languages"
    match job:
        case "stt":
            told = f"{name} is not understood when it is spoken: the recogniser knows {only} only. It can be typed."
        case "dialogue":
            told = f"The script has no {name}: its own phrases are in {only}, and the card speaks as it is written."
        case _:
            told = f"{name} is not spoken by the chosen voice, which knows {only}."
    return Gap(job, told, _instead(job, listing, code))


def _known(listing: Listing, config: Config) -> tuple[str, ...]:
    """List the languages that an engine knows with its model; empty when that cannot be told from names."""
    section = getattr(config, listing.name, None)
    model = Path(str(getattr(section, "model", "")).partition("@")[0]).name
    if listing.name == "whisper":
        fixed = primary(str(getattr(section, "language", "")))
        return ("en",) if model.endswith(".en") else (fixed,) if fixed in NAMES else ()
    if listing.name == "piper" and (voice := re.match(r"([a-z]{2,3})_[A-Z]{2,3}-", model)):
        return (voice[1],)
    return listing.languages


def _instead(job: str, listing: Listing, code: str) -> str:
    """Name the engines that may know the language, as the settings that choose them."""
    # What an engine at an address knows is known there.
    here = [each for each in catalogue.of(job) if each.section != ELSEWHERE]
    others = [each for each in here if each is not listing and not each.weak.get(code)]
    fit = [each.name for each in others if not each.languages or code in each.languages]
    options = [f"another {listing.name}.model"] if listing.models and not listing.languages else []
    options += [f"engines.{job} = {' or '.join(fit)}"] if fit else []
    return f"set {', or '.join(options)}" if options else f"no engine for engines.{job} is known to know it"


def _nearest(tag: str) -> str:
    codes = {name: code for code, name in NAMES.items()} | {name: code for name, code in OWN.items() if name.isascii()}
    by_name = [codes[name] for name in nearest(tag, codes, count=2)]
    by_code = nearest(tag, NAMES, count=2)
    if (short := primary(tag)[:2]) in NAMES and primary(tag) not in NAMES:
        by_code = [short, *by_code]
    found = list(dict.fromkeys(by_name + by_code))[:3]
    return f"; did you mean {' or '.join(f'{code} ({NAMES[code]})' for code in found)}?" if found else ""
