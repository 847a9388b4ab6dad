"""Answers a stream's chat: what comes in from Twitch, YouTube, Discord or a script, and what of it is answered when."""
