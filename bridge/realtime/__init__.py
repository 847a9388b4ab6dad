"""OpenAI's Realtime events translated into a session's messages and back: no I/O, no clock."""
