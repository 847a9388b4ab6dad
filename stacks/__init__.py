"""A face for voice agents that are made with other frameworks: pipecat, LiveKit."""
