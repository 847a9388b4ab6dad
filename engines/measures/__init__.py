"""What engines tell of their work: counts, times, spans."""
