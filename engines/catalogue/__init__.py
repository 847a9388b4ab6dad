"""Every engine by name: what it is, where it lives, what it needs, which models it loads. Importing it loads none."""
