"""Reading text aloud by espeak-ng: its process, its times, its languages."""
