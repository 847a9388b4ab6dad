"""Tools of MCP servers for the dialogue: what is offered, by whose consent, and what may come of a call."""
