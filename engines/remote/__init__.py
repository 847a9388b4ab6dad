"""Engines by address: the same classes in another process or on another machine, one WebSocket for each request."""
