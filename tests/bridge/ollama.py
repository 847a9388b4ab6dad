"""A small Ollama on loopback: it lists its models and talks; or it is broken in one of many ways."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAGS: Any = {
    "models": [
        {"name": "nomic-embed-text:latest", "model": "nomic-embed-text:latest", "size": 274_000_000, "digest": "x"},
        {"name": "llama3.2:1b", "size": 1_300_000_000, "details": {"family": "llama"}},
        {"name": "qwen3:4b", "size": 2_600_000_000},
    ]
}
ANSWER = "Good evening, I think with a model."


class Ollama(ThreadingHTTPServer):
    """`tags` is what /api/tags answers, bytes or JSON; `answers` says whether chats are answered."""

    daemon_threads = True

    def __init__(self, tags: Any = TAGS, *, status: int = 200, answers: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tags = tags if isinstance(tags, bytes) else json.dumps(tags).encode()
        self.status = status
        self.answers = answers
        self.asked: list[str] = []  # models that were asked to talk

    @property
    def port(self) -> int:
        """The free port that it took."""
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: Ollama
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/api/tags":
            self._send(self.server.status, self.server.tags)
        else:
            names = [str(model["name"]) for model in TAGS["models"]]
            self._send(200, json.dumps({"object": "list", "data": [{"id": name} for name in names]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body["model"])
        if not self.server.answers:
            self._send(500, b'{"error": {"message": "model runner has unexpectedly stopped"}}')
            return
        chunks: list[dict[str, Any]] = [
            {"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None} for word in ANSWER.split(" ")
        ]
        chunks.append({"index": 0, "delta": {}, "finish_reason": "stop"})
        lines = [f"data: {json.dumps({'id': 'c', 'model': body['model'], 'choices': [each]})}\n\n" for each in chunks]
        self._send(200, "".join([*lines, "data: [DONE]\n\n"]).encode(), kind="text/event-stream")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _send(self, status: int, data: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def running(*arguments: Any, **options: Any) -> Iterator[Ollama]:
    """Serve for the time of a test."""
    with Ollama(*arguments, **options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
