"""A turn's spans hang together across processes, and tell no words."""

from __future__ import annotations

import asyncio

import pytest

from engines.dialogue.remote import RemoteDialogue
from engines.measures.tracing import carried, event, traced
from testkit.scripted.engines import ScriptedDialogue
from tests.engines.remote.test_remote import lent, request, run

trace = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra otel is not installed")


def test_the_engine_elsewhere_works_in_the_span_of_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    from opentelemetry import trace as api
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(api, "get_tracer", provider.get_tracer)

    async def body() -> None:
        async with lent(dialogue=ScriptedDialogue(("A secret.",))) as address:
            mind = RemoteDialogue(address=address, api_key="key")

            async def reply() -> None:
                assert carried()
                [piece async for piece in mind.reply(request())]
                event("stages", first_token=0.1)

            await asyncio.create_task(traced("reply", reply, turn=1))
            await mind.close()

    run(body)
    spans = {each.name: each for each in kept.get_finished_spans()}
    assert set(spans) == {"reply", "engine.dialogue"}
    there, here = spans["engine.dialogue"], spans["reply"]
    assert there.parent is not None
    assert (there.context.trace_id, there.parent.span_id) == (here.context.trace_id, here.context.span_id)
    assert [each.name for each in here.events] == ["stages"]
    assert "secret" not in "".join(each.to_json() for each in spans.values())


def test_without_anybody_who_records_nothing_is_carried() -> None:
    async def body() -> int:
        event("nothing")
        return 7

    assert carried() == ""
    assert asyncio.run(traced("reply", body)) == 7


def test_a_task_that_ends_before_it_begins_leaves_no_coroutine_behind() -> None:
    made = []

    async def body() -> None:
        made.append(True)

    async def main() -> None:
        task = asyncio.create_task(traced("reply", body))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert made == []
