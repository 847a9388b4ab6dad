"""What the bridge adds to a duplex model: times, and lips."""
