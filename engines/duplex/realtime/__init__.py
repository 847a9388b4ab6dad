"""A duplex model at an address that speaks the events of OpenAI's Realtime API over WebSocket."""
