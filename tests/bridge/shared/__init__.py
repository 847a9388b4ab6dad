"""What bridges know together."""
