"""Makes what lays a mark under a companion's speech, from the configuration and the identity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from bridge.errors import ConfigError
from bridge.session.companion import Marking, Rules
from bridge.setup.config import Config
from engines.identity import Identity
from engines.provenance.marking import payload_of
from engines.text.redaction import quoted

KEY_BYTES: Final = (16, 4096)  # of a key of one's own


def marking(config: Config, person: Identity) -> Callable[[int], Marking] | None:
    """Return what makes a reply's mark for a rate of samples, None where the setting turns it off.

    ConfigError `bad_key` for a key that cannot be used. What all replies share is made here, not in the first one.
    """
    if not config.provenance.mark:
        return None
    from engines.provenance.audio.embed import AudioMark
    from engines.provenance.audio.spectrum import PUBLIC, carriers

    own, payload = key(config.provenance.key), payload_of(person.id)
    carriers(own or PUBLIC, payload, Rules().rate)
    return partial(AudioMark, payload=payload, key=own or PUBLIC)


def key(file: str) -> bytes:
    """Read a key of one's own, b"" where none is named; ConfigError `bad_key` when it is not there, short or huge."""
    if not file:
        return b""
    path = Path(file).expanduser()
    try:
        with path.open("rb") as opened:
            read = opened.read(KEY_BYTES[1] + 1)
    except OSError as error:
        raise ConfigError("bad_key", f"provenance.key: cannot read {quoted(file)}: {error.strerror}") from error
    if not KEY_BYTES[0] <= len(read) <= KEY_BYTES[1]:
        raise ConfigError(
            "bad_key", f"provenance.key: {quoted(file)} must hold {KEY_BYTES[0]} to {KEY_BYTES[1]} random bytes"
        )
    return read
