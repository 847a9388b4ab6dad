"""Words as PocketSphinx writes them, and pronunciations as its English model needs them: ARPAbet from IPA.

The 39 phones are those of the CMU Pronouncing Dictionary. It knows nothing of decoding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

SOUNDS: Final = """
p=P b=B t=T d=D k=K ɡ=G g=G tʃ=CH dʒ=JH f=F v=V θ=TH ð=DH s=S z=Z ʃ=SH ʒ=ZH h=HH x=K m=M n=N ŋ=NG l=L ɫ=L ɹ=R r=R j=Y
w=W ɾ=T ʔ=T iː=IY i=IY ɪ=IH ᵻ=IH ɛ=EH e=EH æ=AE a=AE ɑː=AA ɑ=AA ɒ=AA ɔː=AO ɔ=AO ʊ=UH uː=UW u=UW ʌ=AH ə=AH ɐ=AH ɜː=ER
ɝ=ER ɚ=ER eɪ=EY aɪ=AY ɔɪ=OY aʊ=AW oʊ=OW əʊ=OW oː=AO n̩=AH_N əl=AH_L ɑːɹ=AA_R ɔːɹ=AO_R oːɹ=AO_R ɛɹ=EH_R ɪɹ=IH_R ʊɹ=UH_R
aɪɚ=AY_ER aɪə=AY_AH iə=IY_AH eə=EH_R ʊə=UH_R
"""
ARPABET: Final = dict(pair.split("=") for pair in SOUNDS.split())


def arpabet(phones: Sequence[str]) -> str:
    """Write IPA phones as ARPAbet, separated by spaces; raises ValueError for a sound English lacks."""
    sounds: list[str] = []
    for phone in phones:
        plain = phone.strip("ˈˌ")
        if plain and plain not in ARPABET:
            raise ValueError(f"English has no sound {plain!r}")
        sounds += ARPABET[plain].split("_") if plain else ()
    if not sounds:
        raise ValueError("a pronunciation needs at least one sound")
    return " ".join(sounds)


def words(hypothesis: str) -> str:
    """Return the words alone: no marks of silence and noise, no numbers of pronunciations; I is written as such."""
    kept = (word for word in hypothesis.split() if word[0] not in "<[+")
    text = " ".join(re.sub(r"\(\d+\)$", "", word) for word in kept)
    return re.sub(r"\bi\b", "I", text)
