"""What a file says of itself: that a machine made it, which one, for whom; in each container its own way."""
