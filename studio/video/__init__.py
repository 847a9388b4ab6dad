"""Makes talking videos of a person: any of its appearances, moved by the channels that live clients get."""
