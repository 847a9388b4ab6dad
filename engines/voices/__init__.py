"""What speaks, and what gives speech its times."""
