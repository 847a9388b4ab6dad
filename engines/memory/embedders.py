"""Makes vectors of texts: at an OpenAI-compatible address (`/v1/embeddings`), or by a sentence model in a folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from engines.api import EngineError, Failure
from engines.device.making import MAKING
from engines.memory.vectors import packed

CODE: Final = "memory_failed"
BODY: Final = 16 * 1024 * 1024  # bytes of an answer
ANSWER_S: Final = 20.0  # that an answer to many texts may take; a turn waits much less
CONNECTIONS: Final = 16
TOKENS: Final = 256  # of a text that a sentence model reads


class Addressed:
    """Asks `model` at `base_url`, which ends in /v1 as a rule."""

    def __init__(self, base_url: str, model: str, *, api_key: str = "") -> None:
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._key = api_key
        self._client: Any = None
        self.model = model

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Ask for the vectors of all texts at once."""
        client = self._opened()
        body = {"model": self.model, "input": list(texts), "encoding_format": "float"}
        try:
            async with client.stream("POST", self._url, json=body) as response:
                data = bytearray()
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > BODY:
                        raise _failure("sent too much", Failure.BROKEN)
                if response.status_code != 200:
                    raise _failure(f"answered {response.status_code}", Failure.REFUSED)
        except EngineError:
            raise
        except Exception as error:  # whatever the library raises, of which there is much
            raise _failure(f"cannot be asked: {type(error).__name__}", Failure.AWAY) from error
        return _vectors(bytes(data), len(texts))

    def _opened(self) -> Any:
        if self._client is None:
            try:
                http = import_module("httpx2")
            except ImportError as error:
                sentence = "an embedder at an address needs a package: pip install 'companion-bridge[openai]'"
                raise EngineError(CODE, sentence, kind=Failure.MISSING) from error
            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            limits = http.Limits(max_connections=CONNECTIONS)
            self._client = http.AsyncClient(headers=headers, timeout=ANSWER_S, limits=limits, trust_env=False)
        return self._client


class Local:
    """A sentence model in a folder, as transformers loads it, in a thread of its own on the CPU.

    Tokens are averaged, or the first one is taken where the folder's `1_Pooling/config.json` says so.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._loaded: tuple[Any, Any] | None = None
        self._first = False
        self.model = folder.resolve().name

    async def close(self) -> None:
        """Let go of the model."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._loaded = None

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Run the model."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, list(texts))
        except EngineError:
            raise
        except Exception as error:  # whatever loading and running raise
            sentence = f"the embedder in {self._folder} cannot be used: {type(error).__name__}"
            raise EngineError(CODE, sentence, kind=Failure.FAULTY) from error

    def _embed(self, texts: list[str]) -> list[bytes]:
        torch = import_module("torch")
        tokenizer, model = self._loaded or self._load()
        given = tokenizer(texts, padding=True, truncation=True, max_length=TOKENS, return_tensors="pt")
        # A sentence is too little for several threads, which would wait for each other where other work goes on; and
        # threads that begin later take over what was set last.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                states = model(**given).last_hidden_state
        finally:
            torch.set_num_threads(threads)
        if self._first:
            rows = states[:, 0]
        else:
            mask = given["attention_mask"].unsqueeze(-1)
            rows = (states * mask).sum(1) / mask.sum(1).clamp(min=1)
        return [packed(row) for row in rows.float().tolist()]

    def _load(self) -> tuple[Any, Any]:
        try:
            transformers = import_module("transformers")
        except ImportError as error:
            sentence = "an embedder in a folder needs packages: pip install 'companion-bridge[llm]'"
            raise EngineError(CODE, sentence, kind=Failure.MISSING) from error
        pooling = self._folder / "1_Pooling" / "config.json"
        if pooling.is_file():
            self._first = bool(json.loads(pooling.read_text(encoding="utf-8")).get("pooling_mode_cls_token"))
        named = {"pretrained_model_name_or_path": str(self._folder), "local_files_only": True}
        with MAKING:
            tokenizer = transformers.AutoTokenizer.from_pretrained(**named)
            model = transformers.AutoModel.from_pretrained(**named).eval()
        self._loaded = tokenizer, model
        return self._loaded


def _vectors(data: bytes, count: int) -> list[bytes]:
    """Read an answer; EngineError for anything but a vector of one length for each text."""
    try:
        items = json.loads(data)["data"]
        placed = {int(item.get("index", at)): packed(item["embedding"]) for at, item in enumerate(items)}
        found = [placed[at] for at in range(count)]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise _failure("sent what cannot be read", Failure.BROKEN) from error
    if len({len(vector) for vector in found}) > 1:
        raise _failure("sent vectors of several lengths", Failure.BROKEN)
    return found


def _failure(what: str, kind: Failure) -> EngineError:
    return EngineError(CODE, f"the embedder's address {what}", retryable=True, kind=kind)
