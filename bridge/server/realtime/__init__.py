"""The way in for clients of OpenAI's Realtime API."""
