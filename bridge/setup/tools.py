"""Makes the server's own tools from the configuration."""

from __future__ import annotations

from importlib.util import find_spec

from bridge.errors import ConfigError
from bridge.mcp.consent import place
from bridge.mcp.toolbox import McpTools
from bridge.setup.config import Config


def toolbox(config: Config) -> McpTools | None:
    """Return the tools of the MCP servers that are configured, None for none; ConfigError if they cannot be had."""
    mcp = config.mcp
    if not mcp.servers:
        return None
    if find_spec("mcp") is None:
        raise ConfigError("missing_package", "mcp.servers needs the package mcp: pip install 'companion-bridge[mcp]'")
    places = tuple(place(setting) for setting in mcp.servers)
    names = [each.name for each in places]
    if len(set(names)) != len(names):
        raise ConfigError("bad_config", "mcp.servers: two servers have the same name")
    return McpTools(places, allow=mcp.allow, timeout=mcp.timeout_s, longest=mcp.result_chars)
