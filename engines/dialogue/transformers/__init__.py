"""The parts of the dialogue by a local language model."""
