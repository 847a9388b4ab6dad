"""Learning: trains what ships; never imported at serve time."""
