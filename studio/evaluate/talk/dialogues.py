"""Opens the dialogue that speaks for a person: the card alone, an endpoint by its address, a local model.

Each is loaded when it is asked for. What an endpoint takes as a key comes from the environment, never from a wish that
would be written into the lineage.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from engines.identity import Identity
from engines.jobs import Dialogue
from studio.errors import StudioError

CARD: Final = "card"
LOCAL: Final = "transformers:"
KEY: Final = "COMPANION_OPENAI_API_KEY"
TOKENS: Final = 300  # of one answer of a model


def open_dialogue(identity: Identity, address: str, model: str = "", *, seed: int = 0) -> Dialogue:
    """Return the dialogue at an address, not started.

    `address` is "card", the URL of an OpenAI-compatible endpoint, or "transformers:" with a folder or a name.
    StudioError `bad_wish` when it is none of these, `missing_package` when the extra that it needs is not installed.
    """
    if address in ("", CARD):
        from engines.dialogue.card.engine import CardDialogue

        return CardDialogue(identity, seed=seed)
    if address.startswith(("http://", "https://")):
        from engines.dialogue.openai.engine import OpenAiDialogue

        key = os.environ.get(KEY, "")
        return OpenAiDialogue(
            identity, base_url=address, model=model, api_key=key, temperature=0.0, max_tokens=TOKENS, first_token_s=60.0
        )
    if address.startswith(LOCAL):
        return _local(identity, address.removeprefix(LOCAL) or model, seed)
    raise StudioError(
        "bad_wish",
        f"there is no dialogue {address[:80]!a}: it may be card, the address of an endpoint (http://...), "
        f"or {LOCAL}FOLDER",
    )


def _local(identity: Identity, model: str, seed: int) -> Dialogue:
    from engines.dialogue.transformers.engine import TransformersDialogue

    folder = Path(model).expanduser()
    try:
        return TransformersDialogue(
            identity,
            model=str(folder) if folder.is_dir() else model,
            max_tokens=TOKENS,
            temperature=0.0,
            seed=seed,
        )
    except ImportError as error:
        raise StudioError(
            "missing_package", f"a local model needs the extra llm (pip install 'companion-bridge[llm]'): {error}"
        ) from error
