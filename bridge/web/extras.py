"""What the page shows a 3D head with: three.js and three-vrm from where the user had them installed, and the head.

Both are optional and neither is part of this package. A request's path is only looked up, as in `serve`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bridge.errors import ConfigError
from bridge.web.serve import TYPES, Page, page

HOME: Final = Path("~/.companion-bridge/page")
PREFIX: Final = "/extras/"
# Where index.html's import map looks for them, below PREFIX and below node_modules alike.
MODULES: Final = (
    "three/build/three.module.js",
    "three/build/three.core.js",
    "three/examples/jsm/loaders/GLTFLoader.js",
    "three/examples/jsm/utils/BufferGeometryUtils.js",
    "three/examples/jsm/utils/SkeletonUtils.js",
    "three/examples/jsm/libs/meshopt_decoder.module.js",
    "three/examples/jsm/libs/draco/gltf/draco_decoder.js",
    "@pixiv/three-vrm/lib/three-vrm.module.min.js",
)
# What reads the user's face, below PREFIX and in node_modules of the folder SIGHT; the model lies beside those.
SIGHT: Final = "sight"
READERS: Final = (
    "@mediapipe/tasks-vision/vision_bundle.mjs",
    "@mediapipe/tasks-vision/wasm/vision_wasm_internal.js",
    "@mediapipe/tasks-vision/wasm/vision_wasm_internal.wasm",
)
MODEL: Final = "face_landmarker.task"
KINDS: Final = {".mjs": TYPES[".js"], ".wasm": "application/wasm"}
HEAD: Final = "/head"
LARGEST: Final = 256 * 1024 * 1024  # bytes of a head


class Extras:
    """The optional files of one server; `folder` is where they were installed, `head` a GLB or VRM file or "".

    Files are read when they are first asked for. Raises ConfigError if `head` is not there or too large.
    """

    def __init__(self, folder: str = "", head: str = "") -> None:
        self._modules = place(folder) / "node_modules"
        self._readers = place(folder) / SIGHT
        self._head = Path(head).expanduser() if head else None
        self._read: dict[tuple[str, bool], Page] = {}
        if self._head is None:
            return
        if not self._head.is_file():
            raise ConfigError("no_head", f"there is no file {self._head}: page.head names a GLB or VRM file")
        if self._head.stat().st_size > LARGEST:
            raise ConfigError("head_too_large", f"page.head may have {LARGEST >> 20} MiB, {self._head} has more")

    @property
    def complete(self) -> bool:
        """Whether everything that a 3D head needs is installed."""
        return all((self._modules / name).is_file() for name in MODULES)

    @property
    def sees(self) -> bool:
        """Whether everything that reads the user's face is installed."""
        modules = self._readers / "node_modules"
        return all((modules / name).is_file() for name in READERS) and (self._readers / MODEL).is_file()

    @property
    def head(self) -> str:
        """The name of the configured head, "" for none."""
        return self._head.name if self._head is not None else ""

    def page(self, path: str, small: bool) -> Page | None:
        """Return the file at `path`, compressed if `small`, or None where there is none."""
        if (path, small) not in self._read:
            source = self._source(path)
            if source is None:
                return None
            kind = KINDS.get(source.suffix) or TYPES.get(source.suffix, "application/octet-stream")
            self._read[path, small] = page(kind, source.read_bytes(), small=small)
        return self._read[path, small]

    def _source(self, path: str) -> Path | None:
        if path == HEAD:
            return self._head
        name = path.removeprefix(PREFIX)
        if path == PREFIX + MODEL:
            return self._readers / MODEL if self.sees else None
        if name in READERS and path == PREFIX + name:
            reader = self._readers / "node_modules" / name
            return reader if reader.is_file() else None
        file = self._modules / name
        return file if path == PREFIX + name and name in MODULES and file.is_file() else None


def place(folder: str = "") -> Path:
    """Return where the packages are, or would be, installed."""
    return (Path(folder) if folder else HOME).expanduser()
