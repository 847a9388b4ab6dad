"""Reads the folder of an identity that is being made. It writes nothing and knows no stage."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Final

from engines.identity import Identity, IdentityError, load_identity
from engines.identity.attributes import Attributes, read_attributes
from engines.identity.bundle import FACTS
from engines.identity.charx import MEMBER_BYTES, check_name
from engines.identity.fields import JSON_BYTES, Fields, Json, parse_object
from engines.identity.storage import CARD, listing, read_file
from studio.errors import StudioError

WORK: Final = ".studio"  # inside the folder: what is being written; packing and serving skip it


class Folder:
    """An identity's folder as stages see it: bounded reads by the paths of its files, "/" between the parts.

    What was read is that of the moment; make a new one after a stage was applied.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def listing(self) -> list[str]:
        """Return the paths of all its files, sorted; hidden ones and links are left out."""
        return listing(self.root) if self.root.is_dir() else []

    def has(self, path: str) -> bool:
        """Say whether there is such a file."""
        return self.root.joinpath(check_name(path)).is_file()

    def read(self, path: str, most: int = MEMBER_BYTES) -> bytes:
        """Return a file of at most `most` bytes; IdentityError `not_found`, `too_large` or `unsafe_path`."""
        if not self.has(path):
            raise IdentityError("not_found", f"{self.root} has no file {path}")
        return read_file(self.root / path, most, inside=self.root)

    def digest(self, path: str) -> str:
        """Return the SHA-256 of a file in hexadecimal."""
        return hashlib.sha256(self.read(path)).hexdigest()

    @cached_property
    def facts(self) -> dict[str, Json]:
        """Return what identity.json holds, {} where there is none yet."""
        return parse_object(self.read(FACTS, JSON_BYTES), FACTS) if self.has(FACTS) else {}

    @cached_property
    def attributes(self) -> Attributes:
        """Return what kind of person it is."""
        return read_attributes(Fields(self.facts, FACTS, code="bad_facts").at("attributes"))

    @cached_property
    def identity(self) -> Identity:
        """Return the identity as the bridge would load it; StudioError `no_folder` where none is drafted yet."""
        if not self.has(CARD):
            raise StudioError("no_folder", f"{self.root} holds no person yet: draft one first (identity new)")
        return load_identity(self.root)
