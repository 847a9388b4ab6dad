"""Recognition by faster-whisper."""
