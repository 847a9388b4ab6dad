"""How an endpoint likes to be asked: what it refuses by name is asked for by another name, or not at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from engines.api import Failure
from engines.dialogue.openai.failures import EndpointError

LEAST: Final = 256  # tokens of a prompt, however small the context


@dataclass(frozen=True, slots=True)
class Ways:
    """Holds the limits of an answer as parameters, the tokens of a prompt, and whether stops and tools are sent."""

    limits: Mapping[str, float]
    budget: int
    stops: bool = True
    tools: bool = True

    def adapted(self, failure: EndpointError) -> Ways | None:
        """Find how to ask instead after a refusal; None when it names nothing that could be left out."""
        limits = dict(self.limits)
        match failure.kind, failure.parameter:
            case Failure.PARAMETER, "max_tokens" if "max_tokens" in limits:
                limits["max_completion_tokens"] = limits.pop("max_tokens")
                return replace(self, limits=limits)
            case Failure.PARAMETER, name if name in limits:
                del limits[name]
                return replace(self, limits=limits)
            case Failure.PARAMETER, "stop" if self.stops:
                return replace(self, stops=False)
            case Failure.PARAMETER, "tools" if self.tools:
                return replace(self, tools=False)
            case Failure.TOO_LONG, _ if self.budget > LEAST:
                return replace(self, budget=max(LEAST, self.budget // 2))
            case _:
                return None

    def changed(self, before: Ways) -> str:
        """Name the settings that no longer count as they were set."""
        changed = ["openai.context_tokens"] if before.budget != self.budget else []
        changed += ["openai.tool_rounds"] if before.tools != self.tools else []
        changed += ["openai.temperature"] if "temperature" in before.limits.keys() - self.limits.keys() else []
        return ", ".join(changed)
