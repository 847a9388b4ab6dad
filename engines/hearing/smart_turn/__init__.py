"""Smart Turn: hears in a voice whether its turn is over."""
