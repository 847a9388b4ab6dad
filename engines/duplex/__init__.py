"""Models that hear and speak by themselves: sound in, sound and its words out."""
