"""What a text says of people: found by kind, replaced by stand-ins that stay the same, and put back by who may."""
